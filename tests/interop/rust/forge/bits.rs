//! Changes of bytes that no key is needed for.

use crate::Fault;

/// The order of the group of Ed25519, little endian (RFC 8032 section 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// With the lowest bit of the byte behind `mark` flipped.
pub(super) fn flipped(bytes: &[u8], mark: &str) -> Result<Vec<u8>, Fault> {
    let starts = bytes.windows(mark.len()).position(|window| window == mark.as_bytes());
    let behind = starts.ok_or_else(|| format!("there is no {mark} in the token"))? + mark.len();
    let mut changed = bytes.to_vec();
    *changed.get_mut(behind).ok_or("nothing stands behind the mark")? ^= 1;
    Ok(changed)
}

/// With the lowest bit of the byte at `at` flipped.
pub(super) fn flipped_at(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1);
    changed
}

/// The same signature with the group order added to its `S`: the equation still holds, and RFC 8032 section 5.1.7
/// refuses it all the same.
pub(super) fn with_order_added(signature: &[u8]) -> Vec<u8> {
    let mut changed = signature.to_vec();
    let mut carry = 0;
    for (byte, of_order) in changed.iter_mut().skip(32).zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(of_order) + carry;
        let [high, low] = sum.to_be_bytes();
        *byte = low;
        carry = u16::from(high);
    }
    changed
}
