//! Services and issuers that are started again.

use super::REACH;
use super::world::{World, told};
use crate::s1_documint::Program;
use crate::support::{Chancery, Folder, Http, Server, until, within};

/// An issuer whose address is its name, so that DocuMint finds everything there, and a client of it.
struct Town {
    folder: Folder,
    http: Http,
}

impl Town {
    fn new() -> (Self, Server) {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder);
        let server = Server::start(&chancery);
        chancery.create_client("billing", &[]).expect(0);
        (Self { folder, http: Http::new() }, server)
    }

    fn token(&self, server: &Server) -> String {
        let answer = self.http.ask_for_token(&server.url, "billing", self.secret().trim_end(), "");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["access_token"].as_str().unwrap().to_owned()
    }

    fn secret(&self) -> String {
        self.folder.read("billing.secret")
    }

    /// DocuMint as a process, with a state folder of this name.
    fn documint(&self, issuer: &str, state: &str, max_staleness: &str) -> Program {
        let state = self.folder.file(state);
        let more = ["--leeway", "0", "--max-staleness", max_staleness, "--state", state.to_str().unwrap()];
        Program::start(&self.folder, issuer, &more)
    }

    fn says(&self, documint: &Program, token: &str) -> String {
        told(&self.http.get_with_token(&format!("{}/invoices", documint.url), token))
    }

    fn revoke(&self, server: &Server, token: &str) {
        let answer = self.http.present(&server.url, "revoke", "billing", self.secret().trim_end(), token);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[test]
fn r_3_5_a_service_that_starts_with_everything_else_down_refuses_what_was_revoked_and_nothing_else() {
    let (town, issuer) = Town::new();
    let url = issuer.url.clone();
    let (stolen, sister) = (town.token(&issuer), town.token(&issuer));
    let documint = town.documint(&url, "state", "600");
    until("keys and news at DocuMint", || (town.says(&documint, &stolen) == "200").then_some(()));
    town.revoke(&issuer, &stolen);
    within(REACH, "the end of the token", || (town.says(&documint, &stolen) == "401 revoked").then_some(()));
    let late = town.token(&issuer);
    issuer.kill();
    assert_eq!(documint.terminated(), 0);
    for _ in 0..2 {
        let documint = town.documint(&url, "state", "600");
        // From its first answer on.
        assert_eq!(town.says(&documint, &stolen), "401 revoked");
        assert_eq!(town.says(&documint, &sister), "200");
        assert_eq!(town.says(&documint, &late), "200", "its issuer knew what the service knows");
    }
    // One without a state knows nothing, and lets nobody in.
    let ignorant = town.documint(&url, "elsewhere", "600");
    for token in [&stolen, &sister] {
        assert!(town.says(&ignorant, token).starts_with("503 "), "{}", town.says(&ignorant, token));
    }
}

#[test]
fn r_3_4_a_service_that_hears_nothing_for_longer_than_its_policy_says_503_and_never_401_to_a_good_token() {
    let (town, issuer) = Town::new();
    let (url, token) = (issuer.url.clone(), town.token(&issuer));
    let documint = town.documint(&url, "state", "3");
    until("keys and news at DocuMint", || (town.says(&documint, &token) == "200").then_some(()));
    issuer.kill();
    let ended =
        until("the last age of the news", || Some(town.says(&documint, &token)).filter(|said| said != "200"));
    assert_eq!(ended, "503 revocation_stale");
    // A start makes no news younger.
    assert_eq!(documint.terminated(), 0);
    assert_eq!(town.says(&town.documint(&url, "state", "3"), &token), "503 revocation_stale");
}

#[test]
fn r_3_1_what_was_acknowledged_outlives_the_issuer_that_acknowledged_it() {
    for mut world in World::each() {
        world.clients(["billing"]);
        let mut revoked = Vec::new();
        for round in 0..3 {
            let (stolen, sister) = (world.token(world.one(), "billing"), world.token(world.one(), "billing"));
            assert_eq!(world.revoke(world.one(), "billing", &stolen).status, 200);
            world.kill_and_restart(0);
            revoked.push(stolen);
            for stolen in &revoked {
                assert!(!world.is_active(world.one(), "billing", stolen), "round {round}");
            }
            assert!(world.is_active(world.one(), "billing", &sister), "round {round}");
        }
        let service = World::service(world.one());
        for stolen in &revoked {
            assert_eq!(world.says(&service, stolen), "401 revoked");
        }
        assert_eq!(world.says(&service, &world.token(world.one(), "billing")), "200");
    }
}

#[test]
fn an_issuer_that_is_asked_to_end_lets_no_follower_wait() {
    let (town, issuer) = Town::new();
    let token = town.token(&issuer);
    let documint = town.documint(&issuer.url, "state", "600");
    until("keys and news at DocuMint", || (town.says(&documint, &token) == "200").then_some(()));
    // DocuMint waits for news in a request that would go on for 25 s.
    issuer.signal("TERM");
    let (code, _, log) = issuer.ended();
    assert_eq!(code, 0, "{log}");
    assert!(log.contains("every request was answered"), "{log}");
}
