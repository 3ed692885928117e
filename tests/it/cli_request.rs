use crate::support::{AUDIENCE, Chancery, Folder, Http, Server};

/// An issuer whose URL is the one it listens on, and a client.
struct World {
    folder: Folder,
    chancery: Chancery,
    server: Server,
}

impl World {
    fn new() -> Self {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder);
        let server = Server::start(&chancery);
        chancery.create_client("billing", &["--scope", "invoices:create=adds corrections"]).expect(0);
        Self { folder, chancery, server }
    }

    fn words<'w>(&'w self, more: &[&'w str]) -> Vec<&'w str> {
        let mut words = vec!["token", "request", "--issuer", &self.server.url, "--client-id", "billing"];
        words.extend(["--secret-file", "billing.secret"]);
        words.extend(more);
        words
    }
}

#[test]
fn a_requested_token_is_verified_from_files_and_from_the_network() {
    let world = World::new();
    let token = world.chancery.run(&world.words(&["--resource", AUDIENCE])).expect(0);
    assert_eq!(token.out.lines().count(), 1, "the token and nothing else: {token:?}");
    let jwks = Http::new().get(&world.server.at("/.well-known/jwks.json"));
    world.folder.write("jwks.json", jwks.body.to_string());
    let url = world.server.at("/.well-known/jwks.json");
    for keys in ["jwks.json", &url] {
        let mut words =
            vec!["token", "verify", "--keys", keys, "--issuer", &world.server.url, "--audience", AUDIENCE];
        words.extend(["--env", "test", "--judge", "--json", "-"]);
        let verdict = world.chancery.run_with_input(&words, token.out.as_bytes()).expect(0).json();
        assert_eq!(verdict["claims"]["scope"], "invoices:read", "R03: what reads, unless more is asked for");
    }
}

#[test]
fn scopes_are_asked_for_one_by_one_or_together() {
    let world = World::new();
    for scopes in [
        &["--scope", "invoices:read", "--scope", "invoices:create"][..],
        &["--scope", "invoices:read invoices:create"],
    ] {
        let mut more = vec!["--json", "--resource", AUDIENCE];
        more.extend(scopes);
        let object = world.chancery.run(&world.words(&more)).expect(0).json();
        let mut granted: Vec<&str> = object["scope"].as_str().unwrap().split(' ').collect();
        granted.sort_unstable();
        assert_eq!(granted, ["invoices:create", "invoices:read"]);
        assert!(object["access_token"].is_string() && object["expires_at"].is_u64());
    }
}

#[test]
fn a_token_file_is_its_owners_and_the_next_token_takes_its_place() {
    let world = World::new();
    let request = || world.chancery.run(&world.words(&["--out", "token", "--json"])).expect(0);
    let first = (request(), world.folder.read("token"));
    let second = (request(), world.folder.read("token"));
    assert_ne!(first.1, second.1);
    assert_eq!(world.folder.mode("token"), 0o600);
    assert!(first.0.json()["access_token"].is_null());
    assert!(!second.0.out.contains(second.1.trim_end()));
    let left: Vec<_> =
        world.folder.files().into_iter().filter(|path| path.to_string_lossy().contains("token.")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_refusal_an_outage_and_a_mistake_have_different_exit_codes() {
    let world = World::new();
    let reason = |words: &[&str], code| {
        let mut words = world.words(words);
        words.push("--json");
        world.chancery.run(&words).expect(code).json()["reason"].as_str().unwrap().to_owned()
    };
    assert_eq!(reason(&["--scope", "invoices:delete"], 1), "scopes_refused");
    assert_eq!(reason(&["--scope", "no scope at all"], 2), "usage");
    let run = |issuer: &str, file: &str, code| {
        let words = [
            "token",
            "request",
            "--issuer",
            issuer,
            "--client-id",
            "billing",
            "--secret-file",
            file,
            "--json",
        ];
        world.chancery.run(&words).expect(code).json()["reason"].as_str().unwrap().to_owned()
    };
    assert_eq!(run(&world.server.url, "nowhere", 2), "secret_unreadable");
    assert_eq!(run("http://auth.example.com", "billing.secret", 2), "issuer_url");
    assert_eq!(run("http://127.0.0.1:9", "billing.secret", 7), "issuer_unreachable");
    world.folder.write("wrong.secret", "chs_test_wrong\n");
    assert_eq!(run(&world.server.url, "wrong.secret", 1), "client_authentication_failed");
}
