use crate::support::{Chancery, Folder};

const LEAK: [&str; 4] = ["stolen", "revoked", "refused", "its sister"];

#[test]
fn the_demo_tells_the_whole_story_and_leaves_nothing_behind() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    let told = chancery.run(&["demo", "--json"]).expect(0).json();
    assert_eq!(told["ok"], true);
    let steps = told["steps"].as_array().unwrap();
    let names: Vec<&str> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    for name in
        ["issued", "offline", "missing scope", "other tenant", "issuer stops", "still verified", "restarted"]
    {
        assert!(names.contains(&name), "{names:?}");
    }
    let leak: Vec<&str> = names.into_iter().filter(|name| LEAK.contains(name)).collect();
    assert_eq!(leak, LEAK, "a token is stolen, and its sister works on");
    assert!(steps.iter().all(|step| step["ok"] == true && step["ms"].is_number()));
    assert!(folder.files().is_empty(), "{:?}", folder.files());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_demo_tells_each_step_in_a_line_with_its_time() {
    let folder = Folder::new();
    let out = Chancery::in_folder(&folder).run(&["demo"]).expect(0).out;
    let steps: Vec<&str> = out.lines().filter(|line| line.contains(" ms  ok ")).collect();
    assert!(steps.len() >= 7, "{out}");
    assert!(out.contains("invoices:delete") && out.contains("another tenant"), "{out}");
    assert!(out.contains("the thief gets 401 revoked after ") && out.contains("the thief's 401"), "{out}");
}

#[test]
fn a_demo_that_cannot_happen_names_the_step() {
    let folder = Folder::new();
    let mut command = Chancery::in_folder(&folder).command(&["demo"]);
    let output = command.env("TMPDIR", folder.file("nowhere")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("'issuer starts'"));
}
