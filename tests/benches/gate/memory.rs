//! What a gate weighs once it has worked.

use crate::affinity::Placement;
use crate::auth::Auth;
use crate::load::{self, CONNECTIONS};
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::site::{PATH, Site};
use crate::spent::Resident;
use std::sync::Arc;

pub(crate) const ID: &str = "gate.rss_mb";
const LIMIT_MIB: f64 = 20.0;
/// Of the log that the second gate follows.
const REVOKED: u64 = 250_000;
const REQUESTS: usize = 500_000;
/// Different ones: what was verified is remembered, and that weighs something too.
const TOKENS: usize = 10_000;

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let part = if order.quick { 100 } else { 1 };
    let (requests, tokens) = (REQUESTS / part, TOKENS / part);
    let plain = loaded("memory", 0, requests, tokens)?;
    report.add(Figure {
        limit: Some(LIMIT_MIB),
        note: format!(
            "after {requests} requests with {tokens} tokens, asked without a proxy; {}",
            plain.told()
        ),
        ..Figure::new(ID, "MiB", vec![plain.after.all])
    });
    let ids = if order.quick { REVOKED / 100 } else { REVOKED };
    let revoked = loaded("memory_revoked", ids, requests, tokens)?;
    report.add(Figure {
        note: format!("the same, with {ids} revoked ids; {}", revoked.told()),
        ..Figure::new(format!("{ID}.with_revoked"), "MiB", vec![revoked.after.all])
    });
    Ok(())
}

struct Weight {
    /// When it has the news and was asked nothing.
    idle: Resident,
    after: Resident,
}

impl Weight {
    fn told(&self) -> String {
        let Self { idle, after } = self;
        format!(
            "{:.1} of it not of files; {:.1} and {:.1} before the first request",
            after.own, idle.all, idle.own
        )
    }
}

/// A gate that follows a log of so many revoked ids, under load.
fn loaded(name: &str, revoked: u64, requests: usize, tokens: usize) -> Result<Weight, String> {
    let site = Site::open(name, revoked)?;
    let gate = Auth::gate(&site, Placement::Free)?;
    let idle = gate.resident()?;
    let question = |token| {
        format!(
            "GET /auth/nginx HTTP/1.1\r\nhost: {}\r\nx-original-method: GET\r\nx-original-uri: {PATH}\r\n\
             authorization: Bearer {token}\r\n\r\n",
            gate.address
        )
    };
    let questions: Arc<[Vec<u8>]> =
        site.tokens(tokens)?.iter().map(|token| question(token).into_bytes()).collect();
    load::send(gate.address, &questions, requests, CONNECTIONS)?;
    let after = gate.resident()?;
    gate.end()?;
    site.end()?;
    Ok(Weight { idle, after })
}
