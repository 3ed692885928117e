//! Why a client that proved who it is gets no token.

use crate::client::Unusable;

/// Why a request is refused. Only [`GrantRefusal::Client`] concerns the client as such; the others concern what
/// it asked for, and asking differently helps.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantRefusal {
    /// The client is switched off, or past its end.
    #[error(transparent)]
    Client(#[from] Unusable),
    /// `resource` is not, byte for byte, an audience that the client holds a grant for (RFC 8707 section 2).
    #[error("the client holds no grant for this resource; it holds grants for {}", list(.held))]
    ResourceNotGranted {
        /// The audiences it may ask for.
        held: Vec<String>,
    },
    /// Several audiences would fit; the client says which.
    #[error("several resources fit this request; name one of {} as resource", list(.fitting))]
    ResourceRequired {
        /// The audiences that would fit.
        fitting: Vec<String>,
    },
    /// No grant of the client names a product of the catalog.
    #[error("the client holds no grant; its owner asks for one")]
    NothingGranted,
    /// At least one scope is refused, and so all of them: nobody gets half of what was asked for (rule ).
    #[error("refused scopes: {}", join(.refused))]
    ScopesRefused {
        /// Each of them, in the order of the request.
        refused: Vec<RefusedScope>,
    },
    /// Each scope could be had, but not in one token: a token has one audience.
    #[error("the scopes belong to different resources; ask for one token per resource")]
    ScopesSpanResources,
    /// No scope was asked for, and the client holds none of risk `read`, which is what it would have got.
    #[error("the client holds no read scope for this resource; name the scopes that are needed")]
    ScopeRequired,
    /// More than [`crate::grant::MAX_REQUESTED_SCOPES`].
    #[error("{asked} scopes were asked for; at most 64 are issued in one token")]
    TooManyScopes {
        /// How many.
        asked: usize,
    },
    /// Administrative scopes and others in one request (R15).
    #[error("{scope} is administrative and goes into a token of its own")]
    AdminScopeMixed {
        /// An administrative one.
        scope: String,
    },
    /// Two bounds of the client leave nothing that the scope may touch.
    #[error("the bounds of the client on {axis} contradict each other for {scope}; its owner corrects them")]
    BoundsContradict {
        /// The scope.
        scope: String,
        /// The axis.
        axis: String,
    },
    /// A bound of the client is on an axis, or for a scope, that the catalog does not declare any more.
    #[error(
        "the client is bounded on {axis}, which the catalog no longer declares; its owner corrects the bounds"
    )]
    BoundUndeclared {
        /// The axis, after its scope if it is bounded for one: `invoices:read/region`.
        axis: String,
    },
    /// The client serves several tenants and must say for which one this token is.
    #[error("the client serves several tenants; name one of {} as tenant", list(.tenants))]
    TenantRequired {
        /// Those it serves.
        tenants: Vec<String>,
    },
    /// The client does not serve the tenant that it names.
    #[error("the client does not serve this tenant")]
    TenantNotAllowed,
}

impl GrantRefusal {
    /// Stable name, for answers, logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Client(unusable) => unusable.reason(),
            Self::ResourceNotGranted { .. } => "resource_not_granted",
            Self::ResourceRequired { .. } => "resource_required",
            Self::NothingGranted => "nothing_granted",
            Self::ScopesRefused { .. } => "scopes_refused",
            Self::ScopesSpanResources => "scopes_span_resources",
            Self::ScopeRequired => "scope_required",
            Self::TooManyScopes { .. } => "too_many_scopes",
            Self::AdminScopeMixed { .. } => "admin_scope_mixed",
            Self::BoundUndeclared { .. } => "bound_undeclared",
            Self::BoundsContradict { .. } => "bounds_contradict",
            Self::TenantRequired { .. } => "tenant_required",
            Self::TenantNotAllowed => "tenant_not_allowed",
        }
    }
}

/// One scope that is refused.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RefusedScope {
    /// The scope as it was asked for. `None` when it is not even nearly a scope: such a text may be a secret that
    /// went astray, and is not repeated.
    pub scope: Option<String>,
    /// Its place in the request, counted from 1.
    pub position: usize,
    /// Why.
    pub why: WhyRefused,
}

/// Why a scope is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyRefused {
    /// Not `resource:action`.
    Malformed,
    /// `*` stands in grants only.
    Wildcard,
    /// The catalog knows no such scope.
    Unknown,
    /// It belongs to another resource than the one asked for.
    OtherResource,
    /// The client does not hold it.
    NotGranted,
    /// What the token is to come from does not hold it.
    BeyondParent,
    /// It is administrative, and the client is not (R15).
    AdminOnly,
    /// It demands an approval that nobody has given (R30).
    ApprovalRequired,
    /// Its sunset has come (R13).
    Retired,
}

impl WhyRefused {
    /// The word for it in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Wildcard => "wildcard",
            Self::Unknown => "unknown",
            Self::OtherResource => "other_resource",
            Self::NotGranted => "not_granted",
            Self::BeyondParent => "beyond_parent",
            Self::AdminOnly => "admin_only",
            Self::ApprovalRequired => "approval_required",
            Self::Retired => "retired",
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::Malformed => "is not of the form resource:action",
            Self::Wildcard => "holds a wildcard, name each scope",
            Self::Unknown => "is unknown",
            Self::OtherResource => "belongs to another resource",
            Self::NotGranted => "is not granted to the client",
            Self::BeyondParent => "is not in what the token comes from",
            Self::AdminOnly => "is for administrative clients only",
            Self::ApprovalRequired => "needs an approval that nobody has given",
            Self::Retired => "is retired, its page says what came after it",
        }
    }
}

impl RefusedScope {
    pub(super) fn new(text: &str, index: usize, why: WhyRefused) -> Self {
        Self { scope: harmless(text).then(|| text.to_owned()), position: index + 1, why }
    }
}

/// Whether a text that a client sent as a scope may stand in an answer: short, of letters that every log and
/// header can carry (RFC 6749 section 5.2), and unlike every credential.
fn harmless(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-' | b'.' | b'/' | b'*');
    let credential = ["chs_", "chr_", "chm_", "eyJ", "v4."].iter().any(|mark| text.contains(mark));
    let is_scope = text.parse::<chancery_token::Scope>().is_ok();
    !credential && (is_scope || ((1..=40).contains(&text.len()) && text.bytes().all(legal)))
}

fn list(values: &[String]) -> String {
    if values.is_empty() { "none".to_owned() } else { values.join(", ") }
}

fn join(refused: &[RefusedScope]) -> String {
    let say = |one: &RefusedScope| match &one.scope {
        Some(scope) => format!("{scope} {}", one.why.in_words()),
        None => format!("number {} {}", one.position, one.why.in_words()),
    };
    refused.iter().map(say).collect::<Vec<_>>().join("; ")
}
