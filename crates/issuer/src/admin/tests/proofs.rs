//! How clients prove who they are is decided, changed over and ended.

use super::world::{ALL, NOW, World, admin, grant_for, name, reason, service};
use crate::admin::narrowing::Narrowing;
use crate::admin::{AdminRefusal, Authority, Changed, ClientDraft, ClientPatch, Exposure, RefreshDraft};
use crate::client::{Authentication, Client, ClientKey, DpopPolicy, Refresh};
use crate::family::OnReplay;
use chancery_token::SecretKey;
use chancery_token::encoding::base64url;
use serde_json::{Value, json};
use std::time::Duration;

const BY: Authority = Authority::MasterKey;

fn jwk(seed: u8) -> Value {
    let public = SecretKey::from_seed(&[seed; 32]).public();
    json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(public.as_bytes())})
}

fn kid(seed: u8) -> String {
    ClientKey::read(&jwk(seed)).unwrap().kid
}

fn keyed(id: &str) -> ClientDraft {
    ClientDraft { authentication: Some("private_key_jwt".into()), keys: vec![jwk(1)], ..service(id) }
}

fn patch(value: Value) -> ClientPatch {
    serde_json::from_value(value).unwrap()
}

fn told(refused: AdminRefusal) -> Vec<String> {
    let AdminRefusal::Draft(faults) = refused else { panic!("{refused:?}") };
    faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.reason)).collect()
}

async fn patched(world: &World, id: &str, value: Value) -> Result<Client, Vec<String>> {
    let done = world.desk().update_client(&BY, &name(id), patch(value)).await;
    done.map(crate::admin::Effect::into_inner).map_err(told)
}

#[tokio::test]
async fn a_client_that_signs_is_registered_without_a_secret() {
    let world = World::new().await;
    let new = world.create(keyed("x")).await;
    assert!(new.secret.is_none() && new.client.secrets.is_empty());
    assert_eq!((new.client.keys[0].kid.clone(), new.client.dpop), (kid(1), DpopPolicy::Optional));
    assert_eq!(world.stored("x").await, new.client);
    let terms =
        RefreshDraft { idle_secs: Some(7200), on_replay: Some("refuse".into()), ..RefreshDraft::default() };
    let draft = ClientDraft {
        authentication: Some("none".into()),
        refresh: Some(terms),
        may_delegate_to: vec!["x".into()],
        ..service("app")
    };
    let public = world.create(draft).await.client;
    // Who proves nothing else proves a key.
    assert_eq!((public.authentication, public.dpop), (Authentication::None, DpopPolicy::Required));
    let idle = Duration::from_hours(2);
    assert_eq!(public.refresh, Some(Refresh { idle, on_replay: OnReplay::Refuse, ..Refresh::default() }));
    assert_eq!(public.may_delegate_to, [name("x")]);
}

#[tokio::test]
async fn every_fault_of_a_draft_is_told_at_its_place() {
    let world = World::new().await;
    let mut private = jwk(1);
    private["d"] = json!("c2VjcmV0");
    let terms = RefreshDraft {
        idle_secs: Some(1),
        absolute_secs: Some(91 * 86_400),
        most_families: Some(u64::MAX),
        on_replay: Some("ignore".into()),
    };
    let draft = ClientDraft {
        authentication: Some("private_key_jwt".into()),
        keys: vec![private, jwk(2), jwk(2)],
        dpop: Some("never".into()),
        refresh: Some(terms),
        may_delegate_to: vec!["no name".into(), "y".into(), "x".into()],
        ..service("x")
    };
    let refused = world.desk().create_client(&BY, draft).await.unwrap_err();
    assert!(!refused.to_string().contains("c2VjcmV0"));
    let mut told = told(refused);
    told.sort();
    let expected = [
        "/dpop dpop_unknown",
        "/keys/0 key_private",
        "/keys/2 key_twice",
        "/may_delegate_to/0 name_malformed",
        "/may_delegate_to/2 delegate_itself",
        "/refresh/absolute_secs refresh_absolute",
        "/refresh/idle_secs refresh_idle",
        "/refresh/most_families most_families",
        "/refresh/on_replay on_replay_unknown",
    ];
    assert_eq!(told, expected);
    // A key that nothing asks for would be taken for a proof by whoever registered it.
    for authentication in [None, Some("secret".to_owned())] {
        let draft = ClientDraft { authentication, ..keyed("x") };
        let refused = world.desk().create_client(&BY, draft).await.unwrap_err();
        assert_eq!(self::told(refused), ["/keys key_unused"]);
    }
    for (authentication, reason) in [
        ("private_key_jwt", "/keys key_missing"),
        ("none", "/authentication public_without_refresh"),
        ("tls", "/authentication authentication_unknown"),
    ] {
        let draft = ClientDraft { authentication: Some(authentication.into()), ..service("x") };
        let refused = world.desk().create_client(&BY, draft).await.unwrap_err();
        assert_eq!(self::told(refused), [reason]);
    }
}

