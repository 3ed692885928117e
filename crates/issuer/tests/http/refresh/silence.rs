use super::world::{World, form};
use crate::captured;
use crate::desk::{encode, token_request};
use crate::presenting::{INTROSPECT, REVOKE, presents};

#[tokio::test]
async fn r_10_7_no_refresh_token_is_logged_or_echoed_wherever_it_was_put() {
    captured::begin();
    let world = World::open().await;
    let first = world.begin().await;
    let second = world.go_on(&first.refresh).await;
    world.go_on(&second.refresh).await;
    world.desk.pass(std::time::Duration::from_mins(3)).await;
    let (bot, token) = (&world.bot, &*first.refresh);
    let mistyped = format!("{}x", &token[..token.len() - 1]);
    let mut answers = Vec::new();
    for parameters in [
        vec![("scope", token)],
        vec![("resource", token)],
        vec![("tenant", token)],
        vec![(token, "x")],
        vec![("refresh_token", token)],
    ] {
        answers.push(world.refresh_with(bot, token, &parameters).await);
    }
    answers.push(world.desk.send(token_request(encode(&form(bot, &mistyped, &[])))).await);
    answers.push(world.desk.post(&[("grant_type", token)]).await);
    answers.push(world.desk.ask(token, token, &[]).await);
    answers.push(world.refresh(token).await);
    for path in [INTROSPECT, REVOKE] {
        for text in [token, &mistyped] {
            answers.push(world.desk.send(presents(path, bot, &[("token", text)])).await);
        }
    }
    let log = captured::end();
    let body = &token["chr_test_".len()..token.len() - 6];
    for answer in &answers {
        assert!(!format!("{answer:?}").contains(body), "{answer:?}");
    }
    for pair in [&first, &second] {
        let body = &pair.refresh["chr_test_".len()..pair.refresh.len() - 6];
        assert!(!log.contains(body), "a refresh token is in the log");
    }
    assert!(log.contains("refresh token replayed"), "what happened is");
}
