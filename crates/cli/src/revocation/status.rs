//! `chancery revocation status`

use super::counted;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Office, Refusal};
use crate::terminal::Terminal;
use crate::time::{now, relative};
use chancery_issuer::admin::{EntriesView, ReceiptView, ReceiptsView, RevocationStatusView};
use chancery_revocation::Kind;
use chancery_token::UnixTime;
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  chancery revocation status
  chancery revocation status --verifiers --issuer https://auth.example.com

Only a running issuer knows which verifiers follow it: ask it with --issuer.

Exit codes: 0 the log is followed, 1 its end cannot be seen just now, it lost
entries, or the store would not keep what is revoked: the line below the state
and docs/OPERATIONS.md say what to do.";

/// Say how the revocation log stands, and who follows it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Status {
    /// List the verifiers that say their names, and how far each has come
    #[arg(long, requires = "issuer")]
    verifiers: bool,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl Status {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        crate::runtime::for_one_command()?.block_on(self.look(terminal))
    }

    async fn look(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let office = self.at.open().await?;
        let status = office.revocation_status().await.map_err(Refusal::into_failure)?;
        let receipts = if self.verifiers { Some(receipts(&office, &status).await?) } else { None };
        if self.form.json {
            let mut object = json!(status);
            if let Some(receipts) = &receipts {
                object["receipts"] = json!(receipts);
            }
            terminal.json(&object);
        } else {
            terminal.say(text(&status, receipts.as_ref(), now()));
        }
        Ok(if status.state == "following" { Exit::Ok } else { Exit::Refused })
    }
}

async fn receipts(office: &Office, status: &RevocationStatusView) -> Result<ReceiptsView, Failure> {
    office.receipts(status.sequence).await.map_err(Refusal::into_failure)
}

fn text(status: &RevocationStatusView, receipts: Option<&ReceiptsView>, now: UnixTime) -> String {
    let confirmed_at = UnixTime::from_secs(status.confirmed_at);
    let because = status.attested_because.as_ref().map_or_else(String::new, |because| format!(": {because}"));
    let mut lines = vec![
        format!("state       {}", status.state),
        format!("log         {}", status.log),
        format!("sequence    {} (it began at {})", status.sequence, status.start),
        format!("head        {}", status.head),
        format!("floor       {}", status.floor),
        format!("confirmed   {confirmed_at} ({})", relative(confirmed_at, now)),
        format!("durability  {}{because}", status.durability),
        format!("revoked     {}", entries(&status.entries)),
    ];
    if let Some(fault) = &status.fault {
        lines.insert(1, format!("  {}: {}", fault.reason, fault.detail));
    }
    lines.push(match &status.verifiers {
        Some(verifiers) => format!(
            "verifiers   {} say their names, {} of them are up to date; {} more do not",
            verifiers.connected, verifiers.up_to_date, verifiers.anonymous
        ),
        None => "verifiers   a running issuer knows: --issuer URL".to_owned(),
    });
    lines
        .extend(receipts.iter().flat_map(|receipts| &receipts.verifiers).map(|receipt| one(receipt, status)));
    lines.join("\n")
}

fn entries(entries: &EntriesView) -> String {
    let EntriesView { tokens, families, clients, tenants, subjects, all, keys } = *entries;
    let counts = [
        (tokens, Kind::Token),
        (families, Kind::Family),
        (clients, Kind::Client),
        (tenants, Kind::Tenant),
        (subjects, Kind::Subject),
        (all, Kind::All),
        (keys, Kind::Key),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = counts.map(|(count, kind)| counted(count, kind)).collect();
    if told.is_empty() { "nothing".to_owned() } else { told.join(", ") }
}

fn one(receipt: &ReceiptView, status: &RevocationStatusView) -> String {
    let ReceiptView { client_id, name, applied, .. } = receipt;
    match applied {
        Some(applied) if *applied >= status.sequence => format!("  {client_id}/{name}  up to date"),
        Some(applied) => {
            let behind = status.sequence.get().saturating_sub(applied.get());
            format!("  {client_id}/{name}  at {applied}, {behind} behind")
        }
        None => format!("  {client_id}/{name}  has not said how far it is"),
    }
}
