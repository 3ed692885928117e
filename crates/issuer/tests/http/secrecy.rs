use crate::admin_desk::{AdminDesk, CLIENTS, draft, request};
use crate::captured;
use crate::desk::{Answer, DOCUMINT, Desk, basic, encode, token_request};
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, header};
use serde_json::json;

/// Requests that carry a good secret where it belongs, and everywhere else.
fn astray(secret: &str) -> Vec<Request<Body>> {
    let credentials = [("grant_type", "client_credentials"), ("client_id", "bot"), ("client_secret", secret)];
    let form = |more: &[(&str, &str)]| token_request(encode(&[&credentials, more].concat()));
    let with_header = |mut request: Request<Body>, name: header::HeaderName, value: &str| {
        request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
        request
    };
    let at = |method: &str, path: String| {
        Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(path)
            .body(Body::empty())
            .unwrap()
    };
    let grant = [("grant_type", "client_credentials")];
    let secret_as_id =
        [("grant_type", "client_credentials"), ("client_id", secret), ("client_secret", secret)];
    let mistyped = format!("{}x", &secret[..secret.len() - 1]);
    vec![
        form(&[]),
        with_header(token_request(encode(&grant)), header::AUTHORIZATION, &basic(&format!("bot:{secret}"))),
        form(&[("scope", secret)]),
        form(&[("scope", &format!("invoices:read {secret}"))]),
        form(&[("scope", &format!("{secret}:read"))]),
        form(&[("scope", &basic(&format!("bot:{secret}")))]),
        form(&[("resource", secret)]),
        form(&[("resource", &format!("https://{secret}@x.example/{secret}"))]),
        form(&[("tenant", secret)]),
        form(&[(secret, "x"), (secret, "y")]),
        form(&[("client_secret", secret)]),
        form(&[("client_assertion", secret)]),
        form(&[("scope", &format!("%{secret}"))]),
        token_request(format!("grant_type=client_credentials&client_secret={secret}%&client_id=bot")),
        token_request(encode(&[("grant_type", secret)])),
        token_request(encode(&secret_as_id)),
        token_request(encode(&[
            ("grant_type", "client_credentials"),
            ("client_id", "bot"),
            ("client_secret", &mistyped),
        ])),
        token_request(secret.to_owned()),
        token_request([secret.as_bytes(), &[0xff, b'&', 0xc3]].concat()),
        token_request(format!("{secret}={}", "x".repeat(20_000))),
        with_header(token_request(encode(&grant)), header::AUTHORIZATION, &format!("Bearer {secret}")),
        with_header(token_request(encode(&grant)), header::AUTHORIZATION, secret),
        with_header(token_request(encode(&grant)), header::AUTHORIZATION, &format!("Basic {secret}")),
        with_header(token_request(encode(&grant)), header::AUTHORIZATION, &basic(secret)),
        with_header(form(&[]), header::AUTHORIZATION, &basic(&format!("bot:{secret}"))),
        with_header(form(&[]), header::HeaderName::from_static("x-request-id"), secret),
        with_header(form(&[]), header::CONTENT_TYPE, secret),
        with_header(at("GET", "/.well-known/jwks.json".into()), header::ACCEPT, secret),
        with_header(at("GET", "/keys/paserk.json".into()), header::IF_NONE_MATCH, secret),
        at("POST", format!("/oauth2/token?client_secret={secret}")),
        at("GET", format!("/oauth2/token/{secret}")),
        at("GET", format!("/{secret}")),
        at("GET", format!("/scopes?{secret}")),
        at(secret, "/oauth2/token".into()),
        at(secret, format!("/{secret}")),
    ]
}

fn assert_silent(text: &str, secret: &str, tokens: &[String], place: &str) {
    let encoded = basic(&format!("bot:{secret}"));
    let body = &secret["chs_test_".len()..secret.len() - 6];
    for hidden in [secret, body, encoded.trim_start_matches("Basic ")] {
        assert!(!text.contains(hidden), "a secret is in {place}: {text}");
    }
    for token in tokens {
        let signature = token.rsplit('.').next().unwrap();
        assert!(!text.contains(token.as_str()) && !text.contains(signature), "a token is in {place}: {text}");
    }
}

