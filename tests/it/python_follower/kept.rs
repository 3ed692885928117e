//! What a Python service knows outlives it, and nobody changes it on the way.

use super::town::{Service, Town};
use crate::support::until;
use std::fs;
use std::path::Path;

/// A town without its issuer, where a service has kept in `state` that the first token is revoked and the second is not.
fn deserted() -> (Town, [String; 2]) {
    let (town, issuer) = Town::new();
    let (stolen, sister) = (town.token(), town.token());
    let service = town.service("state", "600");
    town.hears(&service, &stolen, "200");
    // Two deltas behind the snapshot: the last word of it is one of them.
    let other = town.token();
    town.revoke(&other);
    town.hears(&service, &other, "401 revoked");
    town.revoke(&stolen);
    town.hears(&service, &stolen, "401 revoked");
    // What was heard counts at once, and is on disk a moment later.
    until("it on disk", || (town.folder.read("state/log").lines().count() == 3).then_some(()));
    issuer.kill();
    assert_eq!(service.terminated(), 0);
    (town, [stolen, sister])
}

fn says_of_both(town: &Town, service: &Service, tokens: &[String; 2]) -> [String; 2] {
    [town.says(service, &tokens[0]), town.says(service, &tokens[1])]
}

#[test]
fn r_3_5_a_python_service_that_starts_with_everything_else_down_refuses_what_was_revoked_and_nothing_else() {
    let (town, tokens) = deserted();
    for _ in 0..2 {
        // From its first answer on.
        assert_eq!(says_of_both(&town, &town.service("state", "600"), &tokens), ["401 revoked", "200"]);
    }
    // One that has kept nothing lets nobody in.
    let ignorant = town.service("elsewhere", "600");
    assert_eq!(says_of_both(&town, &ignorant, &tokens), ["503 keys_unavailable", "503 keys_unavailable"]);
}

#[test]
fn what_a_python_service_has_kept_is_for_its_owner_alone_and_holds_no_secret() {
    let (town, _) = deserted();
    for file in fs::read_dir(town.folder.file("state")).unwrap() {
        let name = format!("state/{}", file.unwrap().file_name().into_string().unwrap());
        assert_eq!(town.folder.mode(&name), 0o600, "{name}");
        assert!(!town.folder.read(&name).contains(town.secret().trim_end()), "{name}");
    }
}

#[test]
fn a_python_service_uses_nothing_of_what_was_changed_on_its_disk() {
    let (town, tokens) = deserted();
    let documents: Vec<String> = town.folder.read("state/log").lines().map(str::to_owned).collect();
    let [snapshot, first, last] = &documents[..] else { panic!("{documents:?}") };
    let flipped = |text: &str, at: usize| -> String {
        let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
        [&text[..at], other, &text[at + 1..]].concat()
    };
    let payload = last.find('.').unwrap() + 20;
    let changed = [
        ("a bit of what is said", [snapshot, first, &flipped(last, payload)].map(String::as_str).join("\n")),
        (
            "a bit of a signature",
            [snapshot, &flipped(first, first.len() - 20), last].map(String::as_str).join("\n"),
        ),
        ("one is missing in between", [snapshot.as_str(), last].join("\n")),
        ("the beginning is missing", [first.as_str(), last].join("\n")),
        ("the last one is cut off", [snapshot.as_str(), first, &last[..last.len() / 2]].join("\n")),
        ("no document", format!("{snapshot}\nrevoked nothing")),
        ("a token", format!("{snapshot}\n{}", tokens[1])),
        ("nothing", String::new()),
    ];
    for (what, log) in changed {
        let state = town.folder.file(&format!("changed: {what}"));
        copy(&town.folder.file("state"), &state);
        fs::write(state.join("log"), format!("{log}\n")).unwrap();
        let service = town.service(state.to_str().unwrap(), "600");
        let nobody_can_say = "503 revocation_never_heard";
        assert_eq!(says_of_both(&town, &service, &tokens), [nobody_can_say; 2], "{what}");
    }
    // Other keys under the same names open nothing of it.
    let state = town.folder.file("other keys");
    copy(&town.folder.file("state"), &state);
    let (elsewhere, _) = deserted();
    let theirs: serde_json::Value = serde_json::from_str(&elsewhere.folder.read("state/log.keys")).unwrap();
    let mut ours: serde_json::Value = serde_json::from_str(&town.folder.read("state/log.keys")).unwrap();
    ours["keys"][0]["x"] = theirs["keys"][0]["x"].clone();
    fs::write(state.join("log.keys"), ours.to_string()).unwrap();
    let said = says_of_both(&town, &town.service(state.to_str().unwrap(), "600"), &tokens);
    assert_eq!(said, ["503 revocation_never_heard"; 2]);
    // And unchanged, it is what it was.
    assert_eq!(says_of_both(&town, &town.service("state", "600"), &tokens), ["401 revoked", "200"]);
}

#[test]
fn a_python_service_whose_disk_was_changed_learns_all_of_it_anew_from_its_issuer() {
    let (town, tokens) = deserted();
    let log = town.folder.read("state/log");
    town.folder.write("state/log", &log[..log.len() - 30]);
    let service = town.service("state", "600");
    assert_eq!(town.says(&service, &tokens[0]), "503 revocation_never_heard");
    let issuer = town.issuer_again();
    town.hears(&service, &tokens[0], "401 revoked");
    assert_eq!(town.says(&service, &tokens[1]), "200");
    until("all of it on disk", || (town.folder.read("state/log").lines().count() == 1).then_some(()));
    issuer.kill();
    assert_eq!(service.terminated(), 0);
    assert_eq!(says_of_both(&town, &town.service("state", "600"), &tokens), ["401 revoked", "200"]);
}

fn copy(from: &Path, to: &Path) {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().mode(0o700).create(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
