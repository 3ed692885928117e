//! What futures run on.

use crate::failure::Failure;
use tokio::runtime::{Builder, Runtime};

/// One thread: a command waits for one thing at a time.
pub(crate) fn for_one_command() -> Result<Runtime, Failure> {
    build(&mut Builder::new_current_thread())
}

/// A thread for each processor.
pub(crate) fn for_a_server() -> Result<Runtime, Failure> {
    build(Builder::new_multi_thread().on_thread_park(crate::logging::before_rest))
}

/// Two threads: what stands beside a service leaves the processors to the service.
pub(crate) fn for_a_companion() -> Result<Runtime, Failure> {
    build(Builder::new_multi_thread().worker_threads(2).on_thread_park(crate::logging::before_rest))
}

fn build(builder: &mut Builder) -> Result<Runtime, Failure> {
    builder.enable_all().build().map_err(|why| Failure::unusable("runtime", format!("no runtime: {why}")))
}
