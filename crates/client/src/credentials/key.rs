//! The client's own key.

use chancery_token::SecretKey;
use chancery_token::encoding::from_base64url;
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Longest file that is read: an Ed25519 key has 119 bytes as PEM, with its public half about 180.
const MAX_FILE_BYTES: u64 = 16 * 1024;
/// What stands before the 32 bytes of an Ed25519 key (RFC 8410 section 7), in the two versions of RFC 5958: behind them is
/// nothing, or the public half.
const ALONE: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
const WITH_PUBLIC_HALF: [&[u8]; 2] = [
    b"\x30\x51\x02\x01\x01\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20",
    b"\x30\x53\x02\x01\x01\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20",
];

/// An Ed25519 key by which a client signs who it is. Wiped from memory when dropped; never printed.
#[derive(Clone)]
pub struct ClientKey(Arc<SecretKey>);

/// Why a file gives no key.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableKey {
    /// The operating system refuses.
    #[error("the key file {} cannot be read: {why}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// It holds something else.
    #[error("the key file {} {why}; make one with: openssl genpkey -algorithm ed25519", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What it holds.
        why: NotAKey,
    },
}

/// Why a text is no key. Says nothing of what it is: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// It is locked with a password, which nobody could give here.
    #[error("holds an encrypted key")]
    Encrypted,
    /// RSA, P-256, or a key of which this program knows nothing.
    #[error("holds a key that is not Ed25519")]
    OtherKind,
    /// The half that the issuer is given.
    #[error("holds a public key; the client needs the private half")]
    PublicHalf,
    /// No PEM with a private key (RFC 7468 section 10).
    #[error("holds no private key in PEM")]
    NotPem,
}

impl ClientKey {
    /// Takes a key over.
    pub fn new(key: SecretKey) -> Self {
        Self(Arc::new(key))
    }

    /// Reads a key from a file: PKCS #8 in PEM (RFC 5958, RFC 8410), as `openssl genpkey -algorithm ed25519` writes it.
    pub fn read_file(path: impl AsRef<Path>) -> Result<Self, UnreadableKey> {
        let path = path.as_ref();
        let fault = |why| UnreadableKey::File { path: path.to_owned(), why };
        let not_a_key = |why| UnreadableKey::Content { path: path.to_owned(), why };
        let capacity = usize::try_from(MAX_FILE_BYTES).unwrap_or_default();
        let mut text = Zeroizing::new(Vec::with_capacity(capacity));
        let file = std::fs::File::open(path).map_err(fault)?;
        file.take(MAX_FILE_BYTES).read_to_end(&mut text).map_err(fault)?;
        let text = str::from_utf8(&text).map_err(|_| not_a_key(NotAKey::NotPem))?;
        parse(text).map_err(not_a_key)
    }

    pub(crate) fn secret_key(&self) -> &SecretKey {
        &self.0
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientKey(***)")
    }
}

/// Reads the first key of a PEM text; what stands around it is read over (RFC 7468 section 2).
fn parse(text: &str) -> Result<ClientKey, NotAKey> {
    let Some((_, rest)) = text.split_once("-----BEGIN PRIVATE KEY-----") else {
        let has = |label: &str| text.contains(label);
        return Err(match () {
            () if has("-----BEGIN ENCRYPTED PRIVATE KEY-----") => NotAKey::Encrypted,
            () if has("PRIVATE KEY-----") => NotAKey::OtherKind,
            () if has("-----BEGIN PUBLIC KEY-----") => NotAKey::PublicHalf,
            () => NotAKey::NotPem,
        });
    };
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----").ok_or(NotAKey::NotPem)?;
    let mut alphabet = Zeroizing::new(String::with_capacity(body.len()));
    alphabet.extend(body.chars().filter(|c| !c.is_ascii_whitespace() && *c != '=').map(|c| match c {
        '+' => '-',
        '/' => '_',
        other => other,
    }));
    let der = Zeroizing::new(from_base64url(&alphabet).ok_or(NotAKey::NotPem)?);
    let alone = der.strip_prefix(ALONE).and_then(|seed| <&[u8; 32]>::try_from(seed).ok());
    let seed = alone.or_else(|| {
        let behind = WITH_PUBLIC_HALF.iter().find_map(|start| der.strip_prefix(*start))?;
        behind.first_chunk::<32>()
    });
    seed.map(|seed| ClientKey::new(SecretKey::from_seed(seed))).ok_or(NotAKey::OtherKind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_token::encoding::base64url;

    /// RFC 8410 section 10.3: the same key alone, and with attributes and its public half.
    const ALONE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

    fn public(text: &str) -> Result<String, NotAKey> {
        parse(text).map(|key| base64url(key.secret_key().public().as_bytes()))
    }

    #[test]
    fn the_key_of_rfc_8410_is_read_alone_and_with_its_public_half() {
        let expected = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE";
        assert_eq!(public(ALONE).as_deref(), Ok(expected));
        assert_eq!(public(&format!("a comment\n{}", ALONE.replace('\n', "\r\n"))).as_deref(), Ok(expected));
        let seed = parse(ALONE).unwrap().secret_key().seed();
        let half = parse(ALONE).unwrap().secret_key().public();
        let public_half = [b"\x81\x21\x00".as_slice(), half.as_bytes()];
        let der = [WITH_PUBLIC_HALF[0], seed.as_slice(), &public_half.concat()].concat();
        let body = base64url(&der).replace('-', "+").replace('_', "/");
        let text = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        assert_eq!(public(&text).as_deref(), Ok(expected));
    }

    #[test]
    fn what_is_no_ed25519_key_says_what_it_is() {
        let pem = |label: &str| format!("-----BEGIN {label}-----\nMC4CAQAw\n-----END {label}-----\n");
        for (text, why) in [
            (String::new(), NotAKey::NotPem),
            ("chs_test_x\n".to_owned(), NotAKey::NotPem),
            (ALONE.replace("-----END", ""), NotAKey::NotPem),
            (ALONE.replace("MC4C", "M!4C"), NotAKey::NotPem),
            (ALONE.replace("MC4CAQAwBQYDK2Vw", "MC4CAQAwBQYDK2Vx"), NotAKey::OtherKind),
            (pem("PRIVATE KEY"), NotAKey::OtherKind),
            (pem("RSA PRIVATE KEY"), NotAKey::OtherKind),
            (pem("ENCRYPTED PRIVATE KEY"), NotAKey::Encrypted),
            (pem("PUBLIC KEY"), NotAKey::PublicHalf),
        ] {
            assert_ne!(text, ALONE);
            assert_eq!(public(&text), Err(why), "{text}");
        }
    }
}
