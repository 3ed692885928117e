//! A renewal: lock, read again, ask, write, adopt.

use crate::access_token::AccessToken;
use crate::binding::Binding;
use crate::credentials::Credentials;
use crate::error::RequestError;
use crate::granted::Granted;
use crate::session::SessionError;
use crate::session::file::{Fingerprint, Rest};
use crate::session::plan::{self, Least, Reread, Verdict};
use crate::session::record::{Origin, Proof, Record, RefreshToken, State, Terms, Tokens};
use crate::session::shared::{Failure, Got, How, Shared, Written};
use crate::session::store::{Alone, Found, Right};
use crate::wire::Grant;
use chancery_token::SecretKey;
use std::time::Duration;

/// How long a session is left alone that could begin anew and be written nowhere.
const UNWRITABLE: Duration = Duration::from_mins(1);

/// Renews once, for a caller that wants `least`. The right to do it is given back with the outcome, for nobody else may
/// have it before that is known.
pub(super) async fn attempt(shared: &Shared, least: Least) -> (Option<Right>, Result<Got, Failure>) {
    let alone = if shared.terms().proves_nothing() { Alone::InAnyCase } else { Alone::IfPossible };
    let right = match shared.store.lock(alone).await {
        Ok(right) => right,
        Err(fault) => return (None, Err(Failure::of(fault))),
    };
    let (found, seen) = match right.read().await {
        Ok(read) => read,
        Err(fault) => {
            // It is read again when it looks otherwise.
            shared.saw(shared.store.fingerprint());
            return (Some(right), Err(Failure::of(fault)));
        }
    };
    shared.saw(seen);
    let (terms, tokens) = match found {
        Found::Gone => return (Some(right), Err(Failure::Over(shared.no_session()))),
        Found::New(terms) => (terms, None),
        Found::Kept(Record { terms, state: State::Live(tokens) }) => {
            (terms, Some(shared.unsaved(seen).unwrap_or(tokens)))
        }
        Found::Kept(Record { state, .. }) => {
            return (Some(right), Err(Failure::Over(shared.why_over(&state))));
        }
    };
    let mut renewal = Renewal { shared, right, terms, seen, in_vain: 0 };
    let outcome = renewal.go_on(tokens, least).await;
    (Some(renewal.right), outcome)
}

/// A renewal that may ask and write.
struct Renewal<'s> {
    shared: &'s Shared,
    right: Right,
    terms: Terms,
    /// The file that it goes on from.
    seen: Option<Fingerprint>,
    /// How often others, and this process, have asked before, and got nothing.
    in_vain: u32,
}

