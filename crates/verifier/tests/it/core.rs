//! The judgement itself, at driven instants.

mod bound_tokens;
mod cache;
mod claims;
mod keys;
mod oracle;
mod records;
mod rejections;
mod revocation;
mod setup;
mod swaps;
mod testing;
mod time;

use chancery_verifier::testing::TestIssuer;
use chancery_verifier::{Format, Rejection, Revocation, UnixTime, Verified, Verifier};
use std::time::Duration;

const ISSUER: &str = "https://auth.example.com";
const AUDIENCE: &str = "https://api.example.com";
const FORMATS: [Format; 2] = [Format::Jwt, Format::Paseto];

fn issuer() -> TestIssuer {
    TestIssuer::new(ISSUER, AUDIENCE)
}

const fn ignore() -> Revocation {
    Revocation::Ignore { reason: "the tests are not about revocation" }
}

/// A verifier without leeway, and without keys.
fn exact() -> Verifier {
    Verifier::new(ISSUER, AUDIENCE, ignore()).unwrap().leeway(Duration::ZERO)
}

/// `verifier` with the keys of `issuer`.
fn trusting(verifier: Verifier, issuer: &TestIssuer) -> Verifier {
    verifier.install_keys(issuer.keys()).unwrap();
    verifier
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The instant `seconds` after `start`, or before it.
fn shifted(start: UnixTime, seconds: i64) -> UnixTime {
    let span = secs(seconds.unsigned_abs());
    if seconds < 0 { start.minus(span) } else { start.plus(span) }
}

/// `ok`, or the reason of the refusal.
fn said(verdict: &Result<Verified, Rejection>) -> &'static str {
    verdict.as_ref().map_or_else(Rejection::reason, |_| "ok")
}
