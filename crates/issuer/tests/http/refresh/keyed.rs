//! Families that are bound to a key (RFC 9449 section 5), and public clients, which have nothing else.

use super::world::{Pair, World, form};
use crate::desk::{Answer, NOW, encode, token_request};
use crate::presenting::Who;
use axum::http::StatusCode;
use chancery_issuer::client::{Authentication, Client, DpopPolicy, Refresh};
use chancery_issuer::family::{Epoch, Family, FamilyState, Generation, Granted, Rotations};
use chancery_issuer::store::Store as _;
use chancery_token::dpop::{Draft, Request};
use chancery_token::{Bounds, Confirmation, Environment, FamilyId, ScopeSet, SecretKey};
use std::cell::Cell;
use std::time::Duration;

const TOKEN: Request<'static> =
    Request { method: "POST", url: "https://auth.example/oauth2/token", access_token: None };

/// Somebody with a key.
struct Holder<'w> {
    world: &'w World,
    key: SecretKey,
    proofs: Cell<u64>,
}

impl<'w> Holder<'w> {
    fn of(world: &'w World, seed: u8) -> Self {
        Self { world, key: SecretKey::from_seed(&[seed; 32]), proofs: Cell::new(0) }
    }

    /// Sends a form with a good proof.
    async fn send(&self, form: &[(&str, &str)]) -> Answer {
        let refused = self.send_with(form, None).await;
        let nonce = refused.header("dpop-nonce").to_owned();
        assert_eq!(refused.refusal(), "400 use_dpop_nonce dpop_nonce_missing");
        self.send_with(form, Some(&nonce)).await
    }

    async fn send_with(&self, form: &[(&str, &str)], nonce: Option<&str>) -> Answer {
        let number = self.proofs.replace(self.proofs.get() + 1);
        let seed = self.key.public().as_bytes()[0];
        let jti = format!("{seed}-{number}");
        let proof = Draft { request: TOKEN, jti: &jti, iat: self.world.desk.issuer_now(), nonce };
        let mut request = token_request(encode(form));
        request.headers_mut().insert("dpop", proof.sign(&self.key).parse().unwrap());
        self.world.desk.send(request).await
    }

    async fn begin(&self) -> Pair {
        let bot = &self.world.bot;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &*bot.id),
            ("client_secret", &*bot.secret),
            ("scope", "orders:read"),
        ];
        Pair::of(&self.send(&form).await)
    }

    async fn refresh(&self, token: &str) -> Answer {
        self.send(&form(&self.world.bot, token, &[])).await
    }
}

#[tokio::test]
async fn a_family_that_began_with_a_key_goes_on_with_that_key_alone() {
    let world = World::open().await;
    let (holder, thief) = (Holder::of(&world, 1), Holder::of(&world, 2));
    let first = holder.begin().await;
    assert_eq!(first.body["token_type"], "DPoP");
    let without = world.refresh(&first.refresh).await.refusal();
    assert_eq!(without, "400 invalid_dpop_proof dpop_proof_required");
    let with_another = thief.refresh(&first.refresh).await.refusal();
    assert_eq!(with_another, "400 invalid_grant refresh_token_other_key");
    let second = Pair::of(&holder.refresh(&first.refresh).await);
    assert_eq!(second.body["token_type"], "DPoP");
    assert_eq!(world.claims(&second.access).cnf, world.claims(&first.access).cnf);
    assert!(world.claims(&second.access).cnf.is_some());
    assert!(world.metric("chancery_refreshes_total{outcome=\"rotated\"} 1").await);
}

#[tokio::test]
async fn r_2_2_a_bound_family_goes_on_four_days_after_a_lost_answer() {
    let world = World::open().await;
    let holder = Holder::of(&world, 1);
    let first = holder.begin().await;
    let lost = Pair::of(&holder.refresh(&first.refresh).await);
    world.desk.pass(Duration::from_hours(4 * 24)).await;
    let again = Pair::of(&holder.refresh(&first.refresh).await);
    assert_eq!(again.refresh, lost.refresh);
}

