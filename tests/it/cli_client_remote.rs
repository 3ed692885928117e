use crate::support::{AUDIENCE, Administered, Http, until};
use serde_json::{Value, json};

/// What a client that was registered twice under two names has in common.
fn without_identity(mut client: Value) -> Value {
    for member in ["id", "name", "created_at", "expires_at", "secrets", "secret_file"] {
        assert!(client.as_object_mut().unwrap().remove(member).is_some(), "{member}: {client}");
    }
    client
}

fn create<'w>(id: &'w str, out: &'w str) -> Vec<&'w str> {
    let mut words = vec!["client", "create", id, "--owner", "team-billing", "--purpose", "mirrors invoices"];
    words.extend(["--tenant", "acme", "--scope", "invoices:read=reads what is mirrored", "--expires", "90d"]);
    words.extend(["--bound", "project=acme-*,web", "--out", out, "--json"]);
    words
}

#[test]
fn both_doors_register_the_same_client_and_say_so_in_the_same_words() {
    let office = Administered::start();
    let local = office.local(&create("one", "one.secret")).expect(0).json();
    let remote = office.remote(&create("two", "two.secret")).expect(0).json();
    assert_eq!(without_identity(local), without_identity(remote.clone()));
    assert_eq!((&remote["id"], &remote["secret_file"]), (&json!("two"), &json!("two.secret")));
    assert_eq!(office.folder.mode("two.secret"), 0o600);
    // And its secret is good.
    let form = format!("&resource={AUDIENCE}");
    let granted = Http::new().ask_for_token(&office.server.url, "two", &office.secret("two.secret"), &form);
    assert_eq!(granted.status, 200, "{granted:?}");
}

#[test]
fn both_doors_show_list_and_change_the_same() {
    let office = Administered::start();
    office.local(&create("billing", "billing.secret")).expect(0);
    for words in [
        &["client", "show", "billing", "--json"][..],
        &["client", "list", "--json"],
        &["client", "list"],
        &[
            "client",
            "list",
            "--owner",
            "team-billing",
            "--scope",
            "invoices:read",
            "--tenant",
            "acme",
            "--json",
        ],
        &["client", "list", "--state", "disabled"],
        &["key", "list", "--json"],
        &["key", "rotate", "--plan", "--format", "jwt", "--json"],
    ] {
        let (local, remote) = (office.local(words).expect(0), office.remote(words).expect(0));
        // The times of a plan are from now on.
        if words.contains(&"--plan") {
            let (local, remote) = (local.json(), remote.json());
            assert_eq!(local["rotations"][0]["activates"], remote["rotations"][0]["activates"]);
            continue;
        }
        assert_eq!(local.out, remote.out, "{words:?}");
    }
    let changed =
        office.remote(&["client", "update", "billing", "--owner", "team-ledger", "--json"]).expect(0);
    let shown = office.local(&["client", "show", "billing", "--json"]).expect(0);
    assert_eq!((changed.json(), shown.json()["owner"].clone()), (shown.json(), json!("team-ledger")));
    assert_eq!(shown.json()["grants"][0]["reason"], "reads what is mirrored", "the rest stays");

    let disable = ["client", "disable", "billing", "--reason", "a leak"];
    let first = office.remote(&disable).expect(0).out;
    assert!(first.contains("gets no more tokens"), "{first}");
    let again = office.remote(&disable).expect(0).out;
    assert_eq!(again, office.local(&disable).expect(0).out, "disabled before");
    assert_eq!(office.local(&["client", "show", "billing", "--json"]).json()["disabled"]["reason"], "a leak");
    let enable = ["client", "enable", "billing"];
    assert!(office.local(&enable).expect(0).out.contains("gets tokens again"));
    assert_eq!(office.remote(&enable).expect(0).out, office.local(&enable).expect(0).out);
}

