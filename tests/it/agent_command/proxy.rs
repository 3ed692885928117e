//! A program that knows only a fixed key.

mod answers;

use super::upstream::{Heard, Upstream, by_hand, said};
use super::world::{World, claims};
use crate::support::{Agent, until};
use axum::response::Response;
use chancery_tests::swallowing_proxy::SwallowingProxy;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};

/// A running proxy, and the key to it.
struct Proxied {
    agent: Agent,
    address: String,
    key: String,
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Proxied {
    fn to(world: &World, target: &str, more: &[&str]) -> Self {
        let agent = Agent::start(&world.chancery, &[&["proxy", "--to", target], more].concat());
        let address = agent.url().strip_prefix("http://").unwrap().to_owned();
        let file = agent.greeting.split_once("its key is in ").unwrap().1;
        let key = std::fs::read_to_string(world.folder.path().join(file)).unwrap().trim_end().to_owned();
        Self { agent, address, key }
    }

    /// Sends bytes, whatever they are.
    fn sends(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        read(&mut stream)
    }

    /// Asks with the key.
    fn asks(&self, line: &str, more: &str, body: &str) -> Answer {
        let (key, length) = (&self.key, body.len());
        self.sends(&format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\
             Content-Length: {length}\r\n{more}\r\n{body}"
        ))
    }

    fn gets(&self, path: &str) -> Answer {
        self.asks(&format!("GET {path}"), "", "")
    }
}

