//! The keys that a token is judged with, in any form that people have them in.

use crate::failure::Failure;
use crate::fetch::{Wanted, fetch, is_url};
use chancery_token::encoding::base64url;
use chancery_token::{
    BadKeyDocument, Format, KeyDocument, KeySet, MAX_KEY_DOCUMENT_BYTES, PublicKey, jwk, paserk,
};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Read as _;

/// Reads the keys of `format` from a file or a URL.
pub(super) fn read(source: &str, format: Format) -> Result<KeyDocument, Failure> {
    let document = if is_url(source) { fetch(source, Wanted::Keys)? } else { read_file(source)? };
    parse(&document, source, format)
}

fn read_file(path: &str) -> Result<Vec<u8>, Failure> {
    let most = u64::try_from(MAX_KEY_DOCUMENT_BYTES + 1).unwrap_or(u64::MAX);
    let mut document = Vec::new();
    File::open(path).and_then(|file| file.take(most).read_to_end(&mut document)).map_err(|why| {
        Failure::unusable("keys_unreadable", format!("the key file '{path}' cannot be read: {why}"))
            .fix("--keys takes a file, or a URL that begins with https://.")
    })?;
    Ok(document)
}

/// A JWK Set, a PASERK document, one entry of either, or lines of `k4.public.…`.
fn parse(document: &[u8], source: &str, format: Format) -> Result<KeyDocument, Failure> {
    let unusable = |why: &BadKeyDocument| unusable(why, source, format);
    if document.len() > MAX_KEY_DOCUMENT_BYTES {
        return Err(unusable(&BadKeyDocument::TooLarge { bytes: document.len() }));
    }
    if let Some(keys) = paserk_lines(document) {
        let keys = keys.map_err(|why| {
            Failure::unusable(
                "keys_unusable",
                format!("'{source}' holds a PASERK that cannot be used: {why}"),
            )
        })?;
        if format == Format::Jwt {
            let message = format!("'{source}' holds PASETO keys, and the token is to be a JWT");
            return Err(Failure::unusable("keys_wrong_format", message).fix("Add --format paseto."));
        }
        let keys = KeySet::from_keys(format, keys);
        return keys
            .map(|keys| KeyDocument { keys, skipped: Vec::new() })
            .ok_or_else(|| unusable(&BadKeyDocument::NotAKeySet));
    }
    let whole = match serde_json::from_slice::<Value>(document) {
        Ok(entry)
            if entry.get("keys").is_none() && (entry.get("kty").is_some() || entry.get("key").is_some()) =>
        {
            json!({ "keys": [named(entry)] }).to_string().into_bytes()
        }
        _ => document.to_vec(),
    };
    KeySet::read(format, &whole).map_err(|why| unusable(&why))
}

/// Keys without JSON around them; `None` when it is something else.
fn paserk_lines(document: &[u8]) -> Option<Result<Vec<PublicKey>, paserk::InvalidPaserk>> {
    let text = str::from_utf8(document).ok()?;
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let are_keys = !lines.is_empty() && lines.iter().all(|line| line.starts_with("k4.public."));
    are_keys.then(|| lines.into_iter().map(paserk::from_public).collect())
}

/// A single JWK needs no name of its own (RFC 7517 section 4.5): its thumbprint is the one that our tokens use.
fn named(mut entry: Value) -> Value {
    if entry.get("kid").is_none()
        && let Some(thumbprint) = jwk::thumbprint_of(&entry)
        && let Some(members) = entry.as_object_mut()
    {
        members.insert("kid".to_owned(), base64url(&thumbprint).into());
    }
    entry
}

fn unusable(why: &BadKeyDocument, source: &str, format: Format) -> Failure {
    let (reason, expected) = match (why, format) {
        (BadKeyDocument::TooLarge { .. }, _) => ("keys_too_large", "Name the key document itself."),
        (BadKeyDocument::NotAKeySet, Format::Jwt) => {
            ("keys_not_a_document", "A JWK Set or a single JWK is expected.")
        }
        (BadKeyDocument::NotAKeySet, Format::Paseto) => (
            "keys_not_a_document",
            "{\"keys\": [{\"kid\": \"k4.pid.…\", \"key\": \"k4.public.…\"}]} or a k4.public line is expected.",
        ),
        (BadKeyDocument::NoUsableKey { .. }, Format::Jwt) => (
            "keys_unusable",
            "A JWT is verified with JWKs of kty OKP and crv Ed25519; for PASETO keys add --format paseto.",
        ),
        (BadKeyDocument::NoUsableKey { .. }, Format::Paseto) => {
            ("keys_unusable", "A PASETO is verified with k4.public keys; for JWKs leave --format paseto out.")
        }
    };
    Failure::unusable(reason, format!("'{source}': {why}")).fix(expected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_token::SecretKey;
    use chancery_token::jwk::Jwk;

    fn key() -> PublicKey {
        SecretKey::from_seed(&[1; 32]).public()
    }

    fn kids(document: &str, format: Format) -> Result<Vec<String>, String> {
        let read = parse(document.as_bytes(), "keys", format);
        read.map(|read| read.keys.kids().map(ToString::to_string).collect())
            .map_err(|failure| failure.json()["reason"].as_str().unwrap().to_owned())
    }

    #[test]
    fn keys_are_read_in_every_form_that_people_have_them_in() {
        let jwk = serde_json::to_value(Jwk::new(&key(), chancery_token::AlgorithmName::EdDsa)).unwrap();
        let thumbprint = jwk::thumbprint(&key());
        let nameless = json!({ "kty": "OKP", "crv": "Ed25519", "x": jwk["x"] });
        for document in [json!({ "keys": [jwk] }), jwk, nameless] {
            assert_eq!(kids(&document.to_string(), Format::Jwt), Ok(vec![thumbprint.clone()]), "{document}");
        }
        let (pid, line) = (paserk::pid(&key()), paserk::public(&key()));
        let entry = json!({ "kid": pid, "key": line });
        for document in [
            json!({ "keys": [entry] }).to_string(),
            entry.to_string(),
            line.clone(),
            format!("\n  {line}\r\n\n"),
        ] {
            assert_eq!(kids(&document, Format::Paseto), Ok(vec![pid.clone()]), "{document}");
        }
    }

    #[test]
    fn what_gives_no_key_says_why() {
        let line = paserk::public(&key());
        let large = "x".repeat(MAX_KEY_DOCUMENT_BYTES + 1);
        let jwks = json!({ "keys": [Jwk::new(&key(), chancery_token::AlgorithmName::EdDsa)] }).to_string();
        for (document, format, reason) in [
            ("", Format::Jwt, "keys_not_a_document"),
            ("{}", Format::Jwt, "keys_not_a_document"),
            ("not json", Format::Paseto, "keys_not_a_document"),
            (r#"{"keys":[]}"#, Format::Jwt, "keys_unusable"),
            (r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, Format::Jwt, "keys_unusable"),
            (&jwks, Format::Paseto, "keys_unusable"),
            (&line, Format::Jwt, "keys_wrong_format"),
            ("k4.public.AAAA", Format::Paseto, "keys_unusable"),
            (&large, Format::Jwt, "keys_too_large"),
        ] {
            assert_eq!(kids(document, format), Err(reason.to_owned()), "{document:.40}");
        }
    }
}
