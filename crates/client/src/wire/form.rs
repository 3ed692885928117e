//! What is asked of a token endpoint (RFC 6749 section 4.4 and 6, RFC 8693 section 2.1).

use crate::request::TokenRequest;
use chancery_token::Scope;
use std::collections::BTreeSet;
use std::time::Duration;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// Room for a token and an assertion, so that no half of them stays behind when a form grows.
const CAPACITY: usize = 20 * 1024;

/// RFC 8693 section 2.1.
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// RFC 8693 section 3.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// RFC 7523 section 2.2.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// By what right a token is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Grant<'g> {
    /// The client's own.
    ClientCredentials(&'g TokenRequest),
    /// That of a session that goes on.
    RefreshToken(&'g str),
    /// A part of what another token may, and a session of its own.
    Delegate {
        subject_token: &'g str,
        scopes: &'g BTreeSet<Scope>,
        /// The end of that session; whole seconds count.
        ttl: Option<Duration>,
    },
}

impl Grant<'_> {
    pub(super) fn form(&self) -> Form {
        let mut form = Form::new();
        match self {
            Self::ClientCredentials(request) => form.text.push_str(&request.body()),
            Self::RefreshToken(token) => {
                form.pair("grant_type", "refresh_token");
                form.token("refresh_token", token);
            }
            Self::Delegate { subject_token, scopes, ttl } => {
                form.pair("grant_type", TOKEN_EXCHANGE);
                form.token("subject_token", subject_token);
                form.pair("subject_token_type", ACCESS_TOKEN);
                if !scopes.is_empty() {
                    let scopes: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
                    form.pair("scope", &scopes.join(" "));
                }
                form.pair("delegate", "true");
                if let Some(ttl) = ttl {
                    form.pair("delegate_expires_in", &ttl.as_secs().max(1).to_string());
                }
            }
        }
        form
    }
}

/// A form with secrets in it.
pub(super) struct Form {
    pub(super) text: Zeroizing<String>,
    /// The token that is in it, if there is one.
    pub(super) token: Option<Zeroizing<String>>,
}

impl Form {
    pub(super) fn new() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(CAPACITY)), token: None }
    }

    pub(super) fn pair(&mut self, name: &str, value: &str) {
        if !self.text.is_empty() {
            self.text.push('&');
        }
        self.text.extend(byte_serialize(name.as_bytes()));
        self.text.push('=');
        self.text.extend(byte_serialize(value.as_bytes()));
    }

    pub(super) fn token(&mut self, name: &str, token: &str) {
        self.pair(name, token);
        self.token = Some(Zeroizing::new(token.to_owned()));
    }

    /// How a client shows who it is that signs.
    pub(super) fn assertion(&mut self, assertion: &str) {
        self.pair("client_assertion_type", JWT_BEARER);
        self.pair("client_assertion", assertion);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_token::scope;

    fn form(grant: &Grant<'_>) -> String {
        grant.form().text.to_string()
    }

    #[test]
    fn each_grant_says_what_it_is() {
        let request = TokenRequest::new().scope(scope!("a:b")).resource("https://a.example/?x&y");
        assert_eq!(
            form(&Grant::ClientCredentials(&request)),
            "grant_type=client_credentials&scope=a%3Ab&resource=https%3A%2F%2Fa.example%2F%3Fx%26y"
        );
        assert_eq!(form(&Grant::RefreshToken("chr+x")), "grant_type=refresh_token&refresh_token=chr%2Bx");
        let delegated =
            |scopes: &BTreeSet<Scope>, ttl| form(&Grant::Delegate { subject_token: "t", scopes, ttl });
        let start = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=t\
                     &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token";
        assert_eq!(delegated(&BTreeSet::new(), None), format!("{start}&delegate=true"));
        assert_eq!(
            delegated(&BTreeSet::from([scope!("c:d"), scope!("a:b")]), Some(Duration::from_millis(300))),
            format!("{start}&scope=a%3Ab+c%3Ad&delegate=true&delegate_expires_in=1")
        );
    }
}
