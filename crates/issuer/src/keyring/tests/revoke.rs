use super::*;
use crate::keyring::{KeyRevocation, KeyUse, RevokeKeyError, RevokedKey};

fn done(revoked: Result<KeyRevocation, RevokeKeyError>) -> RevokedKey {
    match revoked {
        Ok(KeyRevocation::Done(revoked)) => revoked,
        other => panic!("{other:?}"),
    }
}

fn kids(keyring: &Keyring, of: KeyUse, now: UnixTime) -> Vec<String> {
    match of {
        KeyUse::Jwt => document(keyring, Format::Jwt, now).kids().map(ToString::to_string).collect(),
        KeyUse::Paseto => document(keyring, Format::Paseto, now).kids().map(ToString::to_string).collect(),
        KeyUse::Revocation => keyring.revocation_keys(now).unwrap().kids().map(ToString::to_string).collect(),
    }
}

#[tokio::test]
async fn a_key_that_signs_is_taken_out_at_once_and_the_next_one_signs_in_every_process() {
    let office = Office::new();
    let (store, other) = (office.store(), office.store());
    let (here, there) = (office.keyring(&store).await, office.keyring(&other).await);
    for format in FORMATS {
        let kid = here.signer(format, NOW).kid().to_owned();
        let before = kids(&here, format.into(), NOW);
        let revoked = done(here.revoke(&store, &kid, NOW, &office.entropy).await);
        assert_eq!((&revoked.kid, revoked.keys), (&kid, format.into()));
        assert_eq!(here.signer(format, NOW).kid(), revoked.signs);
        assert!(before.contains(&revoked.signs), "it was published already");
        assert_eq!(there.reload(&other, NOW).await, Ok(true));
        for keyring in [&here, &there] {
            let keys = document(keyring, format, NOW);
            assert!(!keys.contains(&kid) && keys.contains(&revoked.publishes));
            assert!(keyring.believed(format, NOW).iter().all(|(known, _)| *known != kid));
            let token = keyring.signer(format, NOW).sign(&claims()).unwrap();
            assert!(keys.open(&token).is_ok());
        }
    }
}

#[tokio::test]
async fn r_1_12_a_key_that_only_waits_is_replaced_and_nothing_else_changes() {
    let office = Office::new();
    let store = office.store();
    let keyring = office.keyring(&store).await;
    let signs = keyring.signer(Format::Jwt, NOW).kid().to_owned();
    let waits = kids(&keyring, KeyUse::Jwt, NOW).into_iter().find(|kid| *kid != signs).unwrap();
    let revoked = done(keyring.revoke(&store, &waits, NOW, &office.entropy).await);
    assert_eq!((revoked.signs, keyring.signer(Format::Jwt, NOW).kid()), (signs.clone(), &*signs));
    assert_eq!(kids(&keyring, KeyUse::Jwt, NOW), [signs, revoked.publishes]);
    let planned = keyring.plan_rotation(&[Format::Jwt], NOW).unwrap().remove(0);
    assert!(planned.activates_at > NOW, "the new one has yet to be known");
}

#[tokio::test]
async fn a_retired_key_goes_before_its_time_and_its_tokens_with_it() {
    let office = Office::new();
    let store = office.store();
    let keyring = office.keyring(&store).await;
    let later = NOW.plus(Duration::from_hours(2));
    let token = keyring.signer(Format::Jwt, later).sign(&claims()).unwrap();
    let rotated = keyring.rotate(&store, &[Format::Jwt], later, &office.entropy).await.unwrap().remove(0);
    assert!(document(&keyring, Format::Jwt, later).open(&token).is_ok());
    let revoked = done(keyring.revoke(&store, &rotated.retires, later, &office.entropy).await);
    assert_eq!((revoked.signs, Some(revoked.publishes)), (rotated.activates, rotated.publishes));
    assert!(document(&keyring, Format::Jwt, later).open(&token).is_err());
}

#[tokio::test]
async fn names_of_revoked_keys_are_remembered_for_ever_and_unknown_ones_told_apart() {
    let office = Office::new();
    let store = office.store();
    let keyring = office.keyring(&store).await;
    let kid = keyring.signer(Format::Jwt, NOW).kid().to_owned();
    done(keyring.revoke(&store, &kid, NOW, &office.entropy).await);
    let before = (keyring.version(), keyring.records());
    let again = keyring.revoke(&store, &kid, NOW, &office.entropy).await;
    assert_eq!(again, Ok(KeyRevocation::Already));
    let unknown = keyring.revoke(&store, "nobody", NOW, &office.entropy).await.unwrap_err();
    assert_eq!((unknown.reason(), unknown.to_string().contains("'nobody'")), ("key_unknown", true));
    assert_eq!((keyring.version(), keyring.records()), before);
    let mut now = NOW;
    for _ in 0..10 {
        now = now.plus(Duration::from_hours(200 * 24));
        keyring.rotate(&store, &FORMATS, now, &office.entropy).await.unwrap();
    }
    assert_eq!(keyring.revoked(), std::slice::from_ref(&kid));
    assert_eq!(office.keyring(&office.store()).await.revoked(), [kid]);
}

