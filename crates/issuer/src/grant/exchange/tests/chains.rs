//! Tokens of tokens of tokens.

use super::*;
use crate::grant::refresh;
use chancery_revocation::{Kill, Log, LogId, Retention, Standing, TokenMarks};
use chancery_token::Subject;
use chancery_token::bounds::Value;
use proptest::prelude::*;

const NAMES: [&str; 4] = ["planner", "worker", "helper", "clerk"];
const SCOPES: [&str; 5] = ["orders:read", "orders:refund", "tickets:read", "tickets:write", "shared:read"];
const REGIONS: [&str; 5] = ["e*", "eu*", "eu-west", "us", "u*"];
const RECORDS: [&str; 6] = ["eu", "eu-west", "eu-north", "us", "uk", "asia"];

/// A client of a chain: what it may do, from bits.
#[derive(Clone, Copy, Debug)]
struct Part {
    scopes: u8,
    region: Option<usize>,
    refund_max: Option<u64>,
    minutes: u64,
    refreshes: bool,
    /// Whom it delegates to.
    delegates: u8,
}

#[derive(Clone, Copy, Debug)]
struct Exchange {
    token: usize,
    client: usize,
    scopes: Option<u8>,
    proves: Option<u8>,
    begins: bool,
    expires_in: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Exchange(Exchange),
    Refresh { family: usize, scopes: Option<u8>, proves: Option<u8> },
    Pass { seconds: u64 },
}

/// How a token came from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Exchanged,
    /// It is a later token of the family that began with the other.
    Refreshed,
}

/// Everything that was handed out. A token stands behind the one that it came from, a family beside the token that it began
/// with.
struct World {
    clients: Vec<Client>,
    tokens: Vec<(Claims, Option<(usize, Link)>)>,
    families: Vec<(Family, usize)>,
    now: UnixTime,
    drawn: u8,
}

fn chosen(bits: u8) -> String {
    let held = SCOPES.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
    held.map(|(_, scope)| *scope).collect::<Vec<_>>().join(" ")
}

fn part(name: &str, part: Part) -> Client {
    let scopes = chosen(part.scopes);
    let scopes: Vec<&str> = scopes.split(' ').filter(|scope| !scope.is_empty()).collect();
    let mut bounds = Bounds::default();
    if let Some(region) = part.region {
        let pattern = REGIONS[region % REGIONS.len()].parse().unwrap();
        bounds = bounds.with(None, "region".parse().unwrap(), Bound::AnyOf(vec![pattern]));
    }
    if let Some(most) = part.refund_max {
        bounds = bounds.with(None, "refund_max".parse().unwrap(), Bound::AtMost(most));
    }
    let unbounded = Reach::Unbounded { reason: "Tests.".into() };
    // Nobody can list itself.
    let delegates =
        NAMES.iter().enumerate().filter(|(at, other)| part.delegates & (1 << at) != 0 && **other != name);
    let delegates: Vec<&str> = delegates.map(|(_, other)| *other).collect();
    Client {
        reach: if bounds.is_empty() { unbounded } else { Reach::Bounded(bounds) },
        lifetime: Duration::from_mins(part.minutes),
        refresh: part.refreshes.then(Refresh::default),
        ..client(name, &scopes, &delegates)
    }
}

