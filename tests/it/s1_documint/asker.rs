//! Asks as curl would, and keeps all of the answer.

use reqwest::Method;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// An HTTP client that keeps its connections.
pub(crate) struct Asker {
    pub(crate) runtime: Runtime,
    client: reqwest::Client,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `WWW-Authenticate`.
    pub(crate) challenge: Option<String>,
    /// Every header but the time, by name.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

/// One request, but for who sends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// Empty for none.
    pub(crate) body: &'a str,
}

impl Asker {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    /// Sends it to `service` with these values of `Authorization`.
    pub(crate) fn ask(&self, service: &str, ask: Ask<'_>, authorization: &[String]) -> Answer {
        let method: Method = ask.method.parse().unwrap();
        let mut request = self.client.request(method, format!("{service}{}", ask.path));
        for value in authorization {
            request = request.header("authorization", value);
        }
        if !ask.body.is_empty() {
            request = request.header("content-type", "application/json").body(ask.body.to_owned());
        }
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            let header = |name: &str, value: &reqwest::header::HeaderValue| {
                (name.to_owned(), value.to_str().unwrap().to_owned())
            };
            let mut headers: Vec<(String, String)> = answer
                .headers()
                .iter()
                .filter(|(name, _)| *name != "date")
                .map(|(name, value)| header(name.as_str(), value))
                .collect();
            headers.sort();
            let challenges: Vec<&String> = headers
                .iter()
                .filter(|(name, _)| name == "www-authenticate")
                .map(|(_, value)| value)
                .collect();
            assert!(challenges.len() < 2, "one challenge at most: {challenges:?}");
            let challenge = challenges.first().map(ToString::to_string);
            let bytes = answer.bytes().await.unwrap();
            Answer { status, challenge, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
        })
    }

    pub(crate) fn get(&self, service: &str, path: &str, token: &str) -> Answer {
        self.ask(service, Ask { method: "GET", path, body: "" }, &[format!("Bearer {token}")])
    }
}

impl Answer {
    /// Its JSON, or null.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}
