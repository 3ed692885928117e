//! What a document comes to. Whoever has a model asks it here; this counts, so that a test knows what is right.

use serde::Serialize;

/// A document, summed up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The number of the document.
    pub document: String,
    /// What it is called.
    pub title: String,
    /// Its first sentence.
    pub begins: String,
    /// How many sentences it has.
    pub sentences: usize,
    /// How many words.
    pub words: usize,
    /// What it refers to, in its order.
    pub refers_to: Vec<Reference>,
}

/// What a document refers to, as far as the token of its reader goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// The path at the service.
    pub path: String,
    /// What was found there.
    #[serde(flatten)]
    pub found: Found,
}

/// What was found behind a reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// A document of this title.
    Title(String),
    /// The service did not open it: the `reason` of its refusal.
    Refused(String),
    /// Something that has no title.
    Untitled,
}

/// The sentences of a text. One ends with a point, a question mark or an exclamation mark before a space.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let ends = |word: &str| word.ends_with(['.', '?', '!']);
    let words = text.split_inclusive(' ').scan(0, move |at, word| {
        *at += word.len();
        Some((*at, ends(word.trim_end())))
    });
    let stops = words.filter_map(|(at, ends)| ends.then_some(at)).chain([text.len()]);
    let pieces = stops.scan(0, |from, to| text.get(std::mem::replace(from, to)..to));
    pieces.map(str::trim).filter(|sentence| !sentence.is_empty())
}

/// The paths of the service that a text names. Whatever leads elsewhere is not among them.
pub(super) fn references(text: &str) -> impl Iterator<Item = &str> {
    let bare =
        text.split_whitespace().map(|word| word.trim_matches(['.', ',', ';', ':', '?', '!', '(', ')']));
    let is_path = |word: &&str| word.len() > 1 && word.starts_with('/') && !word.starts_with("//");
    bare.filter(is_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_with_its_mark_and_not_at_a_point_within_a_word() {
        let cut = |text| sentences(text).collect::<Vec<_>>();
        assert_eq!(cut("One is 3.5 m. Was it two? Three!"), ["One is 3.5 m.", "Was it two?", "Three!"]);
        assert_eq!(cut("no mark at all"), ["no mark at all"]);
        assert_eq!(cut(""), [""; 0]);
        assert_eq!(cut("Überall …  äh. Ja."), ["Überall …  äh.", "Ja."]);
    }

    #[test]
    fn only_paths_of_the_service_are_references() {
        let found = |text| references(text).collect::<Vec<_>>();
        assert_eq!(found("see /documents/A-2, and (/billing)."), ["/documents/A-2", "/billing"]);
        assert_eq!(found("//evil.example/x http://evil.example/ / and/or"), [""; 0]);
    }
}
