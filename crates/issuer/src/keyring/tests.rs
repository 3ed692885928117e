mod ended;
mod refresh_epoch;
mod revoke;

use super::*;
use crate::scratch::Scratch;
use crate::store::SqliteStore;
use chancery_token::{Bounds, Claims, Environment, KeySet, ScopeSet, TokenId, scope};
use chancery_verifier::entropy::{Entropy, PredictableEntropy};

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const ISSUER: &str = "https://auth.example.com";

struct Office {
    scratch: Scratch,
    entropy: PredictableEntropy,
}

impl Office {
    fn new() -> Self {
        Self { scratch: Scratch::new(), entropy: PredictableEntropy::new(7) }
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.scratch.path().join("store.db")).unwrap()
    }

    async fn keyring(&self, store: &dyn Store) -> Keyring {
        self.open(store, 1, ISSUER).await.unwrap()
    }

    async fn open(&self, store: &dyn Store, master: u64, issuer: &str) -> Result<Keyring, KeyringFault> {
        let master = MasterKey::generate(&PredictableEntropy::new(master));
        Keyring::open(store, master, setup(issuer), NOW, &self.entropy).await
    }
}

fn setup(issuer: &str) -> KeyringSetup {
    let [lead, max_age, lifetime] = [3600, 300, 3600].map(Duration::from_secs);
    let schedule = Schedule::new(lead, max_age, lifetime).unwrap();
    KeyringSetup { issuer: issuer.into(), algorithm: AlgorithmName::EdDsa, schedule }
}

fn claims() -> Claims {
    Claims {
        iss: ISSUER.into(),
        aud: "https://api.example.com".into(),
        sub: "reporter".parse().unwrap(),
        client_id: "reporter".parse().unwrap(),
        iat: NOW,
        exp: NOW.plus(Duration::from_mins(15)),
        nbf: None,
        jti: TokenId::from_bytes([9; 16]),
        scope: ScopeSet::from_scopes(&[scope!("invoices:read")]).unwrap(),
        tenant: "acme".parse().unwrap(),
        bounds: Bounds::default(),
        sid: None,
        rvs: 1,
        cnf: None,
        act: Vec::new(),
        anc: Vec::new(),
        env: Environment::Live,
    }
}

fn document(keyring: &Keyring, format: Format, now: UnixTime) -> KeySet {
    let keys = match format {
        Format::Jwt => serde_json::to_value(keyring.jwks(now)),
        Format::Paseto => serde_json::to_value(keyring.paserk_keys(now)),
    };
    let text = serde_json::json!({ "keys": keys.unwrap() }).to_string();
    let read = KeySet::read(format, text.as_bytes()).unwrap();
    assert!(read.skipped.is_empty(), "{read:?}");
    read.keys
}

const FORMATS: [Format; 2] = [Format::Jwt, Format::Paseto];

#[tokio::test]
async fn what_the_keyring_signs_opens_with_what_it_publishes() {
    let office = Office::new();
    let keyring = office.keyring(&office.store()).await;
    for format in FORMATS {
        let token = keyring.signer(format, NOW).sign(&claims()).unwrap();
        let keys = document(&keyring, format, NOW);
        assert_eq!(*keys.open(&token).unwrap().claims(), claims());
        assert_eq!(keys.kids().count(), 2, "one that signs and one that waits");
    }
    let [jwt, paseto] = FORMATS.map(|format| keyring.signer(format, NOW).kid().to_owned());
    assert!(paseto.starts_with("k4.pid.") && !jwt.contains('.'));
}

#[tokio::test]
async fn a_store_that_lost_its_keyring_gets_no_new_one() {
    let office = Office::new();
    office.keyring(&office.store()).await;
    let file = rusqlite::Connection::open(office.scratch.path().join("store.db")).unwrap();
    assert_eq!(file.execute("DELETE FROM keyring", []).unwrap(), 1);
    let store = office.store();
    let fault = office.open(&store, 1, ISSUER).await.unwrap_err();
    assert_eq!(fault, KeyringFault::Missing);
    assert_eq!(store.keyring().await.unwrap(), None, "nothing was written");
}

