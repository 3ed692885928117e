//! Versions as programs tell them.

use std::fmt;

/// The first two numbers; more never decided anything here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(super) major: u32,
    pub(super) minor: u32,
}

impl Version {
    /// The first number in `answer`, and the one behind its dot: `v20.20.2`, `go version go1.26.8 linux/amd64`.
    pub(super) fn find(answer: &str) -> Option<Self> {
        let from = answer.find(|c: char| c.is_ascii_digit())?;
        let numbers = answer.get(from..)?;
        let end = numbers.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(numbers.len());
        let mut parts = numbers.get(..end)?.split('.');
        let major = parts.next()?.parse().ok()?;
        let minor = parts.next().filter(|part| !part.is_empty()).map_or(Some(0), |part| part.parse().ok())?;
        Some(Self { major, minor })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            0 => write!(f, "{}", self.major),
            minor => write!(f, "{}.{minor}", self.major),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_programs_say_of_themselves() {
        let cases = [
            ("v20.20.2", 20, 20),
            ("go version go1.26.8 linux/amd64", 1, 26),
            ("javac 17.0.15", 17, 0),
            ("javac 21", 21, 0),
            ("3.8.7", 3, 8),
            ("Python 3.11.2.", 3, 11),
        ];
        for (answer, major, minor) in cases {
            assert_eq!(Version::find(answer), Some(Version { major, minor }), "{answer}");
        }
        assert_eq!(Version::find("no version"), None);
    }

    #[test]
    fn the_major_number_counts_first() {
        assert!(Version { major: 2, minor: 0 } > Version { major: 1, minor: 30 });
    }
}
