//! `[revocation]`.

use super::{HOUR, MINUTE, Reader};
use crate::config::fault::Origin;
use crate::config::revocation::{Durability, RevocationConfig};
use crate::config::store::StoreConfig;
use chancery_revocation::OnUnprovableLoss;
use std::time::Duration;

/// Longest reason that is written down. It stands in what an issuer says of itself.
const MAX_REASON_CHARS: usize = 500;

#[derive(Clone, Copy)]
enum Word {
    Verified,
    Attested,
    Volatile,
}

pub(super) fn revocation(from: &mut Reader, store: &mut StoreConfig) -> RevocationConfig {
    let durability = durability(from, store);
    let journal = || match &*store {
        StoreConfig::Sqlite { path } => path.with_file_name("revocation.journal"),
        StoreConfig::Redis(_) => ".chancery/revocation.journal".into(),
    };
    let journal_file = from.path("revocation", "journal_file").unwrap_or_else(journal);
    if let StoreConfig::Redis(settings) = store {
        settings.durability = durability.clone();
    }
    let policies =
        [OnUnprovableLoss::RevokeAll, OnUnprovableLoss::Union].map(|policy| (policy.as_str(), policy));
    RevocationConfig {
        durability,
        on_unprovable_loss: from.choice(
            "revocation",
            "on_unprovable_loss",
            OnUnprovableLoss::default(),
            &policies,
        ),
        journal_file,
        max_blind: from.duration("revocation", "max_blind", Duration::from_mins(10), MINUTE..=HOUR).0,
    }
}

fn durability(from: &mut Reader, store: &StoreConfig) -> Durability {
    let said = ["durability", "attested_because"]
        .into_iter()
        .find_map(|key| Some((key, from.0.origin("revocation", key)?)));
    let words = [("verified", Word::Verified), ("attested", Word::Attested), ("volatile", Word::Volatile)];
    let word = from.choice("revocation", "durability", Word::Verified, &words);
    let because = from.text("revocation", "attested_because");
    if let (StoreConfig::Sqlite { .. }, Some((key, origin))) = (store, &said) {
        let message =
            format!("[revocation] {key} is for a Redis; a store in a file syncs every write, so remove it");
        from.0.refuse(origin.clone(), message);
        return Durability::Verified;
    }
    let origin = said.map_or(Origin::Default, |(_, origin)| origin);
    match (word, because) {
        (Word::Attested, because) => attested(from, origin, because),
        (Word::Verified | Word::Volatile, Some((_, origin))) => {
            let message = "[revocation] attested_because is there without durability = \"attested\"; remove it, or say that";
            from.0.refuse(origin, message.into());
            Durability::Verified
        }
        (Word::Verified, None) => Durability::Verified,
        (Word::Volatile, None) => Durability::Volatile,
    }
}

fn attested(from: &mut Reader, durability: Origin, because: Option<(String, Origin)>) -> Durability {
    let Some((because, origin)) = because else {
        let message = "[revocation] durability is 'attested' and attested_because is missing; say on what it rests, like \
                       \"the provider syncs every write on two machines before it answers\"";
        from.0.refuse(durability, message.into());
        return Durability::Verified;
    };
    let because = because.trim().to_owned();
    if because.is_empty()
        || because.chars().count() > MAX_REASON_CHARS
        || because.chars().any(char::is_control)
    {
        let message =
            format!("[revocation] attested_because is one sentence of at most {MAX_REASON_CHARS} characters");
        from.0.refuse(origin, message);
    }
    Durability::Attested { because }
}

#[cfg(test)]
mod tests;
