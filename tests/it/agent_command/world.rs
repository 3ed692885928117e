//! An issuer, a client that refreshes, and the agent of one user.

use crate::support::{Chancery, Folder, MovedClock, Ran, Server, counted};
use crate::support::{Http, LocalHttp};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// Where sessions are below the home of a user.
const HOME: &str = ".local/state/chancery/agent";

pub(super) struct World {
    pub(super) folder: Folder,
    /// What the agent is run by; the issuer too.
    pub(super) chancery: Chancery,
    /// None while it is away.
    issuer: Option<Server>,
    pub(super) url: String,
    /// The machine's, unless the world was made with another.
    clock: Option<MovedClock>,
}

impl World {
    /// With a client `reporter`, which reads and creates invoices.
    pub(super) fn new() -> Self {
        Self::by(None)
    }

    /// Where a test moves the clock.
    pub(super) fn with_clock() -> Self {
        Self::by(Some(MovedClock::new()))
    }

    fn by(clock: Option<MovedClock>) -> Self {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder).env("HOME", folder.path().to_str().unwrap());
        let chancery = clock.as_ref().map_or_else(|| chancery.clone(), |clock| clock.moves(&chancery));
        let issuer = Server::start(&chancery);
        let url = issuer.url.clone();
        let more = ["--scope", "invoices:create=adds corrections", "--refresh", "--most-families", "1024"];
        chancery.create_client("reporter", &more).expect(0);
        Self { folder, chancery, issuer: Some(issuer), url, clock }
    }

    /// Runs `chancery agent` with these words.
    pub(super) fn agent(&self, words: &[&str]) -> Ran {
        self.chancery.run(&[&["agent"], words].concat())
    }

    /// Begins a session of the client.
    pub(super) fn login(&self, more: &[&str]) -> Ran {
        let words =
            ["login", "--issuer", &self.url, "--client-id", "reporter", "--secret-file", "reporter.secret"];
        self.agent(&[&words, more].concat())
    }

    /// A world whose client is logged in.
    pub(super) fn logged_in(more: &[&str]) -> Self {
        let world = Self::new();
        world.login(more).expect(0);
        world
    }

    /// The token that the session gives out now.
    #[track_caller]
    pub(super) fn token(&self) -> String {
        self.agent(&["token"]).expect(0).out.trim_end().to_owned()
    }

    /// Why it gives none.
    #[track_caller]
    pub(super) fn refused(&self, words: &[&str], code: i32) -> String {
        let ran = self.agent(&[words, &["--json"]].concat()).expect(code);
        ran.json()["reason"].as_str().unwrap().to_owned()
    }

    pub(super) fn home(&self) -> PathBuf {
        self.folder.file(HOME)
    }

    /// A file of the agent, by what follows the name of its session.
    pub(super) fn file(end: &str) -> String {
        format!("{HOME}/default.{end}")
    }

    /// What the session's file holds.
    pub(super) fn kept(&self) -> Value {
        serde_json::from_str(&self.folder.read(&Self::file("json"))).unwrap()
    }

    pub(super) fn issuer(&self) -> &Server {
        self.issuer.as_ref().unwrap()
    }

    /// Ends the issuer as a power cut does.
    pub(super) fn issuer_goes_away(&mut self) {
        self.issuer.take().unwrap().kill();
    }

    /// Starts it again, at its address.
    pub(super) fn issuer_comes_back(&mut self) {
        self.issuer_comes_back_as(&self.chancery.clone());
    }

    /// Likewise, with other settings.
    pub(super) fn issuer_comes_back_as(&mut self, chancery: &Chancery) {
        let address = self.url.trim_start_matches("http://");
        self.issuer = Some(Server::start_at(chancery, address));
    }

    /// Lets time pass, for the issuer and the agent.
    pub(super) fn advance(&self, seconds: u64) {
        self.clock.as_ref().unwrap().advance(Duration::from_secs(seconds));
    }

    // Each on a connection of its own: the issuer closes those that were idle for as long as a test moves the clock.

    /// How often the issuer rotated a refresh token.
    pub(super) fn rotations(&self) -> u64 {
        counted(&Http::new(), [self.issuer()], "chancery_refreshes_total{outcome=\"rotated\"}")
    }

    /// Whether the issuer says that a token counts.
    pub(super) fn is_active(&self, token: &str) -> bool {
        let secret = self.folder.read("reporter.secret");
        let told =
            Http::new().present(&self.issuer().url, "introspect", "reporter", secret.trim_end(), token);
        told.body["active"].as_bool().unwrap_or_else(|| panic!("{told:?}"))
    }

    /// Revokes the session of a token, as an operator does.
    pub(super) fn revoke_session(&self, token: &str) {
        let words = ["revoke", "family", "--token", "-", "--reason", "a stolen laptop"];
        self.chancery.run_with_input(&words, token.as_bytes()).expect(0);
    }
}

/// What a token says of itself.
pub(super) fn claims(token: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// What a socket says now, asked again until it says what is waited for.
pub(super) fn asks(socket: &LocalHttp, path: &str, status: u16) -> Option<Value> {
    let answer = socket.try_ask("GET", path, "")?;
    (answer.status == status).then_some(answer.body)
}
