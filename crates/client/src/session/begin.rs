//! How a session comes to be.

use crate::binding::Binding;
use crate::credentials::Credentials;
use crate::error::InvalidSetup;
use crate::granted::Granted;
use crate::server::AuthorizationServer;
use crate::session::file::{FileFault, Kept, Locked, SessionFile};
use crate::session::plan::Least;
use crate::session::record::{Origin, Proof, Record, State, Terms};
use crate::session::shared::Shared;
use crate::session::store::{Found, PATIENCE, Store};
use crate::session::{Replace, Session, SessionError, Setup};
use crate::wire::{Grant, Wire};
use crate::world::World;
use chancery_token::SecretKey;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

impl Session {
    /// One that lives in this process alone, and begins at its first token.
    pub fn in_memory(setup: Setup, world: World) -> Result<Self, InvalidSetup> {
        let terms = setup.terms(&world)?;
        let wire = Arc::new(Wire::new(world.clone()));
        wire.prepare(&terms.issuer)?;
        let store = Store::Memory(Arc::new(Mutex::new(Found::New(terms.clone()))));
        Ok(Self::of(Shared::new(world, store, wire, terms, None, None)))
    }

    /// Begins one that is kept in `file`, by asking for its first token at once: so a wrong set-up is told now. The folder
    /// is made if it is missing, for its owner alone.
    ///
    /// # Errors
    /// [`SessionError::Exists`] where a session that is not over is there already, unless it is to be replaced; else
    /// whatever stands against the first token, or the file. Then there is no file.
    pub async fn begin(
        file: &Path,
        setup: Setup,
        replace: Replace,
        world: World,
    ) -> Result<Self, SessionError> {
        let terms = setup.terms(&world)?;
        let wire = Arc::new(Wire::new(world.clone()));
        let file = SessionFile::at(file);
        let locked = room(&file, replace).await?;
        wire.ready(&terms.issuer).await?;
        let granted =
            wire.ask(terms.caller(), terms.proof.key(), Grant::ClientCredentials(&terms.request)).await?;
        Self::keep(file, locked, world, wire, terms, granted).await
    }

    /// One that was begun before, in this process or another. Of a session that is over, its tokens say so.
    ///
    /// # Errors
    /// [`SessionError::NoSession`] where there is none; [`SessionError::File`] where its file cannot be used.
    pub fn open(file: &Path, world: World) -> Result<Self, SessionError> {
        let store = SessionFile::at(file);
        let kept = store.read()?.ok_or_else(|| SessionError::NoSession { file: Some(file.to_owned()) })?;
        let wire = Arc::new(Wire::new(world.clone()));
        let Record { terms, state } = kept.record;
        let seen = Some(kept.fingerprint);
        Ok(Self::of(Shared::new(world, Store::File(store), wire, terms, Some(state), seen)))
    }

    /// The one that is in `file`; begins it where there is none, as [`Session::begin`] does. However many processes do this at
    /// once, one begins it. Where only the credentials are others than those in the file, these take their place.
    ///
    /// # Errors
    /// [`SessionError::OtherSetup`] where the file holds a session for something else, or of another client; and what
    /// [`Session::begin`] and [`Session::open`] say. A session that was revoked is not begun again: its tokens say so.
    pub async fn open_or_begin(file: &Path, setup: Setup, world: World) -> Result<Self, SessionError> {
        let mut terms = setup.terms(&world)?;
        let wire = Arc::new(Wire::new(world.clone()));
        let file = SessionFile::at(file);
        let kept = match file.read()? {
            // So it is but for the first time: nobody is waited for.
            Some(kept) if terms.credentials.are(&kept.record.terms.credentials) => kept,
            _ => {
                let locked = file.lock(PATIENCE).await?;
                let Some(mut kept) = locked.read().await? else {
                    wire.ready(&terms.issuer).await?;
                    let grant = Grant::ClientCredentials(&terms.request);
                    let granted = wire.ask(terms.caller(), terms.proof.key(), grant).await?;
                    return Self::keep(file, locked, world, wire, terms, granted).await;
                };
                if terms.are_of(&kept.record.terms) {
                    std::mem::swap(&mut terms.credentials, &mut kept.record.terms.credentials);
                    kept.fingerprint = locked.write(&kept.record).await?;
                }
                kept
            }
        };
        let Kept { record: Record { terms: found, state }, fingerprint } = kept;
        if !terms.are_of(&found) {
            return Err(SessionError::OtherSetup { file: file.path().to_owned() });
        }
        let (terms, seen) = (found, fingerprint);
        Ok(Self::of(Shared::new(world, Store::File(file), wire, terms, Some(state), Some(seen))))
    }

