use super::world::{ACCESS_TOKEN, World, refresh_token};
use crate::desk::NOW;
use crate::presenting::SHOP;
use std::time::Duration;

#[tokio::test]
async fn a_client_that_is_handed_a_token_gets_one_of_its_own_for_it() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    world.desk.pass(Duration::from_mins(5)).await;
    let answer = world.exchange(&world.worker, &token, &[("scope", "orders:read")]).await;
    let (json, child, parent) = (answer.json(), world.claims(&answer.token()), world.claims(&token));
    assert_eq!(json["issued_token_type"], ACCESS_TOKEN);
    assert_eq!((&json["token_type"], &json["scope"]), (&"Bearer".into(), &"orders:read".into()));
    // The worker's own tokens live for fifteen minutes; of the planner's ten are left.
    assert_eq!((&json["expires_in"], &json["expires_at"]), (&600.into(), &parent.exp.as_secs().into()));
    assert!(json.get("refresh_token").is_none());
    assert_eq!((child.sub.as_str(), child.client_id.as_str(), &*child.aud), ("planner", "worker", SHOP));
    assert_eq!((child.sid, child.anc.as_slice()), (parent.sid, [parent.jti].as_slice()));
    assert_eq!(child.act, ["worker".parse().unwrap()]);
    // It is as good as any.
    assert!(world.is_active(&world.worker, &answer.token()).await);
    assert!(!world.is_active(&world.planner, &answer.token()).await, "another client's");
}

#[tokio::test]
async fn a_token_for_a_token_for_a_token_says_who_acted() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    let second = world.exchange(&world.worker, &token, &[]).await.token();
    let third =
        world.exchange(&world.helper, &second, &[("audience", SHOP), ("resource", SHOP)]).await.token();
    let claims = world.claims(&third);
    let act: Vec<&str> = claims.act.iter().map(chancery_token::Subject::as_str).collect();
    assert_eq!((claims.sub.as_str(), act.as_slice()), ("planner", ["helper", "worker"].as_slice()));
    assert_eq!(claims.anc, [world.claims(&second).jti, world.claims(&token).jti]);
    assert!(world.is_active(&world.helper, &third).await);
}

#[tokio::test]
async fn an_auditor_learns_for_whom_a_token_was_exchanged_and_which() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    crate::captured::begin();
    world.exchange(&world.worker, &token, &[]).await.token();
    let log = crate::captured::end();
    let issued = log.lines().find(|line| line.contains("\"token issued\"")).unwrap();
    let said: serde_json::Value = serde_json::from_str(issued).unwrap();
    let fields = &said["fields"];
    assert_eq!((&fields["client.id"], &fields["subject"]), (&"worker".into(), &"planner".into()), "{said}");
    assert_eq!(fields["comes_from"], world.claims(&token).jti.to_string());
    assert!(!log.contains(&token));
}

#[tokio::test]
async fn a_paseto_is_exchanged_for_a_paseto() {
    let world = World::open().await;
    let archive = "https://archive.example";
    let planner = &world.planner;
    let token = world.desk.ask(&planner.id, &planner.secret, &[("resource", archive)]).await.token();
    let answer = world.exchange(&world.worker, &token, &[]).await;
    assert!(answer.token().starts_with("v4.public."));
    assert_eq!(world.claims(&answer.token()).aud, archive);
}

#[tokio::test]
async fn whoever_delegates_gets_a_session_within_the_session() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    let parent = world.claims(&token);
    let answer =
        world.exchange(&world.worker, &token, &[("scope", "orders:read"), ("delegate", "true")]).await;
    let json = answer.json();
    // No longer than the planner's: ninety days from its start, or the last of the worker's own thirty.
    assert_eq!(json["refresh_expires_at"], NOW.plus(Duration::from_hours(14 * 24)).as_secs());
    let first = world.claims(&answer.token());
    assert_eq!((first.sid, first.anc.len()), (parent.sid, 2));
    world.desk.pass(Duration::from_hours(1)).await;
    let later = world.refresh(&world.worker, &refresh_token(&answer)).await;
    let claims = world.claims(&later.token());
    assert_eq!((claims.sub.as_str(), claims.client_id.as_str()), ("planner", "worker"));
    assert_eq!((claims.sid, &claims.act, claims.scope.as_str()), (parent.sid, &first.act, "orders:read"));
    assert_eq!(claims.anc, first.anc[..1], "its family, and no more the token that began it");
    assert!(claims.exp > parent.exp, "a session outlives its tokens");
    assert!(world.is_active(&world.worker, &later.token()).await);
    // It is the worker's: neither whoever delegated nor anybody else goes on with it.
    let refused = world.refresh(&world.planner, &refresh_token(&later)).await.refusal();
    assert!(refused.starts_with("400 invalid_grant "), "{refused}");
    // And from it another one comes, one level down.
    let deeper = world.exchange(&world.helper, &later.token(), &[("delegate", "true")]).await;
    let deeper = world.refresh(&world.helper, &refresh_token(&deeper)).await;
    let claims = world.claims(&deeper.token());
    assert_eq!((claims.sid, claims.anc.len(), claims.act.len()), (parent.sid, 2, 2));
    assert_eq!(claims.anc[1], first.anc[0]);
}

#[tokio::test]
async fn no_token_of_a_delegated_session_lives_longer_than_one_of_whoever_delegated_it() {
    let world = World::open().await;
    world.hurry_the_planner().await;
    let (token, _) = world.begin().await;
    let second = world.exchange(&world.worker, &token, &[("delegate", "true")]).await;
    let third = world.exchange(&world.helper, &second.token(), &[("delegate", "true")]).await;
    world.desk.pass(Duration::from_mins(1)).await;
    for (who, began) in [(&world.worker, &second), (&world.helper, &third)] {
        assert_eq!(world.refresh(who, &refresh_token(began)).await.json()["expires_in"], 120, "{}", who.id);
    }
}
