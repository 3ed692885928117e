//! The last administrator stays: after every change somebody can still register clients and administrators.

use super::desk::Desk;
use super::refusal::AdminRefusal;
use super::rights::Rights;
use crate::client::{Client, ClientKind, OPERATOR_TENANT, Reach};
use chancery_catalog::admin_audience;
use chancery_token::{Scope, scope};

/// What a keeper holds: with these everything else can be made again.
const KEEPS: [Scope; 3] = [scope!("clients:create"), scope!("clients:update"), scope!("secrets:create")];

/// Another keeper, if `held` stops being one by becoming `next`: the change rests on it, so it must stand as it is
/// at the same instant. `None` where nothing is lost.
pub(super) async fn witness(
    desk: &Desk<'_>,
    rights: &Rights<'_>,
    held: &Client,
    next: &Client,
) -> Result<Option<Client>, AdminRefusal> {
    // One that is to end sooner is lost sooner: else the last one could be given a second to live.
    let stays = is_keeper(desk, next) && next.expires_at >= held.expires_at;
    if !is_keeper(desk, held) || stays {
        return Ok(None);
    }
    let outlasts = |other: &Client| !is_keeper(desk, next) || other.expires_at > next.expires_at;
    let others = desk.store.clients().await?;
    let mut others =
        others.into_iter().filter(|other| other.id != held.id && is_keeper(desk, other) && outlasts(other));
    let first = others.next();
    // Who acts is the best witness: then the change also rests on their own standing.
    let acting = rights.admin().and_then(|admin| others.find(|other| other.id == admin.id));
    acting.or(first).map(Some).ok_or_else(|| AdminRefusal::LastAdmin { id: held.id.clone() })
}

/// Whether this client alone could restore all administration.
pub(super) fn is_keeper(desk: &Desk<'_>, client: &Client) -> bool {
    let administration = admin_audience(desk.issuer);
    let holds = |scope: &Scope| {
        client.grants.iter().any(|grant| grant.audience == administration && grant.scope.covers(scope))
    };
    client.kind == ClientKind::Admin
        && client.usable(desk.now).is_ok()
        && !client.secrets.is_empty()
        && client.tenants.iter().any(|tenant| tenant.as_str() == OPERATOR_TENANT)
        && matches!(client.reach, Reach::Unbounded { .. })
        && KEEPS.iter().all(holds)
}
