//! The keys that a verifier trusts, and the one door through which a token becomes [`Authentic`].

use crate::claims::{Claims, TimeForm};
use crate::ed25519::PublicKey;
use crate::encoding::base64url;
use crate::jwk::{self, SkippedKey};
use crate::jws::{Header, Segments};
use crate::jwt::{self, AlgorithmName};
use crate::malformed::Malformed;
use crate::{Format, paserk, paseto};
use std::collections::HashMap;
use std::sync::Arc;

/// Largest key document that is read: a set of a hundred keys has about 15 KiB (rule ).
pub const MAX_KEY_DOCUMENT_BYTES: usize = 64 * 1024;

/// Public keys of one format. Never empty.
#[derive(Clone, Debug)]
pub struct KeySet {
    format: Format,
    keys: Vec<Key>,
    by_kid: HashMap<Arc<str>, usize>,
    /// The exact header segment (JWT) or footer segment (PASETO) of every token that our issuer signs with a
    /// key. A token that carries one of them needs no parsing to find its key.
    /// Sorted: a search compares a few texts, where a hash would read the whole of one that is mostly the same.
    by_segment: Vec<(Box<str>, usize)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    kid: Arc<str>,
    public: PublicKey,
    footer: Box<str>,
}

/// A key document, read.
#[derive(Clone, Debug)]
pub struct KeyDocument {
    /// The keys that can be used.
    pub keys: KeySet,
    /// What was left out: the position in the document, and why.
    pub skipped: Vec<(usize, SkippedKey)>,
}

/// Why a key document is refused whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKeyDocument {
    /// Over [`MAX_KEY_DOCUMENT_BYTES`].
    #[error("the key document has {bytes} bytes; at most 65536 are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not an object with a list `keys` (RFC 7517 section 5).
    #[error("the key document is not JSON of the form {{\"keys\": [...]}}")]
    NotAKeySet,
    /// No key in it can be used.
    #[error("the key document holds no usable Ed25519 key{}", first_reason(.skipped))]
    NoUsableKey {
        /// Why each entry was left out.
        skipped: Vec<(usize, SkippedKey)>,
    },
}

fn first_reason(skipped: &[(usize, SkippedKey)]) -> String {
    skipped.first().map_or_else(String::new, |(at, why)| format!(": entry {at}: {why}"))
}

/// A token that one of the keys signed, with claims in good order. Nothing is said about its issuer, its
/// audience or the time: that is the verifier's part.
#[derive(Debug)]
pub struct Authentic {
    claims: Claims,
    kid: Arc<str>,
}

impl Authentic {
    /// What was signed.
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The key that signed it.
    pub fn kid(&self) -> &Arc<str> {
        &self.kid
    }

    /// Gives the parts up.
    pub fn into_parts(self) -> (Claims, Arc<str>) {
        (self.claims, self.kid)
    }
}

/// Why a token is not [`Authentic`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAuthentic {
    /// It is no token, or its key did not sign it.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It names a key that is not in the set: the set is old, or the token is from elsewhere.
    #[error("no key '{kid}' is known")]
    UnknownKey {
        /// The key it names.
        kid: String,
    },
}

impl NotAuthentic {
    /// The stable name of the refusal; see `docs/ERRORS.md`.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Malformed(malformed) => malformed.reason(),
            Self::UnknownKey { .. } => "unknown_key",
        }
    }
}

impl KeySet {
    /// A set of keys by hand, each under the name that its format gives it; `None` without any key.
    pub fn from_keys(format: Format, keys: impl IntoIterator<Item = PublicKey>) -> Option<Self> {
        let named = keys.into_iter().map(|key| match format {
            Format::Jwt => (jwk::thumbprint(&key), key),
            Format::Paseto => (paserk::pid(&key), key),
        });
        Self::index(format, named)
    }