impl World {
    fn new(parts: [Part; 4]) -> Self {
        let clients = NAMES.iter().zip(parts).map(|(name, one)| part(name, one)).collect();
        let all = Claims { scope: ScopeSet::parse(&SCOPES.join(" ")).unwrap(), ..subject_token() };
        let granted = vec![Granted { audience: SHOP.into(), scopes: all.scope.clone() }];
        let families = vec![(Family { granted, ..family() }, 0)];
        Self { clients, tokens: vec![(all, None)], families, now: NOW, drawn: 10 }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Pass { seconds } => self.now = self.now.plus(Duration::from_secs(seconds)),
            Step::Exchange(exchange) => self.exchange(exchange),
            Step::Refresh { family, scopes, proves } => self.refresh(family, scopes, proves),
        }
    }

    fn draw(&mut self) -> [u8; 16] {
        self.drawn += 1;
        [self.drawn; 16]
    }

    fn exchange(&mut self, exchange: Exchange) {
        let Exchange { token, client, scopes, proves, begins, expires_in } = exchange;
        let (jti, family_id) = (TokenId::from_bytes(self.draw()), FamilyId::from_bytes(self.draw()));
        let token = token % self.tokens.len();
        let (from, _) = self.tokens[token].clone();
        if from.exp <= self.now {
            return;
        }
        let named = |id: &str| self.clients.iter().find(|client| client.id.as_str() == id).unwrap();
        // The nearest that it descends from, as the issuer finds it.
        let line = from.anc.iter().map(|id| *id.as_bytes()).chain(from.sid.map(|sid| *sid.as_bytes()));
        let mut known = line.filter_map(|id| self.families.iter().find(|(one, _)| *one.id.as_bytes() == id));
        let nearest = known.next().map(|(family, _)| family);
        let parent = Parent { claims: &from, client: named(from.client_id.as_str()), family: nearest };
        let (scope, cnf) = (scopes.map(chosen), proves.map(|key| Confirmation::DpopKey([key; 32])));
        let expires_in = expires_in.map(Duration::from_secs);
        let delegate = begins.then_some(Begin { id: family_id, expires_in });
        let request = Request { scope: scope.as_deref(), cnf: cnf.as_ref(), delegate, ..Request::default() };
        let at = At { now: self.now, jti, rvs: Sequence::new(43) };
        let client = &self.clients[client % self.clients.len()];
        let Ok((claims, begins)) = decided(&request, &parent, client, at) else { return };
        assert!(parent.client.id == client.id || parent.client.may_delegate_to.contains(&client.id));
        if let (Some(begun), Some(nearest)) = (&begins, nearest) {
            let until = expires_in.map_or(UnixTime::MAX, |wanted| self.now.plus(wanted));
            assert!(begun.absolute_end <= nearest.absolute_end.min(until));
            assert!(begun.idle_end <= begun.absolute_end && claims.exp <= begun.absolute_end);
            assert_eq!(begun.sid(), nearest.sid());
        }
        let held = &client.grants;
        for scope in claims.scope.iter() {
            let scope = scope.parse().unwrap();
            assert!(held.iter().any(|grant| grant.scope.covers(&scope)), "{scope} is not the client's");
        }
        self.families.extend(begins.map(|begun| (*begun, self.tokens.len())));
        self.tokens.push((claims, Some((token, Link::Exchanged))));
    }

    fn refresh(&mut self, family: usize, scopes: Option<u8>, proves: Option<u8>) {
        let jti = TokenId::from_bytes(self.draw());
        let (family, first) = &self.families[family % self.families.len()];
        let (scope, cnf) = (scopes.map(chosen), proves.map(|key| Confirmation::DpopKey([key; 32])));
        let is_unproved = family.cnf.is_some() && family.cnf != cnf;
        if is_unproved || self.now >= family.idle_end.min(family.absolute_end) {
            return;
        }
        let client = self.clients.iter().find(|client| client.id == family.client).unwrap();
        let (scope, cnf) = (scope.as_deref(), cnf.as_ref());
        let request = refresh::Request { scope, cnf, ..refresh::Request::default() };
        let at = At { now: self.now, jti, rvs: Sequence::new(43) };
        let catalog = catalog();
        let Ok(got) = refresh::decide(&request, family, client, &catalog, &settings(), at) else { return };
        assert!(got.claims.exp <= family.absolute_end);
        let first = *first;
        self.tokens.push((got.claims, Some((first, Link::Refreshed))));
    }

    fn check(&self) {
        let is_family =
            |id: &TokenId| self.families.iter().any(|(one, _)| one.id.as_bytes() == id.as_bytes());
        for (claims, link) in &self.tokens {
            let (mut link, mut is_refreshed) = (*link, false);
            while let Some((at, how)) = link {
                is_refreshed |= how == Link::Refreshed;
                let (from, above) = &self.tokens[at];
                never_wider(claims, from);
                if is_refreshed {
                    // A session outlives its tokens. What ends it ends them all.
                    let line = from.anc.iter().filter(|id| is_family(id)).copied().collect();
                    dies_with(claims, &Claims { jti: claims.jti, anc: line, ..from.clone() });
                } else {
                    assert!(claims.exp <= from.exp);
                    dies_with(claims, from);
                }
                link = *above;
            }
        }
        for (family, _) in &self.families {
            family_dies_with_its_line(family);
        }
    }
}

fn never_wider(child: &Claims, parent: &Claims) {
    assert!(child.scope.iter().all(|scope| parent.scope.contains(&scope.parse().unwrap())));
    assert!(child.exp > child.iat && child.iat >= parent.iat);
    assert_eq!((&child.aud, &child.tenant, &child.sub), (&parent.aud, &parent.tenant, &parent.sub));
    assert!(parent.cnf.is_none() || child.cnf == parent.cnf);
    assert!(child.act.len() <= 4 && child.anc.len() <= 8);
    for scope in child.scope.iter() {
        let scopes = [scope.parse().unwrap()];
        for (region, refund) in
            RECORDS.iter().flat_map(|region| [0, 50, 100, 500].map(|most| (*region, most)))
        {
            let record = |axis: &str| match axis {
                "region" => Value::Text(region),
                "refund_max" => Value::Number(refund),
                _ => Value::Unknown,
            };
            let admitted = child.bounds.admit(&scopes, record).is_ok();
            assert!(!admitted || parent.bounds.admit(&scopes, record).is_ok(), "{child:?} {parent:?}");
        }
    }
}

fn log() -> Log {
    let retention = Retention {
        longest_access: Duration::from_hours(1),
        max_blind: Duration::from_mins(10),
        skew: Duration::from_mins(5),
        longest_family: Duration::from_hours(24 * 90),
    };
    Log::begin(LogId::from_bytes([1; 16]), None, NOW, retention)
}

