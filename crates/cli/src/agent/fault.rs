//! No session, or none that gives a token: what that means for a command.

use super::home::Home;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::no_token;
use chancery_client::{ErrorKind, InvalidSetup, RequestError, SessionError};

/// Whether it may pass by itself. Somebody else who answers in the issuer's place may be the sign-in page of a network.
pub(super) const fn passes(why: &SessionError) -> bool {
    matches!(why, SessionError::Request(RequestError::BadAnswer { .. }))
        || matches!(why.kind(), ErrorKind::Transient)
}

/// A session that is over is a no; with one that is not there nothing can be done; an issuer that is away comes back.
pub(super) fn failure(why: &SessionError, home: &Home) -> Failure {
    let flags = home.flags();
    let exit = match why {
        SessionError::Revoked { .. } => Exit::Refused,
        why if passes(why) => Exit::Transient,
        SessionError::Request(refused) => no_token::exit(refused.kind()),
        _ => Exit::Unusable,
    };
    let failure = Failure::new(exit, why.reason(), why);
    match why {
        SessionError::NoSession { .. } => failure.fix(format!(
            "Begin one:  chancery agent login{flags} --issuer URL --client-id ID --secret-file FILE"
        )),
        SessionError::Exists { .. } => failure.fix(format!(
            "End it first:  chancery agent logout{flags}   Or put another in its place with --replace."
        )),
        SessionError::Revoked { .. } => failure.fix(format!(
            "Find out who ended it and why; then begin another:  chancery agent login{flags} --replace …"
        )),
        SessionError::File(fault) => failure.fix(fault.fix()),
        SessionError::Ending { .. } => failure.fix(format!(
            "Finish that:  chancery agent logout{flags}   Or put another in its place:  chancery agent login{flags} --replace …"
        )),
        SessionError::Setup(InvalidSetup::Tls(_)) => failure.fix(
            "Install the certificates of the system (the package ca-certificates), or name them in SSL_CERT_FILE.",
        ),
        SessionError::Setup(_) => failure.fix("`chancery agent login --help` has examples."),
        SessionError::Request(refused) => match refused {
            RequestError::BadAnswer { .. } => {
                failure.fix("Does something else answer there, as the sign-in page of a network does?")
            }
            RequestError::OtherIssuer { .. } => failure.fix(format!(
                "Where it was renamed for good, begin another session:  chancery agent login{flags} --replace …"
            )),
            RequestError::Refused { .. } if refused.reason() == "refresh_not_granted" => failure
                .fix("Its owner allows the client to refresh:  chancery client update ID --refresh"),
            RequestError::Refused { .. } if refused.reason() == "client_authentication_failed" => {
                failure.fix(format!(
                    "Was its secret or key replaced? The session goes on by the new one:  chancery agent login{flags} …   as it was begun"
                ))
            }
            _ => match no_token::remedy(refused) {
                Some(remedy) => failure.fix(remedy),
                None => failure,
            },
        },
        SessionError::Agent(_) | SessionError::OtherSession | SessionError::OtherSetup { .. } => failure,
    }
}
