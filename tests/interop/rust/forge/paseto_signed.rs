//! PASETOs that somebody signed who should not have, or something that should not have been signed.

use super::altered::{members, text};
use super::paseto::Parts;
use super::wrong_claims::{payloads, unchanged};
use super::{Forged, Material, Signed};
use crate::Fault;
use chancery_token::{Format, SecretKey, paserk, paseto};

/// Signed by a stranger, by another key of ours, or by the right key over the wrong thing.
pub(super) fn forge(material: &Material<'_>) -> Result<Signed, Fault> {
    let good = Parts::of(&material.good)?;
    let (message, footer) = (good.message.as_slice(), std::str::from_utf8(&good.footer)?);
    let named = members(&good.footer)?;
    let kid = text(&named, "kid")?;
    let ours = material.stolen.key(kid)?;
    let (next_kid, next) = material.stolen.other(Format::Paseto, kid)?;
    let (_, of_jwts) = material.stolen.other(Format::Jwt, kid)?;
    let stranger = &material.stranger;
    let its_footer = footer.replace(kid, &paserk::pid(&stranger.public()));
    let other_typ = footer.replace("at+paseto", "dpop+paseto");
    let without_typ = format!(r#"{{"kid":"{kid}"}}"#);
    let mut list = vec![
        Forged::new("signed by a stranger under our kid", sign(message, footer, stranger)),
        Forged::new("signed by a stranger under its own kid", sign(message, &its_footer, stranger)),
        Forged::new("signed by our next key under this one's kid", sign(message, footer, next)),
        Forged::new(
            "signed by us, under the kid of our next key",
            sign(message, &footer.replace(kid, next_kid), ours),
        ),
        Forged::new("signed by our JWT key under our kid", sign(message, footer, of_jwts)),
        Forged::new("signed by us, as something else", sign(message, &other_typ, ours)),
        Forged::new("signed by us, without typ", sign(message, &without_typ, ours)),
        Forged::new("signed by us, without a footer", sign(message, "", ours)),
        Forged::new(
            "signed by us, with an implicit assertion",
            paseto::sign(message, footer.as_bytes(), b"unheard of", &ours.clone().named("")),
        ),
    ];
    for (case, payload) in payloads(message, material.now)? {
        list.push(Forged::new(case, sign(&payload, footer, ours)));
    }
    Ok(Signed { resigned: sign(&unchanged(message)?, footer, ours), forged: list })
}

fn sign(message: &[u8], footer: &str, key: &SecretKey) -> String {
    paseto::sign(message, footer.as_bytes(), b"", &key.clone().named(""))
}
