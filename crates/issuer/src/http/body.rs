//! Reading a request body that nobody trusts: bounded in bytes and in time.

use axum::body::{Body, HttpBody as _};
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

/// What is read and thrown away of a larger body, so that the client reads the answer instead of a broken
/// connection.
const MAX_DRAINED_BYTES: usize = 256 * 1024;

/// Why a body cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyFault {
    /// Over the limit of the configuration.
    #[error("the body has more than {most} bytes")]
    TooLarge {
        /// The limit.
        most: usize,
    },
    /// The client went away or broke the framing of the message.
    #[error("the body broke off")]
    BrokenOff,
    /// The client took too long.
    #[error("the body did not arrive in time")]
    TimedOut,
    /// Another media type than RFC 6749 section 3.2 asks for.
    #[error("the content type is not application/x-www-form-urlencoded")]
    ContentType,
}

impl BodyFault {
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "body_too_large",
            Self::BrokenOff => "body_broken_off",
            Self::TimedOut => "body_timed_out",
            Self::ContentType => "content_type",
        }
    }
}

/// Reads a form.
pub(super) async fn read_form(
    headers: &HeaderMap,
    body: Body,
    within: Duration,
    most: usize,
) -> Result<Bytes, BodyFault> {
    if !is_form(headers) {
        return Err(BodyFault::ContentType);
    }
    let mut reading = std::pin::pin!(read(body, most));
    // The first look makes the connection fetch the body; at the second one it is there, if it came with its head.
    // Only one that did not is worth a timer.
    let mut looks = 0;
    let early = std::future::poll_fn(|context| match (reading.as_mut().poll(context), looks) {
        (Poll::Ready(done), _) => Poll::Ready(Some(done)),
        (Poll::Pending, 0) => {
            looks += 1;
            context.waker().wake_by_ref();
            Poll::Pending
        }
        (Poll::Pending, _) => Poll::Ready(None),
    });
    match early.await {
        Some(done) => done,
        None => tokio::time::timeout(within, reading).await.unwrap_or(Err(BodyFault::TimedOut)),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (types.next(), types.next()) else { return false };
    let Ok(value) = value.to_str() else { return false };
    // RFC 9110 section 8.3.1: parameters such as `charset` follow after a semicolon; case does not matter.
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

pub(super) async fn read(mut body: Body, most: usize) -> Result<Bytes, BodyFault> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    let mut seen = 0;
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.map_err(|_| BodyFault::BrokenOff)?.into_data() else { continue };
        seen += data.len();
        if seen > most {
            if seen > most.max(MAX_DRAINED_BYTES) || body.is_end_stream() {
                return Err(BodyFault::TooLarge { most });
            }
        } else if first.is_empty() {
            first = data;
        } else {
            rest.extend_from_slice(&data);
        }
    }
    if seen > most {
        return Err(BodyFault::TooLarge { most });
    }
    if rest.is_empty() {
        return Ok(first);
    }
    Ok([first, rest.freeze()].concat().into())
}