fn read(stream: &mut TcpStream) -> Answer {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

#[test]
fn a_program_with_the_key_asks_with_the_token_and_the_service_never_hears_of_the_key() {
    let world = World::logged_in(&["--bearer"]);
    let upstream = Upstream::answering(|_| said(200, "done"));
    let proxied = Proxied::to(&world, &upstream.at("/v1/"), &[]);
    let more =
        "Accept: a\r\nX-Hop: 1\r\nConnection: X-Hop\r\nUpgrade: websocket\r\nTE: trailers\r\nCookie: c\r\n";
    let answer = proxied.asks("POST /invoices?a=%20b", more, "the body");
    assert_eq!((answer.status, &*answer.body), (200, "done"), "{answer:?}");
    let [heard] = &upstream.heard()[..] else { panic!() };
    assert_eq!(
        (&*heard.method, &*heard.uri, &heard.body[..]),
        ("POST", "/v1/invoices?a=%20b", &b"the body"[..])
    );
    assert_eq!(heard.header("host"), upstream.host());
    assert_eq!(heard.header("authorization"), format!("Bearer {}", world.token()));
    assert_eq!((heard.header("accept"), heard.header("cookie")), ("a", "c"));
    for dropped in ["x-hop", "upgrade", "te", "connection", "dpop"] {
        assert_eq!(heard.header(dropped), "", "{dropped}");
    }
    assert!(!format!("{heard:?}").contains(&proxied.key));
    assert!(heard.headers.get_all("authorization").iter().count() == 1);
}

#[test]
fn without_the_key_nothing_goes_further() {
    let world = World::logged_in(&[]);
    let upstream = Upstream::answering(|_| said(200, "done"));
    let proxied = Proxied::to(&world, &upstream.at("/"), &[]);
    let with = |authorization: &str| {
        proxied.sends(&format!("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{authorization}\r\n"))
    };
    let (key, token) = (&proxied.key, world.token());
    for (authorization, reason) in [
        (String::new(), "proxy_key_missing"),
        (format!("Authorization: Basic {key}\r\n"), "proxy_key_missing"),
        (format!("Authorization: Bearer {key}\r\nAuthorization: Bearer {key}\r\n"), "proxy_key_missing"),
        (format!("Authorization: Bearer {key}x\r\n"), "proxy_key_wrong"),
        (format!("Authorization: Bearer {}\r\n", &key[..key.len() - 1]), "proxy_key_wrong"),
        (format!("Authorization: DPoP {token}\r\n"), "proxy_key_missing"),
        (format!("Authorization: Bearer {token}\r\n"), "proxy_key_wrong"),
    ] {
        let answer = with(&authorization);
        assert_eq!(answer.status, 401);
        assert!(
            answer.body.contains(reason) && answer.head.contains("www-authenticate: bearer"),
            "{answer:?}"
        );
    }
    assert!(upstream.heard().is_empty());
}

#[test]
fn a_request_goes_to_one_server_and_below_one_path() {
    let world = World::logged_in(&[]);
    let upstream = Upstream::answering(|_| said(200, "done"));
    let proxied = Proxied::to(&world, &upstream.at("/v1"), &[]);
    let elsewhere = upstream.at("/v1/x");
    for line in [&*format!("GET {elsewhere}"), "GET http://b.example/", "CONNECT b.example:443", "OPTIONS *"]
    {
        let answer = proxied.asks(line, "", "");
        assert!(
            answer.status == 400 && answer.body.contains("request_target_not_a_path"),
            "{line}: {answer:?}"
        );
    }
    for path in ["/../admin", "/%2e%2e/admin", "/a/..%2f..%2fadmin", "/.%2E"] {
        let answer = proxied.gets(path);
        assert!(answer.status == 400 && answer.body.contains("path_not_plain"), "{path}: {answer:?}");
    }
    assert!(upstream.heard().is_empty());
    assert_eq!(proxied.gets("//b.example/x").status, 200);
    assert_eq!(upstream.heard()[0].uri, "/v1//b.example/x");
}

#[test]
fn a_service_that_wants_proofs_and_nonces_gets_them_and_the_program_knows_of_neither() {
    let world = World::logged_in(&[]);
    for nonces in [false, true] {
        let upstream = Upstream::guarded(&world, nonces);
        let proxied = Proxied::to(&world, &upstream.at("/v1"), &[]);
        for _ in 0..3 {
            let answer = proxied.gets("/invoices");
            assert_eq!((answer.status, &*answer.body), (200, "reporter"), "{answer:?}");
            assert!(!answer.head.contains("dpop"), "{answer:?}");
        }
        assert_eq!(proxied.asks("POST /sums", "", " sums").body, "reporter sums");
        assert_eq!(proxied.gets("/nothing").status, 404);
    }
}

#[test]
fn a_token_that_is_refused_is_replaced_once_and_the_body_goes_again_where_it_is_small() {
    let world = World::logged_in(&["--bearer"]);
    let first = world.token();
    let refused = first.clone();
    let upstream =
        Upstream::answering(
            move |heard| {
                if heard.token() == refused { said(401, "revoked") } else { said(200, "done") }
            },
        );
    let proxied = Proxied::to(&world, &upstream.at("/"), &[]);
    let large = "x".repeat(64 * 1024 + 1);
    // Too large to be kept: the program hears of it, and the next one has another token.
    let answer = proxied.asks("POST /", "", &large);
    assert_eq!((answer.status, &*answer.body), (401, "revoked"));
    assert_eq!(upstream.heard()[0].body.len(), large.len());
    assert_eq!(proxied.asks("POST /", "", &large).status, 200);
    assert_ne!(upstream.heard()[1].token(), first);

    let world = World::logged_in(&["--bearer"]);
    let refused = world.token();
    let upstream =
        Upstream::answering(
            move |heard| {
                if heard.token() == refused { said(401, "revoked") } else { said(200, "done") }
            },
        );
    let proxied = Proxied::to(&world, &upstream.at("/"), &[]);
    let answer = proxied.asks("POST /", "", &large[..64 * 1024]);
    assert_eq!((answer.status, &*answer.body), (200, "done"));
    let [once, again] = &upstream.heard()[..] else { panic!() };
    assert!(once.token() != again.token() && once.body == again.body && once.body.len() == 64 * 1024);
}

#[test]
fn a_service_that_refuses_every_token_does_not_have_one_made_for_each_request() {
    let world = World::logged_in(&["--bearer"]);
    let upstream = Upstream::answering(|_| said(401, "no"));
    let proxied = Proxied::to(&world, &upstream.at("/"), &[]);
    let began = world.rotations();
    for _ in 0..20 {
        let answer = proxied.gets("/");
        assert_eq!((answer.status, &*answer.body), (401, "no"));
    }
    assert!(world.rotations() - began <= 2, "{}", world.rotations() - began);
}

/// Reads until `wanted` came.
fn read_up_to(stream: &mut TcpStream, wanted: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(wanted) {
        let mut bytes = [0; 1024];
        let read = stream.read(&mut bytes).unwrap();
        assert_ne!(read, 0, "it ended before {wanted}: {seen}");
        seen.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    seen
}

/// A refusal with each challenge in a header of its own.
fn challenged(challenges: &[&str], nonce: bool) -> Response {
    let mut answer = said(401, "no");
    for challenge in challenges {
        answer.headers_mut().append("www-authenticate", challenge.parse().unwrap());
    }
    if nonce {
        answer.headers_mut().insert("dpop-nonce", "n-1".parse().unwrap());
    }
    answer
}

#[test]
fn a_server_is_given_what_it_asks_for_whatever_it_asks_for_first() {
    let world = World::logged_in(&[]);
    let refused = world.token();
    let upstream = Upstream::answering(move |heard| {
        if !nonce_of(heard) {
            challenged(&["Bearer realm=\"a\"", "DPoP error=\"use_dpop_nonce\", algs=\"EdDSA\""], true)
        } else if heard.token() == refused {
            challenged(&["DPoP error=\"invalid_token\""], true)
        } else {
            said(200, "done")
        }
    });
    let proxied = Proxied::to(&world, &upstream.at("/"), &[]);
    let began = world.rotations();
    let answer = proxied.asks("POST /", "", "body");
    assert_eq!((answer.status, &*answer.body), (200, "done"));
    let heard = upstream.heard();
    assert_eq!(heard.len(), 3, "without a nonce, with one, and with another token");
    assert!(heard[0].token() == heard[1].token() && heard[1].token() != heard[2].token());
    assert!(heard.iter().all(|heard| heard.body == b"body"));
    assert_eq!(world.rotations() - began, 1);
}

/// Whether the proof of a request holds a nonce.
fn nonce_of(heard: &Heard) -> bool {
    claims(heard.header("dpop"))["nonce"] == "n-1"
}

#[test]
fn a_server_that_refuses_the_proof_costs_no_token() {
    let world = World::logged_in(&[]);
    let upstream = Upstream::answering(|_| challenged(&["DPoP error=\"invalid_dpop_proof\""], false));
    let proxied = Proxied::to(&world, &upstream.at("/"), &[]);
    let began = world.rotations();
    for _ in 0..3 {
        assert_eq!(proxied.gets("/").status, 401);
    }
    assert_eq!((upstream.heard().len(), world.rotations() - began), (3, 0));
}

#[test]
fn what_would_show_the_token_to_the_program_is_not_handed_on() {
    let world = World::logged_in(&[]);
    let upstream = Upstream::answering(|heard| said(200, &format!("{heard:?}")));
    let proxied = Proxied::to(&world, &upstream.at("/"), &[]);
    for method in ["TRACE", "trace", "TRACK"] {
        let answer = proxied.asks(&format!("{method} /"), "", "");
        assert!(answer.status == 405 && answer.head.contains("allow: get, "), "{method}: {answer:?}");
    }
    assert!(upstream.heard().is_empty());
}

#[test]
fn a_question_passes_through_as_it_comes() {
    let world = World::logged_in(&[]);
    // The second piece is sent when the service has the first one.
    let (heard, hears) = mpsc::channel();
    let upstream = by_hand(move |mut stream| {
        read_up_to(&mut stream, "first");
        heard.send(()).unwrap();
        read_up_to(&mut stream, "0\r\n\r\n");
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").unwrap();
    });
    let proxied = Proxied::to(&world, &upstream, &[]);
    let mut stream = TcpStream::connect(&proxied.address).unwrap();
    let key = &proxied.key;
    let head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n";
    write!(stream, "{head}Authorization: Bearer {key}\r\n\r\n5\r\nfirst\r\n").unwrap();
    hears.recv().unwrap();
    write!(stream, "6\r\nsecond\r\n0\r\n\r\n").unwrap();
    assert_eq!(read(&mut stream).body, "done");
}

#[test]
fn what_is_large_is_not_held_in_memory() {
    const PIECES: usize = 128;
    let world = World::logged_in(&[]);
    let upstream = by_hand(|mut stream| {
        read_up_to(&mut stream, "\r\n\r\n");
        let (mut left, mut bytes) = (PIECES << 20, vec![0; 1 << 16]);
        // What came with the head is missing here: the last piece of it is as large at most.
        while left > 1024 {
            let read = stream.read(&mut bytes).unwrap();
            assert_ne!(read, 0, "{left} bytes are missing");
            left -= read;
        }
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone").unwrap();
    });
    let proxied = Proxied::to(&world, &upstream, &[]);
    let mut stream = TcpStream::connect(&proxied.address).unwrap();
    let (key, piece) = (&proxied.key, vec![b'x'; 1 << 20]);
    let head =
        format!("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n", PIECES << 20);
    write!(stream, "{head}Authorization: Bearer {key}\r\n\r\n").unwrap();
    for _ in 0..PIECES {
        stream.write_all(&piece).unwrap();
    }
    assert_eq!(read(&mut stream).body, "done");
    let kib = proxied.agent.kib("VmHWM");
    assert!(kib < 64 * 1024, "{kib} KiB for 128 MiB");
}

#[test]
fn the_key_stays_the_same_over_restarts_and_is_its_owners() {
    let world = World::logged_in(&[]);
    let (first, second) = (
        Proxied::to(&world, "http://127.0.0.1:9", &["--key-out", "proxy.key"]),
        Proxied::to(&world, "http://127.0.0.1:9", &["--key-out", "proxy.key"]),
    );
    assert_eq!(first.key, second.key);
    assert_eq!(world.folder.mode("proxy.key"), 0o600);
    let usual = Proxied::to(&world, "http://127.0.0.1:9", &["--json"]);
    assert_ne!(usual.key, first.key);
    assert_eq!(world.folder.mode(&World::file("proxy.key")), 0o600);
    usual.agent.signal("TERM");
    let (code, out, _) = usual.agent.ended();
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &told["to"]), (0, &"http://127.0.0.1:9/".into()));
    let refused =
        |words: &[&str]| world.refused(&[&["proxy", "--to", "http://127.0.0.1:9"], words].concat(), 2);
    world.folder.write("other", "chs_test_x\n");
    assert_eq!(refused(&["--key-out", "other"]), "proxy_key_unusable");
    assert_eq!(refused(&["--listen", "0.0.0.0:0"]), "listen_beyond_this_machine");
    assert_eq!(world.refused(&["proxy", "--to", "http://api.example.com"], 2), "proxy_target");
    assert_eq!(world.folder.read("other"), "chs_test_x\n");
    let open = Proxied::to(&world, "http://127.0.0.1:9", &["--listen", "0.0.0.0:0", "--listen-dangerously"]);
    assert!(open.address.starts_with("0.0.0.0:"));
}

