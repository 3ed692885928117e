//! The newcomer's walk: whatever a page tells somebody to type, somebody has typed.

mod completions;
mod covered;
mod help;
mod invocation;
mod links;
mod page;
mod programs;
mod shell;
mod shown;
mod toml;
mod words;

use invocation::{Told, fault};
use page::{Page, files, from_root, spans};
use std::fs;

#[test]
fn every_command_of_the_readme_and_the_guides_works_and_prints_what_the_page_says() {
    for page in Page::walked().iter().filter(|page| page.blocks().iter().any(|block| block.kind == "sh")) {
        shell::walk(page);
    }
}

#[test]
fn every_block_of_the_readme_and_the_guides_is_of_a_kind_that_something_tries() {
    for page in Page::walked() {
        for block in page.blocks() {
            let place = format!("{}:{}", page.path, block.line);
            if shown::is_known(&place, &page, &block) {
                continue;
            }
            match block.kind.split(',').next().unwrap() {
                // The shell walks it, the list has it, or it only shows something.
                "sh" | "console" | "text" => {}
                "json" if block.right_below => {}
                "json" => assert!(is_json(&block.body), "{place}: this is no JSON"),
                "toml" => toml::read(&place, &block),
                "rust" => programs::is_compiled(&place, &page, &block),
                "python" | "js" => programs::is_run(&place, &block),
                kind => panic!(
                    "{place}: nothing tries a block of kind `{kind}`; say in shown.rs what is known about it"
                ),
            }
        }
    }
}

#[test]
fn every_block_of_the_other_pages_has_a_kind_and_what_is_rust_compiles() {
    let walked: Vec<String> = Page::walked().into_iter().map(|page| page.path).collect();
    for page in Page::all().iter().filter(|page| !walked.contains(&page.path)) {
        for block in page.blocks() {
            let place = format!("{}:{}", page.path, block.line);
            assert!(!block.kind.is_empty(), "{place}: of what kind is this?");
            if block.kind.starts_with("rust") {
                programs::is_compiled(&place, page, &block);
            }
        }
    }
}

#[test]
fn every_command_of_ours_that_is_written_anywhere_is_understood() {
    let mut said = Vec::new();
    for page in Page::all() {
        for block in page.blocks().into_iter().filter(|block| ["sh", "console"].contains(&&*block.kind)) {
            said.push((format!("{}:{}", page.path, block.line), block.body, Told::Whole));
        }
        let spans = page.spans().into_iter();
        said.extend(spans.map(|(line, span)| (format!("{}:{line}", page.path), span, Told::InPassing)));
    }
    for path in ["rs", "toml"].into_iter().flat_map(files) {
        for (number, line) in (1..).zip(fs::read_to_string(&path).unwrap().lines()) {
            let place = format!("{}:{number}", from_root(&path));
            said.extend(
                spans(line).into_iter().map(|(_, span)| (place.clone(), span.to_owned(), Told::InPassing)),
            );
        }
    }
    let mut faults = Vec::new();
    let mut understood = 0;
    for (place, text, told) in said {
        for text in one_of_each(&text) {
            for words in words::commands(&text) {
                understood += usize::from(["cargo", "chancery", "documint"].contains(&&*words[0]));
                let why = fault(&without_placeholders(words), told);
                faults.extend(why.map(|why| format!("{place}: {text}\n{why}")));
            }
        }
    }
    assert!(understood > 100, "{understood}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// `a {b, c}` is `a b` and `a c`.
fn one_of_each(text: &str) -> Vec<String> {
    let alternatives = text.split_once('{').and_then(|(before, rest)| {
        let (inside, after) = rest.split_once('}')?;
        inside
            .contains(',')
            .then(|| inside.split(',').map(move |one| format!("{before}{}{after}", one.trim())))
    });
    alternatives.map_or_else(|| vec![text.to_owned()], Iterator::collect)
}

/// Without what a synopsis writes around what is optional or repeated, and with something in the place of what a
/// message fills in.
fn without_placeholders(words: Vec<String>) -> Vec<String> {
    let bare = words.into_iter().map(|word| word.trim_matches(['[', ']']).to_owned());
    let told = bare.filter(|word| !word.contains('…') && !word.contains("...") && word != "{}");
    told.map(|word| match &*word {
        "{scope}" => "invoices:read".to_owned(),
        filled if filled.starts_with('{') => "billing".to_owned(),
        _ => word,
    })
    .collect()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}

#[test]
fn a_synopsis_stands_for_the_commands_that_it_describes() {
    assert_eq!(one_of_each("a {b, c} d"), ["a b d", "a c d"]);
    assert_eq!(one_of_each("a {\"b\"}"), ["a {\"b\"}"]);
    let words = |text: &str| text.split(' ').map(str::to_owned).collect();
    assert_eq!(without_placeholders(words("a {id} [--b N] [C…] d…")), ["a", "billing", "--b", "N"]);
}
