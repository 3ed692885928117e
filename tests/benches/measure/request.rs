//! One token request, the same for everybody who is asked.

use std::net::SocketAddr;

/// The resource server that the tokens are for: DocuMint's, of the example catalog.
pub(crate) const RESOURCE: &str = "https://api.documint.example";
/// What is asked for.
pub(crate) const SCOPE: &str = "invoices:read";

/// Client credentials in the body, as in the measurement of the limits.
pub(crate) fn token(address: SocketAddr, path: &str, client: &str, secret: &str) -> Vec<u8> {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", client)
        .append_pair("client_secret", secret)
        .append_pair("scope", SCOPE)
        .append_pair("resource", RESOURCE)
        .finish();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\naccept: application/json\r\nuser-agent: bench\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
