//! What a client proves itself with, and what it goes on with.

use super::{bounded, catalog, client, faults, only_fault};
use crate::client::{
    Authentication, Client, ClientKey, ClientKind, DpopPolicy, InvalidClient, KeyAlgorithm, MAX_DELEGATES,
    MOST_FAMILIES, NotAClientKey, Refresh,
};
use crate::family::OnReplay;
use crate::secret::StoredSecret;
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

fn key(at: usize) -> ClientKey {
    let vectors = include_str!("../../../../../../tests/vectors/client_assertions.json");
    let vectors: Vec<Value> = serde_json::from_str(vectors).unwrap();
    ClientKey::read(&vectors[at]["jwk"]).unwrap()
}

fn keyed() -> Client {
    Client {
        authentication: Authentication::PrivateKeyJwt,
        keys: vec![key(0)],
        secrets: Vec::new(),
        ..client()
    }
}

fn public() -> Client {
    Client {
        authentication: Authentication::None,
        secrets: Vec::new(),
        refresh: Some(Refresh::default()),
        ..client()
    }
}

fn refreshing(change: impl FnOnce(&mut Refresh)) -> Client {
    let mut refresh = Refresh::default();
    change(&mut refresh);
    Client { refresh: Some(refresh), ..client() }
}

#[test]
fn every_way_of_authentication_passes_with_what_it_needs() {
    let prepared = Client { keys: vec![key(0)], ..client() };
    let bound = Client { dpop: DpopPolicy::Required, ..public() };
    for good in [keyed(), Client { keys: vec![key(0), key(2)], ..keyed() }, public(), prepared, bound] {
        assert_eq!(good.clone().validate(&catalog()), Ok(good));
    }
}

