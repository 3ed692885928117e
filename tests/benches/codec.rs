//! What the token codec costs beside the bare Ed25519 operation.

#![expect(clippy::print_stderr, clippy::print_stdout, reason = "a bench talks to whoever runs it")]
#![expect(clippy::unwrap_used, reason = "what is measured here cannot fail, or the bench is worth nothing")]

#[path = "codec/cached.rs"]
mod cached;
#[path = "measure/contest.rs"]
mod contest;
#[path = "measure/order.rs"]
mod order;
#[path = "codec/raw.rs"]
mod raw;
#[path = "measure/report.rs"]
mod report;
#[path = "codec/sign.rs"]
mod sign;
#[path = "codec/subject.rs"]
mod subject;
#[path = "measure/time.rs"]
mod time;
#[path = "codec/verify.rs"]
mod verify;

use chancery_verifier::Format;
use order::Order;
use report::Report;

fn main() {
    let order = Order::from_command_line();
    println!("ed25519-dalek backend: {}", dalek_backend());
    let mut report = Report::default();
    for format in [Format::Jwt, Format::Paseto] {
        if order.chooses(&format!("codec.{format}.sign")) {
            sign::measure(format, &order, &mut report);
        }
        if order.chooses(&format!("codec.{format}.verify_cold")) {
            verify::measure(format, &order, &mut report);
        }
    }
    if order.chooses("codec.jwt.verify_cached_ns") {
        cached::measure(&order, &mut report);
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
