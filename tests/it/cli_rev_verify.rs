//! The revocation log from files alone: `token verify --revocations` and `revocation verify`.

use crate::support::{Chancery, Folder, Ran};
use chancery_revocation::Kill;
use chancery_token::{TenantId, TokenId, UnixTime};
use chancery_verifier::testing::{TestIssuer, TestLog};
use serde_json::{Value, json};
use std::time::Duration;

const ISSUER: &str = "https://auth.example.com";
const AUDIENCE: &str = "https://api.example.com";

struct Desk {
    folder: Folder,
    issuer: TestIssuer,
    log: TestLog,
}

impl Desk {
    fn new() -> Self {
        let issuer = TestIssuer::new(ISSUER, AUDIENCE);
        let (folder, log) = (Folder::new(), issuer.log());
        folder.write("keys.json", issuer.key_document());
        folder.write("log-keys.json", log.key_document());
        folder.write("snapshot.jwt", log.snapshot());
        Self { folder, issuer, log }
    }

    fn now(&self) -> String {
        self.issuer.now().as_secs().to_string()
    }

    fn token(&self, token: &str, at: &str, more: &[&str]) -> Ran {
        let mut words = vec!["token", "verify", "--keys", "keys.json", "--issuer", ISSUER];
        words.extend(["--audience", AUDIENCE, "--now", at, "--revocation-keys", "log-keys.json"]);
        words.extend(more);
        words.push(token);
        Chancery::in_folder(&self.folder).run(&words)
    }

    fn documents(&self, more: &[&str]) -> Ran {
        let now = self.now();
        let mut words = vec!["revocation", "verify", "--issuer", ISSUER, "--now", &now];
        words.extend(["--revocation-keys", "log-keys.json"]);
        words.extend(more);
        Chancery::in_folder(&self.folder).run(&words)
    }
}

#[test]
fn a_token_that_a_kept_delta_ends_is_refused_and_its_sister_is_not() {
    let mut desk = Desk::new();
    let sister = desk.issuer.token().claim("jti", "AQEBAQEBAQEBAQEBAQEBAQ").sign();
    let stolen = desk.issuer.token().sign();
    let before = desk.log.position().sequence;
    desk.log.revoke_token(&stolen);
    desk.folder.write("delta.jwt", desk.log.delta(before).unwrap());
    let (now, news) = (desk.now(), ["--revocations", "snapshot.jwt", "--revocations", "delta.jwt", "--json"]);
    let refused = desk.token(&stolen, &now, &news).expect(1).json();
    assert_eq!((&refused["verdict"], &refused["reason"]), (&json!("refused"), &json!("revoked")));
    let accepted = desk.token(&sister, &now, &news).expect(0).json();
    assert_eq!(accepted["revocation"], "checked");
    assert_eq!(accepted["revocations"]["sequence"], json!(desk.log.position().sequence));
    // Without the delta nobody knows.
    let early = desk.token(&stolen, &now, &["--revocations", "snapshot.jwt", "--json"]).expect(0).json();
    assert_eq!(early["revocations"]["sequence"], json!(before));
}

#[test]
fn the_file_that_a_verifier_keeps_is_read_line_by_line_and_nothing_of_it_is_left_out() {
    let mut desk = Desk::new();
    let stolen = desk.issuer.token().sign();
    let before = desk.log.position().sequence;
    desk.log.revoke_token(&stolen);
    let delta = desk.log.delta(before).unwrap();
    desk.folder.write("delta.jwt", &delta);
    let half = &delta[..delta.len() / 2];
    desk.folder.write("kept", format!("{}\n{delta}", desk.folder.read("snapshot.jwt")));
    desk.folder.write("cut", format!("{}\n{half}", desk.folder.read("snapshot.jwt")));
    let kept_keys =
        json!({ "version": 1, "issuer": ISSUER, "confirmed_at": 1, "document": desk.log.key_document() });
    desk.folder.write("log-keys.json", kept_keys.to_string());
    let refused = desk.token(&stolen, &desk.now(), &["--revocations", "kept"]).expect(1);
    assert!(refused.out.starts_with("refused: revoked\n"), "{refused:?}");
    assert!(refused.err.is_empty(), "{refused:?}");
    // What a crash cut off may be what ends the token.
    let cut = desk.token(&stolen, &desk.now(), &["--revocations", "cut"]).expect(2).err;
    assert!(cut.starts_with("error: cut:2: ") && cut.contains("chancery revocation verify"), "{cut}");
    let alone = desk.token(&stolen, &desk.now(), &["--revocations", "delta.jwt"]).expect(2).err;
    assert!(alone.contains("does not follow"), "{alone}");
}

