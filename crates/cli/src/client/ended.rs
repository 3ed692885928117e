//! What a change meant for the tokens that the client had.

use chancery_issuer::admin::{ClientView, Effect};
use chancery_revocation::Sequence;
use serde_json::{Value, json};

/// For programs: the client, with the entry of the revocation log where there is one.
pub(super) fn object(effect: &Effect<ClientView>) -> Value {
    let mut object = json!(effect.clone().into_inner());
    if let Some(sequence) = effect.sequence {
        object["sequence"] = json!(sequence);
    }
    object
}

/// For people: another line, where something was revoked.
pub(super) fn text(sequence: Option<Sequence>) -> String {
    sequence.map_or_else(String::new, |sequence| {
        format!("\nIts tokens are revoked, at sequence {sequence}: services that follow the revocation log refuse them.")
    })
}
