//! A token of another issuer, which knew more of the revocation log than this one.

use super::world::World;
use chancery_issuer::client::DisabledBy;
use chancery_issuer::store::Store as _;
use chancery_revocation::{Kill, Sequence};
use chancery_token::{Claims, Format, TokenId};
use std::time::Duration;

impl World {
    /// Ends what a client has, beside this issuer, which has not heard of it.
    async fn end_unheard(&self, client: &str) -> Sequence {
        let end = self.desk.issuer_now().plus(Duration::from_hours(24));
        self.desk.append_beside(Kill::client(&client.parse().unwrap(), end)).await
    }

    /// A token of the planner's from an issuer that has.
    async fn token_since(&self, sequence: Sequence) -> String {
        let (token, _) = self.begin().await;
        let later = Claims { rvs: sequence.get(), jti: TokenId::from_bytes([77; 16]), ..self.claims(&token) };
        let signer = self.desk.issuer.keyring().signer(Format::Jwt, self.desk.issuer_now());
        signer.sign(&later).unwrap()
    }
}

#[tokio::test]
async fn what_the_subject_token_outlived_does_not_end_the_new_one() {
    let world = World::open().await;
    let sequence = world.end_unheard("planner").await;
    assert!(world.desk.issuer.revocation_log().applied() < sequence);
    let token = world.token_since(sequence).await;
    let child = world.exchange(&world.worker, &token, &[]).await.token();
    assert_eq!(world.claims(&child).rvs, sequence.get());
    assert!(!world.is_over(&token) && !world.is_over(&child));
}

#[tokio::test]
async fn a_client_that_the_news_are_about_is_not_decided_about_as_it_was() {
    let world = World::open().await;
    let (first, _) = world.begin().await;
    world.exchange(&world.worker, &first, &[]).await.token();
    // Another issuer switches the worker off, which is known here as it was.
    let (id, now) = ("worker".parse().unwrap(), world.desk.issuer_now());
    let stored = world.desk.store.client(&id).await.unwrap().unwrap();
    let off = stored.clone().disable(now, "leaked", DisabledBy::Operator);
    world.desk.store.replace_client(&stored, &off, &[]).await.unwrap();
    let sequence = world.end_unheard("worker").await;
    let token = world.token_since(sequence).await;
    let answer = world.exchange(&world.worker, &token, &[]).await;
    assert_eq!(answer.refusal(), "503 temporarily_unavailable overloaded");
    let again = world.exchange(&world.worker, &token, &[]).await.refusal();
    assert_eq!(again, "401 invalid_client client_disabled");
}
