//! One refresher for a machine.

use super::world::{World, asks};
use crate::support::{Agent, LocalHttp, until};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::Command;
use std::thread;

#[test]
fn an_agent_listens_at_a_socket_that_is_its_owners_alone_and_ends_when_asked() {
    let world = World::logged_in(&[]);
    for signal in ["TERM", "INT"] {
        let agent = Agent::start(&world.chancery, &["serve", "--json"]);
        let socket = agent.socket();
        assert_eq!(agent.greeting, format!("The agent serves session 'default' at {}", socket.display()));
        assert_eq!(socket, world.folder.file(&World::file("sock")));
        assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
        let given = LocalHttp::at(&socket).get("/token");
        assert_eq!((given.status, given.text("access_token")), (200, &*world.token()));
        agent.signal(signal);
        let (code, out, _) = agent.ended();
        let told: Value = serde_json::from_str(&out).unwrap();
        let url = format!("http+unix://{}/token", socket.to_str().unwrap().replace('/', "%2F"));
        assert_eq!((code, &told["socket"], &told["url"]), (0, &json!(socket), &url.into()));
        assert!(!socket.exists(), "{signal}");
    }
}

#[test]
fn a_second_agent_on_a_socket_is_refused_and_a_dead_ones_is_replaced() {
    let world = World::logged_in(&[]);
    let first = Agent::start(&world.chancery, &["serve"]);
    let again = world.agent(&["serve"]).expect(6);
    assert!(
        again.err.contains("another agent serves") && again.err.contains(&first.pid().to_string()),
        "{again:?}"
    );
    assert_eq!(world.refused(&["serve"], 6), "agent_serves_already");
    assert_eq!(LocalHttp::at(&first.socket()).get("/token").status, 200);
    let socket = first.socket();
    first.kill();
    assert!(socket.exists(), "a killed one leaves its name behind");
    let second = Agent::start(&world.chancery, &["serve"]);
    assert_eq!(second.socket(), socket);
    assert_eq!(LocalHttp::at(&socket).get("/token").status, 200);
    // Two agents may stand side by side, at two places.
    let third = Agent::start(&world.chancery, &["serve", "--socket", "beside/agent.sock"]);
    assert_eq!(world.folder.mode("beside"), 0o700);
    assert_eq!(third.socket(), world.folder.file("beside/agent.sock"));
}

#[test]
fn an_agent_listens_at_no_place_where_others_could_stand_in_for_it() {
    let world = World::logged_in(&[]);
    world.folder.write("precious", "x");
    let taken = world.agent(&["serve", "--socket", "precious"]).expect(6);
    assert!(taken.err.contains("is no socket"), "{taken:?}");
    assert!(!world.folder.file("precious.lock").exists(), "nothing is left behind");
    assert_eq!(world.folder.read("precious"), "x");
    let open = world.folder.file("open");
    fs::create_dir(&open).unwrap();
    let set = |mode| fs::set_permissions(&open, fs::Permissions::from_mode(mode)).unwrap();
    for mode in [0o777, 0o775] {
        set(mode);
        assert_eq!(world.refused(&["serve", "--socket", "open/agent.sock"], 6), "socket_folder_open");
    }
    // In one like /tmp nobody takes away what is there.
    set(0o1777);
    let agent = Agent::start(&world.chancery, &["serve", "--socket", "open/agent.sock"]);
    assert!(agent.log().contains("warning: others may write to"), "{}", agent.log());
    assert_eq!(LocalHttp::at(&agent.socket()).get("/token").status, 200);
    drop(agent);
    // What is written to beside the socket is nothing else by another name.
    for link in [true, false] {
        let lock = world.folder.file("open/linked.sock.lock");
        let linked = if link {
            symlink(world.folder.file("precious"), &lock)
        } else {
            fs::hard_link(world.folder.file("precious"), &lock)
        };
        linked.unwrap();
        assert_eq!(world.refused(&["serve", "--socket", "open/linked.sock"], 6), "cannot_listen");
        assert_eq!(world.folder.read("precious"), "x");
        fs::remove_file(lock).unwrap();
    }
    // A socket of another kind lives, though nobody can connect to it.
    let other = UnixDatagram::bind(world.folder.file("other.sock")).unwrap();
    assert_eq!(world.refused(&["serve", "--socket", "other.sock"], 6), "cannot_listen");
    assert!(world.folder.file("other.sock").exists());
    drop(other);
    let long = format!("{}/agent.sock", "long".repeat(40));
    let refused = world.agent(&["serve", "--socket", &long]).expect(6);
    assert!(refused.err.contains("103 bytes") && refused.err.contains("--socket PATH"), "{refused:?}");
    assert!(!world.folder.file(&format!("{long}.lock")).exists());
}

