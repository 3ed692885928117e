use super::summary::Summary;
use serde::Serialize;

/// What a worker has to say, one line of JSON each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Who says it.
    pub worker: usize,
    /// What.
    #[serde(flatten)]
    pub said: Said,
}

/// What became of a document, or of the worker itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// The session of the worker is over, and with it the worker. What it was about to read, another one reads.
    Ended {
        /// What the issuer said.
        reason: String,
    },
    /// The document was not read. Where that was a matter of time, it may be asked for again.
    NotRead {
        /// Its number.
        document: String,
        /// Why.
        reason: String,
    },
    /// The document, summed up.
    Summary(Summary),
}
