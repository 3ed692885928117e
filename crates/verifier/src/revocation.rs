//! What a verifier does about revocation. There is no default.

/// The decision that every verifier states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// Nothing is asked: a token is good until it expires.
    Ignore {
        /// Why that is enough here, for whoever reads the code or the status page.
        reason: &'static str,
    },
}
