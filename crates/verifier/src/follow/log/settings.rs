use chancery_revocation::RevocationKeys;

/// Where the documents of the revocation log are. Whoever serves them needs no trust: they are signed, and none of them
/// revives a token. Whoever withholds them closes the verifier, when what it knows is too old.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LogFrom {
    /// Where the issuer's metadata says: `revocation_snapshot_uri`, `revocation_delta_uri`.
    #[default]
    Discovery,
    /// Below these addresses, at `<address>/revocation/snapshot` and `<address>/revocation/delta`: issuers that share a
    /// log, relays, caches. The next one is asked when one fails.
    Urls(Vec<String>),
}

/// Where the keys of the revocation log are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LogKeysFrom {
    /// Where the issuer's metadata says, `revocation_keys_uri`, which must be on the issuer's own origin.
    #[default]
    Discovery,
    /// Here: no document under another key is believed.
    Pinned(RevocationKeys),
    /// At this address: https, or http on this machine.
    Url(String),
}
