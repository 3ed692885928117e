//! A part of a session, for somebody else (RFC 8693).

use crate::credentials::Credentials;
use crate::error::RequestError;
use crate::granted::Granted;
use crate::http::bad_answer;
use crate::session::begin::room;
use crate::session::file::SessionFile;
use crate::session::record::{Origin, Proof, Record, State, Terms};
use crate::session::shared::Shared;
use crate::session::store::{Found, Store};
use crate::session::{Replace, Session, SessionError};
use crate::wire::{Grant, Wire};
use chancery_token::{ClientId, Scope};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How far the clock of an issuer may be from this machine's.
const SKEW: Duration = Duration::from_secs(30);

/// What is handed on. Never more than the session itself may, and over when that is ended.
#[derive(Clone, Debug, Default)]
pub struct Delegation {
    /// Who gets it, and how that client shows who it is. `None`: this very client, for a worker of its own.
    pub to: Option<(ClientId, Credentials)>,
    /// Some of the session's scopes; empty for all.
    pub scopes: BTreeSet<Scope>,
    /// When it ends at the latest, in whole seconds; what is less than one is one.
    pub ttl: Option<Duration>,
}

/// Where a session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'p> {
    /// In this process alone.
    Memory,
    /// In a file, where no session that is not over may be yet.
    File(&'p Path),
}

impl Session {
    /// Begins a session within this one, for a worker or another client: with fewer scopes, for a shorter time. Its tokens
    /// are bound as those of this session are. It goes on by itself, and can be ended by itself; when this one is ended, it
    /// is over too. It cannot begin anew.
    ///
    /// **End it when it is done**: dropped, it lives on at the issuer until its `ttl` is over, and counts among the sessions
    /// that the client may have at once.
    ///
    /// # Errors
    /// Whatever stands against a token of this session; the refusal of the issuer; and for a file what
    /// [`Session::begin`] says.
    pub async fn delegate(&self, part: Delegation, place: Place<'_>) -> Result<Self, SessionError> {
        let world = self.shared.world().clone();
        let wire = Arc::clone(&self.shared.wire);
        match place {
            Place::Memory => {
                let (terms, granted) = self.hand_on(part, &wire).await?;
                let state = State::Live(granted.tokens(&terms.proof, None));
                let record = Record { terms: terms.clone(), state: state.clone() };
                let store = Store::Memory(Arc::new(Mutex::new(Found::Kept(record))));
                Ok(Self::of(Shared::new(world, store, wire, terms, Some(state), None)))
            }
            Place::File(file) => {
                let file = SessionFile::at(file);
                let locked = room(&file, Replace::No).await?;
                let (terms, granted) = self.hand_on(part, &wire).await?;
                Self::keep(file, locked, world, wire, terms, granted).await
            }
        }
    }

    async fn hand_on(&self, part: Delegation, wire: &Wire) -> Result<(Terms, Granted), SessionError> {
        let mut is_second = false;
        loop {
            let token = self.token().await?;
            let terms = self.shared.terms();
            let (client_id, credentials) =
                part.to.clone().unwrap_or_else(|| (terms.client_id.clone(), terms.credentials.clone()));
            let request = terms.request.narrowed(part.scopes.clone());
            // A bound token is exchanged by whoever has its key, and what comes of it is bound to the same one.
            let proof = token.key().cloned().map_or(Proof::Bearer, Proof::Dpop);
            let issuer = terms.issuer.clone();
            let child = Terms { issuer, client_id, credentials, request, proof, origin: Origin::Delegated };
            let (subject_token, scopes, ttl) = (token.expose(), &part.scopes, part.ttl);
            let grant = Grant::Delegate { subject_token, scopes, ttl };
            wire.ready(&child.issuer).await?;
            match wire.ask(child.caller(), child.proof.key(), grant).await {
                Ok(granted) => {
                    let Some(refresh_token) = &granted.refresh_token else {
                        let why = "there is no refresh_token in it, so that the part could not go on";
                        return Err(bad_answer(&child.issuer, why).into());
                    };
                    if part.ttl.is_some_and(|ttl| !ends_within(&granted, ttl)) {
                        if let Err(error) = wire.revoke(child.caller(), refresh_token).await {
                            let reason = error.reason();
                            tracing::warn!(reason, "a part that lives for too long lives on: {error}");
                        }
                        let why = "the part would outlive the end that was asked for: it does not know delegate_expires_in";
                        return Err(bad_answer(&child.issuer, why).into());
                    }
                    return Ok((child, granted));
                }
                Err(error) if !is_second && is_about_the_token(&error) => {
                    self.forget(&token);
                    is_second = true;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Whether what was granted is over by then. Nobody but the issuer can see to that, and one that does not know the parameter
/// reads over it (RFC 6749 section 3.2).
fn ends_within(granted: &Granted, ttl: Duration) -> bool {
    let end = granted.asked_at.plus(ttl.max(Duration::from_secs(1))).plus(SKEW);
    granted.expires_at <= end && granted.refresh_expires_at.is_some_and(|expires_at| expires_at <= end)
}

/// Whether another access token may be exchanged where this one was not.
fn is_about_the_token(error: &RequestError) -> bool {
    matches!(error.reason(), "subject_token_expired" | "subject_token_refused" | "subject_token_session_over")
}
