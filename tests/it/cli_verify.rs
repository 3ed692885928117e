use crate::support::{Chancery, Folder, Ran};
use chancery_token::{Format, PublicKey, UnixTime, paserk};
use chancery_verifier::testing::{TestIssuer, TokenBuilder};
use serde_json::json;
use std::time::Duration;

const ISSUER: &str = "https://auth.example.com";
const AUDIENCE: &str = "https://api.example.com";

struct Desk {
    folder: Folder,
    issuer: TestIssuer,
    format: Format,
}

impl Desk {
    fn of(format: Format) -> Self {
        let (folder, issuer) = (Folder::new(), TestIssuer::new(ISSUER, AUDIENCE).format(format));
        folder.write("keys.json", issuer.key_document());
        Self { folder, issuer, format }
    }

    fn both() -> [Self; 2] {
        [Self::of(Format::Jwt), Self::of(Format::Paseto)]
    }

    fn token(&self) -> TokenBuilder {
        self.issuer.token()
    }

    fn words<'w>(&'w self, now: &'w str) -> Vec<&'w str> {
        let format = self.format.as_str();
        let mut words =
            vec!["token", "verify", "--keys", "keys.json", "--issuer", ISSUER, "--audience", AUDIENCE];
        words.extend(["--format", format, "--now", now, "--json"]);
        words
    }

    fn verify(&self, token: &str, more: &[&str]) -> Ran {
        let now = self.issuer.now().as_secs().to_string();
        let mut words = self.words(&now);
        words.extend(more);
        words.push(token);
        Chancery::in_folder(&self.folder).run(&words)
    }

    fn verify_input(&self, input: &[u8]) -> Ran {
        let now = self.issuer.now().as_secs().to_string();
        let mut words = self.words(&now);
        words.push("-");
        Chancery::in_folder(&self.folder).run_with_input(&words, input)
    }
}

#[test]
fn a_good_token_is_accepted_in_both_formats_and_the_other_libraries_agree() {
    for desk in Desk::both() {
        let token = desk.token().sign();
        let verdict = desk.verify(&token, &["--judge"]).expect(0).json();
        assert_eq!(verdict["verdict"], "accepted");
        assert_eq!(verdict["claims"]["tenant"], "acme");
        assert_eq!(verdict["kid"], desk.issuer.kid());
        assert_eq!((&verdict["judge"], &verdict["revocation"]), (&json!("asked"), &json!("not_checked")));
    }
}

#[test]
fn text_output_says_that_revocation_was_not_checked() {
    let desk = Desk::of(Format::Jwt);
    let now = desk.issuer.now().to_rfc3339();
    let mut words = desk.words(&now);
    words.retain(|word| *word != "--json");
    let token = desk.token().sign();
    words.push(&token);
    let ran = Chancery::in_folder(&desk.folder).run(&words).expect(0);
    assert!(ran.out.starts_with("accepted\n") && ran.out.contains("revocation was not checked"), "{ran:?}");
}

#[test]
fn a_refused_token_writes_no_line_of_its_own() {
    let desk = Desk::of(Format::Jwt);
    let now = desk.issuer.now().to_rfc3339();
    let mut words = desk.words(&now);
    words.retain(|word| *word != "--json");
    let token = desk.token().claim("iss", "https://a\naccepted").sign();
    words.push(&token);
    let ran = Chancery::in_folder(&desk.folder).run(&words).expect(1);
    assert!(ran.out.starts_with("refused: issuer_mismatch\n") && ran.out.lines().count() == 2, "{ran:?}");
}

