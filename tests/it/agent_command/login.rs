//! A session begins, is looked at, and ends.

use super::world::World;
use crate::support::{Http, until};

#[test]
fn a_session_is_begun_once_and_goes_on_from_its_file_alone() {
    let world = World::new();
    let told = world.login(&[]).expect(0).out;
    assert!(told.starts_with(&format!("Session default: reporter at {}\n", world.url)), "{told}");
    assert!(told.contains("live; the token ends") && told.contains("by refresh tokens"), "{told}");
    assert_eq!(world.folder.mode(&World::file("json")), 0o600);
    assert_eq!(world.folder.mode(".local/state/chancery/agent"), 0o700);
    // What it was begun with is not needed again.
    std::fs::remove_file(world.folder.file("reporter.secret")).unwrap();
    let token = world.agent(&["token"]).expect(0);
    assert_eq!((token.out.lines().count(), token.err.as_str()), (1, ""), "the token and nothing else");
    let status = world.agent(&["status", "--json"]).expect(0).json();
    assert_eq!(
        (&status["name"], &status["client_id"], &status["binding"], &status["state"]["phase"]),
        (&"default".into(), &"reporter".into(), &"dpop".into(), &"live".into())
    );
    world.agent(&["logout"]).expect(0);
    assert!(!world.folder.file(&World::file("json")).exists());
}

