use crate::admin::fault::DraftFault;
use crate::client::TextFault;
use chancery_revocation::Kind;

/// What is wrong with a wish to revoke.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RevocationSlip {
    /// No kind, or none that there is.
    #[error("kind is one of {}", kinds())]
    Kind,
    /// Nothing says what is meant.
    #[error("name what is revoked: {takes}")]
    Nameless { takes: &'static str },
    /// What is named is no such thing.
    #[error("this is not {takes}")]
    Name { takes: &'static str },
    /// More is said than is meant.
    #[error("{why}; leave it out")]
    Needless { why: &'static str },
    /// Nobody will understand why.
    #[error("the reason {0}")]
    Text(TextFault),
}

impl RevocationSlip {
    /// Stable name for answers.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Kind => "revocation_kind",
            Self::Nameless { .. } => "revocation_nameless",
            Self::Name { .. } => "revocation_name",
            Self::Needless { .. } => "revocation_needless",
            Self::Text(_) => "text",
        }
    }

    pub(super) fn at(&self, pointer: &str) -> DraftFault {
        DraftFault { pointer: pointer.to_owned(), reason: self.reason(), message: self.to_string() }
    }
}

fn kinds() -> String {
    let of_the_log = Kind::EVERY.map(Kind::as_str);
    of_the_log.into_iter().chain([super::draft::REFRESH_EPOCH]).collect::<Vec<_>>().join(", ")
}
