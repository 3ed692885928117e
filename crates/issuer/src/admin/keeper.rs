//! The last administrator stays: after every change somebody can still register clients and administrators.

use super::desk::Desk;
use super::pages::Pages;
use super::refusal::AdminRefusal;
use super::rights::Rights;
use crate::client::{Client, ClientKind, OPERATOR_TENANT, Reach};
use chancery_catalog::admin_audience;
use chancery_token::{Scope, scope};

/// Clients that are looked through at first: `admin` comes early, and so do most others who are called so.
const FIRST_PAGE: usize = 256;

/// What a keeper holds: with these everything else can be made again.
const KEEPS: [Scope; 3] = [scope!("clients:create"), scope!("clients:update"), scope!("secrets:create")];

/// Another keeper, if `held` stops being one by becoming `next`: the change rests on it, so it must stand as it is
/// at the same instant. `None` where nothing is lost. One whose record cannot be read keeps nothing: it is passed over.
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
    let keeps = |other: &Client| other.id != held.id && is_keeper(desk, other) && outlasts(other);
    // The change rests on who acts in any case.
    if let Some(acting) = rights.admin().filter(|admin| keeps(admin)) {
        return Ok(Some(acting.clone()));
    }
    let mut pages = Pages::behind(desk.store, None, FIRST_PAGE);
    while let Some(page) = pages.next().await? {
        if let Some(other) = page.into_iter().flatten().find(keeps) {
            return Ok(Some(other));
        }
    }
    Err(AdminRefusal::LastAdmin { id: held.id.clone() })
}

/// Whether this client alone could restore all administration.
pub(super) fn is_keeper(desk: &Desk<'_>, client: &Client) -> bool {
    let administration = admin_audience(desk.issuer);
    let holds = |scope: &Scope| {
        client.grants.iter().any(|grant| grant.audience == administration && grant.scope.covers(scope))
    };
    client.kind == ClientKind::Admin
        && client.usable(desk.now).is_ok()
        && client.has_proof()
        && client.tenants.iter().any(|tenant| tenant.as_str() == OPERATOR_TENANT)
        && matches!(client.reach, Reach::Unbounded { .. })
        && KEEPS.iter().all(holds)
}
