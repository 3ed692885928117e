//! `POST /oauth2/introspect`, decided: whether a token is good, as far as the caller may know (RFC 7662 section 2).

use super::OwnKeys;
use crate::client::{MAX_ADMIN_LIFETIME, MAX_LIFETIME};
use crate::grant::Settings;
use chancery_catalog::{Catalog, Product};
use chancery_revocation::{Log, Sequence, Standing, TokenMarks};
use chancery_token::{Claims, ClientId, Confirmation, NotAuthentic, UnixTime};
use chancery_verifier::{Rejection, Revocation, Verified, Verifier};
use std::time::Duration;

/// Why a token is not active. The caller is told nothing of it (RFC 7662 section 2.2).
#[derive(Debug)]
pub enum Inactive {
    /// It is no token, or none of this issuer's keys signed it.
    NotAuthentic(NotAuthentic),
    /// No product of the catalog has its audience.
    NoSuchAudience,
    /// The caller is neither its client nor a resource server of its audience.
    NotTheCallers,
    /// A verifier of its audience refuses it.
    Refused(Rejection),
    /// The log ends it.
    Over(Standing),
    /// It claims to know entries of the log that are not known here. Look at the log and decide again; if it still
    /// does, no issuer of ours made it.
    AheadOfLog {
        /// Its `rvs`.
        rvs: Sequence,
        /// The last sequence that is known here.
        applied: Sequence,
    },
}

impl Inactive {
    /// Stable name for logs.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::NotAuthentic(why) => why.reason(),
            Self::NoSuchAudience => "audience_unknown",
            Self::NotTheCallers => "token_not_for_caller",
            Self::Refused(why) => why.reason(),
            Self::Over(Standing::BelowFloor { .. }) => "issued_below_floor",
            Self::Over(_) => "revoked",
            Self::AheadOfLog { .. } => "ahead_of_log",
        }
    }
}

/// What the decision rests on besides the request.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// The issuer.
    pub settings: &'k Settings,
    /// What may be asked for, and whose services each audience has.
    pub catalog: &'k Catalog,
    /// The keys that the issuer believes.
    pub keys: &'k OwnKeys,
    /// Its log, as far as it is applied.
    pub log: &'k Log,
}

/// Decides at `now` about a token that `caller` presents, who proved who it is. Good is what a verifier of the token's
/// audience accepts without leeway, and the log does not end.
///
/// # Errors
/// Why it is not active, for the log of the issuer alone.
pub fn decide(
    token: &str,
    caller: &ClientId,
    known: &Known<'_>,
    now: UnixTime,
) -> Result<Verified, Inactive> {
    good(token, known, now, |claims, product| may_ask(caller, claims, product))
}

/// Decides at `now` about a token that is to be exchanged (RFC 8693 section 2.1), by the same measure. Who may exchange it,
/// and that its key is proved where it is bound to one, is decided with what it says.
///
/// # Errors
/// Why it is no good.
pub fn subject_token(token: &str, known: &Known<'_>, now: UnixTime) -> Result<Verified, Inactive> {
    good(token, known, now, |_, _| true)
}

fn good(
    token: &str,
    known: &Known<'_>,
    now: UnixTime,
    may_ask: impl FnOnce(&Claims, &Product) -> bool,
) -> Result<Verified, Inactive> {
    let authentic = known.keys.open(token).map_err(Inactive::NotAuthentic)?;
    let claims = authentic.claims();
    let product = known.catalog.product(&claims.aud).ok_or(Inactive::NoSuchAudience)?;
    if !may_ask(claims, product) {
        return Err(Inactive::NotTheCallers);
    }
    let verified = verify(token, claims.cnf.as_ref(), product, known, now)?;
    match known.log.published().judge(&TokenMarks::of(claims, authentic.kid())) {
        Standing::Good => Ok(verified),
        Standing::AheadOfUs { rvs, applied } => Err(Inactive::AheadOfLog { rvs, applied }),
        over @ (Standing::Revoked(_) | Standing::BelowFloor { .. }) => Err(Inactive::Over(over)),
    }
}

/// RFC 7662 section 4: whoever may ask about any token can try out what they stole.
fn may_ask(caller: &ClientId, claims: &Claims, product: &Product) -> bool {
    claims.client_id == *caller || product.resource_servers().contains(caller)
}

/// The judgement of a verifier of the token's audience: there is one, wherever a token is presented. Of a token that is bound
/// to a key the caller is told which (RFC 9449 section 6.2); whether its sender has it, shows there and not here.
fn verify(
    token: &str,
    bound: Option<&Confirmation>,
    product: &Product,
    known: &Known<'_>,
    now: UnixTime,
) -> Result<Verified, Inactive> {
    let settings = known.settings;
    let revocation = Revocation::Ignore { reason: "the issuer asks its own log" };
    let refused = Inactive::Refused;
    let verifier = Verifier::new(&settings.issuer, product.audience(), revocation);
    // An issuer without a name cannot be configured, nor a product without an audience.
    let verifier = verifier.map_err(|_| Inactive::NoSuchAudience)?;
    let longest = if product.is_administration() { MAX_ADMIN_LIFETIME } else { MAX_LIFETIME };
    let verifier = verifier
        .environment(settings.environment)
        .format(product.format())
        .max_lifetime(longest)
        .leeway(Duration::ZERO)
        .cache_bytes(0);
    if let Some(keys) = known.keys.of(product.format()) {
        // The set and the verifier are of one format.
        let _ = verifier.install_keys(keys.clone());
    }
    let verdict = match bound {
        Some(Confirmation::DpopKey(key)) => verifier.dangerously_verify_as_held_by(key, token, now),
        Some(Confirmation::Certificate(_)) | None => verifier.verify(token, now),
    };
    verdict.map_err(refused)
}

#[cfg(test)]
mod tests;
