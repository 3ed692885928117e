//! Somebody copied the tokens of a client, and knows its secret as well where that is said. What comes of it, and how long
//! what was stolen is good for: printed, in seconds from the theft to the last call that was accepted.

use super::{refresher, says};
use crate::gate::{Gate, Places};
use crate::issuer::Machine;
use crate::support::{Http, MovedClock, Pair, Refresher, Server, counted, until, within};
use chancery_tests::redis_server::{RedisOptions, RedisServer};
use chancery_token::UnixTime;
use chancery_verifier::LONGEST_STALENESS;
use chancery_verifier::clock::Clock as _;
use std::sync::Arc;
use std::time::Duration;

/// Rule: between a revocation and the last service that obeys it.
const REACH: Duration = Duration::from_secs(10);

/// Just over the grace in which a token that was rotated away is a late worker's (docs/PROTOCOL.md).
const OVER_GRACE: Duration = Duration::from_secs(121);

const REPLAYED: &str = "400 invalid_grant refresh_token_replayed";

const ENDED: &str = "400 invalid_grant refresh_token_ended";

/// Two issuers, and a service that follows the second one.
struct World {
    gate: Gate,
    servers: [Server; 2],
    clock: Arc<MovedClock>,
    machine: Machine,
    agent: Refresher,
    http: Http,
    _redis: RedisServer,
}

impl World {
    fn new() -> Self {
        let redis = RedisServer::start(RedisOptions::default().durable());
        let clock = Arc::new(MovedClock::new());
        let machine = Machine::on_redis(&redis.url()).by(&clock);
        let first = machine.serve();
        let second = Machine::on_redis(&redis.url()).keyed_like(&machine).by(&clock).serve();
        let agent = refresher(&machine, "agent");
        let places = Places { keys: second.url.clone(), log: vec![second.url.clone()] };
        // What it has heard is never too old: it hears of what is revoked all the same.
        let gate = Gate::start(&places, LONGEST_STALENESS, None, clock.clone());
        gate.wait_ready();
        Self { gate, servers: [first, second], clock, machine, agent, http: Http::new(), _redis: redis }
    }

    /// A session begins.
    fn begin(&self) -> Pair {
        until("a session", || self.agent.try_begin(&self.http, &self.servers[0].url))
    }

    /// The client goes on, at one issuer.
    fn client_shows(&self, token: &str) -> Pair {
        self.says(&self.servers[0], token).unwrap()
    }

    /// The thief does, at the other one.
    fn thief_shows(&self, token: &str) -> Result<Pair, String> {
        self.says(&self.servers[1], token)
    }

    fn says(&self, server: &Server, token: &str) -> Result<Pair, String> {
        says(&self.agent, &self.http, &server.url, token)
    }

    fn is_accepted(&self, pair: &Pair) -> bool {
        self.gate.says(&pair.access) == "good"
    }

