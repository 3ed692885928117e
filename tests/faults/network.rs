//! A network that drops, delays and duplicates answers delays a revocation, and does not lose it.

use crate::dice::{Dice, rounds};
use crate::gate::{Gate, Places};
use crate::issuer::{Admin, Machine, token_itself};
use crate::meddler::{BREAKING, Meddler, Meddling};
use crate::support::Http;
use chancery_verifier::clock::SystemClock;
use std::sync::Arc;

#[test]
fn answers_that_are_dropped_delayed_and_duplicated_keep_no_revocation_from_a_verifier() {
    let mut dice = Dice::thrown("network");
    let (machine, http) = (Machine::embedded(), Http::new());
    let server = machine.serve();
    machine.register("billing");
    let admin = Admin::of(&machine, &server.url);
    let meddler = Meddler::before(&server.url, dice.another());
    let places = Places { keys: server.url.clone(), log: vec![meddler.url().to_owned()] };
    let gate = Gate::open(&places, Arc::new(SystemClock::new()));
    let live = machine.token(&http, &server.url, "billing");
    meddler.turns(&BREAKING);
    let mut revoked = Vec::new();
    for round in 0..rounds() {
        let token = machine.token(&http, &server.url, "billing");
        admin.revoke(&token_itself(&token));
        revoked.push(token);
        if dice.heads() {
            // It has asked by itself, or does so now, whatever it waits for.
            gate.ask();
        }
        let known = revoked.iter().take_while(|token| gate.says(token) == "revoked").count();
        assert!(revoked[known..].iter().all(|token| gate.says(token) == "good"), "round {round}: out of order");
    }
    meddler.turns(&[Meddling::Honest]);
    gate.ask();
    for token in &revoked {
        gate.comes_to(token, "revoked");
    }
    assert_eq!(gate.says(&live), "good");
    assert_eq!(gate.alarms(), 0, "a bad network is no loss: {:?}", gate.log());
    let done = meddler.done();
    for way in BREAKING {
        assert!(done.contains(&way), "{way:?} never happened: {done:?}");
    }
}
