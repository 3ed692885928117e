//! Tokens and sessions as they are told.

use super::home::Home;
use crate::time::relative;
use chancery_client::{AccessToken, Binding, Phase, Standing};
use chancery_token::UnixTime;
use serde_json::{Value, json};

/// A token, for programs: what the socket answers, too.
pub(super) fn token(token: &AccessToken, now: UnixTime) -> Value {
    json!({
        "access_token": token.expose(),
        "token_type": token.binding().scheme(),
        "expires_at": now.plus(token.ttl(now)).as_secs(),
        "expires_in": token.ttl(now).as_secs(),
        "scope": token.scope(),
    })
}

/// What this process has met with, though it has a token.
pub(super) fn warnings(standing: &Standing) -> Vec<String> {
    let trouble = standing.trouble.as_ref();
    let trouble = trouble.map(|why| format!("the session is not renewed ({}): {}", why.reason, why.detail));
    let unsaved = standing.unsaved.as_ref();
    let unsaved = unsaved.map(|reason| format!("what was got could not be kept ({reason})"));
    let begun = (standing.begun_anew > 0).then(|| "the session was begun anew".to_owned());
    [trouble, unsaved, begun].into_iter().flatten().collect()
}

/// Where a session stands, for a person.
pub(super) fn standing(standing: &Standing, home: &Home, now: UnixTime) -> String {
    let mut lines = vec![format!("Session {}: {} at {}", home.name(), standing.client_id, standing.issuer)];
    let mut line = |name: &str, value: String| lines.push(format!("  {name:<9} {value}"));
    match &standing.state {
        Phase::New => line("state", "new; it begins at the first token".to_owned()),
        Phase::Live { expires_at, renews_at, scope, refreshes, refresh_expires_at, .. } => {
            let (end, next) = (relative(*expires_at, now), relative(*renews_at, now));
            let (ended, is) = (ends(*expires_at, now), if *renews_at < now { "was" } else { "is" });
            line(
                "state",
                format!("live; the token {ended} {expires_at} ({end}), the next one {is} due {next}"),
            );
            if let Some(scope) = scope {
                line("scope", scope.clone());
            }
            let until = refresh_expires_at
                .map(|at| format!("; unused, it {} {at} ({})", ends(at, now), relative(at, now)))
                .unwrap_or_default();
            line(
                "goes on",
                if *refreshes {
                    format!("by refresh tokens{until}")
                } else {
                    "by its credentials".to_owned()
                },
            );
        }
        Phase::Ending => line("state", "to be ended; the issuer could not be told yet".to_owned()),
        Phase::Ended { reason, at } => {
            line("state", format!("over since {at} ({}): {reason}", relative(*at, now)));
        }
        Phase::Gone => line("state", "gone; somebody logged out".to_owned()),
    }
    line(
        "bound",
        match standing.binding {
            Binding::Dpop => "to a key that stays here (DPoP)".to_owned(),
            Binding::Bearer => "to nothing: whoever has a token may use it".to_owned(),
        },
    );
    if let Some(resource) = &standing.resource {
        line("resource", resource.clone());
    }
    if let Some(tenant) = &standing.tenant {
        line("tenant", tenant.to_string());
    }
    if let Some(file) = &standing.file {
        line("file", file.display().to_string());
    }
    lines.join("\n")
}

fn ends(at: UnixTime, now: UnixTime) -> &'static str {
    if at < now { "ended" } else { "ends" }
}

/// The same for programs.
pub(super) fn standing_json(standing: &Standing) -> Value {
    // A file whose name is no text is told as well as it can be.
    let file = standing.file.as_ref().map(|file| file.display().to_string());
    let mut object = json!(Standing { file: None, ..standing.clone() });
    object["file"] = file.into();
    object
}

/// As a process tells it that has only just read the file: it has renewed nothing, and met with no trouble.
pub(super) fn standing_of_file(standing: &Standing, home: &Home) -> Value {
    let mut object = standing_json(standing);
    object["name"] = home.name().into();
    if let Some(members) = object.as_object_mut() {
        for of_this_process in ["begun_anew", "renewals", "trouble", "unsaved"] {
            members.remove(of_this_process);
        }
    }
    object
}