fn family_dies_with_its_line(family: &Family) {
    let (end, begun) = (NOW.plus(Duration::from_hours(24)), log());
    let family = Family { rvs0: begun.position().sequence, ..family.clone() };
    let mut ends = vec![Kill::family(family.id, end), Kill::client(&family.client, end)];
    ends.extend(family.ancestors.iter().map(|id| Kill::family(*id, end)));
    ends.extend(family.act.iter().map(|who| Kill::subject(who, end)));
    ends.push(Kill::subject(&family.subject(), end));
    for kill in ends {
        let (log, _) = begun.append(&[kill]).unwrap();
        assert!(log.ends(&family.marks()).is_some(), "{kill:?} {family:?}");
    }
    assert!(begun.ends(&family.marks()).is_none());
}

/// Whatever ends the parent by its name, its family or who acts in it ends the child.
fn dies_with(child: &Claims, parent: &Claims) {
    let end = NOW.plus(Duration::from_hours(24));
    let mut kills = vec![Kill::token(parent.jti, end), Kill::client(&parent.client_id, end)];
    kills.extend(parent.sid.map(|sid| Kill::family(sid, end)));
    kills.extend(parent.anc.iter().map(|anc| Kill::token(*anc, end)));
    kills.extend(parent.act.iter().chain([&parent.sub]).map(|who| Kill::subject(who, end)));
    let begun = log();
    let marks = TokenMarks::of(&Claims { rvs: begun.position().sequence.get(), ..child.clone() }, "key");
    for kill in kills {
        let (log, _) = begun.append(&[kill]).unwrap();
        assert!(
            matches!(log.published().judge(&marks), Standing::Revoked(_)),
            "{kill:?} {child:?} {parent:?}"
        );
    }
}

fn parts() -> impl Strategy<Value = [Part; 4]> {
    let refund_max = proptest::option::of(prop_oneof![Just(50_u64), Just(200)]);
    let region = proptest::option::of(0..REGIONS.len());
    let one = (0..32_u8, region, refund_max, 1..30_u64, any::<bool>(), 0..16_u8);
    let part = one.prop_map(|(scopes, region, refund_max, minutes, refreshes, delegates)| Part {
        // Most may most, so that chains come about.
        scopes: scopes | (scopes << 1) & 31,
        region,
        refund_max,
        minutes,
        refreshes,
        delegates,
    });
    proptest::array::uniform4(part)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let scopes = proptest::option::weighted(0.3, 1..32_u8);
    let proves = proptest::option::weighted(0.3, 0..2_u8);
    let refresh = (0..8_usize, scopes.clone(), proves.clone());
    let refresh = refresh.prop_map(|(family, scopes, proves)| Step::Refresh { family, scopes, proves });
    let expires_in = proptest::option::weighted(0.5, prop_oneof![1..600_u64, Just(u64::MAX)]);
    let exchange = (0..16_usize, 0..4_usize, scopes, proves, any::<bool>(), expires_in);
    let exchange = exchange.prop_map(|(token, client, scopes, proves, begins, expires_in)| {
        Step::Exchange(Exchange { token, client, scopes, proves, begins, expires_in })
    });
    let pass = (1..200_u64).prop_map(|seconds| Step::Pass { seconds });
    proptest::collection::vec(prop_oneof![4 => exchange, 2 => refresh, 1 => pass], 1..16)
}

proptest! {
    #[test]
    fn no_sequence_of_exchanges_and_refreshes_widens_anything_or_outlives_what_it_came_from(
        parts in parts(),
        steps in steps(),
    ) {
        let mut world = World::new(parts);
        for step in steps {
            world.take(step);
        }
        world.check();
    }
}

#[test]
fn a_token_is_handed_on_until_its_chain_is_full() {
    let clients: Vec<Client> =
        ["a", "b", "c", "d", "e"].map(|id| client(id, &["tickets:read"], &["a", "b", "c", "d", "e"])).into();
    let mut from =
        Claims { sub: "user:alice".parse().unwrap(), client_id: "a".parse().unwrap(), ..subject_token() };
    for (number, pair) in (20..).zip(clients.windows(2)) {
        let parent = Parent { claims: &from, client: &pair[0], family: None };
        let answer = decided(&Request::default(), &parent, &pair[1], at(number));
        if pair[1].id.as_str() == "e" {
            assert_eq!(answer.unwrap_err(), ExchangeRefusal::TooDeep);
            break;
        }
        from = answer.unwrap().0;
    }
    let act: Vec<&str> = from.act.iter().map(Subject::as_str).collect();
    assert_eq!((from.sub.as_str(), act.as_slice()), ("user:alice", ["d", "c", "b", "a"].as_slice()));
    assert_eq!(from.anc.len(), 3);
    // One that narrows its own token adds nobody, and comes to an end all the same.
    let mut own = subject_token();
    let planner = planner();
    let mut times = 0;
    while let Ok((claims, _)) = decided(
        &Request::default(),
        &Parent { claims: &own, client: &planner, family: None },
        &planner,
        at(times),
    ) {
        own = claims;
        times += 1;
    }
    assert_eq!((times, own.act.len()), (8, 0));
}
