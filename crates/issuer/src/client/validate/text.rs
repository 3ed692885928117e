//! What people must be able to read: one line that shows all that it holds.

/// Longest name, purpose, owner or reason, in characters: one sentence of a patient person.
const MAX_TEXT: usize = 500;

/// Characters that cannot be seen, that turn the direction of their neighbours, or that break the line where no
/// control character does. Two texts that look alike would differ, and one could look like something else.
///
/// The format characters and the two separators of Unicode 16.0 (general categories Cf, Zl and Zp), and what it says
/// no font has to show (`Default_Ignorable_Code_Point`) but for the two that choose how an emoji is drawn.
const INVISIBLE: [(char, char); 26] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0d}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing, or nothing but spaces.
    #[error("is missing; say it in one line")]
    Blank,
    /// A control character, such as a line break.
    #[error(
        "holds {}, a line break or another control character, as character {at}; write one line",
        code_point(*.character)
    )]
    Control {
        /// Which.
        character: char,
        /// Where, counted from 1.
        at: usize,
    },
    /// A character that cannot be seen.
    #[error(
        "holds {}, which cannot be seen or changes how others are read, as character {at}; take it out",
        code_point(*.character)
    )]
    Invisible {
        /// Which.
        character: char,
        /// Where, counted from 1.
        at: usize,
    },
    /// Too long.
    #[error("is longer than 500 characters; say it in one line")]
    Long,
}

/// As Unicode writes it: it stands in answers and terminals that it must not upset.
fn code_point(character: char) -> String {
    format!("U+{:04X}", u32::from(character))
}

/// Whether people can read it: one line, not empty, not endless, and nothing in it that they do not see.
pub(crate) fn check_text(text: &str) -> Result<(), TextFault> {
    if text.trim().is_empty() {
        return Err(TextFault::Blank);
    }
    if text.chars().count() > MAX_TEXT {
        return Err(TextFault::Long);
    }
    for (at, character) in (1..).zip(text.chars()) {
        if character.is_control() {
            return Err(TextFault::Control { character, at });
        }
        if INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&character)) {
            return Err(TextFault::Invisible { character, at });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_can_be_read_in_every_language() {
        for text in [
            "Mirrors invoices into the ledger.",
            "Überträgt Rechnungen – „täglich“",
            "請求書を帳簿に写す",
            "يرسل الفواتير",
            "חשבוניות",
            "จดใบแจ้งหนี้",
            "चालान भेजता है",
            "e\u{301} and a no-break\u{a0}space",
            "careful \u{26a0}\u{fe0f}",
        ] {
            assert_eq!(check_text(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_character_that_cannot_be_seen_is_named_with_its_place() {
        for character in [
            '\u{ad}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{61c}',
            '\u{180e}',
            '\u{feff}',
            '\u{3164}',
            '\u{2800}',
            '\u{e0041}',
            '\u{fff9}',
        ] {
            let fault = check_text(&format!("ab{character}c")).unwrap_err();
            assert_eq!(fault, TextFault::Invisible { character, at: 3 });
            let told = fault.to_string();
            assert!(told.contains(&format!("U+{:04X}", u32::from(character))) && told.is_ascii(), "{told}");
        }
        for (character, name) in
            [('\n', "U+000A"), ('\0', "U+0000"), ('\u{1b}', "U+001B"), ('\u{85}', "U+0085")]
        {
            let fault = check_text(&format!("a{character}")).unwrap_err();
            assert_eq!(fault, TextFault::Control { character, at: 2 });
            assert!(fault.to_string().contains(name), "{fault}");
        }
    }

    #[test]
    fn the_ranges_are_in_order_and_apart() {
        assert!(INVISIBLE.windows(2).all(|pair| pair[0].1 < pair[1].0));
        assert!(INVISIBLE.iter().all(|(first, last)| first <= last));
    }

    #[test]
    fn blank_is_what_shows_nothing_and_long_is_counted_in_characters() {
        for text in ["", " ", "\t\n", "\u{3000}"] {
            assert_eq!(check_text(text), Err(TextFault::Blank), "{text:?}");
        }
        assert_eq!(check_text(&"ü".repeat(MAX_TEXT)), Ok(()));
        assert_eq!(check_text(&"ü".repeat(MAX_TEXT + 1)), Err(TextFault::Long));
    }
}
