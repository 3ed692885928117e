//! What a draft says of what a client goes on with, and whom it delegates to.

use crate::admin::draft::RefreshDraft;
use crate::admin::fault::{Faults, Slip};
use crate::client::Refresh;
use crate::family::OnReplay;
use chancery_token::ClientId;
use std::time::Duration;

/// The terms as they are to be, where they were `before`.
pub(in crate::admin) fn refresh(terms: &RefreshDraft, before: Refresh, faults: &mut Faults) -> Refresh {
    let on_replay = match terms.on_replay.as_deref() {
        None => before.on_replay,
        Some("revoke") => OnReplay::Revoke,
        Some("refuse") => OnReplay::Refuse,
        Some(text) => {
            faults.add("/refresh/on_replay", &Slip::OnReplay { text: text.to_owned() });
            before.on_replay
        }
    };
    // Whatever is over the number that may be is told as too many.
    let most = terms.most_families.map(|most| u32::try_from(most).unwrap_or(u32::MAX));
    Refresh {
        idle: terms.idle_secs.map_or(before.idle, Duration::from_secs),
        absolute: terms.absolute_secs.map_or(before.absolute, Duration::from_secs),
        most_families: most.unwrap_or(before.most_families),
        on_replay,
    }
}

/// The clients that are named, each with its place. Whether there is one of this name is not looked up: who is to be
/// registered next may be named first.
pub(in crate::admin) fn delegates(written: &[String], faults: &mut Faults) -> (Vec<ClientId>, Vec<usize>) {
    let mut delegates = (Vec::new(), Vec::new());
    for (at, text) in written.iter().enumerate() {
        match text.parse() {
            Ok(id) => {
                delegates.0.push(id);
                delegates.1.push(at);
            }
            Err(why) => faults.add(format!("/may_delegate_to/{at}"), &Slip::Name { why }),
        }
    }
    delegates
}
