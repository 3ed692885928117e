use crate::support::{AUDIENCE, Chancery, Folder, Http, Server};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

fn kids(http: &Http, server: &Server) -> Vec<String> {
    let body = http.get(&server.at("/.well-known/jwks.json")).body;
    body["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn secret(folder: &Folder, id: &str) -> String {
    folder.read(&format!("{id}.secret")).trim_end().to_owned()
}

#[test]
fn without_any_configuration_it_is_a_test_issuer_in_its_folder() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    let server = Server::start(&chancery);
    let http = Http::new();
    for path in ["/healthz", "/readyz"] {
        assert_eq!(http.get(&server.at(path)).status, 200, "{path}");
    }
    let metadata = http.get(&server.at("/.well-known/oauth-authorization-server")).body;
    assert_eq!(metadata["issuer"], server.url, "the URL follows from the address");
    assert_eq!(folder.mode("keys/master.key"), 0o600);
    assert_eq!(folder.mode(".chancery/store.db"), 0o600);
    chancery.create_client("billing", &[]).expect(0);
    let granted = http.ask_for_token(&server.url, "billing", &secret(&folder, "billing"), "");
    assert_eq!((granted.status, granted.body["token_type"].as_str()), (200, Some("Bearer")));
    let refused = http.ask_for_token(&server.url, "billing", "chs_test_wrong", "");
    assert_eq!((refused.status, refused.body["error"].as_str()), (401, Some("invalid_client")));
}

#[test]
fn text_mode_prints_one_line_with_the_url_and_what_to_do_next() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    let mut child = chancery
        .command(&["serve", "--listen", "127.0.0.1:0"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut line = Vec::new();
    let mut out = child.stdout.take().unwrap();
    let mut byte = [0];
    while !line.ends_with(b"\n") && out.read(&mut byte).unwrap() == 1 {
        line.push(byte[0]);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let line = String::from_utf8(line).unwrap();
    assert!(line.starts_with("http://127.0.0.1:") && line.contains("chancery client create"), "{line}");
}

#[test]
fn a_restart_keeps_the_keys_and_the_clients() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", "https://auth.example.com");
    let http = Http::new();
    let server = Server::start(&chancery);
    let before = kids(&http, &server);
    chancery.create_client("billing", &[]).expect(0);
    server.signal("TERM");
    assert_eq!(server.ended().0, 0);
    let server = Server::start(&chancery);
    assert_eq!(kids(&http, &server), before);
    let granted = http.ask_for_token(&server.url, "billing", &secret(&folder, "billing"), "");
    assert_eq!(granted.status, 200, "{granted:?}");
}

#[test]
fn sigterm_and_sigint_end_it_once_every_request_is_answered() {
    for signal in ["TERM", "INT"] {
        let folder = Folder::new();
        let server = Server::start(&Chancery::in_folder(&folder));
        let address = server.url.trim_start_matches("http://").to_owned();
        // Half a request is under way when the signal comes; its other half comes after that. Whoever is asked to
        // go on (RFC 9110 section 10.1.1) knows that the server has begun with it.
        let mut stream = TcpStream::connect(&address).unwrap();
        let body = "grant_type=client_credentials";
        let head = format!(
            "POST /oauth2/token HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).unwrap();
        assert_eq!(go_on, *b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(&body.as_bytes()[..5]).unwrap();
        server.signal(signal);
        crate::support::until("new connections are refused", || TcpStream::connect(&address).err());
        stream.write_all(&body.as_bytes()[5..]).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 401"), "{signal}: {answer}");
        let (code, out, log) = server.ended();
        assert_eq!((code, out.as_str()), (0, ""), "{log}");
        assert!(log.contains("every request was answered"), "{log}");
    }
}

#[test]
fn log_lines_are_json_objects_that_name_client_and_token() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    let server = Server::start(&chancery);
    chancery.create_client("billing", &[]).expect(0);
    Http::new().ask_for_token(&server.url, "billing", &secret(&folder, "billing"), "");
    server.signal("TERM");
    let (_, _, log) = server.ended();
    let events: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let issued = events.iter().find(|event| event["path"] == "/oauth2/token").unwrap();
    assert_eq!((&issued["client.id"], &issued["status"]), (&"billing".into(), &200.into()));
    assert!(issued["token.id"].is_string());
}

#[test]
fn r07_a_test_secret_is_refused_by_a_live_issuer_and_known_on_sight() {
    let (tests, lives) = (Folder::new(), Folder::new());
    let test = Chancery::in_folder(&tests);
    let live = Chancery::in_folder(&lives)
        .set("ISSUER__URL", "https://auth.example.com")
        .set("ISSUER__ENVIRONMENT", "live");
    let (_test_server, live_server) = (Server::start(&test), Server::start(&live));
    test.create_client("billing", &[]).expect(0);
    live.create_client("billing", &[]).expect(0);
    let (test_secret, live_secret) = (secret(&tests, "billing"), secret(&lives, "billing"));
    assert!(test_secret.starts_with("chs_test_") && live_secret.starts_with("chs_live_"));
    let http = Http::new();
    let refused = http.ask_for_token(&live_server.url, "billing", &test_secret, "");
    assert_eq!((refused.status, refused.body["error"].as_str()), (401, Some("invalid_client")));
    let granted = http.ask_for_token(&live_server.url, "billing", &live_secret, "");
    assert_eq!(granted.status, 200, "{granted:?}");
    // And its token is none for a verifier of the other world.
    let jwks = http.get(&live_server.at("/.well-known/jwks.json")).body;
    lives.write("jwks.json", jwks.to_string());
    let token = granted.body["access_token"].as_str().unwrap();
    for (env, code) in [("live", 0), ("test", 1)] {
        let words = ["token", "verify", "--keys", "jwks.json", "--issuer", "https://auth.example.com"];
        let more = ["--audience", AUDIENCE, "--env", env, "--json", token];
        live.run(&[&words[..], &more].concat()).expect(code);
    }
}
