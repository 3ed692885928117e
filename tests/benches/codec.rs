//! What the token codec costs beside the bare Ed25519 operation.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]
#![expect(clippy::unwrap_used, reason = "what is measured here cannot fail, or the bench is worth nothing")]

#[path = "codec/cache_size.rs"]
mod cache_size;
#[path = "codec/cached.rs"]
mod cached;
#[path = "measure/contest.rs"]
mod contest;
#[path = "measure/curve.rs"]
mod curve;
#[path = "revocation/entries.rs"]
mod entries;
#[path = "measure/folder.rs"]
mod folder;
#[path = "measure/npm.rs"]
mod npm;
#[path = "measure/order.rs"]
mod order;
#[path = "codec/peer.rs"]
mod peer;
#[path = "codec/pip.rs"]
mod pip;
#[path = "codec/raw.rs"]
mod raw;
#[path = "measure/report.rs"]
mod report;
#[path = "measure/run.rs"]
mod run;
#[path = "codec/sign.rs"]
mod sign;
#[path = "codec/subject.rs"]
mod subject;
#[path = "measure/time.rs"]
mod time;
#[path = "measure/used.rs"]
mod used;
#[path = "codec/verify.rs"]
mod verify;

use chancery_verifier::Format;
use order::Order;
use report::Report;

fn main() {
    let order = Order::from_command_line();
    let mut report = Report::default();
    used::used("backend of ed25519-dalek", dalek_backend(), &mut report);
    for format in [Format::Jwt, Format::Paseto] {
        if order.chooses(&format!("codec.{format}.sign")) {
            sign::measure(format, &order, &mut report);
        }
        if order.chooses(&format!("codec.{format}.verify_cold")) {
            verify::measure(format, &order, &mut report);
        }
    }
    if order.chooses(cached::ID) {
        cached::measure(&order, &mut report);
    }
    if order.chooses(cache_size::ID) {
        cache_size::measure(&order, &mut report);
    }
    report.leave("codec");
}

/// Which arithmetic the verifications ran on: the build allows AVX-512, the processor decides.
fn dalek_backend() -> &'static str {
    #[expect(unexpected_cfgs, reason = "set for the whole build in .cargo/config.toml, for curve25519-dalek")]
    let allowed = cfg!(curve25519_dalek_backend = "avx512");
    #[cfg(target_arch = "x86_64")]
    let (ifma, avx2) = (is_x86_feature_detected!("avx512ifma"), is_x86_feature_detected!("avx2"));
    #[cfg(not(target_arch = "x86_64"))]
    let (ifma, avx2) = (false, false);
    match (allowed && ifma, avx2) {
        (true, _) => "avx512 (IFMA)",
        (false, true) => "avx2",
        (false, false) => "serial",
    }
}
