use crate::admin_desk::{AdminDesk, CLIENTS, draft};
use chancery_issuer::client::ClientKey;
use chancery_token::SecretKey;
use chancery_token::encoding::base64url;
use serde_json::{Value, json};

const KEYS: &str = "/admin/v1/clients/mirror/keys";

fn jwk(seed: u8) -> Value {
    let public = SecretKey::from_seed(&[seed; 32]).public();
    json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(public.as_bytes())})
}

fn kid(seed: u8) -> String {
    ClientKey::read(&jwk(seed)).unwrap().kid
}

fn with(mut document: Value, more: &Value) -> Value {
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    document
}

#[tokio::test]
async fn r_7_5_a_second_key_is_added_and_the_first_dropped_without_an_outage() {
    let desk = AdminDesk::open().await;
    let keyed = with(draft("mirror"), &json!({"authentication": "private_key_jwt", "keys": [jwk(1)]}));
    let new = desk.post(CLIENTS, &keyed).await;
    assert_eq!(new.status, 201, "{new:?}");
    let new = new.json();
    assert!(new.get("client_secret").is_none(), "{new}");
    let expected = json!([{"kid": kid(1), "algorithm": "EdDSA", "jwk": jwk(1)}]);
    assert_eq!((&new["client"]["keys"], &new["client"]["secrets"]), (&expected, &json!([])));
    let path = |seed| format!("{KEYS}/{}", kid(seed));
    let only = desk.send(&desk.token, "DELETE", &path(1), None).await;
    assert_eq!(only.problem(), "409 last_client_key");
    let added = desk.post(KEYS, &json!({"key": jwk(2)})).await;
    assert_eq!((added.status.as_u16(), &added.json()["client"]["keys"][1]["kid"]), (201, &json!(kid(2))));
    assert_eq!(desk.post(KEYS, &json!({"key": jwk(3)})).await.problem(), "409 too_many_keys");
    let dropped = desk.send(&desk.token, "DELETE", &path(1), None).await.json();
    assert_eq!(dropped["client"]["keys"][0]["kid"], kid(2));
    assert!(dropped.get("sequence").is_none());
    for gone in [path(1), format!("{KEYS}/x"), format!("{KEYS}/{}", "a".repeat(44))] {
        let answer = desk.send(&desk.token, "DELETE", &gone, None).await;
        assert_eq!(answer.problem(), "404 client_key_unknown", "{gone}");
    }
    desk.post(KEYS, &json!({"key": jwk(3)})).await;
    let leaked = desk.send(&desk.token, "DELETE", &format!("{}?leaked=true", path(2)), None).await.json();
    assert!(leaked["sequence"].is_u64(), "{leaked}");
}

#[tokio::test]
async fn a_private_key_is_refused_and_stands_in_no_answer() {
    let desk = AdminDesk::open().await;
    desk.post(CLIENTS, &draft("mirror")).await;
    let private = with(jwk(1), &json!({"d": "c2VjcmV0LXBhcnQtb2YtYS1rZXk"}));
    let answer = desk.post(KEYS, &json!({"key": private})).await;
    assert_eq!(answer.problem(), "422 client_refused");
    assert_eq!(answer.json()["errors"][0]["reason"], "key_private");
    assert!(!answer.body.contains("c2VjcmV0"), "{answer:?}");
    for (body, reason) in [
        (json!({"key": {"kty": "EC", "crv": "P-384"}}), "key_kind"),
        (json!({"key": "x"}), "key_not_a_jwk"),
        (json!({}), "key_not_a_jwk"),
    ] {
        let answer = desk.post(KEYS, &body).await;
        assert_eq!(answer.json()["errors"][0]["reason"], reason, "{body} {answer:?}");
    }
}

#[tokio::test]
async fn what_a_client_goes_on_with_is_changed_and_taken_away() {
    let desk = AdminDesk::open().await;
    let terms = json!({"refresh": {"idle_secs": 86400}, "may_delegate_to": ["mailer"], "dpop": "required"});
    let new = desk.post(CLIENTS, &with(draft("mirror"), &terms)).await.json();
    let refresh =
        json!({"idle_secs": 86400, "absolute_secs": 7_776_000, "most_families": 64, "on_replay": "revoke"});
    assert_eq!(new["client"]["refresh"], refresh, "{new}");
    assert_eq!(
        (&new["client"]["dpop"], &new["client"]["may_delegate_to"]),
        (&json!("required"), &json!(["mailer"]))
    );
    let path = format!("{CLIENTS}/mirror");
    let patch = async |body: Value| desk.send(&desk.token, "PATCH", &path, Some(&body)).await;
    let gone = patch(json!({"refresh": null})).await.json();
    assert!(gone["client"].get("refresh").is_none() && gone["sequence"].is_u64(), "{gone}");
    // Nothing else is taken away like that.
    for (body, reason) in [
        (json!({"may_delegate_to": null}), "member_null"),
        (json!({"refresh": {"idle_secs": null}}), "member_null"),
        (json!({"refresh": []}), "member_wrong_type"),
        (json!({"refresh": {"idle": 7}}), "member_unknown"),
        (json!({"keys": []}), "member_unknown"),
    ] {
        let answer = patch(body.clone()).await;
        assert_eq!(answer.json()["errors"][0]["reason"], reason, "{body}");
    }
    let refused = desk.post(CLIENTS, &with(draft("other"), &json!({"refresh": null}))).await;
    assert_eq!(refused.json()["errors"][0]["reason"], "member_null");
}
