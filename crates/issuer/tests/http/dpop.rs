//! Tokens that are bound to a key (RFC 9449 section 5), and proofs that are not taken.

use crate::desk::{ARCHIVE, Answer, DOCUMINT, Desk, NOW, encode, token_request};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use axum::http::{HeaderValue, StatusCode};
use chancery_issuer::client::{Client, DpopPolicy};
use chancery_token::dpop::{Draft, Request};
use chancery_token::encoding::base64url;
use chancery_token::{Claims, Confirmation, Format, KeySet, SecretKey, UnixTime, jwk};
use jsonwebtoken::jwk::Jwk;
use serde_json::{Value, json};
use std::time::Duration;

const URL: &str = "https://auth.example/oauth2/token";
const TOKEN: Request<'static> = Request { method: "POST", url: URL, access_token: None };

/// A client, and the key that it proves to have.
struct Holder<'d> {
    desk: &'d Desk,
    id: &'static str,
    secret: String,
    key: SecretKey,
}

impl<'d> Holder<'d> {
    async fn at(desk: &'d Desk) -> Self {
        Self::with(desk, |client| client).await
    }

    async fn with(desk: &'d Desk, change: impl FnOnce(Client) -> Client) -> Self {
        let grants = [(DOCUMINT, "invoices:read"), (ARCHIVE, "boxes:read")];
        let secret = desk.client_with("bot", &grants, change).await;
        Self { desk, id: "bot", secret, key: SecretKey::from_seed(&[5; 32]) }
    }

    fn jkt(&self) -> [u8; 32] {
        let x = base64url(self.key.public().as_bytes());
        jwk::thumbprint_of(&json!({"kty": "OKP", "crv": "Ed25519", "x": x})).unwrap()
    }

    fn proof(&self, jti: &str, nonce: Option<&str>) -> String {
        Draft { request: TOKEN, jti, iat: self.desk.issuer_now(), nonce }.sign(&self.key)
    }

    /// Asks for a token, with these `DPoP` headers.
    async fn ask(&self, proofs: &[&str]) -> Answer {
        self.ask_for(DOCUMINT, proofs).await
    }

    async fn ask_for(&self, resource: &str, proofs: &[&str]) -> Answer {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.id),
            ("client_secret", &self.secret),
            ("resource", resource),
        ];
        let mut request = token_request(encode(&form));
        for proof in proofs {
            request.headers_mut().append("dpop", proof.parse().unwrap());
        }
        self.desk.send(request).await
    }

    /// What the issuer says the next proof is to name.
    async fn nonce(&self) -> String {
        let answer = self.ask(&[&self.proof("to-learn-the-nonce", None)]).await;
        assert_eq!(answer.refusal(), "400 use_dpop_nonce dpop_nonce_missing");
        assert_ne!(answer.header("dpop-nonce"), "");
        answer.header("dpop-nonce").to_owned()
    }
}

async fn opened(desk: &Desk, format: Format, token: &str) -> Claims {
    let path = match format {
        Format::Jwt => "/.well-known/jwks.json",
        Format::Paseto => "/keys/paserk.json",
    };
    let document = desk.get(path).await.body;
    KeySet::read(format, document.as_bytes()).unwrap().keys.open(token).unwrap().into_parts().0
}

#[tokio::test]
async fn a_token_asked_for_with_a_proof_is_bound_to_its_key() {
    let desk = Desk::open().await;
    let bot = Holder::at(&desk).await;
    let nonce = bot.nonce().await;
    for (resource, format) in [(DOCUMINT, Format::Jwt), (ARCHIVE, Format::Paseto)] {
        let answer = bot.ask_for(resource, &[&bot.proof(resource, Some(&nonce))]).await;
        assert_eq!(answer.json()["token_type"], "DPoP", "{answer:?}");
        assert_eq!(answer.header("dpop-nonce"), nonce, "who sends a proof is told the next nonce");
        let claims = opened(&desk, format, &answer.token()).await;
        assert_eq!(claims.cnf, Some(Confirmation::DpopKey(bot.jkt())));
    }
}

