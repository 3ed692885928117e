//! The guarded service as a protected resource (RFC 9728).

use super::challenge::ScopeDisclosure;
use super::credentials::Scheme;
use super::table::Table;
use crate::verifier::Verifier;
use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use chancery_token::Scope;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use std::collections::BTreeSet;
use url::Url;

/// RFC 9728 section 3.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
/// What a table of routes says about the route of the metadata, which the guard adds by itself.
pub const METADATA_REASON: &str = "protected-resource metadata (RFC 9728)";
/// It changes only with a release; five minutes keep a changed scope list from going unnoticed for long.
const METADATA_CACHE_CONTROL: &str = "public, max-age=300";

/// Where the metadata of an audience is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MetadataLocation {
    pub(super) url: String,
    pub(super) path: String,
}

impl MetadataLocation {
    /// Inserts the well-known part between host and path (RFC 9728 section 3.1). Nothing is normalised: clients
    /// compare byte for byte. `None` for an audience that is no URL to be fetched.
    pub(super) fn of_audience(audience: &str) -> Option<Self> {
        let url = Url::parse(audience).ok()?;
        let fetchable = matches!(url.scheme(), "http" | "https") && url.has_host();
        if !fetchable
            || !url.username().is_empty()
            || url.password().is_some()
            || !audience.bytes().all(is_uri_byte)
        {
            return None;
        }
        let (scheme, after) = audience.split_once("://")?;
        let host_ends = after.find(['/', '?']).unwrap_or(after.len());
        let (host, rest) = after.split_at(host_ends);
        let rest =
            rest.strip_prefix('/').filter(|rest| rest.is_empty() || rest.starts_with('?')).unwrap_or(rest);
        let path = rest.split('?').next().unwrap_or_default();
        Some(Self {
            url: format!("{scheme}://{host}{WELL_KNOWN}{rest}"),
            path: format!("{WELL_KNOWN}{path}"),
        })
    }
}

/// RFC 3986 section 2, without `#`: an identifier has no fragment. Nothing here must be quoted in a header.
fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?[]@!$&'()*+,;=%".contains(&byte)
}

/// RFC 9728 section 2.
#[derive(serde::Serialize)]
struct Metadata<'a> {
    resource: &'a str,
    authorization_servers: [&'a str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes_supported: Option<BTreeSet<&'a Scope>>,
    bearer_methods_supported: [&'a str; 1],
    #[serde(flatten)]
    proofs: Option<ProofMetadata>,
    resource_documentation: &'a str,
}

/// What it says where tokens are bound to keys (RFC 9728 section 2).
#[derive(serde::Serialize)]
struct ProofMetadata {
    dpop_signing_alg_values_supported: &'static [&'static str],
    dpop_bound_access_tokens_required: bool,
}

impl ProofMetadata {
    #[cfg(feature = "dpop")]
    fn of(schemes: &[Scheme]) -> Option<Self> {
        schemes.contains(&Scheme::Dpop).then(|| Self {
            dpop_signing_alg_values_supported: super::dpop::ALGS,
            dpop_bound_access_tokens_required: !schemes.contains(&Scheme::Bearer),
        })
    }

    #[cfg(not(feature = "dpop"))]
    fn of(_: &[Scheme]) -> Option<Self> {
        None
    }
}

/// The document, written once.
#[derive(Clone)]
pub(super) struct MetadataDocument(Bytes);

impl MetadataDocument {
    pub(super) fn new(verifier: &Verifier, table: &Table, schemes: &[Scheme]) -> Self {
        let scopes = table.rows().iter().flat_map(|row| row.access.scopes());
        let metadata = Metadata {
            resource: verifier.audience(),
            authorization_servers: [verifier.issuer()],
            scopes_supported: match verifier.disclosure() {
                ScopeDisclosure::Tell => Some(scopes.collect()),
                ScopeDisclosure::Hide => None,
            },
            bearer_methods_supported: ["header"],
            proofs: ProofMetadata::of(schemes),
            resource_documentation: verifier.scope_reference_page(),
        };
        Self(serde_json::json!(metadata).to_string().into())
    }
}

impl IntoResponse for MetadataDocument {
    fn into_response(self) -> Response {
        let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, METADATA_CACHE_CONTROL)];
        (headers, self.0).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(audience: &str) -> Option<(String, String)> {
        MetadataLocation::of_audience(audience).map(|found| (found.url, found.path))
    }

    #[test]
    fn the_well_known_part_goes_between_host_and_path() {
        for (audience, url, path) in [
            ("https://api.example.com", "https://api.example.com/.well-known/oauth-protected-resource", ""),
            ("https://api.example.com/", "https://api.example.com/.well-known/oauth-protected-resource", ""),
            (
                "http://127.0.0.1:8421/a/b/",
                "http://127.0.0.1:8421/.well-known/oauth-protected-resource/a/b/",
                "/a/b/",
            ),
            ("https://h/a?t=x", "https://h/.well-known/oauth-protected-resource/a?t=x", "/a"),
            ("https://h?t=/x", "https://h/.well-known/oauth-protected-resource?t=/x", ""),
            ("https://h/?t=x", "https://h/.well-known/oauth-protected-resource?t=x", ""),
            ("HTTPS://H/a", "HTTPS://H/.well-known/oauth-protected-resource/a", "/a"),
            ("https://[::1]:9/a", "https://[::1]:9/.well-known/oauth-protected-resource/a", "/a"),
        ] {
            assert_eq!(
                location(audience),
                Some((url.to_owned(), format!("{WELL_KNOWN}{path}"))),
                "{audience}"
            );
        }
    }

    #[test]
    fn what_is_no_url_to_fetch_has_no_metadata() {
        for audience in [
            "invoices",
            "urn:example:invoices",
            "https:/api",
            "https://u:p@api.example.com",
            "https://api.example.com/#a",
            "https://api.example.com/\"",
            "https://api.example.com/{id}",
            "https://api.example.com/ä",
            "ftp://api.example.com",
            "https://",
        ] {
            assert_eq!(location(audience), None, "{audience}");
        }
    }
}
