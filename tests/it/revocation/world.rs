//! Issuers of one name over one store, and services that follow their revocation log.

use crate::support::{Answer, Chancery, Documint, Folder, Http, Server, found_within};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use std::time::Duration;

pub(super) const ISSUER: &str = "https://auth.example.com";

/// One issuer with an embedded store, or two on two machines over one Redis.
pub(super) struct World {
    pub(super) machines: Vec<Machine>,
    pub(super) servers: Vec<Server>,
    pub(super) redis: Option<RedisServer>,
    pub(super) http: Http,
}

/// One machine: its folder, and the command in it.
pub(super) struct Machine {
    pub(super) chancery: Chancery,
    pub(super) folder: Folder,
}

impl World {
    /// Both kinds of store.
    pub(super) fn each() -> impl Iterator<Item = Self> {
        [Self::embedded, Self::redis].into_iter().map(|kind| kind())
    }

    pub(super) fn embedded() -> Self {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", ISSUER);
        let machine = Machine { chancery, folder };
        let servers = vec![Server::start(&machine.chancery)];
        Self { machines: vec![machine], servers, redis: None, http: Http::new() }
    }

    pub(super) fn redis() -> Self {
        let redis = RedisServer::start(RedisOptions::default());
        let elsewhere = Folder::new();
        Chancery::in_folder(&elsewhere).run(&["init"]).expect(0);
        let machine = || {
            let folder = Folder::new();
            let key = folder.write("keys/master.key", elsewhere.read("keys/master.key"));
            std::fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", ISSUER);
            Machine { chancery: chancery.set("STORE__REDIS", redis.url()), folder }
        };
        let machines = vec![machine(), machine()];
        let servers = machines.iter().map(|machine| Server::start(&machine.chancery)).collect();
        Self { machines, servers, redis: Some(redis), http: Http::new() }
    }

    /// The issuer that is told things.
    pub(super) fn one(&self) -> &Server {
        &self.servers[0]
    }

    /// The one that hears of them through the store: another one, where there are two.
    pub(super) fn other(&self) -> &Server {
        self.servers.last().unwrap()
    }

    /// Ends an issuer as a power cut does, and starts it again.
    pub(super) fn kill_and_restart(&mut self, at: usize) {
        self.servers.remove(at).kill();
        self.servers.insert(at, Server::start(&self.machines[at].chancery));
    }

    /// Registers clients that read invoices.
    pub(super) fn clients<const N: usize>(&self, ids: [&str; N]) {
        for id in ids {
            self.machines[0].chancery.create_client(id, &[]).expect(0);
        }
    }

    pub(super) fn secret(&self, id: &str) -> String {
        self.machines[0].folder.read(&format!("{id}.secret")).trim_end().to_owned()
    }

    /// A token for a client, or the `reason` why there is none.
    pub(super) fn ask(&self, server: &Server, id: &str) -> Result<String, String> {
        let answer = self.http.ask_for_token(&server.url, id, &self.secret(id), "");
        let text = |name: &str| answer.body[name].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned();
        if answer.status == 200 { Ok(text("access_token")) } else { Err(text("reason")) }
    }

    pub(super) fn token(&self, server: &Server, id: &str) -> String {
        self.ask(server, id).unwrap()
    }

    /// The client `id` ends a token of its own.
    pub(super) fn revoke(&self, server: &Server, id: &str, token: &str) -> Answer {
        self.http.present(&server.url, "revoke", id, &self.secret(id), token)
    }

    /// What an issuer says of a token of the client `id`.
    pub(super) fn is_active(&self, server: &Server, id: &str, token: &str) -> bool {
        let answer = self.http.present(&server.url, "introspect", id, &self.secret(id), token);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["active"].as_bool().unwrap()
    }

    /// A service that knows the log by one issuer alone.
    pub(super) fn service(follows: &Server) -> Documint {
        Documint::following(ISSUER, follows)
    }

    /// What a service answers to a reader of invoices: `200`, or status and reason.
    pub(super) fn says(&self, service: &Documint, token: &str) -> String {
        told(&self.http.get_with_token(&service.at("/invoices"), token))
    }

    /// The service comes to say `verdict` of what `token` gives, within `bound`.
    pub(super) fn comes_to_say_of(
        &self,
        service: &Documint,
        bound: Duration,
        verdict: &str,
        token: impl Fn() -> String,
    ) {
        let mut last = String::new();
        let said = || {
            last = self.says(service, &token());
            (last == verdict).then_some(())
        };
        let came = found_within(bound, said).is_some();
        assert!(came, "within {bound:?} the service did not come to say '{verdict}', but '{last}'");
    }
}

/// `200`, or status and reason.
pub(super) fn told(answer: &Answer) -> String {
    match answer.body["reason"].as_str() {
        Some(reason) => format!("{} {reason}", answer.status),
        None => answer.status.to_string(),
    }
}
