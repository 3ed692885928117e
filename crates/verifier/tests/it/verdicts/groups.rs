//! The cases, by what they are about. Each says by hand what its token deserves.

mod bounds;
mod claims;
mod date_times;
mod delegation;
mod footers;
mod good;
mod headers;
mod json;
mod jwt_form;
mod keys;
mod kinds;
mod numbers;
mod paseto_form;
mod recipient;
mod signatures;
mod sizes;
mod time;
mod values;

use super::corpus::{Case, Corpus, Group, Settings, accepted, refused};
use super::mint::{AUDIENCE, Draft, ISSUER, NOW};
use super::reading::Reading;
use chancery_verifier::Format;

const FORMATS: [Format; 2] = [Format::Jwt, Format::Paseto];

/// The whole corpus.
pub(super) fn corpus() -> Corpus {
    let settings = Settings {
        format: Some("jwt"),
        issuer: Some(ISSUER),
        audience: Some(AUDIENCE),
        environment: Some("live"),
        leeway: Some(0),
        max_lifetime: Some(3600),
        future_iat: Some("accept"),
        keys: Some("published"),
    };
    let groups = [
        good::groups(),
        time::groups(),
        numbers::groups(),
        date_times::groups(),
        recipient::groups(),
        claims::groups(),
        values::groups(),
        bounds::groups(),
        delegation::groups(),
        json::groups(),
        jwt_form::groups(),
        headers::groups(),
        paseto_form::groups(),
        footers::groups(),
        kinds::groups(),
        signatures::groups(),
        keys::groups(),
        sizes::groups(),
    ];
    Corpus { now: NOW, settings, keys: keys::documents(), groups: groups.into_iter().flatten().collect() }
}

/// What a group of one format tells its verifier.
fn of(format: Format) -> Settings {
    Settings { format: Some(format.as_str()), ..Settings::default() }
}

/// A row of a table: id, a sentence, claim, its value as raw JSON, and the reason of the refusal.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// Cases of tokens that are good but for one claim, which the refusal names.
fn spoiled(format: Format, rows: &[Row]) -> Vec<Case> {
    let case = |(id, about, claim, value, reason): &Row| {
        refused(id, about, Draft::new(format).with(claim, value).sign(), reason).claim(claim)
    };
    rows.iter().map(case).collect()
}

/// A case of a good token with one change.
fn fine(id: &str, about: &str, draft: &Draft, reading: Reading) -> Case {
    accepted(id, about, draft.sign(), reading)
}
