//! Who was revoked, by plain names, in plain lists, for ever.

use chancery_revocation::Head;
use std::collections::{BTreeSet, HashMap};

/// A token as the oracle sees it.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) jti: u64,
    pub(super) sid: Option<u64>,
    pub(super) anc: Vec<u64>,
    pub(super) client: String,
    pub(super) tenant: String,
    pub(super) subjects: Vec<String>,
    pub(super) key: String,
    pub(super) rvs: u64,
    /// When it expires, by the clock of the verifier that asks; `None` for one that a thief made.
    pub(super) expires: Option<u64>,
    /// Whether its issuer had looked at all that there was, and not at an old copy that somebody put back.
    pub(super) is_of_whole_log: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Token(u64),
    Family(u64),
    Client(String),
    Tenant(String),
    Subject(String),
    All,
    Key(String),
}

/// Something was revoked, at a sequence.
#[derive(Clone, Debug)]
pub(super) struct Revocation {
    pub(super) target: Target,
    pub(super) sequence: u64,
    /// Whether an issuer joined a log later and appended it again, up to there: it ends more then.
    pub(super) repeated_at: Option<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Oracle {
    pub(super) revocations: Vec<Revocation>,
    /// Which of them led to a place.
    at: HashMap<Head, BTreeSet<usize>>,
    /// Those that a recovery went on without, as its policy allows.
    pub(super) given_up: BTreeSet<usize>,
}

impl Oracle {
    pub(super) fn at(&self, head: &Head) -> &BTreeSet<usize> {
        self.at.get(head).unwrap_or_else(|| panic!("nothing was ever appended that leads to {head}"))
    }

    pub(super) fn begin(&mut self, head: Head, known: BTreeSet<usize>) {
        self.at.insert(head, known);
    }

    /// Something was appended after `before`.
    pub(super) fn append(&mut self, before: &Head, after: Head, sequence: u64, target: Option<Target>) {
        let mut known = self.at(before).clone();
        if let Some(target) = target {
            known.insert(self.revocations.len());
            self.revocations.push(Revocation { target, sequence, repeated_at: None });
        }
        // Two issuers that each say the same after the same come to one place.
        self.at.entry(after).or_default().extend(known);
    }

    /// What is known at `old` was appended again before `new`, whose last sequence is `sequence`: all that is not known
    /// there, and perhaps more.
    pub(super) fn repeat(&mut self, old: &Head, new: Head, sequence: u64) {
        let brought = self.at(old).clone();
        for revocation in &brought {
            self.revocations[*revocation].repeated_at = Some(sequence);
        }
        self.at.entry(new).or_default().extend(brought);
    }

    /// Whether one of these revocations ends `token`.
    pub(super) fn ends(&self, known: &BTreeSet<usize>, token: &Token) -> bool {
        known.iter().any(|at| ends(&self.revocations[*at], self.revocations[*at].sequence, token))
    }

    /// Whether anything that was ever revoked may end `token`.
    pub(super) fn may_end(&self, token: &Token) -> bool {
        self.revocations.iter().any(|revocation| {
            ends(revocation, revocation.repeated_at.unwrap_or(0).max(revocation.sequence), token)
        })
    }
}

fn ends(revocation: &Revocation, sequence: u64, token: &Token) -> bool {
    // A thief writes any ids, names and `rvs` into a token; what ends it for good is the end of the key.
    let is_honest = token.expires.is_some();
    let older = token.rvs < sequence;
    match &revocation.target {
        Target::Key(key) => token.key == *key,
        _ if !is_honest => false,
        Target::Token(jti) => token.jti == *jti || token.anc.contains(jti),
        Target::Family(sid) => token.sid == Some(*sid),
        Target::Client(client) => older && (token.client == *client || token.subjects.contains(client)),
        Target::Tenant(tenant) => older && token.tenant == *tenant,
        Target::Subject(subject) => older && token.subjects.contains(subject),
        Target::All => older,
    }
}
