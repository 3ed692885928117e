//! A client narrows a token of its own, for what it starts itself. Nobody lists it for that.

use super::world::{World, delegating, form, refresh_token};
use crate::admin_desk::ADMIN;
use crate::presenting::Who;
use chancery_issuer::client::{Authentication, Client, ClientKind, Refresh};
use chancery_issuer::family::{Family, FamilyState};
use chancery_issuer::store::Store as _;
use chancery_revocation::Kill;
use chancery_token::FamilyId;
use std::time::Duration;

const SESSION: [(&str, &str); 2] = [("scope", "orders:read"), ("delegate", "true")];
const OVER: &str = "400 invalid_grant refresh_token_ended";

impl World {
    /// A session of the planner's within that of `token`, for its sub-agent: the first access token and the refresh token.
    async fn sub_agent(&self, token: &str) -> (String, String) {
        let answer = self.exchange(&self.planner, token, &SESSION).await;
        (answer.token(), refresh_token(&answer))
    }

    async fn is_refused(&self, who: &Who, refresh: &str) -> bool {
        let answer = self.refresh(who, refresh).await;
        answer.status.is_client_error() && answer.refusal() == OVER
    }

    /// The family that `token` was begun with by exchange, as it is stored.
    pub(super) async fn branch(&self, token: &str) -> Family {
        let id = FamilyId::from_bytes(*self.claims(token).anc[0].as_bytes());
        self.desk.store.family(id).await.unwrap().expect("a family")
    }
}

#[tokio::test]
async fn a_client_gets_less_for_its_own_token_and_a_session_of_it_without_being_listed() {
    let world = World::open().await;
    let (token, refresh) = world.begin().await;
    let parent = world.claims(&token);
    let plain = world.exchange(&world.planner, &token, &[("scope", "orders:read")]).await;
    let claims = world.claims(&plain.token());
    assert_eq!((plain.json().get("refresh_token"), claims.scope.as_str()), (None, "orders:read"));
    assert_eq!((claims.sub.as_str(), claims.client_id.as_str(), claims.act.len()), ("planner", "planner", 0));
    assert_eq!(
        (claims.sid, claims.anc.as_slice(), claims.exp),
        (parent.sid, [parent.jti].as_slice(), parent.exp)
    );

    let (first, mut newest) = world.sub_agent(&token).await;
    for _ in 0..3 {
        world.desk.pass(Duration::from_mins(10)).await;
        let later = world.refresh(&world.planner, &newest).await;
        newest = refresh_token(&later);
        let claims = world.claims(&later.token());
        assert_eq!((claims.scope.as_str(), claims.act.len(), claims.sid), ("orders:read", 0, parent.sid));
        assert_eq!(claims.anc, world.claims(&first).anc[..1]);
        assert!(world.is_active(&world.planner, &later.token()).await);
    }
    // What it narrowed itself to, it does not widen again.
    let wider = [("grant_type", "refresh_token"), ("refresh_token", &*newest), ("scope", "orders:update")];
    let Who { id, secret } = &world.planner;
    let who = [("client_id", &**id), ("client_secret", &**secret)];
    let refusal = world.desk.post(&[&wider[..], &who].concat()).await.refusal();
    assert_eq!(refusal, "400 invalid_scope scopes_refused");
    // And the session that it came from is what it was.
    let own = world.refresh(&world.planner, &refresh).await;
    assert_eq!(own.json()["scope"], "orders:read orders:update");
}

#[tokio::test]
async fn sub_agents_of_sub_agents_end_at_the_depth_that_a_token_has_room_for() {
    let world = World::open().await;
    // The first token of a session names the one that it was exchanged for beside the session, a later one the session alone.
    for (refreshes, deepest) in [(false, 4), (true, 7)] {
        let (mut token, _) = world.begin().await;
        let root = world.claims(&token).sid;
        let mut depth = 0;
        let refusal = loop {
            let answer = world.exchange(&world.planner, &token, &SESSION).await;
            if !answer.status.is_success() {
                break answer.refusal();
            }
            depth += 1;
            token = if refreshes {
                world.refresh(&world.planner, &refresh_token(&answer)).await.token()
            } else {
                answer.token()
            };
            let claims = world.claims(&token);
            let ancestors = if refreshes { depth } else { 2 * depth };
            assert_eq!((claims.sid, claims.anc.len(), claims.act.len()), (root, ancestors, 0));
        };
        assert_eq!((depth, &*refusal), (deepest, "400 invalid_request delegation_too_deep"));
    }
}

