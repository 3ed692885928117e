//! The admin API, as one administrator asks it.

use super::http::{Answer, Http};
use super::server::Server;
use serde_json::Value;

/// All that is written here, and reading it again.
const SCOPES: &str =
    "clients:read clients:create clients:update clients:disable secrets:create secrets:delete";

/// One administrator with a token.
pub(crate) struct Office {
    http: Http,
    url: String,
    token: String,
}

/// What is known about a write.
#[derive(Debug)]
pub(crate) enum Told {
    /// It is done.
    Done(Value),
    /// Nobody answered, or the store failed: it may be done or not.
    Unknown,
}

impl Office {
    /// Asks `server`, an issuer of this name, with the secret of its first administrator.
    pub(crate) fn of(issuer: &str, server: &Server, secret: &str) -> Self {
        let http = Http::new();
        let form = format!("&scope={}&resource={issuer}/admin", SCOPES.replace(' ', "+"));
        let answer = http.ask_for_token(&server.url, "admin", secret.trim_end(), &form);
        assert_eq!(answer.status, 200, "{answer:?}");
        let token = answer.body["access_token"].as_str().unwrap().to_owned();
        Self { http, url: server.url.clone(), token }
    }

    /// Writes, while everything may die at any moment.
    pub(crate) fn write(&self, method: &str, path: &str, body: &Value) -> Told {
        let Some(answer) = self.send(method, path, Some(body)) else { return Told::Unknown };
        match answer.status {
            200..=299 => Told::Done(answer.body),
            503 => Told::Unknown,
            _ => panic!("{method} {path}: {answer:?}"),
        }
    }

    /// Reads, once everything is up.
    pub(crate) fn read(&self, path: &str) -> Answer {
        self.send("GET", path, None).unwrap()
    }

    /// What the token endpoint makes of a secret: 200, or the reason why not.
    pub(crate) fn token(&self, id: &str, secret: &str) -> Result<(), String> {
        let answer = self.http.ask_for_token(&self.url, id, secret, "");
        let reason = || answer.body["reason"].as_str().unwrap_or("none").to_owned();
        if answer.status == 200 { Ok(()) } else { Err(reason()) }
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
        self.http.send(method, &format!("{}/admin/v1{path}", self.url), &self.token, body)
    }
}
