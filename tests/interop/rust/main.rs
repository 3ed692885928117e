//! The Rust side of the foreign clients: forges tokens for other people's libraries, serves what they call, judges what
//! they sign, and gets a token with a crate of theirs.
//!
//! Run by `cargo xtask interop`; the file that `CHANCERY_INTEROP` names says where the issuer is.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "verdicts go to standard output, a line each")]

mod chancery;
mod description;
mod fetch;
mod forge;
mod guarded;
mod judge;
mod oauth2;
mod say;
mod service;
mod stolen;

use description::Description;
use std::process::ExitCode;

/// Whatever went wrong: nobody decides anything by it, somebody reads it.
type Fault = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let task = words.next().unwrap_or_default();
    match run(&task, &words.next().unwrap_or_default()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("stranger {task}: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn run(task: &str, client: &str) -> Result<(), Fault> {
    let description = Description::read()?;
    match task {
        "forge" => forge::write(&description).await,
        "serve" => service::serve(&description).await,
        "judge" => judge::judge(&description, client),
        "chancery" => chancery::verify(&description).await,
        "oauth2" => oauth2::get_a_token(&description).await,
        other => Err(format!("no task '{other}'; there are forge, serve, judge, chancery, oauth2").into()),
    }
}
