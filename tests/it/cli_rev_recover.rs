//! `chancery revocation recover`: the store went back, and the log goes on.

use crate::support::{AUDIENCE, Administered, Chancery, Folder, Http, Server, until};
use serde_json::{Value, json};
use std::fs;

const STORE: [&str; 3] = [".chancery/store.db", ".chancery/store.db-wal", ".chancery/store.db-shm"];

/// The files of a store as they were.
struct Backup(Vec<(&'static str, Option<Vec<u8>>)>);

impl Backup {
    fn of(folder: &Folder) -> Self {
        Self(STORE.iter().map(|file| (*file, fs::read(folder.file(file)).ok())).collect())
    }

    fn put_back(self, folder: &Folder) {
        for (file, content) in self.0 {
            match content {
                Some(content) => fs::write(folder.file(file), content).unwrap(),
                None => drop(fs::remove_file(folder.file(file))),
            }
        }
    }
}

/// What is left of an issuer whose store went back to before a token was revoked.
struct Lost {
    folder: Folder,
    chancery: Chancery,
    /// Its documents from before the loss.
    snapshot: String,
    stolen: String,
}

impl Lost {
    fn new() -> Self {
        let Administered { folder, chancery, server } = Administered::start();
        let chancery = chancery.set("ISSUER__URL", server.url.clone());
        chancery.create_client("billing", &[]).expect(0);
        let secret = folder.read("billing.secret");
        let form = format!("&resource={AUDIENCE}");
        let stolen = until("the client is known", || {
            let answer = Http::new().ask_for_token(&server.url, "billing", secret.trim_end(), &form);
            answer.body["access_token"].as_str().map(str::to_owned)
        });
        stop(server);
        let backup = Backup::of(&folder);
        // It goes on, revokes, and is stopped: the journal knows.
        let server = Server::start(&chancery);
        chancery.run_with_input(&["revoke", "token", "-", "--reason", "stolen"], stolen.as_bytes()).expect(0);
        let snapshot = until("the entry is published", || {
            let published = get(&server.at("/revocation/snapshot"));
            folder.write("snapshot.jwt", &published);
            folder.write("keys.json", get(&server.at("/.well-known/jwks.json")));
            folder.write("log-keys.json", get(&server.at("/keys/revocation.json")));
            verdict(&chancery, "snapshot.jwt", &stolen).is_revoked().then_some(published)
        });
        stop(server);
        backup.put_back(&folder);
        Self { folder, chancery, snapshot, stolen }
    }

    fn recover(&self, more: &[&str]) -> Value {
        self.chancery.run(&[&["revocation", "recover", "--json"], more].concat()).expect(0).json()
    }

    /// What a verifier says of the stolen token that knows only what is published now.
    fn is_stolen_refused(&self) -> bool {
        let server = Server::start(&self.chancery);
        let published = get(&server.at("/revocation/snapshot"));
        self.folder.write("now.jwt", published);
        stop(server);
        verdict(&self.chancery, "now.jwt", &self.stolen).is_refused
    }
}

struct Verdict {
    is_refused: bool,
    reason: Value,
}

impl Verdict {
    fn is_revoked(&self) -> bool {
        self.reason == "revoked"
    }
}

/// What somebody says of the token who has this document and nothing else.
fn verdict(chancery: &Chancery, document: &str, token: &str) -> Verdict {
    let claims = chancery.run(&["token", "inspect", "--json", token]).expect(0).json()["claims"].clone();
    let issuer = claims["iss"].as_str().unwrap();
    let mut words =
        vec!["token", "verify", "--keys", "keys.json", "--issuer", issuer, "--audience", AUDIENCE];
    words.extend(["--env", "test", "--revocations", document, "--revocation-keys", "log-keys.json"]);
    words.extend(["--json", token]);
    let ran = chancery.run(&words);
    assert_ne!(ran.code, 2, "{ran:?}");
    Verdict { is_refused: ran.code == 1, reason: ran.json()["reason"].clone() }
}

fn get(url: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.get(url).send().await.unwrap().text().await.unwrap()
    })
}

