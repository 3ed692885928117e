//! Why the admin API itself refuses, before or beside what its use cases decide.

use axum::http::StatusCode;

/// One for each remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Because {
    /// The path names no key of a client.
    ClientKeyUnknown,
    /// The path names no client.
    ClientUnknown,
    /// The body is not said to be JSON.
    ContentType,
    /// The body holds what it may not; each member is told.
    DocumentRefused,
    /// The record does not hold what the token carries.
    InsufficientScope,
    /// There is no such format.
    KeyFormat,
    /// A secret or a token stands where it would be stored and shown.
    MemberCredential,
    MemberNull,
    MemberRepeated,
    MemberUnknown,
    MemberWrongType,
    MethodNotAllowed,
    NotFound,
    NotJson,
    /// More administrators at once than are worked on.
    Overloaded,
    QueryRefused,
    /// The path names no secret.
    SecretUnknown,
    StoreTimedOut,
    StoreUnavailable,
    /// The client of the token is gone.
    UnknownClient,
}

impl Because {
    /// Stable name; see `docs/ERRORS.md`.
    pub(in crate::http) const fn reason(self) -> &'static str {
        match self {
            Self::ClientKeyUnknown => "client_key_unknown",
            Self::ClientUnknown => "client_unknown",
            Self::ContentType => "content_type",
            Self::DocumentRefused => "document_refused",
            Self::InsufficientScope => "insufficient_scope",
            Self::KeyFormat => "key_format",
            Self::MemberCredential => "member_credential",
            Self::MemberNull => "member_null",
            Self::MemberRepeated => "member_repeated",
            Self::MemberUnknown => "member_unknown",
            Self::MemberWrongType => "member_wrong_type",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NotFound => "not_found",
            Self::NotJson => "not_json",
            Self::Overloaded => "overloaded",
            Self::QueryRefused => "query_refused",
            Self::SecretUnknown => "secret_unknown",
            Self::StoreTimedOut => "store_timed_out",
            Self::StoreUnavailable => "store_unavailable",
            Self::UnknownClient => "unknown_client",
        }
    }

    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::ClientKeyUnknown | Self::ClientUnknown | Self::NotFound | Self::SecretUnknown => {
                StatusCode::NOT_FOUND
            }
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::DocumentRefused
            | Self::MemberCredential
            | Self::MemberNull
            | Self::MemberRepeated
            | Self::MemberUnknown
            | Self::MemberWrongType
            | Self::NotJson
            | Self::QueryRefused => StatusCode::BAD_REQUEST,
            Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::KeyFormat => StatusCode::UNPROCESSABLE_ENTITY,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Overloaded | Self::StoreTimedOut | Self::StoreUnavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::UnknownClient => StatusCode::UNAUTHORIZED,
        }
    }
}
