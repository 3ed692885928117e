//! What is done about a request that failed.

use crate::due::wished_pause;
use crate::error::{ErrorKind, RequestError};
use crate::session::SessionError;
use std::time::Duration;

/// The first pause after a fault that passes; each next one is twice as long.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);
/// The first pause after a refusal that a person must do something about.
const FIRST_REFUSED: Duration = Duration::from_mins(1);
const LONGEST_REFUSED: Duration = Duration::from_mins(10);
/// The shortest one, when a token is about to end: what looks like a refusal may be somebody else who answers in the place
/// of the issuer.
const HASTY_REFUSED: Duration = Duration::from_secs(15);

/// What a refusal means for the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing: what it has stays, and it tries again after a pause.
    Keep,
    /// The refresh token counts no more, and the client can begin anew by itself.
    BeginAnew,
    /// The client refreshes no more, and is given tokens by its credentials.
    ByCredentials,
    /// It is over.
    Over,
}

/// What an error means that answered a refresh token. **Nothing but `invalid_grant` ends a session.**
pub(crate) fn verdict(error: &RequestError, can_begin: bool) -> Verdict {
    let RequestError::Refused { status: 400, refusal } = error else { return Verdict::Keep };
    match (&*refusal.error, refusal.reason.as_deref()) {
        ("invalid_grant", reason) => of_invalid_grant(reason, can_begin),
        ("unauthorized_client", Some("refresh_not_granted")) if can_begin => Verdict::ByCredentials,
        _ => Verdict::Keep,
    }
}

fn of_invalid_grant(reason: Option<&str>, can_begin: bool) -> Verdict {
    match reason {
        // Nobody did that on purpose: the time passed, or a copy was late.
        Some(
            "refresh_token_epoch_revoked"
            | "refresh_token_expired"
            | "refresh_token_replayed"
            | "refresh_token_unknown",
        ) if can_begin => Verdict::BeginAnew,
        // The right token, or the right key, may be there in a moment: the issuer has ended nothing.
        Some(
            "refresh_token_checksum"
            | "refresh_token_malformed"
            | "refresh_token_other_client"
            | "refresh_token_other_environment"
            | "refresh_token_other_key",
        ) => Verdict::Keep,
        _ => Verdict::Over,
    }
}

/// How long nobody is asked after so many failures in a row. `left`: what is left of the token that is there, if there is
/// one; its end must not come in the middle of a long pause. `chance`: any number, so that not all come back at once.
pub(crate) fn pause_after(
    error: &SessionError,
    failures: u32,
    left: Option<Duration>,
    chance: u8,
) -> Duration {
    let left = left.filter(|left| !left.is_zero());
    let by_chance = |span: Duration| span / 4 * u32::from(chance) / 255;
    if let SessionError::Request(RequestError::Unavailable { status, retry_after: Some(wish) }) = error {
        return wished_pause(*status, *wish, left, by_chance(*wish));
    }
    let (first, longest, hasty) = schedule(error);
    let doublings = failures.saturating_sub(1).min(16);
    let pause = first.saturating_mul(1 << doublings).min(longest);
    let pause = left.map_or(pause, |left| pause.min((left / 2).max(hasty)));
    pause.saturating_sub(by_chance(pause))
}

/// The first pause, the longest, and the shortest when a token is about to end.
fn schedule(error: &SessionError) -> (Duration, Duration, Duration) {
    match error {
        // A file costs nobody else anything.
        SessionError::File(_) => (FIRST, FIRST, FIRST),
        // A page in the place of the issuer goes as it came.
        SessionError::Request(RequestError::BadAnswer { .. }) => (FIRST, LONGEST, FIRST),
        SessionError::Request(error) if error.is_about_the_clock() => {
            (FIRST_REFUSED, FIRST_REFUSED, HASTY_REFUSED)
        }
        error => match error.kind() {
            ErrorKind::Transient => (FIRST, LONGEST, FIRST),
            ErrorKind::Permanent => (FIRST_REFUSED, LONGEST_REFUSED, HASTY_REFUSED),
        },
    }
}
