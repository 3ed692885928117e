//! What must be decided about a client. Nothing that matters has a default, and everything missing is told at once.

use super::grants;
use crate::client::Registration;
use crate::local::Settings;
use crate::time::{End, parse_span};
use chancery_issuer::client::{ClientKind, Reach};
use chancery_token::{ClientId, TenantId};
use chancery_verifier::clock::{Clock as _, SystemClock};
use std::time::Duration;

/// The decisions, as they were written.
#[derive(Debug, clap::Args)]
pub(super) struct Decisions {
    /// Its id in tokens: letters, digits, '-', '_' and '.'
    pub(super) id: ClientId,
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
    #[arg(long, value_name = "END", value_parser = End::parse)]
    expires: Option<End>,
    /// A tenant whose records it may touch; repeat it, or separate tenants by commas
    #[arg(long = "tenant", value_name = "TENANT", value_delimiter = ',')]
    tenants: Vec<TenantId>,
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
    /// service, agent, partner or admin
    #[arg(long, value_name = "KIND", default_value = "service")]
    kind: ClientKind,
    /// How long its access tokens live; the configured default unless said otherwise
    #[arg(long, value_name = "DURATION", value_parser = parse_span)]
    lifetime: Option<Duration>,
}

impl Decisions {
    /// Puts them together; adds everything that is missing or wrong to `faults`.
    pub(super) fn registration(self, settings: &Settings, faults: &mut Vec<String>) -> Option<Registration> {
        let mut needed = |value: Option<String>, missing: &str| {
            if value.is_none() {
                faults.push(missing.to_owned());
            }
            value
        };
        let owner = needed(self.owner, "--owner WHO is missing: which team or person answers for it?");
        let purpose = needed(self.purpose, "--purpose SENTENCE is missing: what is the one job it does?");
        if self.expires.is_none() {
            faults.push("--expires END is missing: when does it end? 90d, or a date".to_owned());
        }
        if self.tenants.is_empty() {
            faults.push("--tenant TENANT is missing: whose records may it touch?".to_owned());
        }
        if self.scopes.is_empty() {
            faults.push("--scope SCOPE=REASON is missing: what may it do, and why?".to_owned());
        }
        let audience = self.audience.as_deref();
        let grants = grants::read(&self.scopes, self.reason.as_deref(), audience, &settings.catalog, faults);
        let reach = match (self.unbounded, self.bounds.is_empty()) {
            (Some(reason), _) => Some(Reach::Unbounded { reason }),
            (None, false) => {
                grants::bounds(&self.bounds, &grants, &settings.catalog, faults).map(Reach::Bounded)
            }
            (None, true) => {
                faults.push(
                    "--bound AXIS=VALUES or --unbounded SENTENCE is missing: which records may it touch?"
                        .to_owned(),
                );
                None
            }
        };
        let default = match self.kind {
            ClientKind::Admin => self.kind.default_lifetime(),
            ClientKind::Agent | ClientKind::Partner | ClientKind::Service => {
                settings.config.tokens.default_lifetime
            }
        };
        Some(Registration {
            name: self.name.unwrap_or_else(|| self.id.to_string()),
            id: self.id,
            purpose: purpose?,
            owner: owner?,
            kind: self.kind,
            tenants: self.tenants,
            grants,
            reach: reach?,
            lifetime: self.lifetime.unwrap_or(default),
            expires_at: self.expires?.from(SystemClock::new().now()),
        })
    }
}