#[tokio::test]
async fn keys_that_are_revoked_at_the_same_time_are_all_gone() {
    let office = Office::new();
    let stores = [office.store(), office.store()];
    let [first, second] = [office.keyring(&stores[0]).await, office.keyring(&stores[1]).await];
    let [jwt, paseto] = FORMATS.map(|format| first.signer(format, NOW).kid().to_owned());
    let (one, two) = tokio::join!(
        first.revoke(&stores[0], &jwt, NOW, &office.entropy),
        second.revoke(&stores[1], &paseto, NOW, &office.entropy)
    );
    done(one);
    done(two);
    first.reload(&stores[0], NOW).await.unwrap();
    let mut expected = [jwt, paseto];
    expected.sort();
    assert_eq!(first.revoked(), expected);
}

#[tokio::test]
async fn keys_of_the_log_are_others_than_those_of_tokens_rotate_and_can_be_revoked() {
    let office = Office::new();
    let store = office.store();
    let keyring = office.keyring(&store).await;
    let later = NOW.plus(Duration::from_hours(2));
    let disjoint = |now| {
        let keys = keyring.revocation_keys(now).unwrap();
        FORMATS.map(|format| keys.disjoint_from(&document(&keyring, format, now)))
    };
    assert_eq!(disjoint(NOW), [Ok(()), Ok(())]);
    let of_tokens = || {
        let records = keyring.records().into_iter();
        records.filter(|record| record.keys != KeyUse::Revocation).collect::<Vec<_>>()
    };
    let tokens = (of_tokens(), kids(&keyring, KeyUse::Jwt, later));
    let rotated =
        keyring.rotate(&store, &[KeyUse::Revocation], later, &office.entropy).await.unwrap().remove(0);
    assert_eq!(keyring.document_signer(later).kid(), rotated.activates);
    assert_eq!(kids(&keyring, KeyUse::Revocation, later).len(), 3);
    // Documents are kept on disks for a week.
    assert_eq!(rotated.removed_at, later.plus(chancery_verifier::LONGEST_STALENESS).plus(RETIRE_MARGIN));
    let revoked = done(keyring.revoke(&store, &rotated.activates, later, &office.entropy).await);
    assert_eq!((revoked.keys, Some(&revoked.signs)), (KeyUse::Revocation, rotated.publishes.as_ref()));
    assert_eq!(keyring.document_signer(later).kid(), revoked.signs);
    let again = office.keyring(&office.store()).await;
    assert_eq!(again.signed_by_revoked(&revoked.kid), Some(KeyUse::Revocation));
    assert_eq!(again.signed_by_revoked(&revoked.signs), None);
    assert_eq!(
        (of_tokens(), kids(&keyring, KeyUse::Jwt, later)),
        tokens,
        "those of tokens stay what they are"
    );
    assert_eq!(disjoint(later), [Ok(()), Ok(())]);
}

#[tokio::test]
async fn r_10_5_a_keyring_from_before_the_log_gets_keys_for_it_once_and_keeps_its_own() {
    let office = Office::new();
    let store = office.store();
    let master = MasterKey::generate(&PredictableEntropy::new(1));
    let first = office.keyring(&store).await;
    let stored = store.keyring().await.unwrap().unwrap();
    let plain = master.open("keyring", ISSUER, &stored.blob).unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(&plain).unwrap();
    json["v"] = 1.into();
    for member in ["revocation", "revoked"] {
        json.as_object_mut().unwrap().remove(member).unwrap();
    }
    let old = master.seal("keyring", ISSUER, json.to_string().as_bytes(), &office.entropy);
    store.replace_keyring(Some(stored.version), &old).await.unwrap();
    // A process that runs goes on with what it has.
    assert_eq!(first.reload(&store, NOW).await.unwrap_err().reason(), "keyring_unreadable");
    let (one, two) = (office.store(), office.store());
    let (one, two) = tokio::join!(office.keyring(&one), office.keyring(&two));
    let of_tokens = |keyring: &Keyring| {
        let records = keyring.records().into_iter();
        records.filter(|record| record.keys != KeyUse::Revocation).collect::<Vec<_>>()
    };
    assert_eq!(of_tokens(&one), of_tokens(&first));
    let of_log = |keyring| kids(keyring, KeyUse::Revocation, NOW);
    assert_eq!(of_log(&one), of_log(&two));
    assert_eq!(one.version(), stored.version + 2);
    assert_ne!(of_log(&one), of_log(&first));
    assert_eq!(office.keyring(&office.store()).await.version(), one.version(), "and once is enough");
}

#[tokio::test]
async fn a_keyring_whose_log_shares_a_key_with_tokens_is_not_used() {
    let office = Office::new();
    let store = office.store();
    office.keyring(&store).await;
    let master = MasterKey::generate(&PredictableEntropy::new(1));
    let stored = store.keyring().await.unwrap().unwrap();
    let plain = master.open("keyring", ISSUER, &stored.blob).unwrap();
    let mut json: serde_json::Value = serde_json::from_slice(&plain).unwrap();
    json["revocation"]["next"]["key"] = json["jwt"]["active"]["key"].clone();
    let shared = master.seal("keyring", ISSUER, json.to_string().as_bytes(), &office.entropy);
    store.replace_keyring(Some(stored.version), &shared).await.unwrap();
    let refused = office.open(&store, 1, ISSUER).await.unwrap_err();
    assert!(refused.to_string().contains("signs tokens and the log"), "{refused}");
}