#[tokio::test]
async fn r_10_2_processes_that_share_a_store_share_their_keys() {
    let office = Office::new();
    let (store, other) = (office.store(), office.store());
    let (first, second) = tokio::join!(office.keyring(&store), office.keyring(&other));
    assert_eq!(first.records(), second.records());
    let token = second.signer(Format::Jwt, NOW).sign(&claims()).unwrap();
    assert!(document(&first, Format::Jwt, NOW).open(&token).is_ok());
    assert_eq!(office.keyring(&office.store()).await.records(), first.records());
}

#[tokio::test]
async fn r52_a_rotation_is_the_same_for_every_process_and_breaks_no_token() {
    let office = Office::new();
    let (store, other) = (office.store(), office.store());
    let (here, there) = (office.keyring(&store).await, office.keyring(&other).await);
    let later = NOW.plus(Duration::from_secs(100_001));
    for format in FORMATS {
        let old = here.signer(format, later).sign(&claims()).unwrap();
        let planned = here.plan_rotation(&[format], later).unwrap().remove(0);
        let rotation = here.rotate(&store, &[format], later, &office.entropy).await.unwrap().remove(0);
        assert_eq!(Rotation { publishes: None, ..rotation.clone() }, planned);
        assert_eq!(rotation.activates_at, later);
        assert_ne!(there.signer(format, later).kid(), rotation.activates);

        assert_eq!(there.reload(&other, later).await, Ok(true));
        assert_eq!(there.records(), here.records());
        assert_eq!(there.confirmed_at(), later);
        assert_eq!(there.signer(format, later).kid(), rotation.activates);
        let keys = document(&there, format, later);
        assert!(keys.open(&old).is_ok() && keys.contains(&rotation.publishes.unwrap()));
        let end = rotation.removed_at;
        assert!(!document(&there, format, end).contains(&rotation.retires));
    }
    assert_eq!(there.reload(&other, later).await, Ok(false));
}

#[tokio::test]
async fn the_keys_of_both_formats_rotate_together_or_not_at_all() {
    let office = Office::new();
    let store = office.store();
    let keyring = office.keyring(&store).await;
    let first = keyring.rotate(&store, &[Format::Paseto], NOW, &office.entropy).await.unwrap().remove(0);
    let before = (keyring.version(), keyring.records());
    for formats in [[Format::Jwt, Format::Paseto], [Format::Paseto, Format::Jwt]] {
        let refused = keyring.rotate(&store, &formats, NOW, &office.entropy).await.unwrap_err();
        assert_eq!(refused, keyring.plan_rotation(&formats, NOW).unwrap_err());
        assert!(refused.to_string().contains("the paseto keys"), "{refused}");
        assert_eq!((keyring.version(), keyring.records()), before);
    }
    let later = first.activates_at;
    let done = keyring.rotate(&store, &FORMATS, later, &office.entropy).await.unwrap();
    assert_eq!(done.iter().map(|rotation| rotation.keys).collect::<Vec<_>>(), FORMATS.map(KeyUse::from));
    // One change of the store: no fault can come between the two.
    assert_eq!(keyring.version(), before.0 + 1);
    assert_eq!(office.keyring(&office.store()).await.records(), keyring.records());
}

#[tokio::test]
async fn rotations_at_the_same_time_are_one() {
    let office = Office::new();
    let stores = [office.store(), office.store()];
    let [first, second] = [office.keyring(&stores[0]).await, office.keyring(&stores[1]).await];
    let rotate = |keyring, store| Keyring::rotate(keyring, store, &[Format::Jwt], NOW, &office.entropy);
    let (one, two) = tokio::join!(rotate(&first, &stores[0]), rotate(&second, &stores[1]));
    let pending =
        [&one, &two].into_iter().filter(|answer| matches!(answer, Err(RotateError::Pending { .. }))).count();
    assert_eq!((one.is_ok() || two.is_ok(), pending), (true, 1), "{one:?} {two:?}");
    first.reload(&stores[0], NOW).await.unwrap();
    second.reload(&stores[1], NOW).await.unwrap();
    assert_eq!(first.records(), second.records());
    assert_eq!(first.records().iter().filter(|record| record.keys == KeyUse::Jwt).count(), 3);
}

