//! The table of routes, as people and catalogs read it.

use super::access::Access;
use super::methods::Verb;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::fmt;

/// Every route of a service with its access, by path and method.
///
/// Serialised it is what `routes.json` holds, one object a route:
/// `{"method": "GET", "path": "/invoices", "scopes": ["invoices:read"], "public": null}`, and where a route asks for younger
/// news of the revocation log than the others `"at_most": 5`, in seconds. `chancery gate` serves by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Table {
    rows: Vec<Row>,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The method it answers to.
    pub method: Verb,
    /// Its path template, from the root of the service.
    pub path: String,
    /// What it asks of its callers.
    pub access: Access,
}

impl Table {
    pub(super) fn new(rows: impl IntoIterator<Item = Row>) -> Self {
        let mut rows: Vec<Row> = rows.into_iter().collect();
        rows.sort_by(|a, b| (&a.path, a.method).cmp(&(&b.path, b.method)));
        Self { rows }
    }

    /// Its rows, by path and method.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

/// One route a line: method, path, access, and how old news of the revocation log may be where the route says.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.path.len()).max().unwrap_or(0);
        for Row { method, path, access } in &self.rows {
            write!(f, "{:<6} {path:<width$}  ", method.as_str())?;
            match access {
                Access::Public { reason } => writeln!(f, "public: {reason}")?,
                Access::Token(demand) => {
                    let scopes: Vec<&str> = demand.all_of().iter().map(crate::Scope::as_str).collect();
                    write!(f, "{}", scopes.join(" "))?;
                    if let Some(most) = demand.at_most() {
                        write!(f, "  (revocations at most {}s old)", most.as_secs())?;
                    }
                    writeln!(f)?;
                }
            }
        }
        Ok(())
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_struct("Row", 5)?;
        row.serialize_field("method", &self.method)?;
        row.serialize_field("path", &self.path)?;
        row.serialize_field("scopes", self.access.scopes())?;
        row.serialize_field("public", &self.access.public_reason())?;
        match &self.access {
            Access::Token(demand) if let Some(most) = demand.at_most() => {
                // Rounded up: a limit below a second would come back as none at all.
                row.serialize_field("at_most", &most.as_millis().div_ceil(1000))?;
            }
            Access::Token(_) | Access::Public { .. } => row.skip_field("at_most")?,
        }
        row.end()
    }
}
