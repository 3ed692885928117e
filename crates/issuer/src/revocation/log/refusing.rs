//! A store whose log can be read, and that would not keep what is appended to it.

use crate::revocation::LogFault;
use crate::store::StoreFault;
use arc_swap::ArcSwapOption;
use std::sync::Arc;

/// Why the store would keep nothing that is appended, as it was last said. It stays until the store says otherwise.
#[derive(Debug, Default)]
pub(super) struct Refusing(ArcSwapOption<LogFault>);

impl Refusing {
    pub(super) fn fault(&self) -> Option<Arc<LogFault>> {
        self.0.load_full()
    }

    /// The store keeps what it is given.
    pub(super) fn end(&self) {
        if self.0.load().is_some() && self.0.swap(None).is_some() {
            tracing::info!(target: "chancery::revocation", "the store keeps what is revoked again");
        }
    }

    /// The store did not do what it was asked for. Other faults than this one say nothing about what it keeps.
    pub(super) fn note(&self, fault: &StoreFault) {
        if !matches!(fault, StoreFault::NotDurable { .. }) {
            return;
        }
        let fault = LogFault::Store(fault.clone());
        if self.0.load().as_deref() != Some(&fault) {
            let reason = fault.reason();
            tracing::error!(target: "chancery::revocation", reason, %fault, "nothing can be revoked");
            self.0.store(Some(Arc::new(fault)));
        }
    }
}
