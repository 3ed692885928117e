//! When the next token is asked for: what clients and sessions have in common.

use std::time::Duration;

/// A token is renewed when it has this left, where half of its life comes later: an issuer that is away for ten minutes is
/// then not felt, and there is a minute for whatever comes after.
const AHEAD: Duration = Duration::from_mins(11);
/// No wish of an issuer is shorter than this.
const SHORTEST: Duration = Duration::from_secs(1);
/// So long an issuer that is away may keep a client from asking which has no token that lives. One that limits how often it
/// is asked says itself how long.
const LONGEST: Duration = Duration::from_mins(2);

/// How much of a life of `whole` is over when the next token is asked for: half of it, or all but [`AHEAD`] where that is
/// earlier and a quarter of it.
pub(crate) fn renewed_after(whole: Duration) -> Duration {
    let (half, ahead) = (whole / 2, whole.saturating_sub(AHEAD));
    if ahead >= whole / 4 { half.min(ahead) } else { half }
}

/// How long nobody is asked whose issuer answered with `status` that it wishes for so long. `left`: what is left of the token
/// that is there, if one lives. `late`: what is put on the wish, so that not all come back at once.
pub(crate) fn wished_pause(status: u16, wish: Duration, left: Option<Duration>, late: Duration) -> Duration {
    let wish = wish.max(SHORTEST);
    let late = wish.saturating_add(late);
    match (status, left) {
        // What chance adds ends no token.
        (429, left) => wish.max(late.min(left.unwrap_or(late))),
        // Where the token ends earlier, that it may: one question then harms nobody.
        (_, Some(left)) => late.min(left),
        (_, None) => late.min(LONGEST),
    }
}
