//! `chancery client list`

use super::object::{object, state};
use crate::failure::Failure;
use crate::form::Form;
use crate::local::{ConfigFile, FirstStart, store_failure};
use crate::terminal::Terminal;
use serde_json::json;

/// List the clients
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  chancery client list --json | jq '.clients[] | select(.state == \"expired\") | .id'"
)]
pub(crate) struct List {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    form: Form,
}

impl List {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let mut local = self.config.read()?.open(FirstStart::Refuse)?;
        local.identify().await?;
        let now = local.now();
        let clients = local.store.clients().await.map_err(|why| store_failure(&why))?;
        if self.form.json {
            let objects: Vec<_> = clients.iter().map(|client| object(client, now)).collect();
            terminal.json(&json!({ "clients": objects }));
            return Ok(());
        }
        if clients.is_empty() {
            terminal
                .say("There are no clients yet. `chancery client create --help` shows how to register one.");
            return Ok(());
        }
        let rows: Vec<[String; 5]> = clients
            .iter()
            .map(|client| {
                let state = state(client, now);
                let tenants = match client.tenants.as_slice() {
                    [one] => one.to_string(),
                    several => format!("{} tenants", several.len()),
                };
                let until = client.expires_at.to_rfc3339();
                let date = until.split('T').next().unwrap_or_default().to_owned();
                [
                    client.id.to_string(),
                    format!("{state} until {date}"),
                    client.kind.to_string(),
                    tenants,
                    client.owner.clone(),
                ]
            })
            .collect();
        terminal.say(table(&rows));
        Ok(())
    }
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
