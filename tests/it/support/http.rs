//! Plain HTTP, as curl would do it.

use serde_json::Value;
use std::time::Duration;
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
    /// Its `Retry-After`.
    pub(crate) retry_after: Option<String>,
}

impl Http {
    pub(crate) fn new() -> Self {
        Self::of(reqwest::Client::builder())
    }

    /// One for which no answer within `deadline` is a failure.
    pub(crate) fn with_deadline(deadline: Duration) -> Self {
        Self::of(reqwest::Client::builder().timeout(deadline))
    }

    fn of(client: reqwest::ClientBuilder) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, client: client.no_proxy().build().unwrap() }
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

    /// Presents a token to the endpoint of this name: `revoke` or `introspect`.
    pub(crate) fn present(
        &self,
        server: &str,
        endpoint: &str,
        id: &str,
        secret: &str,
        token: &str,
    ) -> Answer {
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
        let request = self
            .client
            .post(format!("{server}/oauth2/{endpoint}"))
            .basic_auth(id, Some(secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        self.answer(request)
    }

    /// Posts a form to the token endpoint of an issuer as the client `id`. `None` when no whole answer came.
    pub(crate) fn try_form(&self, server: &str, id: &str, secret: &str, form: &str) -> Option<Answer> {
        let request = self
            .client
            .post(format!("{server}/oauth2/token"))
            .basic_auth(id, Some(secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        self.try_answer(request).ok()
    }

    /// What is at an address, as text.
    pub(crate) fn text(&self, url: &str) -> String {
        self.runtime.block_on(async { self.client.get(url).send().await.unwrap().text().await.unwrap() })
    }

    /// Sends JSON with a token. `None` when no whole answer came.
    pub(crate) fn send(&self, method: &str, url: &str, token: &str, body: Option<&Value>) -> Option<Answer> {
        let request = self.client.request(method.parse().unwrap(), url).bearer_auth(token);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None => request,
        };
        self.try_answer(request).ok()
    }

    fn answer(&self, request: reqwest::RequestBuilder) -> Answer {
        self.try_answer(request).unwrap()
    }

    fn try_answer(&self, request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
        self.runtime.block_on(async {
            let answer = request.send().await?;
            let status = answer.status().as_u16();
            let retry_after = answer.headers().get("retry-after").map(|it| it.to_str().unwrap().to_owned());
            let body = serde_json::from_slice(&answer.bytes().await?).unwrap_or_default();
            Ok(Answer { status, body, retry_after })
        })
    }
}
