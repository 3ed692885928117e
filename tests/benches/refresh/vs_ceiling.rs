//! How much of what a Redis and a bare server could do is left when each rotation is one of ours.

use crate::affinity::Placement;
use crate::bare::{self, Work};
use crate::beside;
use crate::crowd::{Crowd, IN_FLIGHT};
use crate::exchange::{self, OK};
use crate::form;
use crate::issuer::{Issuer, Kept};
use crate::order::Order;
use crate::report::{Figure, Report};
use crate::rotation;
use crate::sessions::{self, Holder};
use crate::turns::{self, Side};
use chancery_tests::redis_server::{RedisOptions, RedisServer};

const ID: &str = "http.refresh.vs_ceiling";
const FLOOR: f64 = 0.8;
/// Sessions of each client, and requests on each connection in a round: one after the other goes on. They are three times
/// as many as an issuer remembers, so that each round asks for most of them.
const EACH: usize = 512;

pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    let kinds = [
        ("everysec", "durability = \"attested\"\nattested_because = \"a bench\"\n"),
        ("always", "durability = \"verified\"\n"),
    ];
    for (fsync, durability) in kinds {
        let id = format!("{ID}.{fsync}");
        if order.chooses(&id) {
            Report::begin(&id);
            let redis = beside::start(RedisOptions::default().durable().set("appendfsync", fsync));
            beside::move_aside(&redis)?;
            let issuer = Issuer::set_up(fsync, Kept::Redis(&redis.url(), durability))?;
            contest(&id, fsync, &redis, &issuer, order, report)?;
        }
    }
    Ok(())
}

fn contest(
    id: &str,
    fsync: &str,
    redis: &RedisServer,
    issuer: &Issuer,
    order: &Order,
    report: &mut Report,
) -> Result<(), String> {
    let each = if order.quick { EACH / 32 } else { EACH };
    let ours = issuer.serve(Placement::Apart)?;
    let holders = sessions::begin(ours.address, &issuer.clients, each)?;
    let tokens = || holders.iter().flat_map(Holder::tokens);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    runtime.block_on(rotation::populate(&redis.url(), tokens()))?;
    // A session of its own shows what an answer looks like.
    let client = issuer.clients.first().ok_or("an issuer without clients")?;
    let one = sessions::begin(ours.address, std::slice::from_ref(client), 1)?;
    let token = one.iter().flat_map(Holder::tokens).next().ok_or("nothing began")?;
    let answer = exchange::ask(ours.address, &form::refresh(ours.address, client, token), OK)?;
    let placement = Placement::Apart;
    let bare =
        bare::start(Work::Rotates(redis.url()), answer.clone(), &issuer.clients, &issuer.folder, placement)?;
    let as_bare = exchange::ask(bare.address, &form::refresh(bare.address, client, token), OK)?;
    if (answer.0.len(), answer.1.len()) != (as_bare.0.len(), as_bare.1.len()) {
        return Err(format!("the answers differ in size:\n{answer:?}\n{as_bare:?}"));
    }
    let same = holders.iter().map(|holder| holder.for_another(ours.address, bare.address)).collect();
    let theirs = Crowd::connect(bare.address, same, OK)?;
    let crowd = Crowd::connect(ours.address, holders, OK)?;
    let mut sides = [Side::new("ours", ours, crowd), Side::new("ceiling", bare, theirs)];
    turns::take(&mut sides, each, order)?;
    let [ours, theirs] = sides;
    report.add(Figure {
        floor: Some(FLOOR),
        note: format!(
            "our rate ÷ that of a bare server with one script and one signature; {IN_FLIGHT} in flight, {} sessions, \
             appendfsync {fsync}, the server on one processor, Redis and those who ask on another",
            IN_FLIGHT * each
        ),
        ..Figure::new(id, "x", ours.over(&theirs))
    });
    for side in [ours, theirs] {
        side.join(id, report)?;
        side.end()?;
    }
    Ok(())
}
