//! Every answer of the guard that is a refusal: the one place that knows statuses.

use super::challenge::{Challenge, ScopeDetails};
use super::credentials::{NoBearer, Scheme};
#[cfg(feature = "dpop")]
use super::dpop::ProofFault;
use super::extract::NoToken;
use crate::rejection::{Blame, Rejection};
use crate::verified::{Forbidden, Verified};
use axum::Json;
use axum::response::{IntoResponse, Response};
use chancery_token::Scope;
use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use std::borrow::Cow;

/// How long to wait without keys, or without news of revocations, in seconds: followers try again within seconds, and
/// a caller that comes back sooner only adds to the load.
const RETRY_AFTER_SECS: HeaderValue = HeaderValue::from_static("5");

/// For callers of a service that takes no other tokens.
const SEND_PROVEN: &str =
    "send a token that is bound to a key: Authorization: DPoP <token>, with a proof in the DPoP header";

/// For callers with a token that is bound to a key, of a service that looks at no proofs.
const SEND_UNBOUND: &str = "tokens that are bound to a key are not taken here; ask for one without a DPoP proof, and send it as \
                            Authorization: Bearer <token>";

/// Why a request does not get what it asked for. `Display` is evidence for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// There is no token to judge.
    #[error(transparent)]
    Credentials(NoBearer),
    /// The handler asked for a token where there is none.
    #[error(transparent)]
    Handler(NoToken),
    /// The proof that came with the token, or did not.
    #[cfg(feature = "dpop")]
    #[error(transparent)]
    Proof(ProofFault),
    /// The token is good, but not for this record.
    #[error(transparent)]
    Record(Forbidden),
    /// The token is good, and lacks a scope of the route.
    #[error("the token lacks {}", missing.iter().map(Scope::as_str).collect::<Vec<_>>().join(" and "))]
    Scope {
        /// What it lacks.
        missing: Vec<Scope>,
        /// The token.
        token: Verified,
    },
    /// The token is not accepted.
    #[error(transparent)]
    Token(Rejection),
}

/// How a refusal is answered, before the route adds its own.
struct Answer {
    status: StatusCode,
    /// An `error` of RFC 6750 section 3.1, or a word of RFC 6749 where that has none.
    error: Option<&'static str>,
    challenged: Challenged,
    description: Cow<'static, str>,
}

/// Which challenge goes with an answer.
enum Challenged {
    /// One with the error.
    Complaint,
    /// One without an error, that tells how to get in.
    Invitation,
    /// None: another token would change nothing.
    Nothing,
    /// One with the error and all scopes of the route.
    StepUp,
}

#[derive(serde::Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    reason: &'static str,
    error_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<&'static str>,
    #[serde(flatten)]
    scope: Option<ScopeDetails<'a>>,
}

/// What a refusal of the guard says, as an extension of its response: for middleware around a guarded service that
/// answers in a form of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub reason: &'static str,
    /// What the caller is told.
    pub description: Cow<'static, str>,
    /// The claim at fault, where the reason alone does not say.
    pub claim: Option<&'static str>,
    /// Which scopes would have opened the route; `None` where that was not the matter, or is not disclosed.
    pub scopes: Option<RefusedScopes>,
}

/// The scopes that a refusal was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedScopes {
    /// All that the route demands.
    pub required: Vec<Scope>,
    /// Those that the token lacks.
    pub missing: Vec<Scope>,
    /// The page that explains them.
    pub documentation: String,
}

