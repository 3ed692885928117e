//! What can happen.

use proptest::prelude::*;

pub(super) const ISSUERS: usize = 3;
pub(super) const VERIFIERS: usize = 3;

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Time goes by, everywhere.
    Pass {
        seconds: u64,
    },
    /// An issuer is asked for a token: of a new or an old family, alone or on behalf of another token.
    Issue {
        issuer: usize,
        who: Who,
        family: Option<usize>,
        parent: Option<usize>,
        life: u64,
    },
    /// The thief of a signing key makes a token.
    Forge {
        who: Who,
        rvs: u64,
    },
    /// An issuer is asked to revoke something.
    Revoke {
        issuer: usize,
        what: What,
    },
    /// An issuer looks at the end of the store's log.
    Look {
        issuer: usize,
    },
    /// An issuer loses its store, or finds it again.
    Cut {
        issuer: usize,
        cut: bool,
    },
    /// A clock is set, to so many seconds from the truth.
    SetIssuerClock {
        issuer: usize,
        offset: i64,
    },
    SetVerifierClock {
        verifier: usize,
        offset: i64,
    },
    /// A verifier hears from an issuer.
    Tell {
        issuer: usize,
        verifier: usize,
        snapshot: bool,
    },
    /// Something that was signed at some time reaches a verifier, again or late.
    Replay {
        verifier: usize,
        document: usize,
    },
    RestartVerifier {
        verifier: usize,
    },
    RestartIssuer {
        issuer: usize,
    },
    /// Somebody copies the store, puts a copy back, or drops it.
    CopyStore,
    PutBack {
        copy: usize,
    },
    LoseStore,
    /// An issuer that found its store wanting puts the log together.
    Recover {
        issuer: usize,
        silent: u8,
        asked: u8,
        revoke_all: bool,
    },
    /// An issuer lets the store forget.
    Prune {
        issuer: usize,
    },
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    pub(super) client: u8,
    pub(super) tenant: u8,
    pub(super) subject: u8,
    pub(super) actor: u8,
    pub(super) key: u8,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Token(usize),
    Family(usize),
    Client(u8),
    Tenant(u8),
    Subject(u8),
    All,
    Key(u8),
    /// So many tokens that nobody holds, to fill blocks.
    Others(u16),
}

fn who() -> impl Strategy<Value = Who> {
    (0..4_u8, 0..3_u8, 0..4_u8, 0..6_u8, 0..3_u8).prop_map(|(client, tenant, subject, actor, key)| Who {
        client,
        tenant,
        subject,
        actor,
        key,
    })
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        6 => any::<usize>().prop_map(What::Token),
        5 => any::<usize>().prop_map(What::Family),
        3 => (0..4_u8).prop_map(What::Client),
        3 => (0..3_u8).prop_map(What::Tenant),
        3 => (0..4_u8).prop_map(What::Subject),
        1 => Just(What::All),
        1 => (0..3_u8).prop_map(What::Key),
        3 => (1..2500_u16).prop_map(What::Others),
    ]
}

/// Most clocks are right.
fn offset() -> impl Strategy<Value = i64> {
    prop_oneof![4 => Just(0), 2 => -50..=50_i64, 3 => -3600..=3600_i64]
}

fn step() -> impl Strategy<Value = Step> {
    let (issuer, verifier) = (0..ISSUERS, 0..VERIFIERS);
    let one_of = || proptest::option::of(any::<usize>());
    prop_oneof![
        6 => prop_oneof![6 => 1..120_u64, 2 => 120..3600_u64, 2 => 3600..30_000_u64]
            .prop_map(|seconds| Step::Pass { seconds }),
        10 => (issuer.clone(), who(), one_of(), one_of(), 1..=3600_u64)
            .prop_map(|(issuer, who, family, parent, life)| Step::Issue { issuer, who, family, parent, life }),
        1 => (who(), any::<u64>()).prop_map(|(who, rvs)| Step::Forge { who, rvs }),
        9 => (issuer.clone(), what()).prop_map(|(issuer, what)| Step::Revoke { issuer, what }),
        9 => issuer.clone().prop_map(|issuer| Step::Look { issuer }),
        2 => (issuer.clone(), any::<bool>()).prop_map(|(issuer, cut)| Step::Cut { issuer, cut }),
        1 => (issuer.clone(), offset()).prop_map(|(issuer, offset)| Step::SetIssuerClock { issuer, offset }),
        1 => (verifier.clone(), offset())
            .prop_map(|(verifier, offset)| Step::SetVerifierClock { verifier, offset }),
        14 => (issuer.clone(), verifier.clone(), prop::bool::weighted(0.35))
            .prop_map(|(issuer, verifier, snapshot)| Step::Tell { issuer, verifier, snapshot }),
        3 => (verifier.clone(), any::<usize>())
            .prop_map(|(verifier, document)| Step::Replay { verifier, document }),
        2 => verifier.prop_map(|verifier| Step::RestartVerifier { verifier }),
        2 => issuer.clone().prop_map(|issuer| Step::RestartIssuer { issuer }),
        1 => Just(Step::CopyStore),
        1 => any::<usize>().prop_map(|copy| Step::PutBack { copy }),
        1 => prop::bool::weighted(0.5).prop_map(|lose| if lose { Step::LoseStore } else { Step::CopyStore }),
        4 => (issuer.clone(), prop_oneof![2 => Just(0), 1 => any::<u8>()], any::<u8>(), any::<bool>())
            .prop_map(|(issuer, silent, asked, revoke_all)| Step::Recover { issuer, silent, asked, revoke_all }),
        2 => issuer.prop_map(|issuer| Step::Prune { issuer }),
    ]
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 20..160)
}