#[test]
fn another_user_is_sent_away_even_where_the_folder_lets_him_in() {
    let world = World::logged_in(&[]);
    let agent = Agent::start(&world.chancery, &["serve", "--socket", "shared/agent.sock"]);
    let socket = agent.socket();
    let asks = |uid: Option<u32>| {
        let become_other = uid.map_or(String::new(), |uid| format!("os.setuid({uid}); "));
        let program = format!(
            "import os, socket, sys; {become_other}s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); \
             s.sendall(b'GET /token HTTP/1.0\\r\\n\\r\\n'); print(len(s.recv(100)))"
        );
        Command::new("python3").args(["-c", &program]).arg(&socket).output().unwrap()
    };
    let own = asks(None);
    assert_eq!(String::from_utf8_lossy(&own.stdout), "100\n", "{own:?}");
    // Only root can become another user.
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if is_root {
        let mode = |path: &std::path::Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        for folder in [world.folder.path(), socket.parent().unwrap()] {
            mode(folder, 0o755);
        }
        mode(&socket, 0o666);
        let other = asks(Some(65_534));
        let refused = String::from_utf8_lossy(&other.stdout) == "0\n" || !other.status.success();
        assert!(refused, "{other:?}");
        until("it is told", || agent.log().contains("another user is sent away").then_some(()));
    } else {
        eprintln!("another user was not tried: only root can become one");
    }
}

#[test]
fn an_agent_renews_also_while_nobody_asks() {
    let world = World::with_clock();
    world.login(&[]).expect(0);
    let agent = Agent::start(&world.chancery, &["serve"]);
    let socket = LocalHttp::at(&agent.socket());
    for renewals in 1..=3 {
        world.advance(460);
        until("a renewal", || asks(&socket, "/status", 200).filter(|status| status["renewals"] == renewals));
    }
}

#[test]
fn r_11_7_sixty_four_programs_that_ask_at_once_cause_one_renewal() {
    let world = World::with_clock();
    world.login(&[]).expect(0);
    let agent = Agent::start(&world.chancery, &["serve"]);
    let socket = LocalHttp::at(&agent.socket());
    let began = world.rotations();
    world.advance(895);
    let tokens: Vec<String> = thread::scope(|scope| {
        let asking: Vec<_> =
            (0..64).map(|_| scope.spawn(|| socket.get("/token").text("access_token").to_owned())).collect();
        asking.into_iter().map(|asking| asking.join().unwrap()).collect()
    });
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(world.rotations() - began, 1);
}

#[test]
fn an_agent_starts_without_an_issuer_and_says_so_until_it_comes() {
    let mut world = World::with_clock();
    world.login(&[]).expect(0);
    world.issuer_goes_away();
    world.advance(901);
    let agent = Agent::start(&world.chancery, &["serve"]);
    let socket = LocalHttp::at(&agent.socket());
    until("the refusal", || asks(&socket, "/token", 503));
    world.issuer_comes_back();
    until("a token", || {
        world.advance(2);
        asks(&socket, "/token", 200)
    });
}

#[test]
fn connections_that_somebody_forgot_to_close_keep_nobody_from_a_token_for_long() {
    let world = World::with_clock();
    world.login(&[]).expect(0);
    // With as few descriptors as such a test can fill, of which it has to ask for most.
    let plain = world.chancery.command(&["agent", "serve"]);
    let mut few = Command::new("/bin/sh");
    few.args(["-c", "ulimit -n 300; ulimit -Sn 100; exec \"$0\" \"$@\""])
        .arg(plain.get_program())
        .args(plain.get_args());
    few.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let agent = Agent::of(few);
    let socket = LocalHttp::at(&agent.socket());
    let first = socket.get("/token").text("access_token").to_owned();
    let forgotten: Vec<UnixStream> = (0..320).map(|_| UnixStream::connect(agent.socket()).unwrap()).collect();
    // The session is renewed meanwhile: descriptors are left for that.
    world.advance(460);
    let token = until("a renewal", || {
        let token = world.kept()["access_token"].as_str().unwrap().to_owned();
        (token != first).then_some(token)
    });
    world.advance(31);
    until("it is given out", || (socket.get("/token").text("access_token") == token).then_some(()));
    drop(forgotten);
}

#[test]
fn an_agent_that_ends_takes_away_its_own_socket_and_no_other() {
    let world = World::logged_in(&[]);
    let first = Agent::start(&world.chancery, &["serve"]);
    let (socket, lock) = (first.socket(), first.socket().with_extension("sock.lock"));
    // Somebody tidied up.
    fs::remove_file(&socket).unwrap();
    fs::remove_file(lock).unwrap();
    let _second = Agent::start(&world.chancery, &["serve"]);
    first.signal("TERM");
    assert_eq!(first.ended().0, 0);
    assert_eq!(LocalHttp::at(&socket).get("/token").status, 200);
}

#[test]
fn an_agent_takes_little_of_the_machine() {
    let world = World::logged_in(&[]);
    let agent = Agent::start(&world.chancery, &["serve"]);
    let socket = LocalHttp::at(&agent.socket());
    for _ in 0..200 {
        assert_eq!(socket.get("/token").status, 200);
    }
    // Its benchmark holds it to less; here only what grows with requests would show.
    let kib = agent.kib("VmRSS");
    assert!(kib < 40_000, "{kib} KiB");
}
