//! What a million tokens leave behind: nothing.

use crate::affinity::Placement;
use crate::issuer::{CLIENTS, Issuer, Kept};
use crate::load::CONNECTIONS;
use crate::order::Order;
use crate::report::{Figure, Report};

pub(crate) const ID: &str = "http.token.rss_mb";
const LIMIT_MIB: f64 = 30.0;
const TOKENS: usize = 1_000_000;
const IN_QUICK: usize = 10_000;

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let tokens = if order.quick { IN_QUICK } else { TOKENS };
    let issuer = Issuer::set_up("memory", Kept::Embedded, CLIENTS)?;
    let mut serving = issuer.serve(CLIENTS, Placement::Free)?;
    let (bytes, idle) = (issuer.store_bytes(), serving.resident()?);
    for _ in 0..10 {
        serving.round(tokens / 10, CONNECTIONS)?;
    }
    let (bytes_after, loaded) = (issuer.store_bytes(), serving.resident()?);
    if bytes_after > bytes {
        return Err(format!("the store grew from {bytes} to {bytes_after} bytes by {tokens} tokens"));
    }
    report.add(Figure {
        limit: Some(LIMIT_MIB),
        note: format!(
            "resident after {tokens} tokens, {:.1} of it not of files, {:.1} before; the store has {bytes} bytes before and \
             {bytes_after} after",
            loaded.own, idle.all
        ),
        ..Figure::new(ID, "MiB", vec![loaded.all])
    });
    serving.end()
}
