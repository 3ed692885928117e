//! Places in a client, as JSON pointers (RFC 6901).

use chancery_token::Scope;
use chancery_token::bounds::Axis;

/// The place of a bound.
pub(super) fn bound(scope: Option<&Scope>, axis: &Axis) -> String {
    let of = scope.map_or_else(String::new, |scope| format!("/{scope}"));
    format!("/bounds{of}/{axis}")
}

/// One step of a pointer (RFC 6901 section 3).
pub(crate) fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}
