//! How a follower makes itself known to the issuer, which can then say who has applied a revocation.

use super::address::Address;
use chancery_token::ClientId;
use reqwest::RequestBuilder;
use std::fmt;
use std::sync::Arc;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// The longest name, in characters.
pub const MAX_NAME_CHARS: usize = 64;
/// The header that carries the name.
const HEADER: &str = "Chancery-Verifier";

/// What one verifier is called among those of its client: a host and a port, a pod. Visible ASCII, at most
/// [`MAX_NAME_CHARS`] characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierName(Arc<str>);

/// The text is no name of a verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a verifier's name has 1 to {MAX_NAME_CHARS} characters of visible ASCII, and no space")]
pub struct InvalidVerifierName;

impl VerifierName {
    /// Takes a name.
    pub fn parse(text: &str) -> Result<Self, InvalidVerifierName> {
        let is_name =
            (1..=MAX_NAME_CHARS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if is_name { Ok(Self(text.into())) } else { Err(InvalidVerifierName) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A client of the issuer, and its secret. The secret is wiped from memory when it is dropped, and never printed.
#[derive(Clone)]
pub struct Credentials {
    client_id: ClientId,
    secret: Zeroizing<String>,
}

impl Credentials {
    /// Takes a secret over. Read it from a file: the environment and the command line are shown to others.
    pub fn new(client_id: ClientId, secret: impl Into<String>) -> Self {
        Self { client_id, secret: Zeroizing::new(secret.into()) }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("client_id", &self.client_id).field("secret", &"***").finish()
    }
}

/// Who is told the name, and shown the credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShownTo {
    /// Whoever is on the issuer's own origin.
    #[default]
    IssuerAlone,
    /// Every place that is asked for the log, wherever it is: for several issuers behind addresses of their own. A relay
    /// or a cache among them would learn the secret.
    EveryPlace,
}

/// Which verifier this is. With credentials the issuer counts it by its name, and says in its receipts how far it has
/// applied the log. What the verifier is told does not depend on it.
#[derive(Clone, Debug)]
pub struct Introduction {
    name: VerifierName,
    credentials: Option<Credentials>,
    shown_to: ShownTo,
}

impl Introduction {
    /// The name alone: the issuer believes no name, and counts the verifier as one of the anonymous.
    pub fn new(name: VerifierName) -> Self {
        Self { name, credentials: None, shown_to: ShownTo::default() }
    }

    /// The client that the verifier belongs to. Two verifiers of one client have two names.
    pub fn credentials(self, credentials: Credentials) -> Self {
        Self { credentials: Some(credentials), ..self }
    }

    /// Who is told; [`ShownTo::IssuerAlone`] unless said otherwise.
    pub fn shown_to(self, shown_to: ShownTo) -> Self {
        Self { shown_to, ..self }
    }

    pub(super) fn is_shown_at(&self, at: &Address, issuer: &str) -> bool {
        match self.shown_to {
            ShownTo::EveryPlace => true,
            ShownTo::IssuerAlone => {
                Address::parse(issuer).is_ok_and(|issuer| issuer.url().origin() == at.url().origin())
            }
        }
    }

    pub(super) fn has_credentials(&self) -> bool {
        self.credentials.is_some()
    }

    /// Writes it on a question (RFC 6749 section 2.3.1 has ids and secrets encoded as in forms).
    pub(super) fn written_on(&self, question: RequestBuilder) -> RequestBuilder {
        let question = question.header(HEADER, self.name.as_str());
        let Some(Credentials { client_id, secret }) = &self.credentials else { return question };
        let id: String = byte_serialize(client_id.as_str().as_bytes()).collect();
        let secret = Zeroizing::new(byte_serialize(secret.as_bytes()).collect::<String>());
        question.basic_auth(id, Some(&*secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_visible_ascii_and_short() {
        for good in ["a", "10.0.0.7:8443", "documint-7c9f/2", &"n".repeat(64)] {
            assert_eq!(VerifierName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "two words", "tab\t", "\u{e9}", "a\r\nb", &"n".repeat(65)] {
            assert_eq!(VerifierName::parse(bad), Err(InvalidVerifierName), "{bad:?}");
        }
    }

    #[test]
    fn a_secret_is_not_printed() {
        let credentials = Credentials::new("invoices".parse().unwrap(), "chs_test_hunter2");
        let introduction = Introduction::new(VerifierName::parse("one").unwrap()).credentials(credentials);
        let shown = format!("{introduction:?}");
        assert!(shown.contains("invoices") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn credentials_go_to_the_issuers_origin_unless_said_otherwise() {
        let introduction = Introduction::new(VerifierName::parse("one").unwrap());
        let shown = |introduction: &Introduction, at: &str| {
            introduction.is_shown_at(&Address::parse(at).unwrap(), "https://auth.example.com/eu")
        };
        assert!(shown(&introduction, "https://auth.example.com/revocation/delta"));
        for other in
            ["https://cache.example.com/eu", "https://auth.example.com:8443/eu", "http://127.0.0.1/eu"]
        {
            assert!(!shown(&introduction, other), "{other}");
            assert!(shown(&introduction.clone().shown_to(ShownTo::EveryPlace), other), "{other}");
        }
    }
}
