//! A client presents a token: what revocation and introspection have in common (RFC 7009 section 2.1, RFC 7662
//! section 2.1).

use super::admission::Admitted;
use super::client_authentication::authenticate;
use super::error::Refusal;
use super::form::TokenForm;
use super::posted::{Posted, posted};
use crate::client::Client;
use crate::issuer::Issuer;
use axum::extract::Request;
use chancery_token::ClientId;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A token, and the client that presented it and proved who it is.
pub(super) struct Presented {
    pub(super) client: Arc<Client>,
    pub(super) token: Zeroizing<String>,
    /// Given back when dropped: not to be held while the store writes.
    pub(super) place: Admitted,
}

/// Reads the request as strictly as the token endpoint reads its own. `token_type_hint` is read over: every kind of
/// token is looked for (RFC 7009 section 2.1).
pub(super) async fn presented(
    issuer: &Issuer,
    request: Request,
    authenticated: &mut Option<ClientId>,
) -> Result<Presented, Refusal> {
    let Posted { headers, body, place } = posted(issuer, request).await?;
    let form = TokenForm::parse(&body).map_err(Refusal::Form)?;
    let token = form.token.as_deref().ok_or(Refusal::NoToken)?;
    let client = authenticate(issuer, &headers, &form).await?;
    *authenticated = Some(client.id.clone());
    client.usable(issuer.now()).map_err(|why| Refusal::Grant(why.into()))?;
    Ok(Presented { client, token: Zeroizing::new(token.to_owned()), place })
}
