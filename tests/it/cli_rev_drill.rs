//! `chancery drill` and `--wait-applied`, against an issuer with guarded services that follow it.

use crate::support::{AUDIENCE, Administered, until};
use chancery_examples::documint::{Archive, serve, service};
use chancery_token::Environment;
use chancery_verifier::follow::{
    Credentials, DiskState, FollowSettings, Follower, Introduction, KeysFrom, VerifierName,
};
use chancery_verifier::{Freshness, Revocation, Verifier};
use serde_json::json;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// Far longer than any of it takes on one machine.
const READY: Duration = Duration::from_secs(30);
const STALENESS: Duration = Duration::from_mins(10);

/// Guarded services on ports of their own, in this process.
struct Services {
    urls: Vec<String>,
    followers: Vec<Follower>,
    _runtime: Runtime,
}

impl Services {
    /// One for each name; `None` says none. All poll as the client `documint`.
    fn start(office: &Administered, names: &[Option<&str>]) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (mut urls, mut followers) = (Vec::new(), Vec::new());
        for name in names {
            let (url, follower) = runtime.block_on(one(office, *name));
            urls.push(url);
            followers.push(follower);
        }
        Self { urls, followers, _runtime: runtime }
    }
}

async fn one(office: &Administered, name: Option<&str>) -> (String, Follower) {
    let policy = Revocation::Follow(Freshness::MaxStaleness(STALENESS));
    let verifier = Verifier::new(office.server.url.as_str(), AUDIENCE, policy).unwrap();
    let verifier = verifier.environment(Environment::Test);
    let mut settings = FollowSettings::new(KeysFrom::Discovery, DiskState::Nowhere);
    if let Some(name) = name {
        let credentials = Credentials::new("documint".parse().unwrap(), office.secret("documint.secret"));
        let introduction = Introduction::new(VerifierName::parse(name).unwrap()).credentials(credentials);
        settings = settings.introduce(introduction);
    }
    let follower = Follower::start(&verifier, settings).unwrap();
    follower.wait_ready(READY).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/invoices", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, service(Archive::with_examples(), verifier).unwrap()));
    (url, follower)
}

/// An issuer with the client `documint`, which its services poll as.
fn office() -> Administered {
    let office = Administered::start();
    office.chancery.create_client("documint", &[]).expect(0);
    office
}

const DRILL: [&str; 6] = ["drill", "--scope", "invoices:read", "--tenant", "acme", "--json"];

#[test]
fn a_drill_measures_every_service_and_leaves_nothing_that_works() {
    let office = office();
    let services = Services::start(&office, &[Some("one"), Some("two"), Some("three")]);
    let probes: Vec<&str> = services.urls.iter().flat_map(|url| ["--probe", url]).collect();
    let told = office.remote(&[&DRILL[..], &probes].concat()).expect(0).json();
    assert_eq!((&told["ok"], &told["never"]), (&json!(true), &json!([])));
    let mut names: Vec<&str> =
        told["verifiers"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["one", "three", "two"]);
    for member in ["p50_ms", "p99_ms", "slowest_ms"] {
        assert!(told[member].is_u64(), "{member}: {told}");
    }
    let refused = told["probes"].as_array().unwrap();
    assert!(refused.len() == 3 && refused.iter().all(|probe| probe["refused_after_ms"].is_u64()), "{told}");
    // The client that was made for it is off.
    let id = told["client_id"].as_str().unwrap();
    let client = office.local(&["client", "show", id, "--json"]).expect(0).json();
    assert_eq!(client["disabled"]["reason"], "the drill is over");
}

