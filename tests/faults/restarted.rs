//! A verifier that starts while everything else is down.

use crate::dice::Dice;
use crate::gate::{Gate, MAX_STALENESS, Places};
use crate::issuer::{Admin, Machine, token_itself};
use crate::support::{Folder, Http};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use chancery_verifier::clock::{Clock as _, FixedClock, SystemClock};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_verifier_that_restarts_while_issuer_and_redis_are_down_refuses_what_was_revoked_and_closes_in_time() {
    let mut dice = Dice::thrown("restarted");
    let mut redis = RedisServer::start(RedisOptions::default().durable());
    let (machine, http) = (Machine::on_redis(&redis.url()), Http::new());
    let server = machine.serve();
    machine.register("billing");
    let admin = Admin::of(&machine, &server.url);
    let places = Places { keys: server.url.clone(), log: vec![server.url.clone()] };
    let clock = Arc::new(FixedClock::new(SystemClock::new().now()));
    let disk = Folder::new();
    let start = || Gate::start(&places, MAX_STALENESS, Some(disk.path()), clock.clone());
    let mut gate = start();
    gate.wait_ready();
    let [live, revoked] = ["live", "revoked"].map(|_| machine.token(&http, &server.url, "billing"));
    gate.reaches(admin.revoke(&token_itself(&revoked)));
    server.kill();
    redis.kill9();

    // The last second but one: its news are some moments older than its clock.
    let last = MAX_STALENESS.saturating_sub(Duration::from_secs(2));
    let mut passed = Duration::ZERO;
    while passed < last {
        assert_eq!((gate.says(&revoked), gate.says(&live)), ("revoked", "good"), "after {passed:?}");
        let span = Duration::from_secs(1 + u64::try_from(dice.below(60)).unwrap());
        let span = span.min(last.saturating_sub(passed));
        clock.advance(span);
        passed += span;
        if dice.heads() {
            // It asks, and nobody answers.
            gate.ask();
        } else {
            drop(gate);
            gate = start();
        }
    }
    assert_eq!((gate.says(&revoked), gate.says(&live)), ("revoked", "good"), "after {passed:?}");
    clock.advance(Duration::from_secs(4));
    for _ in 0..2 {
        assert_eq!((gate.says(&revoked), gate.says(&live)), ("revoked", "revocation_stale"));
        drop(gate);
        gate = start();
    }
}
