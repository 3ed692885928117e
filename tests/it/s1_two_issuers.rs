//! S1 as it is run: two issuers on one Redis under one address, and DocuMint, which knows that address alone.

mod balancer;

use crate::s1_documint::Program;
use crate::support::{Chancery, Folder, Http, Server, until};
use balancer::Balancer;
use chancery_examples::documint::CLIENTS;
use chancery_tests::redis_server::{RedisOptions, RedisServer};

struct Town {
    folder: Folder,
    chancery: Chancery,
    balancer: Balancer,
    http: Http,
    // Outlives the issuers.
    _redis: RedisServer,
}

impl Town {
    fn new() -> Self {
        let redis = RedisServer::start(RedisOptions::default());
        let (folder, balancer) = (Folder::new(), Balancer::start());
        let chancery =
            Chancery::in_folder(&folder).set("ISSUER__URL", &*balancer.url).set("STORE__REDIS", redis.url());
        Self { folder, chancery, balancer, http: Http::new(), _redis: redis }
    }

    /// Another issuer beside those there are; a process of its own, with the master key and the store of all.
    fn issuer(&self) -> Server {
        let server = Server::start(&self.chancery);
        self.balancer.add(&server.url);
        server
    }

    /// A token that this issuer signed, whatever the balancer would have chosen.
    fn token_of(&self, server: &Server) -> String {
        let secret = self.folder.read("support-tool.secret");
        let answer = self.http.ask_for_token(&server.url, "support-tool", secret.trim_end(), "");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    /// What DocuMint says to a reader of an invoice.
    fn read(&self, documint: &Program, token: &str) -> u16 {
        self.http.get_with_token(&format!("{}/invoices/A-1", documint.url), token).status
    }

    fn documint(&self) -> Program {
        let program = Program::start(&self.folder, &self.balancer.url, &[]);
        until("the keys at DocuMint", || (self.read(&program, "x.y.z") == 401).then_some(()));
        program
    }
}

#[test]
fn s1_tokens_of_either_issuer_are_good_at_documint_and_stay_so_when_one_of_them_dies() {
    let town = Town::new();
    let (first, second) = (town.issuer(), town.issuer());
    let (id, file) = CLIENTS[0];
    town.folder.write("support-tool.toml", file);
    let words = ["client", "create", "--file", "support-tool.toml", "--out", "support-tool.secret"];
    town.chancery.run(&words).expect(0);
    assert_eq!(id, "support-tool");
    let documint = town.documint();
    let (of_first, of_second) = (town.token_of(&first), town.token_of(&second));
    assert_ne!(of_first, of_second);
    for token in [&of_first, &of_second] {
        assert_eq!(town.read(&documint, token), 200);
    }

    first.kill();
    let later = town.token_of(&second);
    for token in [&of_first, &of_second, &later] {
        assert_eq!(town.read(&documint, token), 200, "an issuer died, and no token with it");
    }
    // A service that starts now finds the keys at the address of both, and knows what the dead one signed.
    let restarted = town.documint();
    assert_eq!(town.read(&restarted, &of_first), 200);

    let third = town.issuer();
    second.kill();
    let of_third = town.token_of(&third);
    for token in [&of_first, &of_second, &later, &of_third] {
        assert_eq!(town.read(&documint, token), 200);
        assert_eq!(town.read(&town.documint(), token), 200);
    }
}
