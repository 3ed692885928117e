//! Signals that whoever runs the tests may have had ignored.

use std::fs;
use std::sync::Once;
use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

/// What is started from here on can be interrupted, as before a terminal, though `nohup` or the `&` of a script had these
/// tests ignore that: what a process ignores it hands down, and what it catches it does not (POSIX, `exec`). Where nothing
/// is ignored, nothing is caught.
pub(super) fn as_before_a_terminal() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let runtime = Builder::new_current_thread().enable_io().build().unwrap();
        let _within = runtime.enter();
        for kind in [SignalKind::hangup(), SignalKind::interrupt(), SignalKind::quit()] {
            if is_ignored(kind) {
                // Dropped, it goes on to be caught.
                drop(signal(kind).unwrap());
            }
        }
    });
}

/// As far as the system tells.
fn is_ignored(kind: SignalKind) -> bool {
    let told = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = told.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
    mask >> (kind.as_raw_value() - 1) & 1 == 1
}