impl Renewal<'_> {
    /// Goes on from what is there.
    async fn go_on(&mut self, tokens: Option<Tokens>, least: Least) -> Result<Got, Failure> {
        let Some(tokens) = tokens else { return self.begin(None, How::Begun).await };
        let (shared, now) = (self.shared, self.shared.now());
        let (life, is_refused) = (shared.life_of(&tokens), shared.is_refused(&tokens.access));
        let (refresh, can_begin) = (tokens.refresh.clone(), self.terms.can_begin());
        match (plan::at_reread(life, is_refused, refresh.is_some(), can_begin, least, now), refresh) {
            (Reread::Refresh, Some(refresh)) => self.refresh(tokens, refresh).await,
            (Reread::Begin, _) => self.begin(Some(tokens), How::Begun).await,
            (Reread::OutOfMeans | Reread::Refresh, _) => {
                Err(self.over("refresh_token_missing".to_owned()).await)
            }
            (Reread::Adopt | Reread::UseUp, _) => {
                let (terms, how) = (self.terms.clone(), How::Adopted);
                Ok(Got { terms, tokens, how, written: Written::Before })
            }
        }
    }

    /// Goes on with a refresh token; by the credentials where that is all that can be done.
    async fn refresh(&mut self, tokens: Tokens, refresh: RefreshToken) -> Result<Got, Failure> {
        if let Some(obstacle) = self.obstacle(Some(&tokens)).await {
            return Err(obstacle);
        }
        let error = match self.ask(Grant::RefreshToken(&refresh.text)).await {
            // RFC 6749 section 6: where the answer has no other, the one that was sent stays good.
            Ok(granted) => return Ok(self.got(granted, Some(refresh), How::Refreshed).await),
            Err(error) => error,
        };
        match plan::verdict(&error, self.terms.can_begin()) {
            Verdict::Keep => Err(self.failed(error, Some(tokens))),
            Verdict::BeginAnew => {
                // A session that nobody can find again is one too many, each time that a program is started.
                if !self.shared.has_renewed()
                    && let Err(fault) = self.right.has_room().await
                {
                    return Err(self.pause(fault.into(), Some(tokens), Some(UNWRITABLE)));
                }
                let (client, reason) = (&self.terms.client_id, error.reason());
                tracing::warn!(client.id = %client, reason, "the session counts no more, and begins anew: {error}");
                self.begin(Some(tokens), How::BegunAnew).await
            }
            Verdict::ByCredentials => self.begin(Some(tokens), How::Begun).await,
            Verdict::Over => Err(self.over(error.reason().to_owned()).await),
        }
    }

    /// Asks by the credentials. `tokens` are those that are there until then.
    async fn begin(&mut self, tokens: Option<Tokens>, how: How) -> Result<Got, Failure> {
        if let Some(obstacle) = self.obstacle(tokens.as_ref()).await {
            return Err(obstacle);
        }
        match self.ask(Grant::ClientCredentials(&self.terms.request)).await {
            Ok(granted) => Ok(self.got(granted, None, how).await),
            Err(error) => Err(self.failed(error, tokens)),
        }
    }

    /// Why nobody is asked now: another process was told to wait, or nobody can be spoken with from this machine.
    async fn obstacle(&mut self, tokens: Option<&Tokens>) -> Option<Failure> {
        let rest = self.right.rest().await;
        self.in_vain = rest.as_ref().map_or(0, Rest::failures);
        let (error, left) = match rest.and_then(|rest| rest.holds(self.seen, self.shared.now().wall)) {
            Some((error, left)) => (error.into(), Some(left)),
            None => (self.shared.wire.ready(&self.terms.issuer).await.err()?.into(), None),
        };
        Some(self.pause(error, tokens.cloned(), left))
    }

    fn failed(&self, error: RequestError, tokens: Option<Tokens>) -> Failure {
        self.pause(error.into(), tokens, None)
    }

    fn pause(&self, error: SessionError, tokens: Option<Tokens>, left: Option<Duration>) -> Failure {
        let found = tokens.map(|tokens| Box::new((self.terms.clone(), tokens)));
        Failure::Pause { error, found, left, in_vain: self.in_vain }
    }

    async fn ask(&self, grant: Grant<'_>) -> Result<Granted, RequestError> {
        self.shared.wire.ask(self.terms.caller(), self.terms.proof.key(), grant).await
    }

    /// Writes down what was got.
    async fn got(&mut self, granted: Granted, refresh: Option<RefreshToken>, how: How) -> Got {
        let (terms, tokens) = (self.terms.clone(), granted.tokens(&self.terms.proof, refresh));
        let record = Record { terms, state: State::Live(tokens.clone()) };
        let written = self.right.write(&record).await.map_or_else(Written::Not, Written::Now);
        Got { terms: record.terms, tokens, how, written }
    }

    /// Writes down that it is over, so that no other process asks either.
    async fn over(&mut self, reason: String) -> Failure {
        let state = State::Ended { reason, at: self.shared.now().wall };
        let error = self.shared.why_over(&state);
        let record = Record { terms: self.terms.clone(), state };
        match self.right.write(&record).await {
            Ok(seen) => self.shared.saw(seen),
            Err(fault) => {
                let reason = fault.reason();
                tracing::warn!(reason, "the session is over, and that cannot be written down: {fault}");
            }
        }
        Failure::Over(error)
    }
}

impl Granted {
    /// What is kept of it. `before` is the refresh token that stays good if there is no other.
    pub(super) fn tokens(self, proof: &Proof, before: Option<RefreshToken>) -> Tokens {
        let (text, life, scope) = (self.access_token, (self.asked_at, self.expires_at), self.scope);
        let access = match proof {
            Proof::Bearer => AccessToken::received(text, life, scope, Binding::Bearer),
            Proof::Dpop(key) => AccessToken::bound(text, life, scope, key.clone()),
        };
        let expires_at = self.refresh_expires_at;
        let refresh = self.refresh_token.map(|text| RefreshToken { text, expires_at }).or(before);
        Tokens { access, refresh }
    }
}

impl Proof {
    pub(super) fn key(&self) -> Option<&SecretKey> {
        match self {
            Self::Bearer => None,
            Self::Dpop(key) => Some(key),
        }
    }

    pub(super) fn binding(&self) -> Binding {
        match self {
            Self::Bearer => Binding::Bearer,
            Self::Dpop(_) => Binding::Dpop,
        }
    }
}

impl Terms {
    /// Whether the client can begin a session like this one by itself.
    pub(super) fn can_begin(&self) -> bool {
        match (self.origin, &self.credentials) {
            (Origin::Begun, Credentials::Key(_) | Credentials::Secret(_)) => true,
            (Origin::Begun, Credentials::Public) | (Origin::Delegated, _) => false,
        }
    }

    /// Whether nobody can tell this client from one that has copied its tokens.
    pub(super) fn proves_nothing(&self) -> bool {
        matches!((&self.credentials, &self.proof), (Credentials::Public, Proof::Bearer))
    }
}
