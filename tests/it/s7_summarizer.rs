//! S7, whole: an issuer, Papers, a summarizer with eight workers, and a worker in Python behind `chancery agent exec`, each
//! a process of its own, for a day that a moved clock lets pass.

mod day;
mod hand;
mod refused;
mod world;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The documents that the summarizer may read.
const REPORTS: [&str; 8] = ["A-1", "A-2", "A-3", "A-4", "A-5", "A-6", "A-7", "A-8"];

/// What was summed up, by document.
fn summaries(said: &[Value]) -> BTreeMap<&str, &Value> {
    let summaries = said.iter().filter_map(|line| line.get("summary"));
    summaries.map(|summary| (summary["document"].as_str().unwrap(), summary)).collect()
}

/// Who summed something up.
fn at_work(said: &[Value]) -> BTreeSet<u64> {
    let who = said.iter().filter(|line| line.get("summary").is_some());
    who.map(|line| line["worker"].as_u64().unwrap()).collect()
}
