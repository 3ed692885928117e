//! A token that is at hand.

use crate::contest::{Contender, compete};
use crate::exchange;
use crate::folder::target;
use crate::order::Order;
use crate::process::{PATIENCE, Running};
use crate::report::{Figure, Report};
use crate::set_up::{CLIENT, SetUp};
use crate::time::now;
use chancery_client::{
    AuthorizationServer, Binding, Credentials, Replace, Secret, Session, Setup, TokenRequest, World,
};
use chancery_verifier::clock::{Clock as _, SystemClock};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::runtime::Runtime;

pub(crate) const ID: &str = "client.cached_ns";
const LIMIT_NANOS: f64 = 200.0;
const ROUNDS: usize = 31;
const CALLS: u32 = 200_000;
/// How often the allocator is watched.
const WATCHED: usize = 10_000;

/// A session with a file, which processes share; beside it one that lives in memory, and one reading of the clock.
pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    let set_up = SetUp::new("bench/client", "measures the client")?;
    let mut issuer = Running::start(set_up.serve(), set_up.log())?;
    wait_for(&mut issuer, &set_up)?;
    let file = target("bench/client/sessions/default.json");
    let told = |fault: &dyn std::fmt::Display| format!("no session: {fault}");
    let (with_file, in_memory) = runtime.block_on(async {
        let begun = Session::begin(&file, setup(&set_up)?, Replace::Yes, World::system());
        let with_file = begun.await.map_err(|fault| told(&fault))?;
        let in_memory = Session::in_memory(setup(&set_up)?, World::system()).map_err(|fault| told(&fault))?;
        in_memory.token().await.map_err(|fault| told(&fault))?;
        Ok::<_, String>((with_file, in_memory))
    })?;
    let allocations = allocations(&with_file)?;
    if allocations > 0 {
        return Err(format!("{WATCHED} tokens that were at hand took {allocations} allocations"));
    }
    let clock = SystemClock::new();
    let mut contenders = [
        Contender::timed("1", |calls| calling(&runtime, &with_file, calls)),
        Contender::timed("2", |calls| calling(&runtime, &in_memory, calls)),
        Contender::new("3", |_| clock.now()),
    ];
    compete(&mut contenders, if order.quick { 3 } else { ROUNDS }, CALLS);
    let [with_file, in_memory, clock] = contenders;
    report.add(Figure {
        limit: Some(LIMIT_NANOS),
        note: format!(
            "a session with a file, and a bound token; {allocations} allocations in {WATCHED} calls"
        ),
        ..Figure::new(ID, "ns", with_file.rounds)
    });
    let beside = |name: &str, note: &str, rounds| Figure {
        note: note.to_owned(),
        ..Figure::new(format!("{ID}.{name}"), "ns", rounds)
    };
    report.add(beside("in_memory", "a session without a file", in_memory.rounds));
    report.add(beside("clock", "one reading of the clock alone, to the second", clock.rounds));
    issuer.end()
}

fn setup(set_up: &SetUp) -> Result<Setup, String> {
    let issuer = AuthorizationServer::issuer(&format!("http://{}", set_up.address));
    Ok(Setup {
        issuer: issuer.map_err(|fault| fault.to_string())?,
        client_id: CLIENT.parse().map_err(|fault| format!("{CLIENT}: {fault}"))?,
        credentials: Credentials::Secret(Secret::new(set_up.secret.as_str())),
        request: TokenRequest::new(),
        binding: Binding::Dpop,
    })
}

fn wait_for(issuer: &mut Running, set_up: &SetUp) -> Result<(), String> {
    let ready = format!("GET /readyz HTTP/1.1\r\nhost: {}\r\n\r\n", set_up.address);
    let start = now();
    while let Err(fault) = exchange::ask(set_up.address, ready.as_bytes(), exchange::OK) {
        issuer.lives()?;
        if start.elapsed() > PATIENCE {
            return Err(format!("{fault}; see {}", issuer.log.display()));
        }
        std::thread::yield_now();
    }
    Ok(())
}

/// So many calls, each of which finds the token at hand.
#[expect(
    clippy::expect_used,
    reason = "a token that lives for minutes is there, or the bench is worth nothing"
)]
fn calling(runtime: &Runtime, session: &Session, calls: u32) -> Duration {
    runtime.block_on(async {
        let start = now();
        for _ in 0..calls {
            std::hint::black_box(session.token().await.expect("a token is at hand"));
        }
        start.elapsed()
    })
}

/// How often the allocator is called meanwhile. Nothing is waited for either: each call is done when it is first looked at.
fn allocations(session: &Session) -> Result<u64, String> {
    let mut waited = 0;
    let counted = allocation_counter::measure(|| {
        for _ in 0..WATCHED {
            let call = pin!(session.token());
            let looked_at = call.poll(&mut Context::from_waker(Waker::noop()));
            if !matches!(std::hint::black_box(looked_at), Poll::Ready(Ok(_))) {
                waited += 1;
            }
        }
    });
    if waited > 0 {
        return Err(format!("{waited} of {WATCHED} calls had no token at hand"));
    }
    // One that has to be counted, so that nobody believes a counter that counts nothing.
    let seen = allocation_counter::measure(|| drop(std::hint::black_box(Box::new(waited))));
    if seen.count_total == 0 {
        return Err("the allocator is not watched".to_owned());
    }
    Ok(counted.count_total)
}
