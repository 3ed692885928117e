//! Tokens that the set is asked about.

use crate::entries::id;
use chancery_revocation::{Sequence, TokenMarks};
use chancery_token::bounds::Bounds;
use chancery_token::{Claims, Environment, FamilyId, ScopeSet, Subject, UnixTime};
use std::fmt::Display;
use std::time::Duration;

/// How many take turns, so that the processor learns no answer by heart. A power of two.
pub(crate) const TOKENS: usize = 4096;
/// Numbers from here on are of ids that nobody revokes.
const GOOD: u64 = 1 << 40;
const KEY: &str = "token-key-1";

/// What is asked about.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// A client's own token, of a family.
    Plain,
    /// One with four actors and eight ancestors: as many ids and names as a token can have.
    Delegated,
    /// The same, and revoked: it is found.
    Revoked,
}

/// Marks of so many tokens that were issued at `at`. Of the ids that are revoked, only those below `ids` are used.
pub(crate) fn marks(kind: Kind, at: Sequence, ids: u64, now: UnixTime) -> Result<Vec<TokenMarks>, String> {
    let numbers = (0..u64::try_from(TOKENS).unwrap_or(0)).map(|number| {
        let plain = plain(number, at, now).map_err(|fault| fault.to_string())?;
        let claims = match kind {
            Kind::Plain => plain,
            Kind::Delegated => delegated(number, plain)?,
            // Every fourth id is a family, the others are tokens.
            Kind::Revoked => Claims { jti: id(number * 4 % ids), ..delegated(number, plain)? },
        };
        Ok(TokenMarks::of(&claims, KEY))
    });
    numbers.collect()
}

fn plain(number: u64, at: Sequence, now: UnixTime) -> Result<Claims, Box<dyn std::error::Error>> {
    Ok(Claims {
        iss: "https://auth.example.com".into(),
        aud: "https://documint.example.com".into(),
        sub: format!("client-{}", number % 50).parse()?,
        client_id: format!("client-{}", number % 50).parse()?,
        iat: now,
        exp: now.plus(Duration::from_mins(15)),
        nbf: None,
        jti: id(GOOD + number * 16),
        scope: ScopeSet::parse("invoices:read")?,
        tenant: format!("tenant-{}", number % 20).parse()?,
        bounds: Bounds::default(),
        sid: Some(FamilyId::from_bytes(*id(GOOD + number * 16 + 1).as_bytes())),
        rvs: at.get(),
        cnf: None,
        act: Vec::new(),
        anc: Vec::new(),
        env: Environment::Live,
    })
}

fn delegated(number: u64, plain: Claims) -> Result<Claims, String> {
    let told = |fault: &dyn Display| fault.to_string();
    let actor = |actor| format!("agent-{}-{actor}", number % 50).parse().map_err(|fault| told(&fault));
    Ok(Claims {
        sub: format!("user:{}", number % 500).parse().map_err(|fault| told(&fault))?,
        act: (0..4).map(actor).collect::<Result<Vec<Subject>, String>>()?,
        anc: (0..8).map(|ancestor| id(GOOD + number * 16 + 2 + ancestor)).collect(),
        ..plain
    })
}
