//! Where sessions are kept, and which of them is meant.

use super::fault::failure;
use crate::environment;
use crate::failure::Failure;
use chancery_client::{Session, World};
use std::path::PathBuf;

/// Longest name: with what is put behind it, it fits everywhere.
const MAX_NAME: usize = 64;

#[cfg(not(target_os = "macos"))]
const FOLDER: &str =
    "The folder of the sessions; $XDG_STATE_HOME/chancery/agent, else ~/.local/state/chancery/agent";
#[cfg(target_os = "macos")]
const FOLDER: &str = "The folder of the sessions; ~/Library/Application Support/chancery/agent if left out";

/// The flags that say which session.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Which {
    /// Which session, where there are several
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = parse_name)]
    name: String,
    #[arg(long, value_name = "DIR", help = FOLDER)]
    home: Option<PathBuf>,
}

/// One session, and the files that belong to it.
#[derive(Clone, Debug)]
pub(super) struct Home {
    name: String,
    folder: PathBuf,
}

impl Which {
    /// Where it is. Makes nothing.
    pub(super) fn home(&self) -> Result<Home, Failure> {
        let folder = match &self.home {
            // It is handed on to programs that may stand in another folder.
            Some(folder) => std::path::absolute(folder).map_err(|why| {
                Failure::unusable("home_unknown", format!("--home {}: {why}", folder.display()))
            })?,
            None => own_folder().ok_or_else(|| {
                let message = "there is no place for sessions: HOME is not set, or no absolute path";
                Failure::unusable("home_unknown", message).fix("Name a folder with --home DIR.")
            })?,
        };
        Ok(Home { name: self.name.clone(), folder })
    }
}

impl Home {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn file(&self) -> PathBuf {
        self.beside("json")
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.beside("sock")
    }

    pub(super) fn proxy_key(&self) -> PathBuf {
        self.beside("proxy.key")
    }

    /// The session that was begun there.
    pub(super) fn open(&self) -> Result<Session, Failure> {
        Session::open(&self.file(), World::system()).map_err(|why| failure(&why, self))
    }

    /// The flags that lead here again, for who is told what to type.
    pub(super) fn flags(&self) -> String {
        let name = if self.name == "default" { String::new() } else { format!(" --name {}", self.name) };
        let home = match own_folder() {
            Some(own) if own == self.folder => String::new(),
            _ => format!(" --home {}", quoted(&self.folder.display().to_string())),
        };
        name + &home
    }

    fn beside(&self, end: &str) -> PathBuf {
        self.folder.join(format!("{}.{end}", self.name))
    }
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | ':' | '@');
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// The place of this platform for what a program keeps of one user.
fn own_folder() -> Option<PathBuf> {
    let home = || environment::folder("HOME");
    let base = if cfg!(target_os = "macos") {
        home()?.join("Library/Application Support")
    } else {
        environment::folder("XDG_STATE_HOME").or_else(|| Some(home()?.join(".local/state")))?
    };
    Some(base.join("chancery/agent"))
}

/// A name is part of the names of files.
fn parse_name(text: &str) -> Result<String, String> {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    let fits =
        !text.is_empty() && text.len() <= MAX_NAME && text.bytes().all(is_part) && !text.starts_with('.');
    if fits {
        Ok(text.to_owned())
    } else {
        Err("write letters, digits, '-', '_' and '.', at most 64".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_named_as_one_word() {
        assert_eq!(quoted("/srv/agents-1"), "/srv/agents-1");
        assert_eq!(quoted("/My Home/it's"), "'/My Home/it'\\''s'");
    }

    #[test]
    fn a_name_leads_to_no_other_folder() {
        for good in ["default", "a", "reporter-2", "A.b_c"] {
            assert!(parse_name(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", ".hidden", "a/b", "../a", "a b", "a\n", "ä", &"a".repeat(65)] {
            assert!(parse_name(bad).is_err(), "{bad}");
        }
    }
}
