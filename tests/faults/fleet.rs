//! 64 processes that one agent gives tokens to, and eight that each have a copy of one session, an hour long by a
//! clock that is driven, with tokens of a minute: answers get lost, the load balancer fails, Redis dies once. Nobody is
//! ever logged out, and no call fails. Beside them a stolen token is replayed, which ends its own family and no other.
//!
//! `controls.rs` shows that a session that is lost, and a call that fails, would be seen.

mod between;
mod controls;
mod crew;
mod service;
mod site;
mod sleeper;
mod thief;
mod worker;

use crate::dice::{Dice, hours};
use crate::support::{Agent, MovedClock, within};
use between::Weather;
use chancery_token::UnixTime;
use chancery_verifier::clock::Clock as _;
use crew::Crew;
use site::{LIFETIME, Site};
use sleeper::{Sleeper, comes_back};
use std::path::PathBuf;
use std::time::Duration;
use thief::Stolen;
use worker::{Kind, Outcome};

/// After each everybody calls.
const STEP: Duration = Duration::from_secs(5);
const STEPS_OF_AN_HOUR: u32 = 720;

/// Longer than a token lives.
const STEPS_AFTER: u32 = 24;

/// Those that ask the agent.
const PROCESSES: usize = 64;
/// Those that have a copy of one session: so many, one that sleeps now and then, and one that is idle for an hour.
const AT_WORK: usize = 6;

/// One lost answer and one 5xx among so many.
const AMONG: usize = 100;

/// When a session is copied by a thief, and when he shows its token: by then that is older than the windows in which it
/// might be a late worker's (docs/PROTOCOL.md).
const THEFT: u32 = 120;
const REPLAY: u32 = 156;

/// When Redis may die, and for how long: less than a token that is about to be renewed has left.
const DARKNESS_BETWEEN: std::ops::Range<usize> = 200..700;
const DARKNESS: u32 = 2;

/// Rule: between a revocation and the last service that obeys it.
const REACH: Duration = Duration::from_secs(10);

/// Steps until a client hears that its session is over: a service refuses its token, and then it asks for another.
const TOLD_WITHIN: u32 = 6;

const OVER: &str = "session_revoked";
const REPLAYED: &str = "400 invalid_grant refresh_token_replayed";
const ROTATED: &str = "chancery_refreshes_total{outcome=\"rotated\"}";
/// Tokens that were given for credentials alone: a login, or a session that begins anew.
const BY_CREDENTIALS: &str =
    "chancery_tokens_total{grant=\"client_credentials\",format=\"jwt\",outcome=\"issued\"}";
const REGRESSED: &str = "chancery_alarms_total{alarm=\"store_regressed\"}";

/// Everybody, and where they are.
struct Fleet {
    agents: Crew,
    copies: Crew,
    sleeper: Sleeper,
    idle: Crew,
    sibling: Crew,
    victim: Crew,
    victims_session: PathBuf,
    copied_session: PathBuf,
    _agent: Agent,
    site: Site,
    dice: Dice,
}

impl Fleet {
    fn new() -> Self {
        let mut dice = Dice::thrown("fleet");
        let site = Site::new(dice.another());
        // One ends a family whose token is replayed; the other may run from copies.
        site.register("fleet", &[]);
        site.register("copied", &["--on-replay", "refuse"]);
        site.login("fleet", "shared");
        let [sibling, victims_session] = ["sibling", "victim"].map(|name| site.login("fleet", name));
        let copied_session = site.login("copied", "copied");
        let agent = site.agent("shared");
        let socket = agent.socket();
        let agents = (0..PROCESSES).map(|number| site.worker(Kind::Agent, &socket, number));
        let copy = |name: &str| site.worker(Kind::Session, &site.copy(&copied_session, name), name.len());
        let sleeper = Crew::of("on a copy, asleep now and then", [copy("sleeper")]);
        Self {
            agents: Crew::of("through the agent", agents),
            copies: Crew::of("on copies", []),
            sleeper: Sleeper::of(sleeper, &site, dice.another()),
            idle: Crew::of("on a copy, idle", [copy("idle")]),
            sibling: Crew::of("in a sibling session", [site.worker(Kind::Session, &sibling, 0)]),
            victim: Crew::of("in the stolen session", [site.worker(Kind::Session, &victims_session, 1)]),
            victims_session,
            copied_session,
            _agent: agent,
            site,
            dice,
        }
    }

    /// Everybody calls for the first time. Those on copies begin when it is time to refresh what they all have, one after
    /// the other, so that they never refresh at the same time.
    fn begins(&mut self) {
        self.call(true);
        assert!(comes_back(&mut self.idle, &self.site));
        let begin = self.site.clock.now();
        while self.site.clock.now().since(begin) < LIFETIME / 2 {
            self.step();
        }
        for number in 0..AT_WORK {
            let file = self.site.copy(&self.copied_session, &format!("machine-{number}"));
            self.copies.join(self.site.worker(Kind::Session, &file, number));
            self.step();
        }
    }

    /// Everybody calls who is awake. Nobody may fail but the one whose session was stolen.
    fn call(&mut self, has_store: bool) {
        let Self { agents, copies, sleeper, sibling, victim, site, .. } = self;
        Crew::call(&mut [agents, copies, sibling, victim], &site.clock);
        for crew in [agents, copies, sibling] {
            crew.never_failed();
        }
        sleeper.step(site, has_store);
    }

    fn step(&mut self) {
        self.site.pass(STEP);
        self.call(true);
    }

