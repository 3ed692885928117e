//! How the command ends.

use std::process::ExitCode;

/// Everything a script can tell apart. The numbers never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or the verdict is yes.
    Ok,
    /// The verdict is no.
    Refused,
    /// The command line or what it names cannot be used.
    Unusable,
    /// The configuration or the catalog is broken.
    Config,
    /// The master key or the keyring is broken.
    Key,
    /// The store is broken.
    Store,
    /// The address cannot be listened on.
    Listen,
    /// The issuer is not there, or cannot answer now: try again later.
    Transient,
    /// What a command that was run for somebody ended with, or what shells say of one that cannot be run.
    Command(u8),
}

/// The table for `--help`.
pub(crate) const TABLE: &str = "\
Exit codes:
  0  done; accepted
  1  refused: the verdict is no
  2  the command line, or a file it names, cannot be used
  3  the configuration or the catalog is broken
  4  the master key or the keyring is broken
  5  the store is broken
  6  the address cannot be listened on
  7  the issuer cannot be reached or cannot answer now; try again later";

impl Exit {
    /// The number.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Refused => 1,
            Self::Unusable => 2,
            Self::Config => 3,
            Self::Key => 4,
            Self::Store => 5,
            Self::Listen => 6,
            Self::Transient => 7,
            Self::Command(number) => number,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}
