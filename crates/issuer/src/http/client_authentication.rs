//! Who is asking: `client_secret_basic` and `client_secret_post` (RFC 6749 section 2.3.1), `private_key_jwt` (RFC 7523
//! section 2.2), or a public client by its name.

mod credentials;
mod fault;

pub(super) use credentials::PresentedAssertion;
pub(super) use fault::{AuthenticationFault, NotAuthenticated};

use super::client_assertion::by_assertion;
use super::form::TokenForm;
use crate::client::{Authentication, Client};
use crate::issuer::Issuer;
use crate::secret::ClientSecret;
use axum::http::HeaderMap;
use chancery_token::ClientId;
use credentials::Credentials;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How a client may prove who it is, by the names of the IANA registry.
pub(super) const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "private_key_jwt"];

/// As [`METHODS`], where a public client may say its name: it refreshes there.
pub(super) const METHODS_OF_TOKENS: [&str; 4] =
    ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];

/// A client that is known, and what that rests on. What it may do is another question: it may be disabled.
pub(super) struct Known {
    pub(super) client: Arc<Client>,
    pub(super) proof: How,
}

/// What it rests on that a client is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// It proved who it is.
    Authenticated,
    /// Its name alone: a public client (RFC 6749 section 2.1). Nothing may be begun on it.
    Public,
}

/// The client that sent the request, and proved it.
pub(super) async fn authenticate(
    issuer: &Issuer,
    headers: &HeaderMap,
    form: &TokenForm<'_>,
) -> Result<Arc<Client>, NotAuthenticated> {
    let mut decoded = Zeroizing::new(Vec::new());
    match Credentials::read(headers, form, &mut decoded)? {
        Credentials::Secret { id, secret } => by_secret(issuer, &id, &secret).await,
        Credentials::Assertion(presented) => Box::pin(by_assertion(issuer, &presented)).await,
        // The store is not asked for whoever proves nothing.
        Credentials::Name(_) => Err(AuthenticationFault::NoCredentials.into()),
    }
}

/// As [`authenticate`], and a public client is known by its name.
pub(super) async fn identify(
    issuer: &Issuer,
    headers: &HeaderMap,
    form: &TokenForm<'_>,
) -> Result<Known, NotAuthenticated> {
    let mut decoded = Zeroizing::new(Vec::new());
    let client = match Credentials::read(headers, form, &mut decoded)? {
        Credentials::Secret { id, secret } => by_secret(issuer, &id, &secret).await?,
        Credentials::Assertion(presented) => Box::pin(by_assertion(issuer, &presented)).await?,
        Credentials::Name(id) => {
            let named = registered(issuer, id).await?;
            let public = named.filter(|client| client.authentication == Authentication::None);
            // Whether there is a client of this name that is not public does not show.
            let client = public.ok_or(AuthenticationFault::NoCredentials)?;
            return Ok(Known { client, proof: How::Public });
        }
    };
    Ok(Known { client, proof: How::Authenticated })
}

/// The client of this id, if there is one.
pub(super) async fn registered(issuer: &Issuer, id: &str) -> Result<Option<Arc<Client>>, NotAuthenticated> {
    match id.parse::<ClientId>() {
        Ok(id) => issuer.client(&id).await.map_err(NotAuthenticated::Unread),
        Err(_) => Ok(None),
    }
}

async fn by_secret(issuer: &Issuer, id: &str, secret: &str) -> Result<Arc<Client>, NotAuthenticated> {
    let secret = ClientSecret::parse(secret, issuer.environment())?;
    let Some(client) = registered(issuer, id).await? else {
        // The same digest as for a client that is known. That the store was asked may still show in time: ids are no
        // secrets (docs/THREATS.md).
        let digest = secret.digest(issuer.hasher());
        std::hint::black_box(digest.ct_eq(&[0; 32]));
        return Err(AuthenticationFault::UnknownClient.into());
    };
    let is_held = client.authenticate(&secret, issuer.hasher()).is_some();
    match client.authentication {
        Authentication::Secret if is_held => Ok(client),
        Authentication::Secret => Err(AuthenticationFault::WrongSecret.into()),
        Authentication::PrivateKeyJwt | Authentication::None => Err(AuthenticationFault::OtherMethod.into()),
    }
}
