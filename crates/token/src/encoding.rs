//! Base64url without padding, strict (RFC 7515 section 2, RFC 4648 section 3.5).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Encodes `bytes` without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Appends the unpadded encoding of `bytes` to `out`.
pub fn push_base64url(bytes: &[u8], out: &mut String) {
    URL_SAFE_NO_PAD.encode_string(bytes, out);
}

/// Decodes unpadded base64url. Padding, line breaks, other alphabets and unused bits that are not zero are
/// refused, so that one value has one spelling.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Decodes exactly `N` bytes.
pub fn array_from_base64url<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != (N * 4).div_ceil(3) {
        return None;
    }
    let mut out = [0; N];
    // The estimate of the decoder asks for room for whole groups; `N` bytes are what a good text fills.
    match URL_SAFE_NO_PAD.decode_slice_unchecked(text, &mut out) {
        Ok(n) if n == N => Some(out),
        _ => None,
    }
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
