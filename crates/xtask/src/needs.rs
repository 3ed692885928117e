//! What the commands need from the system, and how it gets here.

mod version;

use crate::failure::Failure;
use crate::step::Step;
use version::Version;

/// Something that cargo cannot bring.
#[derive(Clone, Copy)]
pub(crate) struct Need {
    /// The package's name in Debian and its kin.
    package: &'static str,
    /// What fails without it.
    why: &'static str,
    /// Exits with 0 when it is there.
    probe: &'static [&'static str],
    /// The oldest version that will do, if not all do; the probe says which one it is.
    least: Option<Version>,
    /// The service that the package starts, which nobody asked for.
    service: Option<&'static str>,
}

/// How it stands with a need.
#[derive(Debug, PartialEq, Eq)]
enum State {
    Met,
    Missing,
    /// It is there, in a version that will not do.
    Old(Version),
}

const fn need(package: &'static str, why: &'static str, probe: &'static [&'static str]) -> Need {
    Need { package, why, probe, least: None, service: None }
}

/// aws-lc and SQLite are C, and so is what the fault tests put between a program and its files.
pub(crate) const C: Need =
    need("gcc", "builds aws-lc, SQLite and the power cuts of the tests", &["cc", "--version"]);
/// libFuzzer is C++.
pub(crate) const CXX: Need = need("g++", "builds the fuzzer, libFuzzer", &["c++", "--version"]);
/// The tests start servers of their own.
pub(crate) const REDIS: Need =
    need("redis-server", "is the shared store of the tests", &["redis-server", "--version"])
        .without_service("redis-server");
/// Likewise. Debian keeps it where only root looks for programs, and it tells its version as an error. The package
/// `nginx` has no module that `nginx-light` lacks, and is the same name everywhere.
pub(crate) const NGINX: Need = need(
    "nginx",
    "stands before the services of the tests",
    &["sh", "-c", "PATH=\"$PATH:/usr/sbin\" nginx -v 2>&1"],
)
.at_least(1, 22)
.without_service("nginx");
/// The certificates of those servers.
pub(crate) const OPENSSL: Need =
    need("openssl", "makes the certificates of the servers that the tests start", &["openssl", "version"]);
/// `PYTHONSAFEPATH` came with 3.11: a client may have the name of its library.
pub(crate) const PYTHON: Need = need(
    "python3",
    "runs the Python clients of `interop` and a service of the tests",
    &["python3", "--version"],
)
.at_least(3, 11);
/// Debian splits it from python3.
pub(crate) const VENV: Need = need(
    "python3-venv",
    "keeps the Python clients of `interop` out of the system",
    &["python3", "-c", "import ensurepip, venv"],
);
/// openid-client asks for 20.
pub(crate) const NODE: Need =
    need("nodejs", "runs the Node clients of `interop`", &["node", "--version"]).at_least(20, 0);
/// Debian 12 has it: `parseArgs` came with 18.3.
pub(crate) const NODE_OF_DEBIAN: Need =
    need("nodejs", "runs a service of the tests", &["node", "--version"]).at_least(18, 3);
/// Fetches them.
pub(crate) const NPM: Need = need("npm", "fetches the Node clients of `interop`", &["npm", "--version"]);
/// Since 1.21 it fetches the version that `tests/interop/go/go.mod` asks for by itself.
pub(crate) const GO: Need =
    need("golang-go", "builds the Go clients of `interop`", &["go", "version"]).at_least(1, 21);
/// What `tests/interop/java/pom.xml` compiles for.
pub(crate) const JDK: Need =
    need("default-jdk-headless", "builds and runs the Java clients of `interop`", &["javac", "--version"])
        .at_least(17, 0);
/// Fetches what they are built on. Said aloud, its version comes in colours.
pub(crate) const MAVEN: Need =
    need("maven", "fetches the Java clients of `interop`", &["mvn", "--quiet", "--version"]).at_least(3, 6);
/// A token can be had without any library.
pub(crate) const CURL: Need =
    need("curl", "is a client of `interop`, and runs in the guides", &["curl", "--version"]);

