//! Blocks that nothing here can try, and what is known about them instead.

use super::page::{Block, Page, root};
use std::fs;
use std::path::Path;

/// A block, by the page and its first line.
struct Shown {
    page: &'static str,
    begins: &'static str,
    known: Known,
}

enum Known {
    /// A trial of `tests/matrix` runs the same thing. Every name in the block stands in the trial's files too, but for
    /// these, which are the page's own.
    Trial(&'static str, &'static [&'static str]),
    /// The page itself says that it was read and not tried.
    Read,
    /// The test of this name, in this file, runs the block as it stands there.
    Run(&'static str, &'static str),
    /// The foreign client in this file runs the block as it stands there.
    Client(&'static str),
}

const VERIFIERS: &str = "docs/guides/verifiers.md";
const REFRESH: &str = "docs/guides/refresh.md";

const SHOWN: [Shown; 10] = [
    Shown {
        page: VERIFIERS,
        begins: "import { auth, claimCheck, requiredScopes } from 'express-oauth2-jwt-bearer'",
        known: Known::Trial("express-oauth2-jwt-bearer", &["live", "show"]),
    },
    Shown {
        page: VERIFIERS,
        begins: "KEYS = jwt.PyJWKClient(\"https://auth.example.com/.well-known/jwks.json\")",
        known: Known::Trial(
            "fastapi-pyjwt",
            &["insufficient_scope", "invalid_token", "invoices_read", "live"],
        ),
    },
    Shown { page: VERIFIERS, begins: "@Bean", known: Known::Trial("spring", &["live"]) },
    Shown { page: VERIFIERS, begins: "location /invoices {", known: Known::Trial("nginx", &["return"]) },
    Shown { page: VERIFIERS, begins: "handle /invoices* {", known: Known::Trial("caddy", &["respond"]) },
    Shown { page: VERIFIERS, begins: "http:", known: Known::Read },
    Shown { page: VERIFIERS, begins: "- name: envoy.filters.http.jwt_authn", known: Known::Read },
    Shown {
        page: "docs/guides/other-languages.md",
        begins: "from chancery_follower import Follower",
        known: Known::Run("tests/it/python_follower.rs", "the_python_of_the_guide_runs_as_it_stands_there"),
    },
    Shown {
        page: REFRESH,
        begins: "# agent.py ISSUER CLIENT KEY: prints a token; the client signs who it is.",
        known: Known::Client("tests/interop/guide.py"),
    },
    Shown {
        page: REFRESH,
        begins: "// reporter.mjs ISSUER CLIENT SECRET-FILE SESSION-FILE: prints a token that is good for a minute at least.",
        known: Known::Client("tests/interop/guide.mjs"),
    },
];

/// Shorter words are grammar.
const NAME: usize = 4;

/// Whether the block is one of these; panics where what is known about it is not so any more.
pub(super) fn is_known(place: &str, page: &Page, block: &Block) -> bool {
    let begins = |shown: &&Shown| block.body.lines().next() == Some(shown.begins);
    let Some(shown) = SHOWN.iter().filter(|shown| shown.page == page.path).find(begins) else { return false };
    match shown.known {
        Known::Trial(trial, own) => {
            let folder = root().join("tests/matrix").join(trial);
            assert!(folder.join("trial.json").exists(), "{place}: there is no trial {trial} any more");
            let tried = texts(&folder);
            let unknown: Vec<&str> =
                names(&block.body).filter(|name| !own.contains(name) && !tried.contains(name)).collect();
            assert!(unknown.is_empty(), "{place}: {unknown:?} were never tried by tests/matrix/{trial}");
        }
        Known::Read => {
            assert!(page.text.contains("not tried"), "{place}: the page no longer says what was not tried");
        }
        Known::Run(file, test) => {
            let tests = fs::read_to_string(root().join(file)).unwrap();
            assert!(tests.contains(&format!("\nfn {test}(")), "{place}: the test {test} is gone");
        }
        Known::Client(file) => {
            let client = fs::read_to_string(root().join(file)).unwrap_or_default();
            assert!(client.contains(&page.path), "{place}: {file} does not run it any more");
        }
    }
    true
}

/// All that stands in a folder; a run may have left there what is no text.
fn texts(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let text = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    entries.map(|path| if path.is_dir() { texts(&path) } else { text(&path) }).collect()
}

/// The longer words of a program, without comments and addresses.
fn names(body: &str) -> impl Iterator<Item = &str> {
    let code = body.lines().map(|line| {
        let comment = ["# ", "// "].iter().filter_map(|mark| line.find(mark)).min();
        &line[..comment.unwrap_or(line.len())]
    });
    let words =
        code.flat_map(|line| line.split(['"', '\'', ' ', '(', ')'])).filter(|word| !word.contains("://"));
    let parts = words.flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    parts.filter(|part| part.len() >= NAME && !part.starts_with(|first: char| first.is_ascii_digit()))
}

#[test]
fn no_block_is_listed_that_no_page_shows() {
    let pages = Page::walked();
    for shown in &SHOWN {
        let page = pages.iter().find(|page| page.path == shown.page);
        let there = page.is_some_and(|page| {
            page.blocks().iter().any(|block| block.body.lines().next() == Some(shown.begins))
        });
        assert!(there, "{} shows no block any more that begins with {}", shown.page, shown.begins);
    }
}

#[test]
fn names_are_found_and_comments_are_not() {
    let found: Vec<&str> =
        names("abcd(e, 'fghi')  # jklm\n  uri: https://n/opqr:8080 // stuv\nwx_yz 9000").collect();
    assert_eq!(found, ["abcd", "fghi", "wx_yz"]);
}
