//! What is revoked by hand, by whom, and who breaks.

use super::world::{
    ADMINISTRATION, ALL, DOCUMINT, ISSUER, NOW, World, acting, admin, bounded, name, reason, service,
};
use crate::admin::{AdminRefusal, Authority, RevocationDraft, RevocationView};
use crate::keyring::{KeyUse, Keyring};
use chancery_revocation::{Kind, Standing, TokenMarks};
use chancery_token::{Claims, Environment, FamilyId, Format, ScopeSet, TokenId};
use serde_json::json;
use std::time::Duration;

const BY: Authority = Authority::MasterKey;

fn draft(value: serde_json::Value) -> RevocationDraft {
    serde_json::from_value(value).unwrap()
}

/// The claims of a token for acme that the client `x` got at `rvs`.
fn claims(world: &World, id: u8) -> Claims {
    Claims {
        iss: ISSUER.into(),
        aud: DOCUMINT.into(),
        sub: "x".parse().unwrap(),
        client_id: name("x"),
        iat: NOW,
        exp: NOW.plus(Duration::from_mins(15)),
        nbf: None,
        jti: TokenId::from_bytes([id; 16]),
        scope: ScopeSet::parse("invoices:read").unwrap(),
        tenant: "acme".parse().unwrap(),
        bounds: chancery_token::Bounds::default(),
        sid: Some(FamilyId::from_bytes([id + 100; 16])),
        rvs: world.log.applied().get(),
        cnf: None,
        act: Vec::new(),
        anc: Vec::new(),
        env: Environment::Test,
    }
}

fn signed(keyring: &Keyring, claims: &Claims) -> String {
    keyring.signer(Format::Jwt, NOW).sign(claims).unwrap()
}

fn standing(world: &World, claims: &Claims, kid: &str) -> Standing {
    world.log.current().published().judge(&TokenMarks::of(claims, kid))
}

fn ends(world: &World, claims: &Claims, kid: &str) -> Option<Kind> {
    match standing(world, claims, kid) {
        Standing::Revoked(ended) => Some(ended.by),
        _ => None,
    }
}

async fn revoke(
    world: &World,
    keyring: &Keyring,
    by: &Authority,
    what: serde_json::Value,
) -> Result<RevocationView, AdminRefusal> {
    let mut what = what;
    what["reason"] = json!("It leaked.");
    world.desk().revoke(by, &draft(what), keyring).await
}

#[tokio::test]
async fn r41_each_kind_ends_what_it_names_and_nothing_beside_it() {
    for kind in Kind::EVERY {
        let world = World::new().await;
        let keyring = world.keyring().await;
        world.create(service("x")).await;
        world.create(service("y")).await;
        let (mine, sister) = (claims(&world, 1), claims(&world, 2));
        let stranger = Claims {
            client_id: name("y"),
            sub: "y".parse().unwrap(),
            tenant: "globex".parse().unwrap(),
            ..claims(&world, 3)
        };
        let kid = keyring.signer(Format::Jwt, NOW).kid().to_owned();
        let what = match kind {
            Kind::Token => json!({"kind": "token", "token": signed(&keyring, &mine)}),
            Kind::Family => json!({"kind": "family", "id": mine.sid.unwrap().to_string()}),
            Kind::Client => json!({"kind": "client", "id": "x"}),
            Kind::Tenant => json!({"kind": "tenant", "id": "acme"}),
            Kind::Subject => json!({"kind": "subject", "id": "x"}),
            Kind::All => json!({"kind": "all"}),
            Kind::Key => json!({"kind": "key", "id": kid}),
        };
        let mut planned = what.clone();
        planned["plan"] = true.into();
        let plan = revoke(&world, &keyring, &BY, planned).await.unwrap();
        assert!(plan.planned && plan.sequence.is_none() && !plan.changed, "{plan:?}");
        assert_eq!(ends(&world, &mine, &kid), None, "a plan of {kind} ends nothing");
        let done = revoke(&world, &keyring, &BY, what).await.unwrap();
        assert_eq!((done.planned, done.changed, &done.kind), (false, true, &kind.to_string()));
        assert_eq!(done.sequence, Some(world.log.applied()));
        assert_eq!((done.reason.as_str(), done.ends_at.is_none()), ("It leaked.", kind == Kind::Key));
        assert_eq!(done.breaks, plan.breaks);
        assert_eq!(ends(&world, &mine, &kid), Some(kind));
        let sister_ends = !matches!(kind, Kind::Token | Kind::Family);
        assert_eq!(ends(&world, &sister, &kid).is_some(), sister_ends, "{kind}");
        assert_eq!(ends(&world, &stranger, &kid).is_some(), matches!(kind, Kind::All | Kind::Key), "{kind}");
        // What comes after is good, unless the key is not.
        let after = claims(&world, 4);
        assert_eq!(ends(&world, &after, &kid).is_some(), kind == Kind::Key, "{kind}");
        let next = keyring.signer(Format::Jwt, NOW).kid().to_owned();
        assert_eq!(next != kid, kind == Kind::Key);
        assert_eq!(ends(&world, &after, &next), None, "{kind}");
    }
}

