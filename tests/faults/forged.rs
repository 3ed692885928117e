//! Whatever a verifier is given in the place of documents, it never takes back what it knows to be revoked.

use crate::dice::{Dice, rounds};
use crate::gate::{Gate, Hasty, Places};
use crate::issuer::{Admin, Machine, token_itself};
use crate::meddler::{FORGING, Meddler, Meddling};
use crate::support::{Folder, Http, Server, until};
use chancery_verifier::LONGEST_STALENESS;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::runtime::Builder;

/// What the issuer on this machine has published: documents that are good, elsewhere.
fn documents_of(machine: &Machine) -> Vec<String> {
    let server = machine.serve();
    let admin = Admin::of(machine, &server.url);
    let http = Http::new();
    machine.register("somebody");
    let snapshot = || text(&server.at("/revocation/snapshot"));
    let before = snapshot();
    let token = machine.token(&http, &server.url, "somebody");
    admin.revoke(&token_itself(&token));
    vec![before, snapshot(), token]
}

fn text(url: &str) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { client.get(url).send().await?.error_for_status()?.text().await }).unwrap()
}

/// Tokens of one client, those that were revoked, and those of which the gate knows it.
struct Tokens {
    live: String,
    revoked: Vec<String>,
    known: BTreeSet<usize>,
}

impl Tokens {
    /// Nothing that was refused once is accepted.
    fn look(&mut self, gate: &Gate, what: &str) {
        for (number, token) in self.revoked.iter().enumerate() {
            let said = gate.says(token);
            let is_over = said == "revoked" || said == "issued_below_floor";
            assert!(is_over || !self.known.contains(&number), "token {number} is {said} after {what}");
            if is_over {
                self.known.insert(number);
            }
        }
        assert_eq!(gate.says(&self.live), "good", "after {what}");
    }
}

struct World {
    machine: Machine,
    server: Server,
    http: Http,
}

impl World {
    fn token(&self) -> String {
        self.machine.token(&self.http, &self.server.url, "billing")
    }
}

#[test]
fn forged_documents_never_revive_a_token() {
    let mut dice = Dice::thrown("forged");
    let machine = Machine::embedded();
    let world = World { server: machine.serve(), machine, http: Http::new() };
    world.machine.register("billing");
    let admin = Admin::of(&world.machine, &world.server.url);
    let meddler = Meddler::before(&world.server.url, dice.another());
    let namesake = documents_of(&Machine::embedded());
    let stranger = documents_of(&Machine::of("https://auth.example.org"));
    for document in namesake.into_iter().chain(stranger) {
        meddler.plant(document);
    }
    let places = Places { keys: world.server.url.clone(), log: vec![meddler.url().to_owned()] };
    let (disk, clock) = (Folder::new(), Arc::new(Hasty::new()));
    let start = || Gate::start(&places, LONGEST_STALENESS, Some(disk.path()), clock.clone());
    let mut gate = start();
    gate.wait_ready();
    let mut tokens = Tokens { live: world.token(), revoked: Vec::new(), known: BTreeSet::new() };
    // A token is a document that a token key signed.
    meddler.plant(&*tokens.live);
    let mut done = Vec::new();
    for round in 0..rounds() {
        let token = world.token();
        assert_eq!(gate.says(&token), "good", "round {round}");
        admin.revoke(&token_itself(&token));
        tokens.revoked.push(token);
        meddler.turns(&FORGING);
        for _ in 0..3 {
            clock.skip();
            gate.ask();
            let meddled = meddler.done();
            tokens.look(&gate, &format!("{meddled:?} in round {round}"));
            done.extend(meddled);
        }
        if dice.heads() {
            drop(gate);
            gate = start();
            tokens.look(&gate, &format!("a restart in round {round}"));
        }
        if dice.heads() {
            meddler.turns(&[Meddling::Honest]);
            until("all that was revoked", || {
                clock.skip();
                gate.ask();
                tokens.look(&gate, &format!("honest answers in round {round}"));
                (tokens.known.len() == tokens.revoked.len()).then_some(())
            });
        }
    }
    for way in FORGING {
        assert!(done.contains(&way), "{way:?} never happened: {done:?}");
    }
}
