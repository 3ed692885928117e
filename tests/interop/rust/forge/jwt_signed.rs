//! JWTs that somebody signed who should not have, or something that should not have been signed.

use super::altered::text;
use super::jwt::Parts;
use super::wrong_claims::{payloads, unchanged};
use super::{Forged, Material, Signed};
use crate::Fault;
use chancery_token::jwk::{Jwk, thumbprint};
use chancery_token::{AlgorithmName, Format, SecretKey, jws};
use serde_json::{Value, json};

/// Signed by a stranger, by another key of ours, or by the right key over the wrong thing.
pub(super) fn forge(material: &Material<'_>) -> Result<Signed, Fault> {
    let good = Parts::of(&material.good)?;
    let header = good.header()?;
    let (kid, claims) = (text(&header, "kid")?, &good.claims);
    let ours = material.stolen.key(kid)?;
    let (_, next) = material.stolen.other(Format::Jwt, kid)?;
    let (_, of_pasetos) = material.stolen.other(Format::Paseto, kid)?;
    let stranger = &material.stranger;
    let its_kid = thumbprint(&stranger.public());
    let usual = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid});
    let with = |name: &str, value: Value| {
        let mut header = usual.clone();
        header[name] = value;
        header
    };
    let without = |name: &str| {
        let mut header = usual.clone();
        header.as_object_mut().map(|members| members.remove(name));
        header
    };
    let mut its_own = with("jwk", serde_json::to_value(Jwk::new(&stranger.public(), AlgorithmName::EdDsa))?);
    its_own["kid"] = its_kid.clone().into();
    let mut critical = with("crit", json!(["urn:example:unheard-of"]));
    critical["urn:example:unheard-of"] = json!(true);
    let mut list = vec![
        Forged::new("signed by a stranger under our kid", sign(&usual, claims, stranger)),
        Forged::new(
            "signed by a stranger under its own kid",
            sign(&with("kid", its_kid.into()), claims, stranger),
        ),
        Forged::new("signed by a stranger, with its key in the header", sign(&its_own, claims, stranger)),
        Forged::new("signed by a stranger, without kid", sign(&without("kid"), claims, stranger)),
        Forged::new("signed by our next key under this one's kid", sign(&usual, claims, next)),
        Forged::new("signed by our PASETO key under our kid", sign(&usual, claims, of_pasetos)),
        Forged::new("signed by us, as a DPoP proof", sign(&with("typ", "dpop+jwt".into()), claims, ours)),
        Forged::new("signed by us, as any JWT", sign(&with("typ", "JWT".into()), claims, ours)),
        Forged::new("signed by us, without typ", sign(&without("typ"), claims, ours)),
        Forged::new("signed by us, with an unknown crit", sign(&critical, claims, ours)),
    ];
    for (case, payload) in payloads(claims, material.now)? {
        list.push(Forged::new(case, sign(&usual, &payload, ours)));
    }
    Ok(Signed { resigned: sign(&usual, &unchanged(claims)?, ours), forged: list })
}

fn sign(header: &Value, claims: &[u8], key: &SecretKey) -> String {
    jws::sign(&header.to_string(), claims, &key.clone().named(""))
}
