//! A command with a narrower session of its own.

use super::exec::Executed;
use super::secrets::children;
use super::signals::send;
use super::world::{World, asks, claims};
use crate::support::until;
use std::fs;
use std::net::TcpListener;
use std::process::Stdio;

#[test]
fn r_11_5_a_command_gets_less_and_its_session_ends_with_it_and_no_other() {
    let world = World::new();
    world.login(&["--scope", "invoices:read invoices:create", "--bearer"]).expect(0);
    let parent = world.token();
    let words = ["delegate", "--scope", "invoices:read"];
    let (child, sibling) =
        (Executed::start(&world.chancery, &words), Executed::start(&world.chancery, &words));
    let (token, of_sibling) = (child.token(), sibling.token());
    let (told, of_parent) = (claims(&token), claims(&parent));
    assert_eq!(
        (&told["scope"], &told["client_id"], &told["sub"]),
        (&"invoices:read".into(), &"reporter".into(), &"reporter".into())
    );
    assert!(told["exp"].as_u64() <= of_parent["exp"].as_u64());
    assert_eq!(told["sid"], of_parent["sid"], "it ends with the session");
    assert!(told["anc"].as_array().is_some_and(|ancestors| !ancestors.is_empty()), "and by itself: {told}");
    assert_eq!(child.ended().0, 0);
    assert!(!world.is_active(&token));
    assert!(world.is_active(&parent) && world.is_active(&of_sibling));
    assert_eq!(sibling.socket.get("/token").status, 200);
    // What the session is ended with, the command is told.
    world.agent(&["logout"]).expect(0);
    assert!(!world.is_active(&of_sibling));
}

#[test]
fn a_session_of_a_command_is_ended_however_the_command_ends() {
    let world = World::logged_in(&["--bearer"]);
    let code = "cat \"$CHANCERY_TOKEN_FILE\"; exit 3";
    let ran = world.agent(&["delegate", "--", "/bin/sh", "-c", code]).expect(3);
    assert!(!world.is_active(ran.out.trim_end()));
    let code = "cat \"$CHANCERY_TOKEN_FILE\"; kill -TERM $$";
    let ran = world.agent(&["delegate", "--", "/bin/sh", "-c", code]).expect(143);
    assert!(!world.is_active(ran.out.trim_end()));
    world.agent(&["delegate", "--", "no-such-program"]).expect(127);
    assert!(world.is_active(&world.token()));
}

#[test]
fn nothing_is_handed_on_that_the_session_does_not_have() {
    let world = World::new();
    world.login(&["--scope", "invoices:read"]).expect(0);
    let ran = world
        .agent(&["delegate", "--scope", "invoices:create", "--", "/bin/sh", "-c", "echo started"])
        .expect(1);
    assert!(ran.out.is_empty() && ran.err.contains("scopes_refused"), "{ran:?}");
    for words in [
        &["--ttl", "0"][..],
        &["--to", "printer"],
        &["--to-secret-file", "reporter.secret"],
        &["--ttl", "soon"],
    ] {
        let words = [&["delegate", "--json"], words].concat();
        assert_eq!(world.agent(&words).expect(2).json()["reason"], "usage", "{words:?}");
    }
}

#[test]
fn a_session_that_was_handed_on_for_an_hour_is_over_after_it() {
    let world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let executed = Executed::start(&world.chancery, &["delegate", "--ttl", "1h"]);
    let mut last = executed.token();
    for _ in 0..3 {
        world.advance(460);
        last = until("the next token", || Some(executed.token()).filter(|token| *token != last));
        assert!(world.is_active(&last), "it goes on within its hour");
    }
    world.advance(2200);
    let told = until("its end", || asks(&executed.socket, "/token", 403));
    assert_eq!(told["reason"], "session_revoked");
    assert!(world.is_active(&world.token()), "the session that it came from goes on");
    let (code, log) = executed.ended();
    assert_eq!(code, 0, "{log}");
}

#[test]
fn a_session_is_handed_to_another_client_that_the_owner_lists() {
    let world = World::logged_in(&["--bearer", "--scope", "invoices:read"]);
    world.chancery.create_client("printer", &["--refresh"]).expect(0);
    let words =
        ["delegate", "--to", "printer", "--to-secret-file", "printer.secret", "--scope", "invoices:read"];
    let run =
        || world.agent(&[&words[..], &["--", "/bin/sh", "-c", "cat \"$CHANCERY_TOKEN_FILE\""]].concat());
    let refused = run().expect(1);
    assert!(refused.err.contains("delegation_not_allowed"), "{refused:?}");
    world.chancery.run(&["client", "update", "reporter", "--delegate-to", "printer"]).expect(0);
    // A running issuer hears of the change within a second.
    let ran = until("the change", || Some(run()).filter(|ran| ran.code == 0));
    let told = claims(ran.out.trim_end());
    assert_eq!(
        (&told["client_id"], &told["sub"], &told["act"]["sub"]),
        (&"printer".into(), &"reporter".into(), &"printer".into())
    );
}

#[test]
fn a_session_of_a_command_is_ended_though_the_issuer_is_away_for_a_moment() {
    let mut world = World::logged_in(&["--bearer"]);
    let executed = Executed::start(&world.chancery, &["delegate"]);
    let token = executed.token();
    let (folder, pid) = (executed.folder().to_owned(), executed.child.id());
    world.issuer_goes_away();
    let ended = std::thread::spawn(move || executed.ended());
    until("the end of the command", || (!folder.exists()).then_some(()));
    assert!(std::path::Path::new(&format!("/proc/{pid}")).exists(), "it asks again");
    world.issuer_comes_back();
    let (code, log) = ended.join().unwrap();
    assert_eq!((code, log.as_str()), (0, ""));
    assert!(!world.is_active(&token));
}

#[test]
fn who_does_not_want_to_wait_for_that_says_so() {
    let mut world = World::logged_in(&["--bearer"]);
    let executed = Executed::start(&world.chancery, &["delegate"]);
    let (folder, pid) = (executed.folder().to_owned(), executed.child.id());
    world.issuer_goes_away();
    let ended = std::thread::spawn(move || executed.ended());
    until("the end of the command", || (!folder.exists()).then_some(()));
    send("TERM", pid);
    let (code, log) = ended.join().unwrap();
    assert!(code == 0 && log.contains("lives until its own end"), "{code} {log}");
}

#[test]
fn what_ends_a_command_and_its_agent_together_ends_the_session_as_well() {
    let world = World::logged_in(&["--bearer"]);
    let executed = Executed::start(&world.chancery, &["delegate"]);
    let (token, pid) = (executed.token(), executed.child.id());
    let [command] = children(pid)[..] else { panic!("one command") };
    // As a terminal or systemd does it; and the agent hears of both at once.
    send("STOP", pid);
    send("TERM", command);
    until("the end of the command", || {
        let told = fs::read_to_string(format!("/proc/{command}/stat")).unwrap();
        told.contains(") Z ").then_some(())
    });
    send("TERM", pid);
    send("CONT", pid);
    assert_eq!(executed.ended(), (128 + 15, String::new()));
    assert!(!world.is_active(&token));
}

#[test]
fn who_does_not_want_to_wait_for_a_session_to_begin_says_so() {
    let mut world = World::logged_in(&[]);
    world.issuer_goes_away();
    // Somebody takes connections there, and says nothing.
    let address = world.url.strip_prefix("http://").unwrap();
    let silent = until("the address is free", || TcpListener::bind(address).ok());
    let mut command = world.chancery.command(&["agent", "delegate", "--", "true"]);
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _asked = silent.accept().unwrap();
    send("INT", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(128 + 2));
}
