//! The library's client of the socket, beside the agent as it is shipped.

use super::upstream::Upstream;
use super::world::World;
use crate::support::{Agent, until};
use chancery_client::{Agent as Library, AgentFault, Authorized, SessionError, token_url};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn library(agent: &Agent) -> Library {
    Library::of_environment(|_| Some(token_url(&agent.socket()))).unwrap()
}

#[test]
fn a_program_without_a_key_calls_a_guarded_service_through_the_agent() {
    let world = World::logged_in(&[]);
    let (agent, service) = (Agent::start(&world.chancery, &["serve"]), Upstream::guarded(&world, true));
    runtime().block_on(async {
        let authorized = Authorized::for_origins(library(&agent), [&*service.at("/")]).unwrap();
        let client = authorized.client().unwrap();
        for page in 0..3 {
            let answer = client.get(service.at(&format!("/v1/invoices?page={page}"))).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), &*answer.text().await.unwrap()), (200, "reporter"));
        }
        let posted = client.post(service.at("/v1/sums")).body(", a sum").send().await.unwrap();
        assert_eq!(posted.text().await.unwrap(), "reporter, a sum");
    });
    assert_eq!(world.rotations(), 0, "the token that the login got is used by all");
}

#[test]
fn what_the_session_says_comes_through_the_socket_to_the_library() {
    let world = World::with_clock();
    world.login(&[]).expect(0);
    let agent = Agent::start(&world.chancery, &["serve"]);
    let (library, runtime) = (library(&agent), runtime());
    let token = || runtime.block_on(library.token());
    let forget = |refused| runtime.block_on(library.forget(refused));

    let refused = token().unwrap();
    forget(&refused);
    let fresh = token().unwrap();
    assert_ne!(fresh.expose(), refused.expose());

    world.revoke_session(fresh.expose());
    until("the issuer hears of it", || (!world.is_active(fresh.expose())).then_some(()));
    // So soon after the other it would be the service that refuses whatever it is given.
    world.advance(31);
    forget(&fresh);
    match token().unwrap_err() {
        SessionError::Revoked { reason, .. } => assert_eq!(reason, "refresh_token_ended"),
        other => panic!("{other}"),
    }
    world.login(&["--replace"]).expect(0);
    let next = token().unwrap();
    world.agent(&["logout"]).expect(0);
    world.advance(61);
    forget(&next);
    match token().unwrap_err() {
        SessionError::NoSession { file } => {
            assert_eq!(file, Some(world.folder.file(&World::file("json"))));
        }
        other => panic!("{other}"),
    }
    agent.kill();
    let fault = token().unwrap_err();
    assert!(matches!(fault, SessionError::Agent(AgentFault::Absent { .. })), "{fault}");
}
