use crate::described::Described;
use crate::desk::{ARCHIVE, DOCUMINT, Desk};
use axum::body::Body;
use axum::http::{Method, Request};
use std::collections::BTreeSet;

const FRAME: &str = include_str!("../../src/http/openapi/frame.json");
const PATHS: &str = include_str!("../../src/http/openapi/paths.json");

#[tokio::test]
async fn the_description_holds_every_route_of_the_router_and_no_other() {
    for url in ["https://auth.example", "https://auth.example/tenants/:one"] {
        let desk = Desk::open_at(url).await;
        let path = url.trim_start_matches("https://auth.example");
        let described = Described::read(&desk.get(&format!("{path}/openapi.json")).await);
        let said: BTreeSet<(String, String)> =
            described.operations().into_iter().map(|(method, path, _)| (method, path)).collect();
        let served: BTreeSet<(String, String)> =
            desk.issuer.routes().into_iter().map(|route| (route.method.to_owned(), route.path)).collect();
        assert_eq!(said, served, "{url}");
        assert!(served.len() >= 20, "{served:?}");
    }
}

#[tokio::test]
async fn every_route_of_the_list_is_routed_and_takes_no_method_that_is_not_described() {
    for url in ["https://auth.example", "https://auth.example/tenants/:one"] {
        let desk = Desk::open_at(url).await;
        let routes = desk.issuer.routes();
        for route in &routes {
            let path = route.path.replace("{id}", "bot").replace("{secret_id}", "00000000");
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let request =
                    Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(&path);
                let answer = desk.send(request.body(Body::empty()).unwrap()).await;
                let declared = routes.iter().any(|it| it.method == method && it.path == route.path);
                assert_ne!(answer.status, 404, "{method} {path}");
                assert_eq!(answer.status == 405, !declared, "{method} {path}: {answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_written_about_the_api_is_used_to_the_last_word() {
    let desk = Desk::open().await;
    let described = Described::read(&desk.get("/openapi.json").await);
    let read = |text| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (frame, words) = (read(FRAME), read(PATHS));
    let names =
        |paths: &serde_json::Value| paths.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&words), names(&described.document["paths"]), "a path that is described is served");
    for kind in ["schemas", "responses", "parameters"] {
        for name in frame["components"][kind].as_object().unwrap().keys() {
            let reference = format!("\"#/components/{kind}/{name}\"");
            assert!(
                FRAME.contains(&reference) || PATHS.contains(&reference),
                "nothing refers to {reference}"
            );
        }
    }
    let ids: Vec<&str> = described
        .operations()
        .iter()
        .filter_map(|(_, _, operation)| operation["operationId"].as_str())
        .collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), described.operations().len(), "{ids:?}");
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_schema_can_be_built() {
    let desk = Desk::open().await;
    let described = Described::read(&desk.get("/openapi.json").await);
    let words = [FRAME, PATHS].concat();
    for reference in words.split("\"$ref\": \"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(described.document.pointer(reference).is_some(), "{reference}");
    }
    for name in described.document["components"]["schemas"].as_object().unwrap().keys() {
        let schema = serde_json::json!({"$ref": format!("#/components/schemas/{name}")});
        // A list fits none of the objects and texts: every schema can refuse something.
        assert!(!described.faults(&schema, &serde_json::json!([[1]])).is_empty(), "{name} takes anything");
    }
    assert_eq!(described.document["openapi"], "3.1.0");
    assert_eq!(described.document["servers"][0]["url"], "https://auth.example");
    let flow =
        &described.document["components"]["securitySchemes"]["administrator"]["flows"]["clientCredentials"];
    assert_eq!(flow["tokenUrl"], "https://auth.example/oauth2/token");
    assert_eq!(flow["scopes"].as_object().unwrap().len(), 10);
}

#[tokio::test]
async fn what_the_public_endpoints_answer_is_what_is_described() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:*"), (ARCHIVE, "boxes:read")]).await;
    let described = Described::read(&desk.get("/openapi.json").await);
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-protected-resource/admin",
        "/.well-known/jwks.json",
        "/keys/paserk.json",
        "/keys/revocation.json",
        "/revocation/snapshot",
        "/scopes",
        "/openapi.json",
        "/healthz",
        "/readyz",
        "/metrics",
    ] {
        let answer = desk.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        described.check("GET", path, &answer);
        let tag = answer.header("etag").to_owned();
        if !tag.is_empty() {
            let request = Request::get(path).header("if-none-match", tag).body(Body::empty()).unwrap();
            let held = desk.send(request).await;
            assert_eq!(held.status, 304, "{path}");
            described.check("GET", path, &held);
        }
    }
    let mut answers = vec![
        desk.ask("bot", &secret, &[("scope", "invoices:read")]).await,
        desk.ask("bot", &secret, &[("scope", "invoices:nope")]).await,
        desk.ask("bot", "x", &[]).await,
        desk.post(&[]).await,
    ];
    desk.store.take_away(true);
    answers.push(desk.ask("other", &secret, &[]).await);
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses, [200, 400, 401, 400, 503]);
    for answer in &answers {
        described.check("POST", "/oauth2/token", answer);
    }
    described.check("GET", "/readyz", &desk.get("/readyz").await);
}
