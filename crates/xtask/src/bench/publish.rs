//! From a run to the page that everybody reads.

use std::path::PathBuf;

use super::data::Data;
use super::groups::GROUPS;
use super::page::Page;
use crate::failure::Failure;
use crate::layout;

/// Who must have taken part: a page without one of them would compare us with fewer.
pub(super) const PEERS: [&str; 5] = ["jsonwebtoken", "pasetors", "jose", "pyjwt", "oidc-provider"];

/// Makes `text`, the data of a run that just ended, the published data, and writes the page.
pub(super) fn publish(text: &str) -> Result<(), Failure> {
    has_every_group(&Data::read(text)?)?;
    write(text)
}

fn write(text: &str) -> Result<(), Failure> {
    let files = files(text)?;
    layout::make(&pictures())?;
    for (path, text) in files {
        std::fs::write(&path, text).map_err(|e| Failure::io(&layout::shown(&path), &e))?;
        println!("written: {}", layout::shown(&path));
    }
    Ok(())
}

/// Writes the page again, from the data that are published already.
pub(super) fn page_again() -> Result<(), Failure> {
    write(&published()?)
}

/// The data file in the checkout.
pub(super) fn published() -> Result<String, Failure> {
    let path = pictures().join("data.json");
    std::fs::read_to_string(&path).map_err(|e| Failure::io(&layout::shown(&path), &e))
}

/// Every published file with its text: nothing but the data says what is in them.
fn files(text: &str) -> Result<Vec<(PathBuf, String)>, Failure> {
    let data = Data::read(text)?;
    complete(&data)?;
    let page = Page::of(&data)?;
    let mut files = vec![
        (pictures().join("data.json"), text.to_owned()),
        (layout::root().join("docs/BENCHMARKS.md"), page.text),
    ];
    files.extend(page.pictures.into_iter().map(|(file, svg)| (pictures().join(file), svg)));
    Ok(files)
}

/// Only a whole run is published, and only one that every peer took part in.
fn complete(data: &Data) -> Result<(), Failure> {
    if data.extent != "whole" {
        return Err(Failure::broken(format!("only a whole run is published; this one is `{}`", data.extent)));
    }
    let absent: Vec<&str> = PEERS.into_iter().filter(|peer| !data.results.used.contains_key(*peer)).collect();
    if absent.is_empty() {
        return Ok(());
    }
    Err(Failure::broken(format!(
        "not published: {} took no part; the output of the run says why",
        absent.join(" and ")
    )))
}

/// Data of today have something of each group; older ones may be older than a group.
fn has_every_group(data: &Data) -> Result<(), Failure> {
    let absent: Vec<&str> =
        GROUPS.iter().filter(|group| !group.is_in(data)).map(|group| group.title).collect();
    if absent.is_empty() {
        return Ok(());
    }
    Err(Failure::broken(format!("not published: the run has nothing of {}", absent.join(", "))))
}

fn pictures() -> PathBuf {
    layout::root().join("docs/benchmarks")
}

#[cfg(test)]
mod tests {
    use super::super::data::tests::whole;
    use super::*;

    fn refused(data: &Data) -> String {
        files(&data.text().unwrap()).map(|files| files.len()).unwrap_err().to_string()
    }

    #[test]
    fn the_published_page_is_exactly_what_its_data_say() {
        for (path, text) in files(&published().unwrap()).unwrap() {
            let there = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                there == text,
                "{} was edited, or the page is written in another way now: `cargo xtask bench --page`",
                layout::shown(&path)
            );
        }
    }

    #[test]
    fn beside_the_published_pictures_lies_nothing_else() {
        let expected = files(&published().unwrap()).unwrap();
        for entry in std::fs::read_dir(pictures()).unwrap() {
            let path = entry.unwrap().path();
            assert!(expected.iter().any(|(known, _)| *known == path), "{} is nobody's", layout::shown(&path));
        }
    }

    #[test]
    fn a_whole_run_is_published_with_its_data_its_page_and_its_pictures() {
        let data = whole().text().unwrap();
        let files = files(&data).unwrap();
        assert!(files[0].0.ends_with("docs/benchmarks/data.json") && files[0].1 == data);
        assert!(files[1].0.ends_with("docs/BENCHMARKS.md"));
        assert!(files[2..].iter().all(|(path, _)| path.extension().is_some_and(|e| e == "svg")));
    }

    #[test]
    fn neither_a_quick_run_nor_a_part_of_one_is_published_even_by_hand() {
        for extent in ["quick", "part"] {
            let mut data = whole();
            data.extent = extent.to_owned();
            assert!(refused(&data).contains("only a whole run"), "{extent}");
        }
    }

    #[test]
    fn a_run_that_has_nothing_of_a_group_is_not_published() {
        let mut data = whole();
        assert!(has_every_group(&data).is_ok());
        data.results.figures.retain(|figure| !figure.id.starts_with("revocation."));
        let failure = has_every_group(&data).unwrap_err().to_string();
        assert!(failure.contains("How soon a revocation is everywhere"), "{failure}");
    }

    #[test]
    fn a_run_without_one_of_the_peers_is_not_published() {
        for peer in PEERS {
            let mut data = whole();
            data.results.used.remove(peer);
            assert!(refused(&data).contains(peer), "{peer}");
        }
    }
}
