//! PASETOs that were changed on the way.

use super::altered::wishes;
use super::bits::{flipped, flipped_at, with_order_added};
use super::{Forged, Material};
use crate::Fault;
use chancery_token::encoding::{base64url, from_base64url};

/// A v4.public token with a footer, decoded.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) message: Vec<u8>,
    signature: Vec<u8>,
    pub(super) footer: Vec<u8>,
}

impl Parts {
    pub(super) fn of(token: &str) -> Result<Self, Fault> {
        let rest = token.strip_prefix("v4.public.").and_then(|rest| rest.split_once('.'));
        let decoded = rest.and_then(|(body, footer)| Some((from_base64url(body)?, from_base64url(footer)?)));
        let (body, footer) = decoded.ok_or("the issuer's token is no v4.public with a footer")?;
        let (message, signature) = body.split_last_chunk::<64>().ok_or("the token has no signature")?;
        Ok(Self { message: message.to_vec(), signature: signature.to_vec(), footer })
    }

    fn body(&self) -> String {
        base64url(&[self.message.as_slice(), &self.signature].concat())
    }

    fn text(&self) -> String {
        format!("v4.public.{}.{}", self.body(), base64url(&self.footer))
    }

    fn message(&self, message: Vec<u8>) -> String {
        Self { message, ..self.clone() }.text()
    }

    fn signature(&self, signature: impl Into<Vec<u8>>) -> String {
        Self { signature: signature.into(), ..self.clone() }.text()
    }

    fn footer(&self, footer: impl Into<Vec<u8>>) -> String {
        Self { footer: footer.into(), ..self.clone() }.text()
    }
}

/// Everything that whoever sees a token could do with it.
pub(super) fn forge(material: &Material<'_>) -> Result<Vec<Forged>, Fault> {
    let good = Parts::of(&material.good)?;
    let (signature, footer) = (&good.signature, std::str::from_utf8(&good.footer)?);
    let cut = signature.split_last().map(|(_, rest)| rest).unwrap_or_default();
    let longer_footer = footer.replacen('{', r#"{"x":1,"#, 1);
    let spaced_footer = footer.replacen(':', ": ", 1);
    let rest = material.good.strip_prefix("v4.public.").unwrap_or_default();
    let mut list = vec![
        Forged::new("a flipped bit in the claims", good.message(flipped(&good.message, r#""jti":""#)?)),
        Forged::new("a flipped bit in R of the signature", good.signature(flipped_at(signature, 5))),
        Forged::new("a flipped bit in S of the signature", good.signature(flipped_at(signature, 40))),
        Forged::new("a flipped bit in the footer", good.footer(flipped(&good.footer, r#""typ":"at+"#)?)),
        Forged::new("a signature cut short", good.signature(cut)),
        Forged::new("a signature with a byte too many", good.signature([signature, &[0_u8][..]].concat())),
        Forged::new("a signature of zeros", good.signature([0; 64])),
        Forged::new(
            "the group order added to S of the signature",
            good.signature(with_order_added(signature)),
        ),
        Forged::new(
            "the signature of another token",
            good.signature(Parts::of(&material.another)?.signature),
        ),
        Forged::new("the footer stripped", format!("v4.public.{}", good.body())),
        Forged::new("a longer footer", good.footer(longer_footer)),
        Forged::new("the same footer in another spelling", good.footer(spaced_footer)),
        Forged::new("a segment too many", format!("{}.e30", material.good)),
        Forged::new("the header of version 3", format!("v3.public.{rest}")),
        Forged::new("the header of version 2", format!("v2.public.{rest}")),
        Forged::new("the header of a local token", format!("v4.local.{rest}")),
    ];
    let wished = wishes(&good.message)?;
    list.extend(wished.into_iter().map(|(case, payload)| Forged::new(case, good.message(payload))));
    Ok(list)
}
