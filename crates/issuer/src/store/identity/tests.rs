use super::*;
use crate::scratch::Scratch;
use crate::store::SqliteStore;
use chancery_verifier::entropy::PredictableEntropy;

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const ISSUER: &str = "https://auth.example.com";

fn master(seed: u64) -> MasterKey {
    MasterKey::generate(&PredictableEntropy::new(seed))
}

fn open(scratch: &Scratch) -> SqliteStore {
    SqliteStore::open(&scratch.path().join("store.db")).unwrap()
}

async fn establish(
    store: &dyn Store,
    issuer: &str,
    environment: Environment,
    seed: u64,
    entropy: u64,
) -> Result<Identity, IdentityFault> {
    Identity::establish(store, issuer, environment, &master(seed), NOW, &PredictableEntropy::new(entropy))
        .await
}

#[tokio::test]
async fn a_new_store_is_given_to_the_issuer_and_stays_its_own() {
    let scratch = Scratch::new();
    let first = establish(&open(&scratch), ISSUER, Environment::Live, 1, 1).await.unwrap();
    assert_eq!(first.master_key, master(1).fingerprint());
    assert_eq!(first.log_start, Sequence::start(None, NOW));
    let again = establish(&open(&scratch), ISSUER, Environment::Live, 1, 2).await.unwrap();
    assert_eq!(again, first);
}

#[tokio::test]
async fn processes_that_start_together_end_with_one_identity() {
    let scratch = Scratch::new();
    let (one, two) = (open(&scratch), open(&scratch));
    let (a, b) = tokio::join!(
        establish(&one, ISSUER, Environment::Live, 1, 1),
        establish(&two, ISSUER, Environment::Live, 1, 2)
    );
    assert_eq!(a.unwrap(), b.unwrap());
}

#[tokio::test]
async fn r07_a_store_of_another_environment_issuer_or_master_key_is_refused() {
    let scratch = Scratch::new();
    let store = open(&scratch);
    establish(&store, ISSUER, Environment::Test, 1, 1).await.unwrap();
    let refused = establish(&store, ISSUER, Environment::Live, 1, 1).await.unwrap_err();
    assert_eq!(
        refused,
        IdentityFault::OtherEnvironment { stored: Environment::Test, wanted: Environment::Live }
    );
    let refused = establish(&store, "https://b.example.com", Environment::Test, 1, 1).await.unwrap_err();
    assert_eq!(refused.reason(), "other_issuer");
    let refused = establish(&store, ISSUER, Environment::Test, 2, 1).await.unwrap_err();
    assert_eq!(refused.reason(), "other_master_key");
    for seed in [1, 2] {
        assert!(refused.to_string().contains(master(seed).fingerprint().as_str()), "{refused}");
    }
}

#[tokio::test]
async fn a_master_key_is_made_only_for_a_store_that_has_none() {
    let scratch = Scratch::new();
    let store = open(&scratch);
    let path = scratch.path().join("keys/master.key");
    let entropy = PredictableEntropy::new(5);
    let made = master_key(&store, &path, &entropy).await.unwrap();
    Identity::establish(&store, ISSUER, Environment::Test, &made, NOW, &entropy).await.unwrap();
    let read = master_key(&store, &path, &entropy).await.unwrap();
    assert_eq!(read.fingerprint(), made.fingerprint());
    // A second truth beside a store that is sealed under a lost key would only hide the loss.
    std::fs::remove_file(&path).unwrap();
    let refused = master_key(&store, &path, &entropy).await.unwrap_err();
    assert_eq!(refused.reason(), "master_key_missing");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_store_that_was_in_use_and_lost_its_identity_is_refused() {
    let scratch = Scratch::new();
    establish(&open(&scratch), ISSUER, Environment::Live, 1, 1).await.unwrap();
    let store = open(&scratch);
    store.replace_keyring(None, b"sealed").await.unwrap();
    drop(store);
    let file = rusqlite::Connection::open(scratch.path().join("store.db")).unwrap();
    assert_eq!(file.execute("DELETE FROM identity", []).unwrap(), 1);
    drop(file);
    let refused = establish(&open(&scratch), ISSUER, Environment::Live, 1, 2).await.unwrap_err();
    assert_eq!(refused.reason(), "store_corrupt");
    assert_eq!(open(&scratch).identity().await.unwrap(), None);
}
