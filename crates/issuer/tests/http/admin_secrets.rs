use crate::admin_desk::{AdminDesk, CLIENTS, draft};
use serde_json::{Value, json};

#[tokio::test]
async fn r_7_5_a_second_secret_is_added_and_the_first_dropped_without_an_outage() {
    let desk = AdminDesk::open().await;
    let new = desk.post(CLIENTS, &draft("mirror")).await.json();
    let first = new["client_secret"].as_str().unwrap().to_owned();
    let first_id = new["client"]["secrets"][0]["id"].as_str().unwrap().to_owned();
    let path = |id: &str| format!("/admin/v1/clients/mirror/secrets/{id}");
    let only = desk.send(&desk.token, "DELETE", &path(&first_id), None).await;
    assert_eq!(only.problem(), "409 last_secret");

    let answer = desk.send(&desk.token, "POST", "/admin/v1/clients/mirror/secrets", None).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let added = answer.json();
    let second = added["client_secret"].as_str().unwrap().to_owned();
    assert_eq!(added["client"]["secrets"][1]["id"], added["secret_id"]);
    for secret in [&first, &second] {
        desk.desk.ask("mirror", secret, &[]).await.token();
    }
    let third = desk.post("/admin/v1/clients/mirror/secrets", &json!({})).await;
    assert_eq!(third.problem(), "409 too_many_secrets");

    let dropped = desk.send(&desk.token, "DELETE", &path(&first_id), None).await;
    assert_eq!(dropped.json()["client"]["secrets"], json!([added["client"]["secrets"][1]]), "{dropped:?}");
    let refused = desk.desk.ask("mirror", &first, &[]).await;
    assert_eq!(refused.refusal(), "401 invalid_client client_authentication_failed");
    desk.desk.ask("mirror", &second, &[]).await.token();
    let gone = desk.send(&desk.token, "DELETE", &path(&first_id), None).await;
    assert_eq!(gone.problem(), "404 secret_unknown");
}

#[tokio::test]
async fn keys_are_shown_planned_and_rotated() {
    let desk = AdminDesk::open().await;
    let keys = desk.get("/admin/v1/keys").await.json();
    let states: Vec<&str> =
        keys["keys"].as_array().unwrap().iter().map(|key| key["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["active", "published", "active", "published", "active", "published"]);
    let format = |at: usize| keys["keys"][at]["format"].as_str().unwrap();
    assert_eq!([0, 2, 4].map(format), ["jwt", "paseto", "revocation"]);

    let plan = desk.post("/admin/v1/keys/rotate", &json!({"plan": true})).await.json();
    assert_eq!((&plan["planned"], plan["rotations"].as_array().unwrap().len()), (&true.into(), 2));
    assert_eq!(plan["rotations"][0]["publishes"], Value::Null);
    assert_eq!(desk.get("/admin/v1/keys").await.json(), keys, "a plan changes nothing");

    let rotated = desk.post("/admin/v1/keys/rotate", &json!({"format": "paseto"})).await.json();
    assert_eq!((&rotated["planned"], &rotated["rotations"][0]["format"]), (&false.into(), &"paseto".into()));
    assert_eq!(desk.get("/admin/v1/keys").await.json()["keys"].as_array().unwrap().len(), 7);
    for body in [None, Some(json!({"format": "paseto"})), Some(json!({"plan": true}))] {
        let pending = desk.send(&desk.token, "POST", "/admin/v1/keys/rotate", body.as_ref()).await;
        assert_eq!(pending.problem(), "409 rotation_pending", "{body:?}");
    }
    assert_eq!(desk.get("/admin/v1/keys").await.json()["keys"].as_array().unwrap().len(), 7, "all or none");
    let unknown = desk.post("/admin/v1/keys/rotate", &json!({"format": "saml"})).await;
    assert_eq!(unknown.problem(), "422 key_format");
}
