//! What somebody probably meant.

/// The candidate with the fewest single-character changes to `word`, if they are few enough to be a slip.
pub fn nearest<'c>(word: &str, candidates: impl Iterator<Item = &'c str>) -> Option<&'c str> {
    let most = word.chars().count().div_ceil(3).max(2);
    let measured = candidates.map(|candidate| (changes(word, candidate), candidate));
    measured
        .filter(|(changes, _)| *changes <= most)
        .min_by_key(|(changes, _)| *changes)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and replacements between two words (Levenshtein 1966).
fn changes(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().enumerate() {
        let mut above_left = i;
        let mut last = i + 1;
        if let Some(first) = row.first_mut() {
            *first = last;
        }
        for (cell, r) in row.iter_mut().skip(1).zip(&right) {
            let cost = (above_left + usize::from(l != *r)).min(*cell + 1).min(last + 1);
            above_left = *cell;
            *cell = cost;
            last = cost;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_counted() {
        for (left, right, count) in [
            ("", "", 0),
            ("a", "", 1),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
            ("flaw", "lawn", 2),
            ("same", "same", 0),
        ] {
            assert_eq!(changes(left, right), count, "{left} {right}");
        }
    }

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let known = || ["publish_lead", "jwks_max_age", "url"].into_iter();
        assert_eq!(nearest("publish_led", known()), Some("publish_lead"));
        assert_eq!(nearest("jwks_maxage", known()), Some("jwks_max_age"));
        assert_eq!(nearest("banana", known()), None);
    }
}
