//! What the commands need from the system, and how it gets here.

use crate::failure::Failure;
use crate::step::Step;

/// Something that cargo cannot bring.
pub(crate) struct Need {
    /// The package's name in Debian and its kin.
    package: &'static str,
    /// What fails without it.
    why: &'static str,
    /// Exits with 0 when it is there.
    probe: &'static [&'static str],
}

/// aws-lc and SQLite are C.
pub(crate) const C: Need =
    Need { package: "gcc", why: "builds aws-lc and SQLite", probe: &["cc", "--version"] };
/// libFuzzer is C++.
pub(crate) const CXX: Need =
    Need { package: "g++", why: "builds the fuzzer, libFuzzer", probe: &["c++", "--version"] };
/// The tests start servers of their own; a service that the package starts is not used.
pub(crate) const REDIS: Need = Need {
    package: "redis-server",
    why: "is the shared store of the tests",
    probe: &["redis-server", "--version"],
};
/// The certificates of those servers.
pub(crate) const OPENSSL: Need = Need {
    package: "openssl",
    why: "makes the certificates of the servers that the tests start",
    probe: &["openssl", "version"],
};
/// PyJWT and pyseto run in it.
pub(crate) const PYTHON: Need = Need {
    package: "python3",
    why: "runs the Python clients of `interop`",
    probe: &["python3", "--version"],
};
/// Debian splits it from python3.
pub(crate) const VENV: Need = Need {
    package: "python3-venv",
    why: "keeps the Python clients of `interop` out of the system",
    probe: &["python3", "-c", "import ensurepip, venv"],
};
/// jose runs in it.
pub(crate) const NODE: Need =
    Need { package: "nodejs", why: "runs the Node clients of `interop`", probe: &["node", "--version"] };
/// Fetches jose.
pub(crate) const NPM: Need =
    Need { package: "npm", why: "fetches the Node clients of `interop`", probe: &["npm", "--version"] };

/// Sees to it that all of them are there: installs what is missing where we may, else names it.
pub(crate) fn ensure(needs: &[Need]) -> Result<(), Failure> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !present(need)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !may_install() {
        return Err(Failure::broken(naming(&missing)));
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    apt(&["update", "-qq"]).run()?;
    apt(&["install", "-y", "-qq", "--no-install-recommends"]).words(&packages).run()?;
    let still: Vec<&Need> = missing.into_iter().filter(|need| !present(need)).collect();
    if still.is_empty() { Ok(()) } else { Err(Failure::broken(naming(&still))) }
}

fn present(need: &Need) -> bool {
    let Some((program, words)) = need.probe.split_first() else { return true };
    Step::program(program).words(words).succeeds()
}

fn may_install() -> bool {
    let root = Step::program("id").words(["-u"]).answer().is_some_and(|uid| uid == "0");
    root && apt(&["--version"]).succeeds()
}

fn apt(words: &[&str]) -> Step {
    Step::program("apt-get").words(words).env("DEBIAN_FRONTEND", "noninteractive")
}

fn naming(missing: &[&Need]) -> String {
    let lines: Vec<String> =
        missing.iter().map(|need| format!("  {} - {}", need.package, need.why)).collect();
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    format!(
        "these system packages are missing (Debian's names):\n{}\ninstall them, e.g. `sudo apt-get install {}`, and run this again",
        lines.join("\n"),
        packages.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_installed() {
        assert!(ensure(&[C]).is_ok());
    }

    #[test]
    fn a_missing_package_is_named_with_its_purpose_and_the_command() {
        let absent = Need { package: "no-such-package", why: "proves this", probe: &["no-such-program"] };
        assert!(!present(&absent));
        let text = naming(&[&absent]);
        assert!(text.contains("no-such-package - proves this"), "{text}");
        assert!(text.contains("apt-get install no-such-package"), "{text}");
    }
}
