//! The token that a command is about: an argument, or standard input.

use crate::failure::Failure;
use chancery_token::MAX_TOKEN_BYTES;
use std::ffi::OsStr;
use std::io::Read as _;
use zeroize::Zeroizing;

/// Reads it. From standard input one line feed at the end is dropped, and nothing else: a token with a space
/// behind it is not a token.
///
/// What is not UTF-8 becomes U+FFFD, which stands in no token, so it is refused for what it is.
pub(crate) fn read(argument: &OsStr) -> Result<Zeroizing<String>, Failure> {
    if argument != "-" {
        return Ok(Zeroizing::new(argument.to_string_lossy().into_owned()));
    }
    // One byte more than a token may have, and the line feed: enough to be refused for its size.
    let most = u64::try_from(MAX_TOKEN_BYTES + 2).unwrap_or(u64::MAX);
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_TOKEN_BYTES + 2));
    std::io::stdin().take(most).read_to_end(&mut bytes).map_err(|why| {
        Failure::unusable("stdin_unreadable", format!("standard input cannot be read: {why}"))
    })?;
    let token = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    Ok(Zeroizing::new(String::from_utf8_lossy(token).into_owned()))
}

/// As [`read`], where an empty one can only be a mistake.
pub(crate) fn read_some(argument: &OsStr) -> Result<Zeroizing<String>, Failure> {
    let token = read(argument)?;
    if token.is_empty() {
        return Err(Failure::unusable(
            "stdin_empty",
            "no token was given, on standard input or as an argument",
        )
        .fix("Give it on standard input: < FILE, or what writes it before a |."));
    }
    Ok(token)
}
