//! Somebody who copied a session, with the key that its tokens are bound to, and knows the secret of its client.

use crate::dice::Dice;
use crate::support::MovedClock;
use chancery_token::SecretKey;
use chancery_token::dpop::{Draft, Request};
use chancery_verifier::clock::Clock as _;
use chancery_verifier::token::encoding::array_from_base64url;
use reqwest::RequestBuilder;
use serde_json::Value;
use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::{Builder, Runtime};

/// What was in the file.
pub(super) struct Stolen {
    pub(super) access: String,
    pub(super) refresh: String,
    client: String,
    secret: String,
    key: SecretKey,
    clock: Arc<MovedClock>,
    dice: RefCell<Dice>,
    http: reqwest::Client,
    runtime: Runtime,
}

impl Stolen {
    /// Reads the file of a session.
    pub(super) fn from(file: &Path, clock: &Arc<MovedClock>, dice: Dice) -> Self {
        let session: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let text = |member: &Value| member.as_str().unwrap().to_owned();
        let seed = array_from_base64url::<32>(session["dpop_key"].as_str().unwrap()).unwrap();
        Self {
            access: text(&session["access_token"]),
            refresh: text(&session["refresh_token"]),
            client: text(&session["client_id"]),
            secret: text(&session["authentication"]["secret"]),
            key: SecretKey::from_seed(&seed),
            clock: Arc::clone(clock),
            dice: RefCell::new(dice),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            runtime: Builder::new_current_thread().enable_all().build().unwrap(),
        }
    }

    /// Shows the refresh token to an issuer of this name, at `server`: what it says, in words, or that it gave another.
    pub(super) fn refreshes(&self, issuer: &str, server: &str) -> Result<(), String> {
        let url = format!("{issuer}/oauth2/token");
        let form = format!("grant_type=refresh_token&refresh_token={}", self.refresh);
        let mut nonce: Option<String> = None;
        loop {
            let proof = self.proof("POST", &url, None, nonce.as_deref());
            let request = self.http.post(format!("{server}/oauth2/token")).header("dpop", proof);
            let request = request.basic_auth(&self.client, Some(&self.secret));
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            let (status, next, told) = self.send(request.body(form.clone()));
            if status == 200 {
                return Ok(());
            }
            if nonce.is_none() && told["error"] == "use_dpop_nonce" {
                nonce = next;
                continue;
            }
            let word = |name: &str| told[name].as_str().unwrap_or("none").to_owned();
            return Err(format!("{status} {} {}", word("error"), word("reason")));
        }
    }

    /// Calls a service with the access token: the status, and the reason of a refusal.
    pub(super) fn calls(&self, url: &str) -> (u16, String) {
        let proof = self.proof("GET", url, Some(&self.access), None);
        let request = self.http.get(url).header("authorization", format!("DPoP {}", self.access));
        let (status, _, told) = self.send(request.header("dpop", proof));
        (status, told["reason"].as_str().unwrap_or("none").to_owned())
    }

    fn proof(&self, method: &str, url: &str, access_token: Option<&str>, nonce: Option<&str>) -> String {
        let number = || self.dice.borrow_mut().number();
        let jti = format!("{:016x}{:016x}", number(), number());
        let request = Request { method, url, access_token };
        Draft { request, jti: &jti, iat: self.clock.now(), nonce }.sign(&self.key)
    }

    /// Status, the next nonce, and the body.
    fn send(&self, request: RequestBuilder) -> (u16, Option<String>, Value) {
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let nonce = answer.headers().get("dpop-nonce").map(|nonce| nonce.to_str().unwrap().to_owned());
            let status = answer.status().as_u16();
            (status, nonce, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
        })
    }
}
