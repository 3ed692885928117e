//! Live tokens, and documents of the issuer.

use crate::Fault;
use crate::description::{Asker, Product};
use chancery_client::{AuthorizationServer, Client, Secret, TokenRequest};
use chancery_token::UnixTime;
use serde_json::Value;

/// A live token.
pub(crate) struct Live {
    pub(crate) text: String,
    pub(crate) expires_at: UnixTime,
}

/// A new token on every call: the client that keeps them goes away with it.
pub(crate) async fn token(asker: &Asker, product: &Product) -> Result<Live, Fault> {
    let server = AuthorizationServer::issuer(&asker.issuer)?;
    let secret = Secret::read_file(&asker.client_secret_file)?;
    let client = Client::new(server, asker.client_id.parse()?, secret)?;
    let request = TokenRequest::new().scope(product.scope.parse()?).resource(&product.audience);
    let token = client.token(&request).await?;
    Ok(Live { text: token.expose().to_owned(), expires_at: token.expires_at() })
}

/// The issuer's metadata (RFC 8414).
pub(crate) async fn metadata(issuer: &str) -> Result<Value, Fault> {
    let document = document(&format!("{issuer}/.well-known/oauth-authorization-server")).await?;
    Ok(serde_json::from_slice(&document)?)
}

/// An address that the metadata holds.
pub(crate) fn address<'m>(metadata: &'m Value, member: &str) -> Result<&'m str, Fault> {
    metadata.get(member).and_then(Value::as_str).ok_or_else(|| format!("the metadata has no {member}").into())
}

pub(crate) async fn document(url: &str) -> Result<Vec<u8>, Fault> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client.get(url).send().await?.error_for_status()?;
    Ok(answer.bytes().await?.to_vec())
}
