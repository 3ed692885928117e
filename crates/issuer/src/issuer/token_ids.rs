//! Names for new tokens.

use chancery_token::TokenId;
use chancery_verifier::entropy::Entropy;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// Bytes of one name.
const BYTES: usize = 16;
/// Names that are drawn at once: to ask the operating system for each took a third of the time of a decision.
const AT_ONCE: usize = 64;

/// Random bytes that wait to become names, each of one token.
pub(super) struct TokenIds(Mutex<Vec<[u8; BYTES]>>);

impl TokenIds {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Vec::with_capacity(AT_ONCE)))
    }

    /// 16 bytes that nobody can predict.
    pub(super) fn draw(&self, entropy: &dyn Entropy) -> TokenId {
        // A thread that panicked here has left whole names behind, or none.
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = waiting.pop().unwrap_or_else(|| {
            let mut names = [[0; BYTES]; AT_ONCE];
            entropy.fill(names.as_flattened_mut());
            let [name, rest @ ..] = names;
            waiting.extend_from_slice(&rest);
            name
        });
        TokenId::from_bytes(name)
    }
}

impl fmt::Debug for TokenIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenIds(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_verifier::entropy::PredictableEntropy;
    use std::collections::BTreeSet;

    #[test]
    fn no_name_is_given_twice() {
        let (ids, entropy) = (TokenIds::new(), PredictableEntropy::new(7));
        let drawn: BTreeSet<String> = (0..10 * AT_ONCE).map(|_| ids.draw(&entropy).to_string()).collect();
        assert_eq!(drawn.len(), 10 * AT_ONCE);
    }
}
