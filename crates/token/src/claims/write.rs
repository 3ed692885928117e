//! From claims to the bytes that are signed.

use super::{Claims, Confirmation, TimeForm};
use crate::bounds::Bounds;
use crate::encoding::base64url_in;
use crate::id::{FamilyId, Subject, TokenId};
use crate::time::UnixTime;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

impl Claims {
    /// The payload of a token, in a fixed order, without what is empty.
    pub fn to_json(&self, times: TimeForm) -> Vec<u8> {
        let time = |time| Time { time, form: times };
        let wire = Wire {
            iss: &self.iss,
            aud: &self.aud,
            sub: self.sub.as_str(),
            client_id: self.client_id.as_str(),
            iat: time(self.iat),
            exp: time(self.exp),
            nbf: self.nbf.map(time),
            jti: self.jti,
            scope: self.scope.as_str(),
            tenant: self.tenant.as_str(),
            bounds: &self.bounds,
            sid: self.sid,
            rvs: self.rvs,
            cnf: self.cnf.as_ref(),
            act: &self.act,
            anc: &self.anc,
            env: self.env.as_str(),
        };
        wire.to_json()
    }
}

/// The claims as they are written.
#[derive(Serialize)]
struct Wire<'c> {
    iss: &'c str,
    aud: &'c str,
    sub: &'c str,
    client_id: &'c str,
    iat: Time,
    exp: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<Time>,
    jti: TokenId,
    scope: &'c str,
    tenant: &'c str,
    #[serde(skip_serializing_if = "Bounds::is_empty")]
    bounds: &'c Bounds,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<FamilyId>,
    rvs: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<&'c Confirmation>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "actors")]
    act: &'c [Subject],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    anc: &'c [TokenId],
    env: &'c str,
}

impl Wire<'_> {
    #[expect(
        clippy::expect_used,
        reason = "a vector takes whatever is written, and `serde_json` refuses nothing but \
        names that are no text and failures of `Serialize`: here are texts, whole numbers, lists, and maps by text"
    )]
    fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        serde_json::to_writer(&mut out, self).expect("claims can be written to memory");
        out
    }
}

struct Time {
    time: UnixTime,
    form: TimeForm,
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.form {
            TimeForm::NumericDate => serializer.serialize_u64(self.time.as_secs()),
            TimeForm::Rfc3339 => serializer.serialize_str(self.time.rfc3339().as_str()),
        }
    }
}

impl Serialize for Confirmation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (method, hash) = match self {
            Self::DpopKey(hash) => ("jkt", hash),
            Self::Certificate(hash) => ("x5t#S256", hash),
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(method, base64url_in(hash, &mut [0; 44]))?;
        map.end()
    }
}

/// `{"sub":"first","act":{"sub":"second"}}` (RFC 8693 section 4.1).
fn actors<S: Serializer>(actors: &&[Subject], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    if let [actor, rest @ ..] = *actors {
        map.serialize_entry("sub", actor)?;
        if !rest.is_empty() {
            map.serialize_entry("act", &Chain(rest))?;
        }
    }
    map.end()
}

struct Chain<'c>(&'c [Subject]);

impl Serialize for Chain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        actors(&self.0, serializer)
    }
}

/// The claim that takes the most bytes of `payload`, with its bytes.
pub(crate) fn largest_claim(payload: &[u8]) -> (String, usize) {
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(payload).unwrap_or_default();
    let sizes = members.into_iter().map(|(name, value)| (name, value.to_string().len()));
    sizes.max_by_key(|(_, bytes)| *bytes).unwrap_or_default()
}
