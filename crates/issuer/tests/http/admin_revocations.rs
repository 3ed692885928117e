//! Administrators revoke, and see how far it has come.

use crate::admin_desk::{ALL, AdminDesk, CLIENTS, draft};
use crate::desk::{Answer, DOCUMINT, NOW, basic};
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

pub(crate) const REVOCATIONS: &str = "/admin/v1/revocations";

/// Whether the issuer still calls a token good that `id` asks about.
async fn is_active(desk: &AdminDesk, id: &str, secret: &str, token: &str) -> bool {
    let request = Request::post("/oauth2/introspect")
        .header(header::AUTHORIZATION, basic(&format!("{id}:{secret}")))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("token={token}")))
        .unwrap();
    let answer = desk.desk.send(request).await;
    answer.json()["active"].as_bool().unwrap_or_else(|| panic!("{answer:?}"))
}

async fn revoke(desk: &AdminDesk, mut what: Value) -> Answer {
    what["reason"] = json!("It leaked.");
    desk.post(REVOCATIONS, &what).await
}

/// A client with its secret.
async fn client(desk: &AdminDesk, id: &str) -> String {
    desk.desk.client(id, &[(DOCUMINT, "invoices:*")]).await
}

#[tokio::test]
async fn r41_a_token_is_handed_in_and_it_alone_is_over() {
    let desk = AdminDesk::open().await;
    let secret = client(&desk, "bot").await;
    let token = desk.desk.ask("bot", &secret, &[]).await.token();
    let sister = desk.desk.ask("bot", &secret, &[]).await.token();
    let plan = revoke(&desk, json!({"kind": "token", "token": token, "plan": true})).await;
    assert_eq!((&plan.json()["planned"], &plan.json()["sequence"]), (&json!(true), &Value::Null), "{plan:?}");
    assert!(is_active(&desk, "bot", &secret, &token).await);
    let done = revoke(&desk, json!({"kind": "token", "token": token})).await;
    let told = done.json();
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(told["breaks"]["clients"][0]["id"], "bot");
    assert_eq!(
        (&told["kind"], &told["changed"], &told["reason"]),
        (&json!("token"), &json!(true), &json!("It leaked."))
    );
    assert!(!done.body.contains(&token), "a token is never repeated");
    assert!(!is_active(&desk, "bot", &secret, &token).await);
    assert!(is_active(&desk, "bot", &secret, &sister).await);
    let again = revoke(&desk, json!({"kind": "token", "token": token})).await.json();
    assert_eq!((&again["changed"], &again["sequence"]), (&json!(false), &told["sequence"]));
}

#[tokio::test]
async fn whatever_shrinks_a_client_ends_its_tokens_and_says_with_which_entry() {
    let desk = AdminDesk::open().await;
    let secret = client(&desk, "bot").await;
    let token = async || desk.desk.ask("bot", &secret, &[]).await.token();
    let sequence = async || desk.get(REVOCATIONS).await.json()["sequence"].clone();

    let (first, before) = (token().await, sequence().await);
    let renamed = desk.patch("/admin/v1/clients/bot", &json!({"owner": "others"})).await.json();
    assert_eq!((renamed.get("sequence"), sequence().await), (None, before));
    assert!(is_active(&desk, "bot", &secret, &first).await);
    let shorter = desk.patch("/admin/v1/clients/bot", &json!({"lifetime_secs": 60})).await.json();
    assert_eq!(shorter["sequence"], sequence().await);
    assert!(!is_active(&desk, "bot", &secret, &first).await);

    let second = token().await;
    assert!(is_active(&desk, "bot", &secret, &second).await, "what comes after is good");
    let added = desk.post("/admin/v1/clients/bot/secrets", &json!({})).await.json();
    let path = format!("/admin/v1/clients/bot/secrets/{}", added["secret_id"].as_str().unwrap());
    let wrong = desk.send(&desk.token, "DELETE", &format!("{path}?leaked=perhaps"), None).await;
    assert_eq!(wrong.problem(), "400 query_refused");
    let dropped = desk.send(&desk.token, "DELETE", &format!("{path}?leaked=true"), None).await.json();
    assert_eq!(dropped["sequence"], sequence().await);
    assert!(!is_active(&desk, "bot", &secret, &second).await);

    let third = token().await;
    let off =
        desk.post("/admin/v1/clients/bot/disable", &json!({"reason": "Its work is done."})).await.json();
    assert_eq!(off["sequence"], sequence().await);
    let on = desk.post("/admin/v1/clients/bot/enable", &json!({})).await.json();
    assert_eq!(on.get("sequence"), None);
    assert!(!is_active(&desk, "bot", &secret, &third).await, "being switched on again brings no token back");
}

