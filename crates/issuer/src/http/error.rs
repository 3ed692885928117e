//! The one place where a fault gets a status. Every fault is named: nothing falls through to a default.

use super::body::BodyFault;
use super::client_authentication::{AuthenticationFault, NotAuthenticated};
use super::dpop::DpopFault;
use super::exchange_fault::ExchangeFault;
use super::form::FormFault;
use crate::family::{RefreshRefusal, Refused};
use crate::grant::exchange::ExchangeRefusal;
use crate::grant::{GrantRefusal, RefusedScope};
use crate::issuer::{NotRefreshed, Unread};
use crate::revocation::revoke::{RevokedTooOften, TokenOfAnotherClient};
use crate::revocation::{AppendFault, Blind, LogFault};
use crate::store::StoreFault;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_token::TokenTooLarge;
use std::borrow::Cow;

/// After this many seconds a client may try again: the store's writers and the followers act in less.
pub(super) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

const CHALLENGE: HeaderValue = HeaderValue::from_static("Basic realm=\"chancery\", charset=\"UTF-8\"");

/// What whoever guesses is told, whatever was wrong.
const AUTHENTICATION_FAILED: &str = "client_authentication_failed";

/// Why there is no token, or nothing is said or done about one.
pub(super) enum Refusal {
    /// Another method than POST.
    Method,
    /// Parameters in the URI, where secrets end up in logs (RFC 6749 section 2.3.1).
    Query,
    Body(BodyFault),
    Form(FormFault),
    NoGrantType,
    UnsupportedGrantType,
    /// No token to revoke or introspect.
    NoToken,
    /// The token to revoke is not the caller's.
    AnotherClients(TokenOfAnotherClient),
    /// The refresh token to revoke is not the caller's.
    AnotherClientsFamily,
    /// The caller revoked so much that it has to wait.
    TooOften(RevokedTooOften),
    Authentication(AuthenticationFault),
    /// A proof of a key is not taken, or missing.
    Dpop(DpopFault),
    Grant(GrantRefusal),
    /// A token is not exchanged.
    Exchange(ExchangeFault),
    /// A family does not go on, or none begins.
    Refresh(RefreshRefusal),
    TooLarge(TokenTooLarge),
    Store(StoreFault),
    /// The store took longer than a request may.
    StoreTimedOut,
    /// The end of the revocation log was not seen for too long.
    Blind(Blind),
    /// The revocation log cannot be appended to, or looked at.
    Log(AppendFault),
    /// More requests at once than are worked on.
    Overloaded,
}

impl From<NotAuthenticated> for Refusal {
    fn from(fault: NotAuthenticated) -> Self {
        match fault {
            NotAuthenticated::Fault(fault) => Self::Authentication(fault),
            NotAuthenticated::Unread(unread) => unread.into(),
        }
    }
}

impl From<Unread> for Refusal {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Store(fault) => Self::Store(fault),
            Unread::TimedOut => Self::StoreTimedOut,
            Unread::TooMany => Self::Overloaded,
        }
    }
}

impl From<RefreshRefusal> for Refusal {
    fn from(why: RefreshRefusal) -> Self {
        Self::Refresh(why)
    }
}

impl From<NotRefreshed> for Refusal {
    fn from(why: NotRefreshed) -> Self {
        match why {
            NotRefreshed::Refused(why) => why.into(),
            NotRefreshed::Unread(unread) => unread.into(),
        }
    }
}

impl From<ExchangeFault> for Refusal {
    fn from(fault: ExchangeFault) -> Self {
        match fault {
            ExchangeFault::Refused(ExchangeRefusal::Grant(refusal)) => Self::Grant(refusal),
            other => Self::Exchange(other),
        }
    }
}

impl From<DpopFault> for Refusal {
    fn from(fault: DpopFault) -> Self {
        Self::Dpop(fault)
    }
}

/// What the caller is told.
struct Told {
    status: StatusCode,
    /// The code of RFC 6749 section 5.2 or RFC 8707 section 2.
    error: &'static str,
    /// Ours, stable, one per remedy.
    reason: &'static str,
    description: Cow<'static, str>,
}

