//! Verifying a token that was not seen before: text to `Verified`, beside the signature check alone.

use crate::contest::Contender;
use crate::order::Order;
use crate::peer::{self, Work};
use crate::raw;
use crate::report::Report;
use crate::sign::signed_bytes;
use crate::subject::{AUDIENCE, ISSUER, Subject};
use aws_lc_rs::signature::{ED25519, ParsedPublicKey};
use chancery_verifier::Format;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use pasetors::claims::ClaimsValidationRules;
use pasetors::keys::AsymmetricPublicKey;
use pasetors::token::UntrustedToken;
use pasetors::version4::V4;

pub(crate) fn measure(format: Format, order: &Order, report: &mut Report) {
    let subject = Subject::new(format);
    let (signer, verifier) = (subject.signer(), subject.verifier(0));
    let tokens: Vec<String> = subject.claims.iter().map(|claims| signer.sign(claims).unwrap()).collect();
    let messages: Vec<Vec<u8>> = tokens.iter().map(|token| signed_bytes(format, token)).collect();
    let signatures: Vec<ed25519_dalek::Signature> = messages
        .iter()
        .map(|message| {
            use ed25519_dalek::Signer as _;
            subject.dalek.sign(message)
        })
        .collect();
    let dalek = subject.dalek.verifying_key();
    let aws = ParsedPublicKey::new(&ED25519, subject.public()).unwrap();
    let count = tokens.len();
    let mut contenders = vec![
        Contender::new("ours", |at| verifier.verify(&tokens[at % count], subject.now).unwrap()),
        Contender::new("raw", |at| {
            dalek.verify_strict(&messages[at % count], &signatures[at % count]).unwrap();
        }),
        Contender::new("raw_aws_lc_rs", |at| {
            aws.verify_sig(&messages[at % count], &signatures[at % count].to_bytes()).unwrap();
        }),
    ];
    match format {
        Format::Jwt => {
            let key = DecodingKey::from_ed_der(subject.public());
            let mut rules = Validation::new(Algorithm::EdDSA);
            rules.set_issuer(&[ISSUER]);
            rules.set_audience(&[AUDIENCE]);
            let tokens = &tokens;
            contenders.push(Contender::new("jsonwebtoken", move |at| {
                jsonwebtoken::decode::<serde_json::Value>(&tokens[at % count], &key, &rules).unwrap()
            }));
            contenders.extend(peer::all(Work::Verify, &subject, order, report));
        }
        Format::Paseto => {
            let key = AsymmetricPublicKey::<V4>::from(subject.public()).unwrap();
            let mut rules = ClaimsValidationRules::new();
            rules.validate_issuer_with(ISSUER);
            rules.validate_audience_with(AUDIENCE);
            // It refuses tokens without `nbf`, as ours are; `exp` it still checks.
            rules.disable_valid_at();
            let tokens = &tokens;
            contenders.push(Contender::new("pasetors", move |at| {
                let token = UntrustedToken::try_from(&tokens[at % count]).unwrap();
                pasetors::public::verify(&key, &token, &rules, None, None).unwrap()
            }));
        }
    }
    let (message, token) = (messages[0].len(), tokens[0].len());
    let note = format!("limit: ed25519-dalek verify_strict over {message} bytes (token {token} bytes)");
    raw::hold(&format!("codec.{format}.verify_cold"), contenders, &note, order, report);
}