impl Refusal {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Credentials(NoBearer::Absent) => "token_missing",
            Self::Credentials(NoBearer::Malformed) => "credentials_malformed",
            Self::Credentials(NoBearer::DpopNotTaken) => "dpop_not_taken",
            Self::Credentials(NoBearer::NotDpop) => "scheme_not_dpop",
            Self::Credentials(NoBearer::OtherScheme) => "scheme_not_bearer",
            Self::Credentials(NoBearer::Repeated { .. }) => "credentials_repeated",
            Self::Handler(no_token) => no_token.reason(),
            #[cfg(feature = "dpop")]
            Self::Proof(fault) => fault.reason(),
            Self::Record(forbidden) => forbidden.reason(),
            Self::Scope { .. } => "insufficient_scope",
            Self::Token(rejection) => rejection.reason(),
        }
    }

    /// The token that was refused, if it was a good one.
    pub(super) fn token(&self) -> Option<&Verified> {
        match self {
            Self::Scope { token, .. } => Some(token),
            #[cfg(feature = "dpop")]
            Self::Proof(_) => None,
            Self::Credentials(_) | Self::Handler(_) | Self::Record(_) | Self::Token(_) => None,
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.answer().status
    }

    fn answer(&self) -> Answer {
        let (status, error, challenged, description) = match self {
            Self::Credentials(NoBearer::Absent | NoBearer::OtherScheme) => {
                let description = "send an access token: Authorization: Bearer <token>".into();
                (StatusCode::UNAUTHORIZED, None, Challenged::Invitation, description)
            }
            Self::Credentials(NoBearer::DpopNotTaken) => {
                (StatusCode::UNAUTHORIZED, None, Challenged::Invitation, SEND_UNBOUND.into())
            }
            Self::Credentials(NoBearer::NotDpop) => {
                (StatusCode::UNAUTHORIZED, None, Challenged::Invitation, SEND_PROVEN.into())
            }
            Self::Credentials(NoBearer::Malformed | NoBearer::Repeated { .. }) => {
                let description = "send exactly one Authorization header: Bearer <token>".into();
                (StatusCode::BAD_REQUEST, Some("invalid_request"), Challenged::Complaint, description)
            }
            Self::Handler(NoToken::PublicRoute | NoToken::Unguarded) => {
                let description = "the service is put together wrongly; its log says how".into();
                (StatusCode::INTERNAL_SERVER_ERROR, Some("server_error"), Challenged::Nothing, description)
            }
            #[cfg(feature = "dpop")]
            Self::Proof(ProofFault::NoRoom) => {
                let description =
                    "no more proofs can be remembered at the moment; try again with another one";
                let status = StatusCode::SERVICE_UNAVAILABLE;
                (status, Some("temporarily_unavailable"), Challenged::Nothing, description.into())
            }
            #[cfg(feature = "dpop")]
            Self::Proof(ProofFault::NonceMissing | ProofFault::NonceStale) => {
                let description = "make the proof with the nonce of the DPoP-Nonce header".into();
                (StatusCode::UNAUTHORIZED, Some("use_dpop_nonce"), Challenged::Complaint, description)
            }
            #[cfg(feature = "dpop")]
            Self::Proof(fault) => {
                let description = format!("the DPoP proof is not accepted: {}", fault.reason()).into();
                (StatusCode::UNAUTHORIZED, Some("invalid_dpop_proof"), Challenged::Complaint, description)
            }
            Self::Record(Forbidden::OtherTenant | Forbidden::OutOfBounds { .. }) => {
                let description = "the token is not for this record".into();
                (StatusCode::FORBIDDEN, Some("access_denied"), Challenged::Nothing, description)
            }
            Self::Scope { .. } => {
                let description = "the token does not carry every scope that this needs".into();
                (StatusCode::FORBIDDEN, Some("insufficient_scope"), Challenged::StepUp, description)
            }
            Self::Token(rejection) => match rejection.blame() {
                Blame::Token => {
                    let description = format!("the token is not accepted: {}", rejection.reason()).into();
                    (StatusCode::UNAUTHORIZED, Some("invalid_token"), Challenged::Complaint, description)
                }
                Blame::Verifier => {
                    let description = match rejection {
                        Rejection::RevocationUnknown(_) => {
                            "revocation status unknown; try again with the same token"
                        }
                        _ => "tokens cannot be verified at the moment; try again with the same one",
                    }
                    .into();
                    let status = StatusCode::SERVICE_UNAVAILABLE;
                    (status, Some("temporarily_unavailable"), Challenged::Nothing, description)
                }
            },
        };
        Answer { status, error, challenged, description }
    }

    /// The claim at fault, where the reason alone does not say.
    fn claim(&self) -> Option<&'static str> {
        match self {
            Self::Token(rejection) => rejection.claim(),
            #[cfg(feature = "dpop")]
            Self::Proof(_) => None,
            Self::Credentials(_) | Self::Handler(_) | Self::Record(_) | Self::Scope { .. } => None,
        }
    }

    /// The answer at a route that demands scopes, to credentials of this scheme.
    pub(super) fn respond(&self, challenge: &Challenge, scheme: Scheme) -> Response {
        let mut answer = self.answer();
        if matches!(self, Self::Credentials(_)) && challenge.schemes() == [Scheme::Dpop] {
            answer.description = SEND_PROVEN.into();
        }
        // Who sent a bound token as Bearer is told how to send it.
        let is_unproven = matches!(self, Self::Token(Rejection::ProofRequired));
        let is_taken = challenge.schemes().contains(&Scheme::Dpop);
        let scheme = if is_unproven && is_taken { Scheme::Dpop } else { scheme };
        let (error, description) = (answer.error.unwrap_or_default(), &*answer.description);
        let header = match answer.challenged {
            Challenged::Complaint => vec![challenge.complaint(scheme, error, description)],
            Challenged::Invitation => challenge.invitations(),
            Challenged::Nothing => Vec::new(),
            Challenged::StepUp => vec![challenge.step_up(scheme, error, description)],
        };
        let details = match self {
            Self::Scope { missing, .. } => challenge.scope_details(missing),
            #[cfg(feature = "dpop")]
            Self::Proof(_) => None,
            Self::Credentials(_) | Self::Handler(_) | Self::Record(_) | Self::Token(_) => None,
        };
        self.write(&answer, header, details)
    }

    fn write(
        &self,
        answer: &Answer,
        challenges: Vec<HeaderValue>,
        scope: Option<ScopeDetails<'_>>,
    ) -> Response {
        let body = Body {
            error: answer.error,
            reason: self.reason(),
            error_description: &answer.description,
            claim: self.claim(),
            scope,
        };
        let mut response = (answer.status, Json(&body)).into_response();
        response.extensions_mut().insert(Refused {
            reason: body.reason,
            description: answer.description.clone(),
            claim: body.claim,
            scopes: body.scope.as_ref().map(ScopeDetails::owned),
        });
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for challenge in challenges {
            headers.append(WWW_AUTHENTICATE, challenge);
        }
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECS);
        }
        response
    }
}

/// 403 with the reason `out_of_bounds` and no challenge: another scope would not help. Which tenant or bound it
/// was stays in the log.
impl IntoResponse for Forbidden {
    fn into_response(self) -> Response {
        let refusal = Refusal::Record(self.clone());
        let mut response = refusal.write(&refusal.answer(), Vec::new(), None);
        // The entrance outside of the handler takes it out again, and knows what to log beside it.
        response.extensions_mut().insert(self);
        response
    }
}

/// 500: the fault is the service's. The log explains it.
impl IntoResponse for NoToken {
    fn into_response(self) -> Response {
        let refusal = Refusal::Handler(self);
        refusal.write(&refusal.answer(), Vec::new(), None)
    }
}
