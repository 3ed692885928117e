//! The most used token server of the Node world.
//!
//! It runs as one process, as it is shipped, with clients and keys in memory, and checks a good deal on its way;
//! a token of this kind is stored by neither. Both servers and their client share the machine.

use crate::affinity::Placement;
use crate::folder::told;
use crate::npm;
use crate::process::free_address;
use crate::report::Report;
use crate::request;
use crate::serving::Serving;
use crate::used::used;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use std::path::Path;
use std::process::Command;

const CLIENT: &str = "bench";
const SECRET: &str = "a-secret-of-the-bench-and-of-nobody-else-0123456789abcdef";

/// Starts it, and sees to it that its tokens are of our kind. `None` where it cannot be had.
pub(crate) fn start(report: &mut Report) -> Result<Option<Serving>, String> {
    let home = match npm::installed() {
        Ok(home) => home,
        Err(why) => {
            eprintln!("oidc-provider is not measured: {why}");
            return Ok(None);
        }
    };
    let address = free_address()?;
    let mut command = Placement::Free.of_server(&npm::node(&home));
    command.arg("oidc_provider.mjs").current_dir(&home).env("NODE_ENV", "production");
    command.args([&address.port().to_string(), CLIENT, SECRET, request::RESOURCE, request::SCOPE]);
    let request = request::token(address, "/token", CLIENT, SECRET);
    let serving = Serving::start(command, home.join("server.log"), address, vec![request], Placement::Free)?;
    let token = algorithm(&serving.ask()?.1)?;
    if token != "EdDSA at+jwt" {
        return Err(format!("oidc-provider answered a token of another kind: {token}"));
    }
    used("oidc-provider", &version(&home)?, report);
    Ok(Some(serving))
}

fn version(home: &Path) -> Result<String, String> {
    let manifest = home.join("node_modules/oidc-provider/package.json");
    let text = std::fs::read_to_string(&manifest).map_err(|fault| told(&manifest, &fault))?;
    let manifest: serde_json::Value = serde_json::from_str(&text).map_err(|fault| fault.to_string())?;
    let node = Command::new(npm::node(home)).arg("--version").output();
    let node = node.map_err(|fault| format!("node: {fault}"))?;
    let node = String::from_utf8_lossy(&node.stdout).trim().to_owned();
    Ok(format!("{} on node {node}", manifest["version"].as_str().unwrap_or("?")))
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