#[test]
fn news_that_are_too_old_are_no_verdict_and_the_fix_is_named() {
    let desk = Desk::new();
    let token = desk.issuer.token().lifetime(Duration::from_hours(1)).sign();
    let later = desk.issuer.now().plus(Duration::from_secs(601)).as_secs().to_string();
    let news = ["--revocations", "snapshot.jwt", "--json"];
    let old = desk.token(&token, &later, &news).expect(2).json();
    assert_eq!((&old["verdict"], &old["reason"]), (&json!("unusable"), &json!("revocation_stale")));
    assert!(old["fix"].as_str().unwrap().contains("--max-staleness"), "{old}");
    let more = [&news[..], &["--max-staleness", "20m"]].concat();
    let accepted = desk.token(&token, &later, &more).expect(0).json();
    assert_eq!(accepted["revocations"]["age_secs"], 601);
    let words = desk.token(&token, &later, &more[..2]).expect(2).err;
    assert!(words.starts_with("error: revocation status unknown: "), "{words}");
}

#[test]
fn documents_that_cannot_be_believed_say_nothing() {
    let desk = Desk::new();
    let (token, now) = (desk.issuer.token().sign(), desk.now());
    let other = desk.issuer.log().key_number(102);
    desk.folder.write("forged.jwt", other.snapshot());
    desk.folder.write("token.jwt", &token);
    desk.folder.write("empty", "\n");
    let elsewhere = TestIssuer::new("https://other.example.com", AUDIENCE).log();
    desk.folder.write("elsewhere.jwt", elsewhere.snapshot());
    for (file, reason) in [
        ("forged.jwt", "document_key_unknown"),
        ("token.jwt", "document_kind"),
        ("elsewhere.jwt", "document_issuer_mismatch"),
        ("empty", "revocations_unreadable"),
        ("nowhere", "revocations_unreadable"),
        ("http://auth.example.com/revocation/snapshot", "revocations_url"),
        ("http://127.0.0.1:1/revocation/snapshot", "revocations_unreachable"),
    ] {
        let told = desk.token(&token, &now, &["--revocations", file, "--json"]).expect(2).json();
        assert_eq!(
            (&told["verdict"], &told["reason"]),
            (&json!("unusable"), &json!(reason)),
            "{file}: {told}"
        );
        assert!(told["fix"].is_string() || file == "empty", "{told}");
    }
    let early = desk.issuer.now().minus(Duration::from_secs(61)).as_secs().to_string();
    let told = desk.token(&token, &early, &["--revocations", "snapshot.jwt", "--json"]).expect(2).json();
    assert_eq!(told["reason"], "document_from_future");
    // A key of tokens that signs the log too.
    desk.folder.write("log-keys.json", desk.issuer.key_document());
    let told = desk.token(&token, &now, &["--revocations", "snapshot.jwt", "--json"]).expect(2).json();
    assert_eq!(told["reason"], "revocation_key_shared");
}

