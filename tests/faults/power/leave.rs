//! Makes a folder what its disk holds of it.

use super::Unsynced;
use crate::dice::Dice;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// A disk writes whole pages.
const PAGE: usize = 4096;

/// What is in a folder: a file's id by its name.
type Names = BTreeMap<String, String>;

/// Leaves in `watched` what was synced to `disk`, and lets the disk begin anew. Says what was lost.
pub(super) fn what_was_synced(
    watched: &Path,
    disk: &Path,
    unsynced: Unsynced,
    dice: &mut Dice,
) -> Vec<String> {
    let synced = synced_names(disk);
    let found = found_names(watched);
    let contents: BTreeMap<&String, Vec<u8>> = found
        .iter()
        .flat_map(|(folder, names)| {
            names.iter().map(move |(name, id)| (id, fs::read(folder.join(name)).unwrap()))
        })
        .collect();
    let mut lost = Vec::new();
    for (folder, names) in &found {
        let kept = synced.get(folder).cloned().unwrap_or_default();
        let kept = if unsynced == Unsynced::Torn && dice.heads() { names } else { &kept };
        for name in names.keys().filter(|name| !kept.contains_key(*name)) {
            lost.push(format!("{name}: the file"));
            fs::remove_file(folder.join(name)).unwrap();
        }
        for (name, id) in kept {
            let was = fs::read(disk.join(id)).unwrap_or_default();
            let is = names.get(name).map(|now| &contents[now]);
            let left = match (unsynced, contents.get(id)) {
                (Unsynced::Torn, Some(written)) => torn(&was, written, dice),
                _ => was,
            };
            if is != Some(&left) {
                let (before, after) = (is.map_or(0, Vec::len), left.len());
                lost.push(format!("{name}: {before} bytes were written, {after} are left"));
                write(&folder.join(name), &left);
            }
        }
    }
    for entry in fs::read_dir(disk).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    lost
}

/// Of what was overwritten any page may be on the disk; of what was appended, as much as came in order.
fn torn(synced: &[u8], written: &[u8], dice: &mut Dice) -> Vec<u8> {
    let (overwritten, appended) = written.split_at(written.len().min(synced.len()));
    let mut left = synced.to_vec();
    for (old, new) in left.chunks_mut(PAGE).zip(overwritten.chunks(PAGE)) {
        if old.len() == new.len() && dice.heads() {
            old.copy_from_slice(new);
        }
    }
    left.extend(&appended[..dice.below(appended.len() + 1)]);
    left
}

fn write(path: &Path, content: &[u8]) {
    // As the file was made, where it is still there; else for its owner alone, as the strictest of them are.
    let file = fs::File::options().create(true).write(true).truncate(true).mode(0o600).open(path);
    file.unwrap().write_all(content).unwrap();
}

fn synced_names(disk: &Path) -> BTreeMap<PathBuf, Names> {
    let mut folders = BTreeMap::new();
    for entry in fs::read_dir(disk).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let is_draft = path.extension().is_some_and(|extension| extension == "draft");
        if !name.starts_with("names.") || is_draft {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let mut lines = text.lines();
        let folder = PathBuf::from(lines.next().unwrap());
        let files = lines.map(|line| line.split_once(' ').unwrap());
        folders.insert(folder, files.map(|(id, name)| (name.to_owned(), id.to_owned())).collect());
    }
    folders
}

fn found_names(watched: &Path) -> BTreeMap<PathBuf, Names> {
    let (mut found, mut waiting) = (BTreeMap::new(), vec![watched.to_owned()]);
    while let Some(folder) = waiting.pop() {
        let mut names = Names::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let about = entry.metadata().unwrap();
            if about.is_dir() {
                waiting.push(entry.path());
            } else if about.is_file() {
                names.insert(entry.file_name().into_string().unwrap(), id(&about));
            }
        }
        found.insert(folder, names);
    }
    found
}

/// As `unsynced.c` names it.
fn id(about: &fs::Metadata) -> String {
    let birth = about.created().unwrap().duration_since(UNIX_EPOCH).unwrap();
    format!("{}.{}{:09}", about.ino(), birth.as_secs(), birth.subsec_nanos())
}
