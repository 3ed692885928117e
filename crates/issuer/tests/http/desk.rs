//! An issuer at work, with its store, its clock, and clients to ask it.

use crate::watched::Watched;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use base64::Engine as _;
use chancery_catalog::Catalog;
use chancery_issuer::Issuer;
use chancery_issuer::client::{Client, ClientKind, ClientState, Grant, Reach};
use chancery_issuer::config::Config;
use chancery_issuer::master_key::MasterKey;
use chancery_issuer::revocation::{Journaling, LogSettings, RevocationLog};
use chancery_issuer::secret::ClientSecret;
use chancery_issuer::store::{SqliteStore, Store};
use chancery_revocation::{Kill, Moment, Sequence};
use chancery_token::{Environment, Everything, ScopePattern, UnixTime};
use chancery_verifier::clock::{Clock as _, FixedClock};
use chancery_verifier::entropy::PredictableEntropy;
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tower::ServiceExt as _;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
pub(crate) const DOCUMINT: &str = "https://api.documint.example";
pub(crate) const ARCHIVE: &str = "https://archive.example";

/// DocuMint, and beside it a product whose tokens are PASETOs.
pub(crate) fn catalog() -> Catalog {
    let documint = include_str!("../../../examples/src/documint/catalog.toml");
    // Both know invoices, so templates say whose.
    let documint = documint.replace("\n\"invoices:", "\n\"documint/invoices:");
    let archive = "
[product.archive]
title = \"Archive <&>\"
audience = \"https://archive.example\"
format = \"paseto\"
[product.archive.resource.boxes.action.read]
sentence = \"Can look into boxes.\"
owner = \"archive\"
risk = \"read\"
docs = \"https://docs.example/?a=1&b=2\"
[product.archive.resource.invoices.action.read]
sentence = \"Can view archived invoices.\"
owner = \"archive\"
risk = \"read\"
";
    Catalog::parse(&format!("{documint}{archive}"), "catalog.toml").unwrap()
}

