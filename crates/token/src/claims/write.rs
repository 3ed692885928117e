//! From claims to the bytes that are signed.

use super::{Claims, Confirmation, TimeForm};
use crate::encoding::base64url_in;
use crate::id::Subject;
use crate::time::UnixTime;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

impl Claims {
    /// The payload of a token, in a fixed order, without what is empty.
    pub fn to_json(&self, times: TimeForm) -> Vec<u8> {
        let mut payload = Payload { json: Vec::with_capacity(512), times };
        payload.text("iss", &self.iss);
        payload.text("aud", &self.aud);
        payload.plain("sub", self.sub.as_str());
        payload.plain("client_id", self.client_id.as_str());
        payload.time("iat", self.iat);
        payload.time("exp", self.exp);
        if let Some(nbf) = self.nbf {
            payload.time("nbf", nbf);
        }
        payload.plain("jti", base64url_in(self.jti.as_bytes(), &mut [0; 24]));
        payload.plain("scope", self.scope.as_str());
        payload.plain("tenant", self.tenant.as_str());
        if !self.bounds.is_empty() {
            payload.value("bounds", &self.bounds);
        }
        if let Some(sid) = self.sid {
            payload.plain("sid", base64url_in(sid.as_bytes(), &mut [0; 24]));
        }
        payload.value("rvs", &self.rvs);
        if let Some(cnf) = &self.cnf {
            payload.value("cnf", cnf);
        }
        if !self.act.is_empty() {
            payload.value("act", &Chain(&self.act));
        }
        if !self.anc.is_empty() {
            payload.value("anc", &self.anc);
        }
        payload.plain("env", self.env.as_str());
        payload.json.push(b'}');
        payload.json
    }
}

struct Payload {
    json: Vec<u8>,
    times: TimeForm,
}

impl Payload {
    fn name(&mut self, claim: &str) {
        self.json.extend_from_slice(if self.json.is_empty() { b"{\"" } else { b",\"" });
        self.json.extend_from_slice(claim.as_bytes());
        self.json.extend_from_slice(b"\":");
    }

    /// A text whose type has neither quotes nor backslashes nor control characters in its alphabet. Looking for
    /// some to escape took half of the time in which a payload is written.
    fn plain(&mut self, claim: &str, text: &str) {
        self.name(claim);
        self.json.push(b'"');
        self.json.extend_from_slice(text.as_bytes());
        self.json.push(b'"');
    }

    /// A text that may hold anything. It is looked at as a whole first: hardly any has something to escape.
    fn text(&mut self, claim: &str, text: &str) {
        let hard = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        if text.bytes().fold(false, |found, byte| found | hard(byte)) {
            self.value(claim, &text);
        } else {
            self.plain(claim, text);
        }
    }

    #[expect(
        clippy::expect_used,
        reason = "a vector takes whatever is written, and `serde_json` refuses only names \
        that are no text and failures of `Serialize`: here are texts, whole numbers, lists, and maps by text"
    )]
    fn value(&mut self, claim: &str, value: &impl Serialize) {
        self.name(claim);
        serde_json::to_writer(&mut self.json, value).expect("claims can be written to memory");
    }

    fn time(&mut self, claim: &str, time: UnixTime) {
        match self.times {
            TimeForm::NumericDate => self.value(claim, &time.as_secs()),
            TimeForm::Rfc3339 => self.plain(claim, time.rfc3339().as_str()),
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
struct Chain<'c>(&'c [Subject]);

impl Serialize for Chain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let [actor, rest @ ..] = self.0 {
            map.serialize_entry("sub", actor)?;
            if !rest.is_empty() {
                map.serialize_entry("act", &Chain(rest))?;
            }
        }
        map.end()
    }
}

/// The claim that takes the most bytes of `payload`, with its bytes.
pub(crate) fn largest_claim(payload: &[u8]) -> (String, usize) {
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(payload).unwrap_or_default();
    let sizes = members.into_iter().map(|(name, value)| (name, value.to_string().len()));
    sizes.max_by_key(|(_, bytes)| *bytes).unwrap_or_default()
}
