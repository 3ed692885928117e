//! Log lines go to standard error, as text or as JSON.

use chancery_issuer::config::{LogConfig, LogFormat, LogLevel};
use std::io::{self, IsTerminal as _};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt, registry};

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
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let layer = match config.format {
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
        }
        LogFormat::Text => lines.boxed(),
    };
    // Fails only if another subscriber is set, and this is the one place that sets one.
    let _ = registry().with(layer.with_filter(filter)).try_init();
}
