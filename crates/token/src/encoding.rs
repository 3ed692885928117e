//! Base64url without padding, strict (RFC 7515 section 2, RFC 4648 section 3.5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Encodes `bytes` without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Appends the unpadded encoding of `bytes` to text that is being put together as bytes: twice as fast as to a
/// `String`, into which the encoder may only copy.
pub(crate) fn append_base64url(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + (bytes.len() * 4).div_ceil(3), b'A');
    let room = out.get_mut(start..).unwrap_or_default();
    let written = URL_SAFE_NO_PAD.encode_slice(bytes, room);
    debug_assert_eq!(written, Ok(room.len()), "the room is the length of the encoding");
}

/// Appends the unpadded encoding of `bytes` to `out`.
pub fn push_base64url(bytes: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, out);
}

/// Encodes into `room`, which holds at least 4 bytes for each 3 of `bytes`.
pub(crate) fn base64url_in<'r>(bytes: &[u8], room: &'r mut [u8]) -> &'r str {
    let written = URL_SAFE_NO_PAD.encode_slice(bytes, room).unwrap_or(0);
    room.get(..written).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
}

/// Decodes unpadded base64url. Padding, line breaks, other alphabets and unused bits that are not zero are
/// refused, so that one value has one spelling.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Decodes exactly `N` bytes.
pub fn array_from_base64url<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    fill_from_base64url(text, &mut out).then_some(out)
}

/// Decodes exactly as many bytes as `out` takes; says whether it could. Makes no copy, so that a secret stays
/// where its owner wipes it.
pub(crate) fn fill_from_base64url(text: &str, out: &mut [u8]) -> bool {
    let exact = text.len() == (out.len() * 4).div_ceil(3);
    // The length is checked before, for this decoder panics when the room is too small.
    exact && URL_SAFE_NO_PAD.decode_slice_unchecked(text, out).is_ok_and(|written| written == out.len())
}

/// Appends the decoded bytes to `out`; says whether it could.
pub(crate) fn append_from_base64url(text: &str, out: &mut Vec<u8>) -> bool {
    URL_SAFE_NO_PAD.decode_vec(text, out).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_value_has_one_spelling() {
        assert_eq!(from_base64url("AA"), Some(vec![0]));
        for other in ["AB", "AA==", "AA=", "A", "A A", "A\n", "+/", "AA\0"] {
            assert_eq!(from_base64url(other), None, "{other:?}");
        }
        assert_eq!(array_from_base64url::<1>("AA"), Some([0]));
        assert_eq!(array_from_base64url::<2>("AA"), None);
        assert_eq!(array_from_base64url::<1>("AB"), None);
    }

    proptest! {
        #[test]
        fn bytes_survive(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let mut out = b"x".to_vec();
            append_base64url(&bytes, &mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), format!("x{}", base64url(&bytes)));
            let mut back = b"x".to_vec();
            prop_assert!(append_from_base64url(&base64url(&bytes), &mut back));
            prop_assert_eq!(&back[1..], &bytes);
            let mut room = [0; 140];
            prop_assert_eq!(base64url_in(&bytes, &mut room), base64url(&bytes));
            prop_assert_eq!(from_base64url(&base64url(&bytes)), Some(bytes));
        }

        #[test]
        fn arrays_survive(bytes in any::<[u8; 32]>(), longer in any::<[u8; 64]>(), short in any::<[u8; 16]>()) {
            prop_assert_eq!(array_from_base64url(&base64url(&bytes)), Some(bytes));
            prop_assert_eq!(array_from_base64url(&base64url(&longer)), Some(longer));
            prop_assert_eq!(array_from_base64url(&base64url(&short)), Some(short));
        }

        #[test]
        fn a_decoded_text_is_the_encoding_of_its_bytes(text in "[A-Za-z0-9_=+/-]{0,44}") {
            if let Some(bytes) = from_base64url(&text) {
                prop_assert_eq!(base64url(&bytes), text.clone());
            }
            if let Some(bytes) = array_from_base64url::<32>(&text) {
                prop_assert_eq!(base64url(&bytes), text);
            }
        }
    }
}