    fn pass(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Calls until it is refused, and says for how long after the theft it was not. The service has its time to hear of
    /// what was revoked.
    fn calls_until_refused(&self, pair: &Pair, theft: UnixTime, with: &str) -> Duration {
        let mut last = None;
        within(REACH, "the last call that is accepted", || {
            let now = self.clock.now();
            if self.is_accepted(pair) {
                last = Some(now);
                return None;
            }
            assert_eq!(self.gate.says(&pair.access), with);
            Some(())
        });
        last.unwrap_or_else(|| self.clock.now()).since(theft)
    }

    fn alarms(&self, alarm: &str) -> u64 {
        counted(&self.http, &self.servers, &format!("chancery_alarms_total{{alarm=\"{alarm}\"}}"))
    }
}

fn tell(what: &str, lasted: Duration) {
    println!("{what}: {} s from the theft to the last call that was accepted", lasted.as_secs());
}

#[test]
fn r51_tokens_without_the_secret_are_good_for_what_is_left_of_the_access_token() {
    let world = World::new();
    let stolen = world.begin();
    let theft = world.clock.now();
    let thief = Refresher { id: world.agent.id.clone(), secret: "a-guess".to_owned() };
    let refused = thief.refused(&world.http, &world.servers[1].url, &stolen.refresh);
    assert_eq!(refused, "401 invalid_client client_authentication_failed");
    let mut last = theft;
    while world.is_accepted(&stolen) {
        last = world.clock.now();
        world.pass(Duration::from_secs(5));
    }
    assert_eq!(world.gate.says(&stolen.access), "expired");
    let lasted = last.since(theft);
    tell("without the secret", lasted);
    // Fifteen minutes, and the leeway of the service.
    assert!((900..=960).contains(&lasted.as_secs()), "{lasted:?}");
    // The client noticed nothing, and nothing of it ended.
    world.client_shows(&stolen.refresh);
    assert_eq!(world.alarms("refresh_replayed"), 0);
}

#[test]
fn r_2_4_an_older_token_out_of_the_windows_ends_the_session_for_the_thief_as_well() {
    let world = World::new();
    let beside = world.begin();
    let stolen = world.begin();
    let theft = world.clock.now();
    world.pass(Duration::from_secs(150));
    let second = world.client_shows(&stolen.refresh);
    world.pass(Duration::from_secs(150));
    let third = world.client_shows(&second.refresh);
    world.pass(OVER_GRACE);
    assert!(world.is_accepted(&stolen) && world.is_accepted(&third));
    assert_eq!(world.thief_shows(&stolen.refresh), Err(REPLAYED.to_owned()));
    for pair in [&stolen, &second, &third] {
        tell("an older token, out of the windows", world.calls_until_refused(pair, theft, "revoked"));
        for server in &world.servers {
            let told = world.says(server, &pair.refresh).unwrap_err();
            assert!([ENDED, REPLAYED].contains(&&*told), "{told}");
        }
    }
    assert_eq!(world.alarms("refresh_replayed"), 1);
    // No other session of the client, and the client itself, has lost anything.
    assert!(world.is_accepted(&beside));
    world.client_shows(&beside.refresh);
    let anew = world.begin();
    until("a session that is good", || world.is_accepted(&anew).then_some(()));
}

#[test]
fn r_2_2_an_older_token_in_the_window_brings_the_newest_and_from_there_lockstep_which_raises_an_alarm() {
    let world = World::new();
    let stolen = world.begin();
    let theft = world.clock.now();
    world.pass(Duration::from_secs(20));
    let second = world.client_shows(&stolen.refresh);
    world.pass(Duration::from_secs(20));
    let third = world.client_shows(&second.refresh);
    world.pass(Duration::from_secs(20));
    let thiefs = world.thief_shows(&stolen.refresh).expect("it is taken for a late worker");
    assert_eq!(thiefs.refresh, third.refresh, "no fork: there is one newest token");
    in_lockstep(&world, "an older token, in the windows", third, theft);
}

#[test]
fn r_2_2_the_newest_token_in_lockstep_raises_an_alarm_and_ends_when_somebody_acts() {
    let world = World::new();
    let stolen = world.begin();
    in_lockstep(&world, "the newest token, in lockstep", stolen, world.clock.now());
}

/// Both have the newest token, and each refreshes whenever its access token has expired, until an alarm is raised. Then
/// somebody revokes the session.
fn in_lockstep(world: &World, what: &str, mut newest: Pair, theft: UnixTime) {
    let mut generations = 0;
    let thiefs = loop {
        world.pass(Duration::from_mins(15));
        generations += 1;
        // Now one of them is first, and now the other.
        let (clients, thiefs) = if generations % 2 == 0 {
            let thiefs = world.thief_shows(&newest.refresh).unwrap();
            (world.client_shows(&newest.refresh), thiefs)
        } else {
            let clients = world.client_shows(&newest.refresh);
            (clients, world.thief_shows(&newest.refresh).unwrap())
        };
        assert_eq!(clients.refresh, thiefs.refresh, "there is one newest token");
        newest = clients;
        if world.alarms("refresh_in_lockstep") > 0 {
            break thiefs;
        }
        assert!(generations < 5, "nobody noticed");
    };
    let noticed = world.clock.now().since(theft);
    println!("{what}: an alarm {} s after the theft, at generation {generations}", noticed.as_secs());
    until("the keys and the news", || world.is_accepted(&thiefs).then_some(()));
    let words = ["revoke", "family", &thiefs.family(), "--reason", "two holders"];
    world.machine.chancery.run(&words).expect(0);
    tell(what, world.calls_until_refused(&thiefs, theft, "revoked"));
    until("an issuer that has heard of it", || {
        (world.thief_shows(&newest.refresh) == Err(ENDED.to_owned())).then_some(())
    });
}

#[test]
fn r51_who_steals_and_falls_out_of_step_ends_the_session_at_his_next_refresh() {
    let world = World::new();
    let stolen = world.begin();
    let theft = world.clock.now();
    // The thief is first, and goes on alone; the client's token is a lost answer's, and it is in step again.
    world.pass(Duration::from_mins(10));
    let thiefs = world.thief_shows(&stolen.refresh).unwrap();
    let clients = world.client_shows(&stolen.refresh);
    assert_eq!(clients.refresh, thiefs.refresh);
    // The thief is away for two refreshes of the client's.
    world.pass(Duration::from_mins(10));
    let clients = world.client_shows(&clients.refresh);
    world.pass(Duration::from_mins(10));
    let clients = world.client_shows(&clients.refresh);
    world.pass(OVER_GRACE);
    assert!(world.is_accepted(&clients));
    assert_eq!(world.thief_shows(&thiefs.refresh), Err(REPLAYED.to_owned()));
    tell("out of step", world.calls_until_refused(&clients, theft, "revoked"));
}
