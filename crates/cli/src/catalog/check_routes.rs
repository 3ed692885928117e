//! `chancery catalog check-routes`

use super::source;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::local::ConfigFile;
use crate::terminal::Terminal;
use chancery_catalog::{Product, RouteFinding, RouteTable, check_routes};
use chancery_verifier::clock::{Clock as _, SystemClock};
use serde_json::json;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  chancery catalog check-routes routes.json
  chancery catalog check-routes routes.json \\
      --catalog catalog.toml --product documint
  chancery catalog check-routes routes.json --since agreed/routes.json

routes.json is what the table of a guarded router serialises to:
  [{\"method\": \"GET\", \"path\": \"/invoices\",
    \"scopes\": [\"invoices:read\"], \"public\": null}]

It finds routes that do not say who may use them; scopes that the catalog
lacks, has retired, or calls otherwise; scopes that no route enforces; and,
with --since, routes that a scope did not open before. Once the owner of the
scope has agreed, the new table takes the place of the old one.

Exit codes: 0 nothing to say, 1 findings, 2 a file cannot be used,
3 the catalog is broken.";

/// Hold the routes of a service to the catalog
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckRoutes {
    /// The table of routes of the service
    #[arg(value_name = "ROUTES.JSON")]
    routes: PathBuf,
    /// The catalog; the configured one if left out
    #[arg(long, value_name = "FILE")]
    catalog: Option<PathBuf>,
    /// Which product the service is, where the catalog has several
    #[arg(long, value_name = "NAME")]
    product: Option<String>,
    /// The table of routes that the owners of the scopes agreed to last
    #[arg(long, value_name = "OLD.JSON")]
    since: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    form: Form,
}

impl CheckRoutes {
    pub(super) fn run(&self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let catalog = source::read(self.catalog.as_deref(), &self.config)?;
        let product = source::only_product(&catalog, self.product.as_deref())?;
        let table = read(&self.routes)?;
        let before = self.since.as_deref().map(read).transpose()?;
        let findings = check_routes(product, &table, before.as_ref(), SystemClock::new().now());
        if self.form.json {
            let routes = table.routes().len();
            terminal.json(&json!({ "product": product.name(), "routes": routes, "findings": findings }));
        } else if findings.is_empty() {
            terminal.say(format!(
                "{}: {} routes enforce the {} scopes of {}; nothing to say.",
                self.routes.display(),
                table.routes().len(),
                product.scopes().count(),
                product.name(),
            ));
        } else {
            terminal.say(text(product, &findings));
        }
        Ok(if findings.is_empty() { Exit::Ok } else { Exit::Refused })
    }
}

fn read(path: &Path) -> Result<RouteTable, Failure> {
    let json = std::fs::read_to_string(path).map_err(|why| {
        Failure::unusable("routes_unreadable", format!("{} cannot be read: {why}", path.display()))
            .fix("Write the service's table of routes there as JSON.")
    })?;
    RouteTable::parse(&json, &path.display().to_string()).map_err(|why| Failure::unusable(why.reason(), why))
}

fn text(product: &Product, findings: &[RouteFinding]) -> String {
    let told = |finding: &RouteFinding| {
        let parts = [finding.route.as_deref(), finding.scope.as_deref()];
        let subject = parts.into_iter().flatten().collect::<Vec<_>>().join("  ");
        let owner = finding.owner.as_deref().map_or_else(String::new, |owner| format!("  owner: {owner}"));
        format!("{subject}  [{}]{owner}\n  {}\n  {}\n", finding.rule, finding.message, finding.fix)
    };
    let mut lines: Vec<String> = findings.iter().map(told).collect();
    let many =
        if findings.len() == 1 { "1 finding".to_owned() } else { format!("{} findings", findings.len()) };
    lines.push(format!("{many} about {}.", product.title()));
    lines.join("\n")
}
