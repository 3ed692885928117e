//! Whom a client delegates to.

use crate::office::{Office, Refusal};
use crate::terminal::Terminal;
use chancery_issuer::admin::ClientView;

/// Tells of delegates that nobody has registered. They may be named before they are; one that is misspelled stays so.
pub(super) async fn tell_unregistered(office: &Office, client: &ClientView, terminal: &mut Terminal) {
    for id in &client.may_delegate_to {
        if let Err(Refusal::Other(failure)) = office.client(id).await
            && failure.is("client_unknown")
        {
            terminal.note(format!(
                "No client '{id}' is registered yet, so nobody exchanges tokens under that name. Register it, or name all delegates \
                 anew:  chancery client update {} --delegate-to ID",
                client.id
            ));
        }
    }
}
