//! Many at once, over sockets: workers that share one credential (rules ).

use crate::desk::{NOW, encode};
use chancery_catalog::Catalog;
use chancery_issuer::client::{Client, ClientKind, ClientState, Grant, Reach, Refresh};
use chancery_issuer::config::{Config, RedisSettings};
use chancery_issuer::master_key::MasterKey;
use chancery_issuer::secret::ClientSecret;
use chancery_issuer::store::{RedisStore, SqliteStore, Store};
use chancery_issuer::{Issuer, serve};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use chancery_token::{Environment, Everything, ScopePattern};
use chancery_verifier::clock::FixedClock;
use chancery_verifier::entropy::PredictableEntropy;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

const WORKERS: usize = 64;

/// Issuers that are one, each behind a socket of its own.
struct Office {
    issuers: Vec<Arc<Issuer>>,
    urls: Vec<String>,
    secret: String,
    http: reqwest::Client,
}

/// Many may wait at once here, so the machine may be slow.
const SETTINGS: [(&str, &str); 3] = [
    ("CHANCERY_CONFIG__ISSUER__URL", "https://auth.example"),
    ("CHANCERY_CONFIG__LIMITS__REQUEST_TIMEOUT", "30s"),
    ("CHANCERY_CONFIG__LIMITS__CONCURRENT_REQUESTS", "1024"),
];

impl Office {
    async fn over(stores: Vec<Arc<dyn Store>>) -> Self {
        let clock = Arc::new(FixedClock::new(NOW));
        let (mut issuers, mut urls) = (Vec::new(), Vec::new());
        for (number, store) in (0..).zip(stores) {
            let variables = SETTINGS.map(|(key, value)| (key.to_owned(), value.to_owned()));
            let journal = std::env::temp_dir().join(format!("chancery-crowd-{}-{number}", unique()));
            let journal = ("CHANCERY_CONFIG__REVOCATION__JOURNAL_FILE".into(), journal.display().to_string());
            let config = Config::load(None, variables.into_iter().chain([journal])).unwrap();
            let catalog = Catalog::parse(crate::presenting::CATALOG, "catalog.toml").unwrap();
            let master = MasterKey::generate(&PredictableEntropy::new(1));
            let entropy = Arc::new(PredictableEntropy::new(100 + number));
            let clock = Arc::<FixedClock>::clone(&clock);
            let issuer = Issuer::open(&config, catalog, store, master, clock, entropy).await.unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            urls.push(format!("http://{}/oauth2/token", listener.local_addr().unwrap()));
            tokio::spawn(serve(listener, Arc::clone(&issuer), std::future::pending()));
            issuers.push(issuer);
        }
        let secret = ClientSecret::generate(Environment::Test, &PredictableEntropy::new(9));
        let client = bot(&secret, &issuers[0]);
        issuers[0].store().insert_client(&client).await.unwrap();
        let (http, secret) = (reqwest::Client::new(), secret.reveal().to_owned());
        Self { issuers, urls, secret, http }
    }

    async fn post(&self, issuer: usize, form: &[(&str, &str)]) -> (u16, Value) {
        let credentials = [("client_id", "bot"), ("client_secret", &*self.secret)];
        let request = self.http.post(&self.urls[issuer % self.urls.len()]);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(encode(&[&credentials, form].concat())).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    async fn begin(&self) -> String {
        let (status, body) =
            self.post(0, &[("grant_type", "client_credentials"), ("scope", "orders:read")]).await;
        assert_eq!(status, 200, "{body}");
        body["refresh_token"].as_str().unwrap().to_owned()
    }

    async fn refresh(&self, issuer: usize, token: &str) -> (u16, Value) {
        self.post(issuer, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }
}

fn unique() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst))
}

fn bot(secret: &ClientSecret, issuer: &Issuer) -> Client {
    Client {
        id: "bot".parse().unwrap(),
        name: "bot".into(),
        purpose: "A test.".into(),
        owner: "testers".into(),
        kind: ClientKind::Agent,
        tenants: vec!["acme".parse().unwrap()],
        grants: vec![Grant {
            audience: crate::presenting::SHOP.into(),
            scope: ScopePattern::parse("orders:*", Everything::Refuse).unwrap(),
            reason: "The test needs it.".into(),
            unbounded: None,
        }],
        reach: Reach::Unbounded { reason: "A test sees all.".into() },
        lifetime: Duration::from_mins(15),
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_hours(30 * 24)),
        state: ClientState::Active,
        secrets: vec![secret.stored(issuer.hasher(), NOW)],
        authentication: chancery_issuer::client::Authentication::default(),
        keys: Vec::new(),
        dpop: chancery_issuer::client::DpopPolicy::default(),
        refresh: Some(Refresh::default()),
        may_delegate_to: Vec::new(),
        owes_entry: None,
    }
}

