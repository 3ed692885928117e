//! The stored clients, page after page: nobody holds all of them at once.

use crate::store::{ListedClient, Store, StoreFault, listed_id};

/// Most clients in one page: a few MiB of records.
const LARGEST: usize = 8192;

/// A reader that stands between two pages.
pub(super) struct Pages<'s> {
    store: &'s dyn Store,
    after: Option<String>,
    size: usize,
    ended: bool,
}

impl<'s> Pages<'s> {
    /// Begins behind `after`, with a page of `first`. Whoever reads on did not find what they looked for among so
    /// many, and reads in larger steps.
    pub(super) fn behind(store: &'s dyn Store, after: Option<&str>, first: usize) -> Self {
        let (after, size) = (after.map(str::to_owned), first.clamp(1, LARGEST));
        Self { store, after, size, ended: false }
    }

    /// The next page; `None` behind the last one.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<ListedClient>>, StoreFault> {
        if self.ended {
            return Ok(None);
        }
        let page = self.store.clients(self.after.as_deref(), self.size).await?;
        self.ended = page.len() < self.size;
        self.after = page.last().map(|last| listed_id(last).to_owned());
        self.size = self.size.saturating_mul(2).min(LARGEST);
        Ok(Some(page))
    }
}
