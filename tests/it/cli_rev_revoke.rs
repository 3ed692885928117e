//! `chancery revoke`, through both doors.

use crate::support::{AUDIENCE, Administered, Http, Ran, until};
use serde_json::{Value, json};

/// An issuer with a client `billing` of the tenant `acme`.
fn office() -> Administered {
    let office = Administered::start();
    office.chancery.create_client("billing", &[]).expect(0);
    office
}

/// A fresh token of `billing`.
fn token(office: &Administered) -> String {
    let secret = office.secret("billing.secret");
    let form = format!("&resource={AUDIENCE}");
    until("the issuer knows the client", || {
        let answer = Http::new().ask_for_token(&office.server.url, "billing", &secret, &form);
        (answer.status == 200).then(|| answer.body["access_token"].as_str().unwrap().to_owned())
    })
}

fn claims(office: &Administered, token: &str) -> Value {
    let inspected = office.local(&["token", "inspect", "--json", token]).expect(0).json();
    inspected["claims"].clone()
}

/// What a verifier that knows all of the log says of a token.
fn judged(office: &Administered, token: &str) -> Ran {
    let url = &office.server.url;
    let (keys, news) = (format!("{url}/.well-known/jwks.json"), format!("{url}/revocation/snapshot"));
    let mut words = vec!["token", "verify", "--keys", &keys, "--issuer", url, "--audience", AUDIENCE];
    words.extend(["--env", "test", "--revocations", &news, "--json", token]);
    office.chancery.run(&words)
}

#[track_caller]
fn is_revoked(office: &Administered, token: &str) {
    until("the published snapshot ends the token", || {
        let ran = judged(office, token);
        (ran.code == 1).then(|| assert_eq!(ran.json()["reason"], "revoked", "{ran:?}"))
    });
}

