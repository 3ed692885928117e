//! Scopes as a command line names them.

use chancery_token::Scope;
use std::str::FromStr;

/// What other issuers want to hear from who is to refresh; here the client's record says so, and it is read over.
const OFFLINE_ACCESS: &str = "offline_access";

/// A scope, or a word in the place of one that asks for nothing.
#[derive(Clone, Debug)]
pub(super) struct Asked(Option<Scope>);

impl FromStr for Asked {
    type Err = <Scope as FromStr>::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == OFFLINE_ACCESS { Ok(Self(None)) } else { text.parse().map(|scope| Self(Some(scope))) }
    }
}

/// Those that are scopes.
pub(super) fn scopes(asked: Vec<Asked>) -> impl Iterator<Item = Scope> {
    asked.into_iter().filter_map(|asked| asked.0)
}
