//! A Redis that goes away takes nothing with it that does not need it, and is missed no longer than it is gone.

mod fault;
mod world;

use crate::support::{Folder, Http, within};
use chancery_tests::redis_server::RedisOptions;
use fault::{Fault, ping};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use world::{DEADLINE, Got, KNOWN, World};

/// Rule.
const RECOVERY: Duration = Duration::from_secs(10);

/// Unknown clients that ask at the same time.
const UNKNOWN: [&str; 4] = ["one", "two", "three", "four"];

/// All unknown clients ask at once. Answers what they got, and how many tokens `known` got before the first of them
/// had an answer.
fn all_ask(world: &World) -> (Vec<Got>, usize) {
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        let ask = |id: &'static str| {
            let got = world.ask(&Http::with_deadline(DEADLINE), id);
            answered.fetch_add(1, Ordering::SeqCst);
            got
        };
        let asked = UNKNOWN.map(|id| scope.spawn(move || ask(id)));
        let mut meanwhile = 0;
        while answered.load(Ordering::SeqCst) < UNKNOWN.len() {
            world.known_client_gets_a_token_that_counts();
            meanwhile += usize::from(answered.load(Ordering::SeqCst) == 0);
        }
        (asked.map(|asked| asked.join().unwrap()).into(), meanwhile)
    })
}

/// Rules, while `fault` lasts, once it is over.
fn outage(fault: Fault) {
    let mut world = World::start(&UNKNOWN);
    assert!(ping(world.proxy.address()).is_ok_and(|pong| pong == "+PONG\r\n"), "what is to break works");
    let (keys, early) = (world.key_set(), world.known_client_gets_a_token_that_counts());
    fault.inflict(&mut world);
    // More than once: the first meets connections that break, the others what is made of that.
    let mut tokens = 0;
    for _ in 0..2 {
        let (got, meanwhile) = all_ask(&world);
        assert!(got.iter().all(|got| *got == Got::Later), "{fault:?}: {got:?}");
        assert_eq!(world.ready(), "degraded");
        tokens += meanwhile;
    }
    // Whoever is refused is told so at once. Only where nobody answers is there a time in which others wait.
    assert!(!fault.is_silent() || tokens > 0, "clients that are known wait for a reconnect of others");
    fault.is_there(&world);
    assert_eq!(world.http.get(&world.server.at("/healthz")).status, 200);
    assert_eq!(world.key_set(), keys);
    world.documint_takes(&early);
    assert_eq!(world.documint.keys().last_failure, None);
    fault.end(&mut world);
    comes_back(&world);
    assert_eq!(world.key_set(), keys);
    world.documint_takes(&early);
}

/// Without a restart: unknown clients get tokens, `/readyz` says so, and changes are followed again.
fn comes_back(world: &World) {
    let token = |id| move || (world.ask(&world.http, id) == Got::Token).then_some(());
    within(RECOVERY, "a token for a client that is not known", token(UNKNOWN[0]));
    within(RECOVERY, "readiness", || (world.ready() == "ready").then_some(()));
    assert_eq!(world.ask(&world.http, UNKNOWN[1]), Got::Token);
    world.run(&["client", "disable", KNOWN, "--reason", "the job is done"]);
    within(RECOVERY, "a change that is obeyed", || {
        let answer = world.http.ask_for_token(&world.server.url, KNOWN, &world.secret(KNOWN), "");
        (answer.body["reason"] == "client_disabled").then_some(())
    });
}

#[test]
fn r_8_1_r_8_2_r_8_3_r_8_7_a_redis_that_stands_still() {
    outage(Fault::StandsStill);
}

#[test]
fn r_8_1_r_8_2_r_8_3_r_8_7_a_redis_that_was_killed_and_started_again() {
    outage(Fault::Killed);
}

#[test]
fn r_8_1_r_8_2_r_8_3_r_8_7_a_redis_in_a_black_hole() {
    outage(Fault::Blackholed);
}

#[test]
fn r_8_1_r_8_2_r_8_3_r_8_7_a_redis_whose_answers_are_lost() {
    outage(Fault::AnswersLost);
}

#[test]
fn r_8_1_r_8_2_r_8_3_r_8_7_a_redis_that_refuses() {
    outage(Fault::Refused);
}

