//! Whether a service can judge tokens, for its readiness probe.

use super::Follower;
use super::log::LogCourse;
use super::status::Standing;
use super::task::Course;
use std::sync::Arc;

/// Says at any moment whether tokens can be judged. Cheap to clone, and to ask.
#[derive(Clone, Debug)]
pub struct Readiness {
    keys: Arc<Course>,
    log: Option<Arc<LogCourse>>,
}

/// What tokens cannot be judged without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// There are no keys to verify with: none came yet, or they reached their last age.
    Keys,
    /// What is known of the revocation log is nothing, or too old.
    RevocationLog,
}

impl Missing {
    /// Stable name, as the answer of a probe has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::RevocationLog => "revocation_log",
        }
    }
}

impl Follower {
    /// A handle that says whether tokens can be judged, for the readiness probe of a service. It holds no follower
    /// alive: when that is dropped, it says how things stood then, and how old they have grown.
    pub fn readiness(&self) -> Readiness {
        let log = self.log.as_ref().map(|log| Arc::clone(&log.course));
        Readiness { keys: Arc::clone(&self.course), log }
    }
}

impl Readiness {
    /// What is missing; nothing, where tokens can be judged. Stale keys are keys.
    pub fn missing(&self) -> Vec<Missing> {
        let now = self.keys.now();
        let has_keys = self.keys.ledger().status(now).standing != Standing::Absent;
        let has_news = self.log.as_ref().is_none_or(|log| log.ready());
        let parts = [(Missing::Keys, has_keys), (Missing::RevocationLog, has_news)];
        parts.into_iter().filter(|(_, is_there)| !is_there).map(|(part, _)| part).collect()
    }

    /// Whether nothing is missing.
    pub fn is_ready(&self) -> bool {
        self.missing().is_empty()
    }

    /// The answer to a probe: 200 `{"status":"ready"}`, or 503 `{"status":"not_ready","missing":[…]}` with `Retry-After`.
    ///
    /// ```no_run
    /// use chancery_verifier::follow::Follower;
    /// use chancery_verifier::guard::{Router, get, public};
    ///
    /// fn probes(follower: &Follower) -> Router {
    ///     let readiness = follower.readiness();
    ///     let ready = move || {
    ///         let answer = readiness.answer();
    ///         async move { answer }
    ///     };
    ///     Router::new().route("/readyz", get(public("readiness probe"), ready))
    /// }
    /// ```
    #[cfg(feature = "axum")]
    pub fn answer(&self) -> axum::response::Response {
        use axum::response::IntoResponse as _;
        use http::header::{CACHE_CONTROL, RETRY_AFTER};
        let missing: Vec<&str> = self.missing().into_iter().map(Missing::as_str).collect();
        if missing.is_empty() {
            let body = axum::Json(serde_json::json!({"status": "ready"}));
            return ([(CACHE_CONTROL, "no-store")], body).into_response();
        }
        let body = axum::Json(serde_json::json!({"status": "not_ready", "missing": missing}));
        let headers = [(CACHE_CONTROL, "no-store"), (RETRY_AFTER, "5")];
        (http::StatusCode::SERVICE_UNAVAILABLE, headers, body).into_response()
    }
}