    /// An hour. In the first one a session is stolen.
    fn works(&mut self, hour: u32) {
        let down = u32::try_from(DARKNESS_BETWEEN.start + self.dice.below(DARKNESS_BETWEEN.len())).unwrap();
        println!("hour {hour}: Redis dies after {} s", STEP.as_secs() * u64::from(down));
        let mut stolen = None;
        for step in 1..=STEPS_OF_AN_HOUR {
            if step == down {
                self.site.redis.kill9();
            } else if step == down + DARKNESS {
                self.site.redis.restart();
            }
            if (down..down + DARKNESS).contains(&step) {
                self.site.pass_without_store(STEP);
                self.call(false);
            } else {
                self.step();
            }
            match step {
                THEFT if hour == 0 => {
                    self.victim.never_failed();
                    stolen = Some((self.steals(), self.site.clock.now()));
                }
                REPLAY => {
                    if let Some((stolen, theft)) = stolen.take() {
                        self.is_replayed(&stolen, theft);
                    }
                }
                _ => {}
            }
        }
    }

    /// The session that a thief copies now.
    fn steals(&mut self) -> Stolen {
        Stolen::from(&self.victims_session, &self.site.clock, self.dice.another())
    }

    /// A thief shows the token that he stole. Every service refuses what that session has, and its client is told.
    fn is_replayed(&mut self, stolen: &Stolen, theft: UnixTime) {
        self.victim.never_failed();
        let newest = self.steals();
        let site = &self.site;
        assert_ne!(newest.refresh, stolen.refresh, "the session has gone on");
        let since = |clock: &MovedClock| clock.now().since(theft).as_secs();
        let mut last = since(&site.clock);
        for url in &site.services.urls {
            assert_eq!(newest.calls(url).0, 200);
        }
        let told = stolen.refreshes(&site.between.url, &site.servers[1].url);
        assert_eq!(told, Err(REPLAYED.to_owned()));
        println!("the stolen session: replayed {} s after the theft", since(&site.clock));
        within(REACH, "the last call that is served", || {
            let now = since(&site.clock);
            let urls = site.services.urls.iter();
            let said: Vec<_> = urls.map(|url| newest.calls(url)).collect();
            if said.iter().any(|(status, _)| *status == 200) {
                last = now;
                return None;
            }
            assert!(said.iter().all(|(status, reason)| (*status, &**reason) == (401, "revoked")), "{said:?}");
            Some(())
        });
        println!("the stolen session: its last call was served {last} s after the theft");
        let is_over =
            |outcome: &Outcome| matches!(outcome, Outcome::LoggedOut { reason, .. } if reason == OVER);
        let mut steps = 0;
        while !self.victim.last().all(is_over) {
            steps += 1;
            assert!(steps <= TOLD_WITHIN, "nobody tells the client: {:?}", self.victim.tally);
            self.step();
        }
        println!("the stolen session: its client was told {} s after the theft", since(&self.site.clock));
    }

    /// The one who was idle comes back. The token it has was used so long ago by others that it is a replay, which its
    /// client was registered to outlive.
    fn idle_returns(&mut self) {
        while !comes_back(&mut self.idle, &self.site) {
            self.step();
        }
    }

    fn tell(&self) {
        let copies = [&self.copies, &self.sleeper.crew, &self.idle];
        for crew in [&self.agents, &self.sibling, &self.victim].into_iter().chain(copies) {
            crew.tell();
        }
        let rotated = self.site.counted(ROTATED);
        println!("{rotated} rotations; what stood between: {:?}", self.site.between.all());
    }
}

#[test]
fn r_11_7_an_hour_of_a_fleet_forces_no_login_and_a_replay_ends_its_own_family_alone() {
    let mut fleet = Fleet::new();
    let begin = fleet.site.clock.now();
    fleet.begins();
    fleet.site.between.turns(Weather::Foul { among: AMONG });
    for hour in 0..hours() {
        fleet.works(hour);
        fleet.idle_returns();
        // Whatever that did to the others is seen when their tokens have ended.
        (0..STEPS_AFTER).for_each(|_| fleet.step());
    }
    fleet.tell();
    let Fleet { agents, copies, sleeper, idle, sibling, victim, site, .. } = &fleet;
    // Each is in the session that it began with, but for the one who was idle.
    let sessions = |crew: &Crew| crew.tally.sessions.len();
    assert_eq!([agents, copies, sibling, victim].map(sessions), [1; 4]);
    assert_eq!([&sleeper.crew, idle].map(sessions), [1, 2]);
    assert_ne!(sibling.tally.sessions, victim.tally.sessions);
    assert_eq!([copies, &sleeper.crew, sibling].map(Crew::begun_anew), [0; 3]);
    assert_eq!((idle.begun_anew(), idle.tally.logged_out), (1, 0));
    assert!(sleeper.slept > 0);
    // The four that were begun, and the one that the idle one had to begin anew; an answer of that may have been lost.
    let logins = site.counted(BY_CREDENTIALS);
    assert!((5..=5 + idle.tally.failed).contains(&logins), "somebody logged in: {logins}");
    // Each session was refreshed at half of the life of its tokens, whoever wanted one.
    let half_lives = site.clock.now().since(begin).as_secs() / (LIFETIME.as_secs() / 2);
    let asked = u64::from(site.between.met("fleet").asked);
    assert!((half_lives..4 * half_lives).contains(&asked), "{asked} requests in {half_lives} half-lives");
    for client in ["fleet", "copied"] {
        let met = site.between.met(client);
        assert!(met.lost > 0 && met.failed > 0, "the faults hit nothing: {met:?}");
    }
    assert_eq!((site.counted(REGRESSED), site.services.alarms()), (0, 0), "the store lost something");
}
