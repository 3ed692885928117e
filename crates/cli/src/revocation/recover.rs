//! `chancery revocation recover`

mod told;

use super::documents;
use crate::confirm;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::local::{ConfigFile, FirstStart, Settings, store_failure};
use crate::logging;
use crate::terminal::Terminal;
use chancery_issuer::revocation::LogSettings;
use chancery_issuer::revocation::recover::{
    KeptDocuments, RecoverFault, Recovery, Remains, Rules, plan_recovery,
};
use chancery_revocation::{Issuers, OnUnprovableLoss};
use serde_json::json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  chancery revocation recover --plan
  chancery revocation recover --journal issuer-2.journal \\
      --documents https://issuer-3.example.com/revocation/snapshot \\
      --documents documint.revocation.log --all-issuers
  chancery revocation recover --all-issuers --yes

For the machine that has the master key and the store, when a store lost
entries: docs/OPERATIONS.md says step by step what to do. The journal of the
issuer of this machine is read without being named. The more is named, the less
has to be revoked; what is named twice does no harm. A store that lacks nothing
of what is named stays as it is.
What was found, and what is decided, is shown first. Running issuers go over to
the new log by themselves.

Exit codes: 0 recovered, planned, or nothing is missing; 2 not confirmed, or
something that is named cannot be read; 5 the store failed or was changed
meanwhile.";

/// Go on after the store lost entries, with all that anybody still holds
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that somebody types")]
pub(crate) struct Recover {
    /// The journal of another issuer; what lies beside it as ….kept is read too; repeat it
    #[arg(long = "journal", value_name = "FILE")]
    journals: Vec<PathBuf>,
    /// What a verifier keeps, or a running issuer publishes; repeat it
    #[arg(long = "documents", value_name = "FILE|URL")]
    documents: Vec<String>,
    /// Say that the journal of every machine is named on which an issuer, or a command on the store, ever revoked something
    #[arg(long)]
    all_issuers: bool,
    /// What to do when something may be missing: revoke_all or union; as configured unless said otherwise
    #[arg(long, value_name = "POLICY", value_parser = policy)]
    on_unprovable_loss: Option<OnUnprovableLoss>,
    /// The store was lost whole and there is no backup: begin another one, without clients and with new keys
    #[arg(long)]
    new_store: bool,
    /// Show what was found and what would be decided, and change nothing
    #[arg(long)]
    plan: bool,
    /// Do not ask
    #[arg(long, conflicts_with = "plan")]
    yes: bool,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    form: Form,
}

fn policy(word: &str) -> Result<OnUnprovableLoss, String> {
    OnUnprovableLoss::parse(word).ok_or_else(|| "write revoke_all or union".to_owned())
}

impl Recover {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let settings = self.config.read()?;
        let remains = self.remains(&settings)?;
        crate::runtime::for_one_command()?.block_on(self.recover(settings, remains, terminal))
    }

    /// Everything that was named, read.
    fn remains(&self, settings: &Settings) -> Result<Remains, Failure> {
        let mut journals = self.journals.clone();
        if let Some(missing) = journals.iter().find(|journal| !journal.exists()) {
            let message = format!("there is no journal at {}", missing.display());
            return Err(Failure::unusable("journal_missing", message).fix(
                "It lies where [revocation] journal_file of that issuer says. If it is lost, leave it and \
                 --all-issuers out.",
            ));
        }
        let own = &settings.config.revocation.journal_file;
        // Without any other it is missed: an issuer was here, and what it saw is not known.
        if own.exists() || journals.is_empty() {
            journals.insert(0, own.clone());
        }
        let documents = self.documents.iter().map(|source| {
            let texts = documents::read(std::slice::from_ref(source))?;
            let texts = texts.into_iter().map(|text| text.document).collect();
            Ok(KeptDocuments { from: source.clone(), texts })
        });
        Ok(Remains { journals, documents: documents.collect::<Result<_, Failure>>()? })
    }

    async fn recover(
        self,
        settings: Settings,
        remains: Remains,
        terminal: &mut Terminal,
    ) -> Result<Exit, Failure> {
        logging::start(settings.log_of_a_command());
        let first_start = if self.new_store { FirstStart::Allow } else { FirstStart::Refuse };
        let opened = settings.open(first_start).await.map_err(without_store);
        let mut local = opened?;
        let keyring = local.keyring().await?;
        let config = &local.settings.config;
        let rules = Rules {
            issuers: if self.all_issuers { Issuers::AllAnswered } else { Issuers::SomeSilent },
            on_unprovable_loss: self.on_unprovable_loss.unwrap_or(config.revocation.on_unprovable_loss),
            retention: LogSettings::of_a_command(config).retention,
        };
        let issuer = config.issuer.url.clone();
        let (store, now, entropy) = (&*local.store, local.now(), &*local.entropy);
        let planned = plan_recovery(store, &keyring, &issuer, &remains, rules, now, entropy).await;
        let planned = planned.map_err(|why| not_recovered(&why))?;
        if self.plan {
            self.tell(planned.report(), terminal);
            return Ok(Exit::Ok);
        }
        if planned.is_needless() {
            self.tell(planned.report(), terminal);
            return Ok(Exit::Ok);
        }
        if !self.yes {
            terminal.note(told::text(planned.report(), true));
            confirm::of_issuer(&issuer, terminal)?;
        }
        let report =
            planned.carry_out(store, &keyring, now, entropy).await.map_err(|why| not_recovered(&why))?;
        tracing::info!(
            target: "chancery::audit",
            actor = "the master key",
            verb = "revocation.recover",
            decision = report.decision,
            log = %report.log,
            sequence = report.sequence.get(),
            "administered"
        );
        self.tell(&report, terminal);
        Ok(Exit::Ok)
    }

    fn tell(&self, report: &Recovery, terminal: &mut Terminal) {
        if self.form.json {
            let mut object = json!(report);
            object["planned"] = self.plan.into();
            terminal.json(&object);
        } else {
            terminal.say(told::text(report, self.plan));
        }
    }
}

fn without_store(failure: Failure) -> Failure {
    if failure.json()["reason"] != "store_missing" {
        return failure;
    }
    failure.fix(
        "Put the latest backup back, start the store, and run this again. Only if there is no backup: --new-store.",
    )
}

fn not_recovered(why: &RecoverFault) -> Failure {
    match why {
        RecoverFault::Store(fault) => store_failure(fault),
        RecoverFault::Moved | RecoverFault::KeyStays(_) => Failure::new(Exit::Store, why.reason(), why),
        RecoverFault::Full(_) => Failure::new(Exit::Refused, why.reason(), why),
    }
}
