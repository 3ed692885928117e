use super::*;
use crate::master_key::MasterKey;
use chancery_revocation::Sequence;
use chancery_token::{Bounds, ClientId, Confirmation, Environment, FamilyId, ScopeSet, UnixTime};
use chancery_verifier::entropy::PredictableEntropy;

mod model;
mod replays;
mod texts;

const BEGUN: UnixTime = UnixTime::from_secs(1_800_000_000);
const IDLE: Duration = Duration::from_hours(24 * 7);
const ABSOLUTE: Duration = Duration::from_hours(24 * 30);
const CNF: Confirmation = Confirmation::DpopKey([3; 32]);

/// Seconds after the family began.
fn at(seconds: u64) -> UnixTime {
    BEGUN.plus(Duration::from_secs(seconds))
}

fn client() -> ClientId {
    "agent".parse().unwrap()
}

fn begun() -> Family {
    Family {
        id: FamilyId::from_bytes([9; 16]),
        client: client(),
        tenant: "acme".parse().unwrap(),
        sub: None,
        act: Vec::new(),
        ancestors: Vec::new(),
        granted: vec![Granted {
            audience: "https://api.example.com".into(),
            scopes: ScopeSet::parse("a:b").unwrap(),
        }],
        bounds: Bounds::default(),
        cnf: None,
        rvs0: Sequence::new(7),
        created_at: BEGUN,
        absolute_end: BEGUN.plus(ABSOLUTE),
        idle: IDLE,
        idle_end: BEGUN.plus(IDLE),
        generation: Generation(0),
        rotations: Rotations::default(),
        redelivered: None,
        state: FamilyState::Live,
    }
}

/// What a family says to a token, and the family afterwards.
fn shown(family: &Family, generation: u64, proof: Proof<'_>, now: UnixTime) -> Decision {
    let client = client();
    let on_replay = OnReplay::Revoke;
    family.present(&Presented { generation: Generation(generation), client: &client, proof, on_replay }, now)
}

fn rotated(family: &Family, generation: u64, now: UnixTime) -> Family {
    match shown(family, generation, Proof::Authenticated, now) {
        Decision::Rotate(rotation) => rotation.after,
        other => panic!("{other:?}"),
    }
}

/// One that rotated at each of these seconds.
fn after(times: &[u64]) -> Family {
    times
        .iter()
        .zip(0..)
        .fold(begun(), |family, (second, generation)| rotated(&family, generation, at(*second)))
}