#[test]
fn a_record_of_before_is_read_as_a_client_with_secrets_and_writes_nothing_new() {
    let mut record = serde_json::to_value(bounded(r#"{"project":["a"]}"#)).unwrap();
    let members = record.as_object().unwrap();
    for name in ["authentication", "keys", "dpop", "refresh", "may_delegate_to"] {
        assert!(!members.contains_key(name), "{name}");
    }
    let read: Client = serde_json::from_value(record.take()).unwrap();
    assert_eq!(read, bounded(r#"{"project":["a"]}"#));
    let full = Client {
        refresh: Some(Refresh { on_replay: OnReplay::Refuse, ..Refresh::default() }),
        may_delegate_to: vec!["mailer".parse().unwrap()],
        dpop: DpopPolicy::Required,
        ..keyed()
    };
    let record = serde_json::to_value(&full).unwrap();
    assert_eq!(record["authentication"], "private_key_jwt");
    assert_eq!(record["refresh"]["idle_secs"], 14 * 86_400);
    assert_eq!(serde_json::from_value::<Client>(record).unwrap(), full);
}

#[test]
fn who_signs_has_a_key_or_two_each_once_and_each_what_it_says() {
    let none = Client { keys: Vec::new(), ..keyed() };
    assert_eq!(only_fault(none), InvalidClient::KeyMissing);
    let twice = Client { keys: vec![key(0), key(0)], ..keyed() };
    assert_eq!(only_fault(twice), InvalidClient::KeyTwice { kid: key(0).kid });
    let three = Client { keys: vec![key(0), key(1), key(2)], ..keyed() };
    assert_eq!(only_fault(three), InvalidClient::Keys { held: 3 });
    let renamed = ClientKey { kid: key(1).kid, ..key(0) };
    let other_algorithm = ClientKey { algorithm: KeyAlgorithm::Rs256, ..key(0) };
    let unusable = InvalidClient::Key { why: NotAClientKey::Unusable };
    for bad in [renamed, other_algorithm] {
        assert_eq!(only_fault(Client { keys: vec![bad], ..keyed() }), unusable);
    }
    let mut private = key(0);
    private.jwk["d"] = json!("c2VjcmV0");
    let fault = only_fault(Client { keys: vec![private], ..keyed() });
    assert_eq!(fault, InvalidClient::Key { why: NotAClientKey::Private });
}

#[test]
fn a_public_client_has_nothing_to_prove_and_something_to_refresh() {
    let secrets =
        vec![StoredSecret { id: "1f2e3d4c".to_owned(), digest: [7; 32], created_at: client().created_at }];
    for bad in [Client { secrets, ..public() }, Client { keys: vec![key(0)], ..public() }] {
        assert_eq!(only_fault(bad), InvalidClient::PublicWithProof);
    }
    assert_eq!(only_fault(Client { refresh: None, ..public() }), InvalidClient::PublicWithoutRefresh);
    let refuse = Some(Refresh { on_replay: OnReplay::Refuse, ..Refresh::default() });
    let lenient = Client { refresh: refuse, ..public() };
    assert_eq!(only_fault(lenient.clone()), InvalidClient::ReplayUnproven);
    let bound = Client { dpop: DpopPolicy::Required, ..lenient.clone() };
    let proven = Client { authentication: Authentication::Secret, ..lenient };
    for good in [bound, proven] {
        assert_eq!(good.clone().validate(&catalog()), Ok(good));
    }
}

#[test]
fn r15_an_administrator_proves_who_it_is_each_time_and_passes_nothing_on() {
    let admin = |client: Client| Client { kind: ClientKind::Admin, ..client };
    let has = |client: Client, fault: &InvalidClient| faults(client).contains(fault);
    assert!(has(admin(public()), &InvalidClient::AdminPublic));
    assert!(has(admin(refreshing(|_| ())), &InvalidClient::AdminStanding));
    let delegates = Client { may_delegate_to: vec!["x".parse().unwrap()], ..client() };
    assert!(has(admin(delegates), &InvalidClient::AdminStanding));
    assert!(!has(admin(keyed()), &InvalidClient::AdminStanding));
    // The admin API would refuse every token that it gets.
    let bound = Client { dpop: DpopPolicy::Required, ..keyed() };
    assert!(has(admin(bound), &InvalidClient::AdminDpop) && !has(admin(keyed()), &InvalidClient::AdminDpop));
}

#[test]
fn terms_of_refreshing_keep_within_what_the_log_remembers() {
    for good in [
        refreshing(|refresh| refresh.idle = Duration::from_hours(1)),
        refreshing(|refresh| refresh.idle = refresh.absolute),
        refreshing(|refresh| refresh.most_families = MOST_FAMILIES),
        refreshing(|refresh| refresh.on_replay = OnReplay::Refuse),
    ] {
        assert_eq!(good.clone().validate(&catalog()), Ok(good));
    }
    let lifetime = client().lifetime;
    let idle = only_fault(refreshing(|refresh| refresh.idle = lifetime));
    assert_eq!(idle, InvalidClient::RefreshIdle { idle: lifetime, lifetime });
    let absolute = 90 * DAY + Duration::from_secs(1);
    let fault = only_fault(refreshing(|refresh| refresh.absolute = absolute));
    assert_eq!(fault, InvalidClient::RefreshAbsolute { absolute });
    let fault = only_fault(refreshing(|refresh| refresh.absolute = 13 * DAY));
    assert_eq!(fault, InvalidClient::RefreshAbsolute { absolute: 13 * DAY });
    for most in [0, MOST_FAMILIES + 1] {
        let fault = only_fault(refreshing(|refresh| refresh.most_families = most));
        assert_eq!(fault, InvalidClient::MostFamilies { most });
    }
}

#[test]
fn delegates_are_others_each_once_and_not_too_many() {
    let to = |ids: &[&str]| Client {
        may_delegate_to: ids.iter().map(|id| id.parse().unwrap()).collect(),
        ..client()
    };
    let own = client().id;
    assert_eq!(only_fault(to(&[own.as_str()])), InvalidClient::DelegateItself { id: own });
    let fault = InvalidClient::DelegateTwice { id: "a".parse().unwrap() };
    assert_eq!(only_fault(to(&["a", "b", "a"])), fault);
    let many: Vec<String> = (0..=MAX_DELEGATES).map(|number| format!("d{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(only_fault(to(&many)), InvalidClient::Delegates { named: MAX_DELEGATES + 1 });
    assert!(to(&many[1..]).validate(&catalog()).is_ok());
}
