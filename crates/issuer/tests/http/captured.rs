//! What one test logs, at TRACE.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

thread_local! {
    /// A test and everything it awaits runs on one thread, so its lines can be told from those of its neighbours.
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// The lines of this test are kept from here on.
pub(crate) fn begin() {
    install();
    LINES.set(Some(Vec::new()));
}

/// The lines since [`begin`].
pub(crate) fn end() -> String {
    String::from_utf8(LINES.take().unwrap()).unwrap()
}

/// Whether a line so far holds this.
pub(crate) fn holds(text: &str) -> bool {
    LINES.with_borrow(|lines| String::from_utf8_lossy(lines.as_ref().unwrap()).contains(text))
}

/// One subscriber for the whole process: one for each thread would race with the registration of call sites.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let level = tracing::Level::TRACE;
        let subscriber =
            tracing_subscriber::fmt().json().with_max_level(level).with_writer(|| ThisThread).finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
    });
}

struct ThisThread;

impl Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.as_mut().map(|lines| lines.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
