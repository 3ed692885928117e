//! The issuer as it is shipped, with a client that revokes its own tokens.

use crate::process::{PATIENCE, Running};
use crate::set_up::{CLIENT, SetUp};
use crate::time::now;
use reqwest::{Client, RequestBuilder};

/// The resource server of the example's catalog.
pub(crate) const AUDIENCE: &str = "https://api.documint.example";

/// A running issuer.
pub(crate) struct Issuer {
    running: Running,
    url: String,
    secret: String,
    http: Client,
}

impl Issuer {
    /// Sets one up under `target/bench/revocation`, starts it, and waits until it is ready.
    pub(crate) async fn start(name: &str) -> Result<Self, String> {
        let set_up = SetUp::new(&format!("bench/revocation/{name}"), "measures revocation")?;
        let running = Running::start(set_up.serve(), set_up.log())?;
        let (url, secret) = (format!("http://{}", set_up.address), set_up.secret);
        let http =
            Client::builder().no_proxy().tls_certs_only([]).build().map_err(|fault| fault.to_string())?;
        let mut issuer = Self { running, url, secret, http };
        let start = now();
        while !issuer.is_ready().await {
            issuer.running.lives()?;
            if start.elapsed() > PATIENCE {
                return Err(format!("it does not get ready; see {}", issuer.running.log.display()));
            }
            tokio::task::yield_now().await;
        }
        Ok(issuer)
    }

    /// Its name, and where it is.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A token.
    pub(crate) async fn token(&self) -> Result<String, String> {
        #[derive(serde::Deserialize)]
        struct Granted {
            access_token: String,
        }
        let question = [("grant_type", "client_credentials"), ("scope", "invoices:read")];
        let text = self.asked("/oauth2/token", &question).await?;
        let granted: Granted = serde_json::from_str(&text).map_err(|fault| fault.to_string())?;
        Ok(granted.access_token)
    }

    /// Revokes `token`; it is durable when this returns.
    pub(crate) async fn revoke(&self, token: &str) -> Result<(), String> {
        self.asked("/oauth2/revoke", &[("token", token)]).await.map(drop)
    }

    /// An error, once it has ended by itself.
    pub(crate) fn lives(&mut self) -> Result<(), String> {
        self.running.lives()
    }

    pub(crate) fn end(self) -> Result<(), String> {
        self.running.end()
    }

    async fn is_ready(&self) -> bool {
        let answer = self.http.get(format!("{}/readyz", self.url)).send().await;
        answer.is_ok_and(|answer| answer.status() == 200)
    }

    async fn asked(&self, path: &str, question: &[(&str, &str)]) -> Result<String, String> {
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(question).finish();
        let request = self.http.post(format!("{}{path}", self.url)).body(body);
        let answered =
            self.authenticated(request).send().await.map_err(|fault| format!("{path}: {fault}"))?;
        let status = answered.status();
        let text = answered.text().await.map_err(|fault| format!("{path}: {fault}"))?;
        if status == 200 { Ok(text) } else { Err(format!("{path} answered {status}: {text}")) }
    }

    fn authenticated(&self, request: RequestBuilder) -> RequestBuilder {
        // Neither the name nor a secret of ours has a character that a form would encode.
        let request = request.basic_auth(CLIENT, Some(&self.secret));
        request.header("content-type", "application/x-www-form-urlencoded")
    }
}
