//! What futures run on.

use crate::failure::Failure;
use rustix::process::Signal;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

/// Threads of an agent that wait for files and names.
const BLOCKING_THREADS: usize = 8;
/// The stack of such a thread.
const STACK_BYTES: usize = 512 * 1024;

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

/// One thread, and few beside it that wait for files: what runs for months beside every program should take little.
pub(crate) fn for_an_agent() -> Result<Runtime, Failure> {
    build(Builder::new_current_thread().max_blocking_threads(BLOCKING_THREADS).thread_stack_size(STACK_BYTES))
}

fn build(builder: &mut Builder) -> Result<Runtime, Failure> {
    let runtime = builder.enable_all().build();
    let runtime = runtime.map_err(|why| Failure::unusable("runtime", format!("no runtime: {why}")))?;
    let within = runtime.enter();
    // Caught once, it ends nobody: a limit on the size of files is an error where one is written, as a full disk is.
    let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
    drop(within);
    Ok(runtime)
}
