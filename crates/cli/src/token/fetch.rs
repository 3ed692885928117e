//! One key document over the network.

use crate::failure::Failure;
use chancery_token::MAX_KEY_DOCUMENT_BYTES;
use std::time::Duration;
use url::{Host, Url};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);

/// Fetches `text`: over https, or from this machine. Redirects are not followed.
pub(super) fn fetch(text: &str) -> Result<Vec<u8>, Failure> {
    let url = Url::parse(text)
        .map_err(|why| Failure::unusable("keys_url_malformed", format!("'{text}' is no URL: {why}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::unusable(
            "keys_url_credentials",
            "the URL of the keys holds a user name or a password",
        )
        .fix("Key documents are public; leave them out."));
    }
    let local = is_this_machine(&url);
    if url.scheme() != "https" && !local {
        return Err(Failure::unusable(
            "keys_url_insecure",
            format!("keys are not fetched from {url} over plain http"),
        )
        .fix("Use https; plain http is for 127.0.0.1, [::1] and localhost."));
    }
    let runtime = crate::runtime::for_one_command()?;
    runtime.block_on(get(&url, local))
}

async fn get(url: &Url, local: bool) -> Result<Vec<u8>, Failure> {
    let unreachable = |why: &dyn std::error::Error| {
        let mut innermost = why;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        Failure::unusable("keys_unreachable", format!("the keys cannot be fetched from {url}: {innermost}"))
            .fix("Is the issuer running? A file works too: --keys FILE.")
    };
    let mut builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none());
    if local {
        builder = builder.no_proxy();
    }
    let http = builder.build().map_err(|why| unreachable(&why))?;
    let mut answer = http.get(url.clone()).send().await.map_err(|why| unreachable(&why))?;
    if answer.status() != reqwest::StatusCode::OK {
        let status = answer.status().as_u16();
        return Err(Failure::unusable("keys_unreachable", format!("{url} answered with status {status}"))
            .fix("An issuer of ours has them at /.well-known/jwks.json and /keys/paserk.json."));
    }
    let mut document = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|why| unreachable(&why))? {
        document.extend_from_slice(&chunk);
        // The reader of key documents refuses it for its size; more of it is not needed for that.
        if document.len() > MAX_KEY_DOCUMENT_BYTES {
            break;
        }
    }
    Ok(document)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
