//! Who is asking: `client_secret_basic` and `client_secret_post` (RFC 6749 section 2.3.1).

use super::form::{self, TokenForm};
use crate::client::Client;
use crate::issuer::{Issuer, Unread};
use crate::secret::{ClientSecret, NotASecret};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chancery_token::ClientId;
use std::borrow::Cow;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How a client may prove who it is, by the names of the IANA registry.
pub(super) const METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

/// Some clients leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why nobody is authenticated. From outside most of these look the same (rule ): whoever guesses learns
/// nothing; the log tells them apart.
#[derive(Debug, thiserror::Error)]
pub(super) enum AuthenticationFault {
    /// Neither mechanism was used.
    #[error("the request holds no client credentials")]
    NoCredentials,
    /// An `Authorization` header of another scheme.
    #[error("the authorization scheme is not Basic")]
    Scheme,
    /// A Basic header that is not base64 of two form-encoded texts with a colon between.
    #[error("the Basic credentials are not base64 of id:secret, both form-encoded")]
    BasicMalformed,
    /// The secret is none of this issuer's, which shows without asking a store.
    #[error(transparent)]
    Secret(#[from] NotASecret),
    /// No client has this id.
    #[error("no client has this id")]
    UnknownClient,
    /// The client has other secrets.
    #[error("the secret is not one of the client's")]
    WrongSecret,
    /// Two mechanisms at once (RFC 6749 section 2.3).
    #[error("two ways of client authentication were used at once; use one")]
    TwoMethods,
    /// Two `Authorization` headers.
    #[error("there is more than one Authorization header; send one")]
    RepeatedHeader,
    /// `client_id` in the body, and another in the header.
    #[error("client_id in the body differs from the one in the Authorization header")]
    DifferentIds,
    /// `private_key_jwt` and its like.
    #[error(
        "this issuer takes no client assertions; authenticate with client_secret_basic or client_secret_post"
    )]
    AssertionUnsupported,
}

impl AuthenticationFault {
    /// For logs and metrics: tells apart what answers do not.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::NoCredentials => "no_credentials",
            Self::Scheme => "authorization_scheme",
            Self::BasicMalformed => "basic_malformed",
            Self::Secret(why) => why.reason(),
            Self::UnknownClient => "unknown_client",
            Self::WrongSecret => "wrong_secret",
            Self::TwoMethods => "two_authentication_methods",
            Self::RepeatedHeader => "authorization_repeated",
            Self::DifferentIds => "different_client_ids",
            Self::AssertionUnsupported => "assertion_unsupported",
        }
    }
}

/// No client: its own fault, or nobody's, for the store could not be asked.
pub(super) enum NotAuthenticated {
    Fault(AuthenticationFault),
    Unread(Unread),
}

impl From<AuthenticationFault> for NotAuthenticated {
    fn from(fault: AuthenticationFault) -> Self {
        Self::Fault(fault)
    }
}

/// What a client says it is, and its proof.
struct Credentials<'r> {
    id: Cow<'r, str>,
    secret: Cow<'r, str>,
}

/// The client that sent the request. What it may do is another question: it may be disabled.
pub(super) async fn authenticate(
    issuer: &Issuer,
    headers: &HeaderMap,
    form: &TokenForm<'_>,
) -> Result<Arc<Client>, NotAuthenticated> {
    let mut decoded = Zeroizing::new(Vec::new());
    let credentials = credentials(headers, form, &mut decoded)?;
    let secret = ClientSecret::parse(&credentials.secret, issuer.environment())
        .map_err(AuthenticationFault::Secret)?;
    let client = match credentials.id.parse::<ClientId>() {
        Ok(id) => issuer.client(&id).await.map_err(NotAuthenticated::Unread)?,
        Err(_) => None,
    };
    let Some(client) = client else {
        // The same digest as for a client that is known. That the store was asked may still show in time: ids are no
        // secrets (docs/THREATS.md).
        let digest = secret.digest(issuer.hasher());
        std::hint::black_box(digest.ct_eq(&[0; 32]));
        return Err(AuthenticationFault::UnknownClient.into());
    };
    match client.authenticate(&secret, issuer.hasher()) {
        Some(_) => Ok(client),
        None => Err(AuthenticationFault::WrongSecret.into()),
    }
}

fn credentials<'r>(
    headers: &HeaderMap,
    form: &'r TokenForm<'_>,
    decoded: &'r mut Zeroizing<Vec<u8>>,
) -> Result<Credentials<'r>, AuthenticationFault> {
    let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
    let authorization = authorizations.next();
    if authorizations.next().is_some() {
        return Err(AuthenticationFault::RepeatedHeader);
    }
    let proofs = [authorization.is_some(), form.client_secret.is_some(), form.client_assertion.is_some()];
    if proofs.iter().filter(|there| **there).count() > 1 {
        return Err(AuthenticationFault::TwoMethods);
    }
    if form.client_assertion.is_some() {
        return Err(AuthenticationFault::AssertionUnsupported);
    }
    if let Some(authorization) = authorization {
        let basic = basic(authorization.as_bytes(), decoded)?;
        if form.client_id.as_ref().is_some_and(|id| *id != basic.id) {
            return Err(AuthenticationFault::DifferentIds);
        }
        return Ok(basic);
    }
    match (&form.client_id, &form.client_secret) {
        (Some(id), Some(secret)) => Ok(Credentials { id: Cow::Borrowed(id), secret: Cow::Borrowed(secret) }),
        _ => Err(AuthenticationFault::NoCredentials),
    }
}

fn basic<'r>(
    header: &[u8],
    decoded: &'r mut Zeroizing<Vec<u8>>,
) -> Result<Credentials<'r>, AuthenticationFault> {
    let scheme = header.get(..6).ok_or(AuthenticationFault::Scheme)?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return Err(AuthenticationFault::Scheme);
    }
    let malformed = AuthenticationFault::BasicMalformed;
    let encoded = header.get(6..).unwrap_or_default().trim_ascii();
    // Enough room at once: growing would leave a copy of the secret behind.
    decoded.reserve_exact(encoded.len());
    if BASE64.decode_vec(encoded, decoded).is_err() {
        return Err(malformed);
    }
    let Some(colon) = decoded.iter().position(|byte| *byte == b':') else { return Err(malformed) };
    let (id, secret) =
        (decoded.get(..colon).unwrap_or_default(), decoded.get(colon + 1..).unwrap_or_default());
    // RFC 6749 section 2.3.1: both are form-encoded. Ids and secrets of ours look the same either way.
    match (form::decode(id), form::decode(secret)) {
        (Ok(id), Ok(secret)) => Ok(Credentials { id, secret }),
        _ => Err(malformed),
    }
}
