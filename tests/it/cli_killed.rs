//! A command that hands a secret over is killed, and the same command finishes what it began.

use crate::support::{Administered, Chancery, Folder, Http, Server, until};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use std::process::{Child, Command, Stdio};

struct World {
    redis: RedisServer,
    folder: Folder,
    chancery: Chancery,
}

impl World {
    fn new() -> Self {
        let redis = RedisServer::start(RedisOptions::default());
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder).set("STORE__REDIS", redis.url());
        chancery.run(&["init", "--example", "documint"]).expect(0);
        // The first command that asks for the revocation log begins it, which is a write.
        chancery.run(&["revocation", "status"]).expect(0);
        Self { redis, folder, chancery }
    }

    /// Kills the command when its secret is in `file`, and nobody knows whether it is stored.
    fn kill_halfway(&self, words: &[&str], file: &str) -> String {
        // The Redis answers what only reads, and holds back every write.
        self.redis.ask(&["CLIENT", "PAUSE", "600000", "WRITE"]);
        let mut child = start(self.chancery.command(words));
        let secret = until("the secret is in its file", || {
            let text = std::fs::read_to_string(self.folder.file(file)).ok()?;
            (text.starts_with("chs_test_") && text.ends_with('\n')).then_some(text)
        });
        child.kill().unwrap();
        child.wait().unwrap();
        self.redis.ask(&["CLIENT", "UNPAUSE"]);
        secret
    }

    fn names(&self) -> Vec<String> {
        let files = self.folder.files().into_iter();
        files.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }
}

