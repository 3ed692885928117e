use crate::support::{AUDIENCE, Administered, Http, until};

#[test]
fn r52_two_live_secrets_both_get_tokens_and_the_dropped_one_does_not() {
    for over_http in [false, true] {
        let office = Administered::start();
        let run = |words: &[&str]| if over_http { office.remote(words) } else { office.local(words) };
        office.chancery.create_client("billing", &[]).expect(0);
        let http = Http::new();
        let status = |file: &str| {
            let form = format!("&resource={AUDIENCE}");
            http.ask_for_token(&office.server.url, "billing", &office.secret(file), &form).status
        };
        until("the client is known", || (status("billing.secret") == 200).then_some(()));
        let older = run(&["client", "show", "billing", "--json"]).json()["secrets"][0]["id"].clone();
        let added = run(&["client", "secret", "add", "billing", "--out", "new.secret", "--json"]).expect(0);
        assert_eq!(office.folder.mode("new.secret"), 0o600);
        let secret = office.secret("new.secret");
        assert!(!added.out.contains(&secret) && !added.err.contains(&secret));
        assert_eq!(added.json()["client"]["secrets"].as_array().unwrap().len(), 2);
        until("the new secret is good", || (status("new.secret") == 200).then_some(()));
        assert_eq!(status("billing.secret"), 200, "the first one stays good");

        let third = run(&["client", "secret", "add", "billing", "--out", "third.secret", "--json"]).expect(1);
        assert_eq!(third.json()["reason"], "too_many_secrets");
        assert!(!office.folder.file("third.secret").exists());

        let dropped =
            run(&["client", "secret", "drop", "billing", older.as_str().unwrap(), "--json"]).expect(0);
        assert_eq!(dropped.json()["secrets"][0]["id"], added.json()["secret_id"]);
        until("the old secret is good for nothing", || (status("billing.secret") == 401).then_some(()));
        assert_eq!(status("new.secret"), 200);
    }
}

#[test]
fn r08_a_secret_where_its_id_belongs_is_refused_and_not_repeated() {
    let office = Administered::start();
    office.chancery.create_client("billing", &[]).expect(0);
    let secret = office.secret("billing.secret");
    let ran = office.remote(&["client", "secret", "drop", "billing", &secret]).expect(2);
    assert!(!ran.out.contains(&secret) && !ran.err.contains(&secret));
    assert!(ran.err.contains("replace it"), "{}", ran.err);
}

#[test]
fn a_second_secret_comes_in_every_form_that_the_first_one_comes_in() {
    let office = Administered::start();
    office.chancery.create_client("billing", &[]).expect(0);
    let words = ["client", "secret", "add", "billing", "--out", "second.json", "--out-format", "json"];
    let told = office.remote(&words).expect(0).out;
    assert!(told.contains("chancery client secret drop billing"), "{told}");
    let object: serde_json::Value = serde_json::from_str(&office.folder.read("second.json")).unwrap();
    assert_eq!(object["token_endpoint"], office.server.at("/oauth2/token"));
    assert!(object["client_secret"].as_str().unwrap().starts_with("chs_test_"));
    let without = office.local(&["client", "secret", "add", "billing", "--json"]).expect(2).json();
    assert!(without["detail"].as_str().unwrap().contains("--out"), "{without}");
}
