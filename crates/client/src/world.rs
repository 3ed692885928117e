//! What a session takes from the machine that it runs on.

use chancery_verifier::clock::{Clock, SystemClock};
use chancery_verifier::entropy::{Entropy, SystemEntropy};
use std::sync::Arc;

/// Time and randomness.
#[derive(Clone, Debug)]
pub struct World {
    /// When tokens end, and how long pauses are.
    pub clock: Arc<dyn Clock>,
    /// Keys, and the names of proofs and assertions.
    pub entropy: Arc<dyn Entropy>,
}

impl World {
    /// Those of this machine.
    pub fn system() -> Self {
        Self { clock: Arc::new(SystemClock::new()), entropy: Arc::new(SystemEntropy) }
    }

    /// A name that nobody has used before: 128 random bits.
    pub(crate) fn unique(&self) -> String {
        let mut bytes = [0; 16];
        self.entropy.fill(&mut bytes);
        chancery_token::encoding::base64url(&bytes)
    }
}