impl Need {
    const fn at_least(self, major: u32, minor: u32) -> Self {
        Self { least: Some(Version { major, minor }), ..self }
    }

    const fn without_service(self, service: &'static str) -> Self {
        Self { service: Some(service), ..self }
    }

    fn state(&self) -> State {
        let Some((program, words)) = self.probe.split_first() else { return State::Met };
        let Some(answer) = Step::program(program).words(words).answer() else { return State::Missing };
        let Some(least) = self.least else { return State::Met };
        match Version::find(&answer) {
            Some(found) if found >= least => State::Met,
            Some(found) => State::Old(found),
            None => State::Missing,
        }
    }

    /// A line for whoever has to bring it.
    fn line(&self) -> String {
        let version = self.least.map(|least| format!(" {least} or newer")).unwrap_or_default();
        let found = match self.state() {
            State::Old(found) => format!(" (here is {found})"),
            State::Met | State::Missing => String::new(),
        };
        format!("  {}{version} - {}{found}", self.package, self.why)
    }
}

/// Sees to it that all of them are there: installs what is missing where we may, else names it.
pub(crate) fn ensure(needs: &[Need]) -> Result<(), Failure> {
    let unmet = |needs: &[Need]| -> Vec<Need> {
        needs.iter().filter(|need| need.state() != State::Met).copied().collect()
    };
    let missing = unmet(needs);
    if missing.is_empty() {
        return Ok(());
    }
    if !may_install() {
        return Err(Failure::broken(naming(&missing)));
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    // What counts is whether it is there afterwards; what went wrong stands on the terminal.
    let installed = apt(&["update", "-qq"])
        .run()
        .and_then(|()| apt(&["install", "-y", "-qq", "--no-install-recommends"]).words(&packages).run());
    let still = unmet(&missing);
    // What was brought here for tests shall neither listen on this machine now nor after its next start.
    for service in missing.iter().filter(|need| need.state() == State::Met).filter_map(|need| need.service) {
        Step::program("service").words([service, "stop"]).run()?;
        Step::program("update-rc.d").words([service, "disable"]).run()?;
    }
    match installed {
        _ if still.is_empty() => Ok(()),
        Ok(()) => Err(Failure::broken(naming(&still))),
        Err(failure) => Err(Failure::broken(format!("{failure}\n{}", naming(&still)))),
    }
}

fn may_install() -> bool {
    let root = Step::program("id").words(["-u"]).answer().is_some_and(|uid| uid == "0");
    root && apt(&["--version"]).succeeds()
}

fn apt(words: &[&str]) -> Step {
    Step::program("apt-get").words(words).env("DEBIAN_FRONTEND", "noninteractive")
}

fn naming(missing: &[Need]) -> String {
    let lines: Vec<String> = missing.iter().map(Need::line).collect();
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    format!(
        "these system packages are missing or too old (Debian's names):\n{}\ninstall them, e.g. `sudo apt-get install {}`, and run this again; \
         where the system's version is too old, take a newer one from elsewhere and put it first on the path",
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
        let absent = need("no-such-package", "proves this", &["no-such-program"]);
        assert_eq!(absent.state(), State::Missing);
        let text = naming(&[absent]);
        assert!(text.contains("no-such-package - proves this"), "{text}");
        assert!(text.contains("apt-get install no-such-package"), "{text}");
    }

    #[test]
    fn a_version_that_will_not_do_is_named_beside_the_one_that_would() {
        let old = need("golang-go", "builds", &["echo", "go version go1.19.8 linux/amd64"]).at_least(1, 21);
        assert_eq!(old.state(), State::Old(Version { major: 1, minor: 19 }));
        let text = naming(&[old]);
        assert!(text.contains("golang-go 1.21 or newer - builds (here is 1.19)"), "{text}");
    }

    #[test]
    fn a_version_that_will_do_is_enough() {
        for answer in ["go version go1.21.0 linux/amd64", "go version go1.26.8 linux/amd64", "2.0"] {
            let line = vec!["echo", answer].leak();
            assert_eq!(need("golang-go", "builds", line).at_least(1, 21).state(), State::Met, "{answer}");
        }
    }
}