#[tokio::test]
async fn a_bound_token_is_narrowed_with_proof_of_its_key_alone() {
    let world = World::open().await;
    let token = world.bound(1).await;
    let refusal = "400 invalid_request subject_token_key_not_proved";
    let form = form(&world.planner, &token, &[("delegate", "true")]);
    assert_eq!(world.exchange(&world.planner, &token, &[("delegate", "true")]).await.refusal(), refusal);
    assert_eq!(world.send_with(&form, 2, "one").await.refusal(), refusal);
    let answer = world.send_with(&form, 1, "two").await;
    assert_eq!(world.claims(&answer.token()).cnf, world.claims(&token).cnf);
    assert_eq!(world.branch(&answer.token()).await.cnf, world.claims(&token).cnf);
    let refused = world.refresh(&world.planner, &refresh_token(&answer)).await.refusal();
    assert_eq!(refused, "400 invalid_dpop_proof dpop_proof_required");
}

#[tokio::test]
async fn whose_the_token_is_decides_and_who_it_is_has_to_be_proved() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    let listed = "400 unauthorized_client delegation_not_allowed";
    assert_eq!(world.exchange(&world.helper, &token, &SESSION).await.refusal(), listed);
    // What the worker has for the planner's is the worker's: it narrows that, and the planner does not.
    let workers = world.exchange(&world.worker, &token, &[]).await.token();
    assert_eq!(world.exchange(&world.planner, &workers, &[]).await.refusal(), listed);
    let own = world.exchange(&world.worker, &workers, &SESSION).await;
    let claims = world.claims(&own.token());
    assert_eq!((claims.sub.as_str(), claims.client_id.as_str()), ("planner", "worker"));
    assert_eq!(claims.act, ["worker".parse().unwrap()]);
    let guess = Who { secret: "x".into(), ..world.planner.clone() };
    assert!(world.exchange(&guess, &token, &SESSION).await.refusal().starts_with("401 invalid_client "));

    // A public client proves nothing, so that whoever finds its token could narrow it.
    let change = |client| Client { authentication: Authentication::None, ..delegating(client, &[]) };
    let public = world.client("public", change).await;
    let mut nameless = form(&public, &token, &[]);
    nameless.retain(|(name, _)| *name != "client_secret");
    assert_eq!(world.desk.post(&nameless).await.refusal(), "401 invalid_client no_credentials");
}

#[tokio::test]
async fn r15_an_administrator_narrows_no_token_for_the_admin_api() {
    let world = World::open().await;
    let change = |client| Client { kind: ClientKind::Admin, ..client };
    let secret = world.desk.client_with("root", &[(ADMIN, "clients:read")], change).await;
    let token = world.desk.ask("root", &secret, &[("scope", "clients:read")]).await.token();
    let root = Who { id: "root".into(), secret };
    for parameters in [&[][..], &SESSION[1..]] {
        let refusal = world.exchange(&root, &token, parameters).await.refusal();
        assert_eq!(refusal, "400 invalid_target administration_not_delegated");
    }
}

#[tokio::test]
async fn sessions_of_sub_agents_count_as_any_other_of_the_client() {
    let world = World::open().await;
    let terms = Refresh { most_families: 3, ..Refresh::default() };
    let few = world.client("few", |client| Client { refresh: Some(terms), ..client }).await;
    let token = world.desk.ask(&few.id, &few.secret, &[("scope", "orders:read")]).await.token();
    let begin = async || world.exchange(&few, &token, &SESSION).await;
    let (first, second) = (begin().await, begin().await);
    let full = "400 unauthorized_client too_many_families";
    assert_eq!(begin().await.refusal(), full);
    // A plain exchange begins none.
    world.exchange(&few, &token, &[]).await.token();
    world.revoke(&few, &refresh_token(&second)).await;
    let third = begin().await;
    assert_eq!(begin().await.refusal(), full);
    for lives in [&first, &third] {
        world.refresh(&few, &refresh_token(lives)).await.token();
    }
}

#[tokio::test]
async fn a_session_needs_a_client_that_refreshes_and_a_session_to_be_part_of() {
    let world = World::open().await;
    let plain = world.client("plain", |client| client).await;
    let token = world.desk.ask(&plain.id, &plain.secret, &[("scope", "orders:read")]).await.token();
    let refusal = world.exchange(&plain, &token, &SESSION).await.refusal();
    assert_eq!(refusal, "400 unauthorized_client refresh_not_granted");
    // Without one it narrows all the same.
    let narrowed = world.exchange(&plain, &token, &[("scope", "orders:read")]).await.token();
    assert_eq!(world.claims(&narrowed).exp, world.claims(&token).exp);
    let allowed = |client: Client| Client { refresh: Some(Refresh::default()), ..client };
    let stored = world.desk.store.client(&"plain".parse().unwrap()).await.unwrap().unwrap();
    world.desk.store.replace_client(&stored, &allowed(stored.clone()), &[]).await.unwrap();
    world.desk.issuer.catch_up().await.unwrap();
    let refusal = world.exchange(&plain, &token, &SESSION).await.refusal();
    assert_eq!(refusal, "400 invalid_request subject_token_without_session");
}

