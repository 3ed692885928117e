//! What an operator watches. Labels come from fixed sets: no client can make the series grow.

mod families;
mod revocation;

pub(crate) use families::{Alarm, FamilySeries, Refreshed};

use crate::grant::GrantType;
use crate::keyring::{KeyRecord, KeyState, KeyUse};
use crate::revocation::RevocationLog;
use axum::http::StatusCode;
use chancery_revocation::Moment;
use chancery_token::{Format, UnixTime};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use revocation::LogSeries;

/// Sizes of interest: some proxies stop at 1.5 KiB, we at 4 KiB (rule ).
const TOKEN_BYTES: [f64; 8] = [384.0, 512.0, 768.0, 1024.0, 1536.0, 2048.0, 3072.0, 4096.0];

/// The series of one issuer, with the registry that they are read from.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    tokens: Family<TokenLabels, Counter>,
    issued: Vec<(GrantType, Format, Counter)>,
    refusals: Family<RefusalLabels, Counter>,
    token_bytes: Histogram,
    store_faults: Counter,
    keys: Family<KeyLabels, Gauge>,
    admin_requests: Family<AdminLabels, Counter>,
    revocation_requests: Family<OutcomeLabels, Counter>,
    introspections: Family<OutcomeLabels, Counter>,
    log: LogSeries,
    families: FamilySeries,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabels {
    grant: &'static str,
    format: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KeyLabels {
    format: &'static str,
    state: &'static str,
}

/// The path is a template of ours, never what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AdminLabels {
    method: &'static str,
    path: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    outcome: &'static str,
}

/// What became of a request to revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// The token was ended.
    Token,
    /// A refresh family was ended.
    Family,
    /// All that the client has was ended.
    Client,
    /// Nobody accepts it anyway.
    Needless,
    Refused,
    Unavailable,
}

impl Revoked {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Family => "family",
            Self::Client => "client",
            Self::Needless => "needless",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
        }
    }
}

/// What became of a request to introspect. Why a token is not active is not among it: the callers are not told
/// either, and some may read this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Introspected {
    Active,
    Inactive,
    Refused,
    Unavailable,
}

impl Introspected {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
        }
    }
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("chancery");
        let (tokens, refusals, keys) = (Family::default(), Family::default(), Family::default());
        let token_bytes = Histogram::new(TOKEN_BYTES);
        let store_faults = Counter::default();
        registry.register("tokens", "Token requests, by grant, format and outcome", Family::clone(&tokens));
        registry.register("refusals", "Token requests without a token, by reason", Family::clone(&refusals));
        registry.register("token_bytes", "Size of issued tokens", token_bytes.clone());
        registry.register("store_faults", "Failed questions to the store", store_faults.clone());
        registry.register("keys", "Signing keys, by format and state", Family::clone(&keys));
        let admin_requests = Family::default();
        let help = "Requests to the admin API, by method, path and status";
        registry.register("admin_requests", help, Family::clone(&admin_requests));
        let (revocation_requests, introspections) = (Family::default(), Family::default());
        let help = "Requests of clients to revoke a token, by outcome";
        registry.register("revocation_requests", help, Family::clone(&revocation_requests));
        registry.register(
            "introspections",
            "Introspection requests, by outcome",
            Family::clone(&introspections),
        );
        let log = LogSeries::registered(&mut registry);
        let families = FamilySeries::registered(&mut registry);
        let counted = |grant: GrantType, format: Format| {
            let (grant_word, format_word) = (grant.word(), format.as_str());
            let labels = TokenLabels { grant: grant_word, format: format_word, outcome: "issued" };
            (grant, format, Family::<TokenLabels, Counter>::get_or_create_owned(&tokens, &labels))
        };
        let issued = GrantType::EVERY
            .into_iter()
            .flat_map(|grant| [Format::Jwt, Format::Paseto].map(|format| counted(grant, format)))
            .collect();
        Self {
            registry,
            tokens,
            issued,
            refusals,
            token_bytes,
            store_faults,
            keys,
            admin_requests,
            revocation_requests,
            introspections,
            log,
            families,
        }
    }

    /// A token.
    pub(crate) fn issued(&self, grant: GrantType, format: Format, bytes: usize) {
        if let Some((_, _, counter)) = self.issued.iter().find(|it| (it.0, it.1) == (grant, format)) {
            counter.inc();
        }
        self.token_bytes.observe(f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)));
    }

    /// A request without a token; `reason` comes from a fixed set.
    pub(crate) fn refused(&self, grant: Option<GrantType>, reason: &'static str, permanent: bool) {
        let outcome = if permanent { "refused" } else { "unavailable" };
        let grant = grant.map_or("unknown", GrantType::word);
        self.tokens.get_or_create(&TokenLabels { grant, format: "none", outcome }).inc();
        self.refusals.get_or_create(&RefusalLabels { reason }).inc();
    }

    /// A client asked for the end of a token.
    pub(crate) fn revocation_asked(&self, became: Revoked) {
        self.revocation_requests.get_or_create(&OutcomeLabels { outcome: became.as_str() }).inc();
    }

    /// A client asked about a token.
    pub(crate) fn introspected(&self, became: Introspected) {
        self.introspections.get_or_create(&OutcomeLabels { outcome: became.as_str() }).inc();
    }

    /// The series of refresh families.
    pub(crate) fn families(&self) -> &FamilySeries {
        &self.families
    }

    /// The store failed, whoever asked it.
    pub(crate) fn store_fault(&self) {
        self.store_faults.inc();
    }

    /// A request to the admin API; `path` is the template of its route, where it has one.
    pub(crate) fn administered(&self, method: &'static str, path: Option<&str>, status: StatusCode) {
        let path = path.unwrap_or("unmatched").to_owned();
        let labels = AdminLabels { method, path, status: status.as_u16() };
        self.admin_requests.get_or_create(&labels).inc();
    }

    /// All series as text, with the state of the keys and of the revocation log at `now`.
    pub(crate) fn text(&self, keys: &[KeyRecord], log: &RevocationLog, now: Moment) -> String {
        self.log.read(log, now);
        let now = now.wall;
        for of in [KeyUse::Jwt, KeyUse::Paseto, KeyUse::Revocation] {
            for state in ["published", "active", "retired"] {
                let is = |key: &&KeyRecord| key.keys == of && state_at(key.state, now) == state;
                let count = i64::try_from(keys.iter().filter(is).count()).unwrap_or(i64::MAX);
                self.keys.get_or_create(&KeyLabels { format: of.as_str(), state }).set(count);
            }
        }
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// States may lie ahead: a key that retires tomorrow signs today.
fn state_at(state: KeyState, now: UnixTime) -> &'static str {
    match state {
        KeyState::Published { .. } => "published",
        KeyState::Active { since } if since > now => "published",
        KeyState::Active { .. } => "active",
        KeyState::Retired { at, .. } if at > now => "active",
        KeyState::Retired { .. } => "retired",
    }
}
