//! Clients that begin sessions, go on with them, hand tokens on and revoke, in an order that a stranger chooses: over the pure
//! decisions of the issuer, a store in memory, and a revocation log. However it goes, a session has one newest token, nothing
//! widens, and what was revoked stays so.
#![no_main]

#[path = "grants/bytes.rs"]
mod bytes;
#[path = "grants/clients.rs"]
mod clients;
#[path = "grants/narrow.rs"]
mod narrow;
#[path = "grants/revoked.rs"]
mod revoked;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use chancery_issuer::client::{Authentication, Client};
use chancery_issuer::family::{
    self, Decision, Epoch, Family, FamilyState, Generation, Presented, Proof, RefreshKey, RefreshToken,
};
use chancery_issuer::grant::{Settings, client_credentials, exchange, refresh};
use chancery_issuer::master_key::MasterKey;
use chancery_revocation::{Kill, Log, LogId, Retention, Standing, TokenMarks};
use chancery_token::{Claims, Environment, FamilyId, Subject, TokenId, UnixTime};
use chancery_verifier::entropy::PredictableEntropy;
use clients::{BEGUN, CATALOG, NAMES, client};
use libfuzzer_sys::fuzz_target;
use narrow::{holds, never_wider, rotation_keeps};
use revoked::Revoked;

const ISSUER: &str = "https://auth.example";
/// More find nothing new, and take long.
const MOST_STEPS: usize = 64;

static KEY: LazyLock<RefreshKey> = LazyLock::new(|| {
    let master = MasterKey::generate(&PredictableEntropy::new(1));
    RefreshKey::derive(&master, Epoch(0), Environment::Test, ISSUER)
});

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| Settings {
    issuer: ISSUER.to_owned(),
    environment: Environment::Test,
    max_lifetime: Duration::from_secs(3600),
});

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data) {
        stranger(text);
    }
    let mut bytes = Bytes(data);
    let Some(mut world) = World::read(&mut bytes) else { return };
    for _ in 0..MOST_STEPS {
        if world.step(&mut bytes).is_none() {
            break;
        }
    }
    world.check();
});

/// Nobody writes a token of ours without the key.
fn stranger(text: &str) {
    if let Ok(token) = RefreshToken::parse(text, Environment::Test) {
        assert!(RefreshToken::is_one(text));
        assert!(NAMES.iter().all(|name| !KEY.is_of(&token, &name.parse().expect("a name"))));
    }
}

/// A family as the store has it.
struct Kept {
    family: Family,
    /// The access token that it began with.
    first: usize,
    /// The generations that were handed out.
    given: BTreeSet<u64>,
}

struct World {
    clients: Vec<Client>,
    tokens: Vec<Claims>,
    store: BTreeMap<FamilyId, Kept>,
    /// Every refresh token that was handed out, and whose it is.
    held: Vec<(String, FamilyId, usize)>,
    log: Log,
    revoked: Revoked,
    now: UnixTime,
    drawn: u64,
}

