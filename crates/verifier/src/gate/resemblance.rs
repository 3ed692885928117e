//! Whether a service may hear a literal of a template in a segment of a path.

/// A segment that is written like the literal but for the case.
pub(super) fn same(segment: &str, literal: &str) -> bool {
    segment.eq_ignore_ascii_case(literal)
}

/// A segment in which some service finds the literal: behind white space or signs in front, before a suffix such as
/// `.json`, or with letters that only look foreign. `literal` is in lower case.
///
/// Rails and Spring cut at a dot, Windows drops dots and spaces at the end, forms read `+` as one; code pages and
/// collations find `a` in `ā`.
pub(super) fn resembles(segment: &str, literal: &str) -> bool {
    let behind_signs =
        segment.trim_start_matches(|character: char| character.is_ascii() && !stands_in_a_name(character));
    begins(segment, literal) || behind_signs.len() < segment.len() && begins(behind_signs, literal)
}

/// Whether `segment` begins with `literal` and goes on with a sign or not at all, where a letter that may turn into ours
/// stands for any text.
fn begins(segment: &str, literal: &str) -> bool {
    let (mut at, mut heard) = (segment.chars(), literal.chars());
    let mut again = None;
    loop {
        let here = heard.clone();
        match (at.next(), heard.next()) {
            (next, None) if next.is_none_or(|character| !stands_in_a_name(character)) => return true,
            (Some(next), _) if may_turn_into_ours(next) => {
                heard = here.clone();
                again = Some((at.clone(), here));
            }
            (Some(next), Some(expected)) if next.eq_ignore_ascii_case(&expected) => {}
            _ => {
                let Some((behind, mut from)) = again.take() else { return false };
                if from.next().is_none() {
                    return false;
                }
                (at, heard) = (behind.clone(), from.clone());
                again = Some((behind, from));
            }
        }
    }
}

/// What names are made of. Any other sign may end one.
pub(super) const fn stands_in_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '~') || !character.is_ascii()
}

/// Whether some folding makes letters or digits of ASCII of it: Unicode normalisation and changes of case, the best-fit
/// tables of Windows code pages, collations that drop accents. Whole blocks of Latin, Greek, marks and mathematical
/// letters; nobody makes ASCII of the other scripts to find a route.
const fn may_turn_into_ours(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{3ff}' | '\u{1ab0}'..='\u{1aff}' | '\u{1d00}'..='\u{1fff}' | '\u{2c60}'..='\u{2c7f}' | '\u{a720}'..='\u{a7ff}'
        | '\u{ab30}'..='\u{ab6f}' | '\u{fb00}'..='\u{fb06}' | '\u{10780}'..='\u{107bf}' | '\u{1d400}'..='\u{1d7ff}' | '\u{1fbf0}'..='\u{1fbf9}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_heard_with_signs_around_it() {
        for segment in [
            "export",
            "EXPORT",
            "export.json",
            "export.",
            "export ",
            " export",
            "+export",
            ".export",
            "export:a",
            "export::$DATA",
            "export,a",
            "export=1",
            "export(1)",
            "export@a",
            "Export.tar.gz",
            "export!",
            "(export)",
        ] {
            assert!(resembles(segment, "export"), "{segment}");
        }
        for segment in
            ["exports", "export-2", "export_a", "2export", "my-export", "exp.ort", "", ".", "~export"]
        {
            assert!(!resembles(segment, "export"), "{segment}");
        }
    }

    #[test]
    fn a_literal_is_heard_through_letters_that_may_turn_into_ours() {
        for segment in [
            "\u{113}xport",
            "expor\u{163}",
            "ex\u{301}port",
            "export\u{301}",
            "expo\u{fb06}",
            "\u{113}xp\u{14d}rt.json",
            "\u{e9}",
        ] {
            assert!(resembles(segment, "export"), "{segment}");
        }
        for segment in [
            "J\u{fc}rgen",
            "j\u{e9}xport",
            "\u{e9}xporter",
            "\u{682a}\u{5f0f}",
            "export\u{682a}",
            "\u{44d}\u{43a}\u{441}\u{43f}",
        ] {
            assert!(!resembles(segment, "export"), "{segment}");
        }
        assert!(resembles("me\u{17f}\u{17f}age", "message") && resembles("me\u{df}age", "message"));
        assert!(resembles("\u{44d}\u{43a}.json", "\u{44d}\u{43a}"));
    }

    #[test]
    fn signs_of_the_literal_are_its_own() {
        assert!(resembles("robots.txt.bak", "robots.txt") && resembles(".well-known", ".well-known"));
        assert!(!resembles("robots", "robots.txt"));
    }
}