#[tokio::test]
async fn a_wrong_master_key_a_wrong_issuer_and_a_changed_keyring_do_not_open() {
    let office = Office::new();
    let store = office.store();
    office.keyring(&store).await;
    let refused = office.open(&store, 2, ISSUER).await.unwrap_err();
    assert_eq!(refused.reason(), "other_master_key");
    for seed in [1, 2] {
        let fingerprint = MasterKey::generate(&PredictableEntropy::new(seed)).fingerprint();
        assert!(refused.to_string().contains(fingerprint.as_str()), "{refused}");
    }
    assert_eq!(
        office.open(&store, 1, "https://other.example.com").await.unwrap_err().reason(),
        "seal_broken"
    );
    let mut stored = store.keyring().await.unwrap().unwrap();
    let middle = stored.blob.len() / 2;
    stored.blob[middle] ^= 1;
    store.replace_keyring(Some(1), &stored.blob).await.unwrap();
    assert_eq!(office.open(&store, 1, ISSUER).await.unwrap_err().reason(), "seal_broken");
}

#[tokio::test]
async fn a_keyring_that_breaks_while_it_is_in_use_leaves_the_keys_in_memory() {
    let office = Office::new();
    let store = office.store();
    let keyring = office.keyring(&store).await;
    let before = keyring.records();
    store.replace_keyring(Some(1), b"garbage").await.unwrap();
    assert!(keyring.reload(&store, NOW.plus(Duration::from_secs(9))).await.is_err());
    assert!(keyring.rotate(&store, &[Format::Jwt], NOW, &office.entropy).await.is_err());
    assert_eq!((keyring.records(), keyring.confirmed_at()), (before, NOW));
}

#[tokio::test]
async fn r_10_5_a_keyring_of_another_layout_is_named_and_not_misread() {
    let office = Office::new();
    let store = office.store();
    let master = MasterKey::generate(&PredictableEntropy::new(1));
    for (text, says) in [
        (r#"{"v":4}"#, "layout 4"),
        (r#"{"v":3}"#, "line 1"),
        (r#"{"v":2}"#, "line 1"),
        ("{}", "line 1"),
        (r#"{"v":1,"jwt":{}}"#, "line 1"),
    ] {
        let expected = store.keyring().await.unwrap().map(|stored| stored.version);
        let blob = master.seal("keyring", ISSUER, text.as_bytes(), &office.entropy);
        store.replace_keyring(expected, &blob).await.unwrap();
        let refused = office.open(&store, 1, ISSUER).await.unwrap_err();
        assert!(refused.reason() == "keyring_unreadable" && refused.to_string().contains(says), "{refused}");
    }
}

#[tokio::test]
async fn no_private_key_is_stored_in_the_clear_or_printed() {
    let office = Office::new();
    let store = office.store();
    let keyring = office.keyring(&store).await;
    let blob = store.keyring().await.unwrap().unwrap().blob;
    // The seeds that were drawn, in the order of the draws.
    let entropy = PredictableEntropy::new(7);
    let printed = format!(
        "{keyring:?} {:?} {}",
        keyring.keys.load(),
        serde_json::to_string(&keyring.records()).unwrap()
    );
    for _ in 0..6 {
        let mut seed = [0; 32];
        entropy.fill(&mut seed);
        let text = chancery_token::encoding::base64url(&seed);
        let public = chancery_token::SecretKey::from_seed(&seed).public();
        let held = keyring.keys.load();
        let tokens = held.jwt.published(NOW).chain(held.paseto.published(NOW)).map(|key| &key.public);
        let known =
            tokens.chain(held.revocation.published(NOW).map(|key| &key.public)).any(|key| *key == public);
        assert!(known, "the test no longer knows the seeds");
        assert!(!blob.windows(8).any(|part| seed.windows(8).any(|seed| seed == part)));
        assert!(!blob.windows(8).any(|part| part == &text.as_bytes()[..8]) && !printed.contains(&text[..8]));
    }
}

#[test]
fn r_1_12_a_lead_shorter_than_max_age_is_refused() {
    let [minute, hour] = [60, 3600].map(Duration::from_secs);
    let refused = Schedule::new(minute, hour, hour).unwrap_err();
    assert_eq!(refused, LeadTooShort { publish_lead: minute, jwks_max_age: hour });
    assert!(refused.to_string().contains("publish_lead is 1m and jwks_max_age 1h"), "{refused}");
    assert!(Schedule::new(hour, hour, hour).is_ok());
}
