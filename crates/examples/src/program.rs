//! What the programs of the examples have in common: how they end, and how they are asked to.

use std::fmt::Display;
use std::future::Future;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How a program ends that does not do what it was asked; the numbers are those of the `chancery` command.
#[derive(Debug)]
pub enum Failure {
    /// What it was told cannot be used.
    Unusable(String),
    /// Its address cannot be listened on.
    Listen(String),
    /// It may not go on, by the word of an issuer.
    Refused(String),
    /// Nobody answers. Another time it may go well.
    Later(String),
}

impl Failure {
    /// A failure to use what was told.
    pub fn unusable(why: impl Display) -> Self {
        Self::Unusable(why.to_string())
    }
}

/// Says why it failed, if it did, and answers the exit code.
pub fn ended(outcome: Result<(), Failure>) -> ExitCode {
    let (code, why) = match outcome {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Refused(why)) => (1, why),
        Err(Failure::Unusable(why)) => (2, why),
        Err(Failure::Listen(why)) => (6, why),
        Err(Failure::Later(why)) => (7, why),
    };
    // There is nowhere left to say that it could not be said.
    let _ = writeln!(io::stderr(), "error: {why}");
    ExitCode::from(code)
}

/// Prints a line. A reader that went away (`documint --routes | head -1`) is no fault.
///
/// # Errors
/// Standard output cannot be written to for another reason.
pub fn say(line: &str) -> Result<(), Failure> {
    match writeln!(io::stdout(), "{line}") {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(Failure::unusable(why)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Is done when somebody asks the process to end.
///
/// # Errors
/// Signals cannot be taken.
pub fn shutdown() -> io::Result<impl Future<Output = ()> + Send + use<>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Listens, and answers where: port 0 takes a free one.
///
/// # Errors
/// The address is taken, or not one of this machine.
pub async fn listen(asked: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listening = TcpListener::bind(asked).await.and_then(|listener| {
        let address = listener.local_addr()?;
        Ok((listener, address))
    });
    listening.map_err(|why| Failure::Listen(format!("{asked} cannot be listened on: {why}")))
}
