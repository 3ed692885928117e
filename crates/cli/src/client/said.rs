//! What is decided about a client, as flags. Nothing that matters has a default.

use super::bounds;
use crate::time::parse_span;
use chancery_issuer::admin::{ClientDraft, ClientPatch, GrantDraft};
use serde_json::Value;
use std::time::Duration;

/// The decisions, as they were written.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Said {
    /// Its name for people; the id unless said otherwise
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The team or person that answers for it
    #[arg(long, value_name = "WHO")]
    owner: Option<String>,
    /// The one job it does, in a sentence
    #[arg(long, value_name = "SENTENCE")]
    purpose: Option<String>,
    /// When it ends: 90d, or a date like 2027-06-30
    #[arg(long, value_name = "END")]
    expires: Option<String>,
    /// A tenant whose records it may touch; repeat it, or separate tenants by commas
    #[arg(long = "tenant", value_name = "TENANT", value_delimiter = ',')]
    tenants: Vec<String>,
    /// A scope and why it is needed: 'invoices:read=reads what is to be mirrored'; repeat it
    #[arg(long = "scope", value_name = "SCOPE=REASON")]
    scopes: Vec<String>,
    /// The reason for every scope that does not bring its own
    #[arg(long, value_name = "SENTENCE")]
    reason: Option<String>,
    /// The resource server that the scopes are for, where the catalog leaves a choice
    #[arg(long, value_name = "URI")]
    audience: Option<String>,
    /// Which records: region=eu,us or project=acme-* or refund_max=200; for one scope alone SCOPE/AXIS=VALUE
    #[arg(long = "bound", value_name = "AXIS=VALUES")]
    bounds: Vec<String>,
    /// All records of its tenants, and why
    #[arg(long, value_name = "SENTENCE", conflicts_with = "bounds")]
    unbounded: Option<String>,
    /// A scope whose records have none of the bounded axes, and why all of them: 'customers:read=why'; repeat it
    #[arg(long = "unbounded-scope", value_name = "SCOPE=REASON")]
    unbounded_scopes: Vec<String>,
    /// How long its access tokens live; the configured default unless said otherwise
    #[arg(long, value_name = "DURATION", value_parser = parse_span)]
    lifetime: Option<Duration>,
}

impl Said {
    /// A draft of what was said; what cannot be read is added to `faults`.
    pub(super) fn draft(self, faults: &mut Vec<String>) -> ClientDraft {
        let (grants, bounds) = (self.grants(faults), self.bounds(faults));
        ClientDraft {
            name: self.name,
            owner: self.owner,
            purpose: self.purpose,
            tenants: self.tenants,
            grants,
            bounds,
            unbounded: self.unbounded,
            lifetime_secs: self.lifetime.map(|span| span.as_secs()),
            expires_at: self.expires,
            ..ClientDraft::default()
        }
    }

    /// A patch of what was said.
    pub(super) fn patch(self, faults: &mut Vec<String>) -> ClientPatch {
        let (grants, bounds) = (self.grants(faults), self.bounds(faults));
        if grants.is_empty() && (self.reason.is_some() || self.audience.is_some()) {
            faults.push(
                "--reason and --audience belong to --scope: name all the scopes it is to have".to_owned(),
            );
        }
        ClientPatch {
            name: self.name,
            owner: self.owner,
            purpose: self.purpose,
            tenants: (!self.tenants.is_empty()).then_some(self.tenants),
            grants: (!grants.is_empty()).then_some(grants),
            bounds,
            unbounded: self.unbounded,
            lifetime_secs: self.lifetime.map(|span| span.as_secs()),
            expires_at: self.expires,
            ..ClientPatch::default()
        }
    }

    fn bounds(&self, faults: &mut Vec<String>) -> Option<Value> {
        (!self.bounds.is_empty()).then(|| bounds::read(&self.bounds, faults))
    }

    fn grants(&self, faults: &mut Vec<String>) -> Vec<GrantDraft> {
        let mut grants: Vec<GrantDraft> = Vec::new();
        for text in &self.scopes {
            let (scope, reason) = match text.split_once('=') {
                Some((scope, reason)) => (scope, Some(reason.trim().to_owned())),
                None => (text.as_str(), self.reason.clone()),
            };
            let audience = self.audience.clone();
            grants.push(GrantDraft { scope: scope.trim().to_owned(), audience, reason, unbounded: None });
        }
        for text in &self.unbounded_scopes {
            let Some((scope, why)) = text.split_once('=') else {
                faults.push(format!("--unbounded-scope {text}: write SCOPE=REASON"));
                continue;
            };
            let (scope, why) = (scope.trim(), Some(why.trim().to_owned()));
            match grants.iter_mut().find(|grant| grant.scope == scope) {
                Some(grant) => grant.unbounded = why,
                // One of the template's: it brings the reason for being granted.
                None => grants.push(GrantDraft {
                    scope: scope.to_owned(),
                    audience: self.audience.clone(),
                    reason: self.reason.clone(),
                    unbounded: why,
                }),
            }
        }
        grants
    }
}
