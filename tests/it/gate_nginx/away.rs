//! A gate that does not answer: closed.

use super::stage::{Stage, get};
use super::wire::Reply;
use super::witness::Witness;
use crate::s1_documint::World;
use crate::support::until;

/// Nobody is let in anywhere, and nobody's token is blamed.
fn is_closed(world: &World<Stage>, token: &str) {
    for (target, token) in
        [("/invoices", token), ("/invoices", ""), ("/account", token), ("/healthz", ""), ("/nothing", "")]
    {
        says_closed(&world.documint.refuses(get(target, token), 503, "gate_unavailable"));
        assert_eq!(world.documint.falls_for(get(target, token)).target(), target);
    }
}

fn says_closed(reply: &Reply) {
    assert_eq!(reply.all("retry-after"), ["1"], "{reply:?}");
    assert_eq!(reply.all("cache-control"), ["no-store"], "{reply:?}");
    assert!(reply.all("www-authenticate").is_empty(), "{reply:?}");
    assert!(reply.body.contains("\"error\":\"temporarily_unavailable\""), "{reply:?}");
}

#[test]
fn while_the_gate_is_dead_nobody_is_let_in_and_when_it_is_back_all_is_well() {
    let mut world = Stage::world();
    let token = world.token("support-tool");
    let gate = world.documint.gate.take().unwrap();
    let address = gate.url.trim_start_matches("http://").to_owned();
    gate.kill();
    is_closed(&world, &token);
    world.documint.gate_comes_back(&address);
    until("the gate's verdict", || {
        let (reply, heard) = world.documint.play(get("/invoices", &token));
        assert!([200, 503].contains(&reply.status), "{reply:?}");
        (reply.status == 200 && heard.len() == 1).then_some(())
    });
}

#[test]
fn while_the_gate_hangs_nobody_is_let_in() {
    let world = Stage::world();
    let stage = &world.documint;
    let hasty = stage
        .edited("hasty", |config| config.replacing("proxy_read_timeout 5s;", "proxy_read_timeout 100ms;"));
    stage.gate.as_ref().unwrap().signal("STOP");
    let (reply, heard) = stage.play_at(&hasty, get("/invoices", &world.token("support-tool")));
    assert_eq!((reply.status, &*reply.reason(), heard.len()), (503, "gate_unavailable", 0), "{reply:?}");
    says_closed(&reply);
}

#[test]
fn somebody_else_at_the_gates_address_lets_nobody_in() {
    let world = Stage::world();
    let stage = &world.documint;
    let token = world.token("support-tool");
    let stranger = Witness::new();
    let address = stranger.url.trim_start_matches("http://");
    let kinds = [
        ("302", 503, "gate_unavailable"),
        // A gate gives this one only where it cannot read the head, which is the client's.
        ("400", 400, "headers_malformed"),
        ("401", 503, "gate_unavailable"),
        ("403", 503, "gate_unavailable"),
        ("404", 503, "gate_unavailable"),
        ("500", 503, "gate_unavailable"),
        ("503", 503, "gate_unavailable"),
    ];
    for (status, told, reason) in kinds {
        let asks = format!("proxy_pass http://{address}/?answer={status};");
        let nginx = stage.edited(&format!("stranger-{status}"), |config| {
            config.replacing("proxy_pass http://gate/auth/nginx;", &asks)
        });
        let (reply, heard) = stage.play_at(&nginx, get("/invoices", &token));
        assert_eq!((reply.status, &*reply.reason(), heard.len()), (told, reason, 0), "{reply:?}");
        assert_eq!(stranger.heard().len(), 1, "it was asked");
    }
}
