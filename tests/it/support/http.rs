//! Plain HTTP, as curl would do it.

use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

/// A client that keeps its connections.
pub(crate) struct Http {
    runtime: Runtime,
    client: reqwest::Client,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Http {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    pub(crate) fn get(&self, url: &str) -> Answer {
        self.answer(self.client.get(url))
    }

    pub(crate) fn get_with_token(&self, url: &str, token: &str) -> Answer {
        self.answer(self.client.get(url).bearer_auth(token))
    }

    /// Asks a token endpoint by client credentials.
    pub(crate) fn ask_for_token(&self, server: &str, id: &str, secret: &str, form: &str) -> Answer {
        let request = self
            .client
            .post(format!("{server}/oauth2/token"))
            .basic_auth(id, Some(secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("grant_type=client_credentials{form}"));
        self.answer(request)
    }

    fn answer(&self, request: reqwest::RequestBuilder) -> Answer {
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            let body = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
            Answer { status, body }
        })
    }
}