#[tokio::test]
async fn r52_a_client_changes_over_from_a_secret_to_a_key_and_back_without_an_outage() {
    let world = World::new().await;
    world.create(service("x")).await;
    let to_key = json!({"authentication": "private_key_jwt"});
    let to_secret = json!({"authentication": "secret"});
    assert_eq!(patched(&world, "x", to_key.clone()).await.unwrap_err(), ["/authentication key_missing"]);
    let added = world.desk().add_client_key(&BY, &name("x"), &jwk(1)).await.unwrap().into_inner();
    assert_eq!((added.authentication, added.secrets.len()), (Authentication::Secret, 1), "it waits");
    let over = patched(&world, "x", to_key.clone()).await.unwrap();
    assert_eq!(
        (over.authentication, over.secrets.len(), over.keys.len()),
        (Authentication::PrivateKeyJwt, 0, 1)
    );
    assert_eq!(patched(&world, "x", to_key).await.unwrap(), over, "once more it changes nothing");
    assert_eq!(
        patched(&world, "x", to_secret.clone()).await.unwrap_err(),
        ["/authentication secret_missing"]
    );
    world.desk().add_secret(&BY, &name("x")).await.unwrap();
    let back = patched(&world, "x", to_secret).await.unwrap();
    assert_eq!((back.authentication, back.secrets.len(), back.keys.len()), (Authentication::Secret, 1, 0));
    let public = patched(&world, "x", json!({"authentication": "none", "refresh": {}})).await.unwrap_err();
    assert_eq!(public, ["/authentication public_later"]);
}

#[tokio::test]
async fn r_7_5_a_second_key_is_added_and_the_first_dropped() {
    let world = World::new().await;
    let (desk, x) = (world.desk(), name("x"));
    world.create(keyed("x")).await;
    let only = desk.drop_client_key(&BY, &x, &kid(1), Exposure::Kept).await;
    assert_eq!(reason(only), "last_client_key");
    let two = desk.add_client_key(&BY, &x, &jwk(2)).await.unwrap().into_inner();
    assert_eq!(desk.add_client_key(&BY, &x, &jwk(2)).await.unwrap().client, Changed::Before(two));
    assert_eq!(reason(desk.add_client_key(&BY, &x, &jwk(3)).await), "too_many_keys");
    let mut private = jwk(3);
    private["d"] = json!("c2VjcmV0");
    let refused = desk.add_client_key(&BY, &x, &private).await.unwrap_err();
    assert_eq!(told(refused), ["/key key_private"]);
    assert_eq!(reason(desk.drop_client_key(&BY, &x, &kid(3), Exposure::Kept).await), "client_key_unknown");
    let dropped = desk.drop_client_key(&BY, &x, &kid(1), Exposure::Kept).await.unwrap();
    assert_eq!(dropped.sequence, None, "what was signed before stays good");
    assert_eq!(dropped.into_inner().keys[0].kid, kid(2));
    desk.add_client_key(&BY, &x, &jwk(1)).await.unwrap();
    let leaked = desk.drop_client_key(&BY, &x, &kid(2), Exposure::Leaked).await.unwrap();
    assert!(leaked.sequence.is_some(), "whose the tokens are nobody can say");
    let app = ClientDraft {
        authentication: Some("none".into()),
        refresh: Some(RefreshDraft::default()),
        ..service("app")
    };
    world.create(app).await;
    assert_eq!(reason(desk.add_client_key(&BY, &name("app"), &jwk(1)).await), "public_client");
    assert_eq!(reason(desk.add_secret(&BY, &name("app")).await), "public_client");
}

