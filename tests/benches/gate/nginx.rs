//! The proxy.

use crate::affinity::Placement;
use crate::auth::Auth;
use crate::folder::told;
use crate::process::{Running, free_address};
use crate::report::Report;
use crate::site::Site;
use crate::used::used;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What we tell people to use: the same for both sides, but for who is asked.
const CONFIG: &str = include_str!("../../../crates/examples/composition/nginx.conf");
/// A line of it where more may be said of all servers.
const HTTP: &str = "access_log off;";
/// By default a client's connection is closed after a thousand requests, and connecting is not what is measured.
const CONNECTIONS_LAST: &str = "access_log off; keepalive_requests 1000000000;";
/// One process does everything, so that no worker is left when it is killed.
const ALONE: &str = "daemon off; master_process off;";
/// Where Debian has it, which is not on everybody's path.
const SYSTEM: &str = "/usr/sbin/nginx";

/// Starts one that asks `auth` about every request, and hands on to `service` what may in.
pub(crate) fn start(
    site: &Site,
    name: &str,
    auth: &Auth,
    service: SocketAddr,
) -> Result<(Running, SocketAddr), String> {
    let (folder, address) = (site.folder.join(name), free_address()?);
    std::fs::create_dir_all(&folder).map_err(|fault| told(&folder, &fault))?;
    let file = folder.join("nginx.conf");
    let (listen, asked, service) = (address.to_string(), auth.address.to_string(), service.to_string());
    let mut config = CONFIG.to_owned();
    for (mark, place) in [
        ("@LISTEN@", &*listen),
        ("@GATE@", &*asked),
        ("@INVOICES@", &*service),
        ("@ACCOUNT@", &*service),
        (HTTP, CONNECTIONS_LAST),
    ] {
        if !config.contains(mark) {
            return Err(format!("the nginx.conf of the composition has no {mark}"));
        }
        config = config.replace(mark, place);
    }
    std::fs::write(&file, config).map_err(|fault| told(&file, &fault))?;
    let mut command = Placement::Apart.of_server(&program());
    command.args(["-e", "stderr", "-g", ALONE, "-p"]).arg(&folder).arg("-c").arg(&file);
    let running = Running::start(command, folder.join("nginx.log"))?;
    Ok((running, address))
}

/// Writes down which one takes part.
pub(crate) fn note_version(report: &mut Report) -> Result<(), String> {
    let said = Command::new(program()).arg("-v").output().map_err(|fault| told(&program(), &fault))?;
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let version = said.trim().rsplit_once('/').map_or(said.trim(), |(_, version)| version);
    used("nginx", version, report);
    Ok(())
}

fn program() -> PathBuf {
    let system = Path::new(SYSTEM);
    if system.exists() { system.to_owned() } else { PathBuf::from("nginx") }
}
