//! What a million tokens leave behind: nothing.

use crate::affinity::Placement;
use crate::issuer::{CLIENTS, Issuer, Kept};
use crate::order::Order;
use crate::report::{Figure, Report};

const ID: &str = "http.token.rss_mb";
const LIMIT_MIB: f64 = 30.0;
const TOKENS: usize = 1_000_000;
const IN_QUICK: usize = 10_000;

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    if !order.chooses(ID) {
        return Ok(());
    }
    let tokens = if order.quick { IN_QUICK } else { TOKENS };
    let issuer = Issuer::set_up("memory", Kept::Embedded)?;
    let mut serving = issuer.serve(CLIENTS, Placement::Free)?;
    let (bytes, idle) = (issuer.store_bytes(), serving.resident()?);
    for _ in 0..10 {
        serving.round(tokens / 10)?;
    }
    let (bytes_after, loaded) = (issuer.store_bytes(), serving.resident()?);
    if bytes_after > bytes {
        return Err(format!("the store grew from {bytes} to {bytes_after} bytes by {tokens} tokens"));
    }
    let note = format!(
        "after {tokens} tokens; {idle:.1} before; the store has {bytes} bytes before and {bytes_after} after"
    );
    let id = ID.to_owned();
    report.add(Figure {
        id,
        value: loaded,
        unit: "MiB",
        limit: Some(LIMIT_MIB),
        allowed: 1.0,
        floor: None,
        note,
    });
    serving.end()
}
