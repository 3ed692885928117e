//! A network that drops, delays and duplicates answers delays a revocation, and does not lose it.

use crate::dice::{Dice, rounds};
use crate::gate::{Gate, Hasty, Places};
use crate::issuer::{Admin, Machine, token_itself};
use crate::meddler::{BREAKING, Meddler, Meddling};
use crate::support::{Http, until};
use chancery_verifier::LONGEST_STALENESS;
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
    let clock = Arc::new(Hasty::new());
    let gate = Gate::start(&places, LONGEST_STALENESS, None, clock.clone());
    gate.wait_ready();
    let live = machine.token(&http, &server.url, "billing");
    meddler.turns(&BREAKING);
    let mut revoked = Vec::new();
    for round in 0..rounds() {
        let token = machine.token(&http, &server.url, "billing");
        admin.revoke(&token_itself(&token));
        revoked.push(token);
        if dice.heads() {
            // It has asked by itself, or does so now, whatever it waits for.
            clock.skip();
            gate.ask();
        }
        // The newest first: whatever news come meanwhile, what is older than a revoked one is revoked by then.
        let mut later_is_revoked = false;
        for token in revoked.iter().rev() {
            match gate.says(token) {
                "revoked" => later_is_revoked = true,
                "good" => assert!(!later_is_revoked, "round {round}: out of order"),
                other => panic!("round {round}: {other}"),
            }
        }
    }
    meddler.turns(&[Meddling::Honest]);
    until("all that was revoked", || {
        clock.skip();
        gate.ask();
        revoked.iter().all(|token| gate.says(token) == "revoked").then_some(())
    });
    assert_eq!(gate.says(&live), "good");
    assert_eq!(gate.alarms(), 0, "a bad network is no loss: {:?}", gate.log());
    let done = meddler.done();
    for way in BREAKING {
        assert!(done.contains(&way), "{way:?} never happened: {done:?}");
    }
}
