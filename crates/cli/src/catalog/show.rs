//! `chancery catalog show`

use super::source;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::local::ConfigFile;
use crate::terminal::Terminal;
use crate::time::exact;
use chancery_catalog::{AxisKind, Catalog, Product, Resource, ScopeEntry, Template};
use chancery_verifier::clock::{Clock as _, SystemClock};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  chancery catalog show
  chancery catalog show --product documint
  chancery catalog show --json |
      jq -r '.products[].scopes[] | select(.risk == \"admin\").scope'";

/// Show products, scopes and templates: what each allows, whose it is, how much harm it can do
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Show {
    /// The catalog; the configured one if left out
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Show this product alone
    #[arg(long, value_name = "NAME")]
    product: Option<String>,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    form: Form,
}

impl Show {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let catalog = source::read(self.file.as_deref(), &self.config)?;
        let only = self.product.as_deref().map(|name| source::product(&catalog, name)).transpose()?;
        let shown = |product: &Product| only.is_none_or(|only| only.name() == product.name());
        // A template may reach over several products; it is shown with each of them.
        let reaches = |template: &Template| {
            only.is_none_or(|only| template.grants().iter().any(|grant| grant.audience == only.audience()))
        };
        if self.form.json {
            let mut view = catalog.view(SystemClock::new().now());
            view.products.retain(|product| only.is_none_or(|only| only.name() == product.name));
            view.templates.retain(|view| catalog.template(view.name).is_some_and(reaches));
            terminal.json(&view);
            return Ok(Exit::Ok);
        }
        let products = catalog.products().iter().filter(|product| shown(product));
        let mut blocks: Vec<String> = products.map(product).collect();
        let templates: Vec<&Template> =
            catalog.templates().iter().filter(|template| reaches(template)).collect();
        if !templates.is_empty() {
            blocks.push(told_templates(&templates, &catalog));
        }
        terminal.say(blocks.join("\n\n"));
        Ok(Exit::Ok)
    }
}

fn product(product: &Product) -> String {
    let mut head =
        format!("{} ({})  {}  {}", product.title(), product.name(), product.audience(), product.format());
    if let Some(longest) = product.max_lifetime() {
        head = format!("{head}  tokens of {} at most", exact(longest));
    }
    let width = product.scopes().map(|entry| entry.scope().as_str().len()).max().unwrap_or(0);
    let owner = product.scopes().map(|entry| entry.owner().chars().count()).max().unwrap_or(0);
    let mut lines = vec![head];
    for resource in product.resources() {
        for entry in resource.scopes() {
            let (scope, risk, sentence) = (entry.scope().as_str(), entry.risk().as_str(), entry.sentence());
            lines.push(format!("  {scope:<width$}  {risk:<11}  {:<owner$}  {sentence}", entry.owner()));
            lines.extend(particulars(entry, product).map(|told| format!("  {:<width$}  {told}", "")));
        }
        lines.extend(axes(resource));
    }
    lines.join("\n")
}

/// What a scope has that most have not, if it has any of it.
fn particulars(entry: &ScopeEntry, product: &Product) -> Option<String> {
    let mut told = Vec::new();
    if !entry.aliases().is_empty() {
        told.push(format!("also called {}", entry.aliases().join(", ")));
    }
    if let Some(approval) = entry.approval() {
        told.push(format!("needs the approval of {}, for {}", approval.by(), exact(approval.lapses())));
    }
    if let Some(sunset) = entry.sunset() {
        told.push(format!("no token carries it from {sunset} on"));
    }
    if let Some(longest) = entry.max_lifetime().filter(|longest| Some(*longest) != product.max_lifetime()) {
        told.push(format!("tokens of {} at most", exact(longest)));
    }
    if let Some(docs) = entry.docs() {
        told.push(docs.to_owned());
    }
    (!told.is_empty()).then(|| told.join("; "))
}

fn axes(resource: &Resource) -> Option<String> {
    let kind = |kind: AxisKind| match kind {
        AxisKind::Number => " (a largest amount)",
        AxisKind::Text => "",
    };
    let axes: Vec<String> =
        resource.axes().iter().map(|(axis, holds)| format!("{axis}{}", kind(*holds))).collect();
    (!axes.is_empty()).then(|| format!("  {} can be bounded by {}", resource.name(), axes.join(", ")))
}

fn told_templates(templates: &[&Template], catalog: &Catalog) -> String {
    let mut lines = vec!["Templates: `chancery client create --template NAME`".to_owned()];
    for template in templates {
        let lifetime =
            template.lifetime().map_or_else(String::new, |span| format!(" Tokens of {}.", exact(span)));
        lines.push(format!("  {}  {}{lifetime}", template.name(), template.sentence()));
        for grant in template.grants() {
            let product = catalog.product(&grant.audience).map_or("", Product::name);
            lines.push(format!("    {product}/{}  {}", grant.scope, grant.reason));
        }
    }
    lines.join("\n")
}