#[tokio::test]
async fn whoever_sends_no_proof_gets_a_bearer_token_and_hears_of_no_nonce() {
    let desk = Desk::open().await;
    let bot = Holder::at(&desk).await;
    let answer = bot.ask(&[]).await;
    assert_eq!((answer.json()["token_type"].as_str(), answer.header("dpop-nonce")), (Some("Bearer"), ""));
    assert_eq!(opened(&desk, Format::Jwt, &answer.token()).await.cnf, None);
}

#[tokio::test]
async fn a_client_whose_tokens_are_always_bound_gets_none_without_a_proof() {
    let desk = Desk::open().await;
    let bot = Holder::with(&desk, |client| Client { dpop: DpopPolicy::Required, ..client }).await;
    let answer = bot.ask(&[]).await;
    assert_eq!(answer.refusal(), "400 invalid_dpop_proof dpop_proof_required");
    let nonce = answer.header("dpop-nonce").to_owned();
    assert_eq!(bot.ask(&[&bot.proof("a", Some(&nonce))]).await.json()["token_type"], "DPoP");
}

#[tokio::test]
async fn a_proof_is_used_once() {
    let desk = Desk::open().await;
    let bot = Holder::at(&desk).await;
    let nonce = bot.nonce().await;
    let proof = bot.proof("a", Some(&nonce));
    bot.ask(&[&proof]).await.token();
    for _ in 0..2 {
        let again = bot.ask(&[&proof]).await;
        assert_eq!(again.refusal(), "400 invalid_dpop_proof dpop_proof_replayed");
        assert_eq!(again.header("dpop-nonce"), nonce);
    }
    // Not even when it is the last second in which it is read, nor under a new nonce.
    desk.clock.advance(Duration::from_secs(100));
    assert_eq!(bot.ask(&[&proof]).await.refusal(), "400 invalid_dpop_proof dpop_proof_replayed");
    let same_name = bot.proof("a", Some(&bot.nonce().await));
    assert_eq!(bot.ask(&[&same_name]).await.refusal(), "400 invalid_dpop_proof dpop_proof_replayed");
    bot.ask(&[&bot.proof("b", Some(&bot.nonce().await))]).await.token();
}

#[tokio::test]
async fn a_proof_is_remembered_for_as_long_as_another_issuers_clock_may_call_it_good() {
    let desk = Desk::open().await;
    let bot = Holder::at(&desk).await;
    bot.ask(&[&bot.proof("a", Some(&bot.nonce().await))]).await.token();
    let until: i64 = desk.raw().query_row("SELECT until FROM first_uses", [], |row| row.get(0)).unwrap();
    // Five minutes and the second that has begun; and a minute more.
    assert_eq!(until.cast_unsigned(), NOW.as_secs() + 301 + 60);
}

#[tokio::test]
async fn a_proof_sent_many_times_at_once_is_taken_once() {
    let desk = Desk::open().await;
    let bot = Holder::at(&desk).await;
    let proof = bot.proof("a", Some(&bot.nonce().await));
    let proofs = [&*proof];
    let (a, b, c, d) = tokio::join!(bot.ask(&proofs), bot.ask(&proofs), bot.ask(&proofs), bot.ask(&proofs));
    let taken = [a, b, c, d].iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(taken, 1);
}

