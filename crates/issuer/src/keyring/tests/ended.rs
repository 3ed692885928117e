use super::*;
use crate::keyring::KeyUse;
use chancery_revocation::{Kill, Log, LogId, Retention};

fn log_that_ends(kids: &[&str]) -> Log {
    let retention = Retention {
        longest_access: Duration::from_hours(1),
        max_blind: Duration::from_mins(10),
        skew: Duration::from_mins(1),
        longest_family: Duration::from_hours(24),
    };
    let kills: Vec<Kill> = kids.iter().map(|kid| Kill::key(kid)).collect();
    Log::begin(LogId::from_bytes([1; 16]), None, NOW, retention).append(&kills).unwrap().0
}

#[tokio::test]
async fn a_key_that_a_backup_brings_back_goes_again_and_of_two_processes_one_replaces_it() {
    let office = Office::new();
    let stores = [office.store(), office.store()];
    let (here, there) = (office.keyring(&stores[0]).await, office.keyring(&stores[1]).await);
    let [jwt, paseto] = FORMATS.map(|format| here.signer(format, NOW).kid().to_owned());
    let of_log = here.document_signer(NOW).kid().to_owned();
    let next = here.plan_rotation(&[KeyUse::Jwt, KeyUse::Revocation], NOW).unwrap();
    let log = log_that_ends(&["somebody else's", &jwt, &of_log]);
    assert_eq!(here.ended_by(&log), [jwt.clone(), of_log.clone()]);
    let (one, two) = tokio::join!(
        here.take_out_ended(&log, &stores[0], NOW, &office.entropy),
        there.take_out_ended(&log, &stores[1], NOW, &office.entropy)
    );
    let mut gone: Vec<String> = one.unwrap().into_iter().chain(two.unwrap()).map(|key| key.kid).collect();
    gone.sort();
    let mut expected = [jwt.clone(), of_log];
    expected.sort();
    assert_eq!(gone, expected, "each once");
    for (keyring, store) in [(&here, &stores[0]), (&there, &stores[1])] {
        keyring.reload(store, NOW).await.unwrap();
        assert_eq!(keyring.signer(Format::Jwt, NOW).kid(), next[0].activates);
        assert_eq!(keyring.document_signer(NOW).kid(), next[1].activates);
        assert_eq!(keyring.signer(Format::Paseto, NOW).kid(), paseto);
        let version = keyring.version();
        assert_eq!(keyring.take_out_ended(&log, store, NOW, &office.entropy).await, Ok(Vec::new()));
        assert_eq!(keyring.version(), version, "nothing is left to be done");
    }
}

#[tokio::test]
async fn a_process_that_has_not_heard_of_a_revocation_replaces_no_other_key_for_it() {
    let office = Office::new();
    let stores = [office.store(), office.store()];
    let (here, there) = (office.keyring(&stores[0]).await, office.keyring(&stores[1]).await);
    let kid = here.signer(Format::Jwt, NOW).kid().to_owned();
    here.revoke(&stores[0], &kid, NOW, &office.entropy).await.unwrap();
    let log = log_that_ends(&[&kid]);
    assert_eq!(there.ended_by(&log), [kid], "its keyring is an old one");
    assert_eq!(there.take_out_ended(&log, &stores[1], NOW, &office.entropy).await, Ok(Vec::new()));
    assert_eq!(there.records(), here.records());
}

#[tokio::test]
async fn what_the_log_does_not_say_of_revoked_keys_is_owed_to_it() {
    let office = Office::new();
    let store = office.store();
    let keyring = office.keyring(&store).await;
    let [jwt, paseto] = FORMATS.map(|format| keyring.signer(format, NOW).kid().to_owned());
    for kid in [&jwt, &paseto] {
        keyring.revoke(&store, kid, NOW, &office.entropy).await.unwrap();
    }
    assert_eq!(keyring.unsaid_in(&log_that_ends(&[&jwt])), [Kill::key(&paseto)]);
    assert_eq!(keyring.unsaid_in(&log_that_ends(&[&jwt, &paseto])), []);
}