#[tokio::test]
async fn a_token_a_family_and_a_key_are_revoked_once_and_a_name_each_time() {
    let world = World::new().await;
    let keyring = world.keyring().await;
    world.create(service("x")).await;
    let mine = claims(&world, 1);
    let (token, kid) = (signed(&keyring, &mine), keyring.signer(Format::Paseto, NOW).kid().to_owned());
    for (what, again) in [
        (json!({"kind": "token", "token": token}), json!({"kind": "token", "id": mine.jti.to_string()})),
        (
            json!({"kind": "family", "token": token}),
            json!({"kind": "family", "id": mine.sid.unwrap().to_string()}),
        ),
        (json!({"kind": "key", "id": kid}), json!({"kind": "key", "id": kid})),
    ] {
        let first = revoke(&world, &keyring, &BY, what).await.unwrap();
        let applied = world.log.applied();
        let second = revoke(&world, &keyring, &BY, again).await.unwrap();
        assert!(first.changed && !second.changed && second.sequence.is_some(), "{second:?}");
        assert_eq!((&second.id, world.log.applied()), (&first.id, applied));
    }
    let what = json!({"kind": "client", "id": "x"});
    let first = revoke(&world, &keyring, &BY, what.clone()).await.unwrap();
    let second = revoke(&world, &keyring, &BY, what).await.unwrap();
    assert!(second.changed && second.sequence > first.sequence);
}

