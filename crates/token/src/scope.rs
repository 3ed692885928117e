//! Scopes: what a token may do, as `resource:action` pairs.

mod grant;
mod set;

pub use grant::{Everything, ScopePattern};
pub use set::{InvalidScopeSet, ScopeSet};

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Longest scope, in bytes. Forty scopes of this length would still fit a token of 4 KiB.
pub const MAX_SCOPE_BYTES: usize = 64;

/// One permission: `resource:action`, lower-case ASCII, both halves `[a-z][a-z0-9_-]*`.
///
/// A legal scope-token of RFC 6749 section 3.3. There are no prefixes and no hierarchy: `invoices:read` is
/// matched by `invoices:read` alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Cow<'static, str>);

/// Why a text is no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScope {
    /// Not one colon between two halves.
    #[error("write a scope as resource:action")]
    Shape,
    /// A character outside `[a-z0-9_-]`, or a half that starts with something other than a letter.
    #[error("a scope has lower-case ASCII letters, digits, '-' and '_', and both halves start with a letter")]
    Character,
    /// Over [`MAX_SCOPE_BYTES`].
    #[error("a scope has at most 64 bytes")]
    Length,
    /// `*` stands in grants only, never in a token, a request or a route.
    #[error("a wildcard stands only in a client's grants, as a whole half")]
    Wildcard,
}

impl Scope {
    /// A scope that is known when the program is compiled; use it through the `scope!` macro, which turns a
    /// bad literal into a compile error.
    ///
    /// # Panics
    /// On a literal that is no scope.
    #[must_use]
    pub const fn literal(text: &'static str) -> Self {
        match check(text.as_bytes()) {
            Ok(()) => Self(Cow::Borrowed(text)),
            Err(InvalidScope::Shape) => panic!("write a scope as resource:action"),
            Err(InvalidScope::Character) => {
                panic!("a scope is lower-case ASCII, each half starts with a letter")
            }
            Err(InvalidScope::Length) => panic!("a scope has at most 64 bytes"),
            Err(InvalidScope::Wildcard) => panic!("a wildcard stands only in grants"),
        }
    }

    /// The whole text, `resource:action`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The half before the colon.
    pub fn resource(&self) -> &str {
        self.0.split_once(':').map_or(&*self.0, |(resource, _)| resource)
    }

    /// The half after the colon.
    pub fn action(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, action)| action)
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        check(text.as_bytes()).map(|()| Self(Cow::Owned(text.to_owned())))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({})", self.0)
    }
}

impl serde::Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Scope {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A scope literal that is checked when it is compiled.
///
/// ```
/// use chancery_token::scope;
/// assert_eq!(scope!("invoices:read").resource(), "invoices");
/// ```
/// ```compile_fail
/// # use chancery_token::scope;
/// let _ = scope!("invoices");
/// ```
/// ```compile_fail
/// # use chancery_token::scope;
/// let _ = scope!("invoices:*");
/// ```
#[macro_export]
macro_rules! scope {
    ($text:literal) => {{
        const SCOPE: $crate::Scope = $crate::Scope::literal($text);
        SCOPE
    }};
}

/// Checks the grammar; `const`, so that the literal and the parsed scope obey the same code.
const fn check(text: &[u8]) -> Result<(), InvalidScope> {
    if text.len() > MAX_SCOPE_BYTES {
        return Err(InvalidScope::Length);
    }
    let (mut at, mut colons, mut half_starts) = (0, 0, true);
    while at < text.len() {
        match text[at] {
            b':' if half_starts => return Err(InvalidScope::Shape),
            b':' => {
                colons += 1;
                half_starts = true;
            }
            b'*' => return Err(InvalidScope::Wildcard),
            b'a'..=b'z' => half_starts = false,
            b'0'..=b'9' | b'-' | b'_' if !half_starts => {}
            _ => return Err(InvalidScope::Character),
        }
        at += 1;
    }
    if colons == 1 && !half_starts { Ok(()) } else { Err(InvalidScope::Shape) }
}

#[cfg(test)]
mod tests;