#[tokio::test]
async fn a_family_without_a_key_may_bind_one_access_token_to_one() {
    let world = World::open().await;
    let holder = Holder::of(&world, 1);
    let first = world.begin().await;
    let bound = Pair::of(&holder.refresh(&first.refresh).await);
    assert_eq!(bound.body["token_type"], "DPoP");
    assert_eq!(world.go_on(&bound.refresh).await.body["token_type"], "Bearer");
}

/// A public client that was given a family, as a device grant will give one.
async fn public(world: &World, cnf: Option<Confirmation>, dpop: DpopPolicy) -> (Who, String) {
    let public = |client| Client {
        authentication: Authentication::None,
        secrets: Vec::new(),
        refresh: Some(Refresh::default()),
        dpop,
        ..client
    };
    let who = world.client("cli", public).await;
    let id = FamilyId::from_bytes([3; 16]);
    let family = Family {
        id,
        client: "cli".parse().unwrap(),
        tenant: "acme".parse().unwrap(),
        sub: None,
        act: Vec::new(),
        ancestors: Vec::new(),
        granted: vec![Granted {
            audience: crate::presenting::SHOP.into(),
            scopes: ScopeSet::parse("orders:read").unwrap(),
        }],
        bounds: Bounds::default(),
        cnf,
        rvs0: world.desk.issuer.revocation_log().applied(),
        created_at: NOW,
        absolute_end: NOW.plus(Duration::from_hours(90 * 24)),
        idle: Duration::from_hours(14 * 24),
        idle_end: NOW.plus(Duration::from_hours(14 * 24)),
        generation: Generation(0),
        rotations: Rotations::default(),
        redelivered: None,
        state: FamilyState::Live,
    };
    world.desk.store.begin_family(&family, 8, NOW).await.unwrap();
    let key = world.desk.issuer.keyring().refresh_key(Epoch(0), Environment::Test);
    let token = key.write(id, &family.client, Generation(0)).as_str().to_owned();
    (who, token)
}

fn named(token: &str) -> [(&str, &str); 3] {
    [("grant_type", "refresh_token"), ("client_id", "cli"), ("refresh_token", token)]
}

#[tokio::test]
async fn a_public_client_goes_on_with_its_name_and_its_key() {
    let world = World::open().await;
    let holder = Holder::of(&world, 1);
    let jkt = {
        let first = holder.begin().await;
        world.claims(&first.access).cnf
    };
    let (_, token) = public(&world, jkt, DpopPolicy::Required).await;
    assert_eq!(world.desk.post(&named(&token)).await.refusal(), "400 invalid_dpop_proof dpop_proof_required");
    let thief = Holder::of(&world, 2);
    assert_eq!(thief.send(&named(&token)).await.refusal(), "400 invalid_grant refresh_token_other_key");
    let next = Pair::of(&holder.send(&named(&token)).await);
    world.desk.pass(Duration::from_hours(4 * 24)).await;
    assert_eq!(Pair::of(&holder.send(&named(&token)).await).refresh, next.refresh);
    let begins = [("grant_type", "client_credentials"), ("client_id", "cli"), ("scope", "orders:read")];
    let begun = world.desk.post(&begins).await;
    assert_eq!(begun.status, StatusCode::UNAUTHORIZED, "it begins nothing");
}

#[tokio::test]
async fn r_2_4_of_a_public_client_without_a_key_a_late_replay_ends_the_family() {
    let world = World::open().await;
    let (_, token) = public(&world, None, DpopPolicy::Optional).await;
    let next = Pair::of(&world.desk.post(&named(&token)).await);
    let again = Pair::of(&world.desk.post(&named(&token)).await);
    assert_eq!(again.refresh, next.refresh, "within its grace");
    world.desk.pass(Duration::from_secs(121)).await;
    let late = world.desk.post(&named(&token)).await.refusal();
    assert_eq!(late, "400 invalid_grant refresh_token_replayed");
    assert!(world.is_over(&next.access));
    let ended = world.desk.post(&named(&next.refresh)).await.refusal();
    assert_eq!(ended, "400 invalid_grant refresh_token_ended");
}
