use crate::admin_desk::{AdminDesk, CLIENTS, draft};
use serde_json::{Value, json};

#[tokio::test]
async fn the_log_names_routes_and_who_asked_and_never_what_stands_in_a_path() {
    crate::captured::begin();
    let desk = AdminDesk::open().await;
    desk.post(CLIENTS, &draft("bot")).await;
    desk.get("/admin/v1/clients/%20astray").await;
    desk.get("/admin/v1/chs_test_astray").await;
    desk.get("/admin/v1/clients?chs_test_astray=1").await;
    desk.send("none", "GET", "/admin/v1/clients/%20astray", None).await;
    desk.patch("/admin/v1/clients/bot", &json!({"owner": "b"})).await;
    let log = crate::captured::end();
    let lines = log.lines().filter(|line| line.contains("\"chancery::http\"") && line.contains("/admin/"));
    let told: Vec<(String, String, Value, Value, Value)> = lines
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let fields = &line["fields"];
            let text = |name: &str| fields[name].as_str().unwrap().to_owned();
            let one = |name: &str| fields[name].clone();
            (text("method"), text("path"), one("status"), one("client.id"), one("reason"))
        })
        .collect();
    let line = |method: &str, path: &str, status: u16, client: Value, reason: Value| {
        (method.to_owned(), path.to_owned(), json!(status), client, reason)
    };
    let (root, none) = (json!("root"), Value::Null);
    assert_eq!(
        told,
        [
            line("POST", CLIENTS, 201, root.clone(), none.clone()),
            line("GET", "/admin/v1/clients/{id}", 404, root.clone(), json!("client_unknown")),
            line("GET", CLIENTS, 400, root.clone(), json!("query_refused")),
            line("GET", "/admin/v1/clients/{id}", 401, none.clone(), json!("segment_count")),
            line("PATCH", "/admin/v1/clients/{id}", 200, root, none),
        ]
    );
    assert!(!log.contains("astray"), "{log}");
    for line in ["client.create", "client.update"] {
        let audited = log.lines().any(|it| {
            it.contains("chancery::audit") && it.contains(line) && it.contains("\"actor\":\"root\"")
        });
        assert!(audited, "{line} is not in {log}");
    }
}

#[tokio::test]
async fn r_10_6_requests_of_administrators_are_counted_by_route_and_status() {
    let desk = AdminDesk::open().await;
    desk.post(CLIENTS, &draft("bot")).await;
    for id in ["bot", "a", "b", "c"] {
        desk.get(&format!("/admin/v1/clients/{id}")).await;
        desk.get(&format!("/admin/v1/{id}")).await;
    }
    let body = desk.desk.get("/metrics").await.body;
    for line in [
        "chancery_admin_requests_total{method=\"POST\",path=\"/admin/v1/clients\",status=\"201\"} 1",
        "chancery_admin_requests_total{method=\"GET\",path=\"/admin/v1/clients/{id}\",status=\"200\"} 1",
        "chancery_admin_requests_total{method=\"GET\",path=\"/admin/v1/clients/{id}\",status=\"404\"} 3",
        "chancery_admin_requests_total{method=\"GET\",path=\"unmatched\",status=\"404\"} 4",
    ] {
        assert!(body.lines().any(|it| it == line), "{line} is not in\n{body}");
    }
}

#[tokio::test]
async fn whoever_enters_without_right_is_audited() {
    crate::captured::begin();
    let desk = AdminDesk::open().await;
    let token = desk.administrator("second", "chancery", &["clients:read"], |it| it).await;
    desk.post("/admin/v1/clients/second/disable", &json!({"reason": "A test."})).await;
    desk.send(&token, "GET", CLIENTS, None).await.problem();
    let log = crate::captured::end();
    let entered =
        log.lines().find(|line| line.contains("\"verb\":\"enter\"")).unwrap_or_else(|| panic!("{log}"));
    for part in
        ["\"actor\":\"second\"", "\"outcome\":\"client_disabled\"", "\"subject\":\"/admin/v1/clients\""]
    {
        assert!(entered.contains(part), "{part} is not in {entered}");
    }
}

#[tokio::test]
async fn what_was_to_be_revoked_is_audited_when_it_was_refused_and_when_it_was_revoked_before() {
    crate::captured::begin();
    let desk = AdminDesk::open().await;
    let path = "/admin/v1/revocations";
    let keys = desk.get("/admin/v1/keys").await.json();
    let kid = keys["keys"][1]["kid"].as_str().unwrap();
    for body in [
        json!({"kind": "client", "id": "nobody", "reason": "A test."}),
        json!({"kind": "client", "id": "no body", "reason": "A test."}),
        json!({"kind": "key", "id": kid, "reason": "A test."}),
        json!({"kind": "key", "id": kid, "reason": "A test."}),
    ] {
        desk.send(&desk.token, "POST", path, Some(&body)).await;
    }
    let log = crate::captured::end();
    let audited: Vec<&str> = log.lines().filter(|line| line.contains("\"verb\":\"revoke\"")).collect();
    let key = format!("key {kid}");
    for (line, (subject, outcome)) in audited.iter().zip([
        ("client nobody", "client_unknown"),
        ("client", "revocation_refused"),
        (&*key, "done"),
        (&*key, "unchanged"),
    ]) {
        for part in [format!("\"subject\":\"{subject}\""), format!("\"outcome\":\"{outcome}\"")] {
            assert!(line.contains(&part), "{part} is not in {line}");
        }
    }
    assert_eq!(audited.len(), 4, "{log}");
}
