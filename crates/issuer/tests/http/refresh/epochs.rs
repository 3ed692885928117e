//! The key that refresh tokens are written under leaked.

use crate::admin_desk::AdminDesk;
use crate::admin_revocations::REVOCATIONS;
use crate::desk::DOCUMINT;
use chancery_issuer::client::{Client, Refresh};
use serde_json::{Value, json};

const REVOKED: &str = "400 invalid_grant refresh_token_epoch_revoked";

async fn revoke(desk: &AdminDesk, id: Value, plan: bool) -> crate::desk::Answer {
    let what = json!({"kind": "refresh_epoch", "id": id, "reason": "A core dump.", "plan": plan});
    desk.post(REVOCATIONS, &what).await
}

#[tokio::test]
async fn a_leaked_refresh_key_is_revoked_and_every_session_begins_anew() {
    let desk = AdminDesk::open().await;
    let refreshes = |client| Client { refresh: Some(Refresh::default()), ..client };
    let secret = desk.desk.client_with("bot", &[(DOCUMINT, "invoices:*")], refreshes).await;
    let token = |answer: &crate::desk::Answer| answer.json()["refresh_token"].as_str().unwrap().to_owned();
    let refresh = async |token: &str| {
        let credentials = [("client_id", "bot"), ("client_secret", &*secret)];
        let what = [("grant_type", "refresh_token"), ("refresh_token", token)];
        desk.desk.post(&[&credentials[..], &what].concat()).await
    };
    let first = desk.desk.ask("bot", &secret, &[]).await;
    let planned = revoke(&desk, json!("0"), true).await.json();
    assert_eq!((&planned["planned"], &planned["changed"]), (&json!(true), &json!(false)));
    assert_eq!(planned["breaks"]["clients"][0]["id"], "bot");
    let second = token(&refresh(&token(&first)).await);
    let done = revoke(&desk, json!("0"), false).await;
    assert_eq!((done.status.as_u16(), &done.json()["changed"]), (200, &json!(true)), "{done:?}");
    assert_eq!(done.json()["sequence"], Value::Null);
    for old in [&token(&first), &second] {
        assert_eq!(refresh(old).await.refusal(), REVOKED);
    }
    let anew = token(&desk.desk.ask("bot", &secret, &[]).await);
    let next = token(&refresh(&anew).await);
    assert_eq!(token(&refresh(&anew).await), next, "byte for byte, under the new key too");
    let again = revoke(&desk, json!("0"), false).await.json();
    assert_eq!(again["changed"], json!(false), "the key in use is another one");
    assert_eq!(token(&refresh(&next).await).len(), next.len());
    let mistyped = revoke(&desk, json!("7"), false).await;
    assert_eq!(
        (mistyped.status.as_u16(), &mistyped.json()["reason"]),
        (404, &json!("refresh_epoch_unknown"))
    );
    for wrong in [json!("x"), json!("-1"), json!("4294967296")] {
        let refused = revoke(&desk, wrong, false).await;
        assert_eq!(refused.json()["reason"], json!("revocation_refused"), "{refused:?}");
    }
}

#[tokio::test]
async fn an_issuer_that_does_not_know_yet_of_a_revoked_key_takes_tokens_under_the_next_one() {
    let world = super::world::World::open().await;
    let issuer = &world.desk.issuer;
    let family = world.begin().await;
    let text = chancery_issuer::family::RefreshToken::parse(&family.refresh, issuer.settings().environment);
    let text = text.unwrap();
    let next = chancery_issuer::family::Epoch(text.epoch.0 + 1);
    let key = issuer.keyring().refresh_key(next, issuer.settings().environment);
    let of_next = key.write(text.family, &"bot".parse().unwrap(), text.generation);
    let after = world.go_on(&of_next).await;
    let read = chancery_issuer::family::RefreshToken::parse(&after.refresh, issuer.settings().environment);
    assert_eq!(read.unwrap().epoch, next, "and goes on under it");
}

#[tokio::test]
async fn r50_a_client_ends_a_family_of_its_own_by_a_token_under_a_revoked_key_and_nobody_else_does() {
    let world = super::world::World::open().await;
    let other = world.client("other", |client| Client { refresh: Some(Refresh::default()), ..client }).await;
    let (issuer, family) = (&world.desk.issuer, world.begin().await);
    let id = world.family(&family);
    let (key, first) = (issuer.keyring(), chancery_issuer::family::Generation(0));
    // Whoever stole the key writes tokens of any family in the name of a client of his own.
    let stolen = key.refresh_key(chancery_issuer::family::Epoch(0), issuer.settings().environment);
    let forged = stolen.write(id, &"other".parse().unwrap(), first);
    let entropy = chancery_verifier::entropy::PredictableEntropy::new(5);
    for is_revoked in [false, true] {
        if is_revoked {
            let epoch = key.refresh_epochs().lowest;
            let now = world.desk.issuer_now();
            key.revoke_refresh_epoch(&**issuer.store(), epoch, now, &entropy).await.unwrap();
        }
        let refused = world.revoke(&other, &forged).await.refusal();
        assert_eq!(refused, "400 unauthorized_client token_of_another_client");
        assert!(!world.is_over(&family.access));
    }
    assert_eq!(world.revoke(&world.bot, &family.refresh).await.status.as_u16(), 200);
    assert!(world.is_over(&family.access), "200 says that it is over");
}
