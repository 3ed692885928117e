//! Whom to ask, and where secrets may be sent.

use url::{Host, Url};

/// Where tokens come from. Secrets travel there, so it is reached by https, or on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AuthorizationServer {
    /// An issuer; its token endpoint is found through its metadata (RFC 8414).
    Issuer(Url),
    /// The token endpoint itself (RFC 6749 section 3.2).
    TokenEndpoint(Url),
}

/// Why a URL is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// It holds a user name or a password.
    #[error("'{host}': a URL holds no user name and no password; they would end up in logs")]
    Credentials {
        /// The host it names.
        host: String,
    },
    /// It has a fragment, or as an issuer a query (RFC 6749 section 3.2, RFC 8414 section 2).
    #[error("'{url}': leave out the fragment, and for an issuer the query")]
    FragmentOrQuery {
        /// The URL.
        url: String,
    },
    /// Plain http to another machine.
    #[error("'{url}': use https; plain http is for 127.0.0.1, [::1] and localhost")]
    Insecure {
        /// The URL.
        url: String,
    },
    /// Not a URL.
    #[error("that is no URL: {why}")]
    Malformed {
        /// What the parser says.
        why: String,
    },
}

impl AuthorizationServer {
    /// An issuer, by the URL that is its `iss`.
    pub fn issuer(url: &str) -> Result<Self, InvalidUrl> {
        let url = secure(url)?;
        if url.query().is_some() {
            return Err(InvalidUrl::FragmentOrQuery { url: url.into() });
        }
        Ok(Self::Issuer(url))
    }

    /// A token endpoint.
    pub fn token_endpoint(url: &str) -> Result<Self, InvalidUrl> {
        secure(url).map(Self::TokenEndpoint)
    }

    pub(crate) fn url(&self) -> &Url {
        match self {
            Self::Issuer(url) | Self::TokenEndpoint(url) => url,
        }
    }
}

/// A URL to which a secret may be sent.
pub(crate) fn secure(text: &str) -> Result<Url, InvalidUrl> {
    let url = Url::parse(text).map_err(|why| InvalidUrl::Malformed { why: why.to_string() })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(InvalidUrl::Credentials { host: url.host_str().unwrap_or_default().to_owned() });
    }
    if url.fragment().is_some() {
        return Err(InvalidUrl::FragmentOrQuery { url: url.into() });
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(InvalidUrl::Insecure { url: url.into() }),
    }
}

/// Whether the URL names this machine (RFC 8252 section 7.3 and 8.3).
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_travel_by_https_or_stay_on_this_machine() {
        for good in [
            "https://auth.example.com",
            "http://127.0.0.1:8420/a",
            "http://[::1]:1",
            "http://localhost:8420",
            "http://127.9.9.9",
        ] {
            assert!(secure(good).is_ok(), "{good}");
        }
        for bad in [
            "http://auth.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
            "https://user:password@auth.example.com",
            "https://user@auth.example.com",
            "https://auth.example.com/#part",
            "auth.example.com",
            "",
        ] {
            assert!(secure(bad).is_err(), "{bad}");
        }
        assert!(AuthorizationServer::issuer("https://auth.example.com/?a=b").is_err());
    }

    #[test]
    fn r08_a_password_in_a_url_is_not_repeated_in_the_error() {
        let told = secure("https://user:hunter2@auth.example.com").unwrap_err().to_string();
        assert!(!told.contains("hunter2"), "{told}");
    }
}
