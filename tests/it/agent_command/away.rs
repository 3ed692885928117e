//! The issuer is away for ten minutes.

use super::exec::Executed;
use super::world::{World, asks, claims};
use crate::support::{Agent, LocalHttp, until};

#[test]
fn ten_minutes_without_an_issuer_are_felt_by_nobody() {
    let mut world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let agent = Agent::start(&world.chancery, &["serve"]);
    let socket = LocalHttp::at(&agent.socket());
    let mut executed = Executed::start(&world.chancery, &["exec"]);
    // The worst moment: the next renewal is a second ahead.
    world.advance(238);
    until("the agent answers", || asks(&socket, "/token", 200));
    world.issuer_goes_away();
    for _ in 0..10 {
        world.advance(60);
        let given = socket.get("/token");
        assert!(given.status == 200 && given.body["expires_in"].as_u64() > Some(0), "{given:?}");
        assert_eq!(executed.socket.get("/token").status, 200);
        assert_eq!(world.agent(&["token"]).expect(0).out.trim_end(), given.text("access_token"));
        assert_eq!(executed.token(), given.text("access_token"));
    }
    let status = until("the trouble is told", || {
        asks(&socket, "/status", 200).filter(|status| !status["trouble"].is_null())
    });
    assert_eq!(status["trouble"]["reason"], "issuer_unreachable");
    let last = executed.token();
    world.issuer_comes_back();
    // Pauses grow while it is away, up to a minute.
    let fresh = until("the next token", || {
        world.advance(5);
        Some(executed.token()).filter(|token| *token != last)
    });
    assert!(world.is_active(&fresh));
    assert_eq!(claims(&fresh)["sid"], claims(&last)["sid"], "the session is the same");
    assert_eq!(executed.says("echo alive"), "alive");
}

#[test]
fn an_issuer_that_stays_away_is_503_and_the_session_outlives_it() {
    let mut world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let refresh = world.kept()["refresh_token"].clone();
    let mut executed = Executed::start(&world.chancery, &["exec"]);
    let last = executed.token();
    world.issuer_goes_away();
    world.advance(1000);
    let told = until("the end of the token", || asks(&executed.socket, "/token", 503));
    assert_eq!(
        (&told["error"], &told["reason"]),
        (&"temporarily_unavailable".into(), &"issuer_unreachable".into())
    );
    let answer = executed.socket.get("/token");
    assert!(
        answer.head.contains("retry-after: ") && answer.head.contains("cache-control: no-store"),
        "{answer:?}"
    );
    assert_eq!(executed.token(), last, "the last one stays: a service says best what it is good for");
    assert_eq!(world.refused(&["token"], 7), "issuer_unreachable");
    assert_eq!(world.kept()["refresh_token"], refresh, "nothing was thrown away");
    world.issuer_comes_back();
    let fresh = until("the next token", || {
        world.advance(5);
        Some(executed.token()).filter(|token| *token != last)
    });
    assert!(world.is_active(&fresh));
    assert_eq!(executed.says("echo alive"), "alive");
}
