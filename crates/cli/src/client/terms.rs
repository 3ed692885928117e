//! How a client proves itself, refreshes and delegates, as flags.

use crate::time::parse_span;
use chancery_issuer::admin::{ClientDraft, ClientPatch, RefreshDraft};
use std::time::Duration;

/// The decisions, as they were written.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Terms {
    /// How it proves who it is: secret (unless said otherwise), private_key_jwt, or none
    #[arg(long, value_name = "WAY")]
    authentication: Option<String>,
    /// Whether it must bind its tokens to a key (RFC 9449): required or optional
    #[arg(long, value_name = "POLICY")]
    dpop: Option<String>,
    /// It gets refresh tokens; any term of refreshing says so too
    #[arg(long)]
    refresh: bool,
    /// So long a session may lie unused; 14d unless said otherwise
    #[arg(long, value_name = "DURATION", value_parser = parse_span)]
    refresh_idle: Option<Duration>,
    /// So long a session lives at most; 90d unless said otherwise, and never more
    #[arg(long, value_name = "DURATION", value_parser = parse_span)]
    refresh_absolute: Option<Duration>,
    /// Most sessions that live at once, for each tenant; 64 unless said otherwise
    #[arg(long, value_name = "NUMBER")]
    most_families: Option<u32>,
    /// What a replayed refresh token does: revoke the session (unless said otherwise), or refuse the replay alone
    #[arg(long, value_name = "WHAT")]
    on_replay: Option<String>,
    /// A client that may exchange its tokens for narrower ones; repeat it, or separate them by commas
    #[arg(long = "delegate-to", value_name = "ID", value_delimiter = ',')]
    delegates: Vec<String>,
}

impl Terms {
    /// Adds them to a draft.
    pub(super) fn draft(self, draft: ClientDraft) -> ClientDraft {
        let refresh = self.refreshing();
        ClientDraft {
            authentication: self.authentication,
            dpop: self.dpop,
            refresh,
            may_delegate_to: self.delegates,
            ..draft
        }
    }

    /// Adds them to a patch.
    pub(super) fn patch(self, patch: ClientPatch) -> ClientPatch {
        let refresh = self.refreshing();
        ClientPatch {
            authentication: self.authentication,
            dpop: self.dpop,
            refresh: refresh.map(Some),
            may_delegate_to: (!self.delegates.is_empty()).then_some(self.delegates),
            ..patch
        }
    }

    /// Whoever names a term wants it to refresh.
    fn refreshing(&self) -> Option<RefreshDraft> {
        let terms = RefreshDraft {
            idle_secs: self.refresh_idle.map(|span| span.as_secs()),
            absolute_secs: self.refresh_absolute.map(|span| span.as_secs()),
            most_families: self.most_families.map(u64::from),
            on_replay: self.on_replay.clone(),
        };
        (self.refresh || terms != RefreshDraft::default()).then_some(terms)
    }
}
