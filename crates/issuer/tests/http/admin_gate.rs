use crate::admin_desk::{ADMIN, ALL, AdminDesk, CLIENTS, request};
use crate::desk::DOCUMINT;
use axum::body::Body;
use axum::http::header;

/// Method, path with names filled in, and the scope that the description says.
fn routes(desk: &AdminDesk) -> Vec<(String, String, String)> {
    let operations =
        desk.described.operations().into_iter().filter(|(_, path, _)| path.starts_with("/admin/"));
    let routes = operations.map(|(method, path, operation)| {
        let scope = operation["security"][0]["administrator"][0].as_str().unwrap().to_owned();
        (method, path.replace("{id}", "bot").replace("{secret_id}", "00000000"), scope)
    });
    routes.collect()
}

#[tokio::test]
async fn every_route_refuses_whoever_has_no_token_a_foreign_one_or_one_without_its_scope() {
    let desk = AdminDesk::open().await;
    let secret = desk.desk.client("bot", &[(DOCUMINT, "invoices:*")]).await;
    let data = desk.desk.ask("bot", &secret, &[]).await.token();
    let routes = routes(&desk);
    assert_eq!(routes.len(), 16);
    for (method, path, scope) in &routes {
        let without = desk.send_request(request(method, path, Body::empty())).await;
        assert_eq!(without.problem(), "401 token_missing", "{method} {path}");
        let challenge = without.header("www-authenticate");
        assert!(
            challenge.starts_with(
                "Bearer resource_metadata=\"https://auth.example/.well-known/oauth-protected-resource/admin\""
            ),
            "{challenge}"
        );
        assert!(challenge.contains(scope) && !challenge.contains("error"), "{challenge}");

        let foreign = desk.send(&data, method, path, None).await;
        assert_eq!(foreign.problem(), "401 audience_mismatch", "{method} {path}");
        assert!(foreign.header("www-authenticate").contains("error=\"invalid_token\""), "{foreign:?}");

        let garbage = desk.send("nonsense", method, path, None).await;
        assert_eq!(garbage.problem(), "401 segment_count", "{method} {path}");
        let mut twice = request(method, path, Body::empty());
        for _ in 0..2 {
            twice
                .headers_mut()
                .append(header::AUTHORIZATION, format!("Bearer {}", desk.token).parse().unwrap());
        }
        assert_eq!(desk.send_request(twice).await.problem(), "400 credentials_repeated", "{method} {path}");
    }
    for (number, (method, path, scope)) in routes.iter().enumerate() {
        let others: Vec<&str> = ALL.into_iter().filter(|it| it != scope).collect();
        let token = desk.administrator(&format!("narrow-{number}"), "chancery", &others, |it| it).await;
        let refused = desk.send(&token, method, path, None).await;
        assert_eq!(refused.problem(), "403 insufficient_scope", "{method} {path}");
        assert_eq!(refused.json()["missing"], serde_json::json!([scope]), "{method} {path}");
        assert!(refused.header("www-authenticate").contains("insufficient_scope"), "{refused:?}");
        assert_eq!(refused.json()["documentation"], format!("https://auth.example/scopes#{scope}"));
    }
}

#[tokio::test]
async fn a_token_is_good_until_its_last_second_and_not_in_another_environment() {
    let desk = AdminDesk::open().await;
    assert_eq!(desk.get(CLIENTS).await.status, 200);
    desk.desk.clock.advance(std::time::Duration::from_secs(5 * 60 + 31));
    assert_eq!(desk.get(CLIENTS).await.problem(), "401 expired");
    let other = AdminDesk::open().await;
    assert_eq!(other.send(&desk.token, "GET", CLIENTS, None).await.problem(), "401 unknown_key");
}

#[tokio::test]
async fn the_guard_believes_the_keys_that_are_published_and_no_others() {
    let desk = AdminDesk::open().await;
    let rotated = desk.post("/admin/v1/keys/rotate", &serde_json::json!({"format": "jwt"})).await;
    assert_eq!(rotated.status, 200, "{rotated:?}");
    let first = desk.token.clone();
    desk.desk.pass(std::time::Duration::from_hours(2)).await;
    let second = desk.administrator("second", "chancery", &["clients:read"], |it| it).await;
    assert_eq!(desk.send(&second, "GET", CLIENTS, None).await.status, 200, "a token of the next key is good");
    desk.desk.clock.advance(std::time::Duration::from_hours(24 * 30));
    assert_eq!(desk.send(&first, "GET", CLIENTS, None).await.problem(), "401 unknown_key");
}

#[tokio::test]
async fn what_is_not_there_is_404_and_other_methods_are_405_with_those_that_are_taken() {
    let desk = AdminDesk::open().await;
    for path in
        ["/admin", "/admin/", "/admin/v1", "/admin/v1/clients/", "/admin/v1/client", "/admin/v2/clients"]
    {
        for token in [&*desk.token, ""] {
            assert_eq!(desk.send(token, "GET", path, None).await.problem(), "404 not_found", "{path}");
        }
    }
    for (method, path, allow) in [
        ("DELETE", "/admin/v1/clients", "GET,HEAD,POST"),
        ("OPTIONS", "/admin/v1/clients", "GET,HEAD,POST"),
        ("PUT", "/admin/v1/clients/bot", "GET,HEAD,PATCH"),
        ("GET", "/admin/v1/clients/bot/disable", "POST"),
        ("HEAD", "/admin/v1/keys/rotate", "POST"),
    ] {
        let answer = desk.desk.send(request(method, path, Body::empty())).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (405, "no-store"),
            "{method} {path}"
        );
        let mut allowed: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        allowed.sort_unstable();
        assert_eq!(allowed.join(","), allow, "{method} {path}");
        if method != "HEAD" {
            assert_eq!(answer.problem(), "405 method_not_allowed");
        }
    }
    let elsewhere = desk.desk.get("/administrator").await;
    assert_eq!(elsewhere.body, r#"{"error":"not_found","reason":"not_found"}"#);
}

#[tokio::test]
async fn head_answers_as_get_does_without_a_body() {
    let desk = AdminDesk::open().await;
    let (head, get) = (desk.send(&desk.token, "HEAD", CLIENTS, None).await, desk.get(CLIENTS).await);
    assert_eq!((head.status, &*head.body), (get.status, ""));
    assert_eq!(head.header("content-type"), get.header("content-type"));
    let head = desk.desk.send(request("HEAD", CLIENTS, Body::empty())).await;
    assert_eq!((head.status.as_u16(), &*head.body), (401, ""));
    assert!(!head.header("www-authenticate").is_empty());
}

#[tokio::test]
async fn the_metadata_of_the_administration_tells_where_tokens_come_from() {
    let desk = AdminDesk::open().await;
    let answer = desk.desk.get("/.well-known/oauth-protected-resource/admin").await;
    let json = answer.json();
    assert_eq!(
        (&json["resource"], &json["authorization_servers"][0]),
        (&ADMIN.into(), &"https://auth.example".into())
    );
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
}

#[tokio::test]
async fn an_issuer_with_a_path_administers_below_it() {
    let desk = crate::desk::Desk::open_at("https://auth.example/tenants/:one").await;
    for (path, status) in [
        ("/tenants/:one/admin/v1/clients", 401),
        ("/admin/v1/clients", 404),
        ("/.well-known/oauth-protected-resource/tenants/:one/admin", 200),
        ("/tenants/:one/openapi.json", 200),
    ] {
        assert_eq!(desk.get(path).await.status, status, "{path}");
    }
}