#[test]
fn every_bad_token_is_refused_with_its_reason() {
    for desk in Desk::both() {
        let now = desk.issuer.now();
        let elsewhere = TestIssuer::new(ISSUER, AUDIENCE).format(desk.format).key_number(2);
        let good = desk.token().sign();
        let other_format = Desk::of(if desk.format == Format::Jwt { Format::Paseto } else { Format::Jwt });
        let cut = &good[..good.len() - 10];
        let cases: Vec<(String, &str)> = vec![
            (
                desk.token()
                    .time("exp", now.minus(Duration::from_secs(30)))
                    .time("iat", now.minus(Duration::from_secs(90)))
                    .sign(),
                "expired",
            ),
            (desk.token().time("nbf", now.plus(Duration::from_secs(31))).sign(), "not_yet_valid"),
            (desk.token().lifetime(Duration::from_secs(3601)).sign(), "lifetime_too_long"),
            (desk.token().claim("aud", "https://other.example.com").sign(), "audience_mismatch"),
            (desk.token().claim("iss", "https://other.example.com").sign(), "issuer_mismatch"),
            (desk.token().claim("env", "test").sign(), "environment_mismatch"),
            (desk.token().without("exp").sign(), "claim_missing"),
            (desk.token().without("rvs").sign(), "claim_missing"),
            (desk.token().signed_by(&elsewhere).sign(), "signature_invalid"),
            (elsewhere.token().sign(), "unknown_key"),
            (other_format.token().sign(), "wrong_format"),
            (format!("{good} "), "character_forbidden"),
            ("a".repeat(9000), "token_too_large"),
            ("a.b".to_owned(), "segment_count"),
            (String::new(), "segment_count"),
            ("-x".to_owned(), "segment_count"),
        ];
        for (token, reason) in cases {
            let ran = desk.verify(&token, &[]).expect(1);
            let verdict = ran.json();
            assert_eq!(verdict["verdict"], "refused");
            assert_eq!(verdict["reason"], reason, "{token:.60} {ran:?}");
            assert!(!verdict["detail"].as_str().unwrap().is_empty());
        }
        assert_ne!(desk.verify(cut, &[]).expect(1).json()["reason"], "accepted");
        let missing = desk.verify(&desk.token().without("jti").sign(), &[]).expect(1).json();
        assert_eq!((&missing["reason"], &missing["claim"]), (&json!("claim_missing"), &json!("jti")));
    }
}

#[test]
fn a_token_without_a_signature_is_refused() {
    let desk = Desk::of(Format::Jwt);
    assert_eq!(desk.verify(&desk.token().unsigned(), &[]).expect(1).json()["reason"], "alg_none");
}

#[test]
fn environment_leeway_and_lifetime_are_what_the_command_line_says() {
    let desk = Desk::of(Format::Jwt);
    let now = desk.issuer.now();
    let test = desk.token().claim("env", "test").sign();
    desk.verify(&test, &["--env", "test"]).expect(0);
    let ending = desk.token().time("exp", now).time("iat", now.minus(Duration::from_mins(1))).sign();
    desk.verify(&ending, &[]).expect(0);
    desk.verify(&ending, &["--leeway", "0"]).expect(1);
    let long = desk.token().lifetime(Duration::from_hours(2)).sign();
    desk.verify(&long, &["--max-lifetime", "2h"]).expect(0);
    desk.verify(&long, &["--max-lifetime", "7199"]).expect(1);
}

#[test]
fn from_standard_input_one_line_feed_is_dropped_and_nothing_else() {
    for desk in Desk::both() {
        let token = desk.token().sign();
        for (input, code) in [
            (token.clone(), 0),
            (format!("{token}\n"), 0),
            (format!("{token}\n\n"), 1),
            (format!("{token}\r\n"), 1),
            (format!(" {token}"), 1),
            (String::new(), 1),
            ("a".repeat(100_000), 1),
        ] {
            let verdict = desk.verify_input(input.as_bytes()).expect(code).json();
            assert_eq!(verdict["verdict"], if code == 0 { "accepted" } else { "refused" });
        }
        let not_text = desk.verify_input(b"\xff\xfe").expect(1).json();
        assert_eq!(not_text["reason"], "character_forbidden");
    }
}

