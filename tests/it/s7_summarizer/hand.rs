//! A program that reads numbers of documents and says a line for each.

use crate::support::{Folder, until};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Far longer than a document takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Killed, by its own process id, when it is dropped.
pub(super) struct Hand {
    child: Child,
    numbers: Option<ChildStdin>,
    said: Receiver<Value>,
}

impl Hand {
    /// Starts it. It logs into a file of this name.
    pub(super) fn start(mut command: Command, folder: &Folder, log: &str) -> Self {
        let log = File::options().create(true).append(true).open(folder.file(log)).unwrap();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let (tell, said) = channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            let lines = lines.map_while(Result::ok).map(|line| serde_json::from_str(&line).unwrap());
            // Nobody listens any more after the end of the test.
            lines.map_while(|line| tell.send(line).ok()).for_each(drop);
        });
        Self { numbers: child.stdin.take(), child, said }
    }

    /// Has these read side by side, and answers what is said of them, and meanwhile.
    pub(super) fn read(&mut self, documents: &[&str]) -> Vec<Value> {
        let lines: String = documents.iter().flat_map(|number| [*number, "\n"]).collect();
        self.numbers.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
        let (mut said, mut missing) = (Vec::new(), documents.len());
        while missing > 0 {
            let line = self.said.recv_timeout(PATIENCE);
            let line =
                line.unwrap_or_else(|why| panic!("{why}: {missing} of {documents:?} are missing: {said:?}"));
            missing -= usize::from(line.get("ended").is_none());
            said.push(line);
        }
        said
    }

    /// Gives it nothing more, and answers how it ended.
    pub(super) fn ended(mut self) -> Option<i32> {
        self.numbers = None;
        until("the end of a program that has nothing to read any more", || self.child.try_wait().unwrap())
            .code()
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        // It may have ended already. A program that was started by it ends with its input.
        self.numbers = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
