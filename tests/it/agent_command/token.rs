//! A token on standard output.

use super::world::World;
use crate::support::{Http, until};
use std::thread;

#[test]
fn a_token_is_the_same_until_half_of_its_life_is_over_and_another_from_then_on() {
    let world = World::with_clock();
    world.login(&[]).expect(0);
    let first = world.token();
    world.advance(200);
    assert_eq!(world.token(), first);
    // Ahead of half of its life: so that ten minutes without an issuer are not felt.
    world.advance(60);
    let second = world.token();
    assert_ne!(second, first);
    assert_eq!(world.token(), second, "what was got is kept");
    assert_eq!(world.rotations(), 1);
}

#[test]
fn a_fault_is_told_once_and_a_token_all_the_same() {
    let mut world = World::with_clock();
    world.login(&[]).expect(0);
    world.issuer_goes_away();
    world.advance(600);
    let given = world.agent(&["token"]).expect(0);
    assert!(given.err.starts_with("warning: the session is not renewed (issuer_unreachable): "), "{given:?}");
    assert_eq!((given.out.lines().count(), given.err.lines().count()), (1, 1), "{given:?}");
    let status = world.agent(&["status"]).expect(0).out;
    assert!(status.contains("the token ends") && status.contains("the next one was due"), "{status}");
    world.advance(600);
    for words in [&["token"][..], &["exec", "--", "true"], &["delegate", "--", "true"]] {
        let told = world.agent(words).expect(7);
        assert_eq!((told.err.matches("error: ").count(), told.err.contains("WARN")), (1, false), "{told:?}");
    }
    let status = world.agent(&["status"]).expect(0).out;
    assert!(status.contains("the token ended"), "{status}");
    // Who wants lines has them.
    let loud = world.chancery.clone().set("LOG__LEVEL", "warn").run(&["agent", "token"]).expect(7);
    assert!(loud.err.contains("WARN"), "{loud:?}");
}

#[test]
fn a_token_lives_as_long_as_was_asked_for_or_as_long_as_tokens_live() {
    let world = World::with_clock();
    world.login(&[]).expect(0);
    world.advance(100);
    let left = |least: &str| {
        let told = world.agent(&["token", "--min-ttl", least, "--json"]).expect(0).json();
        told["expires_in"].as_u64().unwrap()
    };
    assert!(left("10m") < 810, "the one that there is will do");
    assert!(left("14m") > 840);
    let began = world.rotations();
    assert!(left("2h") > 890, "no token lives that long: this one is fresh");
    assert!(world.rotations() - began <= 1);
}

#[test]
fn r_11_7_however_many_processes_ask_at_once_the_issuer_is_asked_once() {
    let world = World::with_clock();
    world.login(&[]).expect(0);
    world.advance(890);
    let began = world.rotations();
    let tokens: Vec<String> = thread::scope(|scope| {
        let asking: Vec<_> = (0..12).map(|_| scope.spawn(|| world.token())).collect();
        asking.into_iter().map(|asking| asking.join().unwrap()).collect()
    });
    assert!(tokens.iter().all(|token| *token == tokens[0]), "all have the same one");
    assert_eq!(world.rotations() - began, 1);
}

#[test]
fn a_session_that_an_operator_ended_is_not_begun_again_by_itself() {
    let world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let token = world.token();
    world.revoke_session(&token);
    until("the issuer hears of it", || (!world.is_active(&token)).then_some(()));
    world.advance(300);
    // The token still lives, and the issuer says at the next renewal that nothing comes after it.
    let last = world.agent(&["token", "--min-ttl", "14m"]).expect(1);
    assert!(last.err.contains("refresh_token_ended") && last.err.contains("login --replace"), "{last:?}");
    assert_eq!(world.refused(&["token"], 1), "session_revoked");
    let kept = world.kept();
    assert!(kept["refresh_token"].is_null() && kept["access_token"].is_null(), "{kept}");
    let status = world.agent(&["status"]).expect(1).out;
    assert!(status.contains("over since") && status.contains("refresh_token_ended"), "{status}");
    // It asks nobody any more.
    let began = Http::new().text(&world.issuer().at("/metrics"));
    assert_eq!(world.refused(&["token"], 1), "session_revoked");
    let refusals = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.contains("refresh_token_ended")).map(str::to_owned).collect()
    };
    assert_eq!(refusals(&began), refusals(&Http::new().text(&world.issuer().at("/metrics"))));
    // Whoever has found out begins another.
    world.login(&["--bearer", "--replace"]).expect(0);
    assert!(world.is_active(&world.token()));
}
