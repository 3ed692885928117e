//! A client that signs who it is: `private_key_jwt` (RFC 7521 section 4.2, RFC 7523 section 2.2).

use super::client_authentication::{AuthenticationFault, NotAuthenticated, PresentedAssertion, registered};
use crate::assertion::{Assertion, NotAnAssertion};
use crate::client::{Authentication, Client};
use crate::issuer::Issuer;
use std::sync::Arc;

/// `client_assertion_type` (RFC 7523 section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client that signed `presented`. What is wrong with the text itself shows before anybody is asked for; that it is
/// used for the first time is asked last, so that nobody but the client uses up its names.
pub(super) async fn by_assertion(
    issuer: &Issuer,
    presented: &PresentedAssertion<'_>,
) -> Result<Arc<Client>, NotAuthenticated> {
    if presented.kind != Some(JWT_BEARER) {
        return Err(NotAnAssertion::Kind.into());
    }
    let now = issuer.now();
    let assertion = Assertion::read(presented.text, &issuer.settings().issuer, now)?;
    if presented.client_id.is_some_and(|named| named != assertion.client()) {
        return Err(AuthenticationFault::DifferentIds.into());
    }
    let client = registered(issuer, assertion.client()).await?.ok_or(AuthenticationFault::UnknownClient)?;
    if client.authentication != Authentication::PrivateKeyJwt {
        return Err(AuthenticationFault::OtherMethod.into());
    }
    let proven = assertion.verify(&client.keys)?;
    let is_first = issuer.first_use(&proven.digest(), proven.until(), now).await;
    if is_first.map_err(NotAuthenticated::Unread)? {
        Ok(client)
    } else {
        Err(AuthenticationFault::Replayed.into())
    }
}
