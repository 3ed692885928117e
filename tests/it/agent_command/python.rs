//! A worker in Python, with its standard library alone.

use super::upstream::{Upstream, said};
use super::world::World;
use axum::http::header::LOCATION;
use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};

/// Reads the token from its file, and a proof from the socket, for each request.
const WORKER: &str = r#"
import http.client, json, os, socket, sys, urllib.parse, urllib.request

class Agent(http.client.HTTPConnection):
    """The socket that CHANCERY_TOKEN_URL names."""

    def __init__(self):
        host, self.resource = os.environ["CHANCERY_TOKEN_URL"].removeprefix("http+unix://").split("/")
        self.path = urllib.parse.unquote(host)
        super().__init__("agent")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)

    def ask(self, method, path, question=None):
        self.request(method, path, question and json.dumps(question))
        answer = self.getresponse()
        return answer.status, json.loads(answer.read())


def asked(url, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode(), refusal.headers


url, agent = sys.argv[1], Agent()
with open(os.environ["CHANCERY_TOKEN_FILE"]) as file:
    token = file.read().strip()
status, given = agent.ask("GET", "/token?min_ttl=60")
assert status == 200 and given["access_token"] == token, given
if given["token_type"] == "Bearer":
    print(*asked(url, {"Authorization": "Bearer " + token})[:2])
else:
    nonce = {}
    for attempt in range(2):
        status, proof = agent.ask("POST", "/proof", {"method": "GET", "url": url, **nonce})
        assert status == 200, proof
        status, text, headers = asked(url, {"Authorization": proof["authorization"], "DPoP": proof["dpop"]})
        if status != 401 or "DPoP-Nonce" not in headers:
            break
        nonce = {"nonce": headers["DPoP-Nonce"]}
    print(status, text)
    print(asked(url, {"Authorization": "Bearer " + token})[0])
"#;

fn works(world: &World, upstream: &Upstream) -> String {
    let run = runs(world, WORKER, &upstream.at("/v1/invoices"));
    assert!(run.status.success(), "{run:?}");
    String::from_utf8(run.stdout).unwrap()
}

/// Runs a program behind the agent, with an address to ask.
fn runs(world: &World, program: &str, url: &str) -> Output {
    world.folder.write("worker.py", program);
    let words = ["agent", "exec", "--", "/usr/bin/env", "python3", "worker.py", url];
    world.chancery.command(&words).stdin(Stdio::null()).env("PATH", python()).output().unwrap()
}

/// The one that the guide has people copy.
fn of_the_guide() -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides/agents.md");
    let guide = fs::read_to_string(guide).unwrap();
    let (_, rest) = guide.split_once("cat > worker.py <<'END'\n").unwrap();
    rest.split_once("\nEND\n").unwrap().0.to_owned()
}

/// Where this machine's Python is found.
fn python() -> String {
    let asked = std::process::Command::new("python3")
        .args(["-c", "import sys; print(sys.base_prefix)"])
        .output()
        .unwrap();
    format!("{}/bin:/usr/bin:/bin", String::from_utf8(asked.stdout).unwrap().trim_end())
}

#[test]
fn s7_a_worker_in_python_shows_its_token_with_a_proof_for_each_request() {
    let world = World::logged_in(&[]);
    for nonces in [false, true] {
        let upstream = Upstream::guarded(&world, nonces);
        assert_eq!(works(&world, &upstream), "200 reporter\n401\n", "and the token alone is worth nothing");
    }
}

#[test]
fn a_worker_in_python_that_shows_a_token_alone_needs_nothing_but_its_file() {
    let world = World::logged_in(&["--bearer"]);
    let upstream = Upstream::guarded(&world, false);
    assert_eq!(works(&world, &upstream), "200 reporter\n");
}

#[test]
fn the_worker_of_the_guide_shows_its_token_at_one_address_whatever_it_is_bound_to() {
    let world = World::logged_in(&["--bearer"]);
    let elsewhere = Upstream::answering(|_| said(200, "{\"title\":\"taken\"}"));
    let there = elsewhere.at("/");
    let upstream = Upstream::answering(move |heard| {
        if heard.uri == "/moved" {
            let mut answer = said(302, "");
            answer.headers_mut().insert(LOCATION, there.parse().unwrap());
            return answer;
        }
        said(200, "{\"title\":\"read\"}")
    });
    let run = runs(&world, &of_the_guide(), &upstream.at("/"));
    assert_eq!((run.status.code(), &*run.stdout), (Some(0), &b"read\n"[..]), "{run:?}");
    let run = runs(&world, &of_the_guide(), &upstream.at("/moved"));
    assert!(!run.status.success() && run.stdout.is_empty(), "{run:?}");
    assert!(elsewhere.heard().is_empty());
    let shown = format!("Bearer {}", world.token());
    assert!(upstream.heard().iter().all(|heard| heard.header("authorization") == shown));
}
