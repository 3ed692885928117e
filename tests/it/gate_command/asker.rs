//! Asks a gate as the proxies do.

use crate::support::Gate;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// An HTTP client that keeps its connections.
pub(super) struct Asker {
    runtime: Runtime,
    client: reqwest::Client,
}

/// What came back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: reqwest::header::HeaderMap,
    pub(super) text: String,
}

impl Asker {
    pub(super) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    pub(super) fn ask(&self, method: &str, url: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.client.request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
            Answer { status, headers, text: answer.text().await.unwrap() }
        })
    }

    pub(super) fn get(&self, url: &str) -> Answer {
        self.ask("GET", url, &[])
    }

    /// As Caddy and Traefik tell of a request.
    pub(super) fn forwarded(&self, gate: &Gate, method: &str, uri: &str, token: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("x-forwarded-method", method), ("x-forwarded-uri", uri)];
        if !token.is_empty() {
            headers.push(("authorization", &bearer));
        }
        self.ask("GET", &gate.at("/auth/caddy"), &headers)
    }

    /// `in`, or status and reason.
    pub(super) fn says(&self, gate: &Gate, method: &str, uri: &str, token: &str) -> String {
        let answer = self.forwarded(gate, method, uri, token);
        if answer.status == 200 { "in".to_owned() } else { answer.told() }
    }
}

impl Answer {
    /// Its JSON, or null.
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and reason; nginx gets both in headers.
    pub(super) fn told(&self) -> String {
        let status =
            self.header("chancery-refusal-status").map_or(self.status, |status| status.parse().unwrap());
        let body = self.header("chancery-refusal-body").unwrap_or(&self.text);
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        format!("{status} {}", body["reason"].as_str().unwrap_or_default())
    }
}