#[tokio::test]
async fn r64_whoever_changes_clients_puts_no_key_of_their_own_into_one() {
    let world = World::new().await;
    world.create(service("x")).await;
    let scopes = ["clients:read", "clients:update", "secrets:delete"];
    let by = world.admin(admin("weak", "acme", &scopes)).await;
    let refused = world.desk().add_client_key(&by, &name("x"), &jwk(1)).await;
    assert_eq!(reason(refused), "scope_not_held");
    assert!(serde_json::from_value::<ClientPatch>(json!({"keys": [jwk(1)]})).is_err());
}

#[tokio::test]
async fn an_administrator_that_signs_keeps_the_issuer_open_too() {
    let world = World::new().await;
    let root = ClientDraft {
        authentication: Some("private_key_jwt".into()),
        keys: vec![jwk(1)],
        ..admin("root", "chancery", &ALL)
    };
    world.create(root).await;
    world.create(admin("other", "chancery", &ALL)).await;
    let off = world.desk().disable_client(&BY, &name("other"), "It goes.").await;
    assert_eq!(reason(off), "done");
    assert_eq!(reason(world.desk().disable_client(&BY, &name("root"), "It goes.").await), "last_admin");
}

#[tokio::test]
async fn what_a_client_goes_on_with_ends_when_it_is_taken_away() {
    let world = World::new().await;
    let draft = ClientDraft {
        refresh: Some(RefreshDraft::default()),
        may_delegate_to: vec!["a".into(), "b".into()],
        ..service("x")
    };
    let before = world.create(draft).await.client;
    let narrowing = |change: &dyn Fn(&mut Client)| {
        let mut after = before.clone();
        change(&mut after);
        Narrowing::between(&before, &after)
    };
    assert_eq!(narrowing(&|client| client.refresh = None), Narrowing::Some);
    assert_eq!(narrowing(&|client| client.may_delegate_to.truncate(1)), Narrowing::Some);
    // What has to be proved is no access, and terms are those of families that begin.
    assert_eq!(narrowing(&|client| client.dpop = DpopPolicy::Required), Narrowing::None);
    assert_eq!(narrowing(&|client| client.secrets.clear()), Narrowing::None);
    assert_eq!(narrowing(&|client| client.may_delegate_to.reverse()), Narrowing::None);
    let shorter = Refresh { idle: Duration::from_hours(2), most_families: 1, ..Refresh::default() };
    assert_eq!(narrowing(&|client| client.refresh = Some(shorter)), Narrowing::None);

    let desk = world.desk();
    let kept =
        desk.update_client(&BY, &name("x"), patch(json!({"refresh": {"most_families": 3}}))).await.unwrap();
    assert_eq!(kept.sequence, None);
    let terms = kept.into_inner().refresh.unwrap();
    assert_eq!(terms, Refresh { most_families: 3, ..Refresh::default() }, "what is left out stays");
    let ended = desk.update_client(&BY, &name("x"), patch(json!({"refresh": null}))).await.unwrap();
    assert!(ended.sequence.is_some());
    assert_eq!(ended.into_inner().refresh, None);
    let fewer = desk.update_client(&BY, &name("x"), patch(json!({"may_delegate_to": ["a"]}))).await.unwrap();
    assert!(fewer.sequence.is_some());
    let none = desk.update_client(&BY, &name("x"), patch(json!({"may_delegate_to": []}))).await.unwrap();
    assert!(none.into_inner().may_delegate_to.is_empty());
    assert_eq!(world.stored("x").await.usable(NOW), Ok(()));
    let other = ClientDraft { grants: vec![grant_for(super::world::ARCHIVE, "invoices:read")], ..keyed("y") };
    assert_eq!(world.create(other).await.client.may_delegate_to, []);
}
