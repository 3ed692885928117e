use super::*;
use crate::client::{Client, TooManySecrets, Unusable};
use crate::store::contract::client;
use chancery_verifier::entropy::PredictableEntropy;

fn hasher(seed: u64) -> SecretHasher {
    SecretHasher::new(&MasterKey::generate(&PredictableEntropy::new(seed)))
}

fn secret(environment: Environment, seed: u64) -> ClientSecret {
    ClientSecret::generate(environment, &PredictableEntropy::new(seed))
}

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);

#[test]
fn r55_a_leaked_secret_is_recognised_by_its_prefix_and_checksum() {
    for (environment, prefix) in [(Environment::Live, "chs_live_"), (Environment::Test, "chs_test_")] {
        let secret = secret(environment, 1);
        let text = secret.reveal();
        assert!(text.starts_with(prefix) && text.len() == 58, "{text}");
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')));
        assert_eq!(ClientSecret::parse(text, environment).unwrap().reveal(), text);
    }
}

#[test]
fn r07_a_test_secret_is_recognised_on_sight_and_never_accepted_by_a_live_issuer() {
    let (live, test) = (secret(Environment::Live, 1), secret(Environment::Test, 1));
    assert_eq!(
        ClientSecret::parse(test.reveal(), Environment::Live).unwrap_err(),
        NotASecret::OtherEnvironment { found: Environment::Test, expected: Environment::Live }
    );
    assert_eq!(
        ClientSecret::parse(live.reveal(), Environment::Test).unwrap_err(),
        NotASecret::OtherEnvironment { found: Environment::Live, expected: Environment::Test }
    );
    // Writing the other prefix before it does not help: the checksum covers the prefix, and so does the digest.
    let dressed = test.reveal().replace("test", "live");
    assert_eq!(ClientSecret::parse(&dressed, Environment::Live).unwrap_err(), NotASecret::Checksum);
    assert_ne!(live.digest(&hasher(1)), test.digest(&hasher(1)));
}

#[test]
fn what_is_no_secret_is_refused_without_a_store_and_without_being_repeated() {
    let good = secret(Environment::Live, 1);
    let mistyped = format!("{}x", &good.reveal()[..57]);
    let (short, long) = (good.reveal()[..57].to_owned(), format!("{}A", good.reveal()));
    for (text, reason) in [
        ("", "secret_malformed"),
        ("hunter2", "secret_malformed"),
        ("chs_live_", "secret_malformed"),
        ("chr_live_AAAA", "secret_malformed"),
        (&*short, "secret_malformed"),
        (&*long, "secret_malformed"),
        (&*mistyped, "secret_checksum"),
    ] {
        let refused = ClientSecret::parse(text, Environment::Live).unwrap_err();
        assert_eq!(refused.reason(), reason, "{text}");
        assert!(text.len() < 12 || !refused.to_string().contains(&text[9..]), "{refused}");
    }
}

#[test]
fn r08_a_secret_is_stored_as_a_digest_that_only_the_master_key_can_make() {
    let secret = secret(Environment::Live, 1);
    let stored = secret.stored(&hasher(1), NOW);
    assert_eq!(stored.digest, secret.digest(&hasher(1)));
    assert_ne!(stored.digest, secret.digest(&hasher(2)));
    let written = serde_json::to_string(&stored).unwrap();
    assert!(written.contains("hmac-sha256:"), "{written}");
    assert!(!written.contains(&secret.reveal()[9..30]), "{written}");
    assert_eq!(serde_json::from_str::<StoredSecret>(&written).unwrap(), stored);
    for other in ["sha256:", "", "HMAC-SHA256:"] {
        assert!(serde_json::from_str::<StoredSecret>(&written.replace("hmac-sha256:", other)).is_err());
    }
}

#[test]
fn a_digest_is_what_another_library_makes_of_key_and_secret() {
    let master = MasterKey::generate(&PredictableEntropy::new(3));
    let secret = secret(Environment::Live, 1);
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &*master.derive("client-secret"));
    let other = aws_lc_rs::hmac::sign(&key, secret.reveal().as_bytes());
    assert_eq!(secret.digest(&SecretHasher::new(&master)), other.as_ref());
}

#[test]
fn r08_neither_a_secret_nor_its_digest_is_printed() {
    let secret = secret(Environment::Live, 1);
    let client = client("a").with_secret(secret.stored(&hasher(1), NOW)).unwrap();
    let printed = format!("{secret:?} {:?} {client:?} {:?}", hasher(1), client.secrets);
    assert!(!printed.contains(&secret.reveal()[9..20]), "{printed}");
    let digest = secret.digest(&hasher(1));
    let decimal = format!("{}, {}", digest[0], digest[1]);
    assert!(!printed.contains(&base64url(&digest)[..10]) && !printed.contains(&decimal), "{printed}");
}

#[test]
fn r_7_5_two_secrets_are_live_and_dropping_one_leaves_the_other() {
    let (first, second, third) =
        (secret(Environment::Live, 1), secret(Environment::Live, 2), secret(Environment::Live, 3));
    let [one, two, three] = [&first, &second, &third].map(|secret| secret.stored(&hasher(1), NOW));
    let client = client("a").with_secret(one.clone()).unwrap().with_secret(two.clone()).unwrap();
    assert_eq!(client.authenticate(&first, &hasher(1)), Some(&one));
    assert_eq!(client.authenticate(&second, &hasher(1)), Some(&two));
    assert_eq!(client.authenticate(&third, &hasher(1)), None);
    assert_eq!(client.authenticate(&first, &hasher(2)), None);
    let refused = client.clone().with_secret(three).unwrap_err();
    assert_eq!(refused, TooManySecrets { held: vec![one.id.clone(), two.id.clone()] });
    let client = client.without_secret(&one.id);
    assert_eq!(client.authenticate(&first, &hasher(1)), None);
    assert_eq!(client.authenticate(&second, &hasher(1)), Some(&two));
}

#[test]
fn a_client_without_secrets_authenticates_nobody() {
    assert_eq!(client("a").authenticate(&secret(Environment::Live, 1), &hasher(1)), None);
}

#[test]
fn r04_a_client_gets_nothing_from_the_second_of_its_end_on() {
    let client = client("a");
    let end = client.expires_at;
    assert_eq!(client.usable(UnixTime::from_secs(end.as_secs() - 1)), Ok(()));
    assert_eq!(client.usable(end), Err(Unusable::Expired { at: end }));
    assert_eq!(client.usable(end).unwrap_err().reason(), "client_expired");
}

#[test]
fn a_client_that_was_switched_off_gets_nothing_and_keeps_its_first_reason() {
    let off = client("a").disable(NOW, "leaked", crate::client::DisabledBy::Tenant).disable(
        UnixTime::MAX,
        "again",
        crate::client::DisabledBy::Tenant,
    );
    assert_eq!(off.usable(NOW), Err(Unusable::Disabled { at: NOW, reason: "leaked".into() }));
    let on: Client = off.enable();
    assert_eq!(on.usable(NOW), Ok(()));
}
