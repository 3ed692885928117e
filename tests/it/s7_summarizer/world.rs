//! Issuer, service and agents, all of them by one clock.

use super::hand::Hand;
use crate::s1_documint::programs;
use crate::support::{Answer, Chancery, Folder, Http, MovedClock, Server, counted, until};
use chancery_examples::summarizer::{CATALOG, CLIENTS};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The tokens that were given for a client's credentials: what a login gets, and what the bookkeeper asks for.
const BY_CREDENTIALS: &str =
    "chancery_tokens_total{grant=\"client_credentials\",format=\"jwt\",outcome=\"issued\"}";
/// Those that were given for other tokens: each is the beginning of a worker's session.
const BY_EXCHANGE: &str = "chancery_tokens_total{grant=\"token_exchange\",format=\"jwt\",outcome=\"issued\"}";
const BILLING: &str = "grant_type=client_credentials&scope=billing:read";

/// Dropped from the top: the folder goes when nobody writes into it any more.
pub(super) struct World {
    papers: Papers,
    issuer: Option<Server>,
    address: String,
    pub(super) chancery: Chancery,
    pub(super) http: Http,
    pub(super) clock: MovedClock,
    pub(super) folder: Folder,
    /// How often the bookkeeper asked for a token.
    asked: u64,
    /// What an issuer had counted that is gone.
    counted: u64,
}

/// Papers as a process. Killed, by its own process id, when it is dropped.
struct Papers {
    child: Child,
    url: String,
}

impl World {
    /// With both clients, a service that has its keys, and nobody logged in.
    pub(super) fn new() -> Self {
        let (folder, clock) = (Folder::new(), MovedClock::new());
        let catalog = folder.write("catalog.toml", CATALOG);
        let chancery = Chancery::in_folder(&folder).set("ISSUER__CATALOG", catalog.to_str().unwrap());
        let chancery = clock.moves(&chancery).env("PATH", "/usr/local/bin:/usr/bin:/bin");
        let issuer = Server::start(&chancery);
        for (id, file) in CLIENTS {
            folder.write(&format!("{id}.toml"), file);
            let (file, out) = (format!("{id}.toml"), format!("{id}.secret"));
            chancery.run(&["client", "create", "--file", &file, "--out", &out]).expect(0);
        }
        let address = issuer.url.strip_prefix("http://").unwrap().to_owned();
        let papers = Papers::start(&folder, &clock, &issuer.url);
        let (http, issuer) = (Http::new(), Some(issuer));
        let mut world = Self { papers, issuer, address, chancery, http, clock, folder, asked: 0, counted: 0 };
        world.settle();
        world
    }

    fn issuer(&self) -> &Server {
        self.issuer.as_ref().expect("an issuer that runs")
    }

    pub(super) fn issuer_url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn papers_url(&self) -> &str {
        &self.papers.url
    }

    /// What Papers has logged so far.
    pub(super) fn papers_log(&self) -> String {
        self.folder.read("papers.log")
    }

    /// The words of a verb of `chancery agent`, for the sessions of this folder.
    pub(super) fn agent<'w>(&self, verb: &'w str, more: &[&'w str]) -> Vec<String> {
        let home = self.folder.file("sessions");
        let words = ["agent", verb, "--home", home.to_str().unwrap()];
        words.iter().chain(more).map(ToString::to_string).collect()
    }

    /// A session of the summarizer begins.
    pub(super) fn log_in(&self) {
        let url = self.issuer_url();
        let more = ["--issuer", &url, "--client-id", "summarizer", "--secret-file", "summarizer.secret"];
        let words = self.agent("login", &more);
        self.chancery.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).expect(0);
    }

    /// The summarizer, on the session that was begun. Its workers get other sessions every five hours.
    pub(super) fn summarizer(&self) -> Hand {
        let mut command = Command::new(programs().join("summarizer"));
        command.env_clear().args(["--service", self.papers_url(), "--ttl", "18000", "--session"]);
        command.arg(self.folder.file("sessions/default.json"));
        self.clock.moves_program(&mut command);
        Hand::start(command, &self.folder, "summarizer.log")
    }

    /// The worker in Python, behind a verb of `chancery agent`.
    pub(super) fn python(&self, verb: &str) -> Hand {
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/examples/python/summarizer_worker.py");
        let words = self.agent(verb, &["--", "python3", script.to_str().unwrap(), self.papers_url()]);
        let command = self.chancery.command(&words.iter().map(String::as_str).collect::<Vec<_>>());
        Hand::start(command, &self.folder, "python.log")
    }

    /// Lets time pass, for everybody.
    pub(super) fn pass(&mut self, span: Duration) {
        self.clock.advance(span);
        self.settle();
    }

    /// Waits until issuer and service have noticed the time. That is told by somebody who may look at a bill.
    pub(super) fn settle(&mut self) {
        let secret = self.folder.read("bookkeeper.secret");
        let (url, http) = (self.issuer_url(), &self.http);
        let answer = until("a token for the bookkeeper", || {
            http.try_form(&url, "bookkeeper", secret.trim_end(), BILLING)
                .filter(|answer| answer.status == 200)
        });
        self.asked += 1;
        let token = answer.body["access_token"].as_str().unwrap();
        until("a service that takes tokens", || self.bill(token).filter(|answer| answer.status == 200));
    }

    /// What Papers says to who wants to see a bill.
    pub(super) fn bill(&self, token: &str) -> Option<Answer> {
        self.http.send("GET", &format!("{}/billing", self.papers.url), token, None)
    }

    /// The issuer dies.
    pub(super) fn kill_issuer(&mut self) {
        self.counted += counted(&self.http, [self.issuer()], BY_CREDENTIALS);
        self.issuer.take().unwrap().kill();
    }

    /// It is back.
    pub(super) fn start_issuer(&mut self) {
        self.issuer = Some(Server::start_at(&self.chancery, &self.address));
        self.settle();
    }

    /// How many workers were given a session since the issuer started.
    pub(super) fn handed_on(&self) -> u64 {
        counted(&self.http, [self.issuer()], BY_EXCHANGE)
    }

    /// How often somebody logged in.
    pub(super) fn logins(&self) -> u64 {
        self.counted + counted(&self.http, [self.issuer()], BY_CREDENTIALS) - self.asked
    }
}

impl Papers {
    fn start(folder: &Folder, clock: &MovedClock, issuer: &str) -> Self {
        let log = File::options().create(true).append(true).open(folder.file("papers.log")).unwrap();
        let mut command = Command::new(programs().join("papers"));
        command.args(["--issuer", issuer, "--listen", "127.0.0.1:0", "--nonces"]).env_clear();
        clock.moves_program(&mut command);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(url) = line.trim_end().strip_prefix("Papers listens at ") else {
            panic!("{line:?} {:?} {}", child.wait(), folder.read("papers.log"))
        };
        Self { url: url.to_owned(), child }
    }
}

impl Drop for Papers {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
