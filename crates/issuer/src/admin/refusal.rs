//! Why an administrator does not get what they asked for.

use super::fault::DraftFault;
use crate::client::{TextFault, TooManyKeys, TooManySecrets, Unusable};
use crate::family::NotARefreshToken;
use crate::keyring::{KeyringFault, RevokeEpochError, RevokeKeyError};
use crate::revocation::AppendFault;
use crate::store::StoreFault;
use chancery_token::{ClientId, Scope, TenantId, UnixTime};

/// Why nothing was done. Each says who can help, and how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdminRefusal {
    /// What was asked for is not in order; every fault of it is here.
    #[error("{}", listed(.0))]
    Draft(Vec<DraftFault>),
    /// The id is taken, if only by a client that the administrator does not see.
    #[error("there is a client '{id}' already; choose another id")]
    ClientExists {
        /// The id.
        id: ClientId,
    },
    /// There is no such client, or none that the administrator may see.
    #[error("there is no client '{id}'; the list of clients shows those there are")]
    ClientUnknown {
        /// The id.
        id: ClientId,
    },
    /// Nobody grants, or touches, what lies beyond their own rights (R64).
    #[error("{what}; ask an administrator whose own rights reach that far")]
    BeyondOneself {
        /// What lies beyond.
        what: String,
    },
    /// The administrator's own record does not hold the scope, or does not any more.
    #[error("the administrator does not hold '{scope}'; ask another who does, or one who may grant it")]
    ScopeNotHeld {
        /// What the act demands.
        scope: Scope,
    },
    /// The administrator's own record does not serve the tenant that it acts for, or does not any more.
    #[error("the administrator does not act for the tenant '{tenant}'; name one that it serves")]
    TenantNotServed {
        /// The tenant of its token.
        tenant: TenantId,
    },
    /// The administrator itself is switched off or past its end.
    #[error("the administrator gets no further: {0}")]
    Unusable(Unusable),
    /// Without this one nobody could register clients any more.
    #[error(
        "'{id}' is the last administrator that can register clients and administrators; make another one first"
    )]
    LastAdmin {
        /// The client.
        id: ClientId,
    },
    /// Others changed the client at the same time, again and again.
    #[error("client '{id}' is being changed by others at the same time; nothing was done; try again")]
    Contended {
        /// The client.
        id: ClientId,
    },
    /// Both places for secrets are taken.
    #[error(transparent)]
    TooManySecrets(TooManySecrets),
    /// The client has no secret of this id.
    #[error("client '{id}' has no secret '{secret_id}'; it has {}", .held.join(", "))]
    SecretUnknown {
        /// The client.
        id: ClientId,
        /// What was named.
        secret_id: String,
        /// The ids of those it has.
        held: Vec<String>,
    },
    /// Its only secret: without it the client could do nothing, under the name of active.
    #[error("this is the only secret of client '{id}'; add another one first, or disable the client")]
    LastSecret {
        /// The client.
        id: ClientId,
    },
    /// Both places for keys are taken.
    #[error(transparent)]
    TooManyKeys(TooManyKeys),
    /// The client has no key of this thumbprint.
    #[error("client '{id}' has no key '{kid}'; it has {}", .held.join(", "))]
    ClientKeyUnknown {
        /// The client.
        id: ClientId,
        /// What was named.
        kid: String,
        /// The thumbprints of those it has.
        held: Vec<String>,
    },
    /// The only key of a client that authenticates by one.
    #[error("this is the only key of client '{id}'; add another one first, or disable the client")]
    LastClientKey {
        /// The client.
        id: ClientId,
    },
    /// The client proves nothing, and so has neither secrets nor keys.
    #[error("client '{id}' is public and proves nothing; register another one that does")]
    PublicClient {
        /// The client.
        id: ClientId,
    },
    /// A text that people must be able to read is not one.
    #[error("{what} {fault}")]
    Text {
        /// Which one.
        what: &'static str,
        /// What is wrong with it.
        fault: TextFault,
    },
    /// What is to be revoked is not in order; every fault of it is here.
    #[error("{}", listed(.0))]
    Revocation(Vec<DraftFault>),
    /// No client serves the tenant, or none that the administrator may see.
    #[error("no client serves the tenant '{tenant}', so it has no tokens; is it spelt like that?")]
    TenantUnknown {
        /// The tenant.
        tenant: TenantId,
    },
    /// The issuer has no such key, and never revoked one.
    #[error("the issuer has no key '{kid}'; the list of keys shows those there are")]
    KeyUnknown {
        /// The key.
        kid: String,
    },
    /// No refresh token was ever written under a key of this number.
    #[error("refresh tokens are written under key {current}, and none was under key {epoch}; name {current}")]
    RefreshEpochUnknown {
        /// What was named.
        epoch: u32,
        /// The one in use.
        current: u32,
    },
    /// None of the keys that are believed signed it, or it is for a tenant that is not the administrator's.
    #[error("this is no token of the issuer's, or none that is believed any more; nothing has to be revoked")]
    TokenUnknown,
    /// Nobody accepts it any more.
    #[error("the token expired at {at}; nothing has to be revoked")]
    TokenExpired {
        /// When.
        at: UnixTime,
    },
    /// It was issued without a refresh token.
    #[error("the token belongs to no family; revoke the token itself, or its client")]
    TokenWithoutFamily,
    /// It is a refresh token, and one token of a family cannot be revoked alone.
    #[error("this is a refresh token: revoke its family (kind `family`; chancery revoke family --token -)")]
    RefreshTokenItself,
    /// It is meant to be a refresh token, and does not say of which family.
    #[error("nothing was revoked: {0}. Send all of it, or revoke its client")]
    RefreshTokenUnreadable(NotARefreshToken),
    /// Nothing was done: the log takes no entry now.
    #[error("nothing was revoked: {0}")]
    NotRevoked(AppendFault),
    /// What shrinks access was done, and the entry that ends the tokens from before is missing.
    #[error(
        "{what}, but what was issued before is not revoked yet, for the log takes no entry now: {fault}; send the same \
         request again"
    )]
    HalfDone {
        /// What was done.
        what: String,
        /// Why the rest was not.
        fault: AppendFault,
    },
    /// The key could not be taken out of the keyring.
    #[error(transparent)]
    Key(RevokeKeyError),
    /// The store failed. It is nobody's fault who asked, and the same request may succeed later.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl AdminRefusal {
    /// Stable name for answers and logs.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Draft(_) => "client_refused",
            Self::ClientExists { .. } => "client_exists",
            Self::ClientUnknown { .. } => "client_unknown",
            Self::BeyondOneself { .. } => "beyond_oneself",
            Self::ScopeNotHeld { .. } => "scope_not_held",
            Self::TenantNotServed { .. } => "tenant_not_served",
            Self::Unusable(why) => why.reason(),
            Self::LastAdmin { .. } => "last_admin",
            Self::Contended { .. } => "contended",
            Self::TooManySecrets(_) => "too_many_secrets",
            Self::SecretUnknown { .. } => "secret_unknown",
            Self::LastSecret { .. } => "last_secret",
            Self::TooManyKeys(_) => "too_many_keys",
            Self::ClientKeyUnknown { .. } => "client_key_unknown",
            Self::LastClientKey { .. } => "last_client_key",
            Self::PublicClient { .. } => "public_client",
            Self::Text { .. } => "text",
            Self::Revocation(_) => "revocation_refused",
            Self::TenantUnknown { .. } => "tenant_unknown",
            Self::KeyUnknown { .. } => "key_unknown",
            Self::RefreshEpochUnknown { .. } => "refresh_epoch_unknown",
            Self::TokenUnknown => "token_unknown",
            Self::TokenExpired { .. } => "token_expired",
            Self::TokenWithoutFamily => "token_without_family",
            Self::RefreshTokenItself => "refresh_token_itself",
            Self::RefreshTokenUnreadable(_) => "refresh_token_unreadable",
            Self::NotRevoked(fault) => fault.reason(),
            Self::HalfDone { .. } => "not_yet_revoked",
            Self::Key(why) => why.reason(),
            Self::Store(fault) => fault.reason(),
        }
    }

    /// Why a key was not taken out.
    pub(super) fn of_key(why: RevokeKeyError) -> Self {
        match why {
            RevokeKeyError::Unknown { kid } => Self::KeyUnknown { kid },
            RevokeKeyError::Keyring(KeyringFault::Store(fault)) => Self::Store(fault),
            other @ (RevokeKeyError::Contended | RevokeKeyError::Keyring(_)) => Self::Key(other),
        }
    }
}

impl AdminRefusal {
    pub(super) fn of_epoch(why: RevokeEpochError) -> Self {
        match why {
            RevokeEpochError::Unknown { epoch, current } => Self::RefreshEpochUnknown { epoch, current },
            RevokeEpochError::Contended => Self::Key(RevokeKeyError::Contended),
            RevokeEpochError::Keyring(fault) => Self::of_key(RevokeKeyError::Keyring(fault)),
        }
    }
}

fn listed(faults: &[DraftFault]) -> String {
    faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("\n")
}
