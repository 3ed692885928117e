//! `chancery client show`

use super::key;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Refusal};
use crate::terminal::Terminal;
use crate::time::{exact, now, relative};
use chancery_issuer::admin::ClientView;
use chancery_issuer::client::{DpopPolicy, Reach, Refresh};
use chancery_issuer::family::OnReplay;
use chancery_token::{ClientId, UnixTime};
use serde_json::json;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  chancery client show billing
  chancery client show billing --json \\
      --issuer https://auth.example.com --admin-secret-file admin.secret";

/// Show one client: who owns it, what it may do, until when
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Show {
    /// Its id
    id: ClientId,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl Show {
    pub(super) async fn run(self, terminal: &mut Terminal) -> Result<(), Failure> {
        let office = self.at.open().await?;
        let client = office.client(&self.id).await.map_err(Refusal::into_failure)?;
        if self.form.json {
            terminal.json(&json!(client));
        } else {
            terminal.say(text(&client, now()));
        }
        Ok(())
    }
}

/// All of it, in lines.
pub(super) fn text(client: &ClientView, now: UnixTime) -> String {
    let tenants: Vec<&str> = client.tenants.iter().map(chancery_token::TenantId::as_str).collect();
    let mut lines = vec![
        format!("{}  {}", client.id, client.state),
        format!("  name      {}", client.name),
        format!("  purpose   {}", client.purpose),
        format!("  owner     {}", client.owner),
        format!("  kind      {}", client.kind),
        format!("  tenants   {}", tenants.join(" ")),
        format!("  tokens    live {}", exact(Duration::from_secs(client.lifetime_secs))),
        format!("  expires   {} ({})", client.expires_at, relative(client.expires_at, now)),
    ];
    if let Some(disabled) = &client.disabled {
        let (at, reason) = (disabled.at, &disabled.reason);
        lines.push(format!("  disabled  {at} ({}): {reason}", relative(at, now)));
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
        let unbounded =
            grant.unbounded.as_ref().map_or_else(String::new, |why| format!(" (unbounded: {why})"));
        lines
            .push(format!("  scope     {} for {}: {}{unbounded}", grant.scope, grant.audience, grant.reason));
    }
    lines.push(format!(
        "  proves    {}{}",
        client.authentication.as_str(),
        match client.dpop {
            DpopPolicy::Optional => "",
            DpopPolicy::Required => ", DPoP required",
        }
    ));
    if let Some(Refresh { idle, absolute, most_families, on_replay }) = client.refresh {
        let replay = match on_replay {
            OnReplay::Revoke => "",
            OnReplay::Refuse => ", a replay is refused only",
        };
        lines.push(format!(
            "  refresh   unused for {} at most, {} in all, {most_families} at once{replay}",
            exact(idle),
            exact(absolute)
        ));
    }
    lines.extend(client.may_delegate_to.iter().map(|id| format!("  delegate  {id}")));
    lines.extend(client.keys.iter().map(|key| format!("  key       {}", key::line(key))));
    for secret in &client.secrets {
        lines.push(format!("  secret    {} of {} (only its digest is stored)", secret.id, secret.created_at));
    }
    lines.join("\n")
}
