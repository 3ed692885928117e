//! What the summarizer does not get, whoever asks it to: the bill, other folders, other scopes.

use super::world::World;
use super::{REPORTS, summaries};
use crate::support::{Chancery, Folder, Ran};
use chancery_examples::summarizer::CATALOG;
use serde_json::{Value, json};

fn run(world: &World, verb: &str, more: &[&str]) -> Ran {
    let words = world.agent(verb, more);
    world.chancery.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn s7_a_document_that_asks_for_the_bill_is_summed_up_without_it() {
    let world = World::new();
    world.log_in();
    let (mut crew, mut python) = (world.summarizer(), world.python("exec"));
    let asked = [&REPORTS[..], &["A-9", "G-1", "Z-1", "../billing"]].concat();
    let said = crew.read(&asked);
    let right = summaries(&said);
    assert_eq!(right.keys().copied().collect::<Vec<_>>(), REPORTS);
    let bill = json!([{ "path": "/billing", "refused": "insufficient_scope" }]);
    assert_eq!(right["A-5"]["refers_to"], bill, "it asked for the card, and got nothing");
    let files = json!([{ "path": "/documents/A-9", "refused": "out_of_bounds" }]);
    assert_eq!(right["A-7"]["refers_to"], files);
    assert_eq!(
        right["A-3"],
        &json!({
            "document": "A-3",
            "title": "Rocket skates, second trial",
            "begins": "With the shorter fuse of /documents/A-2 the skates stop in time.",
            "sentences": 3,
            "words": 22,
            "refers_to": [{ "path": "/documents/A-2", "title": "Rocket skates, first trial" }],
        })
    );
    let refused = |number: &str, said: &[Value]| {
        let line = said.iter().find(|line| line["not_read"]["document"] == number).unwrap();
        line["not_read"]["reason"].as_str().unwrap().to_owned()
    };
    let in_python = python.read(&asked);
    assert_eq!(summaries(&in_python), right, "the same in Python");
    for number in ["A-9", "G-1", "Z-1", "../billing"] {
        assert_eq!(refused(number, &said), "out_of_bounds", "{number}");
        assert_eq!(refused(number, &in_python), "out_of_bounds", "{number}, in Python");
    }
    assert_eq!((crew.ended(), python.ended()), (Some(0), Some(0)));
}

#[test]
fn s7_the_issuer_gives_the_summarizer_no_token_for_billing_in_any_way() {
    let world = World::new();
    world.log_in();
    let url = world.issuer_url();
    for scope in ["billing:read", "billing:update", "documents:read billing:read"] {
        let more = ["--issuer", &url, "--client-id", "summarizer", "--secret-file", "summarizer.secret"];
        let more = [&more[..], &["--name", "greedy", "--scope", scope]].concat();
        let ran = run(&world, "login", &more).expect(1);
        assert!(ran.err.contains("scope"), "{ran:?}");
        let ran = run(&world, "delegate", &["--scope", scope, "--", "true"]).expect(1);
        assert!(ran.err.contains("scope"), "{ran:?}");
    }
    run(&world, "delegate", &["--scope", "documents:read", "--", "true"]).expect(0);
}

#[test]
fn s7_a_token_that_was_copied_opens_nothing_and_ends_with_its_session() {
    let world = World::new();
    world.log_in();
    let stolen = run(&world, "token", &[]).expect(0).out;
    let answer = world.bill(stolen.trim_end()).unwrap();
    assert_eq!((answer.status, answer.body["reason"].as_str()), (401, Some("proof_required")));
    run(&world, "logout", &[]).expect(0);
    let ran = run(&world, "token", &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn s7_a_worker_in_python_works_by_a_session_that_was_handed_on() {
    let world = World::new();
    world.log_in();
    let mut python = world.python("delegate");
    let said = python.read(&REPORTS);
    assert_eq!(summaries(&said).len(), REPORTS.len(), "{said:?}");
    assert_eq!(python.ended(), Some(0));
}

#[test]
fn r12_the_catalog_of_papers_passes_the_lint() {
    let folder = Folder::new();
    folder.write("catalog.toml", CATALOG);
    let ran = Chancery::in_folder(&folder).run(&["catalog", "lint", "catalog.toml"]).expect(0);
    assert!(ran.out.contains("nothing to say"), "{ran:?}");
}
