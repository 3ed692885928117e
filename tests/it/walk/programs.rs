//! Programs that a page shows are compiled by the doc tests, or run by the foreign clients.

use super::page::{Block, Page, root};
use std::fs;

/// What a block of Rust may be, so that the doc tests look at it.
const COMPILED: [&str; 4] = ["rust", "rust,no_run", "rust,should_panic", "rust,compile_fail"];

/// The package whose doc tests compile what pages show.
const GLUE: &str = "crates/examples/src/lib.rs";

pub(super) fn is_compiled(place: &str, page: &Page, block: &Block) {
    assert!(COMPILED.contains(&&*block.kind), "{place}: `{}` is not compiled", block.kind);
    let included = format!("#[cfg(doctest)]\n#[doc = include_str!(\"../../../{}\")]\n", page.path);
    let glue = fs::read_to_string(root().join(GLUE)).unwrap();
    assert!(glue.contains(&included), "{place}: write into {GLUE}:\n{included}struct …;");
    let manifest = fs::read_to_string(root().join("crates/examples/Cargo.toml")).unwrap();
    assert!(!manifest.contains("doctest"), "the doc tests of {GLUE} are switched off");
}

/// `readme.py` and `readme.mjs` find the programs of their language on every walked page by themselves.
pub(super) fn is_run(place: &str, block: &Block) {
    let (client, reads) = match &*block.kind {
        "python" => ("tests/interop/readme.py", "sys.stdin"),
        _ => ("tests/interop/readme.mjs", "readFileSync(0"),
    };
    assert!(root().join(client).exists(), "{client} is gone");
    assert!(
        block.body.contains(reads),
        "{place}: nothing gives it a token; say in shown.rs what tries it instead"
    );
}