impl World {
    fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        let retention = Retention {
            longest_access: Duration::from_secs(3600),
            max_blind: Duration::from_secs(600),
            skew: Duration::from_secs(300),
            longest_family: Duration::from_secs(86_400 * 90),
        };
        Some(Self {
            clients: NAMES.iter().map(|name| client(name, bytes)).collect::<Option<_>>()?,
            tokens: Vec::new(),
            store: BTreeMap::new(),
            held: Vec::new(),
            log: Log::begin(LogId::from_bytes([1; 16]), None, BEGUN, retention),
            revoked: Revoked::default(),
            now: BEGUN,
            drawn: 0,
        })
    }

    fn step(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        match bytes.next()? % 16 {
            0..=2 => self.begin(bytes),
            3..=7 => self.refresh(bytes),
            8..=11 => self.exchange(bytes),
            12 => self.revoke(bytes),
            13 => self.mistype(bytes),
            _ => {
                self.now = self.now.plus(Duration::from_secs(1 << (bytes.next()? % 18)));
                Some(())
            }
        }
    }

    fn draw(&mut self) -> [u8; 16] {
        self.drawn += 1;
        let mut id = [0; 16];
        // The log tells ids apart by their first half.
        id[..8].copy_from_slice(&self.drawn.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        id
    }

    fn at(&mut self) -> exchange::At {
        let jti = TokenId::from_bytes(self.draw());
        exchange::At { now: self.now, jti, rvs: self.log.position().sequence }
    }

    fn begin(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        let (client, scope, cnf) = (bytes.index(self.clients.len())?, bytes.scopes()?, bytes.key()?);
        let (at, id) = (self.at(), FamilyId::from_bytes(self.draw()));
        let whose = &self.clients[client];
        // One that proves nothing begins by other grants; how it goes on is the same.
        let request =
            client_credentials::Request { scope: scope.as_deref(), cnf: cnf.as_ref(), ..Default::default() };
        let decided =
            client_credentials::decide(&request, whose, &CATALOG, &SETTINGS, at.now, at.jti, at.rvs);
        let Ok(granted) = decided else { return Some(()) };
        let claims = granted.claims;
        holds(whose, &claims);
        let family = whose.refresh.map(|terms| Family::begin(id, &claims, &terms, whose.expires_at));
        let sid = family.as_ref().map(Family::sid);
        self.tokens.push(Claims { sid, ..claims });
        if let Some(family) = family {
            self.keep(family, client);
        }
        Some(())
    }

    /// A family is stored, and its first token handed out. It began with the newest access token.
    fn keep(&mut self, family: Family, client: usize) {
        assert!(
            family.idle_end <= family.absolute_end && family.absolute_end <= self.clients[client].expires_at
        );
        let text = KEY.write(family.id, &family.client, family.generation).to_string();
        self.held.push((text, family.id, client));
        let kept =
            Kept { first: self.tokens.len() - 1, given: BTreeSet::from([family.generation.0]), family };
        assert!(self.store.insert(kept.family.id, kept).is_none());
    }

    fn refresh(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        let (who, scope, cnf) = (bytes.next()?, bytes.scopes()?, bytes.key()?);
        let Some(which) = bytes.index(self.held.len()) else { return Some(()) };
        let at = self.at();
        let (text, _, owner) = self.held[which].clone();
        // Mostly whoever it belongs to.
        let bearer = if who < 224 { owner } else { usize::from(who) % self.clients.len() };
        let token = RefreshToken::parse(&text, Environment::Test).expect("one of ours");
        let client = &self.clients[bearer];
        assert_eq!(KEY.is_of(&token, &client.id), bearer == owner, "a token is its client's");
        let Some(terms) = client.refresh.filter(|_| bearer == owner) else { return Some(()) };
        let kept = self.store.get_mut(&token.family).expect("a family that was begun");
        let before = kept.family.clone();
        let is_ended = self.log.ends(&before.marks()).is_some();
        assert_eq!(is_ended, self.revoked.ends_family(&before), "{before:?}");
        if is_ended || (before.cnf.is_some() && before.cnf != cnf) {
            return Some(());
        }
        let request = refresh::Request { scope: scope.as_deref(), cnf: cnf.as_ref(), ..Default::default() };
        let decided = refresh::decide(&request, &before, client, &CATALOG, &SETTINGS, at);
        let Ok(granted) = decided else { return Some(()) };
        let proof = match (&before.cnf, &client.authentication) {
            (Some(key), _) => Proof::Key(key),
            (None, Authentication::None) => Proof::Nothing,
            (None, _) => Proof::Authenticated,
        };
        let Generation(shown) = token.generation;
        let presented =
            Presented { generation: token.generation, client: &client.id, proof, on_replay: terms.on_replay };
        let newest = before.generation.0;
        assert_eq!(kept.given.last(), Some(&newest), "what was handed out last is the newest");
        let delivered = match before.present(&presented, at.now) {
            Decision::Rotate(rotation) => {
                assert!(shown == newest && rotation.regressed_from.is_none(), "only the newest rotates");
                assert_eq!(rotation.after.generation.0, newest + 1);
                assert!(kept.given.insert(newest + 1), "no generation comes twice");
                kept.family = rotation.after;
                rotation_keeps(&before, &kept.family);
                newest + 1
            }
            Decision::Redeliver(again) => {
                assert!(shown < newest && again.generation.0 == newest, "only ever the newest");
                kept.family = again.noted.map_or(before.clone(), |noted| *noted);
                rotation_keeps(&before, &kept.family);
                newest
            }
            Decision::Replay { after } => {
                assert!(shown < newest, "the newest is no replay");
                if let Some(after) = after {
                    kept.family = *after;
                    self.end_family(before.id);
                }
                return Some(());
            }
            Decision::Refuse(_) => return Some(()),
        };
        assert!(before.state == FamilyState::Live && at.now < before.idle_end.min(before.absolute_end));
        let claims = granted.claims;
        assert!(claims.exp <= before.absolute_end && claims.sid == Some(before.sid()));
        holds(client, &claims);
        never_wider(&claims, &self.tokens[kept.first]);
        let text = KEY.write(before.id, &client.id, Generation(delivered)).to_string();
        let first = self.held.iter().find(|(held, _, _)| *held == text);
        assert_eq!(first.is_some(), delivered == newest, "the same successor, byte for byte");
        if first.is_none() {
            self.held.push((text, before.id, owner));
        }
        self.tokens.push(claims);
        Some(())
    }

    fn exchange(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        let (client, flags, scope, cnf) =
            (bytes.index(self.clients.len())?, bytes.next()?, bytes.scopes()?, bytes.key()?);
        let Some(which) = bytes.index(self.tokens.len()) else { return Some(()) };
        let (at, id) = (self.at(), FamilyId::from_bytes(self.draw()));
        let (from, whose) = (self.tokens[which].clone(), &self.clients[client]);
        let is_over = from.exp <= self.now || !self.is_good(&from);
        if is_over || whose.authentication == Authentication::None {
            return Some(());
        }
        let issued_to = self.clients.iter().find(|client| client.id == from.client_id)?;
        let line = from.anc.iter().map(|id| *id.as_bytes()).chain(from.sid.map(|sid| *sid.as_bytes()));
        let nearest = line.map(FamilyId::from_bytes).find_map(|id| self.store.get(&id));
        let nearest = nearest.map(|kept| kept.family.clone());
        let parent = exchange::Parent { claims: &from, client: issued_to, family: nearest.as_ref() };
        let seconds = [None, Some(1), Some(60), Some(600), Some(86_400), Some(u64::MAX)];
        let expires_in = seconds.get(usize::from(flags >> 1 & 7)).copied().flatten().map(Duration::from_secs);
        let delegate = (flags & 1 == 1).then_some(exchange::Begin { id, expires_in });
        let request =
            exchange::Request { scope: scope.as_deref(), cnf: cnf.as_ref(), delegate, ..Default::default() };
        let decided = exchange::decide(&request, &parent, whose, &CATALOG, &SETTINGS, at);
        let Ok(exchange::Exchanged { granted, begins }) = decided else { return Some(()) };
        assert!(issued_to.id == whose.id || issued_to.may_delegate_to.contains(&whose.id));
        let claims = granted.claims;
        holds(whose, &claims);
        never_wider(&claims, &from);
        assert!(claims.exp <= from.exp && claims.sid == from.sid && claims.anc.contains(&from.jti));
        self.tokens.push(claims);
        if let Some(begun) = begins {
            let nearest = nearest.expect("a family comes from one");
            assert!(begun.absolute_end <= nearest.absolute_end && begun.sid() == nearest.sid());
            let wanted = expires_in.map_or(UnixTime::MAX, |wanted| at.now.plus(wanted));
            assert!(begun.absolute_end <= wanted && self.tokens.last().is_some_and(|it| it.exp <= wanted));
            self.keep(*begun, client);
        }
        Some(())
    }

    fn revoke(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        let (what, which) = (bytes.next()?, usize::from(bytes.next()?));
        let end = self.now.plus(Duration::from_secs(86_400 * 90));
        match what % 3 {
            0 => {
                if let Some(id) = self.store.keys().copied().nth(which % self.store.len().max(1)) {
                    self.end_family(id);
                }
            }
            1 => {
                if let Some(claims) = self.tokens.get(which % self.tokens.len().max(1)) {
                    let (jti, exp) = (claims.jti, claims.exp);
                    self.append(&[Kill::token(jti, exp)]);
                    self.revoked.tokens.insert(jti);
                }
            }
            _ => {
                let id = self.clients[which % self.clients.len()].id.clone();
                self.append(&[Kill::client(&id, end), Kill::subject(&Subject::from(id.clone()), end)]);
                self.revoked.clients.insert(id, self.log.position().sequence);
            }
        }
        self.check();
        Some(())
    }

    fn end_family(&mut self, id: FamilyId) {
        let (end, window) = (Duration::from_secs(86_400 * 90), Duration::from_secs(7200));
        self.append(&family::kills(id, self.now.plus(end), self.now.plus(window)));
        self.revoked.families.insert(id);
        self.revoked.tokens.insert(TokenId::from_bytes(*id.as_bytes()));
    }

    fn append(&mut self, kills: &[Kill]) {
        let (log, _) = self.log.append(kills).expect("a log with room");
        self.log = log;
    }

    /// One character of a refresh token becomes another.
    fn mistype(&mut self, bytes: &mut Bytes<'_>) -> Option<()> {
        let (at, other) = (usize::from(bytes.next()?), bytes.next()?);
        let Some(which) = bytes.index(self.held.len()) else { return Some(()) };
        let (text, _, owner) = &self.held[which];
        let mut wrong = text.clone().into_bytes();
        let place = at % wrong.len();
        wrong[place] = other % 128;
        let wrong = String::from_utf8(wrong).expect("ASCII");
        let read = RefreshToken::parse(&wrong, Environment::Test);
        assert_eq!(read.is_ok(), wrong == *text);
        let live = RefreshToken::parse(text, Environment::Live);
        assert!(
            live.is_err()
                && read.is_ok_and(|read| KEY.is_of(&read, &self.clients[*owner].id)) == (wrong == *text)
        );
        Some(())
    }

    fn is_good(&self, claims: &Claims) -> bool {
        let standing = self.log.published().judge(&TokenMarks::of(claims, "key"));
        assert!(matches!(standing, Standing::Good | Standing::Revoked(_)), "{standing:?}");
        let is_good = standing == Standing::Good;
        assert_eq!(is_good, !self.revoked.ends(claims), "{claims:?}");
        is_good
    }

    /// All that was ever handed out stands as it should.
    fn check(&self) {
        for claims in &self.tokens {
            self.is_good(claims);
        }
        for kept in self.store.values() {
            let is_ended = self.log.ends(&kept.family.marks()).is_some();
            assert_eq!(is_ended, self.revoked.ends_family(&kept.family), "{:?}", kept.family);
        }
    }
}
