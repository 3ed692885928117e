//! RFC 7519 sections 4.1.4 to 4.1.6, to the second.

use super::super::mint::{NOW, instant};
use super::{Case, Draft, FORMATS, Format, Group, Reading, Settings, accepted, of, refused};

pub(super) fn groups() -> Vec<Group> {
    let about = "When a token is good, to the second: `exp`, `nbf`, `iat`, leeway and the longest life.";
    let group = |format: Format| {
        let mut cases: Vec<Case> = ROWS.iter().map(|row| row.case(format)).collect();
        cases.extend(later(format));
        Group::new(&format!("{format}-time"), about, of(format), cases)
    };
    FORMATS.map(group).into()
}

/// Times are seconds from the `now` of the corpus.
struct Row {
    id: &'static str,
    about: &'static str,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    told: Settings,
    /// The reason, or none for a token that is accepted.
    refused: Option<&'static str>,
    house: bool,
}

const TOLD: Settings = Settings {
    format: None,
    issuer: None,
    audience: None,
    environment: None,
    leeway: None,
    max_lifetime: None,
    future_iat: None,
    keys: None,
};
const LEEWAY: Settings = Settings { leeway: Some(30), ..TOLD };
const SHORT: Settings = Settings { max_lifetime: Some(600), ..TOLD };
const STRICT: Settings = Settings { future_iat: Some("refuse"), ..TOLD };
const STRICT_LEEWAY: Settings = Settings { future_iat: Some("refuse"), leeway: Some(30), ..TOLD };

const fn row(id: &'static str, about: &'static str, (iat, exp): (i64, i64)) -> Row {
    Row { id, about, iat, exp, nbf: None, told: TOLD, refused: None, house: false }
}

impl Row {
    const fn told(mut self, told: Settings) -> Self {
        self.told = told;
        self
    }

    const fn no(mut self, reason: &'static str) -> Self {
        self.refused = Some(reason);
        self
    }

    const fn nbf(mut self, nbf: i64) -> Self {
        self.nbf = Some(nbf);
        self
    }

    const fn house(mut self) -> Self {
        self.house = true;
        self
    }

    fn case(&self, format: Format) -> Case {
        let mut draft = Draft::new(format).times(self.iat, self.exp);
        if let Some(nbf) = self.nbf {
            draft = draft.with("nbf", &instant(format, nbf));
        }
        let reading = Reading::usual().times(self.iat, self.exp, self.nbf);
        let case = match self.refused {
            None => accepted(self.id, self.about, draft.sign(), reading),
            Some(reason) => refused(self.id, self.about, draft.sign(), reason),
        };
        let case = if self.house { case.house() } else { case };
        let told = &self.told;
        if told.leeway.is_some() || told.max_lifetime.is_some() || told.future_iat.is_some() {
            case.under(told.clone())
        } else {
            case
        }
    }
}

/// One token, as time goes by.
fn later(format: Format) -> Vec<Case> {
    let token = || Draft::new(format).sign();
    vec![
        accepted("issued-now-at-899", "a token of 900 seconds in its last one", token(), Reading::usual())
            .at(NOW + 899),
        refused("issued-now-at-900", "the same token a second later", token(), "expired").at(NOW + 900),
        refused("issued-now-next-year", "the same token a year later", token(), "expired")
            .at(NOW + 31_536_000),
    ]
}

const ROWS: &[Row] = &[
    row("exp-is-now", "on its `exp` second it is over", (-900, 0)).no("expired"),
    row("exp-in-a-second", "the last second", (-899, 1)),
    row("exp-was-a-second-ago", "the second after", (-900, -1)).no("expired"),
    row("exp-was-hours-ago", "long over", (-9000, -7200)).no("expired"),
    row("leeway-exp-is-now", "leeway 30: over now", (-900, 0)).told(LEEWAY),
    row("leeway-exp-29-ago", "leeway 30: over for 29 seconds", (-900, -29)).told(LEEWAY),
    row("leeway-exp-30-ago", "leeway 30: over for 30 seconds", (-900, -30)).told(LEEWAY).no("expired"),
    row("leeway-exp-31-ago", "leeway 30: over for 31 seconds", (-900, -31)).told(LEEWAY).no("expired"),
    row("nbf-is-now", "it begins now", (0, 900)).nbf(0),
    row("nbf-was", "it began", (0, 900)).nbf(-60),
    row("nbf-in-a-second", "it begins in a second", (0, 900)).nbf(1).no("not_yet_valid"),
    row("nbf-after-exp", "it begins when it is over", (0, 900)).nbf(901).no("not_yet_valid"),
    row("leeway-nbf-in-30", "leeway 30: it begins in 30 seconds", (0, 900)).nbf(30).told(LEEWAY),
    row("leeway-nbf-in-31", "leeway 30: it begins in 31 seconds", (0, 900))
        .nbf(31)
        .told(LEEWAY)
        .no("not_yet_valid"),
    row("iat-in-a-minute", "issued in the future: clocks differ, and `exp` ends it anyway", (60, 960))
        .house(),
    row("strict-iat-is-now", "issued now, and the verifier minds the future", (0, 900)).told(STRICT),
    row("strict-iat-in-a-second", "issued in a second, and the verifier minds", (1, 900))
        .told(STRICT)
        .no("issued_in_future"),
    row("strict-leeway-iat-in-30", "issued in 30 seconds, leeway 30", (30, 900)).told(STRICT_LEEWAY),
    row("strict-leeway-iat-in-31", "issued in 31 seconds, leeway 30", (31, 900))
        .told(STRICT_LEEWAY)
        .no("issued_in_future"),
    row("iat-is-exp", "it lives no second", (600, 600)).no("ends_before_it_begins"),
    row("iat-after-exp", "it ends before it begins", (601, 600)).no("ends_before_it_begins"),
    row("life-of-3600", "the longest life", (0, 3600)),
    row("life-of-3601", "a second longer than the longest life", (0, 3601)).no("lifetime_too_long"),
    row("life-of-600", "the longest life, where it is 600", (0, 600)).told(SHORT),
    row("life-of-601", "a second longer, where it is 600", (-300, 301)).told(SHORT).no("lifetime_too_long"),
];