#[test]
fn what_documents_say_is_counted_and_listed() {
    let mut desk = Desk::new();
    let before = desk.log.position().sequence;
    let end = desk.issuer.now().plus(Duration::from_hours(1));
    let tenant: TenantId = "acme".parse().unwrap();
    desk.log.revoke(Kill::token(TokenId::from_bytes([7; 16]), end)).revoke(Kill::tenant(&tenant, end));
    desk.folder.write("delta.jwt", desk.log.delta(before).unwrap());
    desk.folder.write("later.jwt", desk.log.snapshot());
    let told = desk.documents(&["--json", "--entries", "snapshot.jwt", "delta.jwt"]).expect(0).json();
    let at = |after: u64| json!(before.get() + after);
    assert_eq!(told["verdict"], "accepted");
    let [snapshot, delta] = told["documents"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!((&snapshot["kind"], &snapshot["reason"]), (&json!("snapshot"), &json!("installed")));
    assert_eq!((&delta["from"], &delta["sequence"]), (&at(0), &at(2)));
    assert_eq!((&delta["counts"]["tokens"], &delta["counts"]["tenants"]), (&json!(1), &json!(1)));
    let entries: Vec<(&Value, &Value)> = delta["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (&entry["kind"], &entry["sequence"]))
        .collect();
    assert_eq!(entries, [(&json!("token"), &at(1)), (&json!("tenant"), &at(2))]);
    assert_eq!(delta["entries"][0]["name"], "BwcHBwcHBwc");
    assert_eq!(told["known"]["head"], desk.log.position().head.to_string());
    // A snapshot says the same as the delta.
    let told = desk.documents(&["--json", "later.jwt"]).expect(0).json();
    assert_eq!(told["documents"][0]["counts"], delta["counts"]);
    let words = desk.documents(&["snapshot.jwt", "delta.jwt"]).expect(0).out;
    assert!(
        words.contains("revokes    1 token, 1 tenant") && words.contains("All 2 documents are genuine"),
        "{words}"
    );
}

#[test]
fn documents_that_do_not_fit_or_were_changed_are_refused() {
    let mut desk = Desk::new();
    let before = desk.log.position().sequence;
    desk.log.revoke_token(&desk.issuer.token().sign());
    let delta = desk.log.delta(before).unwrap();
    desk.folder.write("delta.jwt", &delta);
    let alone = desk.documents(&["--json", "delta.jwt"]).expect(1).json();
    assert_eq!(alone["documents"][0]["reason"], "snapshot_needed");
    assert_eq!((&alone["verdict"], &alone["known"]), (&json!("refused"), &Value::Null));
    let changed = delta.replacen('.', ".A", 1);
    desk.folder.write("changed.jwt", changed);
    let told = desk.documents(&["--json", "snapshot.jwt", "changed.jwt"]).expect(1).json();
    assert_eq!((&told["documents"][1]["genuine"], &told["verdict"]), (&json!(false), &json!("refused")));
    let words = desk.documents(&["snapshot.jwt", "changed.jwt"]).expect(1).out;
    assert!(words.contains("changed.jwt:1: refused: ") && words.contains("\nRefused. "), "{words}");
    // Another log that follows on this one is genuine, and somebody is to look.
    desk.log = desk.log.clone().lost();
    desk.folder.write("lost.jwt", desk.log.snapshot());
    let told = desk.documents(&["--json", "snapshot.jwt", "lost.jwt"]).expect(0).json();
    assert_eq!((&told["alarms"], &told["documents"][1]["reason"]), (&json!(1), &json!("merged_another_log")));
    assert!(desk.documents(&["snapshot.jwt", "lost.jwt"]).expect(0).out.contains("ALARM"));
}

#[test]
fn a_bad_command_line_is_told_to_programs_as_a_verdict() {
    let desk = Desk::new();
    let told = desk.documents(&["--json", "nowhere"]).expect(2).json();
    assert_eq!((&told["verdict"], &told["reason"]), (&json!("unusable"), &json!("revocations_unreadable")));
    let token = desk.issuer.token().sign();
    let told = desk.token(&token, &desk.now(), &["--json"]).expect(2).json();
    assert_eq!(told["reason"], "usage", "keys of a log that is not asked");
    desk.folder.write("log-keys.json", "{}");
    let told = desk.documents(&["--json", "snapshot.jwt"]).expect(2).json();
    assert_eq!(told["reason"], "keys_not_a_document");
}

#[test]
fn ends_are_told_as_times() {
    let mut desk = Desk::new();
    let end = UnixTime::from_secs(desk.issuer.now().as_secs() / 60 * 60 + 600);
    desk.log.revoke(Kill::token(TokenId::from_bytes([7; 16]), end));
    desk.folder.write("later.jwt", desk.log.snapshot());
    let told = desk.documents(&["--json", "--entries", "later.jwt"]).expect(0).json();
    assert_eq!(told["documents"][0]["entries"][0]["ends_at"], json!(end));
}
