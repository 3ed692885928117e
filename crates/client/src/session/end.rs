//! The end of a session, said to the issuer (RFC 7009).

use crate::session::record::{Record, State};
use crate::session::store::{Alone, Found};
use crate::session::{Session, SessionError};

/// How a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was over already, or never began: the issuer was not asked.
    Already,
    /// The issuer ended it, with every token of it that is out and everything that was handed on from it.
    Revoked,
}

impl Session {
    /// Ends the session at the issuer, and removes its file. From then on the handles in this process give no token; those
    /// in other processes give none from when they next read the file, at the latest when their token is due, and services
    /// that follow the revocation log take none that is out.
    ///
    /// # Errors
    /// Where the issuer cannot be told, the file stays, marked: its tokens are handed out no more, and ending it once more
    /// finishes what was begun. Where the issuer was told and the file cannot be removed, that is the error: the session is
    /// over all the same, and whoever goes on with the file hears it from the issuer.
    pub async fn end(self) -> Result<Ended, SessionError> {
        let shared = &self.shared;
        let mut right = shared.store.lock(Alone::InAnyCase).await?;
        let (found, seen) = right.read().await?;
        let (terms, tokens) = match found {
            Found::Gone => {
                shared.ended(shared.no_session(), None);
                return Ok(Ended::Already);
            }
            Found::New(_) | Found::Kept(Record { state: State::Ended { .. }, .. }) => {
                let removed = right.remove().await;
                shared.ended(shared.no_session(), shared.left(&removed));
                return Ok(removed.map(|()| Ended::Already)?);
            }
            Found::Kept(Record { terms, state: State::Live(tokens) | State::Ending(tokens) }) => {
                (terms, tokens)
            }
        };
        // What was begun beside a file that could not be written is known here alone.
        let tokens = shared.unsaved(seen).unwrap_or(tokens);
        let token = tokens.refresh.as_ref().map_or(tokens.access.expose(), |refresh| &*refresh.text);
        match shared.wire.revoke(terms.caller(), token).await {
            Ok(()) => {
                let removed = right.remove().await;
                shared.ended(shared.no_session(), shared.left(&removed));
                Ok(removed.map(|()| Ended::Revoked)?)
            }
            Err(error) => {
                let record = Record { terms, state: State::Ending(tokens) };
                let marked = right.write(&record).await;
                let seen = marked.as_ref().map_or_else(|_| shared.store.fingerprint(), |seen| *seen);
                shared.ended(shared.why_over(&record.state), seen);
                if let Err(fault) = marked {
                    let reason = fault.reason();
                    tracing::warn!(reason, "a session that is to end cannot be marked: {fault}");
                }
                Err(error.into())
            }
        }
    }
}
