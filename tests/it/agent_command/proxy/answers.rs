//! What the service behind a proxy says, and how.

use super::{Proxied, read_up_to};
use crate::agent_command::upstream::{Upstream, by_hand};
use crate::agent_command::world::World;
use crate::support::until;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// Far longer than twenty answers take.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn an_answer_passes_through_as_it_comes() {
    let world = World::logged_in(&[]);
    // The second piece is sent when the test has read the first one.
    let (go_on, waits) = mpsc::channel::<()>();
    let upstream = by_hand(move |mut stream| {
        read_up_to(&mut stream, "\r\n\r\n");
        write!(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n").unwrap();
        waits.recv().unwrap();
        write!(stream, "6\r\nsecond\r\n0\r\n\r\n").unwrap();
    });
    let proxied = Proxied::to(&world, &upstream, &[]);
    let mut stream = TcpStream::connect(&proxied.address).unwrap();
    let key = &proxied.key;
    write!(stream, "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n").unwrap();
    assert!(!read_up_to(&mut stream, "first").contains("second"));
    go_on.send(()).unwrap();
    read_up_to(&mut stream, "second");
}

#[test]
fn what_the_service_packed_the_program_unpacks() {
    let world = World::logged_in(&[]);
    let packed: &[u8] = &[0x1f, 0x8b, 1, 2, 3];
    let upstream = Upstream::answering(move |_| {
        let headers =
            [("content-encoding", "gzip"), ("content-range", "bytes 0-4/9"), ("etag", "\"packed\"")];
        (StatusCode::PARTIAL_CONTENT, headers, packed).into_response()
    });
    let proxied = Proxied::to(&world, &upstream.at("/"), &[]);
    let mut stream = TcpStream::connect(&proxied.address).unwrap();
    let (key, mut answer) = (&proxied.key, Vec::new());
    write!(stream, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n")
        .unwrap();
    stream.read_to_end(&mut answer).unwrap();
    let head = String::from_utf8_lossy(&answer[..answer.len() - packed.len()]).to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 206 ") && answer.ends_with(packed), "{head}");
    for header in ["content-encoding: gzip\r\n", "content-length: 5\r\n", "etag: \"packed\"\r\n"] {
        assert!(head.contains(header), "{header}: {head}");
    }
    let [heard] = &upstream.heard()[..] else { panic!() };
    assert_eq!(heard.header("accept-encoding"), "", "the program did not ask for it");
}

#[test]
fn a_service_that_speaks_another_protocol_is_none() {
    let world = World::logged_in(&[]);
    let upstream = by_hand(|mut stream| {
        read_up_to(&mut stream, "\r\n\r\n");
        write!(stream, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
            .unwrap();
    });
    let answer = Proxied::to(&world, &upstream, &[]).gets("/");
    assert!(answer.status == 502 && answer.body.contains("upstream_unreachable"), "{answer:?}");
}

#[test]
fn a_service_that_never_comes_to_its_answer_stops_nobody_else() {
    let world = World::with_clock();
    world.login(&[]).expect(0);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let upstream = format!("http://{}/", listener.local_addr().unwrap());
    let (begun, begins) = mpsc::channel();
    std::thread::spawn(move || {
        let mut floods = Some(begun);
        for mut stream in listener.incoming().map_while(Result::ok) {
            let floods = floods.take();
            std::thread::spawn(move || {
                read_up_to(&mut stream, "\r\n\r\n");
                let Some(begun) = floods else {
                    let once = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone";
                    return write!(stream, "{once}").unwrap();
                };
                let hints = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000);
                while stream.write_all(hints.as_bytes()).is_ok() {
                    // The test may be over.
                    let _ = begun.send(());
                }
            });
        }
    });
    let proxied = Proxied::to(&world, &upstream, &[]);
    let mut stuck = TcpStream::connect(&proxied.address).unwrap();
    let key = &proxied.key;
    write!(stuck, "GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n").unwrap();
    // More than what lies in buffers on the way.
    (0..1000).for_each(|_| begins.recv().unwrap());
    let (said, hears) = mpsc::channel();
    let proxied = Arc::new(proxied);
    std::thread::spawn({
        let proxied = Arc::clone(&proxied);
        move || {
            // Now and then a thread comes up for air; that is not for everybody.
            let answers: Vec<String> = (0..20).map(|_| proxied.gets("/").body).collect();
            said.send(answers)
        }
    });
    let heard = hears.recv_timeout(PATIENCE).unwrap();
    assert!(heard.iter().all(|answer| answer == "done"), "{heard:?}");
    proxied.agent.signal("TERM");
    until("it has heard", || proxied.agent.log().contains("asked to end").then_some(()));
    let agent = Arc::into_inner(proxied).unwrap().agent;
    // So long it waits for what was begun.
    world.advance(15);
    assert_eq!(agent.ended().0, 0);
}
