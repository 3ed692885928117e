//! Where in a file each part of the draft was written.

use std::collections::BTreeMap;

/// Lines by JSON pointer (RFC 6901).
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<String, usize>);

impl Places {
    pub(super) fn add(&mut self, pointer: String, line: usize) {
        self.0.insert(pointer, line);
    }

    /// The line of `pointer`, else of what it lies in. What is written nowhere is missing in the file as a whole.
    pub(super) fn line(&self, pointer: &str) -> usize {
        let mut place = pointer;
        loop {
            if let Some(line) = self.0.get(place) {
                return *line;
            }
            match place.rsplit_once('/') {
                Some((outer, _)) => place = outer,
                None => return 1,
            }
        }
    }
}

/// One step of a pointer (RFC 6901 section 3).
pub(super) fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}
