//! Every link leads somewhere, and so does every path that a page names.

use super::page::{Page, files, from_root, root, spans};
use std::collections::BTreeMap;
use std::fs;

/// Folders whose files are named in prose.
const FOLDERS: [&str; 3] = ["crates/", "docs/", "tests/"];
/// What stands in a name for something else.
const PLACEHOLDERS: [&str; 5] = ["<", "…", "*", "{", "NNNN"];

/// The targets of the links in a paragraph: `[text](target)`, and `[text]: target` at its begin.
fn targets(text: &str) -> Vec<String> {
    let mut bare = text.to_owned();
    for (at, span) in spans(text).into_iter().rev() {
        let ticks = text[at..].bytes().take_while(|byte| *byte == b'`').count();
        bare.replace_range(at..at + ticks * 2 + span.len(), "");
    }
    let inline = bare.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let defined = bare.lines().filter(|line| line.starts_with('[')).filter_map(|line| line.split_once("]: "));
    inline.chain(defined.map(|(_, target)| target)).map(|target| target.trim().to_owned()).collect()
}

/// The name that a heading has as a link's target: as GitHub and most others make it.
fn anchor(heading: &str) -> String {
    let shown = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = shown.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The anchors of every page, by its path; a heading that stands twice has a number the second time.
fn anchors() -> BTreeMap<String, Vec<String>> {
    let anchors = |page: &Page| {
        let mut found: Vec<String> = Vec::new();
        for (_, text) in page.paragraphs().iter().filter(|(_, text)| text.starts_with('#')) {
            let name = anchor(text);
            let before = found.iter().filter(|other| **other == name).count();
            found.push(if before == 0 { name } else { format!("{name}-{before}") });
        }
        found
    };
    Page::all().iter().map(|page| (page.path.clone(), anchors(page))).collect()
}

#[test]
fn every_relative_link_and_its_anchor_are_there() {
    let anchors = anchors();
    let mut faults = Vec::new();
    let mut seen = 0;
    for page in Page::all() {
        let folder = root().join(&page.path).parent().unwrap().to_owned();
        for (line, text) in page.paragraphs() {
            for target in targets(&text).iter().filter(|target| !target.contains("://")) {
                seen += 1;
                let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
                let file = if path.is_empty() { root().join(&page.path) } else { folder.join(path) };
                let Ok(file) = fs::canonicalize(file) else {
                    faults.push(format!("{}:{line}: {target} is not there", page.path));
                    continue;
                };
                let there = anchor.is_empty()
                    || anchors
                        .get(&from_root(&file))
                        .is_some_and(|names| names.iter().any(|name| name == anchor));
                if !there {
                    faults.push(format!("{}:{line}: {target} has no such heading", page.path));
                }
            }
        }
    }
    assert!(seen > 20, "{seen}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_that_a_page_names_is_there() {
    let mut faults = Vec::new();
    let mut seen = 0;
    for page in Page::all() {
        for (line, span) in page.spans() {
            let path = span.trim_end_matches('/');
            let is_path = FOLDERS.iter().any(|folder| path.starts_with(folder)) && !path.contains(' ');
            if is_path && !PLACEHOLDERS.iter().any(|placeholder| path.contains(placeholder)) {
                seen += 1;
                if !root().join(path).exists() {
                    faults.push(format!("{}:{line}: there is no {path}", page.path));
                }
            }
        }
    }
    assert!(seen > 10, "{seen}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn links_are_found_and_code_is_none() {
    assert_eq!(targets("a [b](c#d) `[e](f)` [g `h`](i)\n[j]: k"), ["c#d", "i", "k"]);
    assert_eq!(anchor("## 10. Keep routes & `catalog`"), "10-keep-routes--catalog");
    assert!(files("md").len() > 10);
}
