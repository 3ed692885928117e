//! From an issuer to its token endpoint (RFC 8414).

use crate::error::RequestError;
use crate::http::{bad_answer, read, unreachable};
use crate::server::secure;
use reqwest::StatusCode;
use url::Url;

/// RFC 8414 section 3.
const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";

#[derive(serde::Deserialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
}

/// Asks the issuer where its token endpoint is.
pub(crate) async fn token_endpoint(http: &reqwest::Client, issuer: &Url) -> Result<Url, RequestError> {
    let location = location(issuer);
    let response = http.get(location.clone()).send().await.map_err(|why| unreachable(&location, &why))?;
    let status = response.status();
    if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        return Err(RequestError::Unavailable { status: status.as_u16(), retry_after: None });
    }
    if status != StatusCode::OK {
        return Err(bad_answer(&location, format!("status {}", status.as_u16())));
    }
    let answer = read(&location, response).await?;
    let metadata: Metadata = serde_json::from_slice(&answer)
        .map_err(|_| bad_answer(&location, "no metadata with issuer and token_endpoint"))?;
    if same(&metadata.issuer, issuer) {
        secure(&metadata.token_endpoint)
            .map_err(|why| bad_answer(&location, format!("token_endpoint: {why}")))
    } else {
        let found = metadata.issuer.chars().filter(|c| !c.is_control()).take(200).collect();
        Err(RequestError::OtherIssuer { asked: issuer.to_string(), found })
    }
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
    fn an_issuer_is_known_by_its_exact_name() {
        let asked = |issuer: &str, found: &str| same(found, &Url::parse(issuer).unwrap());
        assert!(asked("https://a.example", "https://a.example"));
        assert!(asked("https://a.example/t", "https://a.example/t"));
        assert!(!asked("https://a.example/t", "https://a.example/t/"));
        assert!(!asked("https://a.example", "https://a.example.org"));
        assert!(!asked("https://a.example/t", "https://a.example"));
    }
}
