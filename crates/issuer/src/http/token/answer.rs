//! The successful answer (RFC 6749 section 5.1).

use super::super::dpop::token_type;
use super::Granted;
use crate::grant::GrantType;
use axum::body::Body;
use axum::response::Response;

/// Headers of an answer, with those that every answer gets on its way out.
const HEADERS: usize = 8;

/// Written by hand: tokens and a set of scopes hold nothing that JSON would escape (RFC 7515 section 2, RFC 6749
/// section 3.3), and looking for it took longer than everything else here.
pub(super) fn answer(grant: GrantType, granted: &Granted) -> Response {
    let (issued, claims) = (&granted.issued, &granted.issued.claims);
    let mut json = Json::of(issued.token.len() + claims.scope.as_str().len() + 384);
    json.text("{\"access_token\":\"", &issued.token);
    if grant == GrantType::TokenExchange {
        json.text("\",\"issued_token_type\":\"", crate::grant::ACCESS_TOKEN_TYPE);
    }
    json.text("\",\"token_type\":\"", token_type(claims));
    json.number("\",\"expires_in\":", claims.exp.since(claims.iat).as_secs());
    json.number(",\"expires_at\":", claims.exp.as_secs());
    if let Some(refresh) = &granted.refresh {
        json.text(",\"refresh_token\":\"", &refresh.token);
        json.number("\",\"refresh_expires_in\":", refresh.expires_at.since(claims.iat).as_secs());
        json.number(",\"refresh_expires_at\":", refresh.expires_at.as_secs());
    }
    json.text(",\"scope\":\"", claims.scope.as_str());
    json.0.extend_from_slice(b"\"}");
    let mut response = Response::new(Body::from(json.0));
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    for (name, value) in super::super::NO_STORE.into_iter().chain(super::super::JSON) {
        headers.insert(name, value);
    }
    response
}

/// JSON that is written piece by piece.
struct Json(Vec<u8>);

impl Json {
    fn of(room: usize) -> Self {
        Self(Vec::with_capacity(room))
    }

    fn text(&mut self, before: &str, text: &str) {
        self.0.extend_from_slice(before.as_bytes());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, before: &str, number: u64) {
        self.0.extend_from_slice(before.as_bytes());
        // A vector takes whatever is written, and numbers can be.
        let _ = serde_json::to_writer(&mut self.0, &number);
    }
}
