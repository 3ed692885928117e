use crate::local_agent::{LocalAgent, NOW, Question, proof, token};
use axum::http::Method;
use chancery_client::{
    Agent, Binding, DEFAULT_MIN_TTL, ErrorKind, InvalidSetup, InvalidSocket, SessionError, TOKEN_URL,
    token_url,
};
use chancery_token::UnixTime;
use chancery_verifier::clock::Clock as _;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

fn url() -> Url {
    Url::parse("https://api.example.com/documents/1?page=2").unwrap()
}

fn targets(agent: &LocalAgent) -> Vec<String> {
    agent.asked().iter().map(|question| format!("{} {}", question.method, question.target)).collect()
}

#[tokio::test]
async fn a_token_of_the_agent_is_used_again_until_half_of_what_was_left_of_it_is_over() {
    let agent = LocalAgent::start();
    let (client, clock) = agent.client();
    let token = client.token().await.unwrap();
    assert_eq!((token.expose(), token.binding(), token.scope()), ("token-1", Binding::Dpop, Some("a:b")));
    assert_eq!(token.expires_at(), NOW.plus(Duration::from_mins(15)));
    clock.advance(Duration::from_secs(449));
    assert_eq!(client.clone().token().await.unwrap().expose(), "token-1");
    clock.advance(Duration::from_secs(1));
    assert_eq!(client.token().await.unwrap().expose(), "token-2");
    assert_eq!(targets(&agent), ["GET /token", "GET /token"]);
}