fn stop(server: Server) {
    server.signal("TERM");
    let (code, _, log) = server.ended();
    assert_eq!(code, 0, "{log}");
}

#[test]
fn an_issuer_whose_store_went_back_refuses_to_start_and_goes_on_after_a_recovery_that_proves_itself() {
    let lost = Lost::new();
    let refused = lost.chancery.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_ne!(refused.code, 0, "{refused:?}");
    assert!(refused.err.contains("chancery revocation recover"), "{refused:?}");

    let plan = lost.recover(&["--plan"]);
    assert_eq!((&plan["planned"], &plan["decision"]), (&json!(true), &json!("revoked_all")));
    assert_eq!(plan["silent_issuers"], true);
    let plan = lost.recover(&["--plan", "--all-issuers"]);
    assert_eq!(plan["decision"], "complete");
    let found: Vec<(&Value, &Value)> =
        plan["found"].as_array().unwrap().iter().map(|one| (&one["source"], &one["state"])).collect();
    assert_eq!(found, [(&json!("store"), &json!("whole")), (&json!("journal"), &json!("whole"))]);
    // Nobody said that it is meant.
    let asked = lost.chancery.run(&["revocation", "recover", "--all-issuers", "--json"]).expect(2);
    assert_eq!(asked.json()["reason"], "not_confirmed");
    assert!(asked.err.contains("Decided: complete."), "{asked:?}");

    let done = lost.recover(&["--all-issuers", "--yes"]);
    assert_eq!((&done["decision"], &done["planned"]), (&json!("complete"), &json!(false)));
    assert!(lost.is_stolen_refused(), "what was revoked stays revoked");
    let status = lost.chancery.run(&["revocation", "status", "--json"]).expect(0).json();
    assert_eq!((&status["state"], &status["entries"]["all"]), (&json!("following"), &json!(0)));
    assert_eq!(status["log"], done["log"]);
}

#[test]
fn without_a_proof_everything_is_revoked_or_the_operator_says_otherwise() {
    let lost = Lost::new();
    let union = lost.recover(&["--plan", "--on-unprovable-loss", "union"]);
    assert_eq!(union["decision"], "went_on");
    let done = lost.recover(&["--yes"]);
    assert_eq!(done["decision"], "revoked_all");
    assert!(lost.is_stolen_refused());
    let status = lost.chancery.run(&["revocation", "status", "--json"]).expect(0).json();
    assert_eq!(status["entries"]["all"], 1);
}

#[test]
fn what_a_verifier_kept_brings_back_what_the_journal_lost() {
    let lost = Lost::new();
    for file in [".chancery/revocation.journal", ".chancery/revocation.journal.kept"] {
        fs::remove_file(lost.folder.file(file)).unwrap();
    }
    lost.folder.write("kept.log", &lost.snapshot);
    let words = ["--plan", "--all-issuers", "--on-unprovable-loss", "union"];
    let without = lost.recover(&words);
    let with = lost.recover(&[&words[..], &["--documents", "kept.log"]].concat());
    let ids = |report: &Value| report["ids"].as_u64().unwrap();
    assert_eq!((ids(&without), ids(&with)), (0, 1), "{with}");
    // A journal that is gone is an issuer that nobody asked.
    assert_eq!(with["silent_issuers"], true);
    let told =
        lost.chancery.run(&["revocation", "recover", "--plan", "--documents", "kept.log"]).expect(0).out;
    assert!(told.contains("  kept.log") && told.ends_with("Nothing was changed.\n"), "{told}");
    lost.recover(&["--yes", "--documents", "kept.log", "--on-unprovable-loss", "union"]);
    assert!(lost.is_stolen_refused());
    let missing = ["revocation", "recover", "--plan", "--journal", "nowhere", "--json"];
    assert_eq!(lost.chancery.run(&missing).expect(2).json()["reason"], "journal_missing");
}