#[tokio::test]
async fn keys_that_leaked_are_replaced_at_once_and_what_they_signed_is_over() {
    let desk = AdminDesk::open().await;
    let secret = client(&desk, "bot").await;
    let token = desk.desk.ask("bot", &secret, &[]).await.token();
    let leaked = json!({"format": "jwt", "leaked": true});
    let done = desk.post("/admin/v1/keys/rotate", &leaked).await;
    let told = done.json();
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(told["rotations"][0]["activates_at"], told["rotations"][0]["removed_at"]);
    assert!(told["rotations"][0]["sequence"].is_u64());
    assert!(!is_active(&desk, "bot", &secret, &token).await);
    // The administrator's own token was signed with it too.
    assert_eq!(desk.get(CLIENTS).await.status, 401);
    let jwks = desk.desk.get("/.well-known/jwks.json").await;
    assert!(!jwks.body.contains(told["rotations"][0]["retires"].as_str().unwrap()));
    let fresh = desk.desk.ask("bot", &secret, &[]).await.token();
    assert!(is_active(&desk, "bot", &secret, &fresh).await);
}

#[tokio::test]
async fn r41_an_administrator_whose_token_was_revoked_is_refused_at_once_also_by_what_another_process_wrote()
{
    let desk = AdminDesk::open().await;
    let token = desk.administrator("second", "chancery", &ALL, |it| it).await;
    let third = desk.administrator("third", "chancery", &ALL, |it| it).await;
    let done = revoke(&desk, json!({"kind": "client", "id": "second"})).await;
    assert_eq!(done.status, 200, "{done:?}");
    for (method, path) in
        [("GET", CLIENTS), ("GET", REVOCATIONS), ("POST", "/admin/v1/keys/rotate"), ("POST", REVOCATIONS)]
    {
        let refused = desk.send(&token, method, path, None).await;
        assert_eq!(refused.problem(), "401 revoked", "{method} {path}");
        assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""), "{refused:?}");
    }
    // Nobody here follows the log: the request itself looks at its end.
    let other = desk.another_log().await;
    other.append(&[chancery_revocation::Kill::client(&"third".parse().unwrap(), NOW)]).await.unwrap();
    assert_eq!(desk.send(&third, "GET", CLIENTS, None).await.problem(), "401 revoked");
    assert_eq!(desk.get(CLIENTS).await.status, 200);
}

#[tokio::test]
async fn whoever_revokes_everything_is_told_that_it_ends_their_own_token_too() {
    let desk = AdminDesk::open().await;
    let plan = revoke(&desk, json!({"kind": "all", "plan": true})).await.json();
    assert!(plan["breaks"]["note"].as_str().unwrap().contains("Your own tokens"), "{plan}");
    assert_eq!(revoke(&desk, json!({"kind": "all"})).await.status, 200);
    assert_eq!(desk.get(CLIENTS).await.problem(), "401 revoked");
}

#[tokio::test]
async fn a_wish_that_is_not_in_order_is_refused_with_the_place_of_each_fault() {
    let desk = AdminDesk::open().await;
    let secret = client(&desk, "bot").await;
    let token = desk.desk.ask("bot", &secret, &[]).await.token();
    let refused = desk.post(REVOCATIONS, &json!({"kind": "toke", "reason": ""})).await;
    assert_eq!(
        (refused.problem().as_str(), refused.pointed()),
        ("422 revocation_refused", vec!["/reason text".into(), "/kind revocation_kind".into()])
    );
    for (what, told) in [
        (json!({"kind": "client", "id": "nobody"}), "404 client_unknown"),
        (json!({"kind": "tenant", "id": "nobody"}), "404 tenant_unknown"),
        (json!({"kind": "key", "id": "nobody"}), "404 key_unknown"),
        (json!({"kind": "token", "token": "nonsense"}), "422 token_unknown"),
        (json!({"kind": "family", "token": token}), "422 token_without_family"),
        (json!({"kind": "client", "id": 7}), "400 document_refused"),
        (json!({"kind": "client", "name": "bot"}), "400 document_refused"),
        // A token has one place. Everywhere else it would be stored or shown.
        (json!({"kind": "client", "id": token}), "400 document_refused"),
    ] {
        assert_eq!(revoke(&desk, what.clone()).await.problem(), told, "{what}");
    }
    let mut astray = json!({"kind": "all"});
    astray["reason"] = json!(format!("it is {token}"));
    assert_eq!(desk.post(REVOCATIONS, &astray).await.pointed(), ["/reason member_credential"]);
    assert_eq!(desk.get("/admin/v1/revocations/receipts").await.problem(), "400 query_refused");
    assert_eq!(
        desk.get("/admin/v1/revocations/receipts?sequence=first").await.problem(),
        "400 query_refused"
    );
    assert!(is_active(&desk, "bot", &secret, &token).await);
}

