//! Which version of what took part.

use crate::report::Report;
use serde_json::json;

/// Writes down that `name` took part in this `version`.
pub(crate) fn used(name: &str, version: &str, report: &mut Report) {
    let entry = json!({"used": name, "version": version});
    if !report.more.contains(&entry) {
        report.more.push(entry);
    }
}