#[tokio::test]
async fn a_proof_that_is_not_good_is_not_used_up_and_costs_no_question() {
    let desk = Desk::open().await;
    let bot = Holder::at(&desk).await;
    let nonce = bot.nonce().await;
    let with = |request| Draft { request, jti: "a", iat: NOW, nonce: Some(&nonce) }.sign(&bot.key);
    let at = |secs| Draft { request: TOKEN, jti: "a", iat: UnixTime::from_secs(secs), nonce: Some(&nonce) };
    let good = bot.proof("a", Some(&nonce));
    let bad = "400 invalid_dpop_proof";
    desk.store.asked();
    for (proofs, refusal) in [
        (vec![with(Request { method: "GET", ..TOKEN })], "dpop_method_mismatch"),
        (vec![with(Request { url: "https://auth.example/oauth2/revoke", ..TOKEN })], "dpop_url_mismatch"),
        (vec![with(Request { url: "https://auth.example.evil/oauth2/token", ..TOKEN })], "dpop_url_mismatch"),
        (vec![at(NOW.as_secs() - 301).sign(&bot.key)], "dpop_proof_too_old"),
        (vec![at(NOW.as_secs() + 301).sign(&bot.key)], "dpop_proof_in_future"),
        (vec![format!("{good}x")], "dpop_proof_malformed"),
        (vec![String::new()], "dpop_proof_malformed"),
        (vec![format!("{good}, {good}")], "dpop_proof_malformed"),
        (vec!["x".repeat(4097)], "dpop_proof_too_large"),
        (vec![good.clone(), good.clone()], "dpop_proof_repeated"),
        (vec![String::new(), good.clone()], "dpop_proof_repeated"),
    ] {
        let proofs: Vec<&str> = proofs.iter().map(String::as_str).collect();
        let answer = bot.ask(&proofs).await;
        assert_eq!(answer.refusal(), format!("{bad} {refusal}"), "{proofs:?}");
        assert_eq!(answer.header("dpop-nonce"), nonce);
    }
    let stale = bot.ask(&[&bot.proof("a", Some("not-one-of-ours"))]).await;
    assert_eq!(stale.refusal(), "400 use_dpop_nonce dpop_nonce_stale");
    assert_eq!(desk.store.asked(), 0, "nothing of this needs the store");
    let unreadable = {
        let mut request = token_request(encode(&[
            ("grant_type", "client_credentials"),
            ("client_id", bot.id),
            ("client_secret", &bot.secret),
        ]));
        let bytes = HeaderValue::from_bytes(b"\xff").unwrap();
        request.headers_mut().insert("dpop", bytes);
        desk.send(request).await
    };
    assert_eq!(unreadable.refusal(), "400 invalid_dpop_proof dpop_proof_malformed");
    bot.ask(&[&good]).await.token();
}

#[tokio::test]
async fn whoever_is_not_the_client_does_not_use_its_proof_up() {
    let desk = Desk::open().await;
    let bot = Holder::at(&desk).await;
    let proof = bot.proof("a", Some(&bot.nonce().await));
    let other = desk.secret(chancery_token::Environment::Test).reveal().to_owned();
    let thief = Holder { secret: other, key: bot.key.clone(), desk: &desk, id: bot.id };
    let refused = thief.ask(&[&proof]).await;
    assert_eq!(refused.refusal(), "401 invalid_client client_authentication_failed");
    bot.ask(&[&proof]).await.token();
}

#[tokio::test]
async fn a_nonce_ends_within_minutes_and_the_refusal_tells_the_next_one() {
    let desk = Desk::open().await;
    let bot = Holder::at(&desk).await;
    let first = bot.nonce().await;
    desk.clock.advance(Duration::from_secs(119));
    bot.ask(&[&bot.proof("a", Some(&first))]).await.token();
    desk.clock.advance(Duration::from_secs(121));
    let stale = bot.ask(&[&bot.proof("b", Some(&first))]).await;
    assert_eq!(stale.refusal(), "400 use_dpop_nonce dpop_nonce_stale");
    let next = stale.header("dpop-nonce");
    assert_ne!(next, first);
    bot.ask(&[&bot.proof("b", Some(next))]).await.token();
}

