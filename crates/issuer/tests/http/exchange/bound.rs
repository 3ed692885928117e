//! Tokens that are bound to a key stay bound to it.

use super::world::{World, form, refresh_token};
use crate::desk::{Answer, encode, token_request};
use crate::presenting::Who;
use chancery_token::dpop::{Draft, Request};
use chancery_token::{Confirmation, SecretKey};

const TOKEN: Request<'static> =
    Request { method: "POST", url: "https://auth.example/oauth2/token", access_token: None };

impl World {
    pub(super) async fn send_with(&self, form: &[(&str, &str)], key: u8, jti: &str) -> Answer {
        let nonce = self.proven(form, key, "for-the-nonce", None).await;
        let nonce = nonce.header("dpop-nonce").to_owned();
        self.proven(form, key, jti, Some(&nonce)).await
    }

    pub(super) async fn proven(
        &self,
        form: &[(&str, &str)],
        key: u8,
        jti: &str,
        nonce: Option<&str>,
    ) -> Answer {
        let key = SecretKey::from_seed(&[key; 32]);
        let proof = Draft { request: TOKEN, jti, iat: self.desk.issuer_now(), nonce }.sign(&key);
        let mut request = token_request(encode(form));
        request.headers_mut().insert("dpop", proof.parse().unwrap());
        self.desk.send(request).await
    }

    pub(super) async fn bound(&self, key: u8) -> String {
        let Who { id, secret } = &self.planner;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", id),
            ("client_secret", secret),
            ("scope", "orders:read"),
        ];
        self.send_with(&form, key, "to-begin").await.token()
    }
}

#[tokio::test]
async fn a_bound_token_is_exchanged_with_proof_of_its_key_for_one_that_is_bound_to_it() {
    let world = World::open().await;
    let token = world.bound(1).await;
    let cnf = world.claims(&token).cnf;
    assert!(matches!(cnf, Some(Confirmation::DpopKey(_))));
    let form = form(&world.worker, &token, &[("delegate", "true")]);
    let answer = world.send_with(&form, 1, "one").await;
    assert_eq!(answer.json()["token_type"], "DPoP");
    assert_eq!(world.claims(&answer.token()).cnf, cnf);
    // So is the session that begins with it.
    let refresh = refresh_token(&answer);
    let refused = world.refresh(&world.worker, &refresh).await.refusal();
    assert_eq!(refused, "400 invalid_dpop_proof dpop_proof_required");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", &*world.worker.id),
        ("client_secret", &*world.worker.secret),
        ("refresh_token", &*refresh),
    ];
    let answer = world.send_with(&form, 1, "two").await;
    assert_eq!(world.claims(&answer.token()).cnf, cnf);
}

#[tokio::test]
async fn without_proof_of_its_key_a_bound_token_is_worth_nothing_to_a_delegate() {
    let world = World::open().await;
    let token = world.bound(1).await;
    let refusal = "400 invalid_request subject_token_key_not_proved";
    assert_eq!(world.exchange(&world.worker, &token, &[]).await.refusal(), refusal);
    let form = form(&world.worker, &token, &[]);
    assert_eq!(world.send_with(&form, 2, "one").await.refusal(), refusal);
    // What was refused used no proof up.
    assert_eq!(world.send_with(&form, 1, "one").await.status, 200);
    let again = world.send_with(&form, 1, "one").await;
    assert_eq!(again.refusal(), "400 invalid_dpop_proof dpop_proof_replayed");
}

#[tokio::test]
async fn a_delegate_may_bind_what_was_not_bound() {
    let world = World::open().await;
    let (token, _) = world.begin().await;
    let answer = world.send_with(&form(&world.worker, &token, &[]), 3, "one").await;
    assert!(world.claims(&answer.token()).cnf.is_some() && world.claims(&token).cnf.is_none());
}
