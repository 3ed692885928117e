//! Verifying a token that was verified a moment ago.

use crate::contest::{Contender, compete};
use crate::entries;
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::subject::{self, Subject};
use chancery_revocation::{DocumentSigner, RevocationKeys};
use chancery_token::{SecretKey, jwk};
use chancery_verifier::entropy::{Entropy as _, PredictableEntropy};
use chancery_verifier::{Format, Verifier};
use std::sync::Arc;

pub(crate) const ID: &str = "codec.jwt.verify_cached_ns";
const WITH_REVOCATION: &str = "codec.jwt.verify_cached_ns.with_revocation";
const TOKENS: u32 = 10_000;
const CACHE_BYTES: u64 = 64 * 1024 * 1024;
const LIMIT_NANOS: f64 = 300.0;
/// What the question whether it is revoked may add.
const LIMIT_WITH_REVOCATION: f64 = 310.0;
const REVOKED: u64 = 250_000;

/// All tokens in the cache, visited in random order, every one once a round. The two verifiers do not take turns: each
/// would find the processor's own caches full of the other's tokens, and a service has one.
pub(crate) fn measure(order: &Order, report: &mut Report) {
    Report::begin(ID);
    let subject = Subject::new(Format::Jwt);
    let (rounds, note) = looked_up(&subject, &subject.verifier(CACHE_BYTES), 0, order);
    report.add(Figure { limit: Some(LIMIT_NANOS), note, ..Figure::new(ID, "ns", rounds) });
    let (verifier, applied, names) = follower(&subject);
    let (rounds, note) = looked_up(&subject, &verifier, applied, order);
    report.add(Figure {
        limit: Some(LIMIT_WITH_REVOCATION),
        note: format!("{note}; each asked whether it is among {REVOKED} revoked ids and {names} names"),
        ..Figure::new(WITH_REVOCATION, "ns", rounds)
    });
}

/// Nanoseconds for a lookup, one figure a round; and of what.
fn looked_up(subject: &Subject, verifier: &Verifier, rvs: u64, order: &Order) -> (Vec<f64>, String) {
    let signer = subject.aws_signer();
    let mut tokens: Vec<String> = (0..u64::from(TOKENS))
        .map(|number| {
            let mut claims = subject::claims(number, subject.now);
            claims.rvs = claims.rvs.max(rvs);
            signer.sign(&claims).unwrap()
        })
        .collect();
    for token in &tokens {
        verifier.verify(token, subject.now).unwrap();
    }
    shuffle(&mut tokens);
    let mut contenders =
        [Contender::new("ours", |at| verifier.verify(&tokens[at % tokens.len()], subject.now).unwrap())];
    compete(&mut contenders, if order.quick { 3 } else { 51 }, TOKENS);
    let [ours] = contenders;
    let (bytes, kibibytes) = (tokens[0].len(), verifier.cached_bytes() / 1024);
    (ours.rounds, format!("{TOKENS} tokens of {bytes} bytes in {kibibytes} KiB"))
}

/// A verifier that follows the log, the sequence that it has applied, and how many names are revoked.
fn follower(subject: &Subject) -> (Verifier, u64, usize) {
    let log = entries::log(0..REVOKED, None, subject.now).unwrap();
    let key = SecretKey::from_seed(&[9; 32]);
    let keys = RevocationKeys::from_keys([key.public()]).unwrap();
    let kid = jwk::thumbprint(&key.public());
    let snapshot = DocumentSigner::new(subject::ISSUER, Arc::new(key.named(kid)));
    let snapshot = snapshot.snapshot(&log, subject.now).unwrap();
    let verifier = subject.follower(CACHE_BYTES);
    verifier.install_revocations(&snapshot, &keys, subject.now).unwrap();
    (verifier, log.position().sequence.get(), log.published().names())
}

/// Fisher and Yates; the same order on every run.
pub(crate) fn shuffle(tokens: &mut [String]) {
    let entropy = PredictableEntropy::new(1);
    for last in (1..tokens.len()).rev() {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        let bound = u64::try_from(last).unwrap() + 1;
        tokens.swap(last, usize::try_from(u64::from_le_bytes(bytes) % bound).unwrap());
    }
}