fn start(mut command: Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn create<'w>(id: &'w str, file: &'w str) -> Vec<&'w str> {
    let said = ["client", "create", id, "--owner", "team-billing", "--purpose", "mirrors invoices"];
    let held = ["--tenant", "acme", "--scope", "invoices:read=reads them", "--unbounded", "mirrors all"];
    [&said[..], &held, &["--expires", "90d", "--out", file]].concat()
}

#[test]
fn a_creation_that_was_killed_is_finished_by_the_same_command_and_its_secret_is_never_lost() {
    let world = World::new();
    let words = create("billing", "billing.secret");
    let secret = world.kill_halfway(&words, "billing.secret");
    // Another command does not touch it: the secret may be good.
    let other = world.chancery.run(&create("other", "billing.secret")).expect(2);
    assert!(other.err.contains("exists"), "{other:?}");
    assert_eq!(world.folder.read("billing.secret"), secret);
    let done = world.chancery.run(&[&words[..], &["--json"]].concat()).expect(0).json();
    assert_eq!((&done["id"], &done["secret_file"]), (&"billing".into(), &"billing.secret".into()));
    assert_eq!(world.folder.read("billing.secret"), secret);
    assert_eq!(world.folder.mode("billing.secret"), 0o600);
    assert!(!world.names().iter().any(|name| name.contains("unfinished")), "{:?}", world.names());
    let server = Server::start(&world.chancery);
    let granted = Http::new().ask_for_token(&server.url, "billing", secret.trim_end(), "");
    assert_eq!(granted.status, 200, "{granted:?}");
    // Now it is a file like any other.
    let again = world.chancery.run(&[&words[..], &["--json"]].concat()).expect(2).json();
    assert_eq!(again["reason"], "file_exists");
}

#[test]
fn a_second_secret_and_a_reset_that_were_killed_are_finished_by_the_same_command() {
    let world = World::new();
    world.chancery.run(&create("billing", "billing.secret")).expect(0);
    let add = ["client", "secret", "add", "billing", "--out", "second.secret"];
    let second = world.kill_halfway(&add, "second.secret");
    world.chancery.run(&add).expect(0);
    assert_eq!(world.folder.read("second.secret"), second);
    let shown = world.chancery.run(&["client", "show", "billing", "--json"]).expect(0).json();
    assert_eq!(shown["secrets"].as_array().unwrap().len(), 2, "one was added, not two: {shown}");

    let reset = ["admin", "reset", "--out", "reset.secret"];
    let secret = world.kill_halfway(&reset, "reset.secret");
    world.chancery.run(&reset).expect(0);
    assert_eq!(world.folder.read("reset.secret"), secret);
    let server = Server::start(&world.chancery);
    let form = "&resource=http://127.0.0.1:8420/admin&scope=clients:read";
    let granted = Http::new().ask_for_token(&server.url, "admin", secret.trim_end(), form);
    assert_eq!(granted.status, 200, "{granted:?}");
    assert!(!world.names().iter().any(|name| name.contains("unfinished")), "{:?}", world.names());
}

#[test]
fn a_command_that_was_killed_before_there_was_a_secret_is_in_nobodys_way() {
    let office = Administered::start();
    // What a command leaves that was killed between making the file and filling it.
    let words = create("billing", "billing.secret");
    office.local(&["client", "show", "billing"]).expect(2);
    let owner = format!("{}\nbilling\n", office.server.url);
    for text in ["", "chs_test_half"] {
        office.folder.write("billing.secret", text);
        std::fs::set_permissions(office.folder.file("billing.secret"), private()).unwrap();
        office.folder.write("billing.secret.unfinished", &owner);
        let words = [&words[..], &["--json"]].concat();
        let done = if text.is_empty() { office.remote(&words) } else { office.local(&words) };
        match done.code {
            0 => assert!(office.secret("billing.secret").starts_with("chs_test_") && text.is_empty()),
            // It is registered by now; the file that was of no use is gone.
            _ => assert!(
                done.json()["reason"] == "client_exists" && !office.folder.file("billing.secret").exists()
            ),
        }
        assert!(!office.folder.file("billing.secret.unfinished").exists());
        let _ = std::fs::rename(office.folder.file("billing.secret"), office.folder.file("kept.secret"));
    }
    // A file that others can read, or that somebody else left, is not taken for one of ours.
    office.folder.write("late.secret", "");
    office.folder.write("late.secret.unfinished", format!("{}\nlate\n", office.server.url));
    let refused = office.local(&[&create("late", "late.secret")[..], &["--json"]].concat()).expect(2).json();
    assert_eq!(refused["reason"], "file_exists");
    assert_eq!(office.folder.read("late.secret"), "");
}

#[test]
fn what_only_has_the_name_of_a_mark_is_neither_followed_nor_taken_away() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    chancery.run(&["init", "--example", "documint"]).expect(0);
    std::os::unix::fs::symlink("elsewhere", folder.file("billing.secret.unfinished")).unwrap();
    folder.write("other.secret.unfinished", "notes of somebody\n");
    for file in ["billing.secret", "other.secret"] {
        let words = create("billing", file);
        let refused = chancery.run(&[&words[..], &["--json"]].concat()).expect(2).json();
        assert_eq!(refused["reason"], "file_exists", "{refused}");
        assert!(!folder.file(file).exists(), "{file}");
    }
    assert!(!folder.file("elsewhere").exists());
    assert_eq!(folder.read("other.secret.unfinished"), "notes of somebody\n");
}

fn private() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o600)
}

#[test]
fn over_http_a_secret_that_was_left_unfinished_is_told_and_kept() {
    let office = Administered::start();
    office.remote(&create("billing", "billing.secret")).expect(0);
    let secret = office.folder.read("billing.secret");
    office.folder.write("billing.secret.unfinished", format!("{}\nbilling\n", office.server.url));
    let add = ["client", "secret", "add", "billing", "--out", "billing.secret", "--json"];
    let refused = office.remote(&add).expect(2).json();
    assert_eq!(refused["reason"], "file_exists");
    assert!(refused["fix"].as_str().unwrap().contains("client show"), "{refused}");
    assert_eq!(office.folder.read("billing.secret"), secret);
}
