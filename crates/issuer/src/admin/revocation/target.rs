//! What is ended, and what that means for those who had it.

use super::breaks::Breaks;
use super::view::RevocationView;
use chancery_revocation::{Kill, LogId, Sequence};

/// One thing that is to be revoked.
#[derive(Clone, Debug)]
pub(in crate::admin) struct Target {
    /// What the entry says.
    pub(in crate::admin) kill: Kill,
    /// What another entry has to say with it: of a family that was delegated, whose tokens bear its name in `anc`.
    pub(in crate::admin) beside: Option<Kill>,
    /// Its name as people know it; `None` for everything.
    pub(in crate::admin) id: Option<String>,
    /// Who has to get a new token.
    pub(in crate::admin) breaks: Breaks,
    /// What happens to them.
    pub(in crate::admin) note: String,
}

impl Target {
    /// One that a single entry ends.
    pub(in crate::admin) fn of(kill: Kill, id: Option<String>, breaks: Breaks, note: String) -> Self {
        Self { kill, beside: None, id, breaks, note }
    }

    /// Every entry that it takes.
    pub(in crate::admin) fn kills(&self) -> Vec<Kill> {
        std::iter::once(self.kill).chain(self.beside).collect()
    }

    /// What the auditor calls it: `client billing`.
    pub(in crate::admin) fn name(&self) -> String {
        let kind = self.kill.kind();
        self.id.as_ref().map_or_else(|| kind.to_string(), |id| format!("{kind} {id}"))
    }

    /// How it is told. `done` is the entry, and whether it was appended now; `None` in a plan.
    pub(in crate::admin) fn view(
        self,
        reason: &str,
        log: LogId,
        done: Option<(Sequence, bool)>,
    ) -> RevocationView {
        let end = self.kill.end().filter(|_| done.is_some());
        RevocationView {
            planned: done.is_none(),
            kind: self.kill.kind().to_string(),
            id: self.id,
            reason: reason.to_owned(),
            log,
            sequence: done.map(|(sequence, _)| sequence),
            changed: done.is_some_and(|(_, is_new)| is_new),
            ends_at: end.map(|end| end.start().as_secs()),
            breaks: self.breaks.view(self.note),
        }
    }
}
