//! One question to whoever has the log, with all that it needs first.

use super::place::{BadPlace, Documents, KeyPlace, Metadata, Places};
use crate::follow::address::Address;
use crate::follow::fault::{FetchBlame, FetchFault};
use crate::follow::http::{Getter, Reply, Timeouts};
use crate::follow::introduction::Introduction;
use chancery_revocation::{LogId, MAX_DOCUMENT_BYTES, RevocationKeys, Sequence};
use chancery_token::{MAX_KEY_DOCUMENT_BYTES, UnixTime};
use reqwest::{StatusCode, Url};
use std::sync::Arc;
use std::time::Duration;

/// The metadata is read again after this long, as for keys.
const METADATA_LIFETIME: Duration = Duration::from_hours(24);
/// A snapshot may have 64 MB, which takes this long at 10 Mbit/s.
const SNAPSHOT_EXTRA: Duration = Duration::from_mins(1);

/// Asks for what one issuer publishes about its log.
#[derive(Debug)]
pub(in crate::follow) struct Asker {
    issuer: String,
    places: Places,
    /// For http on this machine.
    local: Getter,
    /// For https, if anything that is configured is.
    encrypted: Option<Getter>,
    introduction: Option<Introduction>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Snapshot,
    Delta { log: LogId, after: Sequence, hold: Duration },
}

/// What earlier questions left behind for the next one.
#[derive(Clone, Debug, Default)]
pub(super) struct Luggage {
    pub(super) found: Option<Found>,
    pub(super) keys: Option<Arc<HeldKeys>>,
    /// Whether the keys are to be fetched though some are held.
    pub(super) keys_due: bool,
    /// Whether what the metadata said is looked at again.
    pub(super) doubtful: bool,
    /// Which of several places is asked.
    pub(super) turn: usize,
    /// Whether the question says who asks, if that is configured.
    pub(super) introduced: bool,
}

/// What the metadata said, and when.
#[derive(Clone, Debug)]
pub(super) struct Found {
    documents: Documents,
    keys: KeyPlace,
    learned: Duration,
}

/// The keys of the log, as they were published.
#[derive(Debug)]
pub(super) struct HeldKeys {
    pub(super) keys: RevocationKeys,
    /// The document; `None` for keys that are pinned.
    pub(super) text: Option<String>,
    pub(super) confirmed_at: UnixTime,
    pub(super) lifetime: Option<Duration>,
}

/// What a flight brought, whether or not the question was answered.
#[derive(Debug, Default)]
pub(super) struct Brought {
    pub(super) found: Option<Found>,
    pub(super) keys: Option<Arc<HeldKeys>>,
    /// New keys could not be had, and the old ones may still be used.
    pub(super) keys_fault: Option<FetchFault>,
    /// The credentials were refused, and the question was asked without.
    pub(super) stranger: Option<FetchFault>,
}

/// An answer to the question itself.
#[derive(Debug)]
pub(super) enum Answer {
    Document {
        at: Address,
        text: String,
    },
    /// The place in the log is not remembered there: a snapshot is needed.
    Forgotten,
}

impl Asker {
    pub(in crate::follow) fn new(
        issuer: &str,
        places: Places,
        timeouts: Timeouts,
        introduction: Option<Introduction>,
    ) -> Result<Self, String> {
        let encrypted = match places.addresses().into_iter().find(|address| address.is_encrypted()) {
            Some(address) => Some(Getter::new(address, timeouts)?),
            None => None,
        };
        let local = Getter::local(timeouts)?;
        Ok(Self { issuer: issuer.to_owned(), places, local, encrypted, introduction })
    }

    /// Whether an issuer is to count this verifier by its name.
    pub(super) fn has_credentials(&self) -> bool {
        self.introduction.as_ref().is_some_and(Introduction::has_credentials)
    }

    /// The keys that are pinned.
    pub(super) fn pinned(&self) -> Option<&RevocationKeys> {
        self.places.pinned()
    }

    /// The whole way. `wall` and `monotonic` are the instant at which it begins.
    pub(super) async fn ask(
        self: Arc<Self>,
        question: Question,
        luggage: Luggage,
        wall: UnixTime,
        monotonic: Duration,
    ) -> (Brought, Result<Answer, FetchFault>) {
        let mut brought = Brought::default();
        let answer = self.go(question, luggage, wall, monotonic, &mut brought).await;
        (brought, answer)
    }

