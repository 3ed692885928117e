//! From the issuer's name to the documents of its log.

use super::settings::{LogFrom, LogKeysFrom};
use crate::follow::address::{Address, InvalidAddress};
use crate::follow::fault::FetchFault;
use chancery_revocation::RevocationKeys;

/// What is configured, with the addresses read.
#[derive(Debug)]
pub(in crate::follow) enum Places {
    /// The issuer's metadata says what is not said here.
    Discovered { metadata: Address, documents: Option<Documents>, keys: Option<KeyPlace> },
    /// All is said.
    Known { documents: Documents, keys: KeyPlace },
}

/// Where documents are: the first place, and others.
#[derive(Clone, Debug)]
pub(in crate::follow) struct Documents {
    first: DocumentPlace,
    others: Vec<DocumentPlace>,
}

#[derive(Clone, Debug)]
struct DocumentPlace {
    snapshot: Address,
    delta: Address,
}

/// Where the keys of the log are.
#[derive(Clone, Debug)]
pub(in crate::follow) enum KeyPlace {
    Pinned(RevocationKeys),
    At(Address),
}

impl Documents {
    fn read(urls: &[String]) -> Result<Self, BadPlace> {
        let place = |url: &String| -> Result<DocumentPlace, BadPlace> {
            let base = Address::parse(url).map_err(BadPlace::Url)?;
            let (snapshot, delta) = (base.below("revocation/snapshot"), base.below("revocation/delta"));
            Ok(DocumentPlace { snapshot, delta })
        };
        let (first, others) = urls.split_first().ok_or(BadPlace::None)?;
        Ok(Self { first: place(first)?, others: others.iter().map(place).collect::<Result<_, _>>()? })
    }

    /// The place whose turn it is.
    fn place(&self, turn: usize) -> &DocumentPlace {
        match turn % (1 + self.others.len()) {
            0 => &self.first,
            other => self.others.get(other - 1).unwrap_or(&self.first),
        }
    }

    pub(super) fn snapshot(&self, turn: usize) -> &Address {
        &self.place(turn).snapshot
    }

    pub(super) fn delta(&self, turn: usize) -> &Address {
        &self.place(turn).delta
    }
}

/// What of the metadata is read (RFC 8414 section 2 lets issuers add members).
#[derive(serde::Deserialize)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    revocation_snapshot_uri: Option<String>,
    revocation_delta_uri: Option<String>,
    revocation_keys_uri: Option<String>,
}

/// Why a place cannot be used.
#[derive(Debug)]
pub(in crate::follow) enum BadPlace {
    /// The issuer is no address.
    Issuer(InvalidAddress),
    /// No address of documents is configured.
    None,
    /// A configured address.
    Url(InvalidAddress),
}

impl Places {
    pub(in crate::follow) fn new(issuer: &str, from: &LogFrom, keys: LogKeysFrom) -> Result<Self, BadPlace> {
        let documents = match from {
            LogFrom::Discovery => None,
            LogFrom::Urls(urls) => Some(Documents::read(urls)?),
        };
        let keys = match keys {
            LogKeysFrom::Discovery => None,
            LogKeysFrom::Pinned(keys) => Some(KeyPlace::Pinned(keys)),
            LogKeysFrom::Url(url) => Some(KeyPlace::At(Address::parse(&url).map_err(BadPlace::Url)?)),
        };
        match (documents, keys) {
            (Some(documents), Some(keys)) => Ok(Self::Known { documents, keys }),
            (documents, keys) => {
                let metadata = Address::of_metadata(issuer).map_err(BadPlace::Issuer)?;
                Ok(Self::Discovered { metadata, documents, keys })
            }
        }
    }

    /// Every address that is configured.
    pub(super) fn addresses(&self) -> Vec<&Address> {
        let (metadata, keys) = match self {
            Self::Discovered { metadata, keys, .. } => (Some(metadata), keys.as_ref()),
            Self::Known { keys, .. } => (None, Some(keys)),
        };
        let keys = match keys {
            Some(KeyPlace::At(keys)) => Some(keys),
            Some(KeyPlace::Pinned(_)) | None => None,
        };
        self.documents().chain(keys).chain(metadata).collect()
    }

    /// Where deltas are asked for, as far as that is configured.
    pub(in crate::follow) fn documents(&self) -> impl Iterator<Item = &Address> {
        let documents = match self {
            Self::Discovered { documents, .. } => documents.as_ref(),
            Self::Known { documents, .. } => Some(documents),
        };
        let places = documents.into_iter().flat_map(|of| std::iter::once(&of.first).chain(&of.others));
        places.map(|place| &place.delta)
    }

    pub(super) fn pinned(&self) -> Option<&RevocationKeys> {
        let keys = match self {
            Self::Discovered { keys, .. } => keys.as_ref(),
            Self::Known { keys, .. } => Some(keys),
        };
        match keys {
            Some(KeyPlace::Pinned(keys)) => Some(keys),
            Some(KeyPlace::At(_)) | None => None,
        }
    }
}

impl Metadata {
    pub(super) fn documents(&self, at: &Address) -> Result<Documents, FetchFault> {
        let first = DocumentPlace {
            snapshot: address(at, "revocation_snapshot_uri", self.revocation_snapshot_uri.as_ref())?,
            delta: address(at, "revocation_delta_uri", self.revocation_delta_uri.as_ref())?,
        };
        Ok(Documents { first, others: Vec::new() })
    }

    /// On the issuer's own origin: whoever names the keys decides what is believed.
    pub(super) fn keys(&self, at: &Address) -> Result<Address, FetchFault> {
        let member = "revocation_keys_uri";
        let keys = address(at, member, self.revocation_keys_uri.as_ref())?;
        if keys.url().origin() == at.url().origin() {
            return Ok(keys);
        }
        let (at, found, why) = (at.clone(), keys.to_string(), InvalidAddress::OtherOrigin);
        Err(FetchFault::BadLogAddress { at, member, found, why })
    }
}

fn address(at: &Address, member: &'static str, named: Option<&String>) -> Result<Address, FetchFault> {
    let found = named.ok_or_else(|| FetchFault::NoLogAddress { at: at.clone(), member })?;
    at.named_here(found).map_err(|why| FetchFault::BadLogAddress {
        at: at.clone(),
        member,
        found: found.clone(),
        why,
    })
}
