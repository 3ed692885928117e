//! From an issuer to its endpoints (RFC 8414).

use crate::error::RequestError;
use crate::http::{answer, bad_answer, unreachable};
use crate::server::{InvalidUrl, secure};
use reqwest::StatusCode;
use url::Url;

/// RFC 8414 section 3.
const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";

#[derive(serde::Deserialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
    revocation_endpoint: Option<String>,
}

/// Where the endpoints of an issuer are.
#[derive(Debug)]
pub(crate) struct Endpoints {
    /// Its name as it writes it itself: what is signed for it says that, byte for byte.
    pub(crate) issuer: String,
    pub(crate) token: Url,
    /// Where tokens are revoked (RFC 7009), if they can be.
    pub(crate) revocation: Option<Url>,
}

/// Asks the issuer where its endpoints are.
pub(crate) async fn endpoints(http: &reqwest::Client, issuer: &Url) -> Result<Endpoints, RequestError> {
    let location = location(issuer);
    let response = http.get(location.clone()).send().await.map_err(|why| unreachable(&location, &why))?;
    let answer = answer(&location, response).await?;
    match answer.refusal(&location) {
        unavailable @ RequestError::Unavailable { .. } => return Err(unavailable),
        _ if answer.status == StatusCode::OK => {}
        _ => return Err(bad_answer(&location, format!("status {}", answer.status.as_u16()))),
    }
    let metadata: Metadata = serde_json::from_slice(&answer.body)
        .map_err(|_| bad_answer(&location, "no metadata with issuer and token_endpoint"))?;
    if !same(&metadata.issuer, issuer) {
        let found = metadata.issuer.chars().filter(|c| !c.is_control()).take(200).collect();
        return Err(RequestError::OtherIssuer { asked: issuer.to_string(), found });
    }
    let usable = |name, url: &str| {
        endpoint(issuer, url).map_err(|why| bad_answer(&location, format!("{name}: {why}")))
    };
    let token = usable("token_endpoint", &metadata.token_endpoint)?;
    let revocation =
        metadata.revocation_endpoint.map(|url| usable("revocation_endpoint", &url)).transpose()?;
    Ok(Endpoints { issuer: metadata.issuer, token, revocation })
}

/// A secret that belongs to an issuer elsewhere is nothing for whoever listens on this machine.
fn endpoint(issuer: &Url, url: &str) -> Result<Url, InvalidUrl> {
    let url = secure(url)?;
    if issuer.scheme() == "https" && url.scheme() != "https" {
        return Err(InvalidUrl::Insecure { url: url.into() });
    }
    Ok(url)
}

/// The well-known path goes between the host and the path of the issuer (RFC 8414 section 3.1).
fn location(issuer: &Url) -> Url {
    let mut location = issuer.clone();
    location.set_path(&format!("{WELL_KNOWN}{}", issuer.path().trim_end_matches('/')));
    location
}

/// Identical (RFC 8414 section 3.3), but for the slash that the parser of URLs adds to a bare host.
fn same(found: &str, asked: &Url) -> bool {
    found == asked.as_str() || (asked.path() == "/" && asked.as_str().strip_suffix('/') == Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_path_is_inserted_before_the_path_of_the_issuer() {
        let at = |issuer: &str| location(&Url::parse(issuer).unwrap()).to_string();
        assert_eq!(at("https://a.example"), "https://a.example/.well-known/oauth-authorization-server");
        assert_eq!(
            at("https://a.example/t/1"),
            "https://a.example/.well-known/oauth-authorization-server/t/1"
        );
        assert_eq!(at("https://a.example/t/"), "https://a.example/.well-known/oauth-authorization-server/t");
    }

    #[test]
    fn an_issuer_that_is_reached_by_https_has_no_endpoint_in_the_clear() {
        let at = |issuer: &str, url: &str| endpoint(&Url::parse(issuer).unwrap(), url).is_ok();
        assert!(at("https://a.example", "https://b.example/token"));
        assert!(!at("https://a.example", "http://127.0.0.1:9400/token"));
        assert!(!at("https://localhost:9443", "http://localhost:9400/token"));
        assert!(at("http://127.0.0.1:8420", "http://127.0.0.1:8420/token"));
        assert!(!at("http://127.0.0.1:8420", "http://a.example/token"));
    }

    #[test]
    fn an_issuer_is_known_by_its_exact_name() {
        let asked = |issuer: &str, found: &str| same(found, &Url::parse(issuer).unwrap());
        assert!(asked("https://a.example", "https://a.example"));
        assert!(asked("https://a.example/t", "https://a.example/t"));
        assert!(!asked("https://a.example/t", "https://a.example/t/"));
        assert!(!asked("https://a.example", "https://a.example.org"));
        assert!(!asked("https://a.example/t", "https://a.example"));
    }
}