#[tokio::test]
async fn r50_the_sessions_of_sub_agents_end_with_that_of_the_agent() {
    let world = World::open().await;
    let (token, refresh) = world.begin().await;
    let (child, child_refresh) = world.sub_agent(&token).await;
    let (grandchild, grandchild_refresh) = world.sub_agent(&child).await;
    let narrowed = world.exchange(&world.planner, &token, &[]).await.token();
    let (other, _) = world.begin().await;
    let (others, others_refresh) = world.sub_agent(&other).await;
    world.revoke(&world.planner, &refresh).await;
    for token in [&token, &child, &grandchild, &narrowed] {
        assert!(world.is_over(token));
        assert!(!world.is_active(&world.planner, token).await);
        let refusal = world.exchange(&world.planner, token, &SESSION).await.refusal();
        assert_eq!(refusal, "400 invalid_request subject_token_refused");
    }
    assert!(world.is_refused(&world.planner, &child_refresh).await);
    assert!(world.is_refused(&world.planner, &grandchild_refresh).await);
    assert!(!world.is_over(&others));
    world.refresh(&world.planner, &others_refresh).await.token();
}

#[tokio::test]
async fn r50_one_sub_agent_is_ended_and_the_others_and_the_agent_go_on() {
    let world = World::open().await;
    let (token, refresh) = world.begin().await;
    let (child, child_refresh) = world.sub_agent(&token).await;
    let (sister, sister_refresh) = world.sub_agent(&token).await;
    world.revoke(&world.planner, &child_refresh).await;
    assert!(world.is_over(&child) && world.is_refused(&world.planner, &child_refresh).await);
    assert!(matches!(world.branch(&child).await.state, FamilyState::Ended { .. }));
    assert!(!world.is_over(&token) && !world.is_over(&sister));
    world.refresh(&world.planner, &refresh).await.token();
    world.refresh(&world.planner, &sister_refresh).await.token();
}

#[tokio::test]
async fn r51_a_replay_at_the_agent_ends_its_sub_agents_and_one_at_a_sub_agent_only_that() {
    let world = World::open().await;
    let (token, oldest) = world.begin().await;
    let (child, child_oldest) = world.sub_agent(&token).await;
    let (sister, mut sister_newest) = world.sub_agent(&token).await;
    let (mut newest, mut child_newest) = (oldest.clone(), child_oldest.clone());
    for _ in 0..2 {
        world.desk.pass(Duration::from_mins(3)).await;
        for held in [&mut newest, &mut child_newest, &mut sister_newest] {
            *held = refresh_token(&world.refresh(&world.planner, held).await);
        }
    }
    let replayed = "400 invalid_grant refresh_token_replayed";
    assert_eq!(world.refresh(&world.planner, &child_oldest).await.refusal(), replayed);
    assert!(world.is_over(&child) && !world.is_over(&token) && !world.is_over(&sister));
    newest = refresh_token(&world.refresh(&world.planner, &newest).await);
    assert_eq!(world.refresh(&world.planner, &oldest).await.refusal(), replayed);
    assert!([&token, &sister].iter().all(|token| world.is_over(token)));
    for held in [&newest, &sister_newest] {
        assert!(world.refresh(&world.planner, held).await.refusal().starts_with("400 invalid_grant "));
    }
}

#[tokio::test]
async fn r50_whatever_ends_the_client_ends_its_sub_agents() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    let (child, child_refresh) = world.sub_agent(&token).await;
    let end = world.desk.issuer_now().plus(Duration::from_hours(24));
    world.desk.end_beside(Kill::client(&"planner".parse().unwrap(), end)).await;
    assert!(world.is_over(&child) && world.is_refused(&world.planner, &child_refresh).await);
    // A session that it begins now is another one, and so are its sub-agents.
    let (token, _) = world.begin().await;
    let (_, child_refresh) = world.sub_agent(&token).await;
    world.refresh(&world.planner, &child_refresh).await.token();
}

#[tokio::test]
async fn no_token_of_a_narrowed_session_lives_longer_than_one_of_whoever_is_acted_for() {
    let world = World::open().await;
    world.hurry_the_planner().await;
    let (token, _) = world.begin().await;
    let workers = world.exchange(&world.worker, &token, &[]).await.token();
    let session = world.exchange(&world.worker, &workers, &SESSION).await;
    assert_eq!(session.json()["expires_in"], 120);
    world.desk.pass(Duration::from_mins(1)).await;
    let later = world.refresh(&world.worker, &refresh_token(&session)).await;
    assert_eq!(later.json()["expires_in"], 120, "the worker's own live for fifteen minutes");
}
