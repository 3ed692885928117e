//! All actors, what happens to them, and what must hold after each step.

use super::actors::{Issuer, Look, RETENTION, Verifier, compare_and_set, wall};
use super::oracle::{Oracle, Target, Token};
use super::step::{ISSUERS, Step, VERIFIERS, What, Who};
use crate::world::{NOW, signer};
use chancery_revocation::{
    Batch, Decision, Freshness, Head, Issuers, Kill, Log, LogId, OnUnprovableLoss, Position, RevokedSet,
    Sequence, Standing, Stored, Survivor, TokenMarks, Trace, Verdict, recover,
};
use chancery_token::bounds::Bounds;
use chancery_token::{Claims, Environment, FamilyId, ScopeSet, TokenId, UnixTime};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct World {
    time: u64,
    store: Option<Stored>,
    copies: Vec<Stored>,
    /// Whether the store was put back, and nobody has recovered from it.
    is_put_back: bool,
    issuers: [Issuer; ISSUERS],
    verifiers: [Verifier; VERIFIERS],
    documents: Vec<String>,
    tokens: Vec<(Token, TokenMarks)>,
    /// Each with the marks that are asked about at refresh.
    families: Vec<(u64, TokenMarks)>,
    oracle: Oracle,
    drawn: u64,
    seen: BTreeMap<&'static str, u64>,
}

