//! Who polls: anybody may; who says so is counted by name.

use super::question::Question;
use super::refusal::Refusal;
use crate::http::client_authentication::{NotAuthenticated, authenticate};
use crate::http::error::Refusal as Unauthenticated;
use crate::http::form::TokenForm;
use crate::issuer::Issuer;
use crate::revocation::{Edition, Receipts};
use axum::http::{HeaderMap, HeaderName, header};
use chancery_token::ClientId;

/// What a verifier calls itself.
const NAME: HeaderName = HeaderName::from_static("chancery-verifier");
/// The longest name.
const LONGEST: usize = 64;
/// A client that gives no name is one verifier.
const ONLY: &str = "-";

/// Whoever asks.
pub(super) enum Poller {
    /// It does not say.
    Anonymous,
    /// A verifier of a client.
    Named { client: ClientId, name: String },
}

impl Poller {
    /// Credentials that are wrong, or of a client that may have no token, are refused: whoever sends some wants to be
    /// counted, and would not notice. Where nobody
    /// can say whether they are right, the poll is served all the same.
    pub(super) async fn of(issuer: &Issuer, headers: &HeaderMap) -> Result<Self, Refusal> {
        let name = name(headers)?;
        if !headers.contains_key(header::AUTHORIZATION) {
            return Ok(Self::Anonymous);
        }
        match authenticate(issuer, headers, &TokenForm::default()).await {
            Ok(client) => match client.usable(issuer.clock().now()) {
                Ok(()) => Ok(Self::Named { client: client.id.clone(), name }),
                Err(why) => Err(refused(issuer, Unauthenticated::Grant(why.into()))),
            },
            Err(NotAuthenticated::Unread(_)) => Ok(Self::Anonymous),
            Err(NotAuthenticated::Fault(fault)) => {
                Err(refused(issuer, Unauthenticated::Authentication(fault)))
            }
        }
    }

    pub(super) fn client(&self) -> Option<&ClientId> {
        match self {
            Self::Anonymous => None,
            Self::Named { client, .. } => Some(client),
        }
    }

    pub(super) fn is_anonymous(&self) -> bool {
        matches!(self, Self::Anonymous)
    }

    /// Whoever asks for what comes after a place of this log has applied everything up to it.
    pub(super) fn has_applied(&self, receipts: &Receipts, question: &Question, edition: &Edition) {
        let position = edition.position();
        let is_here = position.log == question.log && question.after <= position.sequence;
        self.note(receipts, is_here.then_some(question.after));
    }

    /// A poll may wait for long, and the next one comes after it.
    pub(super) fn is_still_there(&self, receipts: &Receipts) {
        self.note(receipts, None);
    }

    fn note(&self, receipts: &Receipts, applied: Option<chancery_revocation::Sequence>) {
        if let Self::Named { client, name } = self {
            receipts.seen(client, name, applied);
        }
    }
}

fn refused(issuer: &Issuer, why: Unauthenticated) -> Refusal {
    Refusal::Unauthenticated(Box::new(why), issuer.scopes_page().to_owned())
}

fn name(headers: &HeaderMap) -> Result<String, Refusal> {
    let mut names = headers.get_all(NAME).iter();
    let (Some(name), None) = (names.next(), names.next()) else {
        return if headers.contains_key(NAME) { Err(Refusal::Name) } else { Ok(ONLY.to_owned()) };
    };
    let text = name.to_str().map_err(|_| Refusal::Name)?;
    let is_name = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if is_name { Ok(text.to_owned()) } else { Err(Refusal::Name) }
}