#[tokio::test]
async fn r_10_7_no_secret_and_no_token_is_logged_or_echoed_wherever_it_was_put() {
    captured::begin();
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:*")]).await;
    let mut answers: Vec<Answer> = Vec::new();
    for request in astray(&secret) {
        answers.push(desk.send(request).await);
    }
    desk.store.take_away(true);
    assert!(desk.issuer.catch_up().await.is_err());
    answers.push(desk.ask("unknown", &secret, &[]).await);
    answers.push(desk.get("/readyz").await);
    answers.push(desk.get("/metrics").await);
    let (good, bad): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.body.contains("access_token"));
    let tokens: Vec<String> = good.iter().map(Answer::token).collect();
    assert!(tokens.len() >= 3, "some of the requests were good: {}", tokens.len());
    assert!(bad.len() > 25, "most were not: {}", bad.len());
    for answer in &bad {
        assert_silent(&format!("{answer:?}"), &secret, &tokens, "an answer");
    }
    for answer in &good {
        assert_silent(&format!("{:?}", answer.headers), &secret, &[], "the head of an answer");
    }
    let log = captured::end();
    assert_silent(&log, &secret, &tokens, "the log");
    let lines = log.lines().filter(|line| line.contains("\"chancery::http\"")).count();
    assert_eq!(lines, good.len() + bad.len(), "one line for each request:\n{log}");
}

/// Requests of an administrator that hold a secret or a token where none belongs.
fn administrative_astray(secret: &str) -> Vec<Request<Body>> {
    let id = format!("{CLIENTS}/mirror");
    let at = |method: &str, path: String, body: &serde_json::Value| {
        request(method, &path, body.to_string().into())
    };
    let with = |member: &str, value: serde_json::Value| {
        let mut draft = draft("other");
        draft[member] = value;
        at("POST", CLIENTS.into(), &draft)
    };
    let none = json!({});
    vec![
        at("GET", format!("{CLIENTS}/{secret}"), &none),
        at("GET", format!("{CLIENTS}?after={secret}"), &none),
        at("GET", format!("{CLIENTS}?owner=a&{secret}"), &none),
        at("GET", format!("{CLIENTS}?state={secret}"), &none),
        at("GET", format!("/admin/v1/{secret}"), &none),
        at("DELETE", format!("{id}/secrets/{secret}"), &none),
        at("POST", format!("{id}/secrets?{secret}=1"), &none),
        at("POST", format!("{id}/{secret}"), &none),
        at(secret, id.clone(), &none),
        at("PATCH", id.clone(), &json!({ secret: 1 })),
        at("PATCH", id.clone(), &json!({ "owner": [secret] })),
        at("POST", format!("{id}/disable"), &json!({ "why": secret })),
        at("POST", "/admin/v1/keys/rotate".into(), &json!({ "format": secret })),
        request("POST", CLIENTS, secret.to_owned().into()),
        request("POST", CLIENTS, format!("{{\"id\": {secret}}}").into()),
        with(secret, secret.into()),
        with("id", secret.into()),
        with("purpose", format!("Its secret is {secret}.").into()),
        at("POST", format!("{id}/disable"), &json!({ "reason": secret })),
        with("tenants", json!([secret])),
        with("kind", secret.into()),
        with("template", secret.into()),
        with("grants", json!([{ "scope": secret, "reason": "A test." }])),
        with("grants", json!([{ "scope": "customers:read", "audience": secret, "reason": "A test." }])),
        with("bounds", json!({ secret: [secret] })),
        with("expires_at", secret.into()),
    ]
}

