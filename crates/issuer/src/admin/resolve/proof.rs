//! What a draft says of how a client proves who it is.

use crate::admin::fault::{Faults, Slip};
use crate::client::{Authentication, Client, ClientKey, DpopPolicy};
use serde_json::Value;

/// The words of a draft for each of them.
const WAYS: [Authentication; 3] =
    [Authentication::Secret, Authentication::PrivateKeyJwt, Authentication::None];

pub(in crate::admin) fn authentication(text: Option<&str>, faults: &mut Faults) -> Authentication {
    let Some(text) = text else { return Authentication::default() };
    WAYS.into_iter().find(|way| way.as_str() == text).unwrap_or_else(|| {
        faults.add("/authentication", &Slip::Authentication { text: text.to_owned() });
        Authentication::default()
    })
}

/// The keys that can be read, each with its place.
pub(in crate::admin) fn keys(written: &[Value], faults: &mut Faults) -> (Vec<ClientKey>, Vec<usize>) {
    let mut keys = (Vec::new(), Vec::new());
    for (at, jwk) in written.iter().enumerate() {
        match ClientKey::read(jwk) {
            Ok(key) => {
                keys.0.push(key);
                keys.1.push(at);
            }
            Err(why) => faults.add(format!("/keys/{at}"), &Slip::Key { why }),
        }
    }
    keys
}

pub(in crate::admin) fn dpop(text: Option<&str>, faults: &mut Faults) -> Option<DpopPolicy> {
    match text? {
        "optional" => Some(DpopPolicy::Optional),
        "required" => Some(DpopPolicy::Required),
        text => {
            faults.add("/dpop", &Slip::Dpop { text: text.to_owned() });
            None
        }
    }
}

/// Whoever proves nothing else proves a key, unless somebody wrote down that they need not.
pub(in crate::admin) const fn default_dpop(authentication: Authentication) -> DpopPolicy {
    match authentication {
        Authentication::None => DpopPolicy::Required,
        Authentication::Secret | Authentication::PrivateKeyJwt => DpopPolicy::Optional,
    }
}

/// The client once it proves itself in another way, with nothing left of the old one. The new proof has to be there:
/// from one moment to the next it would be shut out.
pub(in crate::admin) fn changed_over(held: &Client, to: Option<&str>, faults: &mut Faults) -> Client {
    let to = to.map_or(held.authentication, |to| authentication(Some(to), faults));
    if to == held.authentication || faults.at("/authentication") {
        return held.clone();
    }
    let next = Client { authentication: to, ..held.clone() };
    let slip = match to {
        Authentication::Secret if held.secrets.is_empty() => Slip::NoSecretYet,
        Authentication::Secret => return Client { keys: Vec::new(), ..next },
        Authentication::PrivateKeyJwt if held.keys.is_empty() => Slip::NoKeyYet,
        Authentication::PrivateKeyJwt => return Client { secrets: Vec::new(), ..next },
        Authentication::None => Slip::NotPublicLater,
    };
    faults.add("/authentication", &slip);
    held.clone()
}
