//! `chancery drill`

mod probe;
mod report;
mod witness;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::office::{At, Office, Refusal};
use crate::revoke::wait::{Wanted, until_applied};
use crate::terminal::Terminal;
use crate::time::parse_span;
use chancery_issuer::admin::{PresentedToken, RevocationDraft, RevocationView};
use probe::Probe;
use report::Report;
use std::time::Duration;
use url::Url;
use witness::{Role, Witness};

const EXAMPLES: &str = "\
Examples:
  chancery drill --issuer https://auth.example.com \\
      --scope invoices:read --tenant acme
  chancery drill --issuer https://auth.example.com \\
      --client-id drill --secret-file drill.secret \\
      --probe https://api.documint.example/invoices --json

It gets a token, revokes it, and waits until every verifier that says its name
to this issuer has applied that. --probe presents the token to a service until
it is refused: that is what a thief would see, network and all.
Without --client-id a client is made for the drill, and disabled afterwards.

Exit codes: 0 all have refused it, 1 somebody never did, or nobody was there to
be watched, 2 the command line, 5 the issuer's store failed or lost entries, 7
the issuer is away.";

/// It asks a running issuer in any case.
const ISSUER: &str = "The running issuer whose token is revoked; it names the verifiers that poll this one, so ask each of several";

/// Revoke a token in earnest, and measure how long each verifier takes to refuse it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, mut_arg("issuer", |issuer| issuer.help(ISSUER)))]
pub(crate) struct Drill {
    #[command(flatten)]
    role: Role,
    /// Present the token to this address until it is refused; repeat it
    #[arg(long = "probe", value_name = "URL")]
    probes: Vec<Url>,
    /// How long to wait at most
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = parse_span)]
    timeout: Duration,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    form: Form,
}

impl Drill {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        crate::runtime::for_one_command()?.block_on(self.held(terminal))
    }

    async fn held(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let Self { role, probes, timeout, at, form } = self;
        let probes = probes.into_iter().map(Probe::new).collect::<Result<Vec<_>, _>>()?;
        let office = at.open().await?;
        let named = watching(&office, &probes).await?;
        let witness = role.enter(&office, terminal).await?;
        let drilled = measure(&office, &witness, Watchers { named, probes }, timeout, terminal).await;
        let left = witness.leave(&office, terminal).await;
        let report = drilled?;
        left?;
        if form.json {
            terminal.json(&report.object());
        } else {
            terminal.say(report.text());
        }
        Ok(if report.all_refused() { Exit::Ok } else { Exit::Refused })
    }
}

/// Who is looked at.
struct Watchers {
    /// Verifiers that say their names to the issuer.
    named: usize,
    probes: Vec<Probe>,
}

/// How many verifiers say their names. A drill that nobody takes part in would prove nothing.
async fn watching(office: &Office, probes: &[Probe]) -> Result<usize, Failure> {
    if let Office::Local(_) = office {
        return Err(Failure::unusable("usage", "a drill asks a running issuer who has heard of it")
            .fix("Add --issuer URL."));
    }
    let status = office.revocation_status().await.map_err(Refusal::into_failure)?;
    let connected = status.verifiers.map_or(0, |verifiers| verifiers.connected);
    if connected == 0 && probes.is_empty() {
        return Err(Failure::new(Exit::Refused, "drill_unwitnessed", "no verifier says its name to the issuer")
            .fix("Give them a name and credentials (docs/guides/revocation.md), or present the token: --probe URL."));
    }
    Ok(connected)
}

async fn measure(
    office: &Office,
    witness: &Witness,
    watchers: Watchers,
    timeout: Duration,
    terminal: &mut Terminal,
) -> Result<Report, Failure> {
    let Watchers { named, mut probes } = watchers;
    let token = witness.token(office.issuer()).await?;
    for probe in &mut probes {
        probe.must_accept(token.expose()).await?;
        terminal.progress(format!("  {} accepts the token", probe.url()));
    }
    let draft = RevocationDraft {
        kind: Some("token".to_owned()),
        token: Some(PresentedToken::from(token.expose().to_owned())),
        reason: Some("a revocation drill".to_owned()),
        ..RevocationDraft::default()
    };
    let revoked: RevocationView = office.revoke(&draft).await.map_err(Refusal::into_failure)?;
    let Some(sequence) = revoked.sequence else {
        return Err(Failure::new(
            Exit::Refused,
            "bad_answer",
            "the issuer did not say where the entry stands",
        ));
    };
    terminal.progress(format!("  revoked at sequence {sequence}"));
    let watched: Vec<_> = probes.into_iter().map(|probe| probe.watch(token.expose(), timeout)).collect();
    // Nobody says a name: there is no receipt to wait for.
    let wanted = if named == 0 { Wanted::AtLeast(0) } else { Wanted::All };
    let waited = until_applied(office, sequence, wanted, timeout, terminal).await?;
    let mut refused = Vec::new();
    for probe in watched {
        refused.push(probe.end().await);
    }
    Ok(Report {
        client_id: witness.client_id().clone(),
        sequence,
        receipts: waited.receipts,
        probes: refused,
    })
}
