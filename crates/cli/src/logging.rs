//! Log lines go to standard error, as text or as JSON.

mod escape;
mod json;
mod text;

use chancery_issuer::config::{LogConfig, LogFormat, LogLevel};
use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::SystemTime;
use text::Colours;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, registry};

/// Lines that wait on one thread are written at this size at the latest: some fifty of them.
const FULL: usize = 16 * 1024;

/// Everything of ours down to the configured level. Libraries are heard from `info` on at most: what they trace are
/// raw bytes of requests, and credentials are among them (R08).
pub(crate) fn start(config: LogConfig) {
    let level = match config.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let filter = Targets::new().with_default(level.min(LevelFilter::INFO)).with_target("chancery", level);
    let form = match config.format {
        LogFormat::Json => Form::Json,
        LogFormat::Text if io::stderr().is_terminal() => Form::Text(Colours::Ansi),
        LogFormat::Text => Form::Text(Colours::None),
    };
    // Fails only if another subscriber is set, and this is the one place that sets one.
    let _ = registry().with(filter).with(Lines { form }).try_init();
}

/// How an event is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    Json,
    Text(Colours),
}

/// Writes each event as one line.
///
/// The formatter that `tracing-subscriber` brings took a tenth of the time of a token request.
#[derive(Debug)]
struct Lines {
    form: Form,
}

thread_local! {
    static WAITING: RefCell<Waiting> = const { RefCell::new(Waiting { text: Vec::new(), rests: false }) };
}

/// Lines of one thread that are not written yet.
///
/// A thread that serves requests answers several of them before it rests. It writes their lines at once then, or
/// when one is a warning: a call for each took a fortieth of the time of a request. No line waits while nothing
/// happens, and threads that do not tell when they rest write each line at once.
struct Waiting {
    text: Vec<u8>,
    rests: bool,
}

impl Waiting {
    fn write(&mut self) {
        // There is nobody left to tell when it fails.
        let _ = io::stderr().lock().write_all(&self.text);
        self.text.clear();
        self.text.shrink_to(2 * FULL);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.text.is_empty() {
            self.write();
        }
    }
}

/// To be called on a thread whenever it is about to rest.
pub(crate) fn before_rest() {
    // On a thread that ends nothing waits any more.
    let _ = WAITING.try_with(|waiting| {
        if let Ok(mut waiting) = waiting.try_borrow_mut() {
            waiting.rests = true;
            if !waiting.text.is_empty() {
                waiting.write();
            }
        }
    });
}

/// As [`tokio::task::block_in_place`], whose thread may belong to no runtime any more when the work is done: it rests
/// without telling, so that a line left waiting on it could wait for ever.
#[expect(clippy::disallowed_methods, reason = "this is the one that the rule points to")]
pub(crate) fn block_in_place<R>(work: impl FnOnce() -> R) -> R {
    before_rest();
    let _ = WAITING.try_with(|waiting| waiting.try_borrow_mut().map(|mut waiting| waiting.rests = false));
    tokio::task::block_in_place(work)
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let written = WAITING.try_with(|waiting| {
            let mut waiting = waiting.try_borrow_mut().ok()?;
            self.append(event, &mut waiting.text);
            let urgent = *event.metadata().level() <= Level::WARN;
            if urgent || !waiting.rests || waiting.text.len() >= FULL {
                waiting.write();
            }
            Some(())
        });
        if !matches!(written, Ok(Some(()))) {
            // A value that logs something while it is written, or a thread that is about to end.
            let mut alone = Waiting { text: Vec::new(), rests: false };
            self.append(event, &mut alone.text);
        }
    }
}

impl Lines {
    fn append(&self, event: &Event<'_>, lines: &mut Vec<u8>) {
        match self.form {
            Form::Json => json::write(event, now(), lines),
            Form::Text(colours) => text::write(event, now(), colours, lines),
        }
        lines.push(b'\n');
    }
}

#[expect(clippy::disallowed_methods, reason = "a line says when it was written; nothing is decided by that")]
fn now() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};
    use std::time::{Duration, UNIX_EPOCH};

    /// What `write` makes of the events of `say`, at a fixed time.
    pub(super) fn lines(
        write: impl Fn(&Event<'_>, SystemTime, &mut Vec<u8>) + Send + Sync + 'static,
        say: impl FnOnce(),
    ) -> String {
        let text = Arc::new(Mutex::new(Vec::new()));
        let heard = Heard { write, text: Arc::clone(&text) };
        tracing::subscriber::with_default(registry().with(heard), say);
        let text = text.lock().unwrap().clone();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_line_waits_for_a_rest_only_on_a_thread_that_tells_of_it() {
        let waits = || {
            let lines = registry().with(Lines { form: Form::Json });
            tracing::subscriber::with_default(lines, || tracing::info!("a line of a test"));
            let waits = WAITING.with_borrow(|waiting| !waiting.text.is_empty());
            before_rest();
            waits
        };
        assert!(!waits(), "who never told of a rest may never do");
        assert!(waits(), "now it has told of one");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let after_giving_way = async move {
            assert!(!waits() && waits());
            block_in_place(|| ());
            waits()
        };
        assert!(!runtime.block_on(runtime.spawn(after_giving_way)).unwrap());
    }

    struct Heard<W> {
        write: W,
        text: Arc<Mutex<Vec<u8>>>,
    }

    impl<S: Subscriber, W> Layer<S> for Heard<W>
    where
        W: Fn(&Event<'_>, SystemTime, &mut Vec<u8>) + Send + Sync + 'static,
    {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            let now = UNIX_EPOCH + Duration::from_hours(498_696);
            (self.write)(event, now, &mut self.text.lock().unwrap());
        }
    }
}
