//! `chancery demo`

mod folder;
mod leak;
mod service;
mod story;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::terminal::Terminal;
use chancery_verifier::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use std::future::Future;
use std::time::Duration;

const HELP: &str = "\
An issuer, a guarded service and a client, over real HTTP on 127.0.0.1, in a
folder of their own that is removed afterwards. Nothing is faked and nothing
else is needed.

Exit codes: 0 every step went as it must, 1 one did not (it is named).";

/// See the whole story in one go: issue, verify offline, refuse, revoke
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Demo {
    #[command(flatten)]
    form: Form,
}

/// One thing that was to happen.
struct Step {
    name: &'static str,
    outcome: Result<String, String>,
    took: Duration,
}

/// What happened so far, told while it happens.
struct Telling<'t> {
    terminal: &'t mut Terminal,
    json: bool,
    clock: SystemClock,
    steps: Vec<Step>,
}

/// A step did not go as it must; it was told.
struct Broken;

impl Demo {
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let runtime = crate::runtime::for_a_server()?;
        let clock = SystemClock::new();
        let mut telling = Telling { terminal, json: self.form.json, clock, steps: Vec::new() };
        let broken = runtime.block_on(story::tell(&mut telling)).is_err();
        let took = telling.clock.monotonic();
        if self.form.json {
            let steps: Vec<Value> = telling.steps.iter().map(object).collect();
            telling.terminal.json(&json!({ "ok": !broken, "ms": millis(took), "steps": steps }));
        } else if broken {
            let name = telling.steps.last().map_or("start", |step| step.name);
            telling.terminal.say(format!("\nThe step '{name}' did not go as it must."));
        } else {
            telling.terminal.say(format!("\nAll of it in {:.0} ms. Your turn: chancery serve", millis(took)));
        }
        Ok(if broken { Exit::Refused } else { Exit::Ok })
    }
}

impl Telling<'_> {
    /// Does one step, and tells it in a line.
    async fn step<T>(
        &mut self,
        name: &'static str,
        work: impl Future<Output = Result<(T, String), String>>,
    ) -> Result<T, Broken> {
        let begun = self.clock.monotonic();
        let outcome = work.await;
        let took = self.clock.monotonic().saturating_sub(begun);
        let (value, outcome) = match outcome {
            Ok((value, told)) => (Ok(value), Ok(told)),
            Err(fault) => (Err(Broken), Err(fault)),
        };
        let step = Step { name, outcome, took };
        if !self.json {
            let (mark, told) = match &step.outcome {
                Ok(told) => ("ok", told),
                Err(fault) => ("FAILED", fault),
            };
            self.terminal.say(format!("{:>8.1} ms  {mark:<6}  {name:<15}  {told}", millis(took)));
        }
        self.steps.push(step);
        value
    }
}

fn object(step: &Step) -> Value {
    let (ok, detail) = match &step.outcome {
        Ok(told) => (true, told),
        Err(fault) => (false, fault),
    };
    json!({ "step": step.name, "ok": ok, "ms": millis(step.took), "detail": detail })
}

fn millis(span: Duration) -> f64 {
    (span.as_secs_f64() * 10_000.0).round() / 10.0
}
