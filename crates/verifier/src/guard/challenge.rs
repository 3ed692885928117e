//! What a route tells callers that it turns away.

use chancery_token::Scope;
use http::HeaderValue;
use std::sync::Arc;

use super::credentials::Scheme;
use super::refusal::RefusedScopes;
use super::resource::MetadataLocation;
use crate::verifier::Verifier;

/// Whether refusals name the scopes that a route needs (rule ).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScopeDisclosure {
    /// Name them, with a link to their documentation: who holds a token can ask for the right one.
    #[default]
    Tell,
    /// Keep them to the log; the metadata does not list scopes either.
    Hide,
}

/// The `WWW-Authenticate` of one route, and what goes with it into the body.
#[derive(Clone, Debug)]
pub(super) struct Challenge {
    /// `resource_metadata="…"` or `realm="…"`: RFC 6750 section 3 wants one parameter at least.
    pointer: Arc<str>,
    scope_reference: Arc<str>,
    disclosure: ScopeDisclosure,
    schemes: &'static [Scheme],
    demanded: Arc<[Scope]>,
}

/// What a 403 says about scopes.
#[derive(Debug, serde::Serialize)]
pub(super) struct ScopeDetails<'r> {
    required: &'r [Scope],
    missing: &'r [Scope],
    documentation: String,
}

impl ScopeDetails<'_> {
    pub(super) fn owned(&self) -> RefusedScopes {
        let Self { required, missing, documentation } = self;
        RefusedScopes {
            required: required.to_vec(),
            missing: missing.to_vec(),
            documentation: documentation.clone(),
        }
    }
}

impl Challenge {
    /// The challenge of a service whose routes demand nothing yet.
    pub(super) fn new(verifier: &Verifier, metadata: Option<&MetadataLocation>) -> Self {
        let pointer = match metadata {
            Some(location) => format!("resource_metadata={}", quoted(&location.url)),
            None => format!("realm={}", quoted(verifier.audience())),
        };
        Self {
            pointer: pointer.into(),
            scope_reference: verifier.scope_reference_page().into(),
            disclosure: verifier.disclosure(),
            schemes: &[Scheme::Bearer],
            demanded: Arc::from([]),
        }
    }

    pub(super) fn demanding(&self, demanded: Arc<[Scope]>) -> Self {
        Self { demanded, ..self.clone() }
    }

    /// The same, for a service that takes tokens under these schemes, at least one.
    #[cfg(feature = "dpop")]
    pub(super) fn taking(self, schemes: &'static [Scheme]) -> Self {
        Self { schemes, ..self }
    }

    pub(super) fn schemes(&self) -> &'static [Scheme] {
        self.schemes
    }

    pub(super) fn demanded(&self) -> &Arc<[Scope]> {
        &self.demanded
    }

    /// For a caller without a token: where to get one, and for what; no `error` (RFC 6750 section 3.1). One for each scheme.
    pub(super) fn invitations(&self) -> Vec<HeaderValue> {
        self.schemes.iter().map(|scheme| self.header(*scheme, &self.scope())).collect()
    }

    /// For a token without the scope: everything the route needs, so that the next token is enough.
    pub(super) fn step_up(&self, scheme: Scheme, error: &str, description: &str) -> HeaderValue {
        self.header(scheme, &format!("{}{}", parameters(error, description), self.scope()))
    }

    /// For whatever else was wrong with the credentials.
    pub(super) fn complaint(&self, scheme: Scheme, error: &str, description: &str) -> HeaderValue {
        self.header(scheme, &parameters(error, description))
    }

    fn scope(&self) -> String {
        match self.disclosure {
            ScopeDisclosure::Tell => {
                let scopes: Vec<&str> = self.demanded.iter().map(Scope::as_str).collect();
                format!(", scope={}", quoted(&scopes.join(" ")))
            }
            ScopeDisclosure::Hide => String::new(),
        }
    }

    /// Under `scheme`, or the one that is taken instead.
    fn header(&self, scheme: Scheme, parameters: &str) -> HeaderValue {
        let scheme =
            if self.schemes.contains(&scheme) { Some(scheme) } else { self.schemes.first().copied() };
        let scheme = scheme.unwrap_or(Scheme::Bearer);
        value(format!("{} {}{parameters}{}", scheme.as_str(), self.pointer, algs(scheme)))
    }

    pub(super) fn scope_details<'r>(&'r self, missing: &'r [Scope]) -> Option<ScopeDetails<'r>> {
        match self.disclosure {
            ScopeDisclosure::Hide => None,
            ScopeDisclosure::Tell => Some(ScopeDetails {
                required: &self.demanded,
                missing,
                documentation: missing.first().map_or_else(
                    || self.scope_reference.to_string(),
                    |scope| format!("{}#{scope}", self.scope_reference),
                ),
            }),
        }
    }
}

/// What proofs may be signed with (RFC 9449 section 7.1).
fn algs(scheme: Scheme) -> String {
    match scheme {
        Scheme::Bearer => String::new(),
        #[cfg(feature = "dpop")]
        Scheme::Dpop => format!(", algs={}", quoted(&super::dpop::ALGS.join(" "))),
        #[cfg(not(feature = "dpop"))]
        Scheme::Dpop => String::new(),
    }
}

fn parameters(error: &str, description: &str) -> String {
    format!(", error={}, error_description={}", quoted(error), quoted(description))
}

/// A quoted-string (RFC 9110 section 5.6.4) of what RFC 6750 section 3 allows in one: visible ASCII and spaces,
/// without `"` and `\`. Anything else becomes `?`, so that no text can end the string or the header.
fn quoted(text: &str) -> String {
    let safe = |c: char| if matches!(c, ' '..='~') && c != '"' && c != '\\' { c } else { '?' };
    let body: String = text.chars().map(safe).collect();
    format!("\"{body}\"")
}

/// `quoted` leaves nothing that a header value cannot hold; if it did, the bare scheme is still a challenge.
fn value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Revocation;

    fn challenge(audience: &str) -> Challenge {
        let verifier =
            Verifier::new("https://auth.example.com", audience, Revocation::Ignore { reason: "a test" });
        Challenge::new(&verifier.unwrap(), MetadataLocation::of_audience(audience).as_ref())
    }

    #[test]
    fn nothing_that_is_quoted_can_end_the_header() {
        let hostile = "a\" , error=\"x\\\r\nSet-Cookie: a=b\u{e9}\0";
        let header = challenge(hostile).complaint(Scheme::Bearer, "invalid_token", hostile);
        let safe = "a? , error=?x???Set-Cookie: a=b??";
        let expected =
            format!("Bearer realm=\"{safe}\", error=\"invalid_token\", error_description=\"{safe}\"");
        assert_eq!(header.to_str().unwrap(), expected);
    }

    #[test]
    fn an_audience_that_is_a_url_points_to_its_metadata() {
        let challenge = challenge("https://api.example.com")
            .demanding([crate::scope!("a:b"), crate::scope!("c:d")].into());
        assert_eq!(
            challenge.invitations(),
            [
                "Bearer resource_metadata=\"https://api.example.com/.well-known/oauth-protected-resource\", scope=\"a:b c:d\""
            ]
        );
    }
}
