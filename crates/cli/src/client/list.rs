//! `chancery client list`

use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Listed, Refusal};
use crate::terminal::Terminal;
use chancery_issuer::admin::{ClientFilter, ClientView, Standing, UnreadableView};
use chancery_token::{Scope, TenantId};
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  chancery client list --scope invoices:delete    who can delete invoices?
  chancery client list --owner team-billing --state active
  chancery client list --json |
      jq '.clients[] | select(.state == \"expired\") | .id'

Exit codes: 0 these are all, 5 some cannot be read and are named.";

/// List the clients: all, or those that fit
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// Those that this team or person answers for
    #[arg(long, value_name = "WHO")]
    owner: Option<String>,
    /// Those that hold this scope
    #[arg(long, value_name = "SCOPE")]
    scope: Option<Scope>,
    /// Those that serve this tenant
    #[arg(long, value_name = "TENANT")]
    tenant: Option<TenantId>,
    /// Those that are active, disabled or expired
    #[arg(long, value_name = "STATE")]
    state: Option<Standing>,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl List {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let filter =
            ClientFilter { owner: self.owner, scope: self.scope, tenant: self.tenant, state: self.state };
        let office = self.at.open().await?;
        let Listed { clients, unreadable } = office.clients(&filter).await.map_err(Refusal::into_failure)?;
        for UnreadableView { id, detail, .. } in &unreadable {
            terminal.note(format!("warning: client '{id}' is not listed: {detail}"));
        }
        // What can be read is told; that it is not all shows in the exit code.
        let exit = if unreadable.is_empty() { Exit::Ok } else { Exit::Store };
        if self.form.json {
            let mut object = json!({ "clients": clients });
            if !unreadable.is_empty() {
                object["unreadable"] = json!(unreadable);
            }
            terminal.json(&object);
        } else if !clients.is_empty() {
            let rows: Vec<[String; 5]> = clients.iter().map(row).collect();
            terminal.say(table(&rows));
        } else if filter == ClientFilter::default() && unreadable.is_empty() {
            terminal
                .say("There are no clients yet. `chancery client create --help` shows how to register one.");
        } else {
            terminal.say("No client fits.");
        }
        Ok(exit)
    }
}

fn row(client: &ClientView) -> [String; 5] {
    let tenants = match client.tenants.as_slice() {
        [one] => one.to_string(),
        several => format!("{} tenants", several.len()),
    };
    let until = client.expires_at.to_rfc3339();
    let date = until.split('T').next().unwrap_or_default();
    [
        client.id.to_string(),
        format!("{} until {date}", client.state),
        client.kind.to_string(),
        tenants,
        client.owner.clone(),
    ]
}

/// Columns as wide as their widest cell.
fn table<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
