//! What is asked for.

use chancery_token::{Scope, TenantId};
use std::collections::BTreeSet;
use url::form_urlencoded::Serializer;

/// What a token is to be good for. Requests that are equal share one token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TokenRequest {
    scopes: BTreeSet<Scope>,
    resource: Option<String>,
    tenant: Option<TenantId>,
}

impl TokenRequest {
    /// Asks for whatever the client gets when it names nothing: its scopes of risk `read`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for one more scope (RFC 6749 section 3.3).
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scopes.insert(scope);
        self
    }

    /// Asks for more scopes.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.scopes.extend(scopes);
        self
    }

    /// Names the resource server, the audience of the token (RFC 8707 section 2).
    pub fn resource(self, resource: impl Into<String>) -> Self {
        Self { resource: Some(resource.into()), ..self }
    }

    /// Names the tenant, for a client that has several.
    pub fn tenant(self, tenant: TenantId) -> Self {
        Self { tenant: Some(tenant), ..self }
    }

    /// The same for other scopes.
    #[cfg(unix)]
    pub(crate) fn narrowed(&self, scopes: BTreeSet<Scope>) -> Self {
        Self { scopes, ..self.clone() }
    }

    /// What was named: scopes, resource and tenant.
    pub(crate) fn parts(&self) -> (&BTreeSet<Scope>, Option<&str>, Option<&TenantId>) {
        (&self.scopes, self.resource.as_deref(), self.tenant.as_ref())
    }

    /// The body of the request. It holds no secret: those go into the `Authorization` header.
    pub(crate) fn body(&self) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !self.scopes.is_empty() {
            let scopes: Vec<&str> = self.scopes.iter().map(Scope::as_str).collect();
            form.append_pair("scope", &scopes.join(" "));
        }
        if let Some(resource) = &self.resource {
            form.append_pair("resource", resource);
        }
        if let Some(tenant) = &self.tenant {
            form.append_pair("tenant", tenant.as_str());
        }
        form.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_token::scope;

    #[test]
    fn the_order_of_scopes_makes_no_other_request() {
        let one = TokenRequest::new().scope(scope!("a:b")).scope(scope!("c:d"));
        let other = TokenRequest::new().scopes([scope!("c:d"), scope!("a:b"), scope!("a:b")]);
        assert_eq!(one, other);
        assert_eq!(one.body(), "grant_type=client_credentials&scope=a%3Ab+c%3Ad");
    }

    #[test]
    fn resource_and_tenant_are_form_encoded() {
        let request =
            TokenRequest::new().resource("https://a.example/?x=1&y").tenant("acme".parse().unwrap());
        assert_eq!(
            request.body(),
            "grant_type=client_credentials&resource=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y&tenant=acme"
        );
    }
}