#[tokio::test]
async fn a_tenants_administrator_sees_nothing_of_the_others_here_either() {
    let desk = AdminDesk::open().await;
    let token = desk.administrator("theirs", "globex", &ALL, |it| it).await;
    assert_eq!(desk.post(CLIENTS, &draft("bot")).await.status, 201);
    let send = async |mut what: Value| {
        what["reason"] = json!("It leaked.");
        desk.send(&token, "POST", REVOCATIONS, Some(&what)).await
    };
    let missing = send(json!({"kind": "client", "id": "nobody"})).await;
    let other = send(json!({"kind": "client", "id": "bot"})).await;
    assert_eq!(other.problem(), "404 client_unknown");
    assert_eq!(other.body.replace("bot", "nobody"), missing.body);
    assert_eq!(send(json!({"kind": "tenant", "id": "acme"})).await.problem(), "404 tenant_unknown");
    assert_eq!(send(json!({"kind": "all"})).await.problem(), "403 beyond_oneself");
    let own = send(json!({"kind": "tenant", "id": "globex", "plan": true})).await.json();
    assert_eq!(own["breaks"]["clients_total"], 1);
}

#[tokio::test]
async fn the_status_says_where_the_log_stands_what_is_in_it_and_who_follows() {
    let desk = AdminDesk::open().await;
    let secret = client(&desk, "bot").await;
    let begin = desk.get(REVOCATIONS).await.json();
    assert_eq!(
        (&begin["state"], &begin["fault"], &begin["durability"]),
        (&json!("following"), &Value::Null, &json!("embedded"))
    );
    assert_eq!((&begin["sequence"], &begin["confirmed_at"]), (&begin["start"], &json!(NOW.as_secs())));
    let token = desk.desk.ask("bot", &secret, &[]).await.token();
    revoke(&desk, json!({"kind": "token", "token": token})).await;
    revoke(&desk, json!({"kind": "client", "id": "bot"})).await;
    let last = revoke(&desk, json!({"kind": "subject", "id": "bot"})).await.json();
    let now = desk.get(REVOCATIONS).await.json();
    assert_eq!((&now["sequence"], &now["log"]), (&last["sequence"], &begin["log"]));
    assert_ne!(now["head"], begin["head"]);
    assert_eq!(
        now["entries"],
        json!({"tokens": 1, "families": 0, "clients": 1, "tenants": 0, "subjects": 1, "all": 0, "keys": 0})
    );
    assert_eq!(now["verifiers"], json!({"connected": 0, "up_to_date": 0, "anonymous": 0}));

    // A verifier that says who it is.
    let path =
        format!("/revocation/delta?log={}&after={}&wait=0", now["log"].as_str().unwrap(), now["sequence"]);
    let poll = Request::get(path)
        .header(header::AUTHORIZATION, basic(&format!("bot:{secret}")))
        .header("chancery-verifier", "gate-1")
        .body(Body::empty())
        .unwrap();
    let polled = desk.desk.send(poll).await;
    assert_eq!(polled.status, 200, "{polled:?}");
    let now = desk.get(REVOCATIONS).await.json();
    assert_eq!(now["verifiers"], json!({"connected": 1, "up_to_date": 1, "anonymous": 0}));
    let receipts = desk.get(&format!("{REVOCATIONS}/receipts?sequence={}", last["sequence"])).await.json();
    assert_eq!((&receipts["sequence"], &receipts["anonymous"]), (&last["sequence"], &json!(0)));
    let verifier = &receipts["verifiers"][0];
    assert_eq!(
        (&verifier["client_id"], &verifier["name"], &verifier["applied"]),
        (&json!("bot"), &json!("gate-1"), &last["sequence"])
    );
}

#[tokio::test]
async fn what_is_revoked_is_audited_with_its_reason_and_no_token_stands_in_the_log() {
    crate::captured::begin();
    let desk = AdminDesk::open().await;
    let secret = client(&desk, "bot").await;
    let token = desk.desk.ask("bot", &secret, &[]).await.token();
    let done = revoke(&desk, json!({"kind": "token", "token": token})).await.json();
    revoke(&desk, json!({"kind": "client", "id": "bot", "plan": true})).await;
    revoke(&desk, json!({"kind": "client", "id": "nobody"})).await;
    desk.post("/admin/v1/clients/bot/disable", &json!({"reason": "Its work is done."})).await;
    let log = crate::captured::end();
    let audited: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["target"] == "chancery::audit" && line["fields"]["verb"] == "revoke")
        .map(|line| line["fields"].clone())
        .collect();
    let told: Vec<_> = audited
        .iter()
        .map(|line| (&line["actor"], &line["subject"], &line["outcome"], &line["because"]))
        .collect();
    let subject = json!(format!("token {}", done["id"].as_str().unwrap()));
    let (root, done_word) = (json!("root"), json!("done"));
    assert_eq!(
        told,
        [
            (&root, &subject, &done_word, &json!("It leaked.")),
            (&root, &json!("client nobody"), &json!("client_unknown"), &Value::Null),
            (&root, &json!("client bot"), &done_word, &json!("Its work is done.")),
        ]
    );
    assert_eq!(audited[0]["sequence"], done["sequence"]);
    assert!(!log.contains(&token) && !log.contains(&secret));
}