impl Refusal {
    /// For logs and metrics. Differs from what the caller is told where that would help somebody who guesses.
    pub(super) const fn logged_reason(&self) -> &'static str {
        match self {
            Self::Method => "method_not_allowed",
            Self::Query => "parameters_in_query",
            Self::Body(fault) => fault.reason(),
            Self::Form(fault) => fault.reason(),
            Self::NoGrantType => "grant_type_missing",
            Self::UnsupportedGrantType => "grant_type_unsupported",
            Self::NoToken => "token_parameter_missing",
            Self::AnotherClients(why) => why.reason(),
            Self::AnotherClientsFamily => "token_of_another_client",
            Self::TooOften(why) => why.reason(),
            Self::Authentication(fault) => fault.reason(),
            Self::Dpop(fault) => fault.reason(),
            Self::Grant(refusal) => refusal.reason(),
            Self::Exchange(fault) => fault.logged_reason(),
            Self::Refresh(why) => why.reason(),
            Self::TooLarge(_) => "token_too_large",
            // The setting to mend is told to administrators, and stands in the log.
            Self::Store(fault @ StoreFault::NotDurable { .. })
            | Self::Log(AppendFault::Log(LogFault::Store(fault @ StoreFault::NotDurable { .. }))) => {
                fault.reason()
            }
            Self::Store(_) | Self::Log(AppendFault::Log(LogFault::Store(_))) => "store_unavailable",
            Self::StoreTimedOut => "store_timed_out",
            Self::Blind(blind) => blind.reason(),
            Self::Log(fault) => fault.reason(),
            Self::Overloaded => "overloaded",
        }
    }

    /// For metrics, which whoever reaches the issuer may read: whether a client exists does not show in them
    /// either (rule ).
    pub(super) const fn counted_reason(&self) -> &'static str {
        match self {
            Self::Authentication(fault) if fault.tells_of_a_client() => AUTHENTICATION_FAILED,
            other => other.logged_reason(),
        }
    }

    /// Details for the log alone, where the fault is ours.
    pub(super) fn logged_detail(&self) -> Option<String> {
        match self {
            Self::Store(fault) => Some(fault.to_string()),
            Self::Blind(blind) => Some(blind.to_string()),
            Self::Log(fault) => Some(fault.to_string()),
            Self::Dpop(fault) => Some(fault.to_string()),
            Self::Exchange(fault) => fault.logged_detail(),
            Self::Method
            | Self::Query
            | Self::Body(_)
            | Self::Form(_)
            | Self::NoGrantType
            | Self::UnsupportedGrantType
            | Self::NoToken
            | Self::AnotherClients(_)
            | Self::AnotherClientsFamily
            | Self::TooOften(_)
            | Self::Authentication(_)
            | Self::Grant(_)
            | Self::Refresh(_)
            | Self::TooLarge(_)
            | Self::StoreTimedOut
            | Self::Overloaded => None,
        }
    }

    /// Whether the caller is to blame. If not, the same request may succeed later.
    pub(super) const fn is_permanent(&self) -> bool {
        !matches!(
            self,
            Self::Store(_) | Self::StoreTimedOut | Self::Blind(_) | Self::Log(_) | Self::Overloaded
        )
    }

    fn told(&self) -> Told {
        let bad = StatusCode::BAD_REQUEST;
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        let (status, error, description): (_, _, Cow<'static, str>) = match self {
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "invalid_request",
                "requests to this endpoint are sent with POST".into(),
            ),
            Self::Query => (
                bad,
                "invalid_request",
                "parameters stand in the URI; send them in the body, where they are not logged".into(),
            ),
            Self::Body(BodyFault::TimedOut) => {
                (StatusCode::REQUEST_TIMEOUT, "invalid_request", BodyFault::TimedOut.to_string().into())
            }
            Self::Body(
                fault @ (BodyFault::TooLarge { .. } | BodyFault::BrokenOff | BodyFault::ContentType),
            ) => (bad, "invalid_request", fault.to_string().into()),
            Self::Form(fault @ FormFault::SeveralResources) => {
                (bad, "invalid_target", fault.to_string().into())
            }
            Self::Form(
                fault @ (FormFault::Encoding
                | FormFault::NotUtf8
                | FormFault::Repeated { .. }
                | FormFault::TooManyParameters),
            ) => (bad, "invalid_request", fault.to_string().into()),
            Self::NoGrantType => {
                (bad, "invalid_request", "grant_type is missing; send grant_type=client_credentials, or refresh_token where you hold one".into())
            }
            Self::UnsupportedGrantType => (
                bad,
                "unsupported_grant_type",
                "this grant_type is not served; the metadata lists those that are, as grant_types_supported".into(),
            ),
            Self::NoToken => (bad, "invalid_request", "token is missing; send token=... in the body".into()),
            Self::AnotherClients(why) => (bad, "unauthorized_client", why.to_string().into()),
            Self::AnotherClientsFamily => (
                bad,
                "unauthorized_client",
                "the refresh token was not issued to this client by this issuer; revoke it as the client that has it, or \
                 ask an administrator"
                    .into(),
            ),
            Self::TooOften(why) => {
                (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", why.to_string().into())
            }
            Self::Authentication(fault) => return told_of_authentication(fault),
            Self::Dpop(fault) => (bad, fault.error(), fault.to_string().into()),
            Self::Grant(refusal) => told_of_grant(refusal),
            Self::Exchange(fault) => {
                let (error, reason) = (fault.error(), fault.reason());
                return Told { status: bad, error, reason, description: fault.to_string().into() };
            }
            Self::Refresh(why) => {
                let is_for_now = matches!(why, RefreshRefusal::Refused(Refused::TooOften { .. }));
                let status = if is_for_now { StatusCode::TOO_MANY_REQUESTS } else { bad };
                (status, why.error(), why.to_string().into())
            }
            Self::TooLarge(fault) => (bad, "invalid_scope", fault.to_string().into()),
            Self::Store(_) | Self::StoreTimedOut | Self::Blind(_) | Self::Overloaded => (
                unavailable,
                "temporarily_unavailable",
                "the issuer cannot decide just now; try again later".into(),
            ),
            Self::Log(_) => (
                unavailable,
                "temporarily_unavailable",
                "the revocation log cannot be used just now, so nothing is known of the token; try again later"
                    .into(),
            ),
        };
        Told { status, error, reason: self.logged_reason(), description }
    }

    /// The answer of the token endpoint.
    pub(super) fn answer(&self, scopes_page: &str) -> Response {
        let told = self.told();
        let refused = if let Self::Grant(GrantRefusal::ScopesRefused { refused }) = self {
            Some(refused.as_slice())
        } else {
            None
        };
        let body = Body {
            error: told.error,
            error_description: &plain(&told.description),
            error_uri: refused.map(|_| scopes_page),
            reason: told.reason,
            refused_scopes: refused,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (told.status, super::NO_STORE, super::JSON, body).into_response();
        let headers = response.headers_mut();
        if told.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
        }
        if told.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        if let Self::Refresh(RefreshRefusal::Refused(Refused::TooOften { after })) = self {
            headers.insert(header::RETRY_AFTER, after.as_secs().into());
        }
        if let Self::TooOften(why) = self {
            headers.insert(header::RETRY_AFTER, why.wait.as_secs().into());
        }
        if told.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}

