//! Paths that every service reads alike.

use std::borrow::Cow;

/// No longer path is looked at. Servers read 8 KiB of request line by default, and half of that is more than a path needs.
pub(super) const MOST_PATH_BYTES: usize = 4096;

/// A path that means the same to whoever decodes it once, twice or not at all, merges its slashes or resolves its dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlainPath<'r> {
    raw: &'r str,
    decoded: Cow<'r, str>,
}

/// Why services read a path differently. Where it is, is evidence; the path itself stays out of logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotPlain {
    /// A byte that stands in no path (RFC 3986 section 3.3), or begins parameters of a segment.
    #[error("the byte {byte:#04x} at {at} stands in no plain path")]
    Byte {
        /// Where.
        at: usize,
        /// Which.
        byte: u8,
    },
    /// What ASP.NET takes out of a path before it looks for a route.
    #[error("a segment holds what ASP.NET takes for a session")]
    Cookieless,
    /// A segment that may be a place or nothing: dots, and the spaces and marks that some drop beside them. In a form `+` is a
    /// space.
    #[error("a segment of dots alone")]
    Dots,
    /// Two slashes in a row.
    #[error("two slashes in a row at {at}")]
    EmptySegment {
        /// Where.
        at: usize,
    },
    /// A `%` that is no escape, or one of a byte that needs none or must not stand in a path.
    #[error("the escape at {at} is none, is not needed, or hides what separates")]
    Escape {
        /// Where.
        at: usize,
    },
    /// It does not begin at the root.
    #[error("it does not begin with a slash")]
    Relative,
    /// Longer than any path is looked at.
    #[error("it has {bytes} bytes, and {MOST_PATH_BYTES} are looked at")]
    TooLong {
        /// How long.
        bytes: usize,
    },
    /// A character that some services take for another, which separates.
    #[error("the character U+{:04X} is a separator to some", u32::from(*character))]
    Unsettled {
        /// Which.
        character: char,
    },
    /// The escaped bytes are no text.
    #[error("its bytes are not UTF-8")]
    Utf8,
}

impl<'r> PlainPath<'r> {
    pub(super) fn read(path: &'r [u8]) -> Result<Self, NotPlain> {
        if path.len() > MOST_PATH_BYTES {
            return Err(NotPlain::TooLong { bytes: path.len() });
        }
        if path.first() != Some(&b'/') {
            return Err(NotPlain::Relative);
        }
        let mut previous = None;
        let mut escaped = false;
        for (at, byte) in path.iter().copied().enumerate() {
            match byte {
                b'/' if previous == Some(b'/') => return Err(NotPlain::EmptySegment { at }),
                b'%' => {
                    escape(path, at).filter(|byte| may_be_escaped(*byte)).ok_or(NotPlain::Escape { at })?;
                    escaped = true;
                }
                byte if may_stand(byte) => {}
                byte => return Err(NotPlain::Byte { at, byte }),
            }
            previous = Some(byte);
        }
        let raw = str::from_utf8(path).map_err(|_| NotPlain::Utf8)?;
        let decoded = if escaped { Cow::Owned(decoded(path)?) } else { Cow::Borrowed(raw) };
        let plain = Self { raw, decoded };
        plain.look_again()?;
        Ok(plain)
    }

    /// As it came.
    pub(super) fn as_str(&self) -> &'r str {
        self.raw
    }

    /// As a service sees it that decodes it. It has the same segments.
    pub(super) fn decoded(&self) -> &str {
        &self.decoded
    }

    /// At what only shows once everything is decoded.
    fn look_again(&self) -> Result<(), NotPlain> {
        if let Some(character) = self.decoded.chars().find(|character| is_unsettled(*character)) {
            return Err(NotPlain::Unsettled { character });
        }
        let fades = |character: char| {
            matches!(character, '.' | ' ' | '+') || !character.is_ascii() && !character.is_alphanumeric()
        };
        let is_place = |segment: &str| segment.contains(['.', ' ', '+']) && segment.chars().all(fades);
        if self.decoded.split('/').any(is_place) {
            return Err(NotPlain::Dots);
        }
        let bytes = self.decoded.as_bytes();
        if bytes.windows(3).any(|three| matches!(three, [b'(', letter, b'('] if letter.is_ascii_alphabetic()))
        {
            return Err(NotPlain::Cookieless);
        }
        Ok(())
    }
}

/// RFC 3986 section 3.3, without `;`: what follows it is no part of the path to Java, and a part to others.
const fn may_stand(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~')
        || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@')
}

/// Neither what needs no escape (RFC 3986 section 2.3), nor what would separate once it is decoded: it would be decoded
/// by some, and by some twice.
const fn may_be_escaped(byte: u8) -> bool {
    let unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let separates = matches!(byte, b'/' | b'\\' | b';' | b'%' | b'?' | b'#');
    !unreserved && !separates && !byte.is_ascii_control()
}

/// The byte whose escape stands at `at`.
fn escape(path: &[u8], at: usize) -> Option<u8> {
    let digit =
        |at: usize| char::from(*path.get(at)?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(at + 1)? << 4 | digit(at + 2)?)
}

fn decoded(path: &[u8]) -> Result<String, NotPlain> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut at = 0;
    while let Some(byte) = path.get(at) {
        let escape = if *byte == b'%' { escape(path, at) } else { None };
        bytes.push(escape.unwrap_or(*byte));
        at += if escape.is_some() { 3 } else { 1 };
    }
    String::from_utf8(bytes).map_err(|_| NotPlain::Utf8)
}

/// What best-fit tables and Unicode normalisation turn into one of `/ \ . ; % ? #` or white space, or let vanish, with
/// the blocks around. Windows code pages map `¥` and `₩` to `\`; NFC maps U+037E to `;`, NFKC U+FF0F to `/`.
const fn is_unsettled(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{bf}' | '\u{37e}' | '\u{61c}' | '\u{66a}' | '\u{1680}' | '\u{180b}'..='\u{180f}'
        | '\u{2000}'..='\u{2bff}' | '\u{2e00}'..='\u{2e7f}' | '\u{3000}'..='\u{3003}' | '\u{3200}'..='\u{33ff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe6f}' | '\u{feff}'..='\u{ffff}'
        | '\u{1f100}'..='\u{1f2ff}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests;
