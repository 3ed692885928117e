//! Where secrets are not.

use super::exec::Executed;
use super::upstream::{Upstream, said};
use super::world::World;
use crate::support::{Agent, LocalHttp};
use serde_json::json;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// What a process shows to everybody of the machine, and what it was started with.
fn shown(pid: u32) -> Vec<(String, Vec<u8>)> {
    ["cmdline", "environ"]
        .map(|name| (format!("{name} of {pid}"), fs::read(format!("/proc/{pid}/{name}")).unwrap()))
        .into()
}

/// The processes that this one started.
pub(super) fn children(pid: u32) -> Vec<u32> {
    let told = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    told.split_whitespace().map(|child| child.parse().unwrap()).collect()
}

#[test]
fn r08_no_secret_is_in_an_argument_a_variable_a_log_or_a_file_but_its_own() {
    let world = World::new();
    let chancery = world.chancery.clone().set("LOG__LEVEL", "trace");
    let login = [
        "agent",
        "login",
        "--issuer",
        &world.url,
        "--client-id",
        "reporter",
        "--secret-file",
        "reporter.secret",
    ];
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    let mut told =
        |ran: crate::support::Ran| places.push(("output".to_owned(), (ran.out + &ran.err).into_bytes()));
    told(chancery.run(&[&login[..], &["--json"]].concat()).expect(0));
    told(chancery.run(&["agent", "status"]).expect(0));
    told(chancery.run(&["agent", "token", "--name", "nobody"]).expect(2));
    told(chancery.run(&login).expect(0));
    let upstream = Upstream::answering(|_| said(200, "done"));
    let serving = Agent::start(&chancery, &["serve"]);
    let proxying = Agent::start(&chancery, &["proxy", "--to", &upstream.at("/"), "--key-out", "proxy.key"]);
    let (executed, lent) = (Executed::start(&chancery, &["exec"]), Executed::start(&chancery, &["delegate"]));
    // Everything is asked for once, good and bad.
    let key = world.folder.read("proxy.key").trim_end().to_owned();
    let mut stream = TcpStream::connect(proxying.url().strip_prefix("http://").unwrap()).unwrap();
    write!(
        stream,
        "GET /?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n"
    )
    .unwrap();
    stream.read_to_string(&mut String::new()).unwrap();
    for socket in [&LocalHttp::at(&serving.socket()), &executed.socket, &lent.socket] {
        let given = socket.get("/token").text("access_token").to_owned();
        socket.post("/proof", &json!({ "method": "GET", "url": "https://api.example.com/" }));
        socket.ask("POST", "/forget", &format!("{{\"access_token\":\"{given}\""));
        socket.get(&format!("/{given}"));
    }
    let tokens = [executed.token(), lent.token()];
    for pid in [serving.pid(), proxying.pid(), executed.child.id(), lent.child.id()] {
        places.extend(shown(pid));
        places.extend(children(pid).into_iter().flat_map(shown));
    }
    let kept = world.kept();
    let of = |member: &serde_json::Value| member.as_str().unwrap().to_owned();
    let mut secrets =
        vec![of(&kept["authentication"]["secret"]), of(&kept["refresh_token"]), of(&kept["dpop_key"]), key];
    secrets.extend(tokens);
    for (name, agent) in [("serve", serving), ("proxy", proxying)] {
        agent.signal("TERM");
        let (code, out, log) = agent.ended();
        assert_eq!(code, 0, "{log}");
        places.push((name.to_owned(), (out + &log).into_bytes()));
    }
    for executed in [executed, lent] {
        let (code, log) = executed.ended();
        assert_eq!(code, 0, "{log}");
        places.push(("exec".to_owned(), log.into_bytes()));
    }
    for path in world.folder.files() {
        let own = ["default.json", "reporter.secret", "proxy.key"];
        if !own.iter().any(|name| path.ends_with(name)) {
            places.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    assert!(
        places.iter().filter(|(place, _)| place.starts_with("environ of")).count() >= 6,
        "the commands were seen"
    );
    for (number, secret) in secrets.iter().enumerate() {
        // Some of it is as bad as all of it.
        for needle in [secret.as_str(), &secret[secret.len() / 2..]] {
            for (place, content) in &places {
                let found = content.windows(needle.len()).any(|window| window == needle.as_bytes());
                assert!(!found, "secret {number} is in {place}");
            }
        }
    }
}