#[tokio::test]
async fn a_plan_names_who_breaks_and_counts_the_rest() {
    let world = World::new().await;
    let keyring = world.keyring().await;
    for number in 0..105 {
        world.create(service(&format!("c{number:03}"))).await;
    }
    let globex = crate::admin::ClientDraft { tenants: vec!["globex".into()], ..service("theirs") };
    world.create(globex).await;
    world.desk().disable_client(&BY, &name("c000"), "Off.").await.unwrap();
    let plan = |what: serde_json::Value| {
        let mut what = what;
        what["plan"] = true.into();
        revoke(&world, &keyring, &BY, what)
    };
    let tenant = plan(json!({"kind": "tenant", "id": "acme"})).await.unwrap().breaks;
    assert_eq!((tenant.clients.len(), tenant.clients_total), (100, 104));
    assert_eq!(tenant.clients[0].id, name("c001"), "one that is off has nothing to lose");
    assert_eq!(plan(json!({"kind": "all"})).await.unwrap().breaks.clients_total, 105);
    let one = plan(json!({"kind": "client", "id": "theirs"})).await.unwrap().breaks;
    assert_eq!(
        json!(one.clients),
        json!([{"id": "theirs", "name": "theirs", "owner": "team-billing", "kind": "service", "tenants": ["globex"]}])
    );
    let paseto = keyring.signer(Format::Paseto, NOW).kid().to_owned();
    let key = plan(json!({"kind": "key", "id": paseto})).await.unwrap().breaks;
    assert_eq!(key.clients_total, 0, "nobody here has PASETOs");
    let subject = plan(json!({"kind": "subject", "id": "c007"})).await.unwrap().breaks;
    assert_eq!(subject.clients_total, 1);
    // Records that nobody can read are not passed over in silence.
    world.break_record("c050");
    let all = plan(json!({"kind": "all"})).await.unwrap().breaks;
    assert_eq!(all.clients_total, 104);
    assert!(all.note.contains("1 more"), "{}", all.note);
    assert!(revoke(&world, &keyring, &BY, json!({"kind": "client", "id": "c050"})).await.unwrap().changed);
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_by_name() {
    let world = World::new().await;
    let keyring = world.keyring().await;
    let other = World::of_chance(99).await;
    world.create(service("x")).await;
    let mine = claims(&world, 1);
    let foreign = signed(&other.keyring().await, &mine);
    let dead = signed(&keyring, &Claims { exp: NOW.minus(Duration::from_mins(10)), ..mine.clone() });
    let elsewhere = signed(&keyring, &Claims { iss: "https://other.example".into(), ..mine.clone() });
    let single = signed(&keyring, &Claims { sid: None, ..mine.clone() });
    let jti = mine.jti.to_string();
    for (what, told) in [
        (json!({"kind": "client", "id": "nobody"}), "client_unknown"),
        (json!({"kind": "tenant", "id": "nobody"}), "tenant_unknown"),
        (json!({"kind": "key", "id": "k4.pid.nobody"}), "key_unknown"),
        (json!({"kind": "token", "token": foreign}), "token_unknown"),
        (json!({"kind": "token", "token": elsewhere}), "token_unknown"),
        (json!({"kind": "token", "token": "no token at all"}), "token_unknown"),
        (json!({"kind": "token", "token": dead}), "token_expired"),
        (json!({"kind": "family", "token": single}), "token_without_family"),
        (json!({"kind": "token", "id": jti, "expires_at": NOW.as_secs() - 600}), "token_expired"),
    ] {
        assert_eq!(reason(revoke(&world, &keyring, &BY, what.clone()).await), told, "{what}");
    }
    for (what, faults) in [
        (json!({}), &["/kind revocation_kind"][..]),
        (json!({"kind": "everything"}), &["/kind revocation_kind"]),
        (json!({"kind": "token"}), &["/id revocation_nameless"]),
        (json!({"kind": "token", "id": "x"}), &["/id revocation_name"]),
        (json!({"kind": "family", "id": "x"}), &["/id revocation_name"]),
        (json!({"kind": "client", "id": "a b"}), &["/id revocation_name"]),
        (json!({"kind": "key", "id": "a b"}), &["/id revocation_name"]),
        (json!({"kind": "all", "id": "x"}), &["/id revocation_needless"]),
        (json!({"kind": "client", "id": "x", "token": "t"}), &["/token revocation_needless"]),
        (json!({"kind": "token", "id": jti, "token": "t"}), &["/id revocation_needless"]),
        (json!({"kind": "client", "id": "x", "expires_at": 1}), &["/expires_at revocation_needless"]),
    ] {
        let Err(AdminRefusal::Revocation(found)) = revoke(&world, &keyring, &BY, what.clone()).await else {
            panic!("{what}")
        };
        let found: Vec<String> =
            found.iter().map(|fault| format!("{} {}", fault.pointer, fault.reason)).collect();
        assert_eq!(found, faults, "{what}");
    }
    for no_reason in [
        json!({"kind": "all"}),
        json!({"kind": "all", "reason": " "}),
        json!({"kind": "all", "reason": "a\nb"}),
    ] {
        let Err(AdminRefusal::Revocation(found)) =
            world.desk().revoke(&BY, &draft(no_reason), &keyring).await
        else {
            panic!()
        };
        assert_eq!((found[0].pointer.as_str(), found[0].reason), ("/reason", "text"));
    }
    assert_eq!(world.log.current().published().entries(), []);
    assert!(!format!("{:?}", draft(json!({"token": single}))).contains(&single));
}

#[tokio::test]
async fn a_key_of_the_log_is_revoked_whether_it_signs_or_waits_and_ends_no_token() {
    let world = World::new().await;
    let keyring = world.keyring().await;
    world.create(service("x")).await;
    let records = keyring.records();
    let of_log: Vec<_> = records.iter().filter(|record| record.keys == KeyUse::Revocation).collect();
    assert_eq!(of_log.len(), 2);
    for record in of_log {
        for plan in [true, false] {
            let what = json!({"kind": "key", "id": record.kid, "plan": plan});
            let done = revoke(&world, &keyring, &BY, what).await.unwrap();
            assert!(done.breaks.note.contains("no token is ended"), "{}", done.breaks.note);
            assert_eq!((done.breaks.clients_total, done.planned), (0, plan));
        }
        assert_eq!(keyring.signed_by_revoked(&record.kid), Some(KeyUse::Revocation));
        assert_ne!(keyring.document_signer(NOW).kid(), record.kid);
        let again = revoke(&world, &keyring, &BY, json!({"kind": "key", "id": record.kid})).await.unwrap();
        assert!(!again.changed && again.breaks.note.contains("no token is ended"), "{again:?}");
    }
}

#[tokio::test]
async fn whoever_revokes_the_key_of_its_own_tokens_is_told_before() {
    let world = World::new().await;
    let keyring = world.keyring().await;
    let root = world.admin(admin("ada", "chancery", &ALL)).await;
    for (at, is_own) in [(0, true), (1, false), (2, false), (4, false)] {
        let what = json!({"kind": "key", "id": keyring.records()[at].kid, "plan": true});
        let note = revoke(&world, &keyring, &root, what).await.unwrap().breaks.note;
        assert_eq!(note.contains("Your own tokens are among them"), is_own, "{at}: {note}");
    }
}

#[tokio::test]
async fn a_tenants_administrator_revokes_its_own_and_never_learns_of_others() {
    let world = World::new().await;
    let keyring = world.keyring().await;
    world.create(service("x")).await;
    world.create(crate::admin::ClientDraft { tenants: vec!["globex".into()], ..service("theirs") }).await;
    world
        .create(crate::admin::ClientDraft {
            tenants: vec!["acme".into(), "globex".into()],
            ..service("both")
        })
        .await;
    let acme = world.admin(admin("ada", "acme", &ALL)).await;
    let mine = claims(&world, 1);
    let theirs = Claims { tenant: "globex".parse().unwrap(), ..claims(&world, 2) };
    let kid = keyring.signer(Format::Jwt, NOW).kid().to_owned();
    for (what, told) in [
        (json!({"kind": "token", "token": signed(&keyring, &mine)}), "done"),
        (json!({"kind": "family", "token": signed(&keyring, &mine)}), "done"),
        (json!({"kind": "client", "id": "x"}), "done"),
        (json!({"kind": "tenant", "id": "acme"}), "done"),
        (json!({"kind": "token", "token": signed(&keyring, &theirs)}), "token_unknown"),
        (json!({"kind": "client", "id": "theirs"}), "client_unknown"),
        (json!({"kind": "client", "id": "both"}), "client_unknown"),
        (json!({"kind": "tenant", "id": "globex"}), "tenant_unknown"),
        (json!({"kind": "tenant", "id": "chancery"}), "tenant_unknown"),
        (json!({"kind": "token", "id": mine.jti.to_string()}), "beyond_oneself"),
        (json!({"kind": "family", "id": mine.sid.unwrap().to_string()}), "beyond_oneself"),
        (json!({"kind": "subject", "id": "x"}), "beyond_oneself"),
        (json!({"kind": "key", "id": kid}), "beyond_oneself"),
        (json!({"kind": "all"}), "beyond_oneself"),
    ] {
        for plan in [true, false] {
            let mut what = what.clone();
            what["plan"] = plan.into();
            assert_eq!(reason(revoke(&world, &keyring, &acme, what.clone()).await), told, "{what}");
        }
    }
    let mut plan = json!({"kind": "tenant", "id": "acme"});
    plan["plan"] = true.into();
    let breaks = revoke(&world, &keyring, &acme, plan).await.unwrap().breaks;
    let ids: Vec<&str> = breaks.clients.iter().map(|client| client.id.as_str()).collect();
    assert_eq!(
        (ids, breaks.clients_total),
        (vec!["ada", "x"], 2),
        "a client of two tenants is the operator's"
    );
}

#[tokio::test]
async fn whoever_is_bounded_revokes_within_the_bounds_alone() {
    let world = World::new().await;
    let keyring = world.keyring().await;
    world.create(service("x")).await;
    world.create(crate::admin::ClientDraft { owner: Some("team-print".into()), ..service("y") }).await;
    let bounds = format!(r#"{{"owner":["team-billing"],"audience":["{DOCUMINT}","{ADMINISTRATION}"]}}"#);
    let team = world.admin(bounded(admin("team", "chancery", &["revocations:*"]), &bounds)).await;
    let of_y = Claims { client_id: name("y"), sub: "y".parse().unwrap(), ..claims(&world, 2) };
    for (what, told) in [
        (json!({"kind": "client", "id": "x"}), "done"),
        (json!({"kind": "token", "token": signed(&keyring, &claims(&world, 1))}), "done"),
        (json!({"kind": "client", "id": "y"}), "beyond_oneself"),
        (json!({"kind": "token", "token": signed(&keyring, &of_y)}), "beyond_oneself"),
        (json!({"kind": "token", "id": of_y.jti.to_string()}), "beyond_oneself"),
        (json!({"kind": "tenant", "id": "acme"}), "beyond_oneself"),
        (json!({"kind": "subject", "id": "x"}), "beyond_oneself"),
        (json!({"kind": "all"}), "beyond_oneself"),
    ] {
        assert_eq!(reason(revoke(&world, &keyring, &team, what.clone()).await), told, "{what}");
    }
    let reader = world.admin(admin("reader", "chancery", &["revocations:read", "clients:*"])).await;
    assert_eq!(
        reason(revoke(&world, &keyring, &reader, json!({"kind": "client", "id": "x"})).await),
        "scope_not_held"
    );
}

#[tokio::test]
async fn administrators_may_cut_themselves_off_and_are_told_before() {
    let world = World::new().await;
    let keyring = world.keyring().await;
    let root = acting(world.create(admin("root", "chancery", &ALL)).await.client);
    world.create(service("x")).await;
    for (what, own) in [
        (json!({"kind": "client", "id": "root"}), true),
        (json!({"kind": "subject", "id": "root"}), true),
        (json!({"kind": "tenant", "id": "chancery"}), true),
        (json!({"kind": "all"}), true),
        (json!({"kind": "client", "id": "x"}), false),
        (json!({"kind": "tenant", "id": "acme"}), false),
    ] {
        let mut plan = what.clone();
        plan["plan"] = true.into();
        for what in [plan, what] {
            let view = revoke(&world, &keyring, &root, what.clone()).await.unwrap();
            assert_eq!(view.breaks.note.contains("Your own tokens"), own, "{what}: {}", view.breaks.note);
        }
    }
}