#[test]
fn who_is_away_is_told_apart() {
    let mut world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let upstream = Upstream::answering(|_| said(503, "the service itself"));
    let wire = SwallowingProxy::in_front_of(upstream.host().parse().unwrap()).unwrap();
    let proxied = Proxied::to(&world, &format!("http://{}", wire.address()), &[]);
    assert_eq!((proxied.gets("/").status, &*proxied.gets("/").body), (503, "the service itself"));
    wire.refuse();
    let answer = until("nobody behind", || Some(proxied.gets("/")).filter(|answer| answer.status == 502));
    assert!(answer.body.contains("upstream_unreachable"), "{answer:?}");
    wire.heal();
    world.issuer_goes_away();
    world.advance(901);
    let answer = until("no token", || {
        Some(proxied.gets("/")).filter(|answer| answer.body.contains("issuer_unreachable"))
    });
    assert!(answer.status == 503 && answer.head.contains("retry-after: "), "{answer:?}");
    world.issuer_comes_back();
    until("a token", || {
        world.advance(5);
        (proxied.gets("/").body == "the service itself").then_some(())
    });
    world.agent(&["logout"]).expect(0);
    let answer = until("no session", || {
        world.advance(5);
        Some(proxied.gets("/")).filter(|answer| answer.status == 502)
    });
    assert!(answer.body.contains("no_session"), "{answer:?}");
}

#[test]
fn a_redirect_of_the_service_leads_through_the_proxy_again() {
    let world = World::logged_in(&[]);
    let locations = Arc::new(Mutex::new(vec!["/v1/x/?a=b", "https://elsewhere.example/"]));
    let upstream = Upstream::answering(move |_| {
        let mut answer = said(307, "");
        let location = locations.lock().unwrap().remove(0);
        answer.headers_mut().insert("location", location.parse().unwrap());
        answer
    });
    let proxied = Proxied::to(&world, &upstream.at("/v1"), &[]);
    for location in ["location: /x/?a=b\r\n", "location: https://elsewhere.example/\r\n"] {
        let answer = proxied.gets("/x");
        assert!(answer.status == 307 && answer.head.contains(location), "{answer:?}");
    }
}