/// RFC 6749 section 5.2: `invalid_client` is 401 with a challenge, whatever mechanism was used.
fn told_of_authentication(fault: &AuthenticationFault) -> Told {
    let invalid_client = |reason, description: Cow<'static, str>| Told {
        status: StatusCode::UNAUTHORIZED,
        error: "invalid_client",
        reason,
        description,
    };
    match fault {
        AuthenticationFault::NoCredentials => invalid_client(
            "no_credentials",
            "the request holds no client credentials; send client_id and client_secret, HTTP Basic or a \
             client_assertion"
                .into(),
        ),
        AuthenticationFault::Scheme => {
            invalid_client("authorization_scheme", "the authorization scheme is not Basic; use Basic".into())
        }
        AuthenticationFault::Assertion(_) | AuthenticationFault::Replayed => {
            invalid_client(fault.reason(), fault.to_string().into())
        }
        AuthenticationFault::BasicMalformed
        | AuthenticationFault::Secret(_)
        | AuthenticationFault::UnknownClient
        | AuthenticationFault::WrongSecret
        | AuthenticationFault::OtherMethod
        | AuthenticationFault::Unproven(_) => invalid_client(
            AUTHENTICATION_FAILED,
            "client id and secret, or client assertion, do not belong together; check both, and that they are \
             registered with this issuer"
                .into(),
        ),
        AuthenticationFault::TwoMethods
        | AuthenticationFault::RepeatedHeader
        | AuthenticationFault::DifferentIds => Told {
            status: StatusCode::BAD_REQUEST,
            error: "invalid_request",
            reason: fault.reason(),
            description: fault.to_string().into(),
        },
    }
}

