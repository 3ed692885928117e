//! The issuer's private keys, taken from its folder.
//!
//! A token whose signature is right can be wrong in one claim alone. Without such tokens a library that never looks at
//! `typ`, `iss` or `exp` would pass: everything else that is forged already breaks at the signature.

use crate::Fault;
use crate::description::Forger;
use chancery_issuer::master_key::MasterKey;
use chancery_issuer::store::{SqliteStore, Store as _};
use chancery_token::encoding::array_from_base64url;
use chancery_token::{Format, SecretKey};
use serde_json::Value;
use std::collections::BTreeMap;

/// Every private key of the issuer by its name.
pub(crate) struct Stolen(BTreeMap<String, SecretKey>);

impl Stolen {
    /// Reads what `forger` got hold of: the master key opens the keyring of the store.
    pub(crate) async fn from(forger: &Forger, issuer: &str) -> Result<Self, Fault> {
        let master = MasterKey::read(&forger.folder.join("keys/master.key"))?;
        let store = SqliteStore::open(&forger.folder.join(".chancery/store.db"))?;
        let sealed = store.keyring().await?.ok_or("the issuer has no keyring")?;
        let plain = master.open("keyring", issuer, &sealed.blob)?;
        let document: Value = serde_json::from_slice(&plain).map_err(|_| "the keyring is not JSON")?;
        let mut keys = BTreeMap::new();
        collect(&document, &mut keys);
        Ok(Self(keys))
    }

    /// The key that signs under this name.
    pub(crate) fn key(&self, kid: &str) -> Result<&SecretKey, Fault> {
        self.0.get(kid).ok_or_else(|| format!("the keyring holds no key {kid}").into())
    }

    /// A key of the other format, or another one of the same.
    pub(crate) fn other(&self, format: Format, than: &str) -> Result<(&str, &SecretKey), Fault> {
        let is_paseto = format == Format::Paseto;
        let mut fitting = self.0.iter().filter(|(kid, _)| kid.starts_with("k4.pid.") == is_paseto);
        let found = fitting.find(|(kid, _)| *kid != than).ok_or("the keyring holds too few keys")?;
        Ok((found.0, found.1))
    }
}

/// Wherever in the document they stand.
fn collect(value: &Value, keys: &mut BTreeMap<String, SecretKey>) {
    match value {
        Value::Object(members) => {
            let text = |name: &str| members.get(name).and_then(Value::as_str);
            if let (Some(kid), Some(seed)) = (text("kid"), text("seed").and_then(array_from_base64url::<32>))
            {
                keys.insert(kid.to_owned(), SecretKey::from_seed(&seed));
            }
            members.values().for_each(|member| collect(member, keys));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}
