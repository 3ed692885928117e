//! A public key from a file: a JWK, or PEM as openssl writes it. A private one is refused before it goes anywhere.

mod spki;

use crate::failure::Failure;
use chancery_issuer::client::{ClientKey, NotAClientKey};
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;

/// Largest file: the longest key has 1.5 KiB.
const MAX_FILE_BYTES: u64 = 16 * 1024;

const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----";

/// The key as a JWK, with its required members alone.
pub(super) fn read(path: &Path) -> Result<Value, Failure> {
    let file = path.display();
    let mut text = String::new();
    let opened = std::fs::File::open(path);
    let read = opened.and_then(|file| file.take(MAX_FILE_BYTES).read_to_string(&mut text));
    read.map_err(|why| {
        Failure::unusable("key_file_unreadable", format!("the key file {file} cannot be read: {why}"))
    })?;
    parse(&text).map_err(|why| {
        let told = match why {
            // Nobody else has seen it here.
            NotAClientKey::Private => {
                "it is a private key, which stays where it is used; it was sent nowhere".to_owned()
            }
            why => why.to_string(),
        };
        Failure::unusable(why.reason(), format!("the key file {file} cannot be used: {told}"))
            .fix("A public key comes out of:  openssl pkey -in PRIVATE.pem -pubout -out PUBLIC.pem")
    })
}

fn parse(text: &str) -> Result<Value, NotAClientKey> {
    // OpenSSH, PKCS 1, PKCS 8, SEC 1: all of them say so.
    if text.contains("PRIVATE KEY-----") {
        return Err(NotAClientKey::Private);
    }
    let jwk = match text.find(PUBLIC) {
        Some(at) => spki::jwk(text.get(at + PUBLIC.len()..).unwrap_or_default())?,
        None => serde_json::from_str(text).map_err(|_| NotAClientKey::NotAJwk)?,
    };
    ClientKey::read(&jwk).map(|key| key.jwk)
}

#[cfg(test)]
mod tests;
