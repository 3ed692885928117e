use super::*;
use crate::error::{Refusal, RequestError};
use chancery_token::UnixTime;
use std::time::Duration;

mod after;
mod calls;
mod days;
mod lives;

const START: UnixTime = UnixTime::from_secs(1_795_305_600);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// So long after the start, by both clocks.
fn at(seconds: u64) -> Moment {
    Moment { wall: START.plus(secs(seconds)), monotonic: secs(seconds) }
}

/// A token that was got at the start, for so long.
fn life(whole: u64) -> Life {
    Life::new(START, START.plus(secs(whole)), at(0))
}

fn there(whole: u64) -> There {
    There { life: life(whole), is_refused: false }
}

fn away() -> SessionError {
    RequestError::Unreachable { endpoint: "https://a.example".to_owned(), why: "refused".to_owned() }.into()
}

fn unavailable(status: u16, wish: Option<u64>) -> RequestError {
    RequestError::Unavailable { status, retry_after: wish.map(secs) }
}

fn refused(status: u16, error: &str, reason: Option<&str>) -> RequestError {
    let (error, reason) = (error.to_owned(), reason.map(str::to_owned));
    RequestError::Refused { status, refusal: Refusal { error, reason, description: None } }
}

fn paused(until: u64) -> Course {
    Course::Clear.failed(away(), Duration::ZERO, |_, _| secs(until))
}

fn over() -> Course {
    Course::Over(SessionError::Revoked { reason: "refresh_token_ended".to_owned(), at: START })
}
