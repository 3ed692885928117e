//! Numbers of a length that fits them: seven bits a byte, the lowest first, the high bit where more follow (LEB128).

/// Appends `number`.
pub(crate) fn push(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        let [low, ..] = number.to_le_bytes();
        out.push(low | 0x80);
        number >>= 7;
    }
    let [last, ..] = number.to_le_bytes();
    out.push(last);
}

/// Takes a number off the front; `None` when there is none, when it does not fit 64 bits, or when it is not in its
/// shortest form: one number has one spelling.
pub(crate) fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let low = u64::from(byte & 0x7f);
        if (low << shift) >> shift != low || (byte == 0 && shift > 0) {
            return None;
        }
        number |= low << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Folds the sign into the lowest bit, so that small steps down are as short as small steps up.
pub(crate) fn fold_sign(step: i64) -> u64 {
    (step.cast_unsigned() << 1) ^ (step >> 63).cast_unsigned()
}

/// The reverse of [`fold_sign`].
pub(crate) fn unfold_sign(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_number_has_one_spelling() {
        for bytes in [&[0x80, 0][..], &[0xff, 0x80, 0], &[], &[0x80], &[0xff; 9], &[0xff; 10], &[0xff; 11]] {
            assert_eq!(take(&mut &*bytes), None, "{bytes:?}");
        }
        let most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(take(&mut &most[..]), Some(u64::MAX));
        let over = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2];
        assert_eq!(take(&mut &over[..]), None);
        assert_eq!(take(&mut &[0][..]), Some(0));
    }

    proptest! {
        #[test]
        fn numbers_survive(number: u64, shift in 0_u32..64, step: i64) {
            let number = number >> shift;
            let mut bytes = Vec::new();
            push(number, &mut bytes);
            bytes.push(7);
            let mut rest = &bytes[..];
            prop_assert_eq!((take(&mut rest), rest), (Some(number), &[7][..]));
            prop_assert_eq!(unfold_sign(fold_sign(step)), step);
        }

        #[test]
        fn what_is_read_is_written_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let mut rest = &bytes[..];
            if let Some(number) = take(&mut rest) {
                let mut written = Vec::new();
                push(number, &mut written);
                prop_assert_eq!(&written[..], &bytes[..bytes.len() - rest.len()]);
            }
        }
    }
}
