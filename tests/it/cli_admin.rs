use crate::support::{Administered, Chancery, Folder, Http, Server, until};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn the_first_start_makes_an_administrator_whose_secret_is_its_owners_alone() {
    let office = Administered::start();
    assert_eq!(office.folder.mode(".chancery/admin.secret"), 0o600);
    let admin = office.remote(&["client", "show", "admin", "--json"]).expect(0).json();
    assert_eq!((&admin["kind"], &admin["tenants"]), (&json!("admin"), &json!(["chancery"])));
    assert_eq!(admin["secrets"].as_array().unwrap().len(), 1);
    let secret = office.secret(".chancery/admin.secret");
    assert!(!office.server.log().contains(&secret));
    // No files of a half-done start stay behind.
    let stray = office.folder.files().into_iter().find(|path| path.to_string_lossy().ends_with(".new"));
    assert_eq!(stray, None);
}

#[test]
fn a_restart_leaves_the_administrator_and_its_file_alone() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", "http://127.0.0.1:8420");
    Server::start(&chancery).kill();
    let secret = folder.read(".chancery/admin.secret");
    let shown = |chancery: &Chancery| chancery.run(&["client", "show", "admin", "--json"]).expect(0).out;
    let before = shown(&chancery);
    Server::start(&chancery).kill();
    assert_eq!((folder.read(".chancery/admin.secret"), shown(&chancery)), (secret, before));
    // Whoever took the file to a safer place does not get another one.
    std::fs::remove_file(folder.file(".chancery/admin.secret")).unwrap();
    Server::start(&chancery).kill();
    assert!(!folder.file(".chancery/admin.secret").exists());
}

#[test]
fn a_start_that_died_behind_the_file_is_finished_with_the_secret_in_it() {
    // The file of one issuer is what a start leaves that is killed before the client is stored.
    let (other, folder) = (Administered::start(), Folder::new());
    let secret = other.secret(".chancery/admin.secret");
    folder.write(".chancery/admin.secret", format!("{secret}\n"));
    only_its_owners(&folder.file(".chancery/admin.secret"));
    let chancery = Chancery::in_folder(&folder);
    let server = Server::start(&chancery);
    assert_eq!(folder.read(".chancery/admin.secret").trim_end(), secret);
    chancery.run(&["client", "list", "--issuer", &server.url]).expect(0);
}

#[test]
fn a_first_start_that_is_killed_anywhere_leaves_an_administrator_with_its_secret_or_none() {
    for round in 0..12_u32 {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", "http://127.0.0.1:8420");
        let mut child = chancery
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        until("there is a store", || folder.file(".chancery/store.db").exists().then_some(()));
        for _ in 0..round * 150 {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let server = Server::start(&chancery);
        let secret = folder.read(".chancery/admin.secret");
        let form = "&resource=http://127.0.0.1:8420/admin&scope=clients:read";
        let granted = Http::new().ask_for_token(&server.url, "admin", secret.trim_end(), form);
        assert_eq!(granted.status, 200, "{round}: {granted:?}");
    }
}

#[test]
fn a_file_that_is_no_secret_stops_the_start_and_stays_as_it_is() {
    let secret_of_live = {
        let live = Folder::new();
        let chancery = Chancery::in_folder(&live).set("ISSUER__URL", "https://auth.example.com");
        Server::start(&chancery.set("ISSUER__ENVIRONMENT", "live")).kill();
        live.read(".chancery/admin.secret")
    };
    for content in ["mine", &secret_of_live] {
        let folder = Folder::new();
        folder.write(".chancery/admin.secret", content);
        let ran = Chancery::in_folder(&folder).run(&["serve", "--listen", "127.0.0.1:0"]).expect(3);
        assert!(ran.err.contains("admin.secret"), "{ran:?}");
        assert!(!ran.err.contains(content), "{ran:?}");
        assert_eq!(folder.read(".chancery/admin.secret"), content);
    }
}

#[test]
fn of_starts_at_the_same_time_one_makes_the_administrator_and_its_file_is_right() {
    for _ in 0..3 {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", "http://127.0.0.1:8420");
        let starts: Vec<_> = (0..4)
            .map(|_| {
                let chancery = chancery.clone();
                std::thread::spawn(move || Server::start(&chancery))
            })
            .collect();
        let servers: Vec<Server> = starts.into_iter().map(|start| start.join().unwrap()).collect();
        let secret = folder.read(".chancery/admin.secret");
        for server in &servers {
            let form = "&resource=http://127.0.0.1:8420/admin&scope=clients:read";
            let granted = Http::new().ask_for_token(&server.url, "admin", secret.trim_end(), form);
            assert_eq!(granted.status, 200, "{granted:?}");
        }
    }
}

#[test]
fn r15_the_last_administrator_cannot_be_disabled_and_another_one_can_take_its_place() {
    let office = Administered::start();
    let disable = ["client", "disable", "admin", "--reason", "replaced by named ones", "--json"];
    for refused in [office.local(&disable).expect(1), office.remote(&disable).expect(1)] {
        assert_eq!(refused.json()["reason"], "last_admin");
    }
    let second = ["client", "create", "ada", "--kind", "admin", "--owner", "ada", "--purpose", "administers"];
    let more =
        ["--tenant", "chancery", "--scope", "clients:*", "--scope", "secrets:*", "--reason", "operates it"];
    let last = ["--unbounded", "operates all of it", "--expires", "90d", "--out", "ada.secret"];
    office.remote(&[&second[..], &more, &last].concat()).expect(0);
    office.remote(&disable).expect(0);
    // From now on it is no administrator any more, within a token's request.
    assert_eq!(office.remote(&["client", "list"]).code, 1);
    let as_ada = ["--admin-id", "ada", "--admin-secret-file", "ada.secret"];
    office.remote(&[&["client", "list"][..], &as_ada].concat()).expect(0);
    let refused = ["client", "disable", "ada", "--reason", "r", "--json"];
    assert_eq!(office.remote(&[&refused[..], &as_ada].concat()).expect(1).json()["reason"], "last_admin");
}

#[test]
fn admin_reset_revives_the_administrator_with_one_new_secret() {
    let office = Administered::start();
    let second = ["client", "create", "ada", "--kind", "admin", "--owner", "ada", "--purpose", "administers"];
    let more =
        ["--tenant", "chancery", "--scope", "clients:*", "--scope", "secrets:*", "--reason", "operates it"];
    let last = ["--unbounded", "operates all of it", "--expires", "90d", "--out", "ada.secret"];
    office.local(&[&second[..], &more, &last].concat()).expect(0);
    office.local(&["client", "disable", "admin", "--reason", "replaced"]).expect(0);
    assert_eq!(office.remote(&["client", "list"]).code, 1);

    let reset = office.local(&["admin", "reset", "--out", "reset.secret", "--json"]).expect(0);
    let (revived, secret) = (reset.json(), office.secret("reset.secret"));
    assert_eq!((&revived["id"], &revived["state"]), (&json!("admin"), &json!("active")));
    assert_eq!(revived["secrets"].as_array().unwrap().len(), 1);
    assert_eq!(office.folder.mode("reset.secret"), 0o600);
    assert!(!reset.out.contains(&secret) && !reset.err.contains(&secret));
    assert!(reset.err.contains("admin.reset"), "it is in the log: {}", reset.err);
    let by = |file: &str| office.remote(&["client", "list", "--admin-secret-file", file]);
    until("the new secret is good", || (by("reset.secret").code == 0).then_some(()));
    by(".chancery/admin.secret").expect(1);
    // A file that is there is never written over.
    office.local(&["admin", "reset", "--out", "ada.secret"]).expect(2);
    by("reset.secret").expect(0);
}

#[test]
fn admin_reset_is_for_the_machine_with_the_store() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    chancery.run(&["admin", "reset", "--out", "x"]).expect(5);
    chancery.run(&["admin", "reset"]).expect(2);
    chancery.run(&["admin", "reset", "--out", "x", "--issuer", "https://auth.example.com"]).expect(2);
    assert!(folder.files().is_empty());
}

