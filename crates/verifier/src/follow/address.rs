//! Where documents are fetched from: https, or http on this machine.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use url::{Host, Url};

/// An address that keys may be fetched from. Shown without its query, which may hold a secret of its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Arc<Url>);

/// Why an address is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// It carries a user name or a password, which would end up in logs.
    #[error("the address carries a user name or a password: remove it")]
    Credentials,
    /// It has a fragment.
    #[error("the address has a '#': remove it and what follows")]
    Fragment,
    /// It is no absolute URL with a host.
    #[error("not an absolute URL such as 'https://auth.example.com'")]
    NotAUrl,
    /// The keys of the revocation log are on another origin than the metadata that names them.
    #[error("it is on another origin than the issuer")]
    OtherOrigin,
    /// Keys over plain http are whatever the network makes of them.
    #[error(
        "plain http to '{host}': use https, http is accepted on this machine only (localhost, 127.0.0.1, ::1)"
    )]
    PlainHttp {
        /// The host it names.
        host: String,
    },
    /// The issuer has a query, which RFC 8414 section 2 forbids.
    #[error("an issuer has no '?' in it (RFC 8414 section 2)")]
    Query,
    /// Neither https nor http.
    #[error("the scheme is '{scheme}': use https")]
    Scheme {
        /// What stands there instead.
        scheme: String,
    },
    /// The metadata came over one of https and http, and names a key document over the other.
    #[error("the scheme differs from that of the metadata that names it")]
    SchemeChanges,
}

impl Address {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let url = Url::parse(text).map_err(|_| InvalidAddress::NotAUrl)?;
        let host = url.host().ok_or(InvalidAddress::NotAUrl)?;
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(&host) => {}
            "http" => return Err(InvalidAddress::PlainHttp { host: host.to_string() }),
            scheme => return Err(InvalidAddress::Scheme { scheme: scheme.to_owned() }),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidAddress::Credentials);
        }
        if url.fragment().is_some() {
            return Err(InvalidAddress::Fragment);
        }
        Ok(Self(Arc::new(url)))
    }

    /// Where `issuer` publishes its metadata: the well-known path goes between host and path, after a `/` at the
    /// end of the issuer was dropped (RFC 8414 section 3.1).
    pub fn of_metadata(issuer: &str) -> Result<Self, InvalidAddress> {
        let mut url = Self::parse(issuer)?.url();
        if url.query().is_some() {
            return Err(InvalidAddress::Query);
        }
        let path = url.path().strip_suffix('/').unwrap_or(url.path());
        let path = format!("/.well-known/oauth-authorization-server{path}");
        url.set_path(&path);
        Ok(Self(Arc::new(url)))
    }

    /// An address that the document at this one names.
    pub(super) fn named_here(&self, text: &str) -> Result<Self, InvalidAddress> {
        let named = Self::parse(text)?;
        if named.is_encrypted() == self.is_encrypted() {
            Ok(named)
        } else {
            Err(InvalidAddress::SchemeChanges)
        }
    }

    /// The address of `path` below this one.
    pub(super) fn below(&self, path: &str) -> Self {
        let mut url = self.url();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        Self(Arc::new(url))
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(super) fn url(&self) -> Url {
        (*self.0).clone()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.as_str();
        f.write_str(whole.split_once('?').map_or(whole, |(shown, _)| shown))
    }
}

/// `localhost` is this machine by RFC 6761 section 6.3.
fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(ip) => IpAddr::from(*ip).is_loopback(),
        Host::Ipv6(ip) => IpAddr::from(*ip).is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(issuer: &str) -> String {
        Address::of_metadata(issuer).unwrap().to_string()
    }

    #[test]
    fn the_well_known_path_is_inserted_between_host_and_path() {
        let at_root = "https://auth.example.com/.well-known/oauth-authorization-server";
        assert_eq!(metadata("https://auth.example.com"), at_root);
        assert_eq!(metadata("https://auth.example.com/"), at_root);
        assert_eq!(metadata("https://auth.example.com/eu/one"), format!("{at_root}/eu/one"));
        assert_eq!(metadata("https://auth.example.com/eu/"), format!("{at_root}/eu"));
        assert_eq!(Address::of_metadata("https://auth.example.com/?a=b"), Err(InvalidAddress::Query));
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for local in ["http://localhost:8420", "http://127.0.0.1:1/x", "http://127.9.9.9", "http://[::1]:80"]
        {
            assert!(Address::parse(local).is_ok(), "{local}");
        }
        for remote in
            ["http://auth.example.com", "http://localhost.example.com", "http://10.0.0.1", "http://[::2]"]
        {
            assert!(matches!(Address::parse(remote), Err(InvalidAddress::PlainHttp { .. })), "{remote}");
        }
    }

    #[test]
    fn what_is_no_address_of_keys_is_refused() {
        for (text, why) in [
            ("auth.example.com", InvalidAddress::NotAUrl),
            ("", InvalidAddress::NotAUrl),
            ("file:///etc/keys.json", InvalidAddress::NotAUrl),
            ("ftp://auth.example.com/keys", InvalidAddress::Scheme { scheme: "ftp".to_owned() }),
            ("https://me:secret@auth.example.com", InvalidAddress::Credentials),
            ("https://auth.example.com/#top", InvalidAddress::Fragment),
        ] {
            assert_eq!(Address::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn metadata_cannot_lead_from_https_to_http_or_back() {
        let metadata = Address::parse("https://auth.example.com/m").unwrap();
        assert!(metadata.named_here("https://keys.example.com/k").is_ok());
        assert_eq!(metadata.named_here("http://127.0.0.1/k"), Err(InvalidAddress::SchemeChanges));
        let local = Address::parse("http://127.0.0.1/m").unwrap();
        assert_eq!(local.named_here("https://keys.example.com/k"), Err(InvalidAddress::SchemeChanges));
    }

    #[test]
    fn a_query_is_used_and_not_shown() {
        let address = Address::parse("https://keys.example.com/k?signature=abc").unwrap();
        assert_eq!(address.to_string(), "https://keys.example.com/k");
        assert_eq!(address.url().query(), Some("signature=abc"));
    }
}