pub(crate) struct Desk {
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) store: Arc<Watched>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) router: Router,
    secrets: AtomicU64,
    folder: PathBuf,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Desk {
    pub(crate) async fn open() -> Self {
        Self::open_at("https://auth.example").await
    }

    pub(crate) async fn open_at(url: &str) -> Self {
        Self::open_with(&[("ISSUER__URL", url)]).await
    }

    pub(crate) async fn open_with(settings: &[(&str, &str)]) -> Self {
        Self::open_both(settings, catalog()).await
    }

    /// With another catalog.
    pub(crate) async fn open_over(text: &str) -> Self {
        let catalog = Catalog::parse(text, "catalog.toml").unwrap();
        Self::open_both(&[("ISSUER__URL", "https://auth.example")], catalog).await
    }

    /// With another catalog and other settings.
    pub(crate) async fn open_over_with(settings: &[(&str, &str)], text: &str) -> Self {
        let catalog = Catalog::parse(text, "catalog.toml").unwrap();
        Self::open_both(&[&[("ISSUER__URL", "https://auth.example")], settings].concat(), catalog).await
    }

    /// Time passes, and the issuer looks at the revocation log, as it does all the while.
    pub(crate) async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.issuer.revocation_log().look(self.moment()).await.unwrap();
    }

    /// Now, as its issuer has it.
    pub(crate) fn moment(&self) -> Moment {
        Moment { wall: self.clock.now(), monotonic: self.clock.monotonic() }
    }

    /// Another issuer over the same store appends this, and this one sees it.
    pub(crate) async fn end_beside(&self, kill: Kill) {
        self.append_beside(kill).await;
        self.issuer.revocation_log().look(self.moment()).await.unwrap();
    }

    /// Another issuer over the same store appends this.
    pub(crate) async fn append_beside(&self, kill: Kill) -> Sequence {
        let store: Arc<dyn Store> = Arc::<Watched>::clone(&self.store);
        let identity = store.identity().await.unwrap().unwrap();
        let retention = *self.issuer.revocation_log().current().retention();
        let settings = LogSettings { retention, journal: Journaling::Never };
        let log = RevocationLog::open(store, &identity, settings, self.issuer_now(), Box::new(|_| ()));
        log.await.unwrap().append(&[kill]).await.unwrap().at.sequence
    }

    /// What its clock shows.
    pub(crate) fn issuer_now(&self) -> UnixTime {
        self.clock.now()
    }

    async fn open_both(settings: &[(&str, &str)], catalog: Catalog) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        crate::captured::install();
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("chancery-http-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let variables =
            settings.iter().map(|(key, value)| (format!("CHANCERY_CONFIG__{key}"), (*value).to_owned()));
        let journal = folder.join("revocation.journal").display().to_string();
        let journal = ("CHANCERY_CONFIG__REVOCATION__JOURNAL_FILE".to_owned(), journal);
        let config = Config::load(None, std::iter::once(journal).chain(variables)).unwrap();
        let store = Arc::new(Watched::new(SqliteStore::open(&folder.join("store.db")).unwrap()));
        let clock = Arc::new(FixedClock::new(NOW));
        let entropy = Arc::new(PredictableEntropy::new(number));
        let master = MasterKey::generate(&*entropy);
        let issuer = Issuer::open(
            &config,
            catalog,
            Arc::<Watched>::clone(&store),
            master,
            Arc::<FixedClock>::clone(&clock),
            entropy,
        )
        .await
        .unwrap();
        let router = issuer.router();
        store.asked();
        Self { issuer, store, clock, router, secrets: AtomicU64::new(1000), folder }
    }

    /// A client that holds `grants` (audience and scope), and its secret.
    pub(crate) async fn client(&self, id: &str, grants: &[(&str, &str)]) -> String {
        self.client_with(id, grants, |client| client).await
    }

    pub(crate) async fn client_with(
        &self,
        id: &str,
        grants: &[(&str, &str)],
        change: impl FnOnce(Client) -> Client,
    ) -> String {
        let secret = self.secret(Environment::Test);
        let now = self.clock.now();
        let grant = |(audience, scope): &(&str, &str)| Grant {
            audience: (*audience).to_owned(),
            scope: ScopePattern::parse(scope, Everything::Refuse).unwrap(),
            reason: "The test needs it.".into(),
            unbounded: None,
        };
        let client = Client {
            id: id.parse().unwrap(),
            name: id.into(),
            purpose: "A test.".into(),
            owner: "testers".into(),
            kind: ClientKind::Service,
            tenants: vec!["acme".parse().unwrap()],
            grants: grants.iter().map(grant).collect(),
            reach: Reach::Unbounded { reason: "A test sees all.".into() },
            lifetime: Duration::from_mins(15),
            created_at: now,
            expires_at: now.plus(Duration::from_hours(30 * 24)),
            state: ClientState::Active,
            secrets: vec![secret.stored(self.issuer.hasher(), now)],
            authentication: chancery_issuer::client::Authentication::default(),
            keys: Vec::new(),
            dpop: chancery_issuer::client::DpopPolicy::default(),
            refresh: None,
            may_delegate_to: Vec::new(),
            owes_entry: None,
        };
        self.store.insert_client(&change(client)).await.unwrap();
        secret.reveal().to_owned()
    }

    /// A secret that no client has.
    pub(crate) fn secret(&self, environment: Environment) -> ClientSecret {
        let seed = self.secrets.fetch_add(77, Ordering::SeqCst);
        ClientSecret::generate(environment, &PredictableEntropy::new(seed))
    }

    /// Its store, past everything that watches over it.
    pub(crate) fn raw(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.join("store.db")).unwrap()
    }

    /// Makes the record of a client what no version can read.
    pub(crate) fn break_record(&self, id: &str) {
        let raw = self.raw();
        let sql = r#"UPDATE clients SET record = '{"v":1,"record":{"id":"a quoted value"}}' WHERE id = ?1"#;
        assert_eq!(raw.execute(sql, [id]).unwrap(), 1, "{id}");
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form to the token endpoint.
    pub(crate) async fn post(&self, form: &[(&str, &str)]) -> Answer {
        self.send(token_request(encode(form))).await
    }

    /// Asks for a token with the secret in the body.
    pub(crate) async fn ask(&self, id: &str, secret: &str, parameters: &[(&str, &str)]) -> Answer {
        let who = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        self.post(&[&who, parameters].concat()).await
    }

    /// Asks for a token with HTTP Basic, id and secret as they are given.
    pub(crate) async fn ask_basic(&self, credentials: &str, parameters: &[(&str, &str)]) -> Answer {
        let form = [&[("grant_type", "client_credentials")], parameters].concat();
        let mut request = token_request(encode(&form));
        request.headers_mut().insert(header::AUTHORIZATION, basic(credentials).parse().unwrap());
        self.send(request).await
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // A test that fails leaves its folder behind rather than hide its failure behind another one.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn token(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// `status error reason`, after checking what every refusal has in common.
    pub(crate) fn refusal(&self) -> String {
        let json = self.json();
        let text =
            |name: &str| json[name].as_str().unwrap_or_else(|| panic!("no {name}: {self:?}")).to_owned();
        assert_eq!(self.header("cache-control"), "no-store", "{self:?}");
        assert_eq!(self.header("content-type"), "application/json", "{self:?}");
        let description = text("error_description");
        let legal = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(description.bytes().all(legal) && !description.is_empty(), "{description}");
        format!("{} {} {}", self.status.as_u16(), text("error"), text("reason"))
    }
}

pub(crate) fn encode(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

pub(crate) fn basic(credentials: &str) -> String {
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(credentials))
}

pub(crate) fn token_request(body: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri("/oauth2/token")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body.into())
        .unwrap()
}
