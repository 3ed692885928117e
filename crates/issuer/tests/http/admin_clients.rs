use crate::admin_desk::{AdminDesk, CLIENTS, draft};
use crate::desk::DOCUMINT;
use serde_json::{Value, json};

#[tokio::test]
async fn a_client_is_registered_asks_for_a_token_is_changed_and_switched_off() {
    let desk = AdminDesk::open().await;
    let answer = desk.post(CLIENTS, &draft("mirror")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("location"), "/admin/v1/clients/mirror");
    let new = answer.json();
    let secret = new["client_secret"].as_str().unwrap().to_owned();
    let claims = desk.desk.ask("mirror", &secret, &[]).await;
    assert_eq!(claims.json()["scope"], "customers:read", "{claims:?}");

    let shown = desk.get(answer.header("location")).await;
    assert_eq!(shown.json()["client"], new["client"]);
    assert_eq!(shown.json()["client"]["grants"][0]["audience"], DOCUMINT);
    let patched = desk.patch("/admin/v1/clients/mirror", &json!({"owner": "team-ledger"})).await.json();
    let mut expected = new["client"].clone();
    expected["owner"] = "team-ledger".into();
    assert_eq!(patched["client"], expected, "what is not named stays as it is");

    let off = json!({"reason": "The ledger moved."});
    let disabled = desk.post("/admin/v1/clients/mirror/disable", &off).await.json();
    assert_eq!((&disabled["changed"], &disabled["client"]["state"]), (&true.into(), &"disabled".into()));
    assert_eq!(disabled["client"]["disabled"]["reason"], "The ledger moved.");
    let refused = desk.desk.ask("mirror", &secret, &[]).await;
    assert_eq!(
        refused.refusal(),
        "401 invalid_client client_disabled",
        "the issuer that was told obeys at once"
    );
    let again = desk.post("/admin/v1/clients/mirror/disable", &json!({"reason": "Again."})).await.json();
    assert_eq!(again["changed"], false);
    assert_eq!(again["client"], disabled["client"], "it stays off for its first reason");

    let on = desk.post("/admin/v1/clients/mirror/enable", &json!({})).await.json();
    assert_eq!((&on["changed"], &on["client"]["state"]), (&true.into(), &"active".into()));
    desk.desk.ask("mirror", &secret, &[]).await.token();
    let twice = desk.post(CLIENTS, &draft("mirror")).await;
    assert_eq!(twice.problem(), "409 client_exists");
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_draft_is_told_at_once_and_nothing_is_stored() {
    let desk = AdminDesk::open().await;
    let wrong = json!({
        "id": "mirror", "owner": " ", "tenants": ["no tenant"],
        "grants": [{"scope": "customers:read", "reason": "x"}, {"scope": "customers:destroy", "reason": "x"}],
    });
    let answer = desk.post(CLIENTS, &wrong).await;
    assert_eq!(answer.problem(), "422 client_refused");
    let places: Vec<String> =
        answer.pointed().iter().map(|told| told.split(' ').next().unwrap().to_owned()).collect();
    for place in ["/purpose", "/owner", "/tenants/0", "/grants/1/scope", "/expires_at"] {
        assert!(places.iter().any(|it| it == place), "{place} is not in {answer:?}");
    }
    assert_eq!(desk.get("/admin/v1/clients/mirror").await.problem(), "404 client_unknown");
    desk.post(CLIENTS, &draft("mirror")).await;
    let patch = json!({"owner": "", "expires_at": "yesterday"});
    let answer = desk.patch("/admin/v1/clients/mirror", &patch).await;
    assert_eq!((answer.problem(), answer.pointed().len()), ("422 client_refused".into(), 2), "{answer:?}");
    let blank = desk.post("/admin/v1/clients/mirror/disable", &json!({"reason": " "})).await;
    assert_eq!(blank.status, 422, "{blank:?}");
    let client = &desk.get("/admin/v1/clients/mirror").await.json()["client"];
    assert_eq!((&client["owner"], &client["state"]), (&"team-billing".into(), &"active".into()));
}

#[tokio::test]
async fn a_name_that_nobody_can_have_is_unknown_and_is_not_repeated() {
    let desk = AdminDesk::open().await;
    for name in ["nobody", "a%20b", "a:b", "%ff", &"x".repeat(65), "chs_test_x%2F"] {
        let answer = desk.get(&format!("/admin/v1/clients/{name}")).await;
        assert_eq!(answer.problem(), "404 client_unknown", "{name}");
        assert!(name == "nobody" || !answer.body.contains(name), "{answer:?}");
    }
    desk.post(CLIENTS, &draft("mirror")).await;
    for name in ["00000000", "nope", "chs_test_secret"] {
        let path = format!("/admin/v1/clients/mirror/secrets/{name}");
        let answer = desk.send(&desk.token, "DELETE", &path, None).await;
        assert_eq!(answer.problem(), "404 secret_unknown", "{name}");
        assert!(!answer.body.contains("chs_"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_long_list_comes_in_pages_and_filters_narrow_it() {
    let desk = AdminDesk::open().await;
    for number in 0..5 {
        let mut draft = draft(&format!("c{number}"));
        if number % 2 == 0 {
            draft["owner"] = "team-even".into();
            draft["tenants"] = json!(["globex"]);
        }
        assert_eq!(desk.post(CLIENTS, &draft).await.status, 201);
    }
    desk.post("/admin/v1/clients/c1/disable", &json!({"reason": "A test."})).await;
    let ids = |answer: &Value| {
        let clients = answer["clients"].as_array().unwrap();
        clients.iter().map(|client| client["id"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
    };
    let first = desk.get("/admin/v1/clients?limit=4").await.json();
    assert_eq!((&*ids(&first), &first["next"]), ("c0 c1 c2 c3", &"c3".into()));
    let second = desk.get("/admin/v1/clients?limit=4&after=c3").await.json();
    assert_eq!((&*ids(&second), &second["next"]), ("c4 root", &Value::Null));
    for (query, expected) in [
        ("owner=team-even", "c0 c2 c4"),
        ("tenant=acme", "c1 c3"),
        ("state=disabled", "c1"),
        ("scope=customers:read", "c0 c1 c2 c3 c4"),
        ("scope=clients:read", "root"),
        ("owner=team-even&after=c0&limit=1", "c2"),
        ("owner=nobody", ""),
    ] {
        let answer = desk.get(&format!("/admin/v1/clients?{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(ids(&answer.json()), expected, "{query}");
    }
}

#[tokio::test]
async fn a_query_that_is_not_known_is_refused_and_not_repeated() {
    let desk = AdminDesk::open().await;
    for query in [
        "limit=0",
        "limit=1001",
        "limit=x",
        "state=gone",
        "scope=a",
        "tenant=%20",
        "after=%20",
        "owner=a&owner=b",
        "access_token=chs_test_x",
        "chs_test_x",
        "offset=1",
    ] {
        let answer = desk.get(&format!("/admin/v1/clients?{query}")).await;
        assert_eq!(answer.problem(), "400 query_refused", "{query}");
        assert!(!answer.body.contains("chs_test"), "{answer:?}");
    }
    for path in ["/admin/v1/clients/root?x", "/admin/v1/keys?access_token=y", "/admin/v1/catalog?a=b"] {
        assert_eq!(desk.get(path).await.problem(), "400 query_refused", "{path}");
    }
    assert_eq!(desk.post("/admin/v1/keys/rotate?plan=true", &json!({})).await.problem(), "400 query_refused");
}

#[tokio::test]
async fn the_catalog_tells_what_may_be_granted() {
    let desk = AdminDesk::open().await;
    let catalog = desk.get("/admin/v1/catalog").await.json();
    let products = catalog["products"].as_array().unwrap();
    let names: Vec<&str> = products.iter().map(|product| product["name"].as_str().unwrap()).collect();
    assert!(
        names.contains(&"documint") && names.contains(&"archive") && names.contains(&"chancery"),
        "{names:?}"
    );
    let own = products.iter().find(|product| product["name"] == "chancery").unwrap();
    assert_eq!(own["scopes"].as_array().unwrap().len(), 10);
    assert_eq!(own["scopes"][0]["axes"], json!({"owner": "text", "audience": "text"}));
}

#[tokio::test]
async fn a_client_that_cannot_be_read_is_named_in_the_list_and_is_500_by_itself() {
    let desk = AdminDesk::open().await;
    for id in ["a", "b", "c"] {
        desk.post(CLIENTS, &draft(id)).await;
    }
    desk.desk.break_record("b");
    let listed = desk.get(CLIENTS).await;
    assert_eq!(listed.status, 200, "{listed:?}");
    let ids: Vec<Value> =
        listed.json()["clients"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids, ["a", "c", "root"]);
    let unreadable = &listed.json()["unreadable"];
    assert_eq!((&unreadable[0]["id"], &unreadable[0]["reason"]), (&json!("b"), &json!("store_unreadable")));
    // A page that ends with it leads on.
    let page = desk.get("/admin/v1/clients?limit=2").await.json();
    assert_eq!((&page["clients"].as_array().unwrap().len(), &page["next"]), (&1, &json!("b")));
    assert_eq!(desk.get("/admin/v1/clients?limit=2&after=b").await.json()["clients"][0]["id"], "c");
    let by_itself = desk.get("/admin/v1/clients/b").await;
    assert_eq!(by_itself.problem(), "500 store_unreadable");
    let patched = desk.send(&desk.token, "PATCH", "/admin/v1/clients/b", Some(&json!({"owner": "a"}))).await;
    assert_eq!(patched.problem(), "500 store_unreadable");
    for answer in [&listed, &by_itself, &patched] {
        assert!(!answer.body.contains("quoted"), "{answer:?}");
    }
    // Nobody else hears of it, and nobody is kept from their own.
    let scopes = ["clients:read"];
    let of_tenant = desk.administrator("of-acme", "acme", &scopes, |it| it).await;
    let theirs = desk.send(&of_tenant, "GET", CLIENTS, None).await;
    assert_eq!((theirs.status.as_u16(), theirs.body.contains("unreadable")), (200, false), "{theirs:?}");
}
