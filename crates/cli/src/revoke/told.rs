//! What is said about a revocation.

use chancery_issuer::admin::{BreaksView, RevocationView};
use chancery_token::TenantId;

/// For a person.
pub(super) fn text(view: &RevocationView) -> String {
    let what = what(view);
    let first = match view.sequence {
        _ if view.planned => format!("Nothing was revoked. This would revoke {what}."),
        Some(sequence) if view.changed => format!("Revoked: {what}, at sequence {sequence}."),
        // The log remembers of a token or a family only the part of it in which the entry stands.
        Some(sequence) if matches!(&*view.kind, "token" | "family") => {
            format!("Nothing changed: {what} was revoked before, at sequence {sequence} or earlier.")
        }
        Some(sequence) => format!("Nothing changed: {what} was revoked before, at sequence {sequence}."),
        None if view.changed => format!("Revoked: {what}."),
        None => format!("Nothing changed: {what} was revoked before."),
    };
    let mut lines = vec![first, format!("  {}", view.breaks.note)];
    lines.extend(clients(&view.breaks));
    lines.join("\n")
}

pub(super) fn what(view: &RevocationView) -> String {
    match &view.id {
        Some(id) => format!("{} {id}", view.kind.replace('_', " ")),
        None => "everything".to_owned(),
    }
}

fn clients(breaks: &BreaksView) -> Vec<String> {
    let width = |of: fn(&str) -> usize, texts: Vec<&str>| texts.into_iter().map(of).max().unwrap_or_default();
    let chars = |text: &str| text.chars().count();
    let ids = width(chars, breaks.clients.iter().map(|client| client.id.as_str()).collect());
    let owners = width(chars, breaks.clients.iter().map(|client| &*client.owner).collect());
    let mut lines: Vec<String> = breaks
        .clients
        .iter()
        .map(|client| {
            let tenants: Vec<&str> = client.tenants.iter().map(TenantId::as_str).collect();
            format!("    {:ids$}  {:owners$}  {}", client.id.as_str(), client.owner, tenants.join(","))
        })
        .collect();
    let more = breaks.clients_total.saturating_sub(breaks.clients.len());
    if more > 0 {
        lines.push(format!("    and {more} more"));
    }
    if breaks.clients_total > 0 {
        let count = breaks.clients_total;
        lines.insert(0, format!("  {count} {}:", if count == 1 { "client" } else { "clients" }));
    }
    lines
}
