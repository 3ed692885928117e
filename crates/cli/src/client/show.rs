//! `chancery client show`

use super::known;
use super::object::{object, state};
use crate::failure::Failure;
use crate::form::Form;
use crate::local::{ConfigFile, FirstStart};
use crate::terminal::Terminal;
use crate::time::{exact, relative};
use chancery_issuer::client::{Client, ClientState, Reach};
use chancery_token::{ClientId, UnixTime};

/// Show one client: who owns it, what it may do, until when
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  chancery client show billing")]
pub(crate) struct Show {
    /// Its id
    id: ClientId,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    form: Form,
}

impl Show {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let mut local = self.config.read()?.open(FirstStart::Refuse)?;
        local.identify().await?;
        let client = known(&*local.store, &self.id).await?;
        if self.form.json {
            terminal.json(&object(&client, local.now()));
        } else {
            terminal.say(text(&client, local.now()));
        }
        Ok(())
    }
}

fn text(client: &Client, now: UnixTime) -> String {
    let tenants: Vec<&str> = client.tenants.iter().map(chancery_token::TenantId::as_str).collect();
    let mut lines = vec![
        format!("{}  {}", client.id, state(client, now)),
        format!("  name      {}", client.name),
        format!("  purpose   {}", client.purpose),
        format!("  owner     {}", client.owner),
        format!("  kind      {}", client.kind),
        format!("  tenants   {}", tenants.join(" ")),
        format!("  tokens    live {}", exact(client.lifetime)),
        format!("  expires   {} ({})", client.expires_at, relative(client.expires_at, now)),
    ];
    if let ClientState::Disabled { at, reason } = &client.state {
        lines.push(format!("  disabled  {at} ({}): {reason}", relative(*at, now)));
    }
    match &client.reach {
        Reach::Bounded(bounds) => {
            for (scope, axis, bound) in bounds.iter() {
                let of = scope.map_or_else(String::new, |scope| format!("{scope}/"));
                let value = serde_json::to_string(bound).unwrap_or_default();
                lines.push(format!("  bound     {of}{axis} {value}"));
            }
        }
        Reach::Unbounded { reason } => lines.push(format!("  unbounded {reason}")),
    }
    for grant in &client.grants {
        lines.push(format!("  scope     {} for {}: {}", grant.scope, grant.audience, grant.reason));
    }
    for secret in &client.secrets {
        lines.push(format!("  secret    {} of {} (only its digest is stored)", secret.id, secret.created_at));
    }
    lines.join("\n")
}
