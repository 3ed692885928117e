//! What leaked is taken out of use, and what was made with it ends.

use crate::support::{AUDIENCE, Administered, Http, until};
use serde_json::{Value, json};

fn token(office: &Administered, id: &str, secret_file: &str) -> Option<String> {
    let form = format!("&resource={AUDIENCE}");
    let answer = Http::new().ask_for_token(&office.server.url, id, &office.secret(secret_file), &form);
    answer.body["access_token"].as_str().map(str::to_owned)
}

/// What a verifier that knows all of the log says of a token.
fn verdict(office: &Administered, token: &str) -> (i32, Value) {
    let url = &office.server.url;
    let (keys, news) = (format!("{url}/.well-known/jwks.json"), format!("{url}/revocation/snapshot"));
    let mut words = vec!["token", "verify", "--keys", &keys, "--issuer", url, "--audience", AUDIENCE];
    words.extend(["--env", "test", "--revocations", &news, "--json", token]);
    let ran = office.chancery.run(&words);
    (ran.code, ran.json()["reason"].clone())
}

fn ends(office: &Administered, token: &str) {
    until("the token is refused", || (verdict(office, token).0 == 1).then_some(()));
}

#[test]
fn a_leaked_secret_takes_the_tokens_of_its_client_with_it_and_the_other_secret_goes_on() {
    let office = Administered::start();
    office.chancery.create_client("billing", &[]).expect(0);
    let held = until("the client is known", || token(&office, "billing", "billing.secret"));
    let leaked = office.local(&["client", "show", "billing", "--json"]).expect(0).json();
    let leaked = leaked["secrets"][0]["id"].as_str().unwrap().to_owned();
    office.remote(&["client", "secret", "add", "billing", "--out", "next.secret"]).expect(0);
    let kept = office.remote(&["client", "show", "billing", "--json"]).expect(0).json();
    assert_eq!(kept["secrets"].as_array().unwrap().len(), 2);
    let drop = ["client", "secret", "drop", "billing", &leaked, "--leaked"];
    let dropped = office.remote(&[&drop[..], &["--json"]].concat()).expect(0).json();
    assert!(dropped["sequence"].is_u64(), "{dropped}");
    ends(&office, &held);
    let fresh = until("the other secret works", || token(&office, "billing", "next.secret"));
    until("and its token is good", || (verdict(&office, &fresh).0 == 0).then_some(()));
    until("the leaked one is good for nothing", || {
        token(&office, "billing", "billing.secret").is_none().then_some(())
    });
}

#[test]
fn a_secret_that_did_not_leak_ends_no_token() {
    let office = Administered::start();
    office.chancery.create_client("billing", &[]).expect(0);
    let held = until("the client is known", || token(&office, "billing", "billing.secret"));
    let first = office.local(&["client", "show", "billing", "--json"]).expect(0).json();
    let first = first["secrets"][0]["id"].as_str().unwrap().to_owned();
    office.local(&["client", "secret", "add", "billing", "--out", "next.secret"]).expect(0);
    let told = office.local(&["client", "secret", "drop", "billing", &first]).expect(0).out;
    assert_eq!(told.lines().count(), 1, "{told}");
    assert_eq!(verdict(&office, &held).0, 0);
}

#[test]
fn disabling_and_narrowing_a_client_end_what_it_has() {
    let office = Administered::start();
    office.chancery.create_client("billing", &[]).expect(0);
    let held = until("the client is known", || token(&office, "billing", "billing.secret"));
    let told = office.remote(&["client", "update", "billing", "--lifetime", "5m"]).expect(0).out;
    assert!(told.contains("Its tokens are revoked, at sequence "), "{told}");
    ends(&office, &held);
    let owner = office.remote(&["client", "update", "billing", "--owner", "team-ledger"]).expect(0).out;
    assert!(!owner.contains("revoked"), "{owner}");
    let next = until("a token from after it", || {
        token(&office, "billing", "billing.secret").filter(|token| verdict(&office, token).0 == 0)
    });
    let disable = ["client", "disable", "billing", "--reason", "a leak"];
    let told = office.local(&disable).expect(0).out;
    assert!(told.contains("gets no more tokens") && told.contains("at sequence "), "{told}");
    ends(&office, &next);
    let again = office.local(&[&disable[..], &["--json"]].concat()).expect(0).json();
    assert_eq!(again["state"], "disabled", "{again}");
}

#[test]
fn leaked_keys_are_revoked_and_the_next_ones_sign_at_once() {
    let office = Administered::start();
    office.chancery.create_client("billing", &[]).expect(0);
    let held = until("the client is known", || token(&office, "billing", "billing.secret"));
    let rotate = ["key", "rotate", "--format", "jwt", "--leaked", "--json"];
    let plan = office.remote(&[&rotate[..], &["--plan"]].concat()).expect(0).json();
    assert_eq!(plan["planned"], true);
    let done = office.remote(&rotate).expect(0).json();
    let [rotation] = done["rotations"].as_array().unwrap().as_slice() else { panic!("{done}") };
    assert_eq!(
        (&rotation["format"], &rotation["retires"]),
        (&json!("jwt"), &plan["rotations"][0]["retires"])
    );
    assert!(rotation["sequence"].is_u64(), "{done}");
    ends(&office, &held);
    until("tokens of the next key are good", || {
        let fresh = token(&office, "billing", "billing.secret")?;
        (verdict(&office, &fresh).0 == 0).then_some(())
    });
}
