//! What is told of a session.

use super::Shared;
use super::book::{Book, Means};
use crate::session::plan::{Course, Moment};
use crate::session::record::Origin;
use crate::session::{Phase, SessionError, Standing, Trouble};
use url::Url;

impl Shared {
    /// Where it stands, as this process knows it.
    pub(in crate::session) fn standing(&self) -> Standing {
        let (book, now) = (self.book(), self.now());
        let terms = &book.terms;
        let (scopes, resource, tenant) = terms.request.parts();
        Standing {
            issuer: name(&terms.issuer),
            client_id: terms.client_id.clone(),
            binding: terms.proof.binding(),
            delegated: terms.origin == Origin::Delegated,
            scopes: scopes.clone(),
            resource: resource.map(str::to_owned),
            tenant: tenant.cloned(),
            file: self.file(),
            state: self.phase(&book, now),
            renewals: book.renewals,
            begun_anew: book.begun_anew,
            trouble: trouble(&book, now),
            unsaved: book.unwritten.as_ref().map(|fault| fault.reason().to_owned()),
        }
    }

    fn phase(&self, book: &Book, now: Moment) -> Phase {
        match (&book.course, self.holding.load().as_ref()) {
            (Course::Over(SessionError::Revoked { reason, at }), _) => {
                Phase::Ended { reason: reason.clone(), at: *at }
            }
            (Course::Over(SessionError::Ending { .. }), _) => Phase::Ending,
            (Course::Over(_), _) => Phase::Gone,
            (Course::Clear | Course::Paused(_), None) => Phase::New,
            (Course::Clear | Course::Paused(_), Some(holding)) => Phase::Live {
                obtained_at: holding.life.obtained_at(),
                expires_at: holding.token.expires_at(),
                renews_at: holding.life.due_at(now),
                scope: holding.token.scope().map(str::to_owned),
                refreshes: matches!(book.means, Means::RefreshToken { .. }),
                refresh_expires_at: match book.means {
                    Means::Credentials => None,
                    Means::RefreshToken { expires_at } => expires_at,
                },
            },
        }
    }
}

/// As issuers write it: the slash behind a bare host is the parser's.
fn name(issuer: &Url) -> String {
    let text = issuer.as_str();
    text.strip_suffix('/').filter(|_| issuer.path() == "/").unwrap_or(text).to_owned()
}

fn trouble(book: &Book, now: Moment) -> Option<Trouble> {
    let Course::Paused(pause) = &book.course else { return None };
    Some(Trouble {
        reason: pause.error.reason().to_owned(),
        detail: pause.error.to_string(),
        kind: pause.error.kind(),
        failures: pause.failures,
        retry_in: pause.until.saturating_sub(now.monotonic).as_secs(),
    })
}