    /// Writes down a session that has just begun. Where that cannot be done the issuer is told that it is over.
    pub(super) async fn keep(
        file: SessionFile,
        locked: Locked,
        world: World,
        wire: Arc<Wire>,
        terms: Terms,
        granted: Granted,
    ) -> Result<Self, SessionError> {
        let tokens = granted.tokens(&terms.proof, None);
        let record = Record { terms, state: State::Live(tokens) };
        match locked.write(&record).await {
            Ok(seen) => {
                // Why the session before this one was to wait is nothing to this one.
                locked.leave(None).await;
                let Record { terms, state } = record;
                Ok(Self::of(Shared::new(world, Store::File(file), wire, terms, Some(state), Some(seen))))
            }
            Err(fault) => {
                if let State::Live(tokens) = &record.state
                    && let Some(refresh) = &tokens.refresh
                    && let Err(error) = wire.revoke(record.terms.caller(), &refresh.text).await
                {
                    let reason = error.reason();
                    tracing::warn!(reason, "a session that could not be written down lives on: {error}");
                }
                Err(fault.into())
            }
        }
    }

    pub(super) fn of(shared: Arc<Shared>) -> Self {
        Self { shared, least: Least::Usual }
    }
}

/// Takes the lock of a file into which a session may be written.
pub(super) async fn room(file: &SessionFile, replace: Replace) -> Result<Locked, SessionError> {
    let locked = file.lock(PATIENCE).await?;
    let kept = match locked.read().await {
        Ok(kept) => kept,
        Err(fault) if replace == Replace::Yes && is_ours(&fault) => None,
        Err(fault) => return Err(fault.into()),
    };
    match (replace, kept.map(|kept| kept.record.state)) {
        (Replace::No, Some(State::Ending(_) | State::Live(_))) => {
            Err(SessionError::Exists { file: file.path().to_owned() })
        }
        (Replace::No, None | Some(State::Ended { .. })) | (Replace::Yes, _) => Ok(locked),
    }
}

/// Whether it is a session that cannot be read: whoever wants it replaced has seen that it is worth nothing.
fn is_ours(fault: &FileFault) -> bool {
    matches!(fault, FileFault::Corrupt { .. } | FileFault::OtherVersion { .. } | FileFault::TooLarge { .. })
}

impl Terms {
    /// Whether a session of these terms is one of those, but for credentials and keys.
    fn are_of(&self, other: &Self) -> bool {
        let named = |terms: &Self| (terms.issuer.clone(), terms.client_id.clone(), terms.request.clone());
        let (bound, origin) = (self.proof.binding() == other.proof.binding(), self.origin == other.origin);
        named(self) == named(other) && bound && origin
    }
}

impl Setup {
    /// What of it is kept, with a new key if one is needed.
    fn terms(self, world: &World) -> Result<Terms, InvalidSetup> {
        let AuthorizationServer::Issuer(issuer) = self.issuer else { return Err(InvalidSetup::NotAnIssuer) };
        let issuer = AuthorizationServer::issuer(issuer.as_str())?.url().clone();
        if let Credentials::Public = self.credentials {
            return Err(InvalidSetup::Public);
        }
        let proof = match self.binding {
            Binding::Bearer => Proof::Bearer,
            Binding::Dpop => {
                let mut seed = Zeroizing::new([0; 32]);
                world.entropy.fill(&mut *seed);
                Proof::Dpop(SecretKey::from_seed(&seed))
            }
        };
        let (client_id, credentials, request) = (self.client_id, self.credentials, self.request);
        Ok(Terms { issuer, client_id, credentials, request, proof, origin: Origin::Begun })
    }
}