#[tokio::test]
async fn a_token_that_lives_long_by_a_clock_that_went_back_is_used_for_as_long_as_the_agent_says() {
    let agent = LocalAgent::start();
    let (client, clock) = agent.client();
    clock.jump(NOW.minus(Duration::from_hours(2)));
    let token = client.token().await.unwrap();
    assert_eq!(token.ttl(clock.now()), Duration::from_mins(15));
    clock.advance(Duration::from_secs(449));
    assert_eq!(client.token().await.unwrap().expose(), "token-1");
    clock.advance(Duration::from_secs(1));
    assert_eq!(client.token().await.unwrap().expose(), "token-2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_callers_want_a_token_at_once_the_agent_is_asked_once() {
    let agent = LocalAgent::start();
    let (client, _) = agent.client();
    agent.hold();
    let callers: Vec<_> = (0..64)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.token().await.unwrap() })
        })
        .collect();
    agent.wait_for(1).await;
    agent.release();
    for caller in callers {
        assert_eq!(caller.await.unwrap().expose(), "token-1");
    }
    assert_eq!(agent.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_who_waited_for_one_question_hear_its_fault() {
    let agent = LocalAgent::start();
    agent.answers(
        503,
        &[("retry-after", "7")],
        r#"{"error":"temporarily_unavailable","reason":"issuer_unreachable"}"#,
    );
    let (client, _) = agent.client();
    agent.hold();
    let asks = || {
        let client = client.clone();
        async move { client.token().await.unwrap_err() }
    };
    let first = tokio::spawn(asks());
    agent.wait_for(1).await;
    // These find the question under way. Polled once each, so that all of them wait before it ends.
    let mut others: Vec<_> = (0..20).map(|_| Box::pin(asks())).collect();
    for other in &mut others {
        assert!(waits(other).await);
    }
    agent.release();
    for fault in [first.await.unwrap()].into_iter().chain(futures(others).await) {
        assert_eq!((fault.reason(), fault.kind()), ("issuer_unreachable", ErrorKind::Transient));
        assert_eq!(fault.retry_after(), Some(Duration::from_secs(7)));
    }
    assert_eq!(agent.asked().len(), 1);
}

/// Polls once, so that it waits for a question that is under way.
async fn waits<F: Future>(caller: &mut std::pin::Pin<Box<F>>) -> bool {
    std::future::poll_fn(|cx| std::task::Poll::Ready(caller.as_mut().poll(cx).is_pending())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_is_shared_only_with_who_needs_as_much() {
    let agent = LocalAgent::start();
    let unavailable = r#"{"error":"temporarily_unavailable","reason":"issuer_unreachable"}"#;
    agent.answers(503, &[], unavailable);
    let (client, _) = agent.client();
    agent.hold();
    let asks = |seconds| {
        let client = client.clone();
        async move { client.token_for(Duration::from_secs(seconds)).await }
    };
    let first = tokio::spawn(asks(600));
    agent.wait_for(1).await;
    let (mut more, mut less) = (Box::pin(asks(700)), Box::pin(asks(60)));
    let mut any = Box::pin(client.token());
    assert!(waits(&mut more).await && waits(&mut less).await && waits(&mut any).await);
    agent.release();
    assert_eq!(first.await.unwrap().unwrap_err().reason(), "issuer_unreachable");
    assert_eq!(more.await.unwrap_err().reason(), "issuer_unreachable");
    // The session has one of five minutes, which is too little for those two alone.
    agent.answers(200, &[], &token("DPoP", 300));
    assert_eq!(less.await.unwrap().expose(), "token-2");
    assert_eq!(any.await.unwrap().expose(), "token-2");
    assert_eq!(targets(&agent), ["GET /token?min_ttl=600", "GET /token?min_ttl=60"]);
}

async fn futures<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut done = Vec::new();
    for future in futures {
        done.push(future.await);
    }
    done
}

#[tokio::test]
async fn who_wants_more_than_is_left_asks_for_it_in_whole_seconds() {
    let agent = LocalAgent::start();
    let (client, clock) = agent.client();
    client.token().await.unwrap();
    clock.advance(Duration::from_mins(6));
    agent.answers(200, &[], &token("DPoP", 360 + 900));
    let token = client.token_for(Duration::from_millis(599_001)).await.unwrap();
    assert_eq!(token.expose(), "token-2");
    assert_eq!(targets(&agent), ["GET /token", "GET /token?min_ttl=600"]);
}

#[tokio::test]
async fn while_the_agent_is_away_a_token_serves_to_its_end_but_not_who_needs_more() {
    let mut agent = LocalAgent::start();
    let (client, clock) = agent.client();
    client.token().await.unwrap();
    agent.stop().await;
    clock.advance(Duration::from_secs(880));
    assert_eq!(client.token().await.unwrap().expose(), "token-1");
    let fault = client.token_for(DEFAULT_MIN_TTL).await.unwrap_err();
    assert_eq!((fault.reason(), fault.kind()), ("agent_unreachable", ErrorKind::Transient));
    assert!(fault.to_string().contains(agent.socket.to_str().unwrap()), "{fault}");
    clock.advance(Duration::from_secs(20));
    assert_eq!(client.token().await.unwrap_err().reason(), "agent_unreachable", "it is over");
    agent.answers(200, &[], &token("DPoP", 2000));
    agent.start_again();
    assert_eq!(client.token().await.unwrap().expose(), "token-2", "and the agent is found again");
}

#[tokio::test]
async fn an_agent_that_stands_still_does_not_outlast_the_token_that_is_held() {
    let agent = LocalAgent::start();
    let (client, clock) = agent.client();
    client.token().await.unwrap();
    clock.advance(Duration::from_secs(898));
    agent.hold();
    let call = tokio::time::timeout(Duration::from_mins(1), client.token());
    assert_eq!(call.await.expect("a call that waits").unwrap().expose(), "token-1");
    agent.release();
    agent.answers(200, &[], &token("DPoP", 2000));
    clock.advance(Duration::from_secs(1));
    assert_ne!(client.token().await.unwrap().expose(), "token-1");
}

#[tokio::test]
async fn an_agent_that_was_started_again_is_asked_on_a_new_connection() {
    let mut agent = LocalAgent::start();
    let (client, clock) = agent.client();
    client.token().await.unwrap();
    agent.stop().await;
    agent.start_again();
    clock.advance(Duration::from_secs(500));
    assert_eq!(client.token().await.unwrap().expose(), "token-2");
}

#[tokio::test]
async fn while_the_agent_is_away_a_bearer_token_goes_with_requests_to_its_end() {
    let mut agent = LocalAgent::start();
    agent.answers(200, &[], &proof("Bearer", None));
    let (client, clock) = agent.client();
    client.authorize("GET", &url(), None).await.unwrap();
    agent.stop().await;
    clock.advance(Duration::from_secs(899));
    let (token, authorization) = client.authorize("GET", &url(), None).await.unwrap();
    assert_eq!((token.expose(), authorization.authorization.as_str()), ("token-1", "Bearer token-1"));
    clock.advance(Duration::from_secs(1));
    assert_eq!(client.authorize("GET", &url(), None).await.unwrap_err().reason(), "agent_unreachable");
    // The session that is there afterwards is one with a key.
    agent.start_again();
    agent.answers(200, &[], &token_and_proof(2000));
    let (_, authorization) = client.authorize("GET", &url(), None).await.unwrap();
    assert_eq!(authorization.dpop.as_deref(), Some("a.b.c"));
}

/// What answers both questions.
fn token_and_proof(expires_in: u64) -> String {
    let (token, proof) = (token("DPoP", expires_in), proof("DPoP", Some("a.b.c")));
    let both: [serde_json::Value; 2] = [&token, &proof].map(|text| serde_json::from_str(text).unwrap());
    let [serde_json::Value::Object(token), serde_json::Value::Object(proof)] = both else { panic!() };
    serde_json::Value::Object(proof.into_iter().chain(token).collect()).to_string()
}

#[tokio::test]
async fn an_answer_that_is_none_fails_no_call_while_a_token_lives() {
    let agent = LocalAgent::start();
    let (client, clock) = agent.client();
    client.token().await.unwrap();
    for (passes, status, body) in [(450, 500, "oops"), (100, 200, "{}"), (100, 302, "")] {
        clock.advance(Duration::from_secs(passes));
        agent.answers(status, &[], body);
        assert_eq!(client.token().await.unwrap().expose(), "token-1", "{status}");
        assert_eq!(client.token_for(Duration::from_mins(10)).await.unwrap_err().reason(), "agent_bad_answer");
    }
    // What the session itself says is another matter.
    clock.advance(Duration::from_secs(100));
    agent.answers(404, &[], r#"{"error":"not_found","reason":"no_session"}"#);
    assert_eq!(client.token().await.unwrap_err().reason(), "no_session");
}

#[tokio::test]
async fn an_agent_that_is_being_started_again_fails_no_request_that_needs_a_proof() {
    let mut agent = LocalAgent::start();
    agent.answers(200, &[], &proof("DPoP", Some("a.b.c")));
    let (client, _) = agent.client();
    agent.stop().await;
    // The last that the old one does is to let somebody in, and to cut the connection.
    let old = tokio::net::UnixListener::bind(&agent.socket).unwrap();
    let asking = tokio::spawn(async move { client.authorize("GET", &url(), None).await });
    drop(old.accept().await.unwrap());
    drop(old);
    std::fs::remove_file(&agent.socket).unwrap();
    agent.start_again();
    assert_eq!(asking.await.unwrap().unwrap().0.expose(), "token-1");
}

#[tokio::test]
async fn the_faults_of_the_agent_are_those_of_the_session() {
    let agent = LocalAgent::start();
    let (client, _) = agent.client();
    let fault = async |status, body: &str| {
        agent.answers(status, &[], body);
        client.token().await.unwrap_err()
    };
    let revoked = r#"{"error":"access_denied","reason":"session_revoked","ended_by":"refresh_token_ended","at":1795305599}"#;
    match fault(403, revoked).await {
        SessionError::Revoked { reason, at } => {
            assert_eq!((reason.as_str(), at), ("refresh_token_ended", UnixTime::from_secs(1_795_305_599)));
        }
        other => panic!("{other}"),
    }
    match fault(404, r#"{"error":"not_found","reason":"no_session","file":"/home/me/default.json"}"#).await {
        SessionError::NoSession { file } => assert_eq!(file, Some(PathBuf::from("/home/me/default.json"))),
        other => panic!("{other}"),
    }
    let cases = [
        (
            503,
            r#"{"error":"temporarily_unavailable","reason":"session_locked","detail":"d"}"#,
            "session_locked",
            ErrorKind::Transient,
        ),
        (429, r#"{"error":"slow_down"}"#, "slow_down", ErrorKind::Transient),
        (
            400,
            r#"{"error":"invalid_request","reason":"min_ttl_malformed","detail":"d"}"#,
            "min_ttl_malformed",
            ErrorKind::Permanent,
        ),
        (
            403,
            r#"{"error":"access_denied","reason":"session_revoked"}"#,
            "session_revoked",
            ErrorKind::Permanent,
        ),
        (500, "oops", "agent_bad_answer", ErrorKind::Permanent),
        (200, "{}", "agent_bad_answer", ErrorKind::Permanent),
        (302, "", "agent_bad_answer", ErrorKind::Permanent),
    ];
    for (status, body, reason, kind) in cases {
        let fault = fault(status, body).await;
        assert_eq!((fault.reason(), fault.kind()), (reason, kind), "{status} {body}");
    }
    agent.answers(200, &[], &" ".repeat(65 * 1024));
    assert_eq!(client.token().await.unwrap_err().reason(), "agent_bad_answer", "too long");
}

#[tokio::test]
async fn what_the_agent_says_of_itself_holds_no_token_and_no_control_characters() {
    let agent = LocalAgent::start();
    let (client, _) = agent.client();
    for body in
        [r#"{"access_token":"hush","token_type":"MAC","expires_at":1}"#, r#"{"access_token":"hush" oops"#]
    {
        agent.answers(200, &[], body);
        let fault = client.token().await.unwrap_err();
        assert!(!format!("{fault} {fault:?}").contains("hush"), "{fault}");
    }
    agent.answers(400, &[], "{\"error\":\"invalid_request\",\"detail\":\"a\\u001b[31mb\\nc\"}");
    let fault = client.token().await.unwrap_err().to_string();
    assert!(!fault.chars().any(char::is_control), "{fault}");
    agent.answers(200, &[], &token("Bearer", 900));
    let token = client.token().await.unwrap();
    assert!(!format!("{client:?}").contains(token.expose()), "{client:?}");
}

#[tokio::test]
async fn for_a_bound_token_the_agent_makes_a_proof_for_each_request() {
    let agent = LocalAgent::start();
    agent.answers(200, &[], &proof("DPoP", Some("a.b.c")));
    let (client, _) = agent.client();
    for number in [1, 2] {
        let (token, authorization) = client.authorize("GET", &url(), Some("n-1")).await.unwrap();
        assert_eq!(token.expose(), format!("token-{number}"));
        assert_eq!(*authorization.authorization, format!("DPoP token-{number}"));
        assert_eq!(authorization.dpop.as_deref(), Some("a.b.c"));
    }
    let body = r#"{"method":"GET","url":"https://api.example.com/documents/1?page=2","nonce":"n-1"}"#;
    let question = Question { method: Method::POST, target: "/proof".to_owned(), body: body.to_owned() };
    assert_eq!(agent.asked(), [question.clone(), question]);
    // The token that came with a proof is a token.
    assert_eq!(client.token().await.unwrap().expose(), "token-2");
    client.authorize("POST", &url(), None).await.unwrap();
    assert!(!agent.asked()[2].body.contains("nonce"));
}

#[tokio::test]
async fn a_bearer_token_of_the_agent_serves_for_requests_without_asking() {
    let agent = LocalAgent::start();
    agent.answers(200, &[], &proof("Bearer", None));
    let (client, _) = agent.client();
    for _ in 0..3 {
        let (_, authorization) = client.authorize("GET", &url(), None).await.unwrap();
        assert_eq!((authorization.authorization.as_str(), authorization.dpop), ("Bearer token-1", None));
    }
    assert_eq!(agent.asked().len(), 1);
}

#[tokio::test]
async fn a_proof_that_does_not_go_with_its_token_is_refused() {
    let agent = LocalAgent::start();
    let (client, _) = agent.client();
    for body in [
        proof("DPoP", None),
        proof("Bearer", Some("a.b.c")),
        proof("MAC", Some("a.b.c")),
        proof("DPoP", Some("a.b.c")).replace("DPoP token", "DPoP other"),
    ] {
        agent.answers(200, &[], &body);
        assert_eq!(
            client.authorize("GET", &url(), None).await.unwrap_err().reason(),
            "agent_bad_answer",
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_refused_token_is_forgotten_and_the_agent_is_told() {
    let agent = LocalAgent::start();
    let (client, _) = agent.client();
    let refused = client.token().await.unwrap();
    client.forget(&refused).await;
    let question = Question {
        method: Method::POST,
        target: "/forget".to_owned(),
        body: r#"{"access_token":"token-1"}"#.to_owned(),
    };
    assert_eq!(agent.asked()[1], question);
    let next = client.token().await.unwrap();
    assert_eq!(next.expose(), "token-3");
    // Another caller comes late with the same complaint: the new token stays here.
    client.forget(&refused).await;
    assert_eq!(client.token().await.unwrap().expose(), "token-3");
}

#[tokio::test]
async fn the_agent_is_found_by_its_url_its_path_and_the_environment() {
    let agent = LocalAgent::start();
    let path = agent.socket.to_str().unwrap();
    let url = token_url(&agent.socket);
    let of_environment = Agent::of_environment(|name| (name == TOKEN_URL).then(|| url.clone()));
    agent.answers(200, &[], &token("DPoP", 4_000_000_000));
    for client in [Agent::at(path), Agent::at(&url), of_environment] {
        client.unwrap().token().await.unwrap();
    }
    let fault = |found: Result<Agent, InvalidSetup>| match found.unwrap_err() {
        InvalidSetup::Socket(fault) => fault,
        other => panic!("{other}"),
    };
    assert_eq!(fault(Agent::of_environment(|_| None)), InvalidSocket::Absent);
    let text = "https://agent.example.com/token".to_owned();
    assert_eq!(fault(Agent::at(&text)), InvalidSocket::Form { text });
}
