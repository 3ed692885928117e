use crate::support::{Chancery, Folder, Http, Server};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const ROUNDS: usize = 6;

#[test]
fn a_killed_issuer_leaves_a_store_that_holds_every_client_that_was_registered() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", "https://auth.example.com");
    let http = Http::new();
    // The first start makes the store that the clients are registered in.
    drop(Server::start(&chancery));
    let stop = AtomicBool::new(false);
    let created: Vec<String> = thread::scope(|scope| {
        let creators: Vec<_> = (0..2)
            .map(|creator| {
                let (chancery, stop) = (&chancery, &stop);
                scope.spawn(move || {
                    let mut created = Vec::new();
                    while !stop.load(Ordering::SeqCst) {
                        let id = format!("client-{creator}-{}", created.len());
                        chancery.create_client(&id, &[]).expect(0);
                        created.push(id);
                    }
                    created
                })
            })
            .collect();
        for _ in 0..ROUNDS {
            let server = Server::start(&chancery);
            let answer = http.get(&server.at("/readyz"));
            server.kill();
            assert_eq!(answer.body["status"], "ready", "{answer:?}");
        }
        stop.store(true, Ordering::SeqCst);
        creators.into_iter().flat_map(|creator| creator.join().unwrap()).collect()
    });
    let list = chancery.run(&["client", "list", "--json"]).expect(0).json();
    let listed = list["clients"].as_array().unwrap();
    assert_eq!(listed.len(), created.len() + 1, "and the first administrator");
    let server = Server::start(&chancery);
    for id in created {
        let secret = folder.read(&format!("{id}.secret"));
        let granted = http.ask_for_token(&server.url, &id, secret.trim_end(), "");
        assert_eq!(granted.status, 200, "{id}: {granted:?}");
    }
}

#[test]
fn a_killed_creation_leaves_a_whole_client_or_none() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", "https://auth.example.com");
    let server = Server::start(&chancery);
    let words = |id: &str| -> Vec<String> {
        let text = format!(
            "client create {id} --owner o --purpose p --tenant acme --scope invoices:read=r --expires 1d --unbounded u --out {id}.secret"
        );
        text.split(' ').map(str::to_owned).collect()
    };
    for round in 0..30 {
        let id = format!("half-{round}");
        let words = words(&id);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut child = chancery
            .command(&words)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Somewhere between its start and its end: each round gives it a little more.
        for _ in 0..round * 40 {
            thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let list = chancery.run(&["client", "list", "--json"]).expect(0).json();
    let http = Http::new();
    let ids = list["clients"].as_array().unwrap().iter().map(|client| client["id"].as_str().unwrap());
    for id in ids.filter(|id| *id != "admin") {
        let secret = folder.read(&format!("{id}.secret"));
        let granted = http.ask_for_token(&server.url, id, secret.trim_end(), "");
        assert_eq!(granted.status, 200, "a client that is stored has its secret: {id} {granted:?}");
    }
}
