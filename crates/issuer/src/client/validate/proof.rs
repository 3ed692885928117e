//! What a client proves itself with.

use super::{Faults, InvalidClient};
use crate::client::{Authentication, Client, ClientKey, ClientKind, MAX_KEYS, MAX_SECRETS, NotAClientKey};

impl Client {
    /// A secret beside the way of keys, or a key beside the way of secrets, waits for the day when the client changes
    /// over: it proves nothing until then.
    pub(super) fn check_proof(&self, faults: &mut Faults) {
        if self.secrets.len() > MAX_SECRETS {
            faults.push(("/secrets".into(), InvalidClient::Secrets { held: self.secrets.len() }));
        }
        if self.keys.len() > MAX_KEYS {
            faults.push(("/keys".into(), InvalidClient::Keys { held: self.keys.len() }));
        }
        for (at, key) in self.keys.iter().enumerate() {
            if self.keys.iter().take(at).any(|earlier| earlier.kid == key.kid) {
                let fault = InvalidClient::KeyTwice { kid: key.kid.clone() };
                faults.push((format!("/keys/{at}"), fault));
            } else if let Err(why) = read_again(key) {
                faults.push((format!("/keys/{at}"), InvalidClient::Key { why }));
            }
        }
        match self.authentication {
            Authentication::Secret => {}
            Authentication::PrivateKeyJwt => {
                if self.keys.is_empty() {
                    faults.push(("/keys".into(), InvalidClient::KeyMissing));
                }
            }
            Authentication::None => {
                let fault = if self.kind == ClientKind::Admin {
                    InvalidClient::AdminPublic
                } else if !self.secrets.is_empty() || !self.keys.is_empty() {
                    InvalidClient::PublicWithProof
                } else if self.refresh.is_none() {
                    InvalidClient::PublicWithoutRefresh
                } else {
                    return;
                };
                faults.push(("/authentication".into(), fault));
            }
        }
    }
}

/// The fields of a key are open; what it says of itself must follow from its JWK.
fn read_again(key: &ClientKey) -> Result<(), NotAClientKey> {
    if ClientKey::read(&key.jwk)? == *key { Ok(()) } else { Err(NotAClientKey::Unusable) }
}
