//! Reads what stands behind the `?`: known names, each once.

use super::stray::holds_credential;
use crate::admin::{ClientFilter, Exposure, Standing};
use crate::http::problem::{Because, Problem};
use crate::issuer::Issuer;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chancery_revocation::Sequence;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Clients in one answer when nobody says otherwise.
const DEFAULT_LIMIT: usize = 100;
/// Most clients in one answer: at a few KiB each, a few MiB.
const MAX_LIMIT: usize = 1000;

/// Which clients are asked for, and how many of them at once.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) filter: ClientFilter,
    pub(super) limit: usize,
    /// The last id of the answer before.
    pub(super) after: Option<String>,
}

impl FromRequestParts<Arc<Issuer>> for Listing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Issuer>) -> Result<Self, Problem> {
        let mut query = Query::parse(parts, &["owner", "scope", "tenant", "state", "limit", "after"])?;
        let limit = query.take("limit", |text| {
            text.parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit))
                .ok_or("is a number from 1 to 1000")
        })?;
        Ok(Self {
            filter: ClientFilter {
                owner: query.take("owner", |text| Ok::<_, &str>(text.to_owned()))?,
                scope: query.take("scope", |text| text.parse().map_err(|_| "is resource:action"))?,
                tenant: query.take("tenant", |text| text.parse().map_err(|_| "is the name of a tenant"))?,
                state: query.take("state", |text| {
                    text.parse::<Standing>().map_err(|_| "is active, disabled or expired")
                })?,
            },
            limit: limit.unwrap_or(DEFAULT_LIMIT),
            after: query.take("after", |text| {
                is_stored_id(text).then(|| text.to_owned()).ok_or("is the id of a client")
            })?,
        })
    }
}

/// Whether it can be `next` of an answer. That may be an id that an earlier version stored, and this one refuses.
fn is_stored_id(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(legal)
}

/// Why a secret is dropped: `leaked=true` if others may have it.
#[derive(Debug)]
pub(super) struct Dropping(pub(super) Exposure);

impl FromRequestParts<Arc<Issuer>> for Dropping {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Issuer>) -> Result<Self, Problem> {
        let leaked = Query::parse(parts, &["leaked"])?.take("leaked", |text| match text {
            "true" => Ok(Exposure::Leaked),
            "false" => Ok(Exposure::Kept),
            _ => Err("is true or false"),
        })?;
        Ok(Self(leaked.unwrap_or(Exposure::Kept)))
    }
}

/// Which entry of the revocation log is asked about.
#[derive(Debug)]
pub(super) struct Entry(pub(super) Sequence);

impl FromRequestParts<Arc<Issuer>> for Entry {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Issuer>) -> Result<Self, Problem> {
        let rule = "is the number of an entry, as the answer that made it says";
        let sequence = Query::parse(parts, &["sequence"])?
            .take("sequence", |text| text.parse().map(Sequence::new).map_err(|_| rule))?;
        sequence.map(Self).ok_or_else(|| refused(format!("'sequence' is missing; it {rule}")))
    }
}

/// Nothing stands there. Whatever does is refused: it was meant to say something, or is a credential that does
/// not belong there.
#[derive(Debug)]
pub(super) struct NoQuery;

impl FromRequestParts<Arc<Issuer>> for NoQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Issuer>) -> Result<Self, Problem> {
        Query::parse(parts, &[]).map(|_| Self)
    }
}

struct Query(BTreeMap<&'static str, String>);

impl Query {
    /// Names and values that were sent are not repeated: they may be credentials that went astray.
    fn parse(parts: &Parts, known: &[&'static str]) -> Result<Self, Problem> {
        let mut found = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            let Some(name) = known.iter().find(|known| **known == name) else {
                return Err(refused(if known.is_empty() {
                    "this path takes no query; leave out what stands behind the question mark".to_owned()
                } else {
                    format!("a name in the query is not known; there are {}", known.join(", "))
                }));
            };
            if holds_credential(&value) {
                return Err(refused(
                    "a secret or a token stands in the query; replace it, it is in logs by now".to_owned(),
                ));
            }
            if found.insert(*name, value.into_owned()).is_some() {
                return Err(refused(format!("'{name}' stands twice in the query; keep one")));
            }
        }
        Ok(Self(found))
    }

    fn take<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, Problem> {
        let read = self.0.remove(name).map(|value| read(&value)).transpose();
        read.map_err(|rule| refused(format!("'{name}' {rule}")))
    }
}

fn refused(detail: String) -> Problem {
    Problem::of(Because::QueryRefused, detail)
}
