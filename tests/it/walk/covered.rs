//! Commands that no test can run inside itself, and what runs them instead.

use super::invocation::xtask_page;
use super::page::{Page, files, from_root, root};
use crate::s1_documint::programs;
use crate::support::{Chancery, Folder};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Where else a command is run.
enum By {
    /// A stage of `cargo xtask ci`.
    Stage(&'static str),
    /// A test of this name.
    Test(&'static str),
    /// The script that every change must pass.
    Script(&'static str),
    /// A person: it takes what no machine of ours brings. The file is what they run.
    Hand(&'static str),
}

/// Every line of every block that is not walked, word for word, what is said beside it left out. A `…` at the end stands
/// for words that choose.
const COVERED: [(&str, By); 30] = [
    ("cargo run --release -- demo", By::Stage("demo")),
    ("cargo build --release -p chancery-cli", By::Stage("demo")),
    ("cargo xtask test", By::Stage("test")),
    ("cargo xtask test power_cut", By::Stage("test")),
    ("CHANCERY_TEST_SEED=…", By::Stage("test")),
    ("cargo xtask ci", By::Script(".ci/run")),
    ("cargo xtask bench…", By::Stage("bench")),
    ("cargo xtask compose", By::Stage("compose")),
    ("cargo install --locked --path crates/cli", By::Test("what_is_installed_as_the_pages_say_runs")),
    ("cargo install --locked --path crates/examples", By::Test("what_is_installed_as_the_pages_say_runs")),
    ("cargo test --release -p chancery-verifier --all-features verdicts", By::Stage("test")),
    (
        "cargo run --release -p chancery-revocation --example revocation_vectors",
        By::Test("the_file_is_what_the_generator_writes"),
    ),
    ("chancery admin reset…", By::Test("admin_reset_revives_the_administrator_with_one_new_secret")),
    ("chancery agent delegate…", By::Test("s7_a_worker_in_python_works_by_a_session_that_was_handed_on")),
    (
        "chancery agent exec…",
        By::Test("s7_a_summarizer_and_its_workers_work_for_a_day_and_nobody_logs_in_again"),
    ),
    (
        "chancery agent login…",
        By::Test("s7_a_summarizer_and_its_workers_work_for_a_day_and_nobody_logs_in_again"),
    ),
    (
        "chancery client secret…",
        By::Test("a_leaked_secret_takes_the_tokens_of_its_client_with_it_and_the_other_secret_goes_on"),
    ),
    ("chancery drill…", By::Test("a_drill_measures_every_service_and_leaves_nothing_that_works")),
    ("chancery key rotate…", By::Test("leaked_keys_are_revoked_and_the_next_ones_sign_at_once")),
    (
        "chancery revocation recover…",
        By::Test(
            "an_issuer_whose_store_went_back_refuses_to_start_and_goes_on_after_a_recovery_that_proves_itself",
        ),
    ),
    ("chancery revocation status…", By::Test("both_doors_say_how_the_log_stands")),
    ("chancery revocation verify…", By::Test("what_documents_say_is_counted_and_listed")),
    ("chancery revoke all…", By::Test("both_doors_revoke_every_kind_and_say_so_in_the_same_words")),
    ("chancery revoke client…", By::Test("both_doors_revoke_every_kind_and_say_so_in_the_same_words")),
    (
        "chancery revoke refresh-epoch…",
        By::Test("r51_a_refresh_key_that_is_revoked_ends_every_family_under_it_at_every_issuer"),
    ),
    (
        "chancery revoke token…",
        By::Test("a_token_from_standard_input_is_refused_from_then_on_and_its_sister_is_not"),
    ),
    ("nginx -p…", By::Test("the_service_hears_the_claims_of_the_token_each_of_them_once")),
    (
        "printf 'A-1\\nA-5\\n' | chancery agent exec…",
        By::Test("s7_a_document_that_asks_for_the_bill_is_summed_up_without_it"),
    ),
    ("python3 tests/matrix/gate.py…", By::Hand("tests/matrix/gate.py")),
    ("python3 tests/matrix/try.py…", By::Hand("tests/matrix/try.py")),
];

/// A line without the comment behind it.
fn command(line: &str) -> &str {
    line.split_once(" #").map_or(line, |(command, _)| command).trim()
}

fn covers(listed: &str, line: &str) -> bool {
    listed.strip_suffix('…').map_or(line == listed, |begin| line.starts_with(begin))
}

#[test]
fn every_command_that_is_only_shown_is_run_elsewhere() {
    let walked: Vec<String> = Page::walked().into_iter().map(|page| page.path).collect();
    let mut shown = Vec::new();
    for page in Page::all() {
        let kinds: &[&str] = if walked.contains(&page.path) { &["console"] } else { &["console", "sh"] };
        for block in page.blocks().into_iter().filter(|block| kinds.contains(&&*block.kind)) {
            let lines = block.body.lines().map(command).filter(|line| !line.is_empty());
            shown.extend(lines.map(|line| (format!("{}:{}", page.path, block.line), line.to_owned())));
        }
    }
    for (place, line) in &shown {
        let listed = COVERED.iter().any(|(listed, _)| covers(listed, line));
        assert!(listed, "{place}: `{line}` is run by nothing: say here what runs it");
    }
    for (listed, _) in &COVERED {
        assert!(shown.iter().any(|(_, line)| covers(listed, line)), "no page shows `{listed}` any more");
    }
}

#[test]
fn what_is_said_to_run_a_command_is_there() {
    let stages = xtask_page(Some("ci")).unwrap();
    for (command, by) in &COVERED {
        let there = match by {
            By::Stage(name) => stages.lines().any(|line| line.starts_with(&format!("  {name} "))),
            By::Test(name) => {
                let function = format!("\nfn {name}(");
                files("rs").iter().any(|path| fs::read_to_string(path).unwrap().contains(&function))
            }
            By::Script(path) => fs::read_to_string(root().join(path)).unwrap().contains(command),
            By::Hand(path) => command.contains(path) && root().join(path).exists(),
        };
        assert!(there, "what runs `{command}` is gone");
    }
}

#[test]
fn what_is_installed_as_the_pages_say_runs() {
    let folder = Folder::new();
    // Whoever tests with these two has them now, so that nothing is put in their place below.
    let _ = (Chancery::in_folder(&folder).command(&[]), programs());
    let packages: [(&str, &[&str]); 2] =
        [("crates/cli", &["chancery"]), ("crates/examples", &["documint", "papers", "summarizer"])];
    for (package, programs) in packages {
        let installed = Command::new(env!("CARGO"))
            .args(["install", "--locked", "--path", package, "--root"])
            .arg(folder.path())
            .current_dir(root())
            // What cargo fetched to build this test is enough.
            .env("CARGO_NET_OFFLINE", "true")
            .output()
            .unwrap();
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        for program in programs {
            let asked = Command::new(folder.file("bin").join(program)).arg("--help").output().unwrap();
            assert!(asked.status.success(), "{program}: {asked:?}");
        }
    }
}

/// `cargo run` at the root runs the one program that says so.
#[test]
fn cargo_run_needs_no_name_of_a_program() {
    let manifests = files("toml").into_iter().filter(|path| path.ends_with("Cargo.toml"));
    let says = |path: &Path| fs::read_to_string(path).unwrap().contains("default-run = ");
    let default: Vec<String> = manifests.filter(|path| says(path)).map(|path| from_root(&path)).collect();
    assert_eq!(default, ["crates/cli/Cargo.toml"]);
}
