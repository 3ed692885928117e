//! How secrets are written: a prefix that scanners know, bytes that nobody can guess, a checksum (R55, R-7.1).
//!
//! The checksum guards against typos and cut-off copies, and spares the store a question about garbage. It is no
//! protection against anybody.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chancery_token::encoding::{array_from_base64url, push_base64url};
use zeroize::Zeroizing;

/// Characters of so many bytes in base64url without padding.
const fn written(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

/// Characters of a CRC-32 in base64url without padding.
const CHECKSUM: usize = 6;

/// Why a text is none of our secrets. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotACredential {
    /// Another prefix, length or alphabet.
    #[error("it is not of the form {prefix} and {rest} characters of A-Z a-z 0-9 '-' '_'")]
    Shape {
        /// What it should begin with.
        prefix: &'static str,
        /// How many characters should follow.
        rest: usize,
    },
    /// The form is right and the checksum is not: a character was mistyped, or lost.
    #[error("its checksum does not fit: a character was mistyped or lost in copying")]
    Checksum,
}

/// Writes `bytes` as a credential.
pub(crate) fn write(prefix: &'static str, bytes: &[u8]) -> Zeroizing<String> {
    // Enough room at once: growing would leave a copy behind that nobody wipes.
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + written(bytes.len()) + CHECKSUM));
    text.push_str(prefix);
    push_base64url(bytes, &mut text);
    let checksum = crc32(text.as_bytes()).to_be_bytes();
    URL_SAFE_NO_PAD.encode_string(checksum, &mut text);
    text
}

/// Reads what [`write`] wrote.
pub(crate) fn read<const N: usize>(
    prefix: &'static str,
    text: &str,
) -> Result<Zeroizing<[u8; N]>, NotACredential> {
    let length = written(N);
    let shape = NotACredential::Shape { prefix, rest: length + CHECKSUM };
    let rest = text.strip_prefix(prefix).filter(|rest| rest.len() == length + CHECKSUM).ok_or(shape)?;
    let (body, checksum) = rest.split_at_checked(length).ok_or(shape)?;
    // All of them are looked at, whatever is found: the bytes are random, and a processor that has to guess where to
    // go on guesses wrong.
    if !rest.bytes().fold(true, |legal, byte| legal & LEGAL.get(usize::from(byte)).copied().unwrap_or(false))
    {
        return Err(shape);
    }
    let covered = text.get(..prefix.len() + length).ok_or(shape)?;
    if array_from_base64url::<4>(checksum) != Some(crc32(covered.as_bytes()).to_be_bytes()) {
        return Err(NotACredential::Checksum);
    }
    array_from_base64url::<N>(body).map(Zeroizing::new).ok_or(NotACredential::Checksum)
}

/// The alphabet of base64url.
const LEGAL: [bool; 256] = {
    let mut legal = [false; 256];
    let (mut at, mut byte) = (0, 0_u8);
    while at < legal.len() {
        legal[at] = byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        at += 1;
        byte = byte.wrapping_add(1);
    }
    legal
};

/// CRC-32 as Ethernet and zlib have it (ISO 3309; RFC 1952 section 8), which scanners can compute.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        let [low, ..] = (crc ^ u32::from(*byte)).to_le_bytes();
        (crc >> 8) ^ REMAINDERS.get(usize::from(low)).copied().unwrap_or(0)
    };
    !bytes.iter().fold(!0, step)
}

/// What eight steps of the division make of each byte. Every request brings a secret to check.
const REMAINDERS: [u32; 256] = {
    let mut remainders = [0; 256];
    let (mut at, mut byte) = (0, 0);
    while at < remainders.len() {
        let mut crc: u32 = byte;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            bit += 1;
        }
        remainders[at] = crc;
        at += 1;
        byte += 1;
    }
    remainders
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PREFIX: &str = "chx_";

    #[test]
    fn the_checksum_is_the_one_that_everybody_computes() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn r55_a_credential_is_recognised_by_prefix_length_alphabet_and_checksum() {
        let text = write(PREFIX, &[0xab; 32]);
        assert_eq!(*text, "chx_q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s".to_owned() + &text[47..]);
        assert_eq!(text.len(), 4 + 43 + 6);
        assert_eq!(*read::<32>(PREFIX, &text).unwrap(), [0xab; 32]);
        let (lower, longer) = (text.to_lowercase(), format!("{}a", *text));
        for other in ["", "chx_", &text[1..], &text[..52], &longer, "chy_", &text.replace("chx_", "chy_")] {
            assert_eq!(
                read::<32>(PREFIX, other).unwrap_err(),
                NotACredential::Shape { prefix: PREFIX, rest: 49 },
                "{other}"
            );
        }
        assert_eq!(read::<32>(PREFIX, &lower).unwrap_err(), NotACredential::Checksum);
        for bad in ["+", "/", "=", " ", "é"] {
            let other = format!("{}{bad}{}", &text[..20], &text[20 + bad.len()..]);
            assert_eq!(
                read::<32>(PREFIX, &other).unwrap_err(),
                NotACredential::Shape { prefix: PREFIX, rest: 49 },
                "{other}"
            );
        }
    }

    proptest! {
        #[test]
        fn r55_one_wrong_character_never_passes(bytes in any::<[u8; 32]>(), at in 4usize..53, to in "[A-Za-z0-9_-]") {
            let text = write(PREFIX, &bytes);
            let other = format!("{}{to}{}", &text[..at], &text[at + 1..]);
            prop_assert_eq!(read::<32>(PREFIX, &other).is_ok(), other == *text);
        }

        #[test]
        fn r55_two_swapped_neighbours_never_pass(bytes in any::<[u8; 32]>(), at in 4usize..52) {
            let text = write(PREFIX, &bytes);
            let mut swapped = text.as_bytes().to_vec();
            swapped.swap(at, at + 1);
            let other = String::from_utf8(swapped).unwrap();
            prop_assert_eq!(read::<32>(PREFIX, &other).is_ok(), other == *text);
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,60}") {
            prop_assert!(read::<32>(PREFIX, &text).is_err());
        }
    }
}