#[test]
fn r_8_3_a_connection_that_was_cut_while_idle_is_noticed_by_nobody() {
    let world = World::start(&UNKNOWN);
    for id in UNKNOWN {
        let accepted = world.proxy.accepted();
        world.proxy.cut();
        assert_eq!(world.ask(&world.http, id), Got::Token, "{id}");
        assert!(world.proxy.accepted() > accepted, "it was really cut, and made anew");
    }
}

#[test]
fn r_8_2_strangers_at_a_redis_that_hangs_take_no_place_from_clients_that_are_known() {
    let settings = [("LIMITS__CONCURRENT_REQUESTS", "4")];
    let mut world = World::start_with(RedisOptions::default(), &["stranger"], &settings);
    Fault::Blackholed.inflict(&mut world);
    let (begun, over) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let reasons: Vec<String> = thread::scope(|scope| {
        let ask = || {
            let http = Http::with_deadline(DEADLINE);
            begun.fetch_add(1, Ordering::SeqCst);
            let answer = http.ask_for_token(&world.server.url, "stranger", &world.secret("stranger"), "");
            assert_eq!((answer.status, answer.retry_after.as_deref()), (503, Some("2")), "{answer:?}");
            over.fetch_add(1, Ordering::SeqCst);
            answer.body["reason"].as_str().unwrap().to_owned()
        };
        let asked: Vec<_> = (0..12).map(|_| scope.spawn(ask)).collect();
        while over.load(Ordering::SeqCst) < asked.len() {
            world.known_client_gets_a_token_that_counts();
        }
        asked.into_iter().map(|asked| asked.join().unwrap()).collect()
    });
    assert!(reasons.iter().any(|reason| reason == "overloaded"), "they were too many: {reasons:?}");
    assert!(reasons.iter().any(|reason| reason != "overloaded"), "some waited: {reasons:?}");
}

#[test]
fn r_8_6_a_redis_that_lost_everything_is_a_fault_of_the_store_and_says_nothing_about_clients() {
    // Nothing is on its disk, and the issuer was told so.
    let settings = [("REVOCATION__DURABILITY", "volatile")];
    let mut world = World::start_with(RedisOptions::default().in_memory(), &UNKNOWN, &settings);
    let keys = world.key_set();
    world.redis.kill9();
    world.redis.restart();
    assert_eq!(world.redis.ask(&["DBSIZE"]).number(), 0, "it lost everything");
    within(RECOVERY, "the loss that is told", || world.server.log().contains("cannot be read").then_some(()));
    for id in UNKNOWN {
        assert_eq!(world.ask(&world.http, id), Got::Later, "{id}");
    }
    assert_eq!(world.ready(), "degraded");
    assert_eq!(world.key_set(), keys);
    world.known_client_gets_a_token_that_counts();
    assert_eq!(world.redis.ask(&["DBSIZE"]).number(), 0, "and nothing was begun anew in it");
}

#[test]
fn r_10_7_nothing_secret_stands_in_the_log_of_an_outage() {
    const PASSWORD: &str = "correct-horse-battery-staple";
    let secrets = Folder::new();
    let file = secrets.write("redis.password", PASSWORD);
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let settings = [("STORE__PASSWORD_FILE", file.to_str().unwrap()), ("LOG__LEVEL", "trace")];
    let mut world =
        World::start_with(RedisOptions::default().durable().password(PASSWORD), &UNKNOWN, &settings);
    let mut tokens = vec![world.known_client_gets_a_token_that_counts()];
    for fault in [Fault::Killed, Fault::Blackholed] {
        fault.inflict(&mut world);
        assert_eq!(world.ask(&world.http, UNKNOWN[0]), Got::Later);
        tokens.push(world.known_client_gets_a_token_that_counts());
        fault.end(&mut world);
        within(RECOVERY, "readiness", || (world.ready() == "ready").then_some(()));
    }
    let log = world.server.log();
    assert!(log.contains("store_unavailable") && log.contains(KNOWN), "it is a log of all that");
    let mut never = vec![PASSWORD.to_owned(), world.secret(KNOWN), world.secret(UNKNOWN[0])];
    never.extend(tokens.iter().map(|token| token.rsplit('.').next().unwrap().to_owned()));
    for secret in never {
        assert!(!log.contains(&secret), "{secret} stands in the log");
    }
}
