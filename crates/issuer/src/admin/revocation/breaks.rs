//! Who has to get a new token.

use super::view::{BreaksView, BrokenView};
use crate::client::Client;

/// Clients that are named. Whoever needs all of them lists clients.
const NAMED: usize = 100;

/// Clients that something was revoked of, as far as whoever asks may see them.
#[derive(Clone, Debug, Default)]
pub(in crate::admin) struct Breaks {
    named: Vec<BrokenView>,
    total: usize,
    /// Those whose records cannot be read: nobody knows whether they belong here.
    unreadable: usize,
}

impl Breaks {
    /// One client alone.
    pub(in crate::admin) fn of(client: &Client) -> Self {
        let mut breaks = Self::default();
        breaks.add(client);
        breaks
    }

    pub(in crate::admin) fn add(&mut self, client: &Client) {
        self.total += 1;
        if self.named.len() < NAMED {
            self.named.push(BrokenView {
                id: client.id.clone(),
                name: client.name.clone(),
                owner: client.owner.clone(),
                kind: client.kind,
                tenants: client.tenants.clone(),
            });
        }
    }

    pub(in crate::admin) fn add_unreadable(&mut self) {
        self.unreadable += 1;
    }

    /// Whether no client was found, and none can have been overlooked.
    pub(in crate::admin) fn is_nobody(&self) -> bool {
        self.total == 0 && self.unreadable == 0
    }

    pub(in crate::admin) fn view(self, note: String) -> BreaksView {
        let note = if self.unreadable == 0 {
            note
        } else {
            format!("{note} The records of {} more clients cannot be read.", self.unreadable)
        };
        BreaksView { clients: self.named, clients_total: self.total, note }
    }
}
