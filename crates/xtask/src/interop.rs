//! `cargo xtask interop`: libraries that nobody here wrote, against a running issuer.

mod client;
mod description;
mod report;
mod roles;
mod roster;
mod runtime;
mod stranger;
mod verdict;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::failure::Failure;
use crate::issuer::Issuer;
use crate::loopback::free_address;
use crate::stopwatch::Stopwatch;
use crate::{binary, layout, needs};
use client::{Client, Surroundings};
use report::{Detail, Heard};

/// The verb.
pub(crate) fn run(words: &[String]) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let order = Order::read(words, &layout::root().join("tests/interop"))?;
    let runtimes = client::runtimes(&order.clients);
    let mut needed = vec![needs::C];
    needed.extend(runtimes.iter().flat_map(|runtime| runtime.needs()));
    needs::ensure(&needed)?;
    let (chancery, stranger) = (binary::build()?, stranger::build()?);
    let work = layout::target("interop");
    layout::make(&work)?;
    println!("fetching and building the clients; the first time that takes minutes");
    for runtime in runtimes {
        runtime.prepare(&work)?;
    }
    let catalog = layout::root().join("tests/interop/catalog.toml");
    let issuer = Issuer::start(&chancery, &work.join("issuer"), &catalog)?;
    let elsewhere = Issuer::start(&chancery, &work.join("elsewhere"), &catalog)?;
    let address = free_address()?;
    let service = format!("http://{address}/documents");
    let description = description::write(&issuer, &elsewhere, &order.clients, &service, &work)?;
    stranger::forge(&stranger, &description.file)?;
    let service = stranger::serve(&stranger, &description.file, address, &work.join("service.log"))?;
    let at = Surroundings {
        work: &work,
        description: &description.file,
        chancery: &chancery,
        stranger: &stranger,
    };
    // One after the other: two cores are shared with the issuer, and the whole takes a minute.
    let (mut heard, mut broken) = (Vec::new(), Vec::new());
    for client in &order.clients {
        let signed = description.theirs.join(format!("{}.json", client.name));
        let said = client.ask(&at).and_then(|mut said| {
            if signed.exists() {
                said.extend(stranger::judge(&stranger, &description.file, &client.name)?);
            }
            Ok(said)
        });
        // A client that breaks does not keep the others from being heard.
        match said {
            Ok(said) => heard.extend(said.into_iter().map(|verdict| Heard::new(client, verdict))),
            Err(failure) => broken.push(failure.to_string()),
        }
    }
    drop((service, issuer, elsewhere));
    broken.extend(report::failed(&heard));
    broken.extend(roster::untried(&order.clients, &heard, &forged(&description.forgeries)?));
    println!("\n{}", report::table(&heard, order.detail));
    let (present, cases) = (roster::present(&order.clients), heard.len());
    println!("{present}, {cases} cases, {:.0} s", watch.elapsed().as_secs_f64());
    if broken.is_empty() {
        return Ok(());
    }
    Err(Failure::broken(format!("foreign clients disagree with us:\n  {}", broken.join("\n  "))))
}

/// The names of the forgeries, one set for each format.
fn forged(file: &Path) -> Result<Vec<BTreeSet<String>>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|e| Failure::io(&layout::shown(file), &e))?;
    let all: Value =
        serde_json::from_str(&text).map_err(|e| Failure::broken(format!("{}: {e}", layout::shown(file))))?;
    let cases = |format: &str| -> BTreeSet<String> {
        let forged = all.pointer(&format!("/{format}/forged")).and_then(Value::as_array);
        let names = forged.into_iter().flatten().filter_map(|forgery| forgery.get("case")?.as_str());
        names.map(str::to_owned).collect()
    };
    Ok(["jwt", "paseto"].map(cases).into())
}

/// What the words on the command line ask for.
struct Order {
    clients: Vec<Client>,
    detail: Detail,
}

impl Order {
    fn read(words: &[String], folder: &Path) -> Result<Self, Failure> {
        let mut detail = Detail::Groups;
        let mut names = BTreeSet::new();
        let all = client::all(folder)?;
        for word in words {
            match word.as_str() {
                "--verbose" => detail = Detail::Cases,
                option if option.starts_with('-') => {
                    return Err(Failure::usage(format!("interop knows no option `{option}`")));
                }
                name if all.iter().any(|client| client.name == name) => {
                    names.insert(name);
                }
                stranger => {
                    let known: Vec<&str> = all.iter().map(|client| client.name.as_str()).collect();
                    let known = known.join(", ");
                    return Err(Failure::usage(format!("no client `{stranger}`; there are: {known}")));
                }
            }
        }
        let chosen = |client: &Client| names.is_empty() || names.contains(client.name.as_str());
        Ok(Self { clients: all.into_iter().filter(chosen).collect(), detail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(line: &str) -> Result<Order, Failure> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Order::read(&words, &layout::root().join("tests/interop"))
    }

    #[test]
    fn without_words_every_client_runs() {
        let order = order("").unwrap();
        assert!(order.clients.len() >= 14, "{}", order.clients.len());
        assert_eq!(order.detail, Detail::Groups);
    }

    #[test]
    fn named_clients_run_alone_and_every_case_is_shown_on_demand() {
        let order = order("--verbose jose curl").unwrap();
        let names: Vec<&str> = order.clients.iter().map(|client| client.name.as_str()).collect();
        assert_eq!(names, ["jose", "curl"]);
        assert_eq!(order.detail, Detail::Cases);
    }

    #[test]
    fn an_unknown_client_is_a_usage_error_that_names_the_known_ones() {
        let failure = order("josé").map(|_| ()).unwrap_err();
        assert!(matches!(failure, Failure::Usage(_)));
        assert!(failure.to_string().contains("jose, oauth4webapi"), "{failure}");
        assert!(matches!(order("--quiet").map(|_| ()), Err(Failure::Usage(_))));
    }
}
