//! `paseto/PASERK/`: `public`, `secret`, `pid` and `sid` of version 4, both ways; every other type is refused.

use super::{Outcome, bytes, document, equal, files, refused, text};
use chancery_token::{SecretKey, encoding, paserk};
use serde_json::Value;

pub(super) fn run() -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for file in files("paseto/PASERK") {
        let kind = file.trim_start_matches("paseto/PASERK/").trim_end_matches(".json").to_owned();
        for vector in document(&file)["tests"].as_array().unwrap() {
            let expected_to_fail = vector["expect-fail"].as_bool().unwrap();
            let satisfied = match (kind.as_str(), expected_to_fail) {
                ("k4.public", false) => public(vector),
                ("k4.pid", false) => pid(vector),
                ("k4.public" | "k4.pid", true) => refused(&<[u8; 32]>::try_from(bytes(vector, "key"))),
                ("k4.secret", false) => secret(vector),
                ("k4.sid", false) => sid(vector),
                ("k4.secret" | "k4.sid", true) => refused(&private(vector)),
                _ => foreign(vector),
            };
            outcomes.push(Outcome { vector: format!("{file}#{}", text(vector, "name")), satisfied });
        }
    }
    outcomes
}

fn public_key(vector: &Value) -> [u8; 32] {
    bytes(vector, "key").try_into().unwrap()
}

fn public(vector: &Value) -> Result<(), String> {
    let (key, written) = (public_key(vector), text(vector, "paserk"));
    equal(&paserk::public_of(&key).as_str(), &written)?;
    equal(&paserk::public_bytes(written).map_err(|invalid| invalid.to_string())?, &key)?;
    // Of the bytes in these vectors not all are keys; those that are must survive as such.
    paserk::from_public(written).map_or(Ok(()), |loaded| equal(&paserk::public(&loaded).as_str(), &written))
}

fn pid(vector: &Value) -> Result<(), String> {
    let key = public_key(vector);
    equal(&paserk::pid_of(&key).as_str(), &text(vector, "paserk"))?;
    let loaded = paserk::from_public(&paserk::public_of(&key));
    loaded.map_or(Ok(()), |loaded| equal(&paserk::pid(&loaded).as_str(), &text(vector, "paserk")))
}

/// The private key of a vector, read from the PASERK that its bytes make.
fn private(vector: &Value) -> Result<SecretKey, String> {
    let written = format!("k4.secret.{}", encoding::base64url(&bytes(vector, "key")));
    paserk::from_secret(&written).map_err(|invalid| invalid.to_string())
}

fn secret(vector: &Value) -> Result<(), String> {
    let seed: [u8; 32] = bytes(vector, "secret-key-seed").try_into().unwrap();
    let (key, written) = (SecretKey::from_seed(&seed), text(vector, "paserk"));
    equal(&paserk::secret(&key).as_str(), &written)?;
    let loaded = paserk::from_secret(written).map_err(|invalid| invalid.to_string())?;
    equal(&*loaded.seed(), &seed)?;
    equal(&loaded.public().as_bytes().to_vec(), &bytes(vector, "public-key"))?;
    equal(&private(vector)?.public(), &key.public())
}

fn sid(vector: &Value) -> Result<(), String> {
    let seed: [u8; 32] = bytes(vector, "seed").try_into().unwrap();
    equal(&paserk::sid(&SecretKey::from_seed(&seed)).as_str(), &text(vector, "paserk"))?;
    equal(&paserk::sid(&private(vector)?).as_str(), &text(vector, "paserk"))
}

/// Wrapped, sealed and symmetric keys: none of them is a key of ours, whatever its own reader would say.
fn foreign(vector: &Value) -> Result<(), String> {
    let Some(written) = vector["paserk"].as_str() else {
        // Nothing is written; the vector asks a serializer of another type to fail, and there is none.
        return Ok(());
    };
    refused(&paserk::from_public(written))?;
    refused(&paserk::public_bytes(written))?;
    refused(&paserk::from_secret(written))
}
