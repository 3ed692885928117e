//! What somebody asks for who revokes something.

mod refresh_epoch;

pub(in crate::admin) use refresh_epoch::REFRESH_EPOCH;

use super::slip::RevocationSlip;
use crate::admin::fault::DraftFault;
use crate::client::check_text;
use chancery_revocation::Kind;
use chancery_token::{ClientId, FamilyId, Subject, TenantId, TokenId, UnixTime};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// Longest name of a key that is looked for: a `k4.pid` has 51 characters.
const MAX_KID: usize = 64;

/// What is to be revoked, and why.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RevocationDraft {
    /// `token`, `family`, `client`, `tenant`, `subject`, `key`, `refresh_epoch` or `all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The token itself: it, or the family that it belongs to, is revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<PresentedToken>,
    /// What else is meant: the `jti` of a token, the `sid` of a family, a client, a tenant, a `sub`, a `kid`,
    /// the number of a refresh key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// When the token of this `jti` expires, in seconds since 1970; without it the longest lifetime is assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<u64>,
    /// Why, in a sentence: for the auditor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Says who breaks, and revokes nothing.
    pub plan: bool,
}

/// An access token that somebody hands in to have it revoked. It may still be good, so it is shown nowhere.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct PresentedToken(Zeroizing<String>);

impl From<String> for PresentedToken {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl Serialize for PresentedToken {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl PresentedToken {
    pub(in crate::admin) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PresentedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresentedToken(…)")
    }
}

/// What is meant, once it is understood.
#[derive(Clone, Debug)]
pub(in crate::admin) enum Aim<'d> {
    Token { jti: TokenId, expires_at: Option<UnixTime> },
    TokenItself(&'d PresentedToken),
    Family(FamilyId),
    FamilyOf(&'d PresentedToken),
    Client(ClientId),
    Tenant(TenantId),
    Subject(Subject),
    Key(String),
    All,
}

impl Aim<'_> {
    /// What the auditor calls it before anybody looked it up: `client billing`. Of a token that was handed in nothing is
    /// believed yet.
    pub(in crate::admin) fn name(&self) -> String {
        let of = |kind: Kind, id: &dyn fmt::Display| format!("{kind} {id}");
        match self {
            Self::Token { jti, .. } => of(Kind::Token, jti),
            Self::TokenItself(_) => Kind::Token.to_string(),
            Self::Family(sid) => of(Kind::Family, sid),
            Self::FamilyOf(_) => Kind::Family.to_string(),
            Self::Client(id) => of(Kind::Client, id),
            Self::Tenant(tenant) => of(Kind::Tenant, tenant),
            Self::Subject(subject) => of(Kind::Subject, subject),
            Self::Key(kid) => of(Kind::Key, kid),
            Self::All => Kind::All.to_string(),
        }
    }
}

impl RevocationDraft {
    /// The kind that is asked for; `unknown` where there is none of this name.
    pub(in crate::admin) fn kind_read(&self) -> &'static str {
        let named = |kind: &Kind| self.kind.as_deref() == Some(kind.as_str());
        Kind::EVERY.into_iter().find(named).map_or("unknown", Kind::as_str)
    }

    /// What is meant and why; else every fault.
    pub(in crate::admin) fn read(&self) -> Result<(Aim<'_>, &str), Vec<DraftFault>> {
        let mut faults = Vec::new();
        let reason = self.reason.as_deref().unwrap_or_default();
        if let Err(fault) = check_text(reason) {
            faults.push(RevocationSlip::Text(fault).at("/reason"));
        }
        let named = |kind: &Kind| self.kind.as_deref() == Some(kind.as_str());
        let Some(kind) = Kind::EVERY.into_iter().find(named) else {
            faults.push(RevocationSlip::Kind.at("/kind"));
            return Err(faults);
        };
        let aim = match kind {
            Kind::Token => self.token.as_ref().map(Aim::TokenItself).or_else(|| {
                let takes = "the jti of a token, or the token itself in 'token'";
                let jti = self.id(takes, TokenId::parse, &mut faults);
                let expires_at = self.expires_at.map(UnixTime::from_secs);
                jti.map(|jti| Aim::Token { jti, expires_at })
            }),
            Kind::Family => self.token.as_ref().map(Aim::FamilyOf).or_else(|| {
                let takes = "the sid of a family, or a token of it in 'token'";
                self.id(takes, FamilyId::parse, &mut faults).map(Aim::Family)
            }),
            Kind::Client => self.id("the id of a client", parsed, &mut faults).map(Aim::Client),
            Kind::Tenant => self.id("the name of a tenant", parsed, &mut faults).map(Aim::Tenant),
            Kind::Subject => self.id("a subject, as tokens name it", parsed, &mut faults).map(Aim::Subject),
            Kind::Key => self.id("the kid of a key", kid, &mut faults).map(Aim::Key),
            Kind::All => Some(Aim::All),
        };
        faults.extend(self.needless(kind));
        match aim {
            Some(aim) if faults.is_empty() => Ok((aim, reason)),
            _ => Err(faults),
        }
    }

    fn id<T>(
        &self,
        takes: &'static str,
        read: impl Fn(&str) -> Option<T>,
        faults: &mut Vec<DraftFault>,
    ) -> Option<T> {
        let Some(id) = &self.id else {
            faults.push(RevocationSlip::Nameless { takes }.at("/id"));
            return None;
        };
        let read = read(id);
        if read.is_none() {
            faults.push(RevocationSlip::Name { takes }.at("/id"));
        }
        read
    }

    /// What is said beside what is meant: whoever said it meant something else.
    fn needless(&self, kind: Kind) -> impl Iterator<Item = DraftFault> {
        let needless = |why: &'static str, pointer: &str| RevocationSlip::Needless { why }.at(pointer);
        let by_token = matches!(kind, Kind::Token | Kind::Family);
        let token = (self.token.is_some() && !by_token)
            .then(|| needless("a token says which token or family is meant, and nothing else", "/token"));
        let twice = by_token && self.token.is_some() && self.id.is_some();
        let id = match kind {
            Kind::All if self.id.is_some() => Some(needless("'all' has no name", "/id")),
            _ => twice.then(|| needless("the token itself says what is meant", "/id")),
        };
        let ends_alone = kind == Kind::Token && self.token.is_none();
        let end = (self.expires_at.is_some() && !ends_alone)
            .then(|| needless("only the token of a jti has an end that can be told", "/expires_at"));
        [token, id, end].into_iter().flatten()
    }
}

fn parsed<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// The name of a key, as it stands in headers and footers.
fn kid(text: &str) -> Option<String> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let is_kid = (1..=MAX_KID).contains(&text.len()) && text.bytes().all(legal);
    is_kid.then(|| text.to_owned())
}
