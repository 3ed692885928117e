//! No token was to be had: what that means for a command.

use crate::exit::Exit;
use crate::failure::Failure;
use chancery_client::{ErrorKind, RequestError};

/// A permanent refusal is a no; with anything else another attempt can help.
pub(crate) fn no_token(why: &RequestError) -> Failure {
    let exit = match why.kind() {
        ErrorKind::Permanent => Exit::Refused,
        ErrorKind::Transient => Exit::Transient,
    };
    let failure = Failure::new(exit, why.reason(), why);
    match why {
        RequestError::Unreachable { .. } => failure.fix("Is the issuer running there? Then try again."),
        RequestError::Unavailable { .. } => failure.fix("Try again later; the credentials stay good."),
        RequestError::OtherIssuer { .. } => failure.fix("Use the name that the issuer gives itself."),
        RequestError::BadAnswer { .. } => failure.fix("Is --issuer the URL of the issuer itself?"),
        RequestError::Refused { .. } => failure,
    }
}
