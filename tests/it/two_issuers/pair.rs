//! Two issuers of one name, on two machines with folders of their own, over one Redis.

use crate::support::{Chancery, Documint, Folder, Http, Server};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use serde_json::Value;

pub(super) const ISSUER: &str = "https://auth.example.com";

/// Both run, or neither does yet.
pub(super) struct Pair {
    pub(super) first: Machine,
    pub(super) second: Machine,
    pub(super) redis: RedisServer,
    pub(super) http: Http,
}

/// One machine: its folder, and the command in it.
pub(super) struct Machine {
    pub(super) chancery: Chancery,
    pub(super) folder: Folder,
}

impl Pair {
    /// Two machines that were given the same master key, and an empty Redis.
    pub(super) fn new() -> Self {
        let redis = RedisServer::start(RedisOptions::default().durable());
        let (first, second) = (Machine::new(&redis), Machine::new(&redis));
        let elsewhere = Folder::new();
        Chancery::in_folder(&elsewhere).run(&["init"]).expect(0);
        for machine in [&first, &second] {
            let key = machine.folder.write("keys/master.key", elsewhere.read("keys/master.key"));
            std::fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
        Self { first, second, redis, http: Http::new() }
    }

    /// The keys that an issuer publishes, for JWTs and for PASETOs.
    pub(super) fn keys(&self, server: &Server) -> [Value; 2] {
        ["/.well-known/jwks.json", "/keys/paserk.json"].map(|path| {
            let answer = self.http.get(&server.at(path));
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.body
        })
    }

    /// Asks an issuer for a token of a client that the first machine registered. The `reason` of a refusal comes
    /// back as it is.
    pub(super) fn token(&self, server: &Server, id: &str) -> Result<String, String> {
        let secret = self.first.folder.read(&format!("{id}.secret"));
        let answer = self.http.ask_for_token(&server.url, id, secret.trim_end(), "");
        let text = |name: &str| answer.body[name].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned();
        if answer.status == 200 { Ok(text("access_token")) } else { Err(text("reason")) }
    }

    /// What DocuMint, whose keys come from `server`, answers to `token`.
    pub(super) fn documint_says(&self, documint: &Documint, token: &str) -> u16 {
        self.http.get_with_token(&documint.at("/invoices"), token).status
    }
}

impl Machine {
    fn new(redis: &RedisServer) -> Self {
        let folder = Folder::new();
        let chancery =
            Chancery::in_folder(&folder).set("ISSUER__URL", ISSUER).set("STORE__REDIS", redis.url());
        Self { chancery, folder }
    }

    pub(super) fn serve(&self) -> Server {
        Server::start(&self.chancery)
    }
}
