//! Requests to a token endpoint.

use std::net::SocketAddr;

/// A token request with these parameters.
pub(crate) fn post(address: SocketAddr, parameters: &[(&str, &str)]) -> Vec<u8> {
    let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    format!(
        "POST /oauth2/token HTTP/1.1\r\nhost: {address}\r\naccept: application/json\r\nuser-agent: bench\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A client that goes on with a session.
pub(crate) fn refresh(address: SocketAddr, client: &Registered, token: &str) -> Vec<u8> {
    let Registered { id, secret } = client;
    let parameters = [
        ("grant_type", "refresh_token"),
        ("client_id", id),
        ("client_secret", secret),
        // Last, so that the next one is written over it.
        ("refresh_token", token),
    ];
    post(address, &parameters)
}

/// A client, and what it proves itself with.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    pub(crate) id: String,
    pub(crate) secret: String,
}
