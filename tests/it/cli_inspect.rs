use crate::support::{Chancery, Folder};
use chancery_token::Format;
use chancery_verifier::testing::TestIssuer;
use serde_json::json;

fn issuer(format: Format) -> TestIssuer {
    TestIssuer::new("https://auth.example.com", "https://api.example.com").format(format)
}

#[test]
fn r54_a_found_token_says_what_it_is_whose_it_is_and_what_it_touches() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    for (format, what) in [(Format::Jwt, "jwt_access_token"), (Format::Paseto, "paseto_access_token")] {
        let token = issuer(format).token().client("billing").sign();
        let text = chancery.run(&["token", "inspect", &token]).expect(0).out;
        assert!(text.starts_with("NOT VERIFIED"), "{text}");
        for told in [
            "https://auth.example.com",
            "client billing",
            "acme",
            "records:read",
            "live environment",
            "2026-11-22T00:15:00Z",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
        let object =
            chancery.run_with_input(&["token", "inspect", "--json", "-"], format!("{token}\n").as_bytes());
        let object = object.expect(0).json();
        assert_eq!((&object["what"], &object["verified"]), (&json!(what), &json!(false)));
        assert_eq!(object["times"]["exp"], "2026-11-22T00:15:00Z");
        assert_eq!(object["claims"]["client_id"], "billing");
    }
}

#[test]
fn a_hostile_token_cannot_drive_the_terminal() {
    let folder = Folder::new();
    let token =
        issuer(Format::Jwt).token().claim("tenant", "\u{1b}[2J\r\u{9b}x\u{202e}").claim("exp", "soon").sign();
    let text = Chancery::in_folder(&folder).run(&["token", "inspect", &token]).expect(0).out;
    let drives = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(drives), "{text:?}");
}

#[test]
fn r54_a_found_secret_is_recognised_and_not_repeated() {
    let folder = Folder::new();
    let secret = "chs_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for json in [true, false] {
        let mut words = vec!["token", "inspect", secret];
        words.extend(json.then_some("--json"));
        let ran = Chancery::in_folder(&folder).run(&words).expect(0);
        assert!(
            ran.out.contains("client") && !ran.out.contains("AAAA") && !ran.err.contains("AAAA"),
            "{ran:?}"
        );
    }
}

#[test]
fn what_is_nothing_that_we_know_cannot_be_used() {
    let folder = Folder::new();
    for token in
        ["", "hello", "a.b", "a.b.c", "e30.e30", "v4.public.AAAA", "v4.local.AAAA", &"a".repeat(9000)]
    {
        let ran = Chancery::in_folder(&folder).run(&["token", "inspect", "--json", token]).expect(2);
        assert!(ran.json()["detail"].is_string());
    }
}