fn only_its_owners(file: &std::path::Path) {
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_secret_that_others_may_have_put_there_makes_no_administrator() {
    let secret = Administered::start().secret(".chancery/admin.secret");
    let exposed = |folder: &Folder| {
        folder.write(".chancery/admin.secret", format!("{secret}\n"));
    };
    let linked = |folder: &Folder| {
        folder.write("elsewhere", format!("{secret}\n"));
        only_its_owners(&folder.file("elsewhere"));
        std::fs::create_dir_all(folder.file(".chancery")).unwrap();
        std::os::unix::fs::symlink(folder.file("elsewhere"), folder.file(".chancery/admin.secret")).unwrap();
    };
    let piped = |folder: &Folder| {
        std::fs::create_dir_all(folder.file(".chancery")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(folder.file(".chancery/admin.secret")).status();
        assert!(made.unwrap().success());
    };
    for what in ["exposed", "linked", "piped"] {
        let folder = Folder::new();
        match what {
            "exposed" => exposed(&folder),
            "linked" => linked(&folder),
            _ => piped(&folder),
        }
        let refused = Chancery::in_folder(&folder).run(&["serve", "--listen", "127.0.0.1:0"]).expect(3);
        assert!(refused.err.contains("is no administrator's secret"), "{what}: {}", refused.err);
        assert!(!refused.err.contains(&secret), "{what}");
    }
}

#[test]
fn what_is_done_on_this_machine_is_written_down_for_the_auditor() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder).set("LOG__FORMAT", "json");
    let acts = |ran: crate::support::Ran| {
        let lines = ran.err.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let events = lines.filter(|line| line["target"] == "chancery::audit");
        let told = events.map(|line| {
            assert_eq!(line["actor"], "the master key", "{line}");
            let word = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
            [word("verb"), word("subject"), word("outcome")].join(" ")
        });
        told.collect::<Vec<_>>()
    };
    chancery.run(&["init", "--example", "documint"]).expect(0);
    assert_eq!(acts(chancery.create_client("billing", &[]).expect(0)), ["client.create billing done"]);
    let again = chancery.run(&["client", "disable", "admin", "--reason", "over"]).expect(1);
    assert_eq!(acts(again), ["client.disable admin last_admin"]);
    for (words, told) in [
        (&["client", "update", "billing", "--owner", "team-b"][..], &["client.update billing done"][..]),
        (
            &["client", "disable", "billing", "--reason", "over"],
            &["revoke client billing done", "client.disable billing done"],
        ),
        (&["client", "enable", "billing"], &["client.enable billing done"]),
        (&["client", "secret", "add", "billing", "--out", "second"], &["secret.create billing done"]),
        (&["key", "rotate"], &["key.rotate jwt paseto done"]),
    ] {
        assert_eq!(acts(chancery.run(words).expect(0)), told);
    }
    assert_eq!(acts(chancery.run(&["key", "rotate"]).expect(1)), ["key.rotate jwt paseto rotation_pending"]);
    for words in [
        &["client", "list"][..],
        &["client", "show", "billing"],
        &["key", "list"],
        &["key", "rotate", "--plan"],
    ] {
        let ran = chancery.run(words);
        assert_eq!(acts(ran), Vec::<String>::new(), "{words:?}: who looks changes nothing");
    }
}