    async fn go(
        &self,
        question: Question,
        luggage: Luggage,
        wall: UnixTime,
        monotonic: Duration,
        brought: &mut Brought,
    ) -> Result<Answer, FetchFault> {
        let found = self.find(luggage.found, luggage.doubtful, monotonic).await?;
        brought.found = Some(found.clone());
        if luggage.keys_due || luggage.keys.is_none() {
            match (self.keys(&found, wall).await, luggage.keys) {
                (Ok(keys), _) => brought.keys = Some(Arc::new(keys)),
                (Err(fault), Some(_)) => brought.keys_fault = Some(fault),
                (Err(fault), None) => return Err(fault),
            }
        }
        let (at, extra) = match question {
            Question::Snapshot => (found.documents.snapshot(luggage.turn), SNAPSHOT_EXTRA),
            Question::Delta { hold, .. } => (found.documents.delta(luggage.turn), hold),
        };
        let url = question.url(at);
        let introduction = match (question, &self.introduction) {
            (Question::Delta { .. }, Some(introduction)) if luggage.introduced => {
                Some(introduction).filter(|introduction| introduction.is_shown_at(at, &self.issuer))
            }
            _ => None,
        };
        let getter = self.getter(at)?;
        let ask = |url, extra, introduction| {
            getter.ask(at, url, "application/jwt", MAX_DOCUMENT_BYTES, extra, introduction)
        };
        let reply = ask(url.clone(), extra, introduction).await?;
        if let Some(at_once) = question.at_once()
            && is_overloaded(&reply)
        {
            // So many wait for news there that nobody else may. What there is now is told without waiting.
            let reply = ask(at_once.url(at), Duration::ZERO, introduction).await?;
            return answer(at, question, reply);
        }
        let may_be_the_credentials = matches!(
            reply.status,
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
        );
        if !may_be_the_credentials || introduction.is_none_or(|shown| !shown.has_credentials()) {
            return answer(at, question, reply);
        }
        // Receipts are worth less than news.
        let refused = reply.status;
        let reply = ask(url, extra, None).await?;
        if reply.status != refused {
            brought.stranger = Some(FetchFault::CredentialsRefused { at: at.clone() });
        }
        answer(at, question, reply)
    }

    fn getter(&self, at: &Address) -> Result<&Getter, FetchFault> {
        match (at.is_encrypted(), &self.encrypted) {
            (true, Some(encrypted)) => Ok(encrypted),
            (false, _) => Ok(&self.local),
            (true, None) => {
                let detail = "nothing that is configured is encrypted, and this is".to_owned();
                Err(FetchFault::Unreachable { at: at.clone(), detail })
            }
        }
    }

    async fn find(&self, known: Option<Found>, doubtful: bool, now: Duration) -> Result<Found, FetchFault> {
        let metadata = match &self.places {
            Places::Known { documents, keys } => {
                let (documents, keys) = (documents.clone(), keys.clone());
                return Ok(Found { documents, keys, learned: now });
            }
            Places::Discovered { metadata, .. } => metadata,
        };
        let known = match known {
            Some(known) if !doubtful && now.saturating_sub(known.learned) < METADATA_LIFETIME => {
                return Ok(known);
            }
            known => known,
        };
        match (self.discover(metadata, now).await, known) {
            (Ok(found), _) => Ok(found),
            // Metadata that cannot be had says nothing against what it said before.
            (Err(fault), Some(known)) if fault.blame() != FetchBlame::Setup => Ok(known),
            (Err(fault), _) => Err(fault),
        }
    }

    async fn discover(&self, at: &Address, now: Duration) -> Result<Found, FetchFault> {
        let bytes = self.json(at, MAX_KEY_DOCUMENT_BYTES).await?.bytes;
        let metadata: Metadata =
            serde_json::from_slice(&bytes).map_err(|_| FetchFault::BadMetadata { at: at.clone() })?;
        if metadata.issuer != self.issuer {
            let (at, configured, published) = (at.clone(), self.issuer.clone(), metadata.issuer);
            return Err(FetchFault::IssuerMismatch { at, configured, published });
        }
        let (documents, keys) = match &self.places {
            Places::Known { documents, keys } => (Some(documents), Some(keys)),
            Places::Discovered { documents, keys, .. } => (documents.as_ref(), keys.as_ref()),
        };
        let documents = documents.map_or_else(|| metadata.documents(at), |known| Ok(known.clone()))?;
        let keys = keys.map_or_else(|| metadata.keys(at).map(KeyPlace::At), |known| Ok(known.clone()))?;
        Ok(Found { documents, keys, learned: now })
    }