#[test]
fn a_key_that_was_revoked_after_the_backup_does_not_sign_again_after_the_recovery() {
    let Administered { folder, chancery, server } = Administered::start();
    let chancery = chancery.set("ISSUER__URL", server.url.clone());
    chancery.create_client("billing", &[]).expect(0);
    stop(server);
    let backup = Backup::of(&folder);
    let server = Server::start(&chancery);
    let rotated = chancery.run(&["key", "rotate", "--format", "jwt", "--leaked", "--json"]).expect(0).json();
    let leaked = rotated["rotations"][0]["retires"].as_str().unwrap().to_owned();
    stop(server);
    backup.put_back(&folder);
    assert!(chancery.run(&["key", "list"]).expect(0).out.contains(&leaked), "the backup has it");

    let recover = ["revocation", "recover", "--all-issuers"];
    let plan = chancery.run(&[&recover[..], &["--plan"]].concat()).expect(0).out;
    assert!(
        plan.contains(&format!("The key {leaked} is revoked")) && plan.contains("would be taken out"),
        "{plan}"
    );
    let done = chancery.run(&[&recover[..], &["--yes", "--json"]].concat()).expect(0).json();
    assert_eq!((&done["decision"], &done["keys_taken_out"]), (&json!("complete"), &json!([leaked])));
    assert!(!chancery.run(&["key", "list"]).expect(0).out.contains(&leaked));

    let server = Server::start(&chancery);
    for (file, path) in [
        ("keys.json", "/.well-known/jwks.json"),
        ("log-keys.json", "/keys/revocation.json"),
        ("now.jwt", "/revocation/snapshot"),
    ] {
        folder.write(file, get(&server.at(path)));
    }
    assert!(!folder.read("keys.json").contains(&leaked));
    let secret = folder.read("billing.secret");
    let form = format!("&resource={AUDIENCE}");
    let fresh = until("a token", || {
        let answer = Http::new().ask_for_token(&server.url, "billing", secret.trim_end(), &form);
        answer.body["access_token"].as_str().map(str::to_owned)
    });
    let verdict = verdict(&chancery, "now.jwt", &fresh);
    assert!(!verdict.is_refused, "{}", verdict.reason);
    stop(server);
}

#[test]
fn a_store_that_lacks_nothing_stays_as_it_is() {
    let Administered { folder: _folder, chancery, server } = Administered::start();
    chancery.create_client("billing", &[]).expect(0);
    stop(server);
    chancery.run(&["revoke", "client", "billing", "--reason", "a drill"]).expect(0);
    let status = ["revocation", "status", "--json"];
    let before = chancery.run(&status).expect(0).json();
    // Neither does it ask, nor revoke everything because nobody said --all-issuers.
    let told = chancery.run(&["revocation", "recover", "--json"]).expect(0).json();
    assert_eq!((&told["decision"], &told["log"]), (&json!("needless"), &before["log"]), "{told}");
    let after = chancery.run(&status).expect(0).json();
    assert_eq!((&after["log"], &after["head"]), (&before["log"], &before["head"]));
    let words = chancery.run(&["revocation", "recover", "--yes"]).expect(0).out;
    assert!(words.contains("Nothing is missing") && words.ends_with("Nothing was changed.\n"), "{words}");
}

#[test]
fn clients_are_read_while_the_log_is_lost() {
    let lost = Lost::new();
    let refused =
        lost.chancery.run(&["revoke", "client", "billing", "--reason", "a drill", "--json"]).expect(5);
    assert_eq!(refused.json()["reason"], "log_behind", "{refused:?}");
    let listed = lost.chancery.run(&["client", "list", "--json"]).expect(0).json();
    assert!(listed["clients"].as_array().unwrap().iter().any(|client| client["id"] == "billing"), "{listed}");
    lost.chancery.run(&["client", "show", "billing"]).expect(0);
    lost.chancery.run(&["key", "list"]).expect(0);
}
