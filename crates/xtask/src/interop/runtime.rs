//! What runs a client, and how its libraries get here.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::needs::{self, Need};
use crate::step::Step;
use crate::stopwatch::Stopwatch;
use crate::{layout, python};

/// What a client is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runtime {
    Go,
    Java,
    Node,
    Python,
    Rust,
    Shell,
}

impl Runtime {
    pub(super) const ALL: [Self; 6] =
        [Self::Node, Self::Python, Self::Go, Self::Java, Self::Rust, Self::Shell];

    /// What its libraries come through, for the table.
    pub(super) const fn registry(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::Java => "maven",
            Self::Node => "npm",
            Self::Python => "pip",
            Self::Rust => "crates",
            Self::Shell => "apt",
        }
    }

    pub(super) fn needs(self) -> Vec<Need> {
        match self {
            Self::Go => vec![needs::GO],
            Self::Java => vec![needs::JDK, needs::MAVEN],
            Self::Node => vec![needs::NODE, needs::NPM],
            Self::Python => vec![needs::PYTHON, needs::VENV],
            Self::Rust => Vec::new(),
            Self::Shell => vec![needs::CURL],
        }
    }

    pub(super) fn home(self, work: &Path) -> PathBuf {
        match self {
            Self::Go => work.join("go"),
            Self::Java => work.join("java"),
            Self::Node => work.join("node"),
            Self::Python => work.join("python"),
            Self::Rust | Self::Shell => work.to_path_buf(),
        }
    }

    /// Makes a key pair with a library of this runtime: `<name>.private` and `<name>.public` in a folder.
    pub(super) fn make_keys(
        self,
        work: &Path,
        folder: &Path,
        name: &str,
        algorithm: &str,
    ) -> Result<(), Failure> {
        let home = self.home(work);
        let maker = match self {
            Self::Node => Step::program("node").words([home.join("node/keys.mjs")]),
            Self::Python => Step::program(home.join("bin/python"))
                .words([layout::root().join("tests/interop/python/keys.py")])
                .env("PYTHONSAFEPATH", "1")
                .env("PYTHONDONTWRITEBYTECODE", "1"),
            Self::Go | Self::Java | Self::Rust | Self::Shell => {
                return Err(Failure::broken(format!("{} makes no keys for its clients", self.registry())));
            }
        };
        maker.words([folder]).words([name, algorithm]).run()
    }

    /// Fetches the pinned libraries into a folder of our own, and builds what must be built.
    pub(super) fn prepare(self, work: &Path) -> Result<(), Failure> {
        let (home, pins) = (self.home(work), layout::root().join("tests/interop"));
        let watch = Stopwatch::start();
        layout::make(&home)?;
        match self {
            Self::Go => Step::program("go")
                .words(["build", "-mod=readonly", "-buildvcs=false", "-o"])
                .words([&home])
                .words(["./cmd/..."])
                .in_folder(&pins.join("go"))
                .run(),
            Self::Java => Step::program("mvn")
                .words(["--quiet", "--batch-mode", "--file"])
                .words([pins.join("java/pom.xml")])
                .words([format!("-Dinterop.target={}", home.display())])
                .words(["process-classes"])
                .run(),
            Self::Node => {
                copy(&pins.join("package.json"), &home)?;
                let shared = home.join("node");
                layout::make(&shared)?;
                for module in layout::files(&pins.join("node"), "mjs")? {
                    copy(&module, &shared)?;
                }
                Step::program("npm")
                    .words(["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"])
                    .words(["--prefer-offline", "--loglevel=error"])
                    .in_folder(&home)
                    .run()
            }
            Self::Python => python::environment(&home, &pins.join("requirements.txt")).map(|_| ()),
            // The stranger is built anyway, for its forgeries; the rest is there.
            Self::Rust | Self::Shell => return Ok(()),
        }?;
        println!("{} is ready after {:.1} s", self.registry(), watch.elapsed().as_secs_f64());
        Ok(())
    }
}

/// Copies a file into a folder.
pub(super) fn copy(file: &Path, into: &Path) -> Result<PathBuf, Failure> {
    let copied = into.join(file.file_name().unwrap_or_default());
    std::fs::copy(file, &copied).map_err(|e| Failure::io(&layout::shown(file), &e))?;
    Ok(copied)
}
