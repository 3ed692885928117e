//! An issuer behind a socket, whose URL is where it is; verifiers that follow it.

use crate::desk::{Answer, DOCUMINT, Desk};
use axum::body::Body;
use axum::http::Request;
use chancery_issuer::{Drained, serve};
use chancery_revocation::{Document, Kill, LogId, RevocationKeys, Sequence};
use chancery_token::{Claims, Format, KeySet, TokenId, UnixTime};
use chancery_verifier::clock::{Clock, FixedClock};
use chancery_verifier::entropy::PredictableEntropy;
use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom};
use chancery_verifier::{Environment, Freshness, Rejection, Revocation, Verifier};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Whatever is waited for happens long before.
pub(super) const DEADLINE: Duration = Duration::from_mins(1);
pub(super) const SNAPSHOT: &str = "/revocation/snapshot";
pub(super) const KEYS: &str = "/keys/revocation.json";

pub(super) struct Office {
    pub(super) desk: Desk,
    pub(super) url: String,
    pub(super) address: SocketAddr,
    pub(super) secret: String,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<Drained>,
}

impl Office {
    /// With a client `bot` that may read invoices.
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        let desk = Desk::open_at(&url).await;
        let secret = desk.client("bot", &[(DOCUMINT, "invoices:read")]).await;
        let (stop, stopped) = oneshot::channel();
        let issuer = Arc::clone(&desk.issuer);
        let server = tokio::spawn(async move {
            serve(listener, issuer, async {
                // Dropped with the office, which is the end as well.
                let _ = stopped.await;
            })
            .await
        });
        Self { desk, url, address, secret, stop: Some(stop), server }
    }

    /// A token that `bot` got just now.
    pub(super) async fn token(&self) -> String {
        self.desk.ask("bot", &self.secret, &[]).await.token()
    }

    pub(super) fn verifier(&self) -> Verifier {
        let policy = Revocation::Follow(Freshness::MaxStaleness(Duration::from_hours(1)));
        let clock: Arc<dyn Clock> = Arc::<FixedClock>::clone(&self.desk.clock);
        Verifier::new(&self.url, DOCUMINT, policy).unwrap().clock(clock).environment(Environment::Test)
    }

    pub(super) async fn follow(&self) -> (Verifier, Follower) {
        self.follow_with(settings()).await
    }

    pub(super) async fn follow_with(&self, settings: FollowSettings) -> (Verifier, Follower) {
        let verifier = self.verifier();
        let follower = Follower::start(&verifier, settings).unwrap();
        follower.wait_ready(DEADLINE).await.unwrap();
        (verifier, follower)
    }

    /// `ok`, or the reason of the refusal.
    pub(super) fn said(&self, verifier: &Verifier, token: &str) -> &'static str {
        let judged = verifier.verify(token, self.desk.clock.now());
        judged.as_ref().map_or_else(Rejection::reason, |_| "ok")
    }

    /// Stops the issuer, and waits for its end.
    pub(super) async fn stop(mut self) -> (Desk, Drained) {
        self.stop.take().unwrap().send(()).unwrap();
        let drained = tokio::time::timeout(DEADLINE, self.server).await.unwrap().unwrap();
        (self.desk, drained)
    }
}

/// Follows keys and log from where the metadata says they are.
pub(super) fn settings() -> FollowSettings {
    FollowSettings::new(KeysFrom::Discovery, DiskState::Nowhere).entropy(Arc::new(PredictableEntropy::new(5)))
}

/// Waits until `condition` holds.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    let holds = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(2));
        while !condition() {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(DEADLINE, holds).await.expect("it comes true");
}

impl Desk {
    /// Revokes tokens that nobody has.
    pub(super) async fn revoke_some(&self, some: u8) {
        let end = self.clock.now().plus(Duration::from_hours(1));
        let kills: Vec<Kill> =
            (0..some).map(|byte| Kill::token(TokenId::from_bytes([byte; 16]), end)).collect();
        self.issuer.revocation_log().append(&kills).await.unwrap();
    }

    pub(super) async fn revoke(&self, token: &str) {
        let claims = self.claims(token).await;
        let kill = Kill::token(claims.jti, claims.exp);
        self.issuer.revocation_log().append(&[kill]).await.unwrap();
    }

    async fn claims(&self, token: &str) -> Claims {
        let keys = KeySet::read(Format::Jwt, self.get("/.well-known/jwks.json").await.body.as_bytes());
        keys.unwrap().keys.open(token).unwrap().claims().clone()
    }

    /// Looks at the end of the store's log, as the running issuer does every 250 ms.
    pub(super) async fn look(&self) {
        self.issuer.revocation_log().look(self.moment()).await.unwrap();
    }

    pub(super) fn log(&self) -> LogId {
        self.issuer.revocation_log().current().position().log
    }

    pub(super) fn sequence(&self) -> Sequence {
        self.issuer.revocation_log().applied()
    }

    pub(super) fn delta_path(&self, after: Sequence, wait: u64) -> String {
        format!("/revocation/delta?log={}&after={after}&wait={wait}", self.log())
    }

    /// A question with headers.
    pub(super) async fn ask_for(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(super) async fn log_keys(&self) -> RevocationKeys {
        let read = RevocationKeys::read(self.get(KEYS).await.body.as_bytes()).unwrap();
        assert!(read.skipped.is_empty(), "{read:?}");
        read.keys
    }

    /// Opens a document with the keys that are published.
    pub(super) async fn document(&self, text: &str) -> Document {
        let issuer = &self.issuer.settings().issuer;
        self.log_keys().await.open(text, issuer, self.clock.now()).unwrap()
    }
}

/// From where to where, how many entries, and when the end was seen.
pub(super) fn told(document: &Document) -> (Sequence, Sequence, usize, UnixTime) {
    match document {
        Document::Delta(delta) => {
            let of = delta.delta();
            (of.from.sequence, of.to.sequence, of.entries.len(), delta.confirmed_at())
        }
        Document::Snapshot(snapshot) => panic!("a snapshot at {:?}", snapshot.position()),
    }
}