#[test]
fn a_service_that_never_refuses_the_token_is_named_and_the_drill_fails() {
    let office = office();
    let services = Services::start(&office, &[Some("one"), Some("gone")]);
    let Services { mut followers, urls, _runtime } = services;
    let status = ["revocation", "status", "--json"];
    until("both have polled", || {
        (office.remote(&status).expect(0).json()["verifiers"]["connected"] == 2).then_some(())
    });
    // Its task ends with its handle: what it knows stays, and nothing is heard any more.
    drop(followers.pop());
    let gone = urls.last().unwrap();
    let words = [&DRILL[..], &["--timeout", "2s", "--probe", gone]].concat();
    let told = office.remote(&words).expect(1).json();
    assert_eq!((&told["ok"], &told["never"]), (&json!(false), &json!(["documint/gone", gone])));
    let [one] = told["verifiers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["name"] == "one")
        .collect::<Vec<_>>()[..]
    else {
        panic!("{told}")
    };
    assert!(one["after_ms"].is_u64(), "{told}");
    let text = office.remote(&[&words[..5], &words[6..]].concat()).expect(1).out;
    assert!(text.contains("NEVER REFUSED IT: documint/gone, ") && text.contains("never\n"), "{text}");
}

#[test]
fn a_drill_that_nobody_watches_proves_nothing_and_says_so() {
    let office = office();
    let told = office.remote(&DRILL).expect(1).json();
    assert_eq!(told["reason"], "drill_unwitnessed");
    let services = Services::start(&office, &[None]);
    let told = office.remote(&DRILL).expect(1).json();
    assert_eq!(told["reason"], "drill_unwitnessed", "one without a name cannot be told from another");
    // But what a service answers can be seen from outside.
    let told = office.remote(&[&DRILL[..], &["--probe", &services.urls[0]]].concat()).expect(0).json();
    assert_eq!(told["verifiers"], json!([]));
    assert_eq!(told["p50_ms"], told["probes"][0]["refused_after_ms"]);
    assert!(told["probes"][0]["refused_after_ms"].is_u64(), "{told}");
    let told = office.local(&DRILL).expect(2).json();
    assert!(told["fix"].as_str().unwrap().contains("--issuer URL"), "{told}");
    let plain =
        office.remote(&[&DRILL[..], &["--probe", "http://api.example.com/"]].concat()).expect(2).json();
    assert_eq!(plain["reason"], "probe_url");
    let closed = office.remote(&[&DRILL[..], &["--probe", "http://127.0.0.1:1/"]].concat()).expect(1).json();
    assert_eq!(closed["reason"], "probe_unusable");
    let ours = format!("{}/admin/v1/clients", office.server.url);
    let other = office.remote(&[&DRILL[..], &["--probe", &ours]].concat()).expect(1).json();
    assert_eq!(other["reason"], "probe_unusable", "a service that refuses it anyway");
    // With the reason that it gives.
    assert!(other["detail"].as_str().unwrap().contains(" answers 401 ("), "{other}");
}

#[test]
fn a_client_that_is_there_can_be_the_witness_and_stays() {
    let office = office();
    let _services = Services::start(&office, &[Some("one")]);
    let words = [
        "drill",
        "--client-id",
        "documint",
        "--secret-file",
        "documint.secret",
        "--audience",
        AUDIENCE,
        "--json",
    ];
    let told = office.remote(&words).expect(0).json();
    assert_eq!((&told["client_id"], &told["ok"]), (&json!("documint"), &json!(true)));
    let client = office.local(&["client", "show", "documint", "--json"]).expect(0).json();
    assert_eq!(client["state"], "active");
}

#[test]
fn a_revocation_waits_for_as_many_as_were_asked_for() {
    let office = office();
    let revoke = ["revoke", "client", "documint", "--reason", "a drill", "--json"];
    let nobody = [&revoke[..], &["--wait-applied", "all", "--timeout", "1s"]].concat();
    let told = office.remote(&nobody).expect(1).json();
    assert_eq!((&told["changed"], &told["applied"]["reached"]), (&json!(true), &json!(false)));
    let _services = Services::start(&office, &[Some("one"), Some("two")]);
    let told = office.remote(&[&revoke[..], &["--wait-applied", "2"]].concat()).expect(0).json();
    assert_eq!(told["applied"]["reached"], true);
    let verifiers = told["applied"]["verifiers"].as_array().unwrap();
    assert!(verifiers.len() == 2 && verifiers.iter().all(|one| one["after_ms"].is_u64()), "{told}");
    let more = [&revoke[..], &["--wait-applied", "3", "--timeout", "1s"]].concat();
    assert_eq!(office.remote(&more).expect(1).json()["applied"]["reached"], false);
    let words = ["revoke", "client", "documint", "--reason", "a drill", "--wait-applied", "all"];
    let told = office.remote(&words).expect(0).out;
    assert!(told.contains("2 of 2 verifiers have applied it"), "{told}");
    let status = office.remote(&["revocation", "status", "--verifiers"]).expect(0).out;
    assert!(status.contains("  documint/one  ") && status.contains("  documint/two  "), "{status}");
}
