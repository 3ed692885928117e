//! Revoked tokens at guarded routes.

use super::{AUDIENCE, ISSUER, get as fetch_from, issuer, ok, request, send, token, verifier_of};
use chancery_verifier::clock::FixedClock;
use chancery_verifier::guard::{AtMost as _, Guarded, InvalidRoute, Router, Verb, delete, get, public};
use chancery_verifier::testing::TestLog;
use chancery_verifier::{Freshness, NotFresher, Revocation, Verifier, scope};
use std::sync::Arc;
use std::time::Duration;

const SECONDS_5: Duration = Duration::from_secs(5);

struct World {
    app: Guarded,
    verifier: Verifier,
    clock: Arc<FixedClock>,
    log: TestLog,
}

fn routes() -> Router {
    Router::new()
        .route("/a", get(scope!("records:read"), ok))
        .route("/a/{id}", delete(scope!("records:read").at_most(SECONDS_5), ok))
}

fn world() -> World {
    let clock = Arc::new(FixedClock::new(issuer().now()));
    let policy = Revocation::Follow(Freshness::MaxStaleness(Duration::from_mins(10)));
    let verifier = Verifier::new(ISSUER, AUDIENCE, policy).unwrap().clock(clock.clone());
    verifier.install_keys(issuer().keys()).unwrap();
    let app = routes().guard(verifier.clone()).unwrap();
    World { app, verifier, clock, log: issuer().log() }
}

#[tokio::test]
async fn r50_a_stolen_token_is_401_once_it_is_revoked_and_its_sisters_work_on() {
    let mut world = world();
    world.log.install(&world.verifier);
    let [stolen, sister] = [1, 2].map(|number| token("records:read").number(number).sign());
    for good in [&stolen, &sister] {
        assert_eq!(fetch_from(&world.app, "/a", Some(good)).await.status, 200);
    }
    world.log.revoke_token(&stolen).install(&world.verifier);
    let answer = fetch_from(&world.app, "/a", Some(&stolen)).await;
    assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (401, "revoked"));
    assert!(answer.challenge().contains("error=\"invalid_token\""), "{}", answer.challenge());
    assert_eq!(fetch_from(&world.app, "/a", Some(&sister)).await.status, 200);
}

#[tokio::test]
async fn r_3_4_whoever_cannot_be_judged_is_503_and_never_401() {
    let world = world();
    let good = token("records:read").sign();
    let answer = fetch_from(&world.app, "/a", Some(&good)).await;
    assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (503, "revocation_never_heard"));
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(answer.challenge(), "");
    let said = answer.json()["error_description"].as_str().unwrap().to_owned();
    assert!(said.contains("revocation status unknown"), "{said}");
    world.log.install(&world.verifier);
    world.clock.advance(Duration::from_secs(601));
    let answer = fetch_from(&world.app, "/a", Some(&good)).await;
    assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (503, "revocation_stale"));
}

#[tokio::test]
async fn r_3_4_a_route_closes_before_the_others_when_it_says_so() {
    let world = world();
    world.log.install(&world.verifier);
    let good = token("records:read").sign();
    let remove = async || send(&world.app, request("DELETE", "/a/7", Some(&good))).await;
    world.clock.advance(SECONDS_5);
    assert_eq!(remove().await.status, 200);
    world.clock.advance(Duration::from_secs(1));
    let answer = remove().await;
    assert_eq!((answer.status.as_u16(), answer.reason().as_str()), (503, "revocation_stale"));
    assert_eq!(fetch_from(&world.app, "/a", Some(&good)).await.status, 200);
}

#[test]
fn r_3_4_a_route_that_asks_for_what_cannot_be_is_refused_at_the_start() {
    let fault = |routes: Router, verifier| routes.guard(verifier).unwrap_err().faults().to_vec();
    let why = NotFresher::Ignored { most: SECONDS_5 };
    let (method, path) = (Verb::Delete, "/a/{id}".to_owned());
    let ignored = fault(routes(), verifier_of(&issuer()));
    assert_eq!(ignored, [InvalidRoute::Fresher { method, path, why }]);
    let most = Duration::from_secs(1);
    let hasty = Router::new().route("/a", get([scope!("a:b"), scope!("c:d")].at_most(most), ok));
    let why = NotFresher::TooShort { most };
    let path = "/a".to_owned();
    assert_eq!(fault(hasty, world().verifier), [InvalidRoute::Fresher { method: Verb::Get, path, why }]);
}

#[test]
fn the_table_shows_how_old_news_may_be() {
    let routes = routes().route("/b", get(public("a test").at_most(SECONDS_5), ok));
    let table = routes.table();
    let shown = table.to_string();
    assert!(shown.contains("DELETE /a/{id}  records:read  (revocations at most 5s old)\n"), "{shown}");
    assert!(shown.contains("GET    /b       public: a test\n"), "{shown}");
    // A gate that reads the file asks for the same.
    let rows = serde_json::to_value(&table).unwrap();
    let (rest, row) = (&rows[0], &rows[1]);
    let expected = serde_json::json!({
        "method": "DELETE", "path": "/a/{id}", "scopes": ["records:read"], "public": null, "at_most": 5,
    });
    assert_eq!((row, rest.get("at_most")), (&expected, None));
}