fn told_of_grant(refusal: &GrantRefusal) -> (StatusCode, &'static str, Cow<'static, str>) {
    let bad = StatusCode::BAD_REQUEST;
    let said = || Cow::Owned(refusal.to_string());
    match refusal {
        GrantRefusal::Client(crate::client::Unusable::Disabled { .. }) => {
            (StatusCode::UNAUTHORIZED, "invalid_client", "the client is disabled; ask its owner".into())
        }
        GrantRefusal::Client(crate::client::Unusable::Expired { .. }) => {
            (StatusCode::UNAUTHORIZED, "invalid_client", said())
        }
        GrantRefusal::ResourceNotGranted { .. } | GrantRefusal::ResourceRequired { .. } => {
            (bad, "invalid_target", said())
        }
        GrantRefusal::NothingGranted
        | GrantRefusal::ScopesRefused { .. }
        | GrantRefusal::ScopesSpanResources
        | GrantRefusal::ScopeRequired
        | GrantRefusal::TooManyScopes { .. }
        | GrantRefusal::AdminScopeMixed { .. }
        | GrantRefusal::BoundUndeclared { .. }
        | GrantRefusal::BoundsContradict { .. } => (bad, "invalid_scope", said()),
        GrantRefusal::TenantRequired { .. } | GrantRefusal::TenantNotAllowed => {
            (bad, "invalid_request", said())
        }
    }
}

#[derive(serde::Serialize)]
struct Body<'a> {
    error: &'static str,
    error_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_uri: Option<&'a str>,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused_scopes: Option<&'a [RefusedScope]>,
}

/// Keeps a text to the characters of RFC 6749 section 5.2: ASCII without control characters, `"` and `\`.
fn plain(text: &str) -> String {
    let legal = |c: char| match c {
        '"' => '\'',
        ' '..='~' if c != '\\' => c,
        _ => '?',
    };
    text.chars().map(legal).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_2_7_a_client_learns_that_the_store_would_keep_nothing_and_not_what_is_to_be_set() {
        let fault = StoreFault::NotDurable { demand: "run CONFIG SET appendfsync always".to_owned() };
        let log = AppendFault::Log(LogFault::Store(fault.clone()));
        for refusal in [Refusal::Store(fault.clone()), Refusal::Log(log)] {
            assert_eq!((refusal.logged_reason(), refusal.is_permanent()), ("store_not_durable", false));
            assert_eq!(refusal.logged_detail(), Some(fault.to_string()));
            assert!(!refusal.told().description.contains("CONFIG"));
            let response = refusal.answer("https://auth.example.com/scopes");
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers().get(header::RETRY_AFTER), Some(&RETRY_AFTER));
        }
    }

    #[test]
    fn a_description_keeps_to_the_characters_of_rfc_6749() {
        let text = plain("it's \"quoted\" \\ ü\n\u{7f}");
        assert_eq!(text, "it's 'quoted' ? ???");
        assert!(text.bytes().all(|b| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)));
    }
}
