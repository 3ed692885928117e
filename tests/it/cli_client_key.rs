use crate::support::{Administered, Http, until};

fn vectors() -> Vec<serde_json::Value> {
    serde_json::from_str(include_str!("../vectors/client_assertions.json")).unwrap()
}

#[test]
fn r52_a_client_changes_over_to_a_key_and_its_key_to_another_without_an_outage() {
    for over_http in [false, true] {
        let office = Administered::start();
        let run = |words: &[&str]| if over_http { office.remote(words) } else { office.local(words) };
        office.folder.write("first.pub", vectors()[0]["pem"].as_str().unwrap());
        office.folder.write("second.jwk", vectors()[2]["jwk"].to_string());
        office.chancery.create_client("billing", &[]).expect(0);
        let over = ["client", "update", "billing", "--authentication", "private_key_jwt", "--json"];
        assert_eq!(run(&over).expect(2).json()["faults"][0]["reason"], "key_missing");
        let told = run(&["client", "key", "add", "billing", "first.pub"]).expect(0).out;
        assert!(told.contains("chancery client update billing --authentication private_key_jwt"), "{told}");
        let client = run(&over).expect(0).json();
        assert_eq!(
            (client["secrets"].as_array().unwrap().len(), &client["authentication"]),
            (0, &"private_key_jwt".into())
        );
        let first = client["keys"][0]["kid"].as_str().unwrap().to_owned();
        let http = Http::new();
        let status =
            || http.ask_for_token(&office.server.url, "billing", &office.secret("billing.secret"), "").status;
        until("the secret is good for nothing", || (status() == 401).then_some(()));

        let only = run(&["client", "key", "drop", "billing", &first, "--json"]).expect(1);
        assert_eq!(only.json()["reason"], "last_client_key");
        let added = run(&["client", "key", "add", "billing", "second.jwk", "--json"]).expect(0).json();
        let second = added["kid"].as_str().unwrap();
        run(&["client", "key", "drop", "billing", &first, "--leaked"]).expect(0);
        let listed = run(&["client", "key", "list", "billing"]).expect(0).out;
        assert_eq!(listed.trim(), format!("{second} ES256"));
        let unknown = run(&["client", "key", "drop", "billing", &first, "--json"]).expect(2);
        assert_eq!(unknown.json()["reason"], "client_key_unknown");
    }
}

#[test]
fn a_private_key_is_refused_before_it_leaves_this_machine_and_is_not_repeated() {
    let office = Administered::start();
    office.chancery.create_client("billing", &[]).expect(0);
    let mut private = vectors()[0]["jwk"].clone();
    private["d"] = "c2VjcmV0LXBhcnQ".into();
    office.folder.write("private.jwk", private.to_string());
    office
        .folder
        .write("private.pem", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0LXBhcnQ\n-----END PRIVATE KEY-----\n");
    for file in ["private.jwk", "private.pem"] {
        for ran in [
            office.remote(&["client", "key", "add", "billing", file, "--json"]),
            office.local(&[
                "client",
                "create",
                "x",
                "--authentication",
                "private_key_jwt",
                "--key",
                file,
                "--json",
            ]),
        ] {
            let ran = ran.expect(2);
            assert_eq!(ran.json()["reason"], "key_private", "{ran:?}");
            assert!(!ran.out.contains("c2VjcmV0") && !ran.err.contains("c2VjcmV0"), "{ran:?}");
        }
    }
}

#[test]
fn a_key_that_nothing_asks_for_and_a_delegate_that_nobody_is_are_not_passed_over() {
    let office = Administered::start();
    office.folder.write("first.pub", vectors()[0]["pem"].as_str().unwrap());
    let refused = office.chancery.create_client("billing", &["--key", "first.pub"]).expect(2);
    assert!(refused.err.contains("--key: ") && refused.err.contains("private_key_jwt"), "{refused:?}");
    let created = office.chancery.create_client("billing", &["--delegate-to", "mialer"]).expect(0);
    assert!(created.err.contains("No client 'mialer' is registered yet"), "{created:?}");
    office.chancery.create_client("mailer", &[]).expect(0);
    for over_http in [false, true] {
        let run = |words: &[&str]| if over_http { office.remote(words) } else { office.local(words) };
        let ran = run(&["client", "update", "billing", "--delegate-to", "mailer,mialer", "--json"]).expect(0);
        assert_eq!(ran.json()["may_delegate_to"], serde_json::json!(["mailer", "mialer"]), "{ran:?}");
        assert!(ran.err.contains("'mialer'") && !ran.err.contains("'mailer'"), "{ran:?}");
        let ran = run(&["client", "update", "billing", "--delegate-to", "mailer"]).expect(0);
        assert!(!ran.err.contains("registered yet"), "{ran:?}");
    }
}