#[test]
fn both_doors_refuse_for_the_same_reason_with_the_same_exit_code() {
    let office = Administered::start();
    office.local(&create("billing", "billing.secret")).expect(0);
    let secret_id = office.local(&["client", "show", "billing", "--json"]).json()["secrets"][0]["id"].clone();
    let secret_id = secret_id.as_str().unwrap();
    let broken =
        ["client", "create", "x", "--owner", " ", "--scope", "invoices:burn=r", "--bound", "planet=mars"];
    let broken = [&broken[..], &["--tenant", "acme,acme", "--out", "x.secret", "--json"]].concat();
    for (words, code, reason) in [
        (&["client", "show", "nobody", "--json"][..], 2, "client_unknown"),
        (&["client", "update", "nobody", "--owner", "o", "--json"], 2, "client_unknown"),
        (&["client", "update", "billing", "--expires", "2020-01-01", "--json"], 2, "client_refused"),
        (&["client", "update", "billing", "--json"], 2, "nothing_to_change"),
        (&["client", "secret", "drop", "billing", "deadbeef", "--json"], 2, "secret_unknown"),
        (&["client", "secret", "drop", "billing", secret_id, "--json"], 1, "last_secret"),
        (&["client", "disable", "admin", "--reason", "r", "--json"], 1, "last_admin"),
        (&create("billing", "other.secret"), 2, "client_exists"),
        (&broken, 2, "client_refused"),
    ] {
        let (local, remote) =
            (office.local(words).expect(code).json(), office.remote(words).expect(code).json());
        assert_eq!(local["reason"], reason, "{words:?}: {local}");
        assert_eq!(local, remote, "{words:?}");
    }
    assert!(!office.folder.file("other.secret").exists() && !office.folder.file("x.secret").exists());
    assert_eq!(office.ids(), ["billing"]);
}

#[test]
fn a_wrong_admin_secret_is_a_no_and_an_issuer_that_is_away_is_not() {
    let office = Administered::start();
    let url = office.server.url.clone();
    let list = |more: &[&str]| office.chancery.run(&[&["client", "list", "--json"], more].concat());
    office.local(&create("billing", "billing.secret")).expect(0);
    let as_billing = ["--issuer", &url, "--admin-secret-file", "billing.secret"];
    assert_eq!(list(&as_billing).expect(1).json()["reason"], "client_authentication_failed");
    // A client that is no administrator gets no token for the administration.
    let no_admin = list(&[&as_billing[..], &["--admin-id", "billing"]].concat()).expect(1).json();
    assert!(no_admin["detail"].as_str().unwrap().contains("refused"), "{no_admin}");
    let missing = list(&["--issuer", &url, "--admin-secret-file", "nowhere"]).expect(2).json();
    assert_eq!(missing["reason"], "secret_unreadable");
    let insecure = list(&["--issuer", "http://auth.example.com"]).expect(2).json();
    assert_eq!(insecure["reason"], "issuer_url");
    list(&["--issuer", &url, "--config", "chancery.toml"]).expect(2);
    list(&["--admin-id", "billing"]).expect(2);
    let Administered { folder, chancery, server } = office;
    server.kill();
    let away = chancery.run(&["client", "list", "--json", "--issuer", &url]).expect(7).json();
    assert_eq!(away["reason"], "issuer_unreachable");
    // Nothing is left of what could not be done.
    let words = [&create("late", "late.secret")[..], &["--issuer", &url]].concat();
    chancery.run(&words).expect(7);
    assert!(!folder.file("late.secret").exists());
}

#[test]
fn r08_over_http_the_secret_is_shown_nowhere_but_in_its_file() {
    let office = Administered::start();
    let ran = office.remote(&create("billing", "billing.secret")).expect(0);
    let (secret, admin) = (office.secret("billing.secret"), office.secret(".chancery/admin.secret"));
    assert!(secret.starts_with("chs_test_"));
    for text in [&ran.out, &ran.err, &office.server.log()] {
        assert!(!text.contains(&secret) && !text.contains(&admin));
    }
    let mut words = create("piped", "-");
    words.retain(|word| *word != "--json");
    let piped = office.remote(&words).expect(0);
    assert!(piped.out.starts_with("chs_test_") && piped.out.lines().count() == 1, "only the secret");
    assert!(!piped.err.contains(piped.out.trim_end()));
    // A file that is there is found before anything is sent.
    let exists = office.remote(&create("third", "billing.secret")).expect(2).json();
    assert_eq!((exists["reason"].as_str(), office.secret("billing.secret")), (Some("file_exists"), secret));
    assert_eq!(office.ids(), ["billing", "piped"]);
}

#[test]
fn r52_keys_are_rotated_over_http_too() {
    let office = Administered::start();
    let done = office.remote(&["key", "rotate", "--format", "jwt", "--json"]).expect(0).json();
    assert_eq!((&done["planned"], done["rotations"].as_array().unwrap().len()), (&json!(false), 1));
    until("the store knows", || {
        let list = office.local(&["key", "list", "--json"]).expect(0).json();
        (list["keys"].as_array().unwrap().len() == 7).then_some(())
    });
    let again = ["key", "rotate", "--format", "jwt", "--json"];
    let (local, remote) = (office.local(&again).expect(1).json(), office.remote(&again).expect(1).json());
    assert_eq!(
        (&local["reason"], &remote["reason"]),
        (&json!("rotation_pending"), &json!("rotation_pending"))
    );
}
