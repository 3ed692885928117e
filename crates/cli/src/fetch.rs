//! One public document over the network.

use crate::exit::Exit;
use crate::failure::Failure;
use chancery_revocation::MAX_DOCUMENT_BYTES;
use chancery_token::MAX_KEY_DOCUMENT_BYTES;
use reqwest::StatusCode;
use std::time::Duration;
use url::{Host, Url};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const KEYS_TIMEOUT: Duration = Duration::from_secs(10);
/// A snapshot of four million revocations has 57 MB.
const DOCUMENT_TIMEOUT: Duration = Duration::from_mins(1);

/// What is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Keys, of tokens or of the revocation log.
    Keys,
    /// A document of the revocation log.
    Revocations,
}

/// Why a URL is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unused {
    Credentials,
    Insecure,
    Malformed,
    Unreachable,
}

impl Wanted {
    const fn reason(self, why: Unused) -> &'static str {
        match (self, why) {
            (Self::Keys, Unused::Credentials) => "keys_url_credentials",
            (Self::Keys, Unused::Insecure) => "keys_url_insecure",
            (Self::Keys, Unused::Malformed) => "keys_url_malformed",
            (Self::Keys, Unused::Unreachable) => "keys_unreachable",
            (Self::Revocations, Unused::Unreachable) => "revocations_unreachable",
            (Self::Revocations, Unused::Credentials | Unused::Insecure | Unused::Malformed) => {
                "revocations_url"
            }
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Revocations => "revocations",
        }
    }

    const fn most_bytes(self) -> usize {
        match self {
            Self::Keys => MAX_KEY_DOCUMENT_BYTES,
            Self::Revocations => MAX_DOCUMENT_BYTES,
        }
    }

    const fn timeout(self) -> Duration {
        match self {
            Self::Keys => KEYS_TIMEOUT,
            Self::Revocations => DOCUMENT_TIMEOUT,
        }
    }

    const fn place(self) -> &'static str {
        match self {
            Self::Keys => {
                "An issuer of ours has them at /.well-known/jwks.json and /keys/paserk.json, those of its \
                 revocation log at /keys/revocation.json."
            }
            Self::Revocations => "An issuer of ours has them at /revocation/snapshot.",
        }
    }
}

/// Whether this is meant as a URL, and not as a file.
pub(crate) fn is_url(source: &str) -> bool {
    source.starts_with("https://") || source.starts_with("http://")
}

/// Fetches `text`: over https, or from this machine. Redirects are not followed. What is larger than such a document may
/// be is cut off behind the byte that is too many.
pub(crate) fn fetch(text: &str, wanted: Wanted) -> Result<Vec<u8>, Failure> {
    // Whoever named it may have named the wrong place, and has files to name instead.
    fetch_of_running(text, wanted).map_err(|failure| failure.ending(Exit::Unusable))
}

/// As [`fetch`], from an issuer that is asked again when it is away: that ends a command in a way of its own.
pub(crate) fn fetch_of_running(text: &str, wanted: Wanted) -> Result<Vec<u8>, Failure> {
    let what = wanted.as_str();
    let url = Url::parse(text).map_err(|why| {
        Failure::unusable(wanted.reason(Unused::Malformed), format!("'{text}' is no URL: {why}"))
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        let message = format!("the URL of the {what} holds a user name or a password");
        return Err(Failure::unusable(wanted.reason(Unused::Credentials), message)
            .fix("These documents are public; leave them out."));
    }
    let local = is_this_machine(&url);
    if url.scheme() != "https" && !local {
        let message = format!("{what} are not fetched from {url} over plain http");
        return Err(Failure::unusable(wanted.reason(Unused::Insecure), message)
            .fix("Use https; plain http is for 127.0.0.1, [::1] and localhost."));
    }
    let runtime = crate::runtime::for_one_command()?;
    runtime.block_on(get(&url, local, wanted))
}

async fn get(url: &Url, local: bool, wanted: Wanted) -> Result<Vec<u8>, Failure> {
    let (what, reason) = (wanted.as_str(), wanted.reason(Unused::Unreachable));
    let unreachable = |why: &dyn std::error::Error| {
        let innermost = innermost(why);
        Failure::new(Exit::Transient, reason, format!("the {what} cannot be fetched from {url}: {innermost}"))
            .fix("Is the issuer running? A file works too.")
    };
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(wanted.timeout())
        .redirect(reqwest::redirect::Policy::none());
    if local {
        builder = builder.no_proxy();
    }
    let http = builder.build().map_err(|why| unreachable(&why))?;
    let mut answer = http.get(url.clone()).send().await.map_err(|why| unreachable(&why))?;
    if answer.status() != StatusCode::OK {
        let status = answer.status();
        let exit = if is_transient(status) { Exit::Transient } else { Exit::Unusable };
        let message = format!("{url} answered with status {}", status.as_u16());
        return Err(Failure::new(exit, reason, message).fix(wanted.place()));
    }
    let mut document = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|why| unreachable(&why))? {
        document.extend_from_slice(&chunk);
        // The reader refuses it for its size; more of it is not needed for that.
        if document.len() > wanted.most_bytes() {
            break;
        }
    }
    Ok(document)
}

/// Whether the same request may succeed later. An issuer that is broken says 500, and stays so until it is mended.
pub(crate) fn is_transient(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// What it comes down to: the outer ones repeat the URL.
pub(crate) fn innermost(why: &dyn std::error::Error) -> String {
    let mut innermost = why;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Whether it leads to this machine, so that plain http will do.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
