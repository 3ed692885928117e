//! Who acts.

use crate::client::Client;
use chancery_token::TenantId;
use std::sync::Arc;

/// Who asks for a change, and by what right.
#[derive(Clone, Debug)]
pub enum Authority {
    /// An admin client with a token. Its record is read afresh for every request: what it holds now counts, not
    /// what it held when its token was signed.
    Administrator {
        /// The record of the client that the token names.
        client: Arc<Client>,
        /// The tenant that the token names. Of the operator's own, [`crate::client::OPERATOR_TENANT`], it acts for
        /// every tenant; of another one, for that one alone.
        tenant: TenantId,
    },
    /// Whoever holds the master key and the store of this machine. Everything is in their hands already.
    MasterKey,
}
