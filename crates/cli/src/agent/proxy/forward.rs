//! A request with a key becomes a request with a token.

use super::body::Outgoing;
use super::fault::Fault;
use super::headers;
use super::key::Key;
use super::target::Target;
use crate::failure::Failure;
use crate::fetch::innermost;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chancery_client::{Authorized, Session, SessionError};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long a connection may take. What is asked there may take as long as it likes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A server that answers these would show the token to the program (RFC 9110 section 9.3.8); the second is the first of some.
const ECHOING: [&str; 2] = ["TRACE", "TRACK"];

/// All that the proxy needs to know.
#[derive(Debug)]
pub(super) struct Forward {
    target: Target,
    key: Key,
    /// Adds tokens and proofs, and knows what a refusal of them wants.
    http: ClientWithMiddleware,
}

impl Forward {
    pub(super) fn new(session: Session, target: Target, key: Key) -> Result<Self, Failure> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            // What comes back is handed on as it is, and nothing is asked for that the program did not ask for.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            // They are for the program.
            .redirect(reqwest::redirect::Policy::none());
        if target.is_here() {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|why| Failure::unusable("setup", why))?;
        let authorized = Authorized::for_origins(session, [&*target.to_string()])
            .map_err(|why| Failure::unusable("proxy_target", format!("--to {why}")))?;
        Ok(Self { target, key, http: ClientBuilder::new(http).with(authorized).build() })
    }

    /// Answers at every path.
    pub(super) fn router(self) -> Router {
        Router::new().fallback(answer).with_state(Arc::new(self))
    }

    async fn answer(&self, request: Request) -> Result<Response, Fault> {
        let (head, body) = request.into_parts();
        self.key.check(&head.headers)?;
        if ECHOING.iter().any(|method| head.method.as_str().eq_ignore_ascii_case(method)) {
            return Err(Fault::OtherMethod);
        }
        let url = self.target.url(&head.uri)?;
        let mut onward = reqwest::Request::new(head.method, url.clone());
        *onward.headers_mut() = headers::onward(&head.headers);
        *onward.body_mut() = Outgoing::of(body).await?.into_body();
        let answer = self.http.execute(onward).await.map_err(fault)?;
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(Fault::Unreachable("it speaks another protocol, for which nobody asked".to_owned()));
        }
        Ok(self.handed_back(&url, answer))
    }

    /// For the program, piece by piece as it comes.
    fn handed_back(&self, url: &Url, answer: reqwest::Response) -> Response {
        let (status, mut headers) = (answer.status(), headers::back(answer.headers()));
        let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let here = location.and_then(|location| self.target.here(url, location));
        if let Some(here) = here.and_then(|here| HeaderValue::try_from(here).ok()) {
            headers.insert(LOCATION, here);
        }
        let mut response = Response::new(Body::new(reqwest::Body::from(answer)));
        (*response.status_mut(), *response.headers_mut()) = (status, headers);
        response
    }
}

async fn answer(State(forward): State<Arc<Forward>>, request: Request) -> Response {
    match forward.answer(request).await {
        Ok(answer) => answer,
        Err(fault) => {
            tracing::debug!(target: "chancery::agent", reason = fault.reason(), "a request goes no further");
            fault.into_response()
        }
    }
}

/// Why nothing came back.
fn fault(why: Error) -> Fault {
    match why {
        Error::Middleware(why) => match why.downcast::<SessionError>() {
            Ok(why) => Fault::NoToken(Box::new(why)),
            Err(other) => Fault::Unreachable(other.to_string()),
        },
        Error::Reqwest(why) => Fault::Unreachable(innermost(&why)),
    }
}
