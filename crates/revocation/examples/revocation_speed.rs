//! How long one check takes, how much one entry weighs, and how that grows: one JSON object on standard output.
//!
//! `cargo run --release -p chancery-revocation --example revocation_speed [IDS]`

use chancery_revocation::{Kill, Log, LogId, Retention, RevokedSet, Sequence, Standing, TokenMarks};
use chancery_token::bounds::Bounds;
use chancery_token::{Claims, Environment, FamilyId, ScopeSet, Subject, TokenId, UnixTime};
use std::error::Error;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const RETENTION: Retention = Retention {
    longest_access: Duration::from_hours(1),
    max_blind: Duration::from_mins(10),
    skew: Duration::from_mins(5),
    longest_family: Duration::from_hours(24 * 30),
};
/// Names that are revoked beside the ids.
const NAMES: u64 = 1000;
/// Tokens that are asked about in turn, so that no branch is learned by heart.
const TOKENS: u64 = 4096;
const ROUNDS: u32 = 200;

fn main() -> Result<(), Box<dyn Error>> {
    let ids = std::env::args().nth(1).map_or(Ok(250_000), |word| word.parse())?;
    let mut log = Log::begin(LogId::from_bytes([1; 16]), None, NOW, RETENTION);
    let names: Vec<Kill> = (0..NAMES).map(name).collect::<Result<_, _>>()?;
    log = log.append(&names)?.0;
    let mut appending = Duration::ZERO;
    for from in (0..ids).step_by(1000) {
        let kills: Vec<Kill> = (from..ids.min(from + 1000)).map(kill).collect();
        let start = clock();
        log = log.append(&kills)?.0;
        appending += start.elapsed();
    }
    let set = log.published();
    let at = log.position().sequence;
    let typical = tokens(|number| plain(number, at))?;
    let worst = tokens(|number| delegated(number, at))?;
    let revoked = tokens(|number| Ok(Claims { jti: id(number * 4), ..delegated(number, at)? }))?;
    let report = serde_json::json!({
        "ids": set.ids(),
        "names": set.names(),
        "check_typical_ns": check(set, &typical, |standing| standing == Standing::Good)?,
        "check_worst_ns": check(set, &worst, |standing| standing == Standing::Good)?,
        "check_revoked_ns": check(set, &revoked, |standing| matches!(standing, Standing::Revoked(_)))?,
        "entry_bytes": nearest(set.bytes(), set.ids() + set.names()),
        "append_id_ns": u64::try_from(appending.as_nanos())? / ids,
        "marks_ns": marks_ns(at)?,
    });
    writeln!(std::io::stdout(), "{report}")?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "this program measures")]
fn clock() -> Instant {
    Instant::now()
}

/// The fastest round and the median one, in nanoseconds for one check. Where others use the machine too, the truth is
/// nearer to the first.
fn check(
    set: &RevokedSet,
    tokens: &[TokenMarks],
    is_right: fn(Standing) -> bool,
) -> Result<[u64; 2], Box<dyn Error>> {
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let start = clock();
        let right = tokens.iter().filter(|token| is_right(black_box(set).judge(black_box(token)))).count();
        rounds.push(start.elapsed());
        if right != tokens.len() {
            return Err(format!("{right} of {} verdicts are right", tokens.len()).into());
        }
    }
    rounds.sort_unstable();
    let for_one = |round: Option<&Duration>| -> Result<u64, Box<dyn Error>> {
        Ok(u64::try_from(round.copied().unwrap_or_default().as_nanos())? / u64::try_from(tokens.len())?)
    };
    Ok([for_one(rounds.first())?, for_one(rounds.get(rounds.len() / 2))?])
}

fn marks_ns(at: Sequence) -> Result<u64, Box<dyn Error>> {
    let claims = delegated(1, at)?;
    let start = clock();
    for _ in 0..10_000 {
        black_box(TokenMarks::of(black_box(&claims), "token-key-1"));
    }
    Ok(u64::try_from(start.elapsed().as_nanos())? / 10_000)
}

fn nearest(bytes: usize, entries: usize) -> String {
    let tenths = bytes * 10 / entries;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn tokens(claims: impl Fn(u64) -> Result<Claims, Box<dyn Error>>) -> Result<Vec<TokenMarks>, Box<dyn Error>> {
    (1..=TOKENS).map(|number| Ok(TokenMarks::of(&claims(number)?, "token-key-1"))).collect()
}

/// Spread as random ids are.
fn spread(number: u64) -> [u8; 16] {
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip((mixed ^ (mixed >> 31)).to_be_bytes()) {
        *to = from;
    }
    bytes
}

fn id(number: u64) -> TokenId {
    TokenId::from_bytes(spread(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// An id that is not revoked.
fn other_id(number: u64) -> TokenId {
    TokenId::from_bytes(spread(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (1 << 63)))
}

fn kill(number: u64) -> Kill {
    if number % 4 == 1 {
        Kill::family(FamilyId::from_bytes(*id(number).as_bytes()), RETENTION.family_end(NOW))
    } else {
        Kill::token(id(number), NOW.plus(Duration::from_mins(number % 15)))
    }
}

fn name(number: u64) -> Result<Kill, Box<dyn Error>> {
    let end = RETENTION.family_end(NOW);
    Ok(match number % 4 {
        0 => Kill::client(&format!("revoked-client-{number}").parse()?, end),
        1 => Kill::tenant(&format!("revoked-tenant-{number}").parse()?, end),
        2 => Kill::subject(&format!("user:revoked-{number}").parse()?, end),
        _ if number < 10 => Kill::key(&format!("revoked-key-{number}")),
        _ => Kill::client(&format!("revoked-agent-{number}").parse()?, end),
    })
}

fn plain(number: u64, at: Sequence) -> Result<Claims, Box<dyn Error>> {
    Ok(Claims {
        iss: "https://auth.example.com".into(),
        aud: "https://documint.example.com".into(),
        sub: format!("client-{}", number % 50).parse()?,
        client_id: format!("client-{}", number % 50).parse()?,
        iat: NOW,
        exp: NOW.plus(Duration::from_mins(15)),
        nbf: None,
        jti: other_id(number),
        scope: ScopeSet::parse("invoices:read")?,
        tenant: format!("tenant-{}", number % 20).parse()?,
        bounds: Bounds::default(),
        sid: Some(FamilyId::from_bytes(*other_id(number + 100_000).as_bytes())),
        rvs: at.get(),
        cnf: None,
        act: Vec::new(),
        anc: Vec::new(),
        env: Environment::Live,
    })
}

/// As many ids and names as a token can have.
fn delegated(number: u64, at: Sequence) -> Result<Claims, Box<dyn Error>> {
    let actors = (0..4).map(|actor| Ok(format!("agent-{}-{actor}", number % 50).parse()?));
    Ok(Claims {
        sub: format!("user:{}", number % 500).parse()?,
        act: actors.collect::<Result<Vec<Subject>, Box<dyn Error>>>()?,
        anc: (0..8).map(|ancestor| other_id(number * 8 + ancestor + 1_000_000)).collect(),
        ..plain(number, at)?
    })
}
