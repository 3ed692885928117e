//! What is answered on the socket.

use super::fault::{Fault, answer};
use crate::agent::said;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chancery_client::{AccessToken, Session};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::time::Duration;
use url::{Url, form_urlencoded};

/// Largest question: a token has 8 KiB at most, a URL as much.
pub(super) const MAX_QUESTION_BYTES: usize = 16 * 1024;

/// How long a body may take that is on this machine already.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Gives out the tokens of one session.
#[derive(Clone, Debug)]
pub(in super::super) struct Desk {
    session: Session,
}

/// A request that is to be made to a resource server.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Planned {
    method: String,
    url: Url,
    nonce: Option<String>,
    min_ttl: Option<u64>,
}

/// A token that a resource server answered with 401.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    access_token: String,
}

impl Desk {
    pub(in super::super) fn of(session: Session) -> Self {
        Self { session }
    }

    pub(super) fn router(self) -> Router {
        Router::new()
            .route("/token", get(token))
            .route("/proof", post(proof))
            .route("/forget", post(forget))
            .route("/status", get(status))
            .method_not_allowed_fallback(async || Fault::OtherMethod)
            .fallback(async || Fault::NothingHere)
            .with_state(self)
    }

    async fn token(&self, min_ttl: Option<Duration>) -> Result<AccessToken, Fault> {
        let token = match min_ttl {
            Some(least) => self.session.token_for(least).await,
            None => self.session.token().await,
        };
        token.map_err(|why| {
            // Whoever asks earlier hears the same.
            let wait = self.session.standing().trouble.map(|trouble| Duration::from_secs(trouble.retry_in));
            Fault::Session(Box::new(why), wait)
        })
    }
}

async fn token(State(desk): State<Desk>, request: Request) -> Result<Response, Fault> {
    let min_ttl = min_ttl(request.uri().query().unwrap_or_default())?;
    let token = desk.token(min_ttl).await?;
    Ok(answer(StatusCode::OK, &said::token(&token, crate::time::now())))
}

async fn proof(State(desk): State<Desk>, request: Request) -> Result<Response, Fault> {
    let planned: Planned = question(request).await?;
    // What goes into a proof is compared byte for byte, and must be what goes over the wire (RFC 9449 section 4.2).
    let method: Method =
        planned.method.parse().map_err(|_| Fault::Malformed("method is no method of HTTP".to_owned()))?;
    if !matches!(planned.url.scheme(), "http" | "https") {
        return Err(Fault::Malformed("url is neither http nor https".to_owned()));
    }
    let token = desk.token(planned.min_ttl.map(Duration::from_secs)).await?;
    let with = desk.session.authorize(&token, method.as_str(), &planned.url, planned.nonce.as_deref())?;
    let now = crate::time::now();
    let mut body = json!({
        "access_token": token.expose(),
        "authorization": &*with.authorization,
        "expires_at": now.plus(token.ttl(now)).as_secs(),
    });
    if let Some(dpop) = with.dpop {
        body["dpop"] = dpop.into();
    }
    Ok(answer(StatusCode::OK, &body))
}

async fn forget(State(desk): State<Desk>, request: Request) -> Result<Response, Fault> {
    let refused: Refused = question(request).await?;
    // Another one than the session has was forgotten already.
    if let Ok(token) = desk.session.token().await
        && token.expose() == refused.access_token
    {
        desk.session.forget(&token);
    }
    Ok((StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response())
}

async fn status(State(desk): State<Desk>) -> Response {
    answer(StatusCode::OK, &said::standing_json(&desk.session.standing()))
}

/// The only parameter that there is.
fn min_ttl(query: &str) -> Result<Option<Duration>, Fault> {
    let mut least = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name != "min_ttl" || least.is_some() {
            return Err(Fault::Malformed("the query takes min_ttl, once".to_owned()));
        }
        let seconds = Some(&value).filter(|value| value.bytes().all(|b| b.is_ascii_digit()));
        let seconds = seconds.and_then(|value| value.parse().ok());
        let seconds = seconds.ok_or_else(|| Fault::Malformed("min_ttl is a number of seconds".to_owned()))?;
        least = Some(Duration::from_secs(seconds));
    }
    Ok(least)
}

/// Reads what was asked.
async fn question<T: DeserializeOwned>(request: Request) -> Result<T, Fault> {
    let reading = axum::body::to_bytes(request.into_body(), MAX_QUESTION_BYTES);
    let read = tokio::time::timeout(BODY_TIMEOUT, reading).await;
    let body = read.map_err(|_| Fault::Malformed("the body did not come in time".to_owned()))?;
    let body = body.map_err(|_| Fault::BodyTooLarge)?;
    serde_json::from_slice(&body).map_err(|why| {
        let place = format!("line {} column {}", why.line(), why.column());
        // Whatever else the parser says could quote a token.
        let why = why.to_string();
        let missing = why.split(" at ").next().filter(|why| why.starts_with("missing field"));
        let missing = missing.map(|why| format!(": {why}")).unwrap_or_default();
        Fault::Malformed(format!("the body is not the JSON object that is asked for{missing}: see {place}"))
    })
}

/// What is answered where there is no token; the proxy says the same.
pub(in super::super) fn no_token(why: chancery_client::SessionError) -> Response {
    Fault::from(why).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn min_ttl_stands_there_once_as_plain_seconds() {
        assert_eq!(min_ttl("").unwrap(), None);
        assert_eq!(min_ttl("min_ttl=600").unwrap(), Some(Duration::from_mins(10)));
        for bad in
            ["min_ttl=", "min_ttl=10m", "min_ttl=-1", "min_ttl=+1", "min_ttl=1&min_ttl=2", "ttl=1", "min_ttl"]
        {
            assert!(min_ttl(bad).is_err(), "{bad}");
        }
        assert!(min_ttl("min_ttl=99999999999999999999").is_err());
    }
}
