//! The Python of the tests and of the example composition: the system's, and what the follower needs beside it.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::layout;
use crate::needs;
use crate::step::Step;

/// What tests read the interpreter from.
pub(crate) const VARIABLE: &str = "CHANCERY_PYTHON";

/// Sees to a virtual environment with the pinned libraries of `crates/examples/python`, and returns its interpreter.
pub(crate) fn ensure() -> Result<PathBuf, Failure> {
    needs::ensure(&[needs::PYTHON, needs::VENV])?;
    let pins = layout::root().join("crates/examples/python/requirements.txt");
    environment(&layout::target("python"), &pins)
}

/// A virtual environment in `home` that holds what the file `pins` asks for. One that stands there with the same pins is
/// used as it is, so that nothing waits for a registry.
pub(crate) fn environment(home: &Path, pins: &Path) -> Result<PathBuf, Failure> {
    let (python, installed) = (home.join("bin/python"), home.join("pins.txt"));
    let read = |file: &Path| std::fs::read_to_string(file).map_err(|e| Failure::io(&layout::shown(file), &e));
    let wanted = read(pins)?;
    let has_them = read(&installed).is_ok_and(|has| has == wanted);
    // A Python that the system no longer has leaves a link to nowhere behind.
    if has_them && Step::program(&python).words(["--version"]).succeeds() {
        return Ok(python);
    }
    layout::make_empty(home)?;
    Step::program("python3").words(["-m", "venv"]).words([home]).run()?;
    Step::program(&python)
        .words(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .words([pins])
        .run()?;
    // Last: an environment that was left half made is made anew.
    std::fs::write(&installed, wanted).map_err(|e| Failure::io(&layout::shown(&installed), &e))?;
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_with_the_same_pins_is_used_and_one_that_was_left_half_made_is_not() {
        needs::ensure(&[needs::PYTHON, needs::VENV]).unwrap();
        let folder = layout::target(&format!("xtask/python-{}", std::process::id()));
        let (home, pins) = (folder.join("home"), folder.join("requirements.txt"));
        layout::make(&folder).unwrap();
        // Nothing, so that nothing is fetched.
        std::fs::write(&pins, "\n").unwrap();
        let python = environment(&home, &pins).unwrap();
        assert!(Step::program(&python).words(["-c", "import pip"]).succeeds());
        let left = home.join("left");
        std::fs::write(&left, "").unwrap();
        assert_eq!(environment(&home, &pins).unwrap(), python);
        assert!(left.exists(), "it was made anew");
        std::fs::remove_file(home.join("pins.txt")).unwrap();
        environment(&home, &pins).unwrap();
        assert!(!left.exists(), "it was used as it was left");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
