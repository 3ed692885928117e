//! A client that goes on by refresh tokens.

use crate::desk::{Answer, Desk, encode, token_request};
use crate::presenting::{CATALOG, INTROSPECT, REVOKE, SHOP, Who, presents};
use axum::http::StatusCode;
use chancery_issuer::client::{Client, Refresh};
use chancery_issuer::revocation::OwnKeys;
use chancery_revocation::{Standing, TokenMarks};
use chancery_token::{Claims, FamilyId};
use serde_json::Value;

pub(super) struct World {
    pub(super) desk: Desk,
    pub(super) bot: Who,
}

/// A token answer, read.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
    pub(super) body: Value,
}

impl World {
    pub(super) async fn open() -> Self {
        Self::open_with(&[], Refresh::default()).await
    }

    pub(super) async fn open_with(settings: &[(&str, &str)], terms: Refresh) -> Self {
        let desk = Desk::open_over_with(settings, CATALOG).await;
        let bot = Self::client_of(&desk, "bot", |client| Client { refresh: Some(terms), ..client }).await;
        Self { desk, bot }
    }

    pub(super) async fn client(&self, id: &str, change: impl FnOnce(Client) -> Client) -> Who {
        Self::client_of(&self.desk, id, change).await
    }

    async fn client_of(desk: &Desk, id: &str, change: impl FnOnce(Client) -> Client) -> Who {
        let grants = [(SHOP, "orders:*"), ("https://archive.example", "boxes:read")];
        Who { id: id.to_owned(), secret: desk.client_with(id, &grants, change).await }
    }

    /// A family begins.
    pub(super) async fn begin(&self) -> Pair {
        let answer = self.ask(&[("scope", "orders:read orders:update")]).await;
        Pair::of(&answer)
    }

    pub(super) async fn ask(&self, parameters: &[(&str, &str)]) -> Answer {
        self.desk.ask(&self.bot.id, &self.bot.secret, parameters).await
    }

    pub(super) async fn refresh(&self, token: &str) -> Answer {
        self.refresh_with(&self.bot, token, &[]).await
    }

    pub(super) async fn refresh_with(&self, who: &Who, token: &str, parameters: &[(&str, &str)]) -> Answer {
        self.desk.send(token_request(encode(&form(who, token, parameters)))).await
    }

    /// It goes on.
    pub(super) async fn go_on(&self, token: &str) -> Pair {
        Pair::of(&self.refresh(token).await)
    }

    pub(super) async fn revoke(&self, who: &Who, token: &str) -> Answer {
        self.desk.send(presents(REVOKE, who, &[("token", token), ("token_type_hint", "refresh_token")])).await
    }

    pub(super) async fn introspect(&self, who: &Who, token: &str) -> Value {
        let answer = self.desk.send(presents(INTROSPECT, who, &[("token", token)])).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }

    /// What an access token of ours says.
    pub(super) fn claims(&self, access: &str) -> Claims {
        let issuer = &self.desk.issuer;
        OwnKeys::believed(issuer.keyring(), self.desk.issuer_now()).open(access).unwrap().into_parts().0
    }

    /// Whether the log ends an access token, at every verifier that follows it.
    pub(super) fn is_over(&self, access: &str) -> bool {
        let log = self.desk.issuer.revocation_log().current();
        let standing = log.published().judge(&TokenMarks::of(&self.claims(access), "kid"));
        assert!(matches!(standing, Standing::Good | Standing::Revoked(_)), "{standing:?}");
        standing != Standing::Good
    }

    /// Which family a pair is of.
    pub(super) fn family(&self, pair: &Pair) -> FamilyId {
        self.claims(&pair.access).sid.expect("it is of a family")
    }

    pub(super) async fn metric(&self, line: &str) -> bool {
        let body = self.desk.get("/metrics").await.body;
        body.lines().any(|it| it == line)
    }
}

impl Pair {
    pub(super) fn of(answer: &Answer) -> Self {
        let access = answer.token();
        let body = answer.json();
        Self { access, refresh: body["refresh_token"].as_str().expect("a refresh token").to_owned(), body }
    }
}

pub(super) fn form<'f>(
    who: &'f Who,
    token: &'f str,
    parameters: &[(&'f str, &'f str)],
) -> Vec<(&'f str, &'f str)> {
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("client_id", &*who.id),
        ("client_secret", &*who.secret),
        ("refresh_token", token),
    ];
    form.extend_from_slice(parameters);
    form
}
