//! Nothing that we start may outlive us.
//!
//! Every child carries a mark in its environment, which its own children inherit; what still carries our mark
//! when a stage is over was left running by it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::stopwatch::Stopwatch;

/// The environment variable that holds the mark.
pub(crate) const MARK: &str = "CHANCERY_XTASK_RUN";

/// How long a process that is already ending gets before it counts as left running.
const GRACE: Duration = Duration::from_secs(5);

/// The mark of this run.
pub(crate) fn mark() -> String {
    std::process::id().to_string()
}

/// Ends a process and everything that descends from it, at once.
pub(crate) fn end(pid: u32) {
    let family = descendants(Path::new("/proc"), pid);
    let kill = Command::new("kill")
        .arg("-KILL")
        .args(family.iter().map(u32::to_string))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if let Err(error) = kill {
        eprintln!("xtask: cannot end process {pid}: {error}");
    }
}

/// Ends whatever still runs with our mark, and says what it was. Empty where there is no `/proc`.
pub(crate) fn sweep() -> Vec<String> {
    let patience = Stopwatch::start();
    let mut left = marked(Path::new("/proc"), &mark());
    while !left.is_empty() && patience.elapsed() < GRACE {
        std::thread::sleep(Duration::from_millis(50));
        left = marked(Path::new("/proc"), &mark());
    }
    left.into_iter()
        .map(|(pid, words)| {
            end(pid);
            format!("{pid} {words}")
        })
        .collect()
}

/// The process and those below it, as far as `/proc` tells.
fn descendants(proc: &Path, pid: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = pids(proc)
        .filter_map(|child| {
            let stat = std::fs::read_to_string(proc.join(child.to_string()).join("stat")).ok()?;
            // "pid (name) state parent ..."; the name may hold spaces and brackets.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((child, parent))
        })
        .collect();
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(of) = family.get(next).copied() {
        family.extend(parents.iter().filter(|(_, parent)| *parent == of).map(|(child, _)| *child));
        next += 1;
    }
    family
}

fn pids(proc: &Path) -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir(proc).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The processes whose environment holds the mark, with their command lines.
fn marked(proc: &Path, mark: &str) -> Vec<(u32, String)> {
    let wanted = format!("{MARK}={mark}");
    let mut found = Vec::new();
    for pid in pids(proc).filter(|pid| *pid != std::process::id()) {
        let folder = proc.join(pid.to_string());
        // A process may end between the listing and the reading; then it is not left running.
        let Ok(environment) = std::fs::read(folder.join("environ")) else { continue };
        if environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes()) {
            let words = std::fs::read(folder.join("cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).replace('\0', " ");
            found.push((pid, words.trim().to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_our_mark_is_found_and_ended() {
        let mark = format!("{}-found", std::process::id());
        let mut child = Command::new("tail").args(["-f", "/dev/null"]).env(MARK, &mark).spawn().unwrap();
        let expected = [(child.id(), "tail -f /dev/null".to_owned())];
        let patience = Stopwatch::start();
        let mut found = Vec::new();
        // A process that has just been started shows its environment a moment later.
        while found != expected && patience.elapsed() < GRACE {
            found = marked(Path::new("/proc"), &mark);
        }
        end(child.id());
        assert!(!child.wait().unwrap().success());
        assert_eq!(found, expected);
        assert!(marked(Path::new("/proc"), &mark).is_empty());
    }

    #[test]
    fn a_process_is_ended_with_its_descendants() {
        let script = "tail -f /dev/null & echo $!; wait";
        let mut parent = Command::new("sh").args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut output = std::io::BufReader::new(parent.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut output, &mut line).unwrap();
        let grandchild: u32 = line.trim().parse().unwrap();
        assert_eq!(descendants(Path::new("/proc"), parent.id()), [parent.id(), grandchild]);
        end(parent.id());
        parent.wait().unwrap();
        // The pipe closes only when the grandchild, which holds its other end, is gone as well.
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut output, &mut rest).unwrap();
    }

    #[test]
    fn another_runs_processes_are_left_alone() {
        assert!(marked(Path::new("/proc"), "nobody").is_empty());
    }
}
