//! Refusals of the admin API (RFC 9457): one form for all of them, whoever refuses.

mod because;

pub(super) use because::Because;

use super::observe::Outcome;
use crate::admin::DraftFault;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chancery_token::Scope;
use chancery_verifier::guard::Refused;
use std::borrow::Cow;

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// After this many seconds the same request may succeed: stores and followers act in less.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// Faults of one document that are told at once; whoever mends a hundred asks again.
const MOST_ERRORS: usize = 100;

/// Why a request is refused.
#[derive(Debug)]
pub(super) struct Problem(Box<Told>);

#[derive(Debug)]
struct Told {
    status: StatusCode,
    reason: &'static str,
    detail: Cow<'static, str>,
    errors: Vec<DraftFault>,
    lacking: Option<Lacking>,
    claim: Option<&'static str>,
    challenge: Option<HeaderValue>,
    /// For the log alone, where the fault is ours.
    evidence: Option<String>,
}

/// The scopes that would have helped.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Lacking {
    /// All that the route demands.
    pub(super) required: Vec<Scope>,
    /// Those that are not held.
    pub(super) missing: Vec<Scope>,
    /// The page that explains them.
    pub(super) documentation: String,
}

#[derive(serde::Serialize)]
struct Body<'p> {
    r#type: String,
    title: String,
    status: u16,
    detail: &'p str,
    reason: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Pointed<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<&'static str>,
    #[serde(flatten)]
    lacking: Option<&'p Lacking>,
}

/// One fault of a document, and where it is (RFC 6901).
#[derive(serde::Serialize)]
struct Pointed<'p> {
    pointer: &'p str,
    reason: &'static str,
    detail: &'p str,
}

impl Problem {
    pub(super) fn new(
        status: StatusCode,
        reason: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Told {
            status,
            reason,
            detail: detail.into(),
            errors: Vec::new(),
            lacking: None,
            claim: None,
            challenge: None,
            evidence: None,
        }))
    }

    /// A refusal of the admin API itself.
    pub(super) fn of(because: Because, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(because.status(), because.reason(), detail)
    }

    /// Faults of a document that was sent, each with its place.
    pub(super) fn with_errors(self, mut errors: Vec<DraftFault>) -> Self {
        errors.truncate(MOST_ERRORS);
        self.with(|told| told.errors = errors)
    }

    pub(super) fn with_challenge(self, challenge: HeaderValue) -> Self {
        self.with(|told| told.challenge = Some(challenge))
    }

    pub(super) fn with_evidence(self, evidence: String) -> Self {
        self.with(|told| told.evidence = Some(evidence))
    }

    pub(super) fn lacking(self, lacking: Lacking) -> Self {
        self.with(|told| told.lacking = Some(lacking))
    }

    fn with(mut self, change: impl FnOnce(&mut Told)) -> Self {
        change(&mut self.0);
        self
    }

    /// Its stable name.
    pub(super) const fn reason(&self) -> &'static str {
        self.0.reason
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(told) = self;
        let errors = told.errors.iter().map(|fault| Pointed {
            pointer: &fault.pointer,
            reason: fault.reason,
            detail: &fault.message,
        });
        let body = Body {
            r#type: format!("urn:chancery:problem:{}", told.reason),
            title: title(told.reason),
            status: told.status.as_u16(),
            detail: &told.detail,
            reason: told.reason,
            errors: errors.collect(),
            claim: told.claim,
            lacking: told.lacking.as_ref(),
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let content_type = [(header::CONTENT_TYPE, PROBLEM_JSON)];
        let mut response = (told.status, super::NO_STORE, content_type, body).into_response();
        let headers = response.headers_mut();
        if let Some(challenge) = told.challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if told.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        let outcome = Outcome { reason: Some(told.reason), detail: told.evidence, ..Outcome::default() };
        response.extensions_mut().insert(outcome);
        response
    }
}

/// Says a refusal of the guard or of the router as a problem; leaves every other answer alone.
pub(super) fn told_as_problem(mut response: Response) -> Response {
    let status = response.status();
    let problem = match (response.extensions_mut().remove::<Refused>(), status) {
        (Some(refused), _) => of_guard(status, refused),
        (None, StatusCode::NOT_FOUND) if !is_problem(response.headers()) => {
            Problem::of(Because::NotFound, "there is nothing here; /openapi.json lists what there is")
        }
        (None, StatusCode::METHOD_NOT_ALLOWED) => Problem::of(
            Because::MethodNotAllowed,
            "the path does not take this method; Allow lists those it takes",
        ),
        (None, _) => return response,
    };
    let mut told = problem.into_response();
    for name in [header::WWW_AUTHENTICATE, header::RETRY_AFTER, header::ALLOW] {
        keep(&name, response.headers(), told.headers_mut());
    }
    told
}

fn of_guard(status: StatusCode, refused: Refused) -> Problem {
    let lacking = refused.scopes.map(|scopes| Lacking {
        required: scopes.required,
        missing: scopes.missing,
        documentation: scopes.documentation,
    });
    let problem = Problem::new(status, refused.reason, refused.description);
    problem.with(|told| (told.lacking, told.claim) = (lacking, refused.claim))
}

fn is_problem(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE) == Some(&PROBLEM_JSON)
}

fn keep(name: &HeaderName, from: &HeaderMap, to: &mut HeaderMap) {
    if let Some(value) = from.get(name) {
        to.insert(name.clone(), value.clone());
    }
}

/// RFC 9457 section 3.1.3: the same for every occurrence of a type.
fn title(reason: &str) -> String {
    let mut words = reason.replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_its_reason_in_words() {
        assert_eq!(title("client_unknown"), "Client unknown");
        assert_eq!(title(""), "");
    }
}
