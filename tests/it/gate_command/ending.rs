//! A gate ends when it is asked to, once every request is answered.

use super::world::World;
use crate::support::until;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

#[test]
fn sigterm_and_sigint_end_it_once_every_request_is_answered() {
    let world = World::new();
    for signal in ["TERM", "INT"] {
        let gate = world.gate();
        let address = gate.url.trim_start_matches("http://").to_owned();
        let token = world.token();
        let head = format!(
            "GET /auth/caddy HTTP/1.1\r\nHost: {address}\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Uri: /invoices\r\n\
             Authorization: Bearer {token}\r\n"
        );
        let mut stream = TcpStream::connect(&address).unwrap();
        // One whole request first, so that the gate is known to have this connection; then half of another.
        stream.write_all(format!("{head}\r\n{head}").as_bytes()).unwrap();
        let mut first = [0; 15];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200 OK");
        gate.signal(signal);
        until("new connections are refused", || TcpStream::connect(&address).err());
        // Whoever is half done with a request may finish it; one who sends nothing is not waited for.
        let _ = stream.write_all(b"\r\n");
        let (code, out, log) = gate.ended();
        assert_eq!((code, out.as_str()), (0, ""), "{log}");
        assert!(log.contains("every request was answered"), "{log}");
    }
}
