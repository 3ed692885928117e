//! When a token is renewed, and what is done about what came of it. Pure: everything is an argument.

mod after;
mod brake;
mod course;
mod life;

pub(super) use after::{Verdict, pause_after, verdict};
pub(super) use brake::Brake;
pub(super) use course::Course;
pub(super) use life::{Least, Life, Moment};

use crate::session::SessionError;
use std::time::Duration;

/// What a caller has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Take the token that is there.
    Take,
    /// Take it, and begin a renewal that nobody waits for.
    TakeAndRenew,
    /// Wait for the renewal that is under way.
    Wait,
    /// Begin one, and wait for it.
    Renew,
    /// Say what stands against it.
    Refuse,
}

/// The token that is there.
#[derive(Clone, Copy, Debug)]
pub(super) struct There {
    pub(super) life: Life,
    /// A resource server has said no to it.
    pub(super) is_refused: bool,
}

/// What a caller has to do that wants a token of `least` at `now`.
///
/// `has_changed` looks whether somebody else has written the file since it was read last: the only thing, beside the time
/// that passes, that ends a pause, and the only one that ends what is over.
pub(super) fn at_call(
    there: Option<There>,
    course: &Course,
    is_under_way: bool,
    least: Least,
    now: Moment,
    has_changed: impl FnOnce() -> bool,
) -> Step {
    let begin = if is_under_way { Step::Wait } else { Step::Renew };
    let good = there.filter(|there| !there.is_refused && there.life.suffices(least, now));
    match (course, good) {
        (Course::Over(_), _) => {
            if is_under_way || has_changed() {
                begin
            } else {
                Step::Refuse
            }
        }
        (_, Some(there)) => {
            let rests = matches!(course, Course::Paused(pause) if now.monotonic < pause.until);
            if is_under_way || rests || !there.life.is_due(least, now) {
                Step::Take
            } else {
                Step::TakeAndRenew
            }
        }
        (Course::Paused(pause), None) if now.monotonic < pause.until && !is_under_way && !has_changed() => {
            in_need(there, least, now)
        }
        (Course::Clear | Course::Paused(_), None) => begin,
    }
}

/// What a caller has to do after a renewal that it waited for, and that was for as much as it wants.
pub(super) fn after_wait(
    there: Option<There>,
    outcome: Result<(), &SessionError>,
    least: Least,
    now: Moment,
) -> Step {
    match (outcome, there) {
        (Err(_), _) => in_need(there, least, now),
        // Somebody ended the session meanwhile.
        (Ok(()), None) => Step::Refuse,
        // It was over before anybody looked: this machine slept, or the answer took longer than the token lives.
        (Ok(()), Some(there)) if there.life.left(now).is_zero() => Step::Renew,
        // Whatever came is the best that there is.
        (Ok(()), Some(_)) => Step::Take,
    }
}

/// How long a caller waits at most for a renewal; for as long as it takes, where nothing else would serve. An issuer that
/// takes its time must not outlast the token that is there.
pub(super) fn patience(there: Option<There>, least: Least, now: Moment) -> Option<Duration> {
    let left = there.map(|there| there.life.left(now)).filter(|left| !left.is_zero());
    match least {
        Least::Usual | Least::Wished(_) => left.map(|left| left / 2),
        Least::Demanded(_) => None,
    }
}

/// Better a token that ends soon, or that a service did not like, than a call that fails for certain.
fn in_need(there: Option<There>, least: Least, now: Moment) -> Step {
    let serves = there.is_some_and(|there| match least {
        Least::Usual | Least::Wished(_) => !there.life.left(now).is_zero(),
        Least::Demanded(_) => there.life.suffices(least, now),
    });
    if serves { Step::Take } else { Step::Refuse }
}

/// What is done about the token in the file, under its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reread {
    /// It is newer and good: somebody else has renewed it.
    Adopt,
    /// Ask with the refresh token of the file.
    Refresh,
    /// Ask by the credentials.
    Begin,
    /// There is nothing to ask with, and the token lives: use it up.
    UseUp,
    /// There is nothing to ask with, and the token is over.
    OutOfMeans,
}

/// What is done about a token that was read again from the file. `is_refused`: it is the very one that a service said no to.
pub(super) fn at_reread(
    life: Life,
    is_refused: bool,
    refreshes: bool,
    can_begin: bool,
    least: Least,
    now: Moment,
) -> Reread {
    if !is_refused && !life.is_due(least, now) {
        Reread::Adopt
    } else if refreshes {
        Reread::Refresh
    } else if can_begin {
        Reread::Begin
    } else if life.left(now).is_zero() {
        Reread::OutOfMeans
    } else {
        Reread::UseUp
    }
}

#[cfg(test)]
mod tests;