fn reason(words: &[&'static str]) -> Vec<&'static str> {
    [words, &["--reason", "it was in a log", "--json"]].concat()
}

#[test]
fn a_token_from_standard_input_is_refused_from_then_on_and_its_sister_is_not() {
    let office = office();
    let (stolen, sister) = (token(&office), token(&office));
    assert_ne!(stolen, sister);
    judged(&office, &stolen).expect(0);
    let words = reason(&["revoke", "token", "-"]);
    let planned = [&words[..], &["--plan"]].concat();
    let plan = office.chancery.run_with_input(&planned, stolen.as_bytes()).expect(0).json();
    assert_eq!((&plan["planned"], &plan["sequence"]), (&json!(true), &Value::Null));
    assert_eq!(plan["breaks"]["clients"][0]["id"], "billing");
    let done = office.chancery.run_with_input(&words, format!("{stolen}\n").as_bytes()).expect(0).json();
    assert_eq!(
        (&done["planned"], &done["kind"], &done["changed"]),
        (&json!(false), &json!("token"), &json!(true))
    );
    assert_eq!(done["id"], claims(&office, &stolen)["jti"]);
    is_revoked(&office, &stolen);
    judged(&office, &sister).expect(0);
    // Again, through the other door: it keeps its entry.
    let remote = [&words[..], &["--issuer", &office.server.url]].concat();
    let again = office.chancery.run_with_input(&remote, stolen.as_bytes()).expect(0).json();
    assert_eq!(again["changed"], false);
    assert_eq!(again["sequence"], done["sequence"], "nothing was appended since");
    let told = office.chancery.run_with_input(&words[..words.len() - 1], stolen.as_bytes()).expect(0).out;
    assert!(told.starts_with("Nothing changed: token ") && told.contains("was revoked before"), "{told}");
}

#[test]
fn both_doors_revoke_every_kind_and_say_so_in_the_same_words() {
    let office = office();
    let held = token(&office);
    let jti = claims(&office, &held)["jti"].as_str().unwrap().to_owned();
    for kind in [
        &["token", "--id", &jti][..],
        &["family", "AAAAAAAAAAAAAAAAAAAAAA"],
        &["client", "billing"],
        &["tenant", "acme"],
        &["subject", "billing"],
        &["all", "--yes"],
    ] {
        let words = [&["revoke"], kind, &["--reason", "a drill", "--json"]].concat();
        let plan = office.remote(&[&words[..], &["--plan"]].concat()).expect(0).json();
        assert_eq!(plan["planned"], true, "{kind:?}");
        let local = office.local(&words).expect(0).json();
        // What ends everybody ends the administrator's token, too, if the issuer had not heard of it when it made that.
        let remote = until("the issuer has heard of it", || {
            let ran = office.remote(&words);
            (ran.code == 0).then(|| ran.json())
        });
        assert_eq!((&local["kind"], &remote["kind"]), (&json!(kind[0]), &json!(kind[0])));
        for member in ["id", "reason", "log", "planned"] {
            assert_eq!(local[member], remote[member], "{kind:?} {member}");
        }
        assert_eq!(local["breaks"]["clients"], remote["breaks"]["clients"], "{kind:?}");
        let order = remote["sequence"].as_u64().unwrap() >= local["sequence"].as_u64().unwrap();
        assert!(order, "{local} {remote}");
    }
    is_revoked(&office, &held);
    // Whoever asks again gets on at once.
    let fresh = until("a token from after the entry", || {
        let fresh = token(&office);
        (judged(&office, &fresh).code == 0).then_some(fresh)
    });
    assert_ne!(fresh, held);
}

#[test]
fn a_revoked_key_signs_no_more_and_what_it_signed_ends() {
    let office = office();
    let held = token(&office);
    let kid = office.local(&["token", "inspect", "--json", &held]).expect(0).json()["header"]["kid"].clone();
    let kid = kid.as_str().unwrap();
    let words = ["revoke", "key", kid, "--reason", "the disk was stolen", "--json"];
    let done = office.remote(&words).expect(0).json();
    assert_eq!((&done["id"], &done["ends_at"]), (&json!(kid), &Value::Null));
    let listed = office.local(&["key", "list", "--json"]).expect(0).json();
    let still = |key: &Value| key["kid"] == kid && key["state"] == "active";
    assert!(!listed["keys"].as_array().unwrap().iter().any(still), "{listed}");
    // It is gone from the published keys too, so it is unknown before it is revoked.
    until("the token of the key is refused", || (judged(&office, &held).code == 1).then_some(()));
    judged(&office, &token(&office)).expect(0);
    let unknown = office.remote(&["revoke", "key", "nobody", "--reason", "x", "--json"]);
    assert_eq!(unknown.json()["reason"], "key_unknown");
}

#[test]
fn a_name_that_begins_with_a_dash_is_a_name() {
    let office = office();
    let id = "-AAAAAAAAAAAAAAAAAAAAA";
    for words in [&["family", id][..], &["token", "--id", id]] {
        let plan = office.local(&[&reason(&[&["revoke"], words].concat())[..], &["--plan"]].concat());
        assert_eq!(plan.expect(0).json()["id"], id);
    }
    let unknown = office.local(&reason(&["revoke", "key", "-MkeyId"]));
    assert_eq!(unknown.json()["reason"], "key_unknown");
}

#[test]
fn everything_needs_a_yes_and_a_plan_needs_none() {
    let office = office();
    let words = reason(&["revoke", "all"]);
    let refused = office.local(&words).expect(2).json();
    assert_eq!(refused["reason"], "not_confirmed");
    assert!(refused["fix"].as_str().unwrap().contains("--yes"), "{refused}");
    let plan = office.local(&[&words[..], &["--plan"]].concat()).expect(0).json();
    assert_eq!((&plan["planned"], &plan["id"]), (&json!(true), &Value::Null));
    // The administrator breaks as well.
    assert_eq!(plan["breaks"]["clients_total"], 2);
    let told = office.local(&["revoke", "all", "--plan", "--reason", "a drill"]).expect(0).out;
    assert!(told.starts_with("Nothing was revoked. This would revoke everything."), "{told}");
    assert!(told.contains("  2 clients:\n") && told.contains("    billing  "), "{told}");
}

#[test]
fn what_cannot_be_revoked_is_named() {
    let office = office();
    let stranger = "eyJhbGciOiJFZERTQSJ9.e30.AAAA";
    let cases: [(&[&str], &str); 6] = [
        (&["client", "nobody"], "client_unknown"),
        (&["tenant", "nobody"], "tenant_unknown"),
        (&["token", stranger], "token_unknown"),
        (&["client", "billing", "--reason", " "], "usage"),
        (&["token"], "usage"),
        (&["client", "billing", "--wait-applied", "1"], "usage"),
    ];
    for (words, reason) in cases {
        let words = [&["revoke"], words, &["--reason", "x", "--json"]].concat();
        let ran = office.local(&words);
        assert!([1, 2].contains(&ran.code), "{words:?}: {ran:?}");
        assert_eq!(ran.json()["reason"], reason, "{words:?}");
    }
    let blank = office.local(&["revoke", "client", "billing", "--reason", " ", "--json"]).expect(2).json();
    assert_eq!(blank["reason"], "reason_missing");
    let nobody = office.local(&["revoke", "client", "nobody", "--reason", "x"]).expect(2).err;
    assert!(nobody.contains("`chancery client list`"), "{nobody}");
}

#[test]
fn an_empty_standard_input_is_told_for_what_it_is() {
    let office = Administered::start();
    let words = ["revoke", "token", "-", "--reason", "it was in a log", "--json"];
    let told = office.chancery.run_with_input(&words, b"\n").expect(2).json();
    assert_eq!(told["reason"], "stdin_empty");
}