    async fn keys(&self, found: &Found, now: UnixTime) -> Result<HeldKeys, FetchFault> {
        let at = match &found.keys {
            KeyPlace::Pinned(keys) => {
                return Ok(HeldKeys { keys: keys.clone(), text: None, confirmed_at: now, lifetime: None });
            }
            KeyPlace::At(at) => at,
        };
        let Reply { bytes, lifetime, .. } = self.json(at, MAX_KEY_DOCUMENT_BYTES).await?;
        let read =
            RevocationKeys::read(&bytes).map_err(|why| FetchFault::BadKeyDocument { at: at.clone(), why })?;
        // JSON is UTF-8, and this was read as JSON.
        let text = Some(String::from_utf8_lossy(&bytes).into_owned());
        Ok(HeldKeys { keys: read.keys, text, confirmed_at: now, lifetime })
    }

    async fn json(&self, at: &Address, most: usize) -> Result<Reply, FetchFault> {
        let accepted = "application/json, application/jwk-set+json";
        let reply = self.getter(at)?.ask(at, at.url(), accepted, most, Duration::ZERO, None).await?;
        match reply.status {
            StatusCode::OK => Ok(reply),
            status => Err(FetchFault::UnexpectedStatus { at: at.clone(), status: status.as_u16() }),
        }
    }
}

impl Question {
    fn url(self, at: &Address) -> Url {
        let mut url = at.url();
        if let Self::Delta { log, after, hold } = self {
            url.query_pairs_mut()
                .append_pair("log", &log.to_string())
                .append_pair("after", &after.to_string())
                .append_pair("wait", &hold.as_secs().to_string());
        }
        url
    }

    /// The same without waiting for the answer, if it would be waited for.
    fn at_once(self) -> Option<Self> {
        match self {
            Self::Delta { log, after, hold } if !hold.is_zero() => {
                Some(Self::Delta { log, after, hold: Duration::ZERO })
            }
            Self::Delta { .. } | Self::Snapshot => None,
        }
    }
}

/// Whether the issuer says that too many ask, and not a proxy that nobody answers behind it.
fn is_overloaded(reply: &Reply) -> bool {
    #[derive(serde::Deserialize)]
    struct Refused {
        reason: String,
    }
    let refused = || serde_json::from_slice::<Refused>(&reply.bytes).ok();
    reply.status == StatusCode::SERVICE_UNAVAILABLE
        && refused().is_some_and(|refused| refused.reason == "overloaded")
}

fn answer(at: &Address, question: Question, reply: Reply) -> Result<Answer, FetchFault> {
    let at = at.clone();
    match (reply.status, question) {
        (StatusCode::OK, _) => match String::from_utf8(reply.bytes) {
            Ok(text) => Ok(Answer::Document { at, text }),
            Err(_) => Err(FetchFault::NoDocument { at }),
        },
        (StatusCode::GONE, Question::Delta { .. }) => Ok(Answer::Forgotten),
        (StatusCode::CONFLICT, Question::Delta { after, .. }) => {
            Err(FetchFault::IssuerBehind { at, held: after })
        }
        (status @ (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE), _) => {
            Err(FetchFault::Busy { at, status: status.as_u16(), retry_after: reply.retry_after })
        }
        (status, _) => Err(FetchFault::UnexpectedStatus { at, status: status.as_u16() }),
    }
}

impl From<BadPlace> for crate::follow::InvalidFollow {
    fn from(why: BadPlace) -> Self {
        match why {
            BadPlace::Issuer(why) => Self::LogIssuer { why },
            BadPlace::None => Self::NoLogUrl,
            // Not shown: it may carry a password.
            BadPlace::Url(why) => Self::LogUrl { why },
        }
    }
}