#[test]
fn what_cannot_be_used_is_told_apart_from_a_refusal() {
    let desk = Desk::of(Format::Jwt);
    let token = desk.token().sign();
    let folder = &desk.folder;
    folder.write("empty.json", "");
    folder.write("none.json", r#"{"keys":[]}"#);
    folder.write("rsa.json", r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"1"}]}"#);
    folder.write("large.json", "x".repeat(70_000));
    let chancery = Chancery::in_folder(folder);
    let verify = |keys: &str, more: &[&str]| {
        let mut words =
            vec!["token", "verify", "--json", "--keys", keys, "--issuer", ISSUER, "--audience", AUDIENCE];
        words.extend(more);
        words.push(&token);
        let verdict = chancery.run(&words).expect(2).json();
        assert_eq!(verdict["verdict"], "unusable");
        verdict["reason"].as_str().unwrap().to_owned()
    };
    assert_eq!(verify("nowhere.json", &[]), "keys_unreadable");
    assert_eq!(verify(".", &[]), "keys_unreadable");
    assert_eq!(verify("empty.json", &[]), "keys_not_a_document");
    assert_eq!(verify("none.json", &[]), "keys_unusable");
    assert_eq!(verify("rsa.json", &[]), "keys_unusable");
    assert_eq!(verify("large.json", &[]), "keys_too_large");
    assert_eq!(verify("keys.json", &["--format", "paseto"]), "keys_unusable");
    assert_eq!(verify("http://auth.example.com/keys", &[]), "keys_url_insecure");
    assert_eq!(verify("http://127.0.0.1:9/keys", &[]), "keys_unreachable");
    for wrong in [
        ["--now", "yesterday"],
        ["--format", "saml"],
        ["--env", "prod"],
        ["--leeway", "-1"],
        ["--colour", "x"],
    ] {
        assert_eq!(verify("keys.json", &wrong), "usage", "{wrong:?}");
    }
    assert_eq!(verify("keys.json", &["--audience", ""]), "usage");
    let without_issuer =
        chancery.run(&["token", "verify", "--keys", "keys.json", "--audience", AUDIENCE, &token]).expect(2);
    assert!(without_issuer.err.contains("--issuer"), "{without_issuer:?}");
}

#[test]
fn keys_come_as_single_jwk_and_as_bare_paserk_line_too() {
    let jwt = Desk::of(Format::Jwt);
    let set: serde_json::Value = serde_json::from_str(&jwt.issuer.key_document()).unwrap();
    let mut jwk = set["keys"][0].clone();
    jwt.folder.write("keys.json", jwk.to_string());
    jwt.verify(&jwt.token().sign(), &[]).expect(0);
    jwk.as_object_mut().unwrap().remove("kid");
    jwt.folder.write("keys.json", jwk.to_string());
    jwt.verify(&jwt.token().sign(), &[]).expect(0);

    let paseto = Desk::of(Format::Paseto);
    let keys = paseto.issuer.keys();
    let key: &PublicKey = keys.key(&paseto.issuer.kid()).unwrap();
    paseto.folder.write("keys.json", format!("{}\n", paserk::public(key)));
    paseto.verify(&paseto.token().sign(), &["--judge"]).expect(0);
}

#[test]
fn a_skipped_key_is_told_and_the_others_count() {
    let desk = Desk::of(Format::Jwt);
    let mut set: serde_json::Value = serde_json::from_str(&desk.issuer.key_document()).unwrap();
    set["keys"].as_array_mut().unwrap().insert(0, json!({ "kty": "AKP" }));
    desk.folder.write("keys.json", set.to_string());
    let verdict = desk.verify(&desk.token().sign(), &[]).expect(0).json();
    assert_eq!(verdict["skipped_keys"][0]["entry"], 0);
}

#[test]
fn now_is_the_machines_clock_unless_said_otherwise() {
    let desk = Desk::of(Format::Jwt);
    let ancient = desk.issuer.clone().at(UnixTime::from_secs(1_000_000_000)).token().sign();
    let chancery = Chancery::in_folder(&desk.folder);
    let words = [
        "token",
        "verify",
        "--keys",
        "keys.json",
        "--issuer",
        ISSUER,
        "--audience",
        AUDIENCE,
        "--json",
        &ancient,
    ];
    assert_eq!(chancery.run(&words).expect(1).json()["reason"], "expired");
}
