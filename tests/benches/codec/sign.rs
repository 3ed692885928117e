//! Signing: claims to token, beside the signature alone.

use crate::contest::Contender;
use crate::order::Order;
use crate::peer::{self, Work};
use crate::raw;
use crate::report::Report;
use crate::subject::Subject;
use chancery_verifier::Format;
use ed25519_dalek::Signer as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use pasetors::claims::Claims as PasetoClaims;
use pasetors::footer::Footer;
use pasetors::keys::AsymmetricSecretKey;
use pasetors::version4::V4;

pub(crate) fn measure(format: Format, order: &Order, report: &mut Report) {
    let subject = Subject::new(format);
    let (dalek, aws) = (subject.signer(), subject.aws_signer());
    // Raw signatures are over as many bytes as ours cover.
    let message = signed_bytes(format, &dalek.sign(&subject.claims[0]).unwrap());
    let claims = |at: usize| &subject.claims[at % subject.claims.len()];
    let mut contenders = vec![
        Contender::new("ours", |at| dalek.sign(claims(at)).unwrap()),
        Contender::new("raw", |_| subject.dalek.sign(&message)),
        Contender::new("ours_over_aws_lc_rs", |at| aws.sign(claims(at)).unwrap()),
        Contender::new("raw_aws_lc_rs", |_| subject.aws.sign(&message)),
    ];
    match format {
        Format::Jwt => {
            contenders.push(jsonwebtoken(&subject));
            contenders.extend(peer::all(Work::Sign, &subject, order, report));
        }
        Format::Paseto => contenders.push(pasetors(&subject)),
    }
    let note = format!("limit: ed25519-dalek over {} bytes", message.len());
    raw::hold(&format!("codec.{format}.sign"), contenders, &note, order, report);
}

/// What the signature of `token` covers.
pub(crate) fn signed_bytes(format: Format, token: &str) -> Vec<u8> {
    match format {
        Format::Jwt => token.rsplit_once('.').unwrap().0.as_bytes().to_vec(),
        Format::Paseto => {
            use base64::Engine as _;
            let segments: Vec<&str> = token.split('.').collect();
            let decode = |text: &str| base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
            let (body, footer) = (decode(segments[2]), decode(segments[3]));
            pre_authentication_encoding(&body[..body.len() - 64], &footer)
        }
    }
}

/// The pre-authentication encoding of a v4.public token without an implicit assertion.
fn pre_authentication_encoding(message: &[u8], footer: &[u8]) -> Vec<u8> {
    let pieces: [&[u8]; 4] = [b"v4.public.", message, footer, b""];
    let mut out = 4_u64.to_le_bytes().to_vec();
    for piece in pieces {
        out.extend_from_slice(&u64::try_from(piece.len()).unwrap().to_le_bytes());
        out.extend_from_slice(piece);
    }
    out
}

fn jsonwebtoken(subject: &Subject) -> Contender<'_> {
    let key = EncodingKey::from_ed_der(&pkcs8(&subject.dalek.to_bytes()));
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(subject.signer().kid().to_owned());
    let claims = subject.payloads();
    Contender::new("jsonwebtoken", move |at| {
        jsonwebtoken::encode(&header, &claims[at % claims.len()], &key).unwrap()
    })
}

fn pasetors(subject: &Subject) -> Contender<'_> {
    let key = AsymmetricSecretKey::<V4>::from(&subject.dalek.to_keypair_bytes()).unwrap();
    let mut footer = Footer::new();
    footer.key_id(&pasetors::paserk::Id::from(
        &pasetors::keys::AsymmetricPublicKey::<V4>::from(subject.public()).unwrap(),
    ));
    let claims: Vec<PasetoClaims> = subject
        .payloads()
        .iter()
        .map(|claims| PasetoClaims::from_string(&claims.to_string()).unwrap())
        .collect();
    Contender::new("pasetors", move |at| {
        pasetors::public::sign(&key, &claims[at % claims.len()], Some(&footer), None).unwrap()
    })
}

/// A seed as PKCS#8 (RFC 8410 section 7).
fn pkcs8(seed: &[u8; 32]) -> Vec<u8> {
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    der.extend_from_slice(seed);
    der
}
