//! `paseto/v1.json` to `v4.json`: v4.public, both ways, and nothing else.

use super::{Outcome, bytes, document, equal, refused, text};
use chancery_token::{PublicKey, SecretKey, paseto};
use serde_json::Value;

pub(super) fn run() -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for version in 1..=4 {
        let file = format!("paseto/v{version}.json");
        for vector in document(&file)["tests"].as_array().unwrap() {
            let name = text(vector, "name");
            let ours = name.starts_with("4-S-");
            assert!(!ours || vector["expect-fail"] == false);
            let satisfied = if ours { both_ways(vector) } else { refused(&verified(vector)) };
            outcomes.push(Outcome { vector: format!("{file}#{name}"), satisfied });
        }
    }
    outcomes
}

/// The message, if the token verifies under whatever key the vector offers.
fn verified(vector: &Value) -> Result<Vec<u8>, String> {
    let unverified =
        paseto::Unverified::parse(text(vector, "token")).map_err(|refusal| refusal.to_string())?;
    let member = if vector["public-key"].is_string() { "public-key" } else { "key" };
    let key = PublicKey::from_bytes(&bytes(vector, member)).map_err(|unusable| unusable.to_string())?;
    let (footer, implicit) = (text(vector, "footer"), text(vector, "implicit-assertion"));
    unverified.verify(&key, footer.as_bytes(), implicit.as_bytes()).map_err(|refusal| refusal.to_string())
}

fn both_ways(vector: &Value) -> Result<(), String> {
    let (footer, implicit) =
        (text(vector, "footer").as_bytes(), text(vector, "implicit-assertion").as_bytes());
    let message = verified(vector)?;
    equal(&String::from_utf8(message.clone()).unwrap().as_str(), &text(vector, "payload"))?;
    let seed: [u8; 32] = bytes(vector, "secret-key-seed").try_into().unwrap();
    let key = SecretKey::from_seed(&seed);
    equal(&key.public().as_bytes().to_vec(), &bytes(vector, "public-key"))?;
    equal(&paseto::sign(&message, footer, implicit, &key.named("")).as_str(), &text(vector, "token"))
}