#[tokio::test]
async fn r_10_7_a_secret_stands_in_the_one_answer_that_made_it_and_a_token_in_none() {
    captured::begin();
    let desk = AdminDesk::open().await;
    let new = desk.post(CLIENTS, &draft("mirror")).await.json();
    let added = desk.send(&desk.token, "POST", &format!("{CLIENTS}/mirror/secrets"), None).await.json();
    let secrets = [&new, &added].map(|answer| answer["client_secret"].as_str().unwrap().to_owned());
    assert_ne!(secrets[0], secrets[1]);
    let token = desk.token.clone();
    let mut told: Vec<Answer> = Vec::new();
    for path in [CLIENTS, "/admin/v1/clients/mirror", "/admin/v1/keys", "/admin/v1/catalog", "/metrics"] {
        told.push(desk.desk.send(signed("GET", path, &token)).await);
    }
    let hidden = [&secrets[0], &secrets[1], &token];
    for stray in hidden {
        for mut request in administrative_astray(stray) {
            let bearer = format!("Bearer {token}");
            request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_str(&bearer).unwrap());
            let refused = desk.desk.send(request).await;
            assert!(refused.status.is_client_error(), "{refused:?}");
            told.push(refused);
        }
        let mut request = signed("GET", CLIENTS, stray);
        request.headers_mut().append(header::ACCEPT, HeaderValue::from_str(stray).unwrap());
        told.push(desk.desk.send(request).await);
        told.push(desk.desk.send(signed("GET", CLIENTS, &format!("{stray}x"))).await);
    }
    desk.desk.store.take_away(true);
    told.push(desk.desk.send(signed("POST", &format!("{CLIENTS}/mirror/secrets"), &token)).await);
    let log = captured::end();
    for secret in &secrets {
        for answer in &told {
            assert_silent(&format!("{answer:?}"), secret, std::slice::from_ref(&token), "an answer");
        }
        assert_silent(&log, secret, std::slice::from_ref(&token), "the log");
    }
    assert!(log.contains("\"verb\":\"client.create\"") && told.len() > 75, "{}", told.len());
}

fn signed(method: &str, path: &str, token: &str) -> Request<Body> {
    let mut request = request(method, path, Body::empty());
    let bearer = format!("Bearer {token}");
    request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_str(&bearer).unwrap());
    request
}

#[tokio::test]
async fn r_7_6_the_log_tells_apart_what_the_answers_do_not() {
    captured::begin();
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:*")]).await;
    let live = desk.secret(chancery_token::Environment::Live).reveal().to_owned();
    let wrong = desk.secret(chancery_token::Environment::Test).reveal().to_owned();
    let mut mistyped = secret.clone();
    mistyped.replace_range(12..13, if &secret[12..13] == "A" { "B" } else { "A" });
    for (id, secret) in [("bot", &live), ("bot", &wrong), ("bot", &mistyped), ("nobody", &secret)] {
        let answer = desk.ask(id, secret, &[]).await;
        assert_eq!(answer.refusal(), "401 invalid_client client_authentication_failed");
    }
    let log = captured::end();
    for reason in ["secret_of_other_environment", "wrong_secret", "secret_checksum", "unknown_client"] {
        assert!(log.contains(&format!("\"reason\":\"{reason}\"")), "{reason} is not in {log}");
    }
    assert!(!log.contains("nobody"), "who was not authenticated is not named");
}

#[tokio::test]
async fn a_request_and_its_log_line_carry_the_same_id() {
    captured::begin();
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:*")]).await;
    let (first, second) = (desk.ask("bot", &secret, &[]).await, desk.get("/healthz").await);
    let (first, second) = (first.header("x-request-id"), second.header("x-request-id"));
    assert!(first != second && first.len() >= 10);
    let log = captured::end();
    let line = log.lines().find(|line| line.contains(first)).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let fields = &line["fields"];
    assert_eq!((&fields["method"], &fields["path"]), (&"POST".into(), &"/oauth2/token".into()));
    assert_eq!((&fields["status"], &fields["client.id"]), (&200.into(), &"bot".into()));
    assert!(fields["duration_ms"].is_number() && fields["token.id"].is_string(), "{line}");
    assert!(log.lines().any(|line| line.contains(second)));
}
