use crate::support::{AUDIENCE, Chancery, Folder, Http, Server, until};
use serde_json::json;

struct World {
    folder: Folder,
    chancery: Chancery,
}

impl World {
    fn new() -> Self {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder);
        chancery.run(&["init", "--example", "documint"]).expect(0);
        Self { folder, chancery }
    }

    fn secret(&self, file: &str) -> String {
        self.folder.read(file).trim_end().to_owned()
    }
}

#[test]
fn r04_everything_that_is_missing_is_told_at_once() {
    let World { chancery, folder } = World::new();
    let before = folder.files();
    let ran = chancery.run(&["client", "create", "billing"]).expect(2);
    for missing in ["--owner", "--purpose", "--expires", "--tenant", "--scope", "--unbounded", "--out"] {
        assert!(ran.err.contains(missing), "{missing}: {}", ran.err);
    }
    assert_eq!(folder.files(), before);
    let list = chancery.run(&["client", "list", "--json"]).expect(0).json();
    assert_eq!(list["clients"].as_array().unwrap().len(), 1, "the first administrator alone: {list}");
}

#[test]
fn what_is_wrong_is_told_at_once_too_and_nothing_is_stored() {
    let World { chancery, folder } = World::new();
    let mut words =
        vec!["client", "create", "billing", "--owner", " ", "--purpose", "x", "--tenant", "acme,acme"];
    words.extend([
        "--expires",
        "2020-01-01",
        "--scope",
        "invoices:read=",
        "--scope",
        "invoices:delete=cleans up",
    ]);
    words.extend(["--bound", "planet=mars", "--lifetime", "2h", "--out", "billing.secret"]);
    let ran = chancery.run(&words).expect(2);
    for fault in ["owner", "expire", "reason", "planet", "twice", "live"] {
        assert!(ran.err.contains(fault), "{fault}: {}", ran.err);
    }
    let unknown = chancery
        .create_client("billing", &["--scope", "invoices:burn=why", "--scope", "invoices:create"])
        .expect(2);
    assert!(
        unknown.err.contains("invoices:burn") && unknown.err.contains("has no reason"),
        "{}",
        unknown.err
    );
    assert!(!folder.file("billing.secret").exists());
    chancery.run(&["client", "show", "billing"]).expect(2);
    chancery.run(&["client", "create", "no:colons"]).expect(2);
}

#[test]
fn r08_the_secret_goes_to_a_new_file_of_its_owner_and_nowhere_else() {
    let world = World::new();
    let ran = world.chancery.create_client("billing", &["--json"]).expect(0);
    let secret = world.secret("billing.secret");
    assert!(secret.starts_with("chs_test_") && secret.len() == 58, "{}", secret.len());
    assert_eq!(world.folder.mode("billing.secret"), 0o600);
    assert!(!ran.out.contains(&secret) && !ran.err.contains(&secret));
    let shown = world.chancery.run(&["client", "show", "billing", "--json"]).expect(0);
    assert_eq!(
        shown.json()["secrets"][0].as_object().unwrap().keys().collect::<Vec<_>>(),
        ["created_at", "id"]
    );
    // A file that exists is never overwritten, and no client is left behind.
    let again = world.chancery.create_client("second", &["--out", "billing.secret"]);
    assert_eq!(again.code, 2, "clap takes an option once");
    world.folder.write("third.secret", "mine");
    let refused = world.chancery.create_client("third", &[]).expect(2);
    assert!(refused.err.contains("exists"), "{refused:?}");
    assert_eq!(world.folder.read("third.secret"), "mine");
    world.chancery.run(&["client", "show", "third"]).expect(2);
    // A name that is taken leaves no file.
    std::fs::rename(world.folder.file("billing.secret"), world.folder.file("kept")).unwrap();
    world.chancery.create_client("billing", &[]).expect(2);
    assert!(!world.folder.file("billing.secret").exists());
}

#[test]
fn the_secret_goes_to_standard_output_only_when_asked_to() {
    let world = World::new();
    let mut words = vec![
        "client",
        "create",
        "piped",
        "--owner",
        "o",
        "--purpose",
        "p",
        "--tenant",
        "acme",
        "--expires",
        "1d",
    ];
    words.extend(["--scope", "invoices:read=r", "--unbounded", "u", "--out", "-"]);
    let ran = world.chancery.run(&words).expect(0);
    assert!(ran.out.starts_with("chs_test_") && ran.out.lines().count() == 1, "only the secret");
    assert!(!ran.err.contains(ran.out.trim_end()));
    words.push("--json");
    world.chancery.run(&words).expect(2);
}