fn spread(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn id(number: u64) -> [u8; 16] {
    let mut bytes = [7; 16];
    bytes[..8].copy_from_slice(&spread(number).to_be_bytes());
    bytes
}

fn client(number: u8) -> String {
    format!("client-{number}")
}

fn tenant(number: u8) -> String {
    format!("tenant-{number}")
}

/// Two clients and two people.
fn subject(number: u8) -> String {
    if number < 2 { client(number) } else { format!("user:{number}") }
}

fn key(number: u8) -> String {
    format!("key-{number}")
}

fn claims(token: &Token) -> Claims {
    Claims {
        iss: "https://auth.example.com".into(),
        aud: "a".into(),
        sub: token.subjects[0].parse().unwrap(),
        client_id: token.client.parse().unwrap(),
        iat: NOW,
        exp: NOW,
        nbf: None,
        jti: TokenId::from_bytes(id(token.jti)),
        scope: ScopeSet::parse("a:b").unwrap(),
        tenant: token.tenant.parse().unwrap(),
        bounds: Bounds::default(),
        sid: token.sid.map(|sid| FamilyId::from_bytes(id(sid))),
        rvs: token.rvs,
        cnf: None,
        act: token.subjects[1..].iter().map(|subject| subject.parse().unwrap()).collect(),
        anc: token.anc.iter().map(|anc| TokenId::from_bytes(id(*anc))).collect(),
        env: Environment::Test,
    }
}

impl World {
    pub(super) fn new() -> Self {
        let log = Log::begin(LogId::from_bytes([1; 16]), None, NOW, RETENTION);
        let Position { sequence, head, .. } = *log.position();
        let store = Stored {
            start: log.start(),
            floor: log.floor(),
            anchor: (sequence, head),
            loose: Vec::new(),
            since: Vec::new(),
            tail: *log.position(),
            marks: Vec::new(),
        };
        let mut oracle = Oracle::default();
        oracle.begin(head, BTreeSet::new());
        let mut world = Self {
            time: 0,
            store: Some(store),
            copies: Vec::new(),
            is_put_back: false,
            issuers: Default::default(),
            verifiers: Default::default(),
            documents: Vec::new(),
            tokens: Vec::new(),
            families: Vec::new(),
            oracle,
            drawn: 1,
            seen: BTreeMap::new(),
        };
        for issuer in 0..ISSUERS {
            world.look(issuer);
        }
        for verifier in 0..VERIFIERS {
            world.tell(0, verifier, true);
        }
        world
    }

    pub(super) fn seen(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.seen.iter().map(|(event, times)| (*event, *times))
    }

    fn see(&mut self, event: &'static str) {
        *self.seen.entry(event).or_default() += 1;
    }

    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    pub(super) fn take(&mut self, step: &Step) {
        match *step {
            Step::Pass { seconds } => self.time += seconds,
            Step::Issue { issuer, who, family, parent, life } => {
                self.issue(issuer, who, family, parent, life);
            }
            Step::Forge { who, rvs } => {
                let jti = self.draw();
                let token = Self::token(jti, who, rvs, None, None);
                let marks = TokenMarks::of(&claims(&token), &token.key);
                self.tokens.push((token, marks));
            }
            Step::Revoke { issuer, what } => self.revoke(issuer, what),
            Step::Look { issuer } => self.look(issuer),
            Step::Cut { issuer, cut } => self.issuers[issuer].is_cut = cut,
            Step::SetIssuerClock { issuer, offset } => self.issuers[issuer].offset = offset,
            Step::SetVerifierClock { verifier, offset } => self.verifiers[verifier].offset = offset,
            Step::Tell { issuer, verifier, snapshot } => self.tell(issuer, verifier, snapshot),
            Step::Replay { verifier, document } => {
                if !self.documents.is_empty() {
                    self.deliver(verifier, document % self.documents.len());
                }
            }
            Step::RestartVerifier { verifier } => self.verifiers[verifier].restart(self.time),
            Step::RestartIssuer { issuer } => {
                let Issuer { journal, offset, is_cut, .. } = self.issuers[issuer].clone();
                self.issuers[issuer] = Issuer { journal, offset, is_cut, ..Issuer::default() };
                self.look(issuer);
            }
            Step::CopyStore => self.copies.extend(self.store.clone()),
            Step::PutBack { copy } => {
                if !self.copies.is_empty() {
                    self.store = Some(self.copies[copy % self.copies.len()].clone());
                    self.is_put_back = true;
                }
            }
            Step::LoseStore => self.store = None,
            Step::Recover { issuer, silent, asked, revoke_all } => {
                self.recover(issuer, silent, asked, revoke_all);
            }
            Step::Prune { issuer } => self.prune(issuer),
        }
    }

    fn token(jti: u64, who: Who, rvs: u64, sid: Option<u64>, parent: Option<&Token>) -> Token {
        let mut subjects = vec![subject(who.subject)];
        let mut anc = Vec::new();
        if let Some(parent) = parent {
            subjects = parent.subjects.iter().take(4).cloned().collect();
            anc = std::iter::once(parent.jti).chain(parent.anc.iter().copied()).take(8).collect();
        }
        if who.actor < 4 {
            subjects.push(subject(who.actor));
        }
        let (client, tenant, key) = (client(who.client), tenant(who.tenant), key(who.key));
        Token { jti, sid, anc, client, tenant, subjects, key, rvs, expires: None, is_of_whole_log: false }
    }

    fn issue(&mut self, issuer: usize, who: Who, family: Option<usize>, parent: Option<usize>, life: u64) {
        if !self.issuers[issuer].may_issue(self.time) {
            return;
        }
        let Some(log) = self.issuers[issuer].log.clone() else { return };
        let now = wall(self.time, self.issuers[issuer].offset);
        let rvs = log.position().sequence;
        let parent = parent.and_then(|at| self.tokens.get(at % self.tokens.len().max(1))).cloned();
        let parent = parent.filter(|(token, marks)| {
            // An issuer that is asked to delegate verifies what it is given.
            token.expires.is_some_and(|expires| expires > now.as_secs())
                && log.published().judge(marks) == Standing::Good
        });
        let jti = self.draw();
        let sid = match family {
            Some(old) if !self.families.is_empty() && old % 3 > 0 => {
                let (sid, marks) = &self.families[old % self.families.len()];
                if log.ends(marks).is_some() {
                    return;
                }
                Some(*sid)
            }
            Some(_) => Some(self.draw()),
            None => None,
        };
        let mut token = Self::token(jti, who, rvs.get(), sid, parent.as_ref().map(|(token, _)| token));
        token.expires = Some(now.as_secs() + life);
        token.is_of_whole_log = self.issuers[issuer].saw_whole_log;
        let marks = TokenMarks::of(&claims(&token), &token.key);
        if log.published().judge(&marks) != Standing::Good {
            return;
        }
        if let Some(sid) = sid.filter(|sid| self.families.iter().all(|(known, _)| known != sid)) {
            let Claims { client_id, tenant, sub, .. } = claims(&token);
            let family = TokenMarks::of_family(FamilyId::from_bytes(id(sid)), &client_id, &tenant, &sub, rvs);
            self.families.push((sid, family));
        }
        self.tokens.push((token, marks));
    }

    fn revoke(&mut self, issuer: usize, what: What) {
        let now = wall(self.time, self.issuers[issuer].offset);
        let Some((kills, target)) = self.kills(what, RETENTION.family_end(now)) else { return };
        for _ in 0..2 {
            let one = &mut self.issuers[issuer];
            let (Some(log), Some(store)) = (&one.log, &mut self.store) else { return };
            if one.is_cut || one.is_lost {
                return;
            }
            let (after, batch) = log.append(&kills).unwrap();
            if compare_and_set(store, &batch) {
                one.log = Some(after);
                one.journal = Some(batch.to);
                self.record(&batch, target);
                return;
            }
            self.see("extended by another");
            self.look(issuer);
        }
    }

    fn kills(&mut self, what: What, end: UnixTime) -> Option<(Vec<Kill>, Option<Target>)> {
        let honest: Vec<&Token> =
            self.tokens.iter().map(|(token, _)| token).filter(|token| token.expires.is_some()).collect();
        let (kill, target) = match what {
            What::Token(at) => {
                let token = honest.get(at % honest.len().max(1))?;
                let exp = UnixTime::from_secs(token.expires?);
                (Kill::token(TokenId::from_bytes(id(token.jti)), exp), Target::Token(token.jti))
            }
            What::Family(at) => {
                let (sid, _) = self.families.get(at % self.families.len().max(1))?;
                (Kill::family(FamilyId::from_bytes(id(*sid)), end), Target::Family(*sid))
            }
            What::Client(at) => (Kill::client(&client(at).parse().unwrap(), end), Target::Client(client(at))),
            What::Tenant(at) => (Kill::tenant(&tenant(at).parse().unwrap(), end), Target::Tenant(tenant(at))),
            What::Subject(at) => {
                (Kill::subject(&subject(at).parse().unwrap(), end), Target::Subject(subject(at)))
            }
            What::All => (Kill::all(end), Target::All),
            What::Key(at) => (Kill::key(&key(at)), Target::Key(key(at))),
            What::Others(count) => {
                let kill = |_| Kill::token(TokenId::from_bytes(id(self.draw())), end);
                return Some(((0..count).map(kill).collect(), None));
            }
        };
        Some((vec![kill], Some(target)))
    }

    /// The target is what the last entry of the batch is about.
    fn record(&mut self, batch: &Batch, mut target: Option<Target>) {
        let mut before = batch.from.head;
        for (entry, head) in &batch.entries {
            let target = if *head == batch.to.head { target.take() } else { None };
            self.oracle.append(&before, *head, entry.sequence.get(), target);
            before = *head;
        }
    }

    fn look(&mut self, issuer: usize) {
        let (one, Some(store)) = (&mut self.issuers[issuer], &mut self.store) else { return };
        if one.is_cut {
            return;
        }
        match one.look(store, self.time) {
            Look::Good => one.saw_whole_log = !self.is_put_back,
            Look::Lost => self.see("lost"),
            Look::LaterLog(later) => self.join(issuer, &later),
        }
    }

    /// An issuer that was not heard when a log was recovered brings what it holds.
    fn join(&mut self, issuer: usize, later: &Log) {
        let one = &mut self.issuers[issuer];
        let Some(store) = &mut self.store else { return };
        let mut owed = Vec::new();
        if let Some(mine) = &one.log {
            owed = mine.published().missing_from(later.published());
            let more = mine.kept().missing_from(later.kept());
            owed.extend(more.into_iter().filter(|kill| !owed.contains(kill)).collect::<Vec<_>>());
        }
        let (joined, batch) = later.append(&owed).unwrap();
        assert!(compare_and_set(store, &batch), "nobody else writes in between");
        let old = one.log.as_ref().map(|log| log.position().head);
        one.use_log(joined, store, self.time);
        one.saw_whole_log = !self.is_put_back;
        self.record(&batch, None);
        if let Some(old) = old {
            self.oracle.repeat(&old, batch.to.head, batch.to.sequence.get());
        }
        self.see("joined");
    }

    fn tell(&mut self, issuer: usize, verifier: usize, snapshot: bool) {
        let one = &self.issuers[issuer];
        let (Some(log), Some((_, looked))) = (&one.log, one.looked) else { return };
        let held = self.verifiers[verifier].follow.position().filter(|held| held.log == log.position().log);
        let delta = held.and_then(|held| log.since(held.sequence)).filter(|_| !snapshot);
        let text = match delta {
            Some(delta) => signer().delta(&delta, looked),
            None => signer().snapshot(log, looked),
        };
        self.documents.push(text.unwrap());
        self.deliver(verifier, self.documents.len() - 1);
    }

    fn deliver(&mut self, verifier: usize, document: usize) {
        let before = self.verifiers[verifier].follow.clone();
        match self.verifiers[verifier].receive(&self.documents[document], self.time) {
            Some(outcome) => self.see(outcome.reason()),
            None => self.see("from the future"),
        }
        let one = &self.verifiers[verifier];
        let now = one.moment(self.time);
        if before.position() == one.follow.position() && before.confirmed_at() == one.follow.confirmed_at() {
            assert!(one.follow.age(now) >= before.age(now), "nothing was confirmed, and it became younger");
        }
    }

    fn recover(&mut self, issuer: usize, silent: u8, asked: u8, revoke_all: bool) {
        let one = &self.issuers[issuer];
        if one.is_cut || !(one.is_lost || self.store.is_none()) {
            return;
        }
        let answers = |at: &usize| *at == issuer || silent & (1 << at) == 0;
        let mut known: BTreeSet<usize> = BTreeSet::new();
        let mut survivors = Vec::new();
        let mut traces: Vec<Trace> = Vec::new();
        for at in (0..ISSUERS).filter(answers) {
            traces.extend(self.issuers[at].journal.map(Trace::from));
            if let Some(log) = &self.issuers[at].log {
                known.extend(self.oracle.at(&log.position().head));
                survivors.push(Survivor::Log(Box::new(log.clone())));
            }
        }
        for verifier in (0..VERIFIERS).filter(|at| asked & (1 << at) != 0).map(|at| &self.verifiers[at]) {
            known.extend(&verifier.knows);
            survivors.push(Survivor::Verifier(Box::new(verifier.follow.clone())));
        }
        if let Some(store) = &self.store {
            known.extend(self.oracle.at(&store.tail.head));
            survivors.push(Survivor::Log(Box::new(Log::resume(store.clone(), RETENTION).unwrap())));
        }
        let all =
            if (0..ISSUERS).all(|at| answers(&at)) { Issuers::AllAnswered } else { Issuers::SomeSilent };
        let policy = if revoke_all { OnUnprovableLoss::RevokeAll } else { OnUnprovableLoss::Union };
        let now = wall(self.time, self.issuers[issuer].offset);
        let name = LogId::from_bytes(id(self.draw()));
        let recovered = recover(&survivors, &traces, all, policy, name, now, RETENTION);
        let lost: BTreeSet<usize> =
            (0..self.oracle.revocations.len()).filter(|at| !known.contains(at)).collect();
        match recovered.decision {
            Decision::Complete => {
                self.see("complete");
                let missing: Vec<_> = lost.difference(&self.oracle.given_up).collect();
                assert!(missing.is_empty(), "called complete without {missing:?}");
            }
            Decision::WentOn(_) => self.see("went on"),
            Decision::RevokedAll(_) => self.see("revoked"),
        }
        self.oracle.given_up.extend(lost);
        let genesis = Head::genesis(name, recovered.log.start());
        self.oracle.begin(genesis, known);
        for entry in &recovered.stored.since {
            assert!(matches!(entry.kill, Kill::All { .. }));
            self.oracle.append(&genesis, genesis.next(entry), entry.sequence.get(), Some(Target::All));
        }
        let mut store = recovered.stored;
        self.issuers[issuer].is_lost = false;
        self.issuers[issuer].use_log(recovered.log, &mut store, self.time);
        self.issuers[issuer].saw_whole_log = true;
        self.is_put_back = false;
        self.store = Some(store);
    }

    fn prune(&mut self, issuer: usize) {
        let one = &mut self.issuers[issuer];
        let (Some(log), Some(store)) = (&one.log, &mut self.store) else { return };
        if one.is_cut || one.is_lost || *log.position() != store.tail || log.prunable_to() <= store.anchor.0 {
            return;
        }
        let (to, now) = (log.prunable_to(), wall(self.time, one.offset));
        let split = store.since.partition_point(|entry| entry.sequence <= to);
        let below: Vec<_> = store.since.drain(..split).collect();
        let anchor = Position { sequence: store.anchor.0, head: store.anchor.1, ..store.tail };
        let anchor = anchor.after_all(&below).unwrap();
        store.anchor = (anchor.sequence, anchor.head);
        store.loose.extend(below);
        let covered = store.loose.iter().filter(|entry| log.covers(entry)).count();
        store
            .loose
            .retain(|entry| chancery_revocation::Retention::keeps(entry, to, now) && !log.covers(entry));
        one.log = Some(log.clone().prune(now));
        self.see("pruned");
        if covered > 0 {
            self.see("covered");
        }
    }

    pub(super) fn check(&mut self) {
        for at in 0..VERIFIERS {
            let Some(position) = self.verifiers[at].follow.position().copied() else { continue };
            let known = self.oracle.at(&position.head).clone();
            self.verifiers[at].knows.extend(known);
            self.check_verdicts(at);
            self.check_against_issuers(at, &position);
            let one = &self.verifiers[at];
            if let (Some(heard), Some(age)) = (one.confirmed, one.follow.age(one.moment(self.time))) {
                assert!(age >= Duration::from_secs(self.time - heard), "{age:?} is too young");
            }
        }
    }

    fn check_verdicts(&mut self, at: usize) {
        let one = &self.verifiers[at];
        let now = one.moment(self.time);
        let freshness = Freshness::MaxStaleness(Duration::from_hours(1));
        let (mut good, mut below) = (false, false);
        for (token, marks) in &self.tokens {
            let verdict = one.follow.judge(marks, freshness, now);
            let accepted = matches!(verdict, Verdict::Good | Verdict::GoodSoFar(_));
            good |= accepted;
            below |= matches!(verdict, Verdict::Over(chancery_revocation::Over::BelowFloor { .. }));
            assert!(
                !(accepted && self.oracle.ends(&one.knows, token)),
                "verifier {at} accepts {token:?}, which is revoked"
            );
            let lives = token.expires.is_some_and(|expires| expires > now.wall.as_secs());
            assert!(
                !(lives && token.is_of_whole_log && matches!(verdict, Verdict::Over(_)))
                    || self.oracle.may_end(token),
                "verifier {at} refuses {token:?}, which nothing ends: {verdict:?}"
            );
        }
        for (event, seen) in [("good", good), ("below the floor", below)] {
            if seen {
                self.see(event);
            }
        }
    }

    /// Whoever is at the same place holds the same, above the higher of the two floors.
    fn check_against_issuers(&mut self, at: usize, position: &Position) {
        let follow = self.verifiers[at].follow.clone();
        let Some(held) = follow.set().filter(|_| !follow.needs_earlier_documents()) else { return };
        for issuer in 0..ISSUERS {
            let Some(log) = self.issuers[issuer].log.as_ref().filter(|log| log.position() == position) else {
                continue;
            };
            let floor = RevokedSet::empty(Sequence::new(0), log.floor().max(held.floor()));
            let (mine, theirs) = (held.clone().merge(&floor), log.published().clone().merge(&floor));
            let (more, less) = (mine.missing_from(&theirs), theirs.missing_from(&mine));
            assert!(
                mine == theirs,
                "verifier {at} and issuer {issuer}: {mine:?} {theirs:?} {more:?} {less:?}"
            );
            self.see("delta equals snapshot");
        }
    }
}
