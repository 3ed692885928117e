//! Two issuers over one Redis, what stands before them, and the services: all by one clock.

use super::between::Between;
use super::service::Services;
use super::worker::{Kind, Worker};
use crate::dice::Dice;
use crate::issuer::Machine;
use crate::support::{Agent, Chancery, Folder, Http, MovedClock, Server, counted, until};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use chancery_token::UnixTime;
use chancery_verifier::clock::Clock as _;
use std::cell::Cell;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The tokens of everybody here live for a minute.
pub(super) const LIFETIME: Duration = Duration::from_mins(1);

pub(super) struct Site {
    pub(super) services: Services,
    pub(super) between: Between,
    pub(super) clock: Arc<MovedClock>,
    pub(super) servers: Vec<Server>,
    pub(super) redis: RedisServer,
    /// How far the clock has been let go.
    driven_to: Cell<UnixTime>,
    machines: [Machine; 2],
    /// Of the machine on which clients run.
    chancery: Chancery,
    folder: Folder,
    http: Http,
}

impl Site {
    pub(super) fn new(dice: Dice) -> Self {
        let (between, clock) = (Between::new(dice), Arc::new(MovedClock::new()));
        let redis = RedisServer::start(RedisOptions::default().durable());
        // Clients know it by the address of what stands before the issuers.
        let issuer: &'static str = between.url.clone().leak();
        let machine = || {
            let machine = Machine::of(issuer).set("STORE__REDIS", &redis.url());
            machine.set("REVOCATION__DURABILITY", "verified").by(&clock)
        };
        let first = machine();
        let mut servers = vec![first.serve()];
        let second = machine().keyed_like(&first);
        servers.push(second.serve());
        between.leads_to(servers.iter().map(|server| &*server.url));
        let services = Services::start(issuer, &servers, &clock);
        let folder = Folder::new();
        let chancery = clock.moves(&Chancery::in_folder(&folder));
        let (machines, driven_to, http) = ([first, second], Cell::new(clock.now()), Http::new());
        Self { services, between, clock, servers, redis, driven_to, machines, chancery, folder, http }
    }

    /// Registers a client that reads invoices, and refreshes.
    pub(super) fn register(&self, id: &str, more: &[&str]) {
        let lifetime = format!("{}s", LIFETIME.as_secs());
        let terms = ["--refresh", "--lifetime", &lifetime, "--dpop", "required"];
        self.machines[0].chancery.create_client(id, &[&terms[..], more].concat()).expect(0);
    }

    /// A session of a client begins, under a name; answers its file.
    pub(super) fn login(&self, client: &str, name: &str) -> PathBuf {
        let secret = self.machines[0].folder.file(&format!("{client}.secret"));
        let words = ["login", "--issuer", &self.between.url, "--client-id", client, "--secret-file"];
        let words =
            [&["agent"], &words[..], &[secret.to_str().unwrap(), "--scope", "invoices:read"]].concat();
        self.chancery.run(&[&words[..], &["--name", name, "--home", &self.home()]].concat()).expect(0);
        self.folder.file(&format!("sessions/{name}.json"))
    }

    /// Serves a session.
    pub(super) fn agent(&self, name: &str) -> Agent {
        Agent::start(&self.chancery, &["serve", "--name", name, "--home", &self.home()])
    }

    fn home(&self) -> String {
        self.folder.file("sessions").display().to_string()
    }

    /// Copies a session, to be served under another name.
    pub(super) fn copy_as(&self, file: &Path, name: &str) {
        fs::copy(file, self.folder.file(&format!("sessions/{name}.json"))).unwrap();
    }

    /// Copies a session to another machine.
    pub(super) fn copy(&self, file: &Path, machine: &str) -> PathBuf {
        let folder = self.folder.file(machine);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
        let copied = folder.join("session.json");
        fs::copy(file, &copied).unwrap();
        copied
    }

    /// A process that calls one of the services.
    pub(super) fn worker(&self, kind: Kind, place: &Path, number: usize) -> Worker {
        Worker::start(kind, place, self.services.of(number), &self.clock)
    }

    /// Lets time pass, and everybody notice.
    pub(super) fn pass(&self, span: Duration) {
        self.drive(span);
        self.settle();
    }

    /// Lets time pass while the issuers have no store: nobody waits for them.
    pub(super) fn pass_without_store(&self, span: Duration) {
        self.drive(span);
        self.services.settle();
    }

    /// What the machine needed since the last time is a part of it, however slow the machine is.
    fn drive(&self, span: Duration) {
        let to = self.driven_to.get().plus(span);
        self.clock.advance(to.since(self.clock.now()));
        self.driven_to.set(self.clock.now().max(to));
    }

    /// Waits until the issuers have looked at their store, and the services have asked what is new.
    pub(super) fn settle(&self) {
        for server in &self.servers {
            until("an issuer that is ready", || {
                // Nobody asks for the token; the connection may have been let go of.
                let answer = self.http.send("GET", &server.at("/readyz"), "none", None)?;
                (answer.body["status"] == "ready").then_some(())
            });
        }
        self.services.settle();
    }

    /// What the issuers count, together.
    pub(super) fn counted(&self, series: &str) -> u64 {
        counted(&self.http, &self.servers, series)
    }
}
