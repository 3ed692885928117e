//! What can happen, by name.

/// What a run over many cases must have seen.
pub(super) const EVENTS: [&str; 17] = [
    "advanced",
    "below the floor",
    "caught_up",
    "complete",
    "delta equals snapshot",
    "delta_of_another_branch",
    "document_older",
    "extended by another",
    "from the future",
    "good",
    "joined",
    "log_went_back",
    "lost",
    "merged_another_log",
    "pruned",
    "revoked",
    "went on",
];
