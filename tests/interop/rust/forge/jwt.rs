//! JWTs that were changed on the way.

use super::altered::{text, wishes};
use super::bits::{flipped, flipped_at, with_order_added};
use super::{Forged, Material};
use crate::Fault;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chancery_token::encoding::{base64url, from_base64url};
use serde_json::{Map, Value, json};

/// A compact JWS (RFC 7515 section 7.1), decoded.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) header: Vec<u8>,
    pub(super) claims: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl Parts {
    pub(super) fn of(token: &str) -> Result<Self, Fault> {
        let decoded: Option<Vec<Vec<u8>>> = token.split('.').map(from_base64url).collect();
        let three = <[Vec<u8>; 3]>::try_from(decoded.unwrap_or_default());
        let [header, claims, signature] = three.map_err(|_| "the issuer's token is no compact JWS")?;
        Ok(Self { header, claims, signature })
    }

    pub(super) fn header(&self) -> Result<Map<String, Value>, Fault> {
        Ok(serde_json::from_slice(&self.header)?)
    }

    fn signing_input(&self) -> String {
        [base64url(&self.header), base64url(&self.claims)].join(".")
    }

    fn text(&self) -> String {
        [self.signing_input(), base64url(&self.signature)].join(".")
    }

    fn signature(&self, signature: impl Into<Vec<u8>>) -> String {
        Self { signature: signature.into(), ..self.clone() }.text()
    }

    fn header_and_signature(&self, header: &Value, signature: impl Into<Vec<u8>>) -> String {
        let changed = Self { header: header.to_string().into_bytes(), ..self.clone() };
        changed.signature(signature)
    }

    /// As whoever takes `key` for a shared secret would sign it.
    fn with_hmac(&self, header: &Value, key: &[u8]) -> String {
        let changed = Self { header: header.to_string().into_bytes(), ..self.clone() };
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), changed.signing_input().as_bytes());
        changed.signature(tag.as_ref())
    }
}

/// Everything that whoever sees a token could do with it.
pub(super) fn forge(material: &Material<'_>) -> Result<Vec<Forged>, Fault> {
    let good = Parts::of(&material.good)?;
    let signature = &good.signature;
    let cut = signature.split_last().map(|(_, rest)| rest).unwrap_or_default();
    let claims = |claims| Parts { claims, ..good.clone() }.text();
    let mut list = vec![
        Forged::new(
            "a flipped bit in the header",
            Parts { header: flipped(&good.header, r#""typ":"at+"#)?, ..good.clone() }.text(),
        ),
        Forged::new("a flipped bit in the claims", claims(flipped(&good.claims, r#""jti":""#)?)),
        Forged::new("a flipped bit in R of the signature", good.signature(flipped_at(signature, 5))),
        Forged::new("a flipped bit in S of the signature", good.signature(flipped_at(signature, 40))),
        Forged::new("a signature cut short", good.signature(cut)),
        Forged::new("a signature with a byte too many", good.signature([signature, &[0_u8][..]].concat())),
        Forged::new("no signature", good.signature([])),
        Forged::new("a signature of zeros", good.signature([0; 64])),
        Forged::new(
            "the group order added to S of the signature",
            good.signature(with_order_added(signature)),
        ),
        Forged::new(
            "the signature of another token",
            good.signature(Parts::of(&material.another)?.signature),
        ),
        Forged::new("a fourth segment", format!("{}.e30", material.good)),
        Forged::new("two segments", good.signing_input()),
        Forged::new("the JSON serialization", json_serialization(&good)),
    ];
    list.extend(wishes(&good.claims)?.into_iter().map(|(case, payload)| Forged::new(case, claims(payload))));
    list.extend(other_headers(&good, material)?);
    Ok(list)
}

/// RFC 7515 section 7.2.2.
fn json_serialization(good: &Parts) -> String {
    let member = |bytes: &[u8]| base64url(bytes);
    let (payload, protected, signature) =
        (member(&good.claims), member(&good.header), member(&good.signature));
    json!({ "payload": payload, "protected": protected, "signature": signature }).to_string()
}

/// Headers that ask the verifier for another check than ours.
fn other_headers(good: &Parts, material: &Material<'_>) -> Result<Vec<Forged>, Fault> {
    let header = good.header()?;
    let kid = text(&header, "kid")?;
    let public = material.stolen.key(kid)?.public();
    let (other_kid, _) = material.stolen.other(chancery_token::Format::Jwt, kid)?;
    let named = |alg: &str| json!({"alg": alg, "typ": "at+jwt", "kid": kid});
    // RFC 8410 section 4: the same twelve bytes before every public key of Ed25519.
    let spki = [&hex::decode("302a300506032b6570032100")?, public.as_bytes().as_slice()].concat();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(spki));
    let mut critical = named("EdDSA");
    critical["crit"] = json!(["urn:example:unheard-of"]);
    critical["urn:example:unheard-of"] = json!(true);
    let mut renamed = named("EdDSA");
    renamed["kid"] = other_kid.into();
    Ok(vec![
        Forged::new("alg none, unsigned", good.header_and_signature(&named("none"), [])),
        Forged::new("alg nOnE, unsigned", good.header_and_signature(&named("nOnE"), [])),
        Forged::new(
            "alg none over the old signature",
            good.header_and_signature(&named("none"), good.signature.clone()),
        ),
        Forged::new(
            "HS256 keyed with the bytes of the public key",
            good.with_hmac(&named("HS256"), public.as_bytes()),
        ),
        Forged::new(
            "HS256 keyed with the public key as PEM",
            good.with_hmac(&named("HS256"), pem.as_bytes()),
        ),
        Forged::new(
            "an unknown crit over the old signature",
            good.header_and_signature(&critical, good.signature.clone()),
        ),
        Forged::new("the kid of our next key", good.header_and_signature(&renamed, good.signature.clone())),
    ])
}
