//! Where tricks are played: a gate, an nginx that asks it, one that does not, and behind both a service that believes
//! everything. Both have a location for every path, so that nothing but the gate is in the way.

use super::config::Config;
use super::nginx::Nginx;
use super::processes::Told;
use super::wire::{Reply, Wire};
use super::witness::{Heard, Witness};
use crate::s1_documint::{Front, World};
use crate::support::{Chancery, Folder, Gate};

pub(super) struct Stage {
    gated: Nginx,
    open: Nginx,
    /// None while it is away.
    pub(super) gate: Option<Gate>,
    pub(super) witness: Witness,
    pub(super) folder: Folder,
}

impl Stage {
    fn start(issuer: &str) -> Self {
        let folder = Folder::new();
        let gate = Told::of(issuer).start(&folder);
        let witness = Witness::new();
        let config = Config::shipped(&gate.url, &witness.url, &witness.url).with_a_service_for_every_path();
        let gated = Nginx::start(&folder, "gated", config.clone());
        let open = Nginx::start(&folder, "open", config.without_the_gate());
        Self { gated, open, gate: Some(gate), witness, folder }
    }

    /// A world of S1 with it in the place of DocuMint.
    pub(super) fn world() -> World<Self> {
        let world = World::before(|_, issuer| Self::start(&issuer.url));
        // Somebody waited for the keys with requests that are no part of what follows.
        world.documint.witness.heard();
        world
    }

    /// One more nginx in front of the same gate and service, whose configuration somebody edited.
    pub(super) fn edited(&self, name: &str, edit: impl FnOnce(Config) -> Config) -> Nginx {
        let gate = &self.gate.as_ref().unwrap().url;
        let config = Config::shipped(gate, &self.witness.url, &self.witness.url);
        Nginx::start(&self.folder, name, edit(config.with_a_service_for_every_path()))
    }

    /// Starts the gate again, at its address.
    pub(super) fn gate_comes_back(&mut self, address: &str) {
        self.gate = Some(Gate::start_at(&Chancery::in_folder(&self.folder), address));
    }

    /// What nginx with the gate says, and what the service hears of it.
    pub(super) fn play(&self, request: impl AsRef<[u8]>) -> (Reply, Vec<Heard>) {
        self.play_at(&self.gated, request)
    }

    /// Likewise at another nginx.
    pub(super) fn play_at(&self, nginx: &Nginx, request: impl AsRef<[u8]>) -> (Reply, Vec<Heard>) {
        let reply = Wire::to(&nginx.url).ask(request);
        (reply, self.witness.heard())
    }

    /// Asserts that the service does not hear of it, and with which words it is refused.
    pub(super) fn refuses(&self, request: impl AsRef<[u8]>, status: u16, reason: &str) -> Reply {
        let told = String::from_utf8_lossy(request.as_ref()).into_owned();
        let (reply, heard) = self.play(request);
        assert_eq!((reply.status, &*reply.reason()), (status, reason), "{told}: {reply:?}");
        assert!(heard.is_empty(), "{told}: {heard:?}");
        reply
    }

    /// Asserts that nginx refuses it before it asks anybody, whether it knows of a gate or not.
    pub(super) fn is_refused_by_nginx(&self, request: impl AsRef<[u8]>, status: u16) {
        for nginx in [&self.gated, &self.open] {
            let (reply, heard) = self.play_at(nginx, request.as_ref());
            let told = String::from_utf8_lossy(request.as_ref());
            assert_eq!((reply.status, &*reply.reason()), (status, ""), "{told}: {reply:?}");
            assert!(heard.is_empty(), "{told}: {heard:?}");
        }
    }

    /// The control for a HEAD.
    pub(super) fn falls_for_head(&self, request: impl AsRef<[u8]>) -> Heard {
        let mut wire = Wire::to(&self.open.url);
        wire.send(request);
        let reply = wire.head();
        self.witness.heard().pop().unwrap_or_else(|| panic!("{reply:?}"))
    }

    /// The control: what the service hears of it where no gate is asked.
    pub(super) fn falls_for(&self, request: impl AsRef<[u8]>) -> Heard {
        let (reply, heard) = self.play_at(&self.open, request);
        let [heard] = <[Heard; 1]>::try_from(heard).unwrap_or_else(|heard| panic!("{reply:?} {heard:?}"));
        heard
    }
}

impl Front for Stage {
    fn url(&self) -> &str {
        &self.gated.url
    }

    fn passes_repeated_credentials(&self) -> bool {
        false
    }
}

/// A request with a token, if it is not empty, and these lines.
pub(super) fn request(method: &str, target: &str, token: &str, lines: &[&str]) -> String {
    let credentials =
        if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    let lines: String = lines.iter().flat_map(|line| [*line, "\r\n"]).collect();
    format!(
        "{method} {target} HTTP/1.1\r\nHost: api.documint.example\r\nConnection: close\r\n{credentials}{lines}\r\n"
    )
}

pub(super) fn get(target: &str, token: &str) -> String {
    request("GET", target, token, &[])
}
