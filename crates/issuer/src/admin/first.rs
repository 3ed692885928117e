//! The first administrator, and the way back when there is none.

use super::authority::Authority;
use super::desk::Desk;
use super::desk::change::Wish;
use super::effect::Effect;
use super::exposure::Exposure;
use super::fault;
use super::refusal::AdminRefusal;
use super::rights::{Act, Rights};
use crate::client::{Client, ClientKind, ClientState, DEFAULT_ADMIN_LIFETIME, Grant, OPERATOR_TENANT, Reach};
use crate::secret::ClientSecret;
use crate::store::InsertError;
use chancery_catalog::admin_audience;
use chancery_token::{ClientId, Scope, ScopePattern, TenantId, scope};
use std::time::Duration;

/// The id of the first administrator.
pub const FIRST_ADMIN: &str = "admin";

/// How long the first administrator lasts: long enough to be replaced by named ones.
const LASTS: Duration = Duration::from_hours(365 * 24);

/// What it holds, and why. The resources are named by one scope each; it holds all of theirs.
const HOLDS: [(Scope, &str); 4] = [
    (scope!("clients:read"), "Registers the administrators and clients that everything begins with."),
    (scope!("secrets:create"), "Replaces secrets when they are lost or leaked."),
    (scope!("keys:read"), "Rotates the signing keys."),
    (scope!("revocations:read"), "Takes back what has leaked."),
];

/// Makes the first administrator, with `secret`, if no client has its id yet; `None` if one has. Of several
/// processes that try at the same time one makes it.
pub async fn first(desk: &Desk<'_>, secret: ClientSecret) -> Result<Option<Client>, AdminRefusal> {
    let done = async {
        let client = administrator(desk, &secret)?;
        if desk.store.client(&client.id).await?.is_some() {
            return Ok(None);
        }
        match desk.store.insert_client(&client).await {
            Ok(()) => Ok(Some(client)),
            Err(InsertError::Exists { .. }) => Ok(None),
            Err(InsertError::Fault(fault)) => Err(fault.into()),
        }
    };
    match done.await {
        Ok(None) => Ok(None),
        done => Desk::tell(&Authority::MasterKey, "admin.first", FIRST_ADMIN, done),
    }
}

/// The way back when no administrator can get in any more: makes the client [`FIRST_ADMIN`], or makes it again what
/// [`first`] makes, with `secret` alone. For the machine that holds the master key and the store.
pub async fn reset(desk: &Desk<'_>, secret: ClientSecret) -> Result<Client, AdminRefusal> {
    let done = async {
        let client = administrator(desk, &secret)?;
        match desk.store.insert_client(&client).await {
            Ok(()) => return Ok(client),
            Err(InsertError::Exists { .. }) => {}
            Err(InsertError::Fault(fault)) => return Err(fault.into()),
        }
        let again = |_: &Rights<'_>, held: &Client| {
            // A later end stays: the last administrator never ends sooner.
            let expires_at = client.expires_at.max(held.expires_at);
            Ok(Client { created_at: held.created_at, expires_at, ..client.clone() })
        };
        let wish = Wish {
            by: &Authority::MasterKey,
            scope: &scope!("clients:update"),
            id: &client.id,
            act: Act::Grant,
            // Nobody says why; whoever had the old secret may not be whom it was for.
            exposure: Exposure::Leaked,
            because: "The first administrator was reset.",
        };
        desk.change(wish, again).await.map(Effect::into_inner)
    };
    let done = done.await;
    Desk::tell(&Authority::MasterKey, "admin.reset", FIRST_ADMIN, done)
}

fn administrator(desk: &Desk<'_>, secret: &ClientSecret) -> Result<Client, AdminRefusal> {
    let audience = admin_audience(desk.issuer);
    let grant = |(scope, reason): (Scope, &str)| {
        let all = format!("{}:*", scope.resource());
        // A resource of a legal scope and a star are a legal pattern; if not, the one scope is granted.
        let pattern = ScopePattern::parse(&all, chancery_token::Everything::Refuse);
        Grant {
            audience: audience.clone(),
            scope: pattern.unwrap_or_else(|_| ScopePattern::from(scope)),
            reason: reason.to_owned(),
            unbounded: None,
        }
    };
    let client = Client {
        id: name::<ClientId>(FIRST_ADMIN),
        name: "First administrator".to_owned(),
        purpose: "Sets the issuer up, and makes the administrators that come after.".to_owned(),
        owner: "operators".to_owned(),
        kind: ClientKind::Admin,
        tenants: vec![name::<TenantId>(OPERATOR_TENANT)],
        grants: HOLDS.map(grant).into(),
        reach: Reach::Unbounded { reason: "It administers the whole issuer.".to_owned() },
        lifetime: DEFAULT_ADMIN_LIFETIME,
        created_at: desk.now,
        expires_at: desk.now.plus(LASTS),
        state: ClientState::Active,
        secrets: vec![secret.stored(desk.hasher, desk.now)],
        authentication: crate::client::Authentication::default(),
        keys: Vec::new(),
        dpop: crate::client::DpopPolicy::default(),
        refresh: None,
        may_delegate_to: Vec::new(),
        owes_entry: None,
    };
    let faults = fault::of_client(&client, desk.catalog);
    if faults.is_empty() { Ok(client) } else { Err(AdminRefusal::Draft(faults)) }
}

#[expect(clippy::expect_used, reason = "the two names are constants in the alphabet; a test makes both")]
fn name<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a name that is legal")
}
