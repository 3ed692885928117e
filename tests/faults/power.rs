//! Power cuts: a process is killed, and what it had written and not synced is gone.
//!
//! The process runs with `power/unsynced.c`, which says how.

mod leave;
mod library;

use crate::dice::Dice;
use crate::support::Folder;
use std::path::{Path, PathBuf};

/// What a sync does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syncs {
    /// What it says.
    Hold,
    /// Nothing, and it says otherwise: as if the program did not sync at all.
    Lie,
}

/// What becomes of that which was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsynced {
    /// All of it is lost.
    Lost,
    /// Some of it reached the disk all the same, as the dice say: pages, the beginning of what was appended, names.
    Torn,
}

/// A folder on a disk that can lose its power.
pub(crate) struct Disk {
    watched: PathBuf,
    synced: Folder,
    syncs: Syncs,
}

impl Disk {
    /// Watches a folder. Nothing may run in it yet: what is there at the first start is safe.
    pub(crate) fn under(watched: &Path, syncs: Syncs) -> Self {
        Self { watched: watched.canonicalize().unwrap(), synced: Folder::new(), syncs }
    }

    /// The environment of whoever writes there.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        let mut all = vec![
            ("LD_PRELOAD", text(library::path())),
            ("UNSYNCED_WATCH", text(&self.watched)),
            ("UNSYNCED_DISK", text(self.synced.path())),
        ];
        if self.syncs == Syncs::Lie {
            all.push(("UNSYNCED_LIES", "1".to_owned()));
        }
        all
    }

    /// The power is cut. Whoever wrote there must be dead. Says what was lost.
    pub(crate) fn cut(&self, unsynced: Unsynced, dice: &mut Dice) -> Vec<String> {
        leave::what_was_synced(&self.watched, self.synced.path(), unsynced, dice)
    }
}

mod tests {
    use super::*;
    use std::process::Command;

    /// What a shell leaves behind when the power is cut.
    fn left(script: &str, syncs: Syncs) -> String {
        let folder = Folder::new();
        folder.write("old", "old");
        let disk = Disk::under(folder.path(), syncs);
        let ran = Command::new("sh")
            .args(["-ec", script])
            .current_dir(folder.path())
            .envs(disk.environment())
            .status();
        assert!(ran.unwrap().success(), "{script}");
        disk.cut(Unsynced::Lost, &mut Dice::thrown("left"));
        let files = folder.files().into_iter().map(|path| {
            let name = path.strip_prefix(folder.path()).unwrap().display().to_string();
            format!("{name}={}", std::fs::read_to_string(&path).unwrap())
        });
        files.collect::<Vec<String>>().join(" ")
    }

    #[test]
    fn what_was_written_and_not_synced_is_lost() {
        assert_eq!(left("printf more >> old", Syncs::Hold), "old=old");
        assert_eq!(left("printf x | dd of=old conv=notrunc status=none", Syncs::Hold), "old=old");
        assert_eq!(left(": > old", Syncs::Hold), "old=old");
        assert_eq!(left("printf more >> old; sync -d old; printf lost >> old", Syncs::Hold), "old=oldmore");
    }

    #[test]
    fn a_name_is_there_once_its_folder_is_synced() {
        assert_eq!(left("printf n > new; sync new", Syncs::Hold), "old=old");
        assert_eq!(left("printf n > new; sync new; sync .", Syncs::Hold), "new=n old=old");
        assert_eq!(left("printf n > new; sync .", Syncs::Hold), "new= old=old");
        assert_eq!(
            left("mkdir sub; printf n > sub/new; sync sub/new; sync sub", Syncs::Hold),
            "old=old sub/new=n"
        );
    }

    #[test]
    fn a_rename_or_a_removal_is_undone_until_its_folder_is_synced() {
        let rename = "printf n > new; sync new; sync .; mv new old";
        assert_eq!(left(rename, Syncs::Hold), "new=n old=old");
        assert_eq!(left(&format!("{rename}; sync ."), Syncs::Hold), "old=n");
        assert_eq!(left("rm old", Syncs::Hold), "old=old");
        assert_eq!(left("rm old; sync .", Syncs::Hold), "");
    }

    #[test]
    fn a_sync_that_lies_keeps_nothing() {
        assert_eq!(left("printf more >> old; sync old; sync .", Syncs::Lie), "old=old");
    }
}
