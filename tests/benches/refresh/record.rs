//! What a Redis needs for a family.

use crate::beside;
use crate::order::Order;
use crate::report::{Figure, Report};
use chancery_issuer::config::{Durability, RedisSettings};
use chancery_issuer::family::{
    Decision, Family, FamilyState, Generation, Granted, OnReplay, Presented, Proof, Rotations,
};
use chancery_issuer::master_key::MasterKey;
use chancery_issuer::store::{Advanced, Identity, RedisStore, Store as _};
use chancery_revocation::Sequence;
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use chancery_token::{Confirmation, Environment, FamilyId, ScopeSet, UnixTime};
use chancery_verifier::entropy::PredictableEntropy;
use std::time::Duration;

pub(crate) const ID: &str = "family.redis_bytes";
const LIMIT: f64 = 400.0;
const ROTATIONS: u64 = 1_000_000;
const IN_QUICK: u64 = 2000;
/// The record is looked at so often.
const LOOKS: u64 = 20;
/// Families whose memory is measured together, and those of one client.
const TOGETHER: u64 = 16_384;
const OF_ONE: u64 = 64;
const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
/// Between two rotations. Eight of them take longer than two minutes, and a million less than two years.
const STEP: Duration = Duration::from_secs(16);
const DAY: Duration = Duration::from_hours(24);
const KEY: Confirmation = Confirmation::DpopKey([0x5a; 32]);

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    runtime.block_on(weigh(order, report))
}

async fn weigh(order: &Order, report: &mut Report) -> Result<(), String> {
    let redis = RedisServer::start(RedisOptions::default().in_memory());
    let store = open(&redis).await?;
    let rotations = if order.quick { IN_QUICK } else { ROTATIONS };
    let bytes = rotated(&redis, &store, rotations).await?;
    if bytes.iter().any(|other| Some(other) != bytes.first()) {
        return Err(format!("a record grows or shrinks with its age: {bytes:?}"));
    }
    report.add(Figure {
        limit: Some(LIMIT),
        note: format!(
            "MEMORY USAGE of a family with two audiences, four scopes and one bound; the same at {} looks during \
             {rotations} rotations",
            bytes.len()
        ),
        ..Figure::new(ID, "bytes", bytes)
    });
    let bound = Family { cnf: Some(KEY), ..family(1)? };
    begin(&store, &bound).await?;
    let bytes = beside::usage(&redis, &key(&redis, &bound)?)?;
    report.add(Figure {
        note: "the same, bound to a key".to_owned(),
        ..Figure::new(format!("{ID}.with_key"), "bytes", vec![bytes])
    });
    let before = beside::memory(&redis, "used_memory")?;
    for number in 2..2 + TOGETHER {
        begin(&store, &family(number)?).await?;
    }
    let all =
        (beside::memory(&redis, "used_memory")? - before) / f64::from(u32::try_from(TOGETHER).unwrap_or(1));
    report.add(Figure {
        note: format!(
            "all memory of {TOGETHER} families ÷ their number: records, keys, their tables, and the lists of the \
             clients, which have {OF_ONE} each"
        ),
        ..Figure::new(format!("{ID}.with_tables"), "bytes", vec![all])
    });
    Ok(())
}

async fn open(redis: &RedisServer) -> Result<RedisStore, String> {
    let url = redis.url().parse().map_err(|fault| format!("{}: {fault}", redis.url()))?;
    let settings = RedisSettings { durability: Durability::Volatile, ..RedisSettings::new(url) };
    let store = RedisStore::open(&settings).await.map_err(|fault| fault.to_string())?;
    let entropy = PredictableEntropy::new(1);
    let (url, master) = ("https://issuer.example", MasterKey::generate(&entropy));
    let owned = Identity::establish(&store, url, Environment::Test, &master, NOW, &entropy);
    owned.await.map_err(|fault| fault.to_string())?;
    Ok(store)
}

/// Rotates one family so often, and tells what it took before, at some places between, and after.
async fn rotated(redis: &RedisServer, store: &RedisStore, rotations: u64) -> Result<Vec<f64>, String> {
    let begun = family(0)?;
    begin(store, &begun).await?;
    let key = key(redis, &begun)?;
    let mut bytes = vec![beside::usage(redis, &key)?];
    let mut now = NOW;
    for generation in 0..rotations {
        now = now.plus(STEP);
        let presented = Presented {
            generation: Generation(generation),
            client: &begun.client,
            proof: Proof::Authenticated,
            on_replay: OnReplay::Revoke,
        };
        let advanced = store.advance(begun.id, &presented, now).await.map_err(|fault| fault.to_string())?;
        if !matches!(advanced, Advanced::Decided { decision: Decision::Rotate(_), .. }) {
            return Err(format!("rotation {generation} became {advanced:?}"));
        }
        // The first ones one by one, for what is kept of the last ones fills up then.
        let done = generation + 1;
        if done <= 10 || done % (rotations / LOOKS) == 0 {
            bytes.push(beside::usage(redis, &key)?);
        }
    }
    Ok(bytes)
}

async fn begin(store: &RedisStore, family: &Family) -> Result<(), String> {
    let most = u32::try_from(OF_ONE).unwrap_or(u32::MAX);
    store.begin_family(family, most, family.created_at).await.map_err(|fault| fault.to_string())
}

fn key(redis: &RedisServer, family: &Family) -> Result<String, String> {
    beside::key(redis, &family.id.to_string())
}

fn family(number: u64) -> Result<Family, String> {
    let mut id = [0; 16];
    // Spread as random ids are.
    id[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    id[8..].copy_from_slice(&number.to_be_bytes());
    let client = format!("reporter-{:03}", number / OF_ONE);
    let granted = |audience: &str, scopes| {
        let scopes = ScopeSet::parse(scopes).map_err(|fault| format!("{audience}: {fault}"))?;
        Ok::<Granted, String>(Granted { audience: audience.to_owned(), scopes })
    };
    Ok(Family {
        id: FamilyId::from_bytes(id),
        client: client.parse().map_err(|fault| format!("{client}: {fault}"))?,
        tenant: "acme".parse().map_err(|fault| format!("acme: {fault}"))?,
        sub: None,
        act: Vec::new(),
        ancestors: Vec::new(),
        granted: vec![
            granted("https://api.documint.example", "invoices:read invoices:create")?,
            granted("https://api.payments.example", "payments:read refunds:create")?,
        ],
        bounds: serde_json::from_str(r#"{"project":["acme-*"]}"#).map_err(|fault| fault.to_string())?,
        cnf: None,
        rvs0: Sequence::new(1_838_392_934_400),
        created_at: NOW,
        absolute_end: NOW.plus(DAY * 800),
        idle: DAY * 14,
        idle_end: NOW.plus(DAY * 14),
        generation: Generation::default(),
        rotations: Rotations::default(),
        redelivered: None,
        state: FamilyState::Live,
    })
}
