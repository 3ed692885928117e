//! A client that goes on by itself: a token that is always fresh, in one process or shared by many.

mod begin;
mod delegate;
mod end;
mod error;
mod file;
mod plan;
mod record;
mod renew;
mod shared;
mod standing;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use delegate::{Delegation, Place};
pub use end::Ended;
pub use error::SessionError;
pub use file::{FileDamage, FileFault, FileOrFolder};
pub use standing::{Phase, Standing, Trouble};

use crate::access_token::AccessToken;
use crate::binding::Binding;
use crate::credentials::Credentials;
use crate::request::TokenRequest;
use crate::server::AuthorizationServer;
use chancery_token::ClientId;
use chancery_token::dpop::{Draft, Request};
use plan::Least;
use shared::Shared;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

/// How often a session is looked at that is kept fresh.
const LOOK: Duration = Duration::from_secs(1);

/// What a session is for: it never changes while the session lives.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Who issues the tokens: an [`AuthorizationServer::Issuer`]. A token endpoint alone cannot be told that a session ends.
    pub issuer: AuthorizationServer,
    /// Whose they are.
    pub client_id: ClientId,
    /// How the client shows that it is that one.
    pub credentials: Credentials,
    /// What they are to be good for.
    pub request: TokenRequest,
    /// What they are bound to.
    pub binding: Binding,
}

/// What is done about a session that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// It stays, and that is an error.
    No,
    /// The new one takes its place. The issuer is not told: end the old one first if others may have copies.
    Yes,
}

/// What goes with one request to a resource server.
#[derive(Clone)]
pub struct Authorization {
    /// The value of the header `Authorization`.
    pub authorization: Zeroizing<String>,
    /// The value of the header `DPoP`, where the token is bound to a key (RFC 9449 section 7.1). Good for this one request.
    pub dpop: Option<String>,
}

/// A session at an issuer: gets tokens, renews them ahead of their end, and never loses what it has for a fault that
/// passes. Cloning is cheap; clones share the tokens.
///
/// A token is used until half of its life is over, or until it has eleven minutes left where that is earlier (and a
/// quarter of its life is over): then it is still handed out while the next one is asked for. So an issuer that is away
/// for ten minutes is not felt, with tokens of a quarter of an hour. With less than `min_ttl` left callers wait for the
/// next one; if it does not come, the old one is handed out for as long as it lives.
///
/// However many callers want a token, in however many processes that share the file, the issuer is asked once.
///
/// **Renewals are begun by calls.** A program that calls less often than its tokens live has none that lives when an issuer is
/// away just then; [`Session::keep_fresh`] calls in its place.
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
    least: Least,
}

impl Session {
    /// The shortest life that a token has left when it is handed out: 30 s unless said otherwise. For this handle and the
    /// clones of it. Of a token that lives hardly as long, or never, seven eighths must be left, and half of one that lives
    /// for a minute or less.
    pub fn min_ttl(self, least: Duration) -> Self {
        Self { least: Least::Wished(least), ..self }
    }

    /// A token: the one that is there, or a new one. In the first case nothing is allocated, and nobody is waited for.
    ///
    /// Must be called within a tokio runtime. A caller that gives up does not stop a renewal: others may wait for it.
    pub async fn token(&self) -> Result<AccessToken, SessionError> {
        match self.shared.at_hand(self.least) {
            Some(token) => Ok(token),
            None => self.shared.token(self.least).await,
        }
    }

    /// A token that lives for `min_ttl` at least, or the error that stands against it. Where a token lives hardly as long,
    /// or never, a fresh one, as for [`Session::min_ttl`].
    pub async fn token_for(&self, min_ttl: Duration) -> Result<AccessToken, SessionError> {
        let least = Least::Demanded(min_ttl);
        match self.shared.at_hand(least) {
            Some(token) => Ok(token),
            None => self.shared.token(least).await,
        }
    }

    /// Takes note that a resource server answered `refused` with 401: the next call gets another one, unless somebody
    /// has by then. A service that refuses the other one too is not believed for a while, first for half a minute and in the
    /// end for ten: then it is not the token.
    pub fn forget(&self, refused: &AccessToken) {
        self.shared.forget(refused);
    }

    /// Looks whether somebody else has renewed, replaced or ended the session since this process read its file, and takes
    /// that up. Costs one look at the file system; nobody waits for what comes of it. Calls do so by themselves only
    /// once a token is due: a program that gives tokens to others looks every second, so that a logout is one.
    ///
    /// Must be called within a tokio runtime.
    pub fn look(&self) {
        self.shared.look();
    }

    /// Keeps the token fresh for as long as it is polled, and never returns: for programs that call seldom, or hand tokens to
    /// others. Once a second it does what [`Session::token`] and [`Session::look`] do. What stands against a token goes into
    /// the log.
    pub async fn keep_fresh(&self) -> Infallible {
        loop {
            // The next call says what stands against it.
            let _ = self.token().await;
            tokio::time::sleep(LOOK).await;
            self.look();
        }
    }

    /// Waits for the renewal that is under way in this process, if one is: for a program that ends soon after it got its
    /// token, and would break it off. What came of it the next call says.
    pub async fn settled(&self) {
        self.shared.settled().await;
    }

    /// What goes with one request to a resource server: `method` and `url` are those of the request, `nonce` what the
    /// server said last in `DPoP-Nonce` (RFC 9449 section 9).
    pub fn authorize(
        &self,
        token: &AccessToken,
        method: &str,
        url: &Url,
        nonce: Option<&str>,
    ) -> Result<Authorization, SessionError> {
        let dpop = match (token.binding(), token.key()) {
            (Binding::Bearer, _) => None,
            (Binding::Dpop, None) => return Err(SessionError::OtherSession),
            (Binding::Dpop, Some(key)) => {
                let world = self.shared.world();
                let request = Request { method, url: url.as_str(), access_token: Some(token.expose()) };
                let draft = Draft { request, jti: &world.unique(), iat: world.clock.now(), nonce };
                Some(draft.sign(key))
            }
        };
        Ok(Authorization { authorization: token.authorization(), dpop })
    }

    /// Where it stands, as this process knows it.
    pub fn standing(&self) -> Standing {
        self.shared.standing()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("standing", &self.standing()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization").finish_non_exhaustive()
    }
}
