//! Where the socket of an agent is.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use url::form_urlencoded::byte_serialize;

/// The variable that names the socket.
pub const TOKEN_URL: &str = "CHANCERY_TOKEN_URL";
/// What its value begins with, where it is a URL.
const SCHEME: &str = "http+unix://";
/// What stands behind the path of the socket.
const RESOURCE: &str = "token";

/// Why a text names no socket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSocket {
    /// The variable is not there.
    #[error(
        "{TOKEN_URL} is not set: this program is started by `chancery agent exec`, or told where `chancery agent serve` listens"
    )]
    Absent,
    /// The path in the URL is not written as it should be.
    #[error(
        "'{text}': in {SCHEME}PATH/{RESOURCE} every byte of PATH but letters, digits and -._~ stands as %XX"
    )]
    Encoding {
        /// What was given.
        text: String,
    },
    /// Neither a URL of that kind nor a path that begins at the root.
    #[error("'{text}' is neither {SCHEME}PATH/{RESOURCE} nor the path of a socket that begins with /")]
    Form {
        /// What was given.
        text: String,
    },
}

/// The URL of a socket, as `chancery agent exec` hands it to its command: `http+unix://%2Frun%2Fagent.sock/token`.
///
/// ```
/// use std::path::Path;
/// let url = chancery_client::token_url(Path::new("/run/my agent.sock"));
/// assert_eq!(url, "http+unix://%2Frun%2Fmy%20agent.sock/token");
/// ```
pub fn token_url(socket: &Path) -> String {
    let path: String = byte_serialize(socket.as_os_str().as_bytes()).collect();
    // A form has a plus for a space, and an asterisk as it is.
    let path = path.replace('+', "%20").replace('*', "%2A");
    [SCHEME, &path, "/", RESOURCE].concat()
}

/// The socket that a URL or a path names.
pub(super) fn socket(text: &str) -> Result<PathBuf, InvalidSocket> {
    let form = || InvalidSocket::Form { text: text.to_owned() };
    let Some(rest) = text.strip_prefix(SCHEME) else {
        return Some(PathBuf::from(text)).filter(|path| path.is_absolute()).ok_or_else(form);
    };
    let (host, resource) = rest.split_once('/').unwrap_or((rest, RESOURCE));
    if resource != RESOURCE {
        return Err(form());
    }
    let path = decoded(host).ok_or_else(|| InvalidSocket::Encoding { text: text.to_owned() })?;
    let path = PathBuf::from(OsString::from_vec(path));
    Some(path).filter(|path| path.is_absolute()).ok_or_else(form)
}

/// RFC 3986 section 2.1.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut path) = (text.bytes(), Vec::with_capacity(text.len()));
    while let Some(byte) = bytes.next() {
        let digit =
            |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match byte {
            b'%' => path.push((digit(bytes.next())? << 4) | digit(bytes.next())?),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => path.push(byte),
            _ => return None,
        }
    }
    Some(path).filter(|path| !path.contains(&0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_has_one_url_and_comes_back_from_it_whatever_its_bytes_are() {
        for path in ["/run/agent.sock", "/home/me/a b%c+d?e#f*~/s", "/\u{fc}/\u{1f511}", "/a\nb"] {
            let url = token_url(Path::new(path));
            assert_eq!(socket(&url).unwrap(), Path::new(path), "{url}");
            assert!(url::Url::parse(&url).is_ok(), "{url}");
        }
        let bytes = PathBuf::from(OsString::from_vec(vec![b'/', 0xff, b'a']));
        assert_eq!(socket(&token_url(&bytes)).unwrap(), bytes);
    }

    #[test]
    fn a_plain_path_is_taken_as_it_is() {
        assert_eq!(socket("/run/a%20b.sock").unwrap(), Path::new("/run/a%20b.sock"));
        assert_eq!(socket("http+unix://%2frun%2fa").unwrap(), Path::new("/run/a"));
    }

    #[test]
    fn what_names_no_socket_is_refused() {
        for bad in [
            "",
            "agent.sock",
            "http://127.0.0.1:1/token",
            "http+unix://",
            "http+unix:///run/agent.sock/token",
            "http+unix://run%2Fagent.sock/token",
            "http+unix://%2Frun%2Fagent.sock/proof",
            "http+unix://%2Frun%2Fagent.sock/token?min_ttl=1",
            "http+unix://me@%2Frun/token",
            "http+unix://%2Frun%2/token",
            "http+unix://%2Frun%+1/token",
            "http+unix://%2Frun%00/token",
        ] {
            assert!(socket(bad).is_err(), "{bad}");
        }
    }
}
