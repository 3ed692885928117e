//! A client that goes on by refresh tokens.

use super::{Answer, Chancery, Folder, Http};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// One that is registered, and knows its secret.
pub(crate) struct Refresher {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// What it was granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Refresher {
    /// Registers a client that reads invoices of `acme`, by a command that is run in `folder`.
    pub(crate) fn register(chancery: &Chancery, folder: &Folder, id: &str) -> Self {
        chancery.create_client(id, &["--refresh", "--most-families", "1024"]).expect(0);
        let secret = folder.read(&format!("{id}.secret")).trim_end().to_owned();
        Self { id: id.to_owned(), secret }
    }

    /// A session begins.
    #[track_caller]
    pub(crate) fn begin(&self, http: &Http, url: &str) -> Pair {
        self.try_begin(http, url).expect("a session")
    }

    /// Likewise, while everything may die at any moment. `None` when nobody knows whether one began.
    #[track_caller]
    pub(crate) fn try_begin(&self, http: &Http, url: &str) -> Option<Pair> {
        let form = "grant_type=client_credentials&scope=invoices:read";
        granted(&http.try_form(url, &self.id, &self.secret, form)?)
    }

    /// The session goes on.
    #[track_caller]
    pub(crate) fn go_on(&self, http: &Http, url: &str, token: &str) -> Pair {
        self.try_go_on(http, url, token).expect("a successor")
    }

    /// Likewise, while everything may die at any moment. `None` when nobody knows whether it did.
    #[track_caller]
    pub(crate) fn try_go_on(&self, http: &Http, url: &str, token: &str) -> Option<Pair> {
        granted(&self.present(http, url, token)?)
    }

    /// What is said to a token: a refusal is status, error and reason.
    #[track_caller]
    pub(crate) fn shows(&self, http: &Http, url: &str, token: &str) -> Result<Pair, String> {
        self.try_shows(http, url, token).expect("an answer")
    }

    /// Likewise. `None` when no whole answer came.
    pub(crate) fn try_shows(&self, http: &Http, url: &str, token: &str) -> Option<Result<Pair, String>> {
        Some(said(&self.present(http, url, token)?))
    }

    /// Why the session does not go on.
    #[track_caller]
    pub(crate) fn refused(&self, http: &Http, url: &str, token: &str) -> String {
        self.shows(http, url, token).expect_err("a refusal")
    }

    fn present(&self, http: &Http, url: &str, token: &str) -> Option<Answer> {
        let form = format!("grant_type=refresh_token&refresh_token={token}");
        http.try_form(url, &self.id, &self.secret, &form)
    }
}

impl Pair {
    /// The session that it belongs to.
    pub(crate) fn family(&self) -> String {
        let payload = URL_SAFE_NO_PAD.decode(self.access.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        claims["sid"].as_str().unwrap().to_owned()
    }
}

/// What is granted; `None` where the store is away. A refusal is neither.
#[track_caller]
fn granted(answer: &Answer) -> Option<Pair> {
    if answer.status == 503 {
        return None;
    }
    Some(said(answer).unwrap_or_else(|refusal| panic!("{refusal}: {answer:?}")))
}

#[track_caller]
fn said(answer: &Answer) -> Result<Pair, String> {
    let word = |name: &str| answer.body[name].as_str().unwrap_or("none").to_owned();
    if answer.status == 200 {
        Ok(Pair { access: word("access_token"), refresh: word("refresh_token") })
    } else {
        Err(format!("{} {} {}", answer.status, word("error"), word("reason")))
    }
}