/// All of them at once get the same successor, and there was one rotation; and again with that one.
async fn crowds_get_one_successor(office: Arc<Office>) {
    let mut token = office.begin().await;
    for round in 0..4u64 {
        let asking: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let (office, token) = (Arc::clone(&office), token.clone());
                tokio::spawn(async move { office.refresh(worker, &token).await })
            })
            .collect();
        let mut successors = BTreeSet::new();
        for asked in asking {
            let (status, body) = asked.await.unwrap();
            assert_eq!(status, 200, "{body}");
            successors.insert(body["refresh_token"].as_str().unwrap().to_owned());
        }
        assert_eq!(successors.len(), 1, "round {round}");
        token = successors.pop_first().unwrap();
    }
    let text = chancery_issuer::family::RefreshToken::parse(&token, Environment::Test).unwrap();
    let family = office.issuers[0].store().family(text.family).await.unwrap().unwrap();
    assert_eq!(family.generation.0, 4, "one rotation for each round");
    assert_eq!(family.state, chancery_issuer::family::FamilyState::Live);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_2_1_64_workers_over_three_issuers_and_one_redis_get_one_successor() {
    let server = RedisServer::start(RedisOptions::default());
    let settings = RedisSettings {
        connect_timeout: Duration::from_secs(10),
        command_timeout: Duration::from_secs(10),
        ..RedisSettings::new(server.url().parse().unwrap())
    };
    let mut stores: Vec<Arc<dyn Store>> = Vec::new();
    for _ in 0..3 {
        stores.push(Arc::new(RedisStore::open(&settings).await.unwrap()));
    }
    crowds_get_one_successor(Arc::new(Office::over(stores).await)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_2_1_64_workers_over_the_embedded_store_get_one_successor() {
    let folder = std::env::temp_dir().join(format!("chancery-crowd-store-{}", unique()));
    std::fs::create_dir(&folder).unwrap();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&folder.join("store.db")).unwrap());
    crowds_get_one_successor(Arc::new(Office::over(vec![store]).await)).await;
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_2_4_a_replay_at_one_issuer_is_known_to_the_others() {
    let server = RedisServer::start(RedisOptions::default());
    let settings = RedisSettings::new(server.url().parse().unwrap());
    let mut stores: Vec<Arc<dyn Store>> = Vec::new();
    for _ in 0..2 {
        stores.push(Arc::new(RedisStore::open(&settings).await.unwrap()));
    }
    let office = Office::over(stores).await;
    let first = office.begin().await;
    let mut token = first.clone();
    // Out of its grace by number: more rotations than are remembered.
    let store = office.issuers[0].store();
    for step in 0..9u64 {
        let text = chancery_issuer::family::RefreshToken::parse(&token, Environment::Test).unwrap();
        let bot = "bot".parse().unwrap();
        let presented = chancery_issuer::family::Presented {
            generation: text.generation,
            client: &bot,
            proof: chancery_issuer::family::Proof::Authenticated,
            on_replay: chancery_issuer::family::OnReplay::Revoke,
        };
        let at = NOW.plus(Duration::from_mins(5 * (step + 1)));
        store.advance(text.family, &presented, at).await.unwrap();
        let key = office.issuers[0].keyring().refresh_key(text.epoch, Environment::Test);
        token = key.write(text.family, &bot, text.generation.next()).as_str().to_owned();
    }
    let (status, body) = office.refresh(0, &first).await;
    assert_eq!((status, &body["reason"]), (400, &"refresh_token_replayed".into()), "{body}");
    let (status, body) = office.refresh(1, &token).await;
    assert_eq!((status, &body["error"]), (400, &"invalid_grant".into()), "{body}");
    let owed = office.issuers[1].store().ended_families(10).await.unwrap();
    assert_eq!(owed, [], "the log says it, so the store owes nothing");
}
