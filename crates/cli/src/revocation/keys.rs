//! The keys that the documents of the revocation log are judged with.

use crate::failure::Failure;
use crate::fetch::{Wanted, fetch, fetch_of_running, is_url};
use chancery_token::{BadKeyDocument, MAX_KEY_DOCUMENT_BYTES};
use chancery_verifier::RevocationKeys;
use serde_json::Value;
use std::fs::File;
use std::io::Read as _;

/// A verifier keeps the key document in JSON of its own, with every quote escaped.
const MAX_KEPT_BYTES: usize = 4 * MAX_KEY_DOCUMENT_BYTES;

/// Where the keys are.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct KeySource {
    /// The keys of the revocation log; ISSUER/keys/revocation.json unless said otherwise
    #[arg(long = "revocation-keys", value_name = "FILE|URL")]
    named: Option<String>,
}

impl KeySource {
    /// Whether they were named.
    pub(crate) fn is_named(&self) -> bool {
        self.named.is_some()
    }

    /// Reads them, or fetches what `issuer` publishes.
    pub(crate) fn read(&self, issuer: &str) -> Result<RevocationKeys, Failure> {
        self.read_with(issuer, fetch)
    }

    /// As [`KeySource::read`], where nothing can be done without a running issuer.
    pub(crate) fn read_of_running(&self, issuer: &str) -> Result<RevocationKeys, Failure> {
        self.read_with(issuer, fetch_of_running)
    }

    fn read_with(
        &self,
        issuer: &str,
        fetch: fn(&str, Wanted) -> Result<Vec<u8>, Failure>,
    ) -> Result<RevocationKeys, Failure> {
        let published = format!("{}/keys/revocation.json", issuer.strip_suffix('/').unwrap_or(issuer));
        let source = self.named.as_deref().unwrap_or(&published);
        if self.named.is_none() && !is_url(source) {
            return Err(Failure::unusable(
                "keys_unreachable",
                "the issuer is no URL to fetch the keys of its revocation log from",
            )
            .fix("Name them: --revocation-keys FILE."));
        }
        let document = if is_url(source) { fetch(source, Wanted::Keys)? } else { read_file(source)? };
        let document = kept(&document).unwrap_or(document);
        match RevocationKeys::read(&document) {
            Ok(read) => Ok(read.keys),
            Err(why) => Err(unusable(&why, source)),
        }
    }
}

/// The document within what a verifier keeps on its disk.
fn kept(file: &[u8]) -> Option<Vec<u8>> {
    let kept: Value = serde_json::from_slice(file).ok()?;
    kept.get("document")?.as_str().map(|document| document.as_bytes().to_vec())
}

fn read_file(path: &str) -> Result<Vec<u8>, Failure> {
    let most = u64::try_from(MAX_KEPT_BYTES + 1).unwrap_or(u64::MAX);
    let mut document = Vec::new();
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut document)).map_err(|why| {
        Failure::unusable("keys_unreadable", format!("the key file '{path}' cannot be read: {why}"))
            .fix("--revocation-keys takes a file, or a URL that begins with https://.")
    })?;
    Ok(document)
}

fn unusable(why: &BadKeyDocument, source: &str) -> Failure {
    let message = format!("'{source}': {why}");
    let failure = match why {
        BadKeyDocument::TooLarge { .. } => Failure::unusable("keys_too_large", message),
        BadKeyDocument::NotAKeySet => Failure::unusable("keys_not_a_document", message),
        BadKeyDocument::NoUsableKey { .. } => Failure::unusable("keys_unusable", message),
    };
    failure.fix("A JWK Set is expected, as an issuer has it at /keys/revocation.json.")
}
