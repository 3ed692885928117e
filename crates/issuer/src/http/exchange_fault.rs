//! Why a request for token exchange gets none (RFC 8693 section 2.2.2).

use crate::grant::exchange::ExchangeRefusal;
use crate::revocation::introspect::Inactive;
use chancery_verifier::Rejection;

/// What is wrong with the request, its subject token, or what it asks for.
#[derive(Debug, thiserror::Error)]
pub(super) enum ExchangeFault {
    /// No `subject_token`.
    #[error("subject_token is missing; send the access token that is to be exchanged")]
    NoSubjectToken,
    /// `subject_token_type` is missing, or something else than an access token.
    #[error(
        "subject_token_type is not urn:ietf:params:oauth:token-type:access_token; only access tokens are exchanged"
    )]
    SubjectTokenType,
    /// `actor_token` or `actor_token_type`.
    #[error("actor_token is not taken; the client that authenticates is the one who acts")]
    ActorToken,
    /// `requested_token_type` is something else than an access token.
    #[error("requested_token_type is not urn:ietf:params:oauth:token-type:access_token; leave it out")]
    RequestedTokenType,
    /// `delegate` is neither `true` nor `false`.
    #[error("delegate is true or false")]
    Delegate,
    /// `delegate_expires_in` is no number of seconds, or none at all.
    #[error("delegate_expires_in is a whole number of seconds, 1 or more")]
    DelegateExpiresIn,
    /// `delegate_expires_in`, and no family is to begin.
    #[error("delegate_expires_in goes with delegate=true; send both or neither")]
    NothingDelegated,
    /// The subject token's time is over.
    #[error("the subject token has expired; exchange one that lives")]
    SubjectExpired,
    /// The subject token is no good. Why, is for the log: whoever presents it may have found it.
    #[error(
        "the subject token is not an access token of this issuer that is in force; get a new one and exchange that"
    )]
    Subject(Inactive),
    /// It is good, and is not exchanged for what was asked for.
    #[error(transparent)]
    Refused(#[from] ExchangeRefusal),
}

impl From<Inactive> for ExchangeFault {
    fn from(why: Inactive) -> Self {
        match why {
            Inactive::Refused(Rejection::Expired { .. }) => Self::SubjectExpired,
            other => Self::Subject(other),
        }
    }
}

impl ExchangeFault {
    pub(super) const fn error(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.error(),
            Self::NoSubjectToken
            | Self::SubjectTokenType
            | Self::ActorToken
            | Self::RequestedTokenType
            | Self::Delegate
            | Self::DelegateExpiresIn
            | Self::NothingDelegated
            | Self::SubjectExpired
            | Self::Subject(_) => "invalid_request",
        }
    }

    /// What the caller is told.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::NoSubjectToken => "subject_token_missing",
            Self::SubjectTokenType => "subject_token_type_unsupported",
            Self::ActorToken => "actor_token_unsupported",
            Self::RequestedTokenType => "requested_token_type_unsupported",
            Self::Delegate => "delegate_malformed",
            Self::DelegateExpiresIn => "delegate_expires_in_malformed",
            Self::NothingDelegated => "delegate_expires_in_without_delegate",
            Self::SubjectExpired => "subject_token_expired",
            Self::Subject(_) => "subject_token_refused",
            Self::Refused(refusal) => refusal.reason(),
        }
    }

    /// For logs and metrics: tells apart what answers do not.
    pub(super) const fn logged_reason(&self) -> &'static str {
        match self {
            Self::Subject(why) => why.reason(),
            other => other.reason(),
        }
    }

    /// That the fault was the subject token's shows in the log beside the reason.
    pub(super) fn logged_detail(&self) -> Option<String> {
        matches!(self, Self::Subject(_)).then(|| "of the subject token".to_owned())
    }
}
