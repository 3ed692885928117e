use crate::support::{Chancery, Folder, Http, Server, until};
use serde_json::Value;

fn states(list: &Value, format: &str) -> Vec<String> {
    let keys = list["keys"].as_array().unwrap().iter().filter(|key| key["format"] == format);
    keys.map(|key| key["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn r52_a_rotation_reaches_a_running_issuer_and_the_signing_key_changes_only_in_its_time() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    let server = Server::start(&chancery);
    let http = Http::new();
    let published = || http.get(&server.at("/.well-known/jwks.json")).body["keys"].as_array().unwrap().len();
    let list = || chancery.run(&["key", "list", "--json"]).expect(0).json();
    assert_eq!(states(&list(), "jwt"), ["active", "published"]);
    assert_eq!(states(&list(), "paseto"), ["active", "published"]);

    let plan = chancery.run(&["key", "rotate", "--plan", "--format", "jwt", "--json"]).expect(0).json();
    assert_eq!((plan["planned"].as_bool(), published()), (Some(true), 2), "a plan changes nothing");
    let done = chancery.run(&["key", "rotate", "--format", "jwt", "--json"]).expect(0).json();
    let rotation = &done["rotations"][0];
    assert_eq!(rotation["activates"], plan["rotations"][0]["activates"]);
    until("the issuer publishes the new key", || (published() == 3).then_some(()));
    assert_eq!(states(&list(), "jwt").len(), 3);
    assert_eq!(states(&list(), "paseto").len(), 2);

    let pending = chancery.run(&["key", "rotate", "--format", "jwt", "--json"]).expect(1).json();
    assert_eq!(pending["reason"], "rotation_pending");
    let both = chancery.run(&["key", "rotate"]).expect(1);
    assert_eq!(states(&list(), "paseto").len(), 2, "neither or both: {both:?}");
    assert!(chancery.run(&["key", "list"]).expect(0).out.contains("signs from"));
}