    /// Reads the key document of `format`: a JWK Set, or PASERK keys as
    /// `{"keys": [{"kid": "k4.pid.…", "key": "k4.public.…"}]}`.
    pub fn read(format: Format, document: &[u8]) -> Result<KeyDocument, BadKeyDocument> {
        if document.len() > MAX_KEY_DOCUMENT_BYTES {
            return Err(BadKeyDocument::TooLarge { bytes: document.len() });
        }
        let document: serde_json::Value =
            serde_json::from_slice(document).map_err(|_| BadKeyDocument::NotAKeySet)?;
        let entries =
            document.get("keys").and_then(serde_json::Value::as_array).ok_or(BadKeyDocument::NotAKeySet)?;
        let mut usable: Vec<(usize, String, PublicKey)> = Vec::new();
        let mut skipped = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let read = match format {
                Format::Jwt => jwk::read(entry),
                Format::Paseto => read_paserk(entry),
            };
            match read {
                Err(why) => skipped.push((at, why)),
                Ok((kid, key)) => usable.push((at, kid, key)),
            }
        }
        // Room in the document for some hundred keys bounds the search.
        let twin =
            |kid: &str, key: &PublicKey| usable.iter().any(|(_, known, other)| known == kid && other != key);
        let (ambiguous, clear): (Vec<_>, Vec<_>) = usable.iter().partition(|(_, kid, key)| twin(kid, key));
        skipped.extend(ambiguous.into_iter().map(|(at, _, _)| (*at, SkippedKey::AmbiguousKid)));
        skipped.sort_by_key(|(at, _)| *at);
        match Self::index(format, clear.into_iter().map(|(_, kid, key)| (kid.clone(), key.clone()))) {
            Some(keys) => Ok(KeyDocument { keys, skipped }),
            None => Err(BadKeyDocument::NoUsableKey { skipped }),
        }
    }

    fn index(format: Format, named: impl IntoIterator<Item = (String, PublicKey)>) -> Option<Self> {
        let mut set = Self { format, keys: Vec::new(), by_kid: HashMap::new(), by_segment: Vec::new() };
        for (kid, public) in named {
            if set.contains(&kid) {
                continue;
            }
            let (at, kid) = (set.keys.len(), Arc::<str>::from(kid));
            let footer = paseto::access_token_footer(&kid);
            match format {
                Format::Jwt => {
                    for alg in [AlgorithmName::EdDsa, AlgorithmName::Ed25519] {
                        set.by_segment.push((jwt::header_segment(alg, &kid).into(), at));
                    }
                }
                Format::Paseto => {
                    set.by_segment.push((base64url(footer.as_bytes()).into(), at));
                }
            }
            set.by_kid.insert(Arc::clone(&kid), at);
            set.keys.push(Key { kid, public, footer: footer.into() });
        }
        set.by_segment.sort_unstable();
        (!set.keys.is_empty()).then_some(set)
    }

    /// The format whose tokens these keys sign.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The key ids, in the order of the document.
    pub fn kids(&self) -> impl Iterator<Item = &Arc<str>> {
        self.keys.iter().map(|key| &key.kid)
    }

    /// Whether a key of this name is in the set.
    pub fn contains(&self, kid: &str) -> bool {
        self.by_kid.contains_key(kid)
    }

    /// The public key of this name.
    pub fn key(&self, kid: &str) -> Option<&PublicKey> {
        self.by_kid.get(kid).and_then(|at| self.keys.get(*at)).map(|key| &key.public)
    }

    /// Checks form, key and signature of a token, in that order, and reads its claims.
    pub fn open(&self, token: &str) -> Result<Authentic, NotAuthentic> {
        match self.format {
            Format::Jwt => self.open_jwt(token),
            Format::Paseto => self.open_paseto(token),
        }
    }

    fn open_jwt(&self, token: &str) -> Result<Authentic, NotAuthentic> {
        if is_paseto(token) {
            return Err(Malformed::WrongFormat { expected: Format::Jwt }.into());
        }
        let segments = Segments::split(token)?;
        let key = if let Some(key) = self.known_segment(segments.header) {
            key
        } else {
            let header = Header::parse(segments.header).map_err(|fault| segments.blame(fault))?;
            self.named(jwt::kid_of_access_token(header)?)?
        };
        let payload = segments.verify(&key.public)?;
        authentic(key, &payload, TimeForm::NumericDate)
    }

    fn open_paseto(&self, token: &str) -> Result<Authentic, NotAuthentic> {
        if is_jose(token) {
            return Err(Malformed::WrongFormat { expected: Format::Paseto }.into());
        }
        let unverified = paseto::Unverified::parse(token)?;
        let key = match self.known_segment(unverified.footer_segment) {
            Some(key) => key,
            // A footer that names a known key in another spelling was refused on the way.
            None => self.named(paseto::kid_of_footer(&unverified)?)?,
        };
        let message = unverified.verify_body(&key.public, key.footer.as_bytes(), b"")?;
        authentic(key, message.as_bytes(), TimeForm::Rfc3339)
    }

    fn known_segment(&self, segment: &str) -> Option<&Key> {
        let found = self.by_segment.binary_search_by(|(known, _)| (**known).cmp(segment)).ok()?;
        self.by_segment.get(found).and_then(|(_, at)| self.keys.get(*at))
    }

    fn named(&self, kid: String) -> Result<&Key, NotAuthentic> {
        match self.by_kid.get(&*kid).and_then(|at| self.keys.get(*at)) {
            Some(key) => Ok(key),
            None => Err(NotAuthentic::UnknownKey { kid }),
        }
    }
}

/// Same keys under the same names, whatever the order.
impl PartialEq for KeySet {
    fn eq(&self, other: &Self) -> bool {
        self.format == other.format
            && self.keys.len() == other.keys.len()
            && self.keys.iter().all(|key| other.key(&key.kid) == Some(&key.public))
    }
}

impl Eq for KeySet {}

fn authentic(key: &Key, payload: &[u8], times: TimeForm) -> Result<Authentic, NotAuthentic> {
    Ok(Authentic { claims: Claims::from_json(payload, times)?, kid: Arc::clone(&key.kid) })
}

/// A version and a dot.
fn is_paseto(token: &str) -> bool {
    matches!(token.as_bytes(), [b'v', b'0'..=b'9', b'.', ..])
}

/// Base64url of `{` and whatever stands behind it: the beginning of every JOSE header.
fn is_jose(token: &str) -> bool {
    matches!(token.as_bytes(), [b'e', b'w'..=b'z' | b'0'..=b'9' | b'-' | b'_', ..])
}

fn read_paserk(entry: &serde_json::Value) -> Result<(String, PublicKey), SkippedKey> {
    let entry = entry.as_object().ok_or(SkippedKey::NotAnObject)?;
    let text = |name: &str| entry.get(name).and_then(serde_json::Value::as_str);
    let key = paserk::from_public(text("key").ok_or(SkippedKey::Paserk)?).map_err(|why| match why {
        paserk::InvalidPaserk::Key(why) => SkippedKey::Key(why),
        _ => SkippedKey::Paserk,
    })?;
    let kid = text("kid").ok_or(SkippedKey::Kid)?;
    if kid == paserk::pid(&key) { Ok((kid.to_owned(), key)) } else { Err(SkippedKey::KidOfAnotherKey) }
}
