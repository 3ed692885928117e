//! Whether a change takes something away that tokens which are out may still carry. Pure.

use super::covering::{bound_covers, pattern_covers};
use crate::client::{Client, ClientState, Grant, Reach};
use chancery_token::bounds::{Axis, Bound};
use chancery_token::{Bounds, Scope};

/// What a change does to tokens that are out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Narrowing {
    /// Each of them could be issued again.
    None,
    /// There may be one that could not: they have to end.
    Some,
}

impl Narrowing {
    /// Compares what a client was with what it is to be. It is told by the two records alone, whatever the catalog
    /// says today: a pattern that gives way to all of its scopes counts as narrower. A token too many ends then, and
    /// its client gets another.
    ///
    /// A client that refreshes no more loses its families, and a delegate that is struck out what it made of the
    /// client's tokens: the entry ends both, for good, also where somebody takes the change back. What a client has to
    /// prove is no access: when DPoP becomes required, or a key, a secret or a way to authenticate goes, its tokens carry
    /// what they might carry anew, and end within the hour. Who fears for them says that the key leaked, or revokes the
    /// client. Shorter terms of refreshing hold for the families that begin under them.
    pub(super) fn between(before: &Client, after: &Client) -> Self {
        let narrower = before.kind != after.kind
            || is_switched_off(before, after)
            || before.tenants.iter().any(|tenant| !after.tenants.contains(tenant))
            || before.grants.iter().any(|grant| !is_held(grant, &after.grants))
            || !reaches_as_far(&before.reach, &after.reach)
            || after.lifetime < before.lifetime
            || after.expires_at < before.expires_at
            || (before.refresh.is_some() && after.refresh.is_none())
            || before.may_delegate_to.iter().any(|delegate| !after.may_delegate_to.contains(delegate));
        if narrower { Self::Some } else { Self::None }
    }
}

const fn is_switched_off(before: &Client, after: &Client) -> bool {
    matches!((&before.state, &after.state), (ClientState::Active, ClientState::Disabled { .. }))
}

fn is_held(grant: &Grant, by: &[Grant]) -> bool {
    by.iter().any(|own| own.audience == grant.audience && pattern_covers(&own.scope, &grant.scope))
}

/// Whether `after` admits every record that `before` does, with whichever scope.
fn reaches_as_far(before: &Reach, after: &Reach) -> bool {
    match (before, after) {
        (_, Reach::Unbounded { .. }) => true,
        (Reach::Unbounded { .. }, Reach::Bounded(after)) => after.is_empty(),
        (Reach::Bounded(before), Reach::Bounded(after)) => {
            after.iter().all(|(of, axis, bound)| is_implied(before, of, axis, bound))
        }
    }
}

/// Whether whatever `bounds` admit is admitted by this bound too. A general one implies none that is attached to a
/// scope: it does not go to scopes whose records lack the axis, and the attached one does.
fn is_implied(bounds: &Bounds, of: Option<&Scope>, axis: &Axis, bound: &Bound) -> bool {
    bounds.iter().any(|(own_of, own_axis, own)| own_of == of && own_axis == axis && bound_covers(bound, own))
}