#[tokio::test]
async fn the_address_of_a_proof_is_that_of_the_issuer_with_its_path() {
    let desk = Desk::open_at("https://auth.example/tenants/one").await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:read")]).await;
    let key = SecretKey::from_seed(&[5; 32]);
    let ask = async |url: &str, nonce: Option<&str>| {
        let request = Request { url, ..TOKEN };
        let proof = Draft { request, jti: "a", iat: NOW, nonce }.sign(&key);
        let form = [("grant_type", "client_credentials"), ("client_id", "bot"), ("client_secret", &secret)];
        let mut request = token_request(encode(&form));
        *request.uri_mut() = "/tenants/one/oauth2/token".parse().unwrap();
        request.headers_mut().insert("dpop", proof.parse().unwrap());
        desk.send(request).await
    };
    assert_eq!(ask(URL, None).await.refusal(), "400 invalid_dpop_proof dpop_url_mismatch");
    let told = ask("https://auth.example/tenants/one/oauth2/token", None).await;
    let nonce = told.header("dpop-nonce");
    ask("https://AUTH.example:443/tenants/one/oauth2/token?x", Some(nonce)).await.token();
}

#[tokio::test]
async fn r_11_2_a_store_that_is_away_is_no_fault_of_the_proof() {
    let desk = Desk::open().await;
    let bot = Holder::at(&desk).await;
    let proof = bot.proof("a", Some(&bot.nonce().await));
    desk.store.take_away(true);
    let answer = bot.ask(&[&proof]).await;
    assert_eq!(answer.refusal(), "503 temporarily_unavailable store_unavailable");
    assert_ne!(answer.header("retry-after"), "");
    bot.ask(&[]).await.token();
    desk.store.take_away(false);
    bot.ask(&[&proof]).await.token();
}

/// A proof as another library makes it.
fn foreign(pkcs8: &[u8], public: &[u8], nonce: Option<&str>) -> String {
    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256);
    header.typ = Some("dpop+jwt".into());
    let (x, y) = public[1..].split_at(32);
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y)});
    header.jwk = Some(serde_json::from_value::<Jwk>(jwk).unwrap());
    let mut claims = json!({"jti": "5b04cd5d", "htm": "POST", "htu": URL, "iat": NOW.as_secs()});
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    jsonwebtoken::encode(&header, &claims, &jsonwebtoken::EncodingKey::from_ec_der(pkcs8)).unwrap()
}

#[tokio::test]
async fn an_es256_proof_by_another_library_binds_as_well() {
    let desk = Desk::open().await;
    let bot = Holder::at(&desk).await;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
    let public = pair.public_key().as_ref();
    let nonce = bot.nonce().await;
    let told = bot.ask(&[&foreign(pkcs8.as_ref(), public, None)]).await;
    assert_eq!(told.refusal(), "400 use_dpop_nonce dpop_nonce_missing");
    let answer = bot.ask(&[&foreign(pkcs8.as_ref(), public, Some(&nonce))]).await;
    let claims = opened(&desk, Format::Jwt, &answer.token()).await;
    let (x, y) = public[1..].split_at(32);
    let key: Value = json!({"kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y)});
    assert_eq!(claims.cnf, jwk::thumbprint_of(&key).map(Confirmation::DpopKey));
}

#[tokio::test]
async fn introspection_says_to_which_key_a_token_is_bound() {
    let desk = Desk::open().await;
    let bot = Holder::at(&desk).await;
    let nonce = bot.nonce().await;
    for resource in [DOCUMINT, ARCHIVE] {
        let token = bot.ask_for(resource, &[&bot.proof(resource, Some(&nonce))]).await.token();
        let mut request = token_request(encode(&[
            ("client_id", bot.id),
            ("client_secret", &bot.secret),
            ("token", &token),
        ]));
        *request.uri_mut() = "/oauth2/introspect".parse().unwrap();
        let said = desk.send(request).await.json();
        assert_eq!((&said["active"], &said["token_type"]), (&json!(true), &json!("DPoP")), "{said}");
        assert_eq!(said["cnf"], json!({"jkt": base64url(&bot.jkt())}));
    }
}
