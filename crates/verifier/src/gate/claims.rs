//! What a service behind the proxy learns of the token.

use super::Judged;
use super::refusal::Refusal;
use crate::verified::Verified;
use axum::response::{IntoResponse, Response};
use chancery_token::claims::TimeForm;
use chancery_token::encoding::base64url;
use http::header::CACHE_CONTROL;
use http::{HeaderName, HeaderValue, StatusCode};

/// The headers that come with every 200, in their one spelling. The proxy hands on exactly these, in place of whatever
/// the client sent under their names.
///
/// On a route that is public they are all there and empty. `Chancery-Claims` is base64url without padding of the JSON of
/// all claims, with the members of a JWT whatever the format; it holds what the others hold, and the bounds.
pub const CLAIM_HEADERS: [&str; 6] = [
    "Chancery-Client-Id",
    "Chancery-Subject",
    "Chancery-Tenant",
    "Chancery-Scope",
    "Chancery-Token-Id",
    "Chancery-Claims",
];

static NAMES: [HeaderName; 6] = [
    HeaderName::from_static("chancery-client-id"),
    HeaderName::from_static("chancery-subject"),
    HeaderName::from_static("chancery-tenant"),
    HeaderName::from_static("chancery-scope"),
    HeaderName::from_static("chancery-token-id"),
    HeaderName::from_static("chancery-claims"),
];

/// Lets a request in, with the claims of its token if the route asked for one.
pub(super) async fn let_in(token: Option<Verified>) -> Response {
    admission(token.as_ref())
}

pub(super) fn admission(token: Option<&Verified>) -> Response {
    let values = match token.map(values) {
        None => [const { HeaderValue::from_static("") }; 6],
        Some(Ok(values)) => values,
        // A token without its claims would look like a public route to the service.
        Some(Err(_)) => return Refusal::Claims.respond(),
    };
    let mut response = StatusCode::OK.into_response();
    response.extensions_mut().insert(Judged { reason: None });
    let headers = response.headers_mut();
    headers.reserve(NAMES.len() + 1);
    // The verdict on one request is none on the next.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in NAMES.iter().zip(values) {
        headers.insert(name.clone(), value);
    }
    response
}

fn values(token: &Verified) -> Result<[HeaderValue; 6], http::header::InvalidHeaderValue> {
    let id = token.token_id().to_string();
    let claims = base64url(&token.claims().to_json(TimeForm::NumericDate));
    Ok([
        HeaderValue::try_from(token.client_id().as_str())?,
        HeaderValue::try_from(token.subject().as_str())?,
        HeaderValue::try_from(token.tenant().as_str())?,
        HeaderValue::try_from(token.scopes().as_str())?,
        HeaderValue::try_from(id)?,
        HeaderValue::try_from(claims)?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_has_its_one_spelling() {
        for (name, header) in NAMES.iter().zip(CLAIM_HEADERS) {
            assert_eq!(name.as_str(), header.to_ascii_lowercase());
        }
    }

    #[test]
    fn without_a_token_all_of_them_are_empty() {
        let response = admission(None);
        for header in CLAIM_HEADERS {
            assert_eq!(response.headers().get(header).unwrap(), "", "{header}");
        }
    }
}
