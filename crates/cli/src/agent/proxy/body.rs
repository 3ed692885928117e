//! The body of a request on its way through.

use super::fault::Fault;
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

/// So much of a body is kept, so that it can be sent once more; what is longer, or of unknown length, streams.
const MAX_KEPT_BYTES: usize = 64 * 1024;

/// What is sent.
#[derive(Debug)]
pub(super) enum Outgoing {
    /// All of it is here, and can be sent again.
    Kept(Bytes),
    /// There is none.
    Nothing,
    /// It comes, and goes, piece by piece, once.
    Streaming(Body),
}

impl Outgoing {
    pub(super) async fn of(body: Body) -> Result<Self, Fault> {
        let length = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
        match length {
            _ if body.is_end_stream() => Ok(Self::Nothing),
            Some(length) if length <= MAX_KEPT_BYTES => {
                let kept = axum::body::to_bytes(body, MAX_KEPT_BYTES).await;
                kept.map(Self::Kept).map_err(|_| Fault::BodyBrokenOff)
            }
            _ => Ok(Self::Streaming(body)),
        }
    }

    pub(super) fn into_body(self) -> Option<reqwest::Body> {
        match self {
            Self::Kept(bytes) => Some(bytes.into()),
            Self::Nothing => None,
            Self::Streaming(body) => Some(reqwest::Body::wrap(Shared(Mutex::new(body)))),
        }
    }
}

/// A body that threads may share, as the client wants it; one at a time does.
struct Shared(Mutex<Body>);

impl HttpBody for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let body = self.get_mut().0.get_mut().unwrap_or_else(PoisonError::into_inner);
        Pin::new(body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}
