//! `chancery catalog lint`

use super::source;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::local::ConfigFile;
use crate::terminal::Terminal;
use chancery_catalog::{Catalog, Finding, RULES, lint};
use serde_json::json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  chancery catalog lint
  chancery catalog lint catalog.toml --json |
      jq -r '.findings[] | \"\\(.line) \\(.better)\"'
  chancery catalog lint --rules

Where a rule is wrong about a scope, say so beside it, with the reason:
  lint = { broad = \"why this one is right\" }

Exit codes: 0 nothing to say, 1 there are findings,
3 the catalog itself is broken.";

/// Find scopes that will rot: each with its line, why it hurts, and a better name
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Lint {
    /// The catalog; the configured one if left out
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// List the rules and why there are such rules
    #[arg(long, conflicts_with = "file")]
    rules: bool,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    form: Form,
}

impl Lint {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        if self.rules {
            self.tell_rules(terminal);
            return Ok(Exit::Ok);
        }
        let catalog = source::read(self.file.as_deref(), &self.config)?;
        let findings = lint(&catalog);
        if self.form.json {
            terminal.json(&json!({ "file": catalog.file(), "findings": findings }));
        } else {
            terminal.say(text(&catalog, &findings));
        }
        Ok(if findings.is_empty() { Exit::Ok } else { Exit::Refused })
    }

    fn tell_rules(&self, terminal: &mut Terminal) {
        if self.form.json {
            terminal.json(&json!({ "rules": RULES }));
            return;
        }
        let width = RULES.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
        let lines = RULES.iter().map(|rule| format!("{:<width$}  {}", rule.name, rule.why));
        terminal.say(lines.collect::<Vec<_>>().join("\n"));
    }
}

fn text(catalog: &Catalog, findings: &[Finding]) -> String {
    if findings.is_empty() {
        let own = || catalog.products().iter().filter(|product| !product.is_administration());
        let scopes: usize = own().map(|product| product.scopes().count()).sum();
        let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        return format!(
            "{}: {}, {}, {}: nothing to say.",
            catalog.file(),
            count(own().count(), "product"),
            count(scopes, "scope"),
            count(catalog.templates().len(), "template"),
        );
    }
    let mut lines: Vec<String> = findings.iter().map(told).collect();
    let many =
        if findings.len() == 1 { "1 finding".to_owned() } else { format!("{} findings", findings.len()) };
    lines.push(format!(
        "{many}. `chancery catalog lint --rules` says why. Where one is wrong, say so: lint = {{ RULE = \"why\" }}"
    ));
    lines.join("\n")
}

fn told(finding: &Finding) -> String {
    let Finding { rule, file, line, scope, message, better, .. } = finding;
    let scope = scope.as_deref().map_or_else(String::new, |scope| format!(" {scope}"));
    let better = better.as_deref().map_or_else(String::new, |better| format!("\n  better: {better}"));
    format!("{file}:{line}:{scope} [{rule}]\n  {message}{better}\n")
}