#[test]
fn list_and_show_tell_who_owns_what() {
    let world = World::new();
    world.chancery.create_client("billing", &["--bound", "project=acme-*"]).expect(2);
    world.chancery.create_client("alpha", &["--kind", "agent", "--lifetime", "5m"]).expect(0);
    let mut words = vec![
        "client",
        "create",
        "bounded",
        "--owner",
        "team-b",
        "--purpose",
        "p",
        "--tenant",
        "acme",
        "--tenant",
        "globex",
    ];
    words.extend([
        "--scope",
        "invoices:read=r",
        "--bound",
        "project=acme-*,web",
        "--expires",
        "2099-01-01",
        "--out",
        "b",
    ]);
    world.chancery.run(&words).expect(0);
    let list = world.chancery.run(&["client", "list", "--json"]).expect(0).json();
    let ids: Vec<&str> =
        list["clients"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["admin", "alpha", "bounded"]);
    assert_eq!(
        (&list["clients"][1]["kind"], &list["clients"][1]["lifetime_secs"]),
        (&json!("agent"), &json!(300))
    );
    let shown = world.chancery.run(&["client", "show", "bounded", "--json"]).expect(0).json();
    assert_eq!(shown["reach"], json!({ "bounded": { "project": ["acme-*", "web"] } }));
    assert_eq!((&shown["expires_at"], &shown["state"]), (&json!("2099-01-01T00:00:00Z"), &json!("active")));
    let text = world.chancery.run(&["client", "show", "bounded"]).expect(0).out;
    assert!(text.contains("team-b") && text.contains("acme globex") && text.contains("project"), "{text}");
    assert!(world.chancery.run(&["client", "list"]).expect(0).out.contains("alpha"));
}

#[test]
fn a_running_issuer_takes_and_drops_clients_without_a_restart() {
    let world = World::new();
    let server = Server::start(&world.chancery);
    let http = Http::new();
    world.chancery.create_client("billing", &[]).expect(0);
    let secret = world.secret("billing.secret");
    let ask = || http.ask_for_token(&server.url, "billing", &secret, &format!("&resource={AUDIENCE}"));
    until("the new client is known", || (ask().status == 200).then_some(()));
    world.chancery.run(&["client", "disable", "billing", "--reason", " "]).expect(2);
    let disabled = world
        .chancery
        .run(&["client", "disable", "billing", "--reason", "a leak", "--json"])
        .expect(0)
        .json();
    assert_eq!(disabled["state"], "disabled");
    let refused = until("the client is cut off", || Some(ask()).filter(|answer| answer.status != 200));
    assert_eq!((refused.status, refused.body["error"].as_str()), (401, Some("invalid_client")));
    // Again changes nothing, and the first reason stays.
    world.chancery.run(&["client", "disable", "billing", "--reason", "another"]).expect(0);
    assert!(world.chancery.run(&["client", "show", "billing"]).expect(0).out.contains("a leak"));
}

#[test]
fn a_curl_config_and_a_json_object_hold_all_that_a_request_needs() {
    let world = World::new();
    let server = Server::start(&world.chancery);
    let words = |id, out, format| {
        let mut words =
            vec!["client", "create", id, "--owner", "o", "--purpose", "p", "--tenant", "acme,globex"];
        words.extend([
            "--expires",
            "1d",
            "--scope",
            "invoices:read=r",
            "--scope",
            "invoices:create=c",
            "--unbounded",
            "u",
        ]);
        words.extend(["--out", out, "--out-format", format]);
        words
    };
    world.chancery.run(&words("curly", "curly.curl", "curl")).expect(0);
    assert_eq!(world.folder.mode("curly.curl"), 0o600);
    let config = world.folder.read("curly.curl");
    let values = |name: &str| -> Vec<String> {
        let lines = config
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"'));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(values("url"), ["http://127.0.0.1:8420/oauth2/token"]);
    assert_eq!(values("data"), ["grant_type=client_credentials"]);
    let asked = values("data-urlencode");
    assert_eq!(
        asked,
        [&format!("resource={AUDIENCE}"), "tenant=acme", "scope=invoices:read invoices:create"]
    );
    let user = values("user").remove(0);
    let (id, secret) = user.split_once(':').unwrap();
    let form = format!("&{}", asked.join("&").replace(' ', "+"));
    let granted = Http::new().ask_for_token(&server.url, id, secret, &form);
    assert_eq!(
        (granted.status, granted.body["scope"].as_str()),
        (200, Some("invoices:read invoices:create"))
    );

    world.chancery.run(&words("jason", "jason.json", "json")).expect(0);
    let object: serde_json::Value = serde_json::from_str(&world.folder.read("jason.json")).unwrap();
    assert_eq!(object["token_endpoint"], "http://127.0.0.1:8420/oauth2/token");
    assert_eq!((&object["client_id"], &object["resource"]), (&json!("jason"), &json!(AUDIENCE)));
    assert!(object["client_secret"].as_str().unwrap().starts_with("chs_test_"));
}

#[test]
fn without_a_store_nothing_is_made_by_looking() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    for words in [&["client", "list"][..], &["client", "show", "x"], &["key", "list"], &["key", "rotate"]] {
        let ran = chancery.run(words).expect(5);
        assert!(ran.err.contains("there is no store"), "{ran:?}");
    }
    chancery.create_client("billing", &[]).expect(5);
    assert!(folder.files().is_empty(), "{:?}", folder.files());
}
