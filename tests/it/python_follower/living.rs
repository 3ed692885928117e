//! Services in Python beside an issuer that lives, goes away, and comes back.

use super::town::Town;
use crate::support::{AUDIENCE, within};
use serde_json::json;
use std::time::Duration;

/// Rule: between a revocation and the last verifier that obeys it.
const REACH: Duration = Duration::from_secs(10);

#[test]
fn r_3_3_a_python_service_refuses_what_was_revoked_in_time_and_nothing_else() {
    let (town, _issuer) = Town::new();
    let service = town.service("state", "600");
    let (stolen, sister) = (town.token(), town.token());
    for token in [&stolen, &sister] {
        town.hears(&service, token, "200");
    }
    town.revoke(&stolen);
    within(REACH, "the end of the token", || (town.says(&service, &stolen) == "401 revoked").then_some(()));
    assert_eq!(town.says(&service, &sister), "200");
    // By its name, too: what the client had is over, and what it gets from now on is not.
    town.chancery.run(&["revoke", "client", "billing", "--reason", "a test"]).expect(0);
    within(REACH, "the end of its client", || (town.says(&service, &sister) == "401 revoked").then_some(()));
    assert_eq!(town.says(&service, &town.token()), "200");
}

#[test]
fn r_3_4_a_python_service_that_hears_nothing_says_503_and_never_401_to_a_good_token() {
    let (town, issuer) = Town::new();
    let token = town.token();
    let service = town.service("state", "3");
    town.hears(&service, &token, "200");
    issuer.kill();
    let mut said = Vec::new();
    within(REACH, "the last age of the news", || {
        said.push(town.says(&service, &token));
        (said.last()? != "200").then_some(())
    });
    assert_eq!(said.last().unwrap(), "503 revocation_stale");
    // A start makes no news younger.
    assert_eq!(service.terminated(), 0);
    let service = town.service("state", "3");
    assert_eq!(town.says(&service, &token), "503 revocation_stale");
    // And it is heard when it is back.
    let _issuer = town.issuer_again();
    town.hears(&service, &token, "200");
    town.revoke(&token);
    town.hears(&service, &token, "401 revoked");
}

#[test]
fn a_python_service_is_counted_by_its_name_when_it_has_applied_a_revocation() {
    let (town, issuer) = Town::new();
    let words = ["--name", "invoices-1", "--client-id", "billing", "--secret-file", "billing.secret"];
    let service = town.named_service("state", "600", &words);
    town.hears(&service, &town.token(), "200");
    // It says its name with its first question about news, a moment after it is ready.
    let status = ["revocation", "status", "--verifiers", "--issuer", &issuer.url, "--json"];
    within(REACH, "a receipt", || {
        town.chancery.run(&status).expect(0).out.contains("\"invoices-1\"").then_some(())
    });
    let probe = format!("{}/invoices", service.url);
    let drill = ["drill", "--issuer", &issuer.url, "--scope", "invoices:read", "--tenant", "acme"];
    let told = town.chancery.run(&[&drill[..], &["--probe", &probe, "--json"]].concat()).expect(0).json();
    assert_eq!((&told["ok"], &told["never"]), (&json!(true), &json!([])));
    assert_eq!(told["verifiers"][0]["name"], "invoices-1", "{told}");
    assert!(told["probes"][0]["refused_after_ms"].is_u64(), "{told}");
}

#[test]
fn a_python_service_whose_credentials_are_wrong_hears_the_news_all_the_same() {
    let (town, issuer) = Town::new();
    town.folder.write("wrong.secret", "chs_test_of_nobody");
    let words = ["--name", "invoices-1", "--client-id", "billing", "--secret-file", "wrong.secret"];
    let service = town.named_service("state", "600", &words);
    let token = town.token();
    town.hears(&service, &token, "200");
    town.revoke(&token);
    within(REACH, "the end of the token", || (town.says(&service, &token) == "401 revoked").then_some(()));
    assert!(town.folder.read("invoices.log").contains("credentials of this follower are refused"));
    let drill = ["drill", "--issuer", &issuer.url, "--scope", "invoices:read", "--tenant", "acme", "--json"];
    assert_eq!(town.chancery.run(&drill).expect(1).json()["reason"], "drill_unwitnessed");
}

#[test]
fn a_python_service_accepts_no_token_that_is_for_somebody_else() {
    let (town, _issuer) = Town::new();
    let (token, service) = (town.token(), town.service("state", "600"));
    town.hears(&service, &token, "200");
    let for_others = [
        (["--audience", "https://other.example"], "401 audience_mismatch"),
        (["--audience", &AUDIENCE[..AUDIENCE.len() - 1]], "401 audience_mismatch"),
        (["--environment", "live"], "401 environment_mismatch"),
    ];
    for (words, verdict) in for_others {
        town.hears(&town.named_service("elsewhere", "600", &words), &token, verdict);
    }
    let (elsewhere, _its_issuer) = Town::new();
    assert_eq!(town.says(&service, &elsewhere.token()), "401 invalid_token");
}
