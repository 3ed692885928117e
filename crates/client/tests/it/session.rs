//! Sessions against an office over real HTTP, by a clock that the test drives.

mod begins;
mod clocks;
mod delegates;
mod ends;
mod outages;
mod processes;
mod proofs;
mod refusals;
mod renews;
mod unwritable;

use crate::office::until;
use chancery_client::Session;

/// The text of its token.
async fn text(session: &Session) -> String {
    session.token().await.unwrap().expose().to_owned()
}

/// Calls until there is another token than this, and gives that.
async fn after(session: &Session, old: &str) -> String {
    until("another token", async || text(session).await != old).await;
    text(session).await
}
