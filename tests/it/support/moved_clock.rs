//! A clock that processes of their own go by, and that a test moves.

use super::{Chancery, Folder, compiled};
use chancery_token::UnixTime;
use chancery_verifier::clock::{Clock, SystemClock};
use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The machine's, until it is moved: then it is for this test, and for every process that goes by it, as if so much time
/// had passed. An issuer looks at its store before it goes on, which takes it a moment.
pub(crate) struct MovedClock {
    machine: SystemClock,
    ahead: AtomicU64,
    told: File,
    folder: Folder,
}

impl MovedClock {
    pub(crate) fn new() -> Self {
        let folder = Folder::new();
        let path = folder.write("ahead", 0_u64.to_ne_bytes());
        let told = File::options().write(true).open(path).unwrap();
        Self { machine: SystemClock::new(), ahead: AtomicU64::new(0), told, folder }
    }

    /// The same command, by this clock.
    pub(crate) fn moves(&self, chancery: &Chancery) -> Chancery {
        self.variables()
            .into_iter()
            .fold(chancery.clone(), |chancery, (name, path)| chancery.env(name, path.to_str().unwrap()))
    }

    /// Has any other program go by it, and what that one starts.
    pub(crate) fn moves_program(&self, command: &mut Command) {
        command.envs(self.variables());
    }

    fn variables(&self) -> [(&'static str, PathBuf); 2] {
        static MADE: OnceLock<PathBuf> = OnceLock::new();
        let library = MADE.get_or_init(|| compiled("it/support/moved_clock/moved_clock.c"));
        [("LD_PRELOAD", library.clone()), ("MOVED_CLOCK", self.folder.file("ahead"))]
    }

    /// Lets whole seconds pass.
    pub(crate) fn advance(&self, span: Duration) {
        let span = span.as_secs();
        let ahead = self.ahead.fetch_add(span, Ordering::SeqCst) + span;
        self.told.write_all_at(&ahead.to_ne_bytes(), 0).unwrap();
    }

    fn passed(&self) -> Duration {
        Duration::from_secs(self.ahead.load(Ordering::SeqCst))
    }
}

impl Clock for MovedClock {
    fn now(&self) -> UnixTime {
        self.machine.now().plus(self.passed())
    }

    fn monotonic(&self) -> Duration {
        self.machine.monotonic() + self.passed()
    }
}

impl fmt::Debug for MovedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MovedClock").field("ahead", &self.ahead).finish_non_exhaustive()
    }
}