#[test]
fn what_there_is_for_people_and_for_programs_says_the_same() {
    let world = World::new();
    let begun =
        world.login(&["--scope", "invoices:read offline_access", "--bearer", "--json"]).expect(0).json();
    assert_eq!((&begun["binding"], &begun["state"]["scope"]), (&"bearer".into(), &"invoices:read".into()));
    let text = world.agent(&["status"]).expect(0).out;
    for told in ["invoices:read", "whoever has a token may use it", "by refresh tokens", "default.json"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let token = world.agent(&["token", "--json"]).expect(0).json();
    assert_eq!((&token["token_type"], &token["scope"]), (&"Bearer".into(), &"invoices:read".into()));
    assert!(token["expires_in"].as_u64().is_some_and(|left| left <= 900 && left > 800), "{token}");
    let plain = world.token();
    assert_eq!(token["access_token"], plain.as_str());
}

#[test]
fn a_session_is_not_begun_over_another_one_by_mistake() {
    let world = World::logged_in(&[]);
    let first = world.token();
    world.login(&[]).expect(0);
    assert_eq!(world.token(), first, "that is the one that was asked for");
    let again = world.login(&["--scope", "invoices:create"]).expect(2);
    assert!(again.err.contains("chancery agent logout") && again.err.contains("--replace"), "{again:?}");
    assert_eq!(world.token(), first);
    let words = ["--replace", "--scope", "invoices:create"];
    world.login(&words).expect(0);
    assert_ne!(world.token(), first);
}

#[test]
fn names_and_folders_keep_sessions_apart() {
    let world = World::new();
    world.login(&["--scope", "invoices:read"]).expect(0);
    world.login(&["--scope", "invoices:create", "--name", "writer"]).expect(0);
    world.login(&["--scope", "invoices:read invoices:create", "--home", "elsewhere"]).expect(0);
    let scope = |more: &[&str]| {
        let told = world.agent(&[&["token", "--json"], more].concat()).expect(0).json();
        told["scope"].as_str().unwrap().to_owned()
    };
    assert_eq!(scope(&[]), "invoices:read");
    assert_eq!(scope(&["--name", "writer"]), "invoices:create");
    assert!(scope(&["--home", "elsewhere"]).contains(' '));
    world.agent(&["logout", "--name", "writer"]).expect(0);
    let gone = world.agent(&["token", "--name", "writer"]).expect(2);
    assert!(gone.err.contains("chancery agent login --name writer --issuer"), "{gone:?}");
    assert_eq!(scope(&[]), "invoices:read");
    for bad in ["../default", "a/b", "", ".x"] {
        assert_eq!(world.refused(&["token", "--name", bad], 2), "usage");
    }
}

#[test]
fn every_verb_names_the_command_that_begins_a_session() {
    let world = World::new();
    let run = ["--", "/bin/true"];
    for words in [
        &["token"][..],
        &["status"],
        &["logout"],
        &["serve"],
        &["exec", run[0], run[1]],
        &["delegate", run[0], run[1]],
        &["proxy", "--to", "http://127.0.0.1:9"],
    ] {
        let ran = world.agent(words).expect(2);
        assert!(
            ran.err.contains("no session") && ran.err.contains("chancery agent login --issuer"),
            "{words:?}: {ran:?}"
        );
        assert_eq!(ran.out, "");
    }
    assert_eq!(world.refused(&["token"], 2), "no_session");
    assert!(!world.home().exists(), "who only looks makes nothing");
}

#[test]
fn a_login_that_fails_leaves_nothing_and_says_what_to_mend() {
    let mut world = World::new();
    let reason = |ran: crate::support::Ran| ran.json()["reason"].as_str().unwrap().to_owned();
    world.folder.write("wrong.secret", "chs_test_wrong\n");
    let with = |proof: &[&str], issuer: &str| {
        let words = ["login", "--issuer", issuer, "--client-id", "reporter", "--json"];
        world.agent(&[&words, proof].concat())
    };
    let url = world.url.clone();
    assert_eq!(
        reason(with(&["--secret-file", "wrong.secret"], &url).expect(1)),
        "client_authentication_failed"
    );
    let mend = |ran: crate::support::Ran| ran.json()["fix"].as_str().unwrap_or_default().to_owned();
    assert!(mend(with(&["--secret-file", "nowhere"], &url).expect(2)).contains("chancery client create"));
    assert_eq!(reason(with(&["--secret-file", "nowhere"], &url).expect(2)), "secret_unreadable");
    assert_eq!(reason(with(&["--key-file", "reporter.secret"], &url).expect(2)), "key_file_unreadable");
    assert_eq!(reason(with(&[], &url).expect(2)), "usage");
    let other = with(&["--secret-file", "reporter.secret"], &url.replace("127.0.0.1", "localhost")).expect(1);
    assert!(mend(other).ends_with(&format!("--issuer {url}")));
    assert_eq!(
        reason(with(&["--secret-file", "reporter.secret"], "http://auth.example.com").expect(2)),
        "issuer_url"
    );
    assert_eq!(reason(world.login(&["--scope", "invoices:delete", "--json"]).expect(1)), "scopes_refused");
    world.issuer_goes_away();
    assert_eq!(reason(world.login(&["--json"]).expect(7)), "issuer_unreachable");
    assert!(!world.folder.file(&World::file("json")).exists());
    assert_eq!(world.refused(&["token"], 2), "no_session");
}

#[test]
fn r50_who_logs_out_takes_every_token_of_the_session_with_it_and_no_other() {
    let world = World::logged_in(&["--bearer"]);
    world.login(&["--bearer", "--name", "other"]).expect(0);
    let other = world.agent(&["token", "--name", "other"]).expect(0).out;
    let (token, refresh) = (world.token(), world.kept()["refresh_token"].as_str().unwrap().to_owned());
    assert!(world.is_active(&token));
    let told = world.agent(&["logout", "--json"]).expect(0).json();
    assert_eq!(told["revoked"], true);
    assert!(!world.is_active(&token) && world.is_active(other.trim_end()));
    let secret = world.folder.read("reporter.secret");
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    let shown = Http::new().try_form(&world.url, "reporter", secret.trim_end(), &form).unwrap();
    assert_eq!(shown.body["reason"], "refresh_token_ended");
    assert_eq!(world.refused(&["logout"], 2), "no_session");
}

#[test]
fn an_issuer_that_is_away_keeps_a_session_from_being_forgotten_but_not_from_being_over_here() {
    let mut world = World::logged_in(&["--bearer"]);
    let token = world.token();
    world.issuer_goes_away();
    let told = world.agent(&["logout"]).expect(7);
    assert!(told.err.contains("log out again later"), "{told:?}");
    world.agent(&["token"]).expect(2);
    let status = world.agent(&["status", "--json"]).expect(1).json();
    assert_eq!(status["state"]["phase"], "ending");
    world.issuer_comes_back();
    assert!(world.is_active(&token), "the issuer was not told");
    world.agent(&["logout"]).expect(0);
    assert!(!world.is_active(&token));
    assert!(!world.folder.file(&World::file("json")).exists());
}

#[test]
fn a_logout_that_is_refused_for_good_says_how_to_go_on() {
    let world = World::logged_in(&["--bearer"]);
    world.chancery.run(&["client", "disable", "reporter", "--reason", "a move"]).expect(0);
    let secret = world.folder.read("reporter.secret");
    until("the issuer hears of it", || {
        let asked = Http::new().ask_for_token(&world.url, "reporter", secret.trim_end(), "");
        (asked.status == 401).then_some(())
    });
    let refused = world.agent(&["logout"]).expect(1);
    assert!(refused.err.contains("login --replace") && refused.err.contains("default.json"), "{refused:?}");
    let next = world.agent(&["token"]).expect(2);
    assert!(next.err.contains("login --replace"), "{next:?}");
}

#[test]
fn a_session_goes_on_by_the_secret_that_took_the_place_of_the_one_it_began_with() {
    let world = World::logged_in(&["--bearer"]);
    let (first, old) = (world.token(), world.folder.read("reporter.secret"));
    world.chancery.run(&["client", "secret", "add", "reporter", "--out", "next.secret"]).expect(0);
    let next = world.folder.read("next.secret");
    let words = ["login", "--issuer", &world.url, "--client-id", "reporter", "--bearer", "--secret-file"];
    let login = |file: &str| world.agent(&[&words[..], &[file]].concat());
    world.folder.write("wrong.secret", "chs_test_wrong\n");
    login("wrong.secret").expect(1);
    assert_eq!(
        world.kept()["authentication"]["secret"],
        old.trim_end(),
        "one that is wrong takes nobody's place"
    );
    // A running issuer hears of the change within a second.
    let told = until("the new secret counts", || Some(login("next.secret")).filter(|ran| ran.code == 0));
    assert!(told.err.contains("goes on by these credentials"), "{told:?}");
    assert_eq!(world.kept()["authentication"]["secret"], next.trim_end());
    assert_eq!(world.token(), first, "the session is the same");
}
