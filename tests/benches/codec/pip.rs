//! The Python that PyJWT runs in.

use crate::folder::{target, told};
use crate::run::run;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python with the libraries that `peers/requirements.txt` pins, and the script that it runs.
pub(crate) fn installed() -> Result<(PathBuf, PathBuf), String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers");
    let home = target("bench/peers/python");
    let python = home.join("bin/python");
    if !python.exists() {
        std::fs::create_dir_all(&home).map_err(|fault| told(&home, &fault))?;
        run(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    run(pip.arg(here.join("requirements.txt")))?;
    Ok((python, here.join("pyjwt.py")))
}
