//! 8 KiB: more could not reach a service, and is not read.

use super::{Case, Draft, FORMATS, Format, Group, Reading, accepted, of, refused};

const MOST: usize = 8192;

pub(super) fn groups() -> Vec<Group> {
    let about = "Tokens of 8192 bytes, and of more.";
    let group = |format: Format| Group::new(&format!("{format}-sizes"), about, of(format), cases(format));
    FORMATS.map(group).into()
}

/// A good token of `bytes`, or of a few more where no token has so many.
fn of_size(format: Format, bytes: usize) -> String {
    let token =
        |filler: usize| Draft::new(format).with("note", &format!("\"{}\"", "x".repeat(filler))).sign();
    let start = (bytes - token(0).len()) * 3 / 4 - 8;
    (start..bytes).map(token).find(|token| token.len() >= bytes).unwrap()
}

fn cases(format: Format) -> Vec<Case> {
    let (largest, larger) = (of_size(format, MOST), of_size(format, MOST + 1));
    assert_eq!((largest.len(), larger.len()), (MOST, MOST + 1));
    vec![
        accepted("largest", "8192 bytes", largest, Reading::usual()).house(),
        refused("too-large", "8193 bytes, well signed", larger, "token_too_large").house(),
    ]
}
