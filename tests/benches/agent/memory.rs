//! What an agent weighs once it has worked.

use crate::affinity::Placement;
use crate::line::{self, Line, TOKEN};
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::site::Site;

pub(crate) const ID: &str = "agent.rss_mib";
const LIMIT_MIB: f64 = 15.0;
/// Connections that stay open, as many as the processes of a busy machine.
const LINES: usize = 64;
const ASKED: usize = 2_000;

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let asked = if order.quick { ASKED / 100 } else { ASKED };
    let site = Site::open("memory", Placement::Free)?;
    let idle = site.resident()?;
    let proof = line::post("/proof", r#"{"method":"GET","url":"https://api.documint.example/invoices"}"#);
    let lines: Result<Vec<Line>, String> = (0..LINES).map(|_| Line::to(&site.socket)).collect();
    let mut lines = lines?;
    for line in &mut lines {
        line.wait(TOKEN, asked / 2)?;
        line.wait(&proof, asked / 2)?;
    }
    let after = site.resident()?;
    report.add(Figure {
        limit: Some(LIMIT_MIB),
        note: format!(
            "resident after {} answers, half of them proofs, with {LINES} connections open; {:.1} of it not of files; {:.1} \
             and {:.1} before the first",
            LINES * asked,
            after.own,
            idle.all,
            idle.own
        ),
        ..Figure::new(ID, "MiB", vec![after.all])
    });
    drop(lines);
    site.end()
}
