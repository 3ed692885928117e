//! What a session and an agent have in common: they say what goes with a request.

use crate::access_token::AccessToken;
use crate::session::{Authorization, Session, SessionError};
use async_trait::async_trait;
use std::fmt::Debug;
use std::sync::Arc;
use url::Url;

/// Where tokens come from: the [`Session`] of this process, or the agent of this machine.
#[async_trait]
pub trait Tokens: Debug + Send + Sync {
    /// What goes with one request to a resource server, and the token in it: for `method` and `url`, with the nonce that
    /// the server told last (RFC 9449 section 9).
    ///
    /// # Errors
    /// There is no token, or no proof for it.
    async fn authorize(
        &self,
        method: &str,
        url: &Url,
        nonce: Option<&str>,
    ) -> Result<(AccessToken, Authorization), SessionError>;

    /// Takes note that a resource server answered 401 to this token: the next request gets another one.
    async fn forget(&self, refused: &AccessToken);
}

#[async_trait]
impl Tokens for Session {
    async fn authorize(
        &self,
        method: &str,
        url: &Url,
        nonce: Option<&str>,
    ) -> Result<(AccessToken, Authorization), SessionError> {
        let token = self.token().await?;
        let authorization = Self::authorize(self, &token, method, url, nonce)?;
        Ok((token, authorization))
    }

    async fn forget(&self, refused: &AccessToken) {
        Self::forget(self, refused);
    }
}

#[async_trait]
impl<T: Tokens + ?Sized> Tokens for Arc<T> {
    async fn authorize(
        &self,
        method: &str,
        url: &Url,
        nonce: Option<&str>,
    ) -> Result<(AccessToken, Authorization), SessionError> {
        (**self).authorize(method, url, nonce).await
    }

    async fn forget(&self, refused: &AccessToken) {
        (**self).forget(refused).await;
    }
}
