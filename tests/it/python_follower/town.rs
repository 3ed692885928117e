//! An issuer, a client of it, and services in Python that check its tokens themselves.

use super::python::{command, shipped};
use crate::support::{AUDIENCE, Chancery, Folder, Http, Server, until};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// Where the issuer is, and who asks it.
pub(super) struct Town {
    pub(super) folder: Folder,
    pub(super) chancery: Chancery,
    pub(super) url: String,
    http: Http,
}

/// `invoices.py` as a process. Killed, by its own process id, when it is dropped.
pub(super) struct Service {
    child: Child,
    pub(super) url: String,
}

impl Town {
    /// With the issuer, and the client `billing` that reads invoices.
    pub(super) fn new() -> (Self, Server) {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder);
        let issuer = Server::start(&chancery);
        chancery.create_client("billing", &[]).expect(0);
        (Self { folder, chancery, url: issuer.url.clone(), http: Http::new() }, issuer)
    }

    /// Starts the issuer again where it was.
    pub(super) fn issuer_again(&self) -> Server {
        Server::start_at(&self.chancery, self.url.strip_prefix("http://").unwrap())
    }

    /// A service that keeps what it knows in the folder of this name.
    pub(super) fn service(&self, state: &str, max_staleness: &str) -> Service {
        self.named_service(state, max_staleness, &[])
    }

    /// Likewise, with more words. It logs into the folder.
    pub(super) fn named_service(&self, state: &str, max_staleness: &str, more: &[&str]) -> Service {
        let log = File::options().create(true).append(true).open(self.folder.file("invoices.log")).unwrap();
        let mut child = command(&shipped("crates/examples/composition/invoices.py"))
            .args(["--port", "0", "--issuer", &self.url, "--audience", AUDIENCE, "--environment", "test"])
            .args(["--state", self.folder.file(state).to_str().unwrap(), "--max-staleness", max_staleness])
            .args(more)
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some((_, url)) = line.trim_end().split_once(" listens at ") else {
            panic!("{line:?} {:?} {}", child.wait(), self.folder.read("invoices.log"))
        };
        Service { url: url.to_owned(), child }
    }

    pub(super) fn token(&self) -> String {
        let answer = self.http.ask_for_token(&self.url, "billing", self.secret().trim_end(), "");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    pub(super) fn secret(&self) -> String {
        self.folder.read("billing.secret")
    }

    pub(super) fn revoke(&self, token: &str) {
        let answer = self.http.present(&self.url, "revoke", "billing", self.secret().trim_end(), token);
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// What a service answers to a reader of invoices: `200`, or status and reason. Whoever is told to come again is told
    /// when.
    pub(super) fn says(&self, service: &Service, token: &str) -> String {
        let answer = self.http.get_with_token(&format!("{}/invoices", service.url), token);
        assert_eq!(answer.status == 503, answer.retry_after.is_some(), "{answer:?}");
        match answer.body["reason"].as_str() {
            Some(reason) => format!("{} {reason}", answer.status),
            None => answer.status.to_string(),
        }
    }

    /// Waits until a service says this of a token.
    pub(super) fn hears(&self, service: &Service, token: &str, verdict: &str) {
        until(verdict, || (self.says(service, token) == verdict).then_some(()));
    }
}

impl Service {
    /// Asks it to end, and answers its exit code.
    pub(super) fn terminated(mut self) -> i32 {
        let kill = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        until("the end of the service", || self.child.try_wait().unwrap()).code().unwrap_or(-1)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
