//! An agent that plans, and those that it hands its tokens to.

use crate::desk::{Answer, Desk, encode, token_request};
use crate::presenting::{CATALOG, INTROSPECT, REVOKE, SHOP, Who, presents};
use axum::http::StatusCode;
use chancery_issuer::client::{Client, Refresh};
use chancery_issuer::revocation::OwnKeys;
use chancery_issuer::store::Store as _;
use chancery_revocation::{Standing, TokenMarks};
use chancery_token::Claims;
use std::time::Duration;

pub(super) const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub(super) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

pub(super) struct World {
    pub(super) desk: Desk,
    pub(super) planner: Who,
    /// May exchange the planner's tokens.
    pub(super) worker: Who,
    /// May exchange the worker's, and not the planner's.
    pub(super) helper: Who,
}

impl World {
    pub(super) async fn open() -> Self {
        let desk = Desk::open_over_with(&[], CATALOG).await;
        let planner = who(&desk, "planner", |client| delegating(client, &["worker"])).await;
        let worker = who(&desk, "worker", |client| delegating(client, &["helper"])).await;
        let helper = who(&desk, "helper", |client| delegating(client, &[])).await;
        Self { desk, planner, worker, helper }
    }

    pub(super) async fn client(&self, id: &str, change: impl FnOnce(Client) -> Client) -> Who {
        who(&self.desk, id, change).await
    }

    /// From now on the planner's tokens live for two minutes.
    pub(super) async fn hurry_the_planner(&self) {
        let store = &self.desk.store;
        let planner = store.client(&self.planner.id.parse().unwrap()).await.unwrap().unwrap();
        let hasty = Client { lifetime: Duration::from_mins(2), ..planner.clone() };
        store.replace_client(&planner, &hasty, &[]).await.unwrap();
        self.desk.issuer.catch_up().await.unwrap();
    }

    /// A token of the planner's, and the refresh token of its family.
    pub(super) async fn begin(&self) -> (String, String) {
        let answer = self
            .desk
            .ask(&self.planner.id, &self.planner.secret, &[("scope", "orders:read orders:update")])
            .await;
        (answer.token(), refresh_token(&answer))
    }

    pub(super) async fn exchange(&self, who: &Who, token: &str, parameters: &[(&str, &str)]) -> Answer {
        self.desk.send(token_request(encode(&form(who, token, parameters)))).await
    }

    pub(super) async fn refresh(&self, who: &Who, token: &str) -> Answer {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &*who.id),
            ("client_secret", &*who.secret),
            ("refresh_token", token),
        ];
        self.desk.send(token_request(encode(&form))).await
    }

    pub(super) async fn revoke(&self, who: &Who, token: &str) {
        let answer = self.desk.send(presents(REVOKE, who, &[("token", token)])).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }

    /// Whether a verifier of the audience takes it.
    pub(super) async fn is_active(&self, who: &Who, token: &str) -> bool {
        let answer = self.desk.send(presents(INTROSPECT, who, &[("token", token)])).await;
        answer.json()["active"].as_bool().unwrap()
    }

    /// What a token of ours says.
    pub(super) fn claims(&self, token: &str) -> Claims {
        let keys = OwnKeys::believed(self.desk.issuer.keyring(), self.desk.issuer_now());
        keys.open(token).unwrap().into_parts().0
    }

    /// Whether the log ends it, at every verifier that follows it.
    pub(super) fn is_over(&self, token: &str) -> bool {
        let log = self.desk.issuer.revocation_log().current();
        let standing = log.published().judge(&TokenMarks::of(&self.claims(token), "kid"));
        assert!(matches!(standing, Standing::Good | Standing::Revoked(_)), "{standing:?}");
        standing != Standing::Good
    }
}

async fn who(desk: &Desk, id: &str, change: impl FnOnce(Client) -> Client) -> Who {
    let grants = [(SHOP, "orders:*"), ("https://archive.example", "boxes:read")];
    Who { id: id.to_owned(), secret: desk.client_with(id, &grants, change).await }
}

pub(super) fn delegating(client: Client, to: &[&str]) -> Client {
    let may_delegate_to = to.iter().map(|id| id.parse().unwrap()).collect();
    Client { may_delegate_to, refresh: Some(Refresh::default()), ..client }
}

pub(super) fn form<'f>(
    who: &'f Who,
    token: &'f str,
    parameters: &[(&'f str, &'f str)],
) -> Vec<(&'f str, &'f str)> {
    let mut form = vec![
        ("grant_type", EXCHANGE),
        ("client_id", &*who.id),
        ("client_secret", &*who.secret),
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    form.extend_from_slice(parameters);
    form
}

pub(super) fn refresh_token(answer: &Answer) -> String {
    answer.json()["refresh_token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}
