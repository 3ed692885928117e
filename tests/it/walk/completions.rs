//! What a shell offers when somebody presses the tab key.

use super::page::root;
use crate::support::{Chancery, Folder};
use std::process::Command;

/// What the README tells people to write into `~/.bashrc`.
const LOAD: &str = r#"eval "$(chancery completions bash)""#;
/// Asks the script to complete the words, and prints what it offers.
const ASK: &str = r#"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
"$(complete -p chancery | sed 's/.*-F \([^ ]*\).*/\1/')" chancery "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
"#;

fn offered(words: &[&str]) -> Vec<String> {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder).command(&[]);
    let script = [LOAD, ASK].concat();
    let programs = std::path::Path::new(chancery.get_program()).parent().unwrap().display();
    let mut bash = Command::new("bash");
    bash.args(["--norc", "--noprofile", "-euc", &script, "bash"]).args(words).env_clear();
    let output = bash.env("PATH", format!("{programs}:/usr/bin:/bin")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_verbs_options_and_values() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(LOAD), "the README says something else about completions");
    assert_eq!(offered(&["chancery", "ca"]), ["catalog"]);
    assert_eq!(offered(&["chancery", "client", "cr"]), ["create"]);
    assert_eq!(offered(&["chancery", "agent", "de"]), ["delegate"]);
    assert_eq!(offered(&["chancery", "client", "secret", "dr"]), ["drop"]);
    assert_eq!(offered(&["chancery", "token", "verify", "--aud"]), ["--audience"]);
    assert_eq!(offered(&["chancery", "revocation", "st"]), ["status"]);
    assert_eq!(offered(&["chancery", "revoke", "client", "--wait"]), ["--wait-applied"]);
    assert_eq!(offered(&["chancery", "client", "create", "--out-format", "c"]), ["curl"]);
}

#[test]
fn every_shell_gets_a_script_that_knows_every_verb() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    for (shell, first) in [("bash", "_chancery()"), ("zsh", "#compdef chancery"), ("fish", "# Print")] {
        let script = chancery.run(&["completions", shell]).expect(0).out;
        assert!(script.starts_with(first), "{shell}: {}", script.lines().next().unwrap());
        for verb in [
            "admin",
            "agent",
            "catalog",
            "check-routes",
            "client",
            "completions",
            "drill",
            "gate",
            "key",
            "recover",
            "revocation",
            "revoke",
            "rotate",
            "verify",
        ] {
            assert!(script.contains(verb), "{shell} does not know {verb}");
        }
    }
}
