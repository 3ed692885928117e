//! Verifying a token that was verified a moment ago.

use crate::contest::{Contender, compete};
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::subject::{self, Subject};
use chancery_verifier::Format;
use chancery_verifier::entropy::{Entropy as _, PredictableEntropy};

pub(crate) const ID: &str = "codec.jwt.verify_cached_ns";
const TOKENS: u32 = 10_000;
const LIMIT_NANOS: f64 = 300.0;

/// All tokens in the cache, visited in random order, every one once a round.
pub(crate) fn measure(order: &Order, report: &mut Report) {
    Report::begin(ID);
    let subject = Subject::new(Format::Jwt);
    let (signer, verifier) = (subject.aws_signer(), subject.verifier(64 * 1024 * 1024));
    let mut tokens: Vec<String> = (0..u64::from(TOKENS))
        .map(|number| signer.sign(&subject::claims(number, subject.now)).unwrap())
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
    report.add(Figure {
        limit: Some(LIMIT_NANOS),
        note: format!("{TOKENS} tokens of {bytes} bytes in {kibibytes} KiB"),
        ..Figure::new(ID, "ns", ours.rounds)
    });
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
