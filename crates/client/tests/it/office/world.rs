//! Where the sessions of a test live.

use super::Office;
use chancery_client::{
    AuthorizationServer, Binding, Credentials, Replace, Secret, Session, SessionError, Setup, TokenRequest,
    World,
};
use chancery_token::UnixTime;
use chancery_verifier::clock::FixedClock;
use chancery_verifier::entropy::PredictableEntropy;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) const START: UnixTime = UnixTime::from_secs(1_795_305_600);
pub(crate) const SECRET: &str = "chs_test_a-secret-of-this-test";

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A machine with this clock, and randomness of its own.
pub(crate) fn world_at(clock: Arc<FixedClock>) -> World {
    let seed = NUMBER.fetch_add(1, Ordering::SeqCst);
    World { clock, entropy: Arc::new(PredictableEntropy::new(seed << 32)) }
}

/// A client of `issuer`, with a secret, whose tokens are bound.
pub(crate) fn setup(issuer: &str) -> Setup {
    Setup {
        issuer: AuthorizationServer::issuer(issuer).unwrap(),
        client_id: "agent".parse().unwrap(),
        credentials: Credentials::Secret(Secret::new(SECRET)),
        request: TokenRequest::new(),
        binding: Binding::Dpop,
    }
}

impl Office {
    pub(crate) fn world(&self) -> World {
        world_at(self.clock())
    }

    /// A session in memory.
    pub(crate) fn session(&self) -> Session {
        Session::in_memory(setup(&self.url), self.world()).unwrap()
    }

    /// A session in a file, with its first token.
    pub(crate) async fn session_in(&self, file: &Path) -> Session {
        Session::begin(file, setup(&self.url), Replace::No, self.world()).await.unwrap()
    }

    /// Tries to begin one in the file of a test.
    pub(crate) async fn begins(&self, scratch: &Scratch, replace: Replace) -> Result<Session, SessionError> {
        Session::begin(&scratch.file(), setup(&self.url), replace, self.world()).await
    }

    /// Another process with the same file.
    pub(crate) fn opened(&self, file: &Path) -> Session {
        Session::open(file, self.world()).unwrap()
    }
}

/// A folder for one test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("chancery-session-{}-{number}", std::process::id()));
        std::fs::DirBuilder::new().mode(0o700).create(&folder).unwrap();
        Self(folder)
    }

    /// Where the session of the test is.
    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("agent.json")
    }

    pub(crate) fn other(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn content(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
