use super::invoice::Invoice;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where invoices are kept: in memory, for as long as the example runs. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    invoices: Arc<Mutex<BTreeMap<String, Invoice>>>,
}

impl Archive {
    /// An archive with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// An archive with invoices of two tenants, `acme` and `globex`.
    pub fn with_examples() -> Self {
        let archive = Self::new();
        for (number, tenant, project, total_cents) in [
            ("A-1", "acme", "acme-web", 120_000),
            ("A-2", "acme", "acme-shop", 45_050),
            ("A-3", "acme", "roadrunner", 99_900),
            ("G-1", "globex", "globex-dam", 1_000_000),
        ] {
            let (number, tenant, project) = (number.to_owned(), tenant.to_owned(), project.to_owned());
            archive.add(Invoice { number, tenant, project, total_cents });
        }
        archive
    }

    /// All invoices, by number.
    pub fn all(&self) -> Vec<Invoice> {
        self.locked().values().cloned().collect()
    }

    /// The invoice of this number.
    pub fn find(&self, number: &str) -> Option<Invoice> {
        self.locked().get(number).cloned()
    }

    /// Keeps an invoice; false when its number is taken.
    pub fn add(&self, invoice: Invoice) -> bool {
        let mut invoices = self.locked();
        let is_new = !invoices.contains_key(&invoice.number);
        if is_new {
            invoices.insert(invoice.number.clone(), invoice);
        }
        is_new
    }

    /// Throws an invoice away.
    pub fn remove(&self, number: &str) {
        self.locked().remove(number);
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, Invoice>> {
        self.invoices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
