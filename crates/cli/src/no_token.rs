//! No token was to be had: what that means for a command.

use crate::exit::Exit;
use crate::failure::Failure;
use chancery_client::{ErrorKind, RequestError};

/// A permanent refusal is a no; with anything else another attempt can help.
pub(crate) fn no_token(why: &RequestError) -> Failure {
    let failure = Failure::new(exit(why.kind()), why.reason(), why);
    match remedy(why) {
        Some(remedy) => failure.fix(remedy),
        None => failure,
    }
}

/// How a command ends that got none.
pub(crate) const fn exit(kind: ErrorKind) -> Exit {
    match kind {
        ErrorKind::Permanent => Exit::Refused,
        ErrorKind::Transient => Exit::Transient,
    }
}

/// What to do about it, where the refusal does not say so itself.
pub(crate) const fn remedy(why: &RequestError) -> Option<&'static str> {
    match why {
        RequestError::Unreachable { .. } => Some("Is the issuer running there? Then try again."),
        RequestError::Unavailable { .. } => Some("Try again later; the credentials stay good."),
        RequestError::OtherIssuer { .. } => Some("Use the name that the issuer gives itself."),
        RequestError::BadAnswer { .. } => Some("Is --issuer the URL of the issuer itself?"),
        RequestError::Refused { .. } => None,
    }
}
