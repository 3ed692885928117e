//! An issuer on a Redis that can be broken, and a service that knows the issuer's keys alone.

use crate::support::{Chancery, Documint, Folder, Http, Server, until};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use chancery_tests::swallowing_proxy::SwallowingProxy;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) const ISSUER: &str = "https://auth.example.com";

/// `limits.request_timeout`: within this time every request has its answer (rule ).
const BUDGET: Duration = Duration::from_secs(3);

/// Only what never comes, or comes after the budget, runs into it.
pub(super) const DEADLINE: Duration = Duration::from_secs(5);

/// The client that the issuer knows before anything breaks.
pub(super) const KNOWN: &str = "known";

/// The ends come in this order: whoever asks goes before whoever answers.
pub(super) struct World {
    pub(super) documint: Documint,
    pub(super) server: Server,
    pub(super) proxy: SwallowingProxy,
    pub(super) redis: RedisServer,
    pub(super) http: Http,
    chancery: Chancery,
    pub(super) folder: Folder,
}

/// What an unknown client got.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Got {
    Token,
    /// 503 and when to come back.
    Later,
}

impl World {
    /// Everything runs, `known` has had a token, and nobody else has.
    pub(super) fn start(unknown: &[&str]) -> Self {
        Self::start_with(RedisOptions::default().durable(), unknown, &[])
    }

    pub(super) fn start_with(options: RedisOptions, unknown: &[&str], settings: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let redis = RedisServer::start(options);
        let proxy = SwallowingProxy::in_front_of(([127, 0, 0, 1], redis.port()).into()).unwrap();
        let chancery = Chancery::in_folder(&folder)
            .set("ISSUER__URL", ISSUER)
            .set("LIMITS__REQUEST_TIMEOUT", format!("{}s", BUDGET.as_secs()))
            .set("STORE__REDIS", redis.url());
        let chancery = settings.iter().fold(chancery, |made, (name, value)| made.set(name, *value));
        let through = format!("redis://{}/0", proxy.address());
        let server = Server::start(&chancery.clone().set("STORE__REDIS", through));
        for id in [KNOWN].iter().chain(unknown) {
            chancery.create_client(id, &[]).expect(0);
        }
        let documint = Documint::of(ISSUER, server.at("/.well-known/jwks.json"));
        let world =
            Self { documint, server, proxy, redis, http: Http::with_deadline(DEADLINE), chancery, folder };
        world.settle();
        world.known_client_gets_a_token_that_counts();
        assert_eq!(world.ready(), "ready");
        world
    }

    /// Waits until the issuer has seen every change that was made so far: a client that it hears of is one that it
    /// reads again, and not one that it knows.
    fn settle(&self) {
        let id = "last";
        self.chancery.create_client(id, &[]).expect(0);
        assert_eq!(self.ask(&self.http, id), Got::Token);
        self.run(&["client", "disable", id, "--reason", "it was the last change"]);
        until("the last change", || {
            let answer = self.http.ask_for_token(&self.server.url, id, &self.secret(id), "");
            (answer.body["reason"] == "client_disabled").then_some(())
        });
    }

    /// Runs the command beside the proxy, so that it is not broken.
    pub(super) fn run(&self, words: &[&str]) {
        self.chancery.run(words).expect(0);
    }

    pub(super) fn secret(&self, id: &str) -> String {
        self.folder.read(&format!("{id}.secret")).trim_end().to_owned()
    }

    /// A token for `known`, at once, which DocuMint takes.
    #[track_caller]
    pub(super) fn known_client_gets_a_token_that_counts(&self) -> String {
        let granted = self.http.ask_for_token(&self.server.url, KNOWN, &self.secret(KNOWN), "");
        assert_eq!(granted.status, 200, "{granted:?}");
        let token = granted.body["access_token"].as_str().unwrap().to_owned();
        self.documint_takes(&token);
        token
    }

    #[track_caller]
    pub(super) fn documint_takes(&self, token: &str) {
        let read = self.http.get_with_token(&self.documint.at("/invoices"), token);
        assert_eq!(read.status, 200, "{read:?}");
        assert_eq!(read.body.as_array().unwrap().len(), 3, "the invoices of acme: {read:?}");
    }

    pub(super) fn key_set(&self) -> Value {
        let keys = self.http.get(&self.server.at("/.well-known/jwks.json"));
        assert_eq!(keys.status, 200, "{keys:?}");
        keys.body
    }

    /// What `/readyz` says, which is 200 whatever the store does.
    #[track_caller]
    pub(super) fn ready(&self) -> String {
        let ready = self.http.get(&self.server.at("/readyz"));
        assert_eq!(ready.status, 200, "{ready:?}");
        let status = ready.body["status"].as_str().unwrap().to_owned();
        // The end of the log is looked at apart from the store, and may be missed a moment earlier or later.
        let missing =
            [Value::Null, json!(["store"]), json!(["store", "revocation_log"]), json!(["revocation_log"])];
        let told = missing.iter().position(|missing| *missing == ready.body["missing"]);
        assert!(told.is_some_and(|told| (told == 0) == (status == "ready")), "{ready:?}");
        status
    }

    /// Asks for a client that may be unknown: whatever the store does, it is never the client's fault.
    #[track_caller]
    pub(super) fn ask(&self, http: &Http, id: &str) -> Got {
        let answer = http.ask_for_token(&self.server.url, id, &self.secret(id), "");
        if answer.status == 200 {
            return Got::Token;
        }
        let told = (answer.status, answer.body["error"].as_str(), answer.retry_after.as_deref());
        assert_eq!(told, (503, Some("temporarily_unavailable"), Some("2")), "{answer:?}");
        let reason = answer.body["reason"].as_str().unwrap();
        assert!(["store_unavailable", "store_timed_out"].contains(&reason), "{answer:?}");
        Got::Later
    }
}
