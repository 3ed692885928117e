//! From the issuer's name to its keys: metadata (RFC 8414), then the key document it names.

use super::address::{Address, InvalidAddress};
use super::fault::{FetchBlame, FetchFault};
use super::http::{Answer, Getter, Timeouts};
use super::settings::KeysFrom;
use chancery_token::{Format, KeyDocument, KeySet, MAX_KEY_DOCUMENT_BYTES};
use reqwest::header::HeaderValue;
use std::time::Duration;

/// Metadata has about 2 KiB; the limit is that of key documents.
const MAX_METADATA_BYTES: usize = MAX_KEY_DOCUMENT_BYTES;

/// The metadata is read again after this long even if all goes well: an issuer may move its keys and leave an
/// old document behind.
const METADATA_LIFETIME: Duration = Duration::from_hours(24);

/// Asks for the keys of one issuer.
#[derive(Debug)]
pub(super) struct Fetcher {
    getter: Getter,
    issuer: String,
    format: Format,
    start: Start,
}

#[derive(Debug)]
enum Start {
    Keys(Address),
    Metadata(Address),
}

/// What earlier flights left behind for the next one.
#[derive(Clone, Debug, Default)]
pub(super) struct Luggage {
    pub(super) place: Option<Place>,
    /// Names the document that is held, and where it is from.
    pub(super) validator: Option<(String, HeaderValue)>,
    /// Whether the last flight failed: what it believed is looked at again.
    pub(super) doubtful: bool,
}

/// Where the keys are, and when that was learned.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) keys: Address,
    learned: Duration,
}

/// What a flight brought.
#[derive(Debug)]
pub(super) struct Cargo {
    pub(super) place: Place,
    pub(super) load: Load,
    pub(super) lifetime: Option<Duration>,
}

#[derive(Debug)]
pub(super) enum Load {
    Document { text: Vec<u8>, read: KeyDocument, validator: Option<HeaderValue> },
    Unchanged,
}

#[derive(serde::Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Option<String>,
    paserk_uri: Option<String>,
}

impl Fetcher {
    pub(super) fn new(
        issuer: &str,
        format: Format,
        keys_from: &KeysFrom,
        timeouts: Timeouts,
    ) -> Result<Self, UnusableFetcher> {
        let (start, address) = match keys_from {
            KeysFrom::Discovery => {
                let address = Address::of_metadata(issuer).map_err(UnusableFetcher::Address)?;
                (Start::Metadata(address.clone()), address)
            }
            KeysFrom::Url(url) => {
                let address = Address::parse(url).map_err(UnusableFetcher::Address)?;
                (Start::Keys(address.clone()), address)
            }
        };
        let getter = Getter::new(&address, timeouts).map_err(UnusableFetcher::Client)?;
        Ok(Self { getter, issuer: issuer.to_owned(), format, start })
    }

    /// Where the keys are by configuration; `None` when that is discovered.
    pub(super) fn configured_address(&self) -> Option<&Address> {
        match &self.start {
            Start::Keys(keys) => Some(keys),
            Start::Metadata(_) => None,
        }
    }

    /// The whole way. `now` is monotonic.
    pub(super) async fn fetch(&self, luggage: Luggage, now: Duration) -> Result<Cargo, FetchFault> {
        let place = self.place(luggage.place, luggage.doubtful, now).await?;
        let validator =
            luggage.validator.filter(|(from, _)| *from == place.keys.url().as_str()).map(|(_, tag)| tag);
        match self.getter.get(&place.keys, validator.as_ref(), MAX_KEY_DOCUMENT_BYTES).await? {
            Answer::Unchanged { lifetime } => Ok(Cargo { place, load: Load::Unchanged, lifetime }),
            Answer::Document { bytes, validator, lifetime } => match KeySet::read(self.format, &bytes) {
                Ok(read) => {
                    Ok(Cargo { place, load: Load::Document { text: bytes, read, validator }, lifetime })
                }
                Err(why) => Err(FetchFault::BadKeyDocument { at: place.keys, why }),
            },
        }
    }

    async fn place(&self, known: Option<Place>, doubtful: bool, now: Duration) -> Result<Place, FetchFault> {
        let metadata = match &self.start {
            Start::Keys(keys) => return Ok(Place { keys: keys.clone(), learned: now }),
            Start::Metadata(metadata) => metadata,
        };
        let known = match known {
            Some(known) if !doubtful && now.saturating_sub(known.learned) < METADATA_LIFETIME => {
                return Ok(known);
            }
            known => known,
        };
        match (self.discover(metadata).await, known) {
            (Ok(keys), _) => Ok(Place { keys, learned: now }),
            // Metadata that cannot be had says nothing against the address that it gave before.
            (Err(fault), Some(known)) if fault.blame() != FetchBlame::Setup => Ok(known),
            (Err(fault), _) => Err(fault),
        }
    }

    async fn discover(&self, at: &Address) -> Result<Address, FetchFault> {
        let bytes = match self.getter.get(at, None, MAX_METADATA_BYTES).await? {
            Answer::Document { bytes, .. } => bytes,
            Answer::Unchanged { .. } => return Err(FetchFault::BadMetadata { at: at.clone() }),
        };
        let metadata: Metadata =
            serde_json::from_slice(&bytes).map_err(|_| FetchFault::BadMetadata { at: at.clone() })?;
        self.keys_of(metadata, at)
    }

    fn keys_of(&self, metadata: Metadata, at: &Address) -> Result<Address, FetchFault> {
        let at = at.clone();
        if metadata.issuer != self.issuer {
            let (configured, published) = (self.issuer.clone(), metadata.issuer);
            return Err(FetchFault::IssuerMismatch { at, configured, published });
        }
        let (member, named) = match self.format {
            Format::Jwt => ("jwks_uri", metadata.jwks_uri),
            Format::Paseto => ("paserk_uri", metadata.paserk_uri),
        };
        let found = named.ok_or_else(|| FetchFault::NoKeyAddress { at: at.clone(), member })?;
        at.named_here(&found).map_err(|why| FetchFault::BadKeyAddress { at, member, found, why })
    }
}

/// Why nothing can be asked.
#[derive(Debug)]
pub(super) enum UnusableFetcher {
    Address(InvalidAddress),
    Client(String),
}
