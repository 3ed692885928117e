//! Issuers of one name over one store, and services that follow their revocation log.

use crate::support::{Answer, Chancery, Documint, Folder, Http, Server, found_within};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use std::time::Duration;

pub(crate) const ISSUER: &str = "https://auth.example.com";

/// One issuer with an embedded store, or two on two machines over one Redis.
pub(crate) struct World {
    pub(crate) machines: Vec<Machine>,
    pub(crate) servers: Vec<Server>,
    pub(crate) redis: Option<RedisServer>,
    pub(crate) http: Http,
}

/// One machine: its folder, and the command in it.
pub(crate) struct Machine {
    pub(crate) chancery: Chancery,
    pub(crate) folder: Folder,
}

impl World {
    /// Both kinds of store.
    pub(crate) fn each() -> impl Iterator<Item = Self> {
        [Self::embedded, Self::redis].into_iter().map(|kind| kind())
    }

    pub(crate) fn embedded() -> Self {
        Self::embedded_with(Chancery::clone)
    }

    /// Likewise, with a command that is set as well.
    pub(crate) fn embedded_with(set: impl Fn(&Chancery) -> Chancery) -> Self {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", ISSUER);
        let machine = Machine { chancery: set(&chancery), folder };
        let servers = vec![Server::start(&machine.chancery)];
        Self { machines: vec![machine], servers, redis: None, http: Http::new() }
    }

    pub(crate) fn redis() -> Self {
        Self::redis_with(2, Chancery::clone)
    }

    /// Likewise, with so many machines, whose commands are set as well.
    pub(crate) fn redis_with(machines: usize, set: impl Fn(&Chancery) -> Chancery) -> Self {
        let redis = RedisServer::start(RedisOptions::default());
        let elsewhere = Folder::new();
        Chancery::in_folder(&elsewhere).run(&["init"]).expect(0);
        let machine = || {
            let folder = Folder::new();
            let key = folder.write("keys/master.key", elsewhere.read("keys/master.key"));
            std::fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", ISSUER);
            Machine { chancery: set(&chancery.set("STORE__REDIS", redis.url())), folder }
        };
        let machines: Vec<Machine> = (0..machines).map(|_| machine()).collect();
        let servers = machines.iter().map(|machine| Server::start(&machine.chancery)).collect();
        Self { machines, servers, redis: Some(redis), http: Http::new() }
    }

    /// The issuer that is told things.
    pub(crate) fn one(&self) -> &Server {
        &self.servers[0]
    }

    /// The one that hears of them through the store: another one, where there are two.
    pub(crate) fn other(&self) -> &Server {
        self.servers.last().unwrap()
    }

    /// Ends an issuer as a power cut does, and starts it again.
    pub(crate) fn kill_and_restart(&mut self, at: usize) {
        self.servers.remove(at).kill();
        self.servers.insert(at, Server::start(&self.machines[at].chancery));
    }

    /// Registers clients that read invoices.
    pub(crate) fn clients<const N: usize>(&self, ids: [&str; N]) {
        for id in ids {
            self.machines[0].chancery.create_client(id, &[]).expect(0);
        }
    }

    pub(crate) fn secret(&self, id: &str) -> String {
        self.machines[0].folder.read(&format!("{id}.secret")).trim_end().to_owned()
    }

    /// A token for a client, or the `reason` why there is none.
    pub(crate) fn ask(&self, server: &Server, id: &str) -> Result<String, String> {
        let answer = self.http.ask_for_token(&server.url, id, &self.secret(id), "");
        let text = |name: &str| answer.body[name].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned();
        if answer.status == 200 { Ok(text("access_token")) } else { Err(text("reason")) }
    }

    pub(crate) fn token(&self, server: &Server, id: &str) -> String {
        self.ask(server, id).unwrap()
    }

    /// The client `id` ends a token of its own.
    pub(crate) fn revoke(&self, server: &Server, id: &str, token: &str) -> Answer {
        self.http.present(&server.url, "revoke", id, &self.secret(id), token)
    }

    /// What an issuer says of a token of the client `id`.
    pub(crate) fn is_active(&self, server: &Server, id: &str, token: &str) -> bool {
        let answer = self.http.present(&server.url, "introspect", id, &self.secret(id), token);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["active"].as_bool().unwrap()
    }

    /// A service that knows the log by one issuer alone.
    pub(crate) fn service(follows: &Server) -> Documint {
        Documint::following(ISSUER, follows)
    }

    /// What a service answers to a reader of invoices: `200`, or status and reason.
    pub(crate) fn says(&self, service: &Documint, token: &str) -> String {
        told(&self.http.get_with_token(&service.at("/invoices"), token))
    }

    /// The service comes to say `verdict` of what `token` gives, within `bound`.
    pub(crate) fn comes_to_say_of(
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
pub(crate) fn told(answer: &Answer) -> String {
    match answer.body["reason"].as_str() {
        Some(reason) => format!("{} {reason}", answer.status),
        None => answer.status.to_string(),
    }
}
