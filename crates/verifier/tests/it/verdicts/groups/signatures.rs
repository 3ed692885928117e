//! Signatures (RFC 8032): strict, over these bytes, of this key.

use super::super::crooked::{Crooked, Signature};
use super::super::mint::{STRANGER, first, second, secret};
use super::{Case, Draft, FORMATS, Format, Group, of, refused};
use chancery_verifier::token::encoding::{base64url, from_base64url};
use chancery_verifier::token::paseto;
use sha2::{Digest as _, Sha512};

pub(super) fn groups() -> Vec<Group> {
    let about = "Signatures that are not the key's over these bytes, or that only a lenient check accepts.";
    let group = |format: Format| {
        let mut cases = both(format);
        cases.extend(match format {
            Format::Jwt => of_a_jwt(),
            Format::Paseto => of_a_paseto(),
        });
        Group::new(&format!("{format}-signatures"), about, of(format), cases)
    };
    FORMATS.map(group).into()
}

fn both(format: Format) -> Vec<Case> {
    let draft = Draft::new(format);
    let number = first(format);
    let rows = [
        ("bit-of-r", "one bit of `R` was turned", Crooked::Bit(0)),
        ("bit-of-s", "one bit of `S` was turned", Crooked::Bit(300)),
        ("last-bit", "the last bit was turned", Crooked::Bit(511)),
        ("zeros", "64 zeros", Crooked::Filled(0)),
        ("ones", "64 bytes of ones", Crooked::Filled(0xff)),
        ("large-s", "`S` plus the group order: a second signature out of a good one", Crooked::LargeS),
        ("neutral-r", "`R` is the neutral point; the equation holds", Crooked::NeutralR),
        ("mixed-r", "a part of `R` has order 8; the equation holds when multiplied by 8", Crooked::MixedR),
    ];
    let crooked =
        |(id, about, how)| refused(id, about, draft.sign_with(&Signature(number, how)), "signature_invalid");
    let mut cases: Vec<Case> = rows.map(crooked).into();
    cases.push(refused(
        "by-other-key",
        "by the other published key",
        draft.clone().forged_by(second(format)).sign(),
        "signature_invalid",
    ));
    cases.push(refused(
        "by-stranger",
        "by a key that nobody publishes",
        draft.clone().forged_by(STRANGER).sign(),
        "signature_invalid",
    ));
    let expired = draft.times(-900, -1).forged_by(STRANGER);
    cases.push(
        refused("by-stranger-expired", "likewise, and over", expired.sign(), "signature_invalid")
            .also(&["time"]),
    );
    cases
}

fn of_a_jwt() -> Vec<Case> {
    let draft = Draft::new(Format::Jwt);
    let key = secret(first(Format::Jwt));
    let token = draft.sign();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    let signed = |signature: &[u8]| format!("{input}.{}", base64url(signature));
    let bytes = from_base64url(signature).unwrap();
    let wider = base64url(draft.clone().with("scope", "\"invoices:delete\"").payload().as_bytes());
    let renamed = base64url(draft.clone().header("alg", "\"Ed25519\"").header_text().as_bytes());
    let invalid = |id, about, token| refused(id, about, token, "signature_invalid");
    let length = |id, about, token| refused(id, about, token, "signature_length");
    vec![
        invalid(
            "other-scope",
            "other claims under an old signature",
            format!("{header}.{wider}.{signature}"),
        ),
        invalid(
            "other-header",
            "another header under an old signature",
            format!("{renamed}.{payload}.{signature}"),
        ),
        invalid(
            "payload-alone",
            "over the payload without the header",
            signed(&key.sign(payload.as_bytes())),
        ),
        invalid("decoded", "over the claims, decoded", signed(&key.sign(draft.payload().as_bytes()))),
        invalid("hashed", "over the SHA-512 of the text", signed(&key.sign(&Sha512::digest(input)))),
        length("of-63-bytes", "63 bytes", signed(&bytes[..63])),
        length("of-65-bytes", "65 bytes", signed(&[&bytes[..], &[0]].concat())),
        length("of-128-bytes", "twice", signed(&[&bytes[..], &bytes[..]].concat())),
        length("of-r-alone", "the first half", signed(&bytes[..32])),
    ]
}

fn of_a_paseto() -> Vec<Case> {
    let draft = Draft::new(Format::Paseto);
    let signer = secret(first(Format::Paseto)).named("nobody asks");
    let (payload, footer) = (draft.payload(), draft.header_text());
    let token = draft.sign();
    let mut segments = token.split('.').skip(2);
    let (body, segment) = (segments.next().unwrap(), segments.next().unwrap());
    let mut bytes = from_base64url(body).unwrap();
    let signature = bytes.split_off(bytes.len() - 64);
    let wider = draft.with("scope", "\"invoices:delete\"").payload();
    let moved = [wider.as_bytes(), &signature].concat();
    let bare = paseto::sign(payload.as_bytes(), b"", b"", &signer);
    let invalid = |id, about, token| refused(id, about, token, "signature_invalid");
    vec![
        invalid(
            "other-scope",
            "other claims under an old signature",
            format!("v4.public.{}.{segment}", base64url(&moved)),
        ),
        invalid(
            "implicit-assertion",
            "with an implicit assertion",
            paseto::sign(payload.as_bytes(), footer.as_bytes(), b"tenant:acme", &signer),
        ),
        invalid("without-footer", "over the claims without the footer", format!("{bare}.{segment}")),
        invalid("message-alone", "over the claims alone, without their lengths", {
            let signature = secret(first(Format::Paseto)).sign(payload.as_bytes());
            format!("v4.public.{}.{segment}", base64url(&[payload.as_bytes(), &signature].concat()))
        }),
    ]
}
