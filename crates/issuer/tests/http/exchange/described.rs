//! What is answered, held against the description of the API.

use super::world::{World, form};
use crate::described::Described;
use crate::presenting::{INTROSPECT, presents};
use serde_json::{Map, Value, json};

#[tokio::test]
async fn an_exchange_and_what_is_said_of_its_token_are_as_described() {
    let world = World::open().await;
    let described = Described::read(&world.desk.get("/openapi.json").await);
    let (token, _) = world.begin().await;
    let mut asked = form(&world.worker, &token, &[("delegate", "true"), ("scope", "orders:read")]);
    asked.push(("delegate_expires_in", "600"));
    let sent: Map<String, Value> =
        asked.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
    let request = json!({"$ref": "#/components/schemas/TokenRequest"});
    let faults = |changed: &[(&str, &str)]| {
        let mut sent = sent.clone();
        for (name, value) in changed {
            sent.remove(*name);
            sent.extend((!value.is_empty()).then(|| ((*name).to_owned(), Value::from(*value))));
        }
        described.faults(&request, &Value::Object(sent)).len()
    };
    assert_eq!((faults(&[]), faults(&[("delegate_expires_in", "")])), (0, 0));
    let wrong = [("delegate_expires_in", "0"), ("delegate_expires_in", "1h"), ("delegate", "")];
    assert!(wrong.into_iter().all(|change| faults(&[change]) == 1));
    let second = world.desk.post(&asked).await;
    described.check("POST", "/oauth2/token", &second);
    let refused = world.exchange(&world.helper, &token, &[]).await;
    described.check("POST", "/oauth2/token", &refused);

    let third = world.exchange(&world.helper, &second.token(), &[]).await.token();
    let said = world.desk.send(presents(INTROSPECT, &world.helper, &[("token", &third)])).await;
    described.check("POST", INTROSPECT, &said);
    assert_eq!(said.json()["act"], json!({"sub": "helper", "act": {"sub": "worker"}}), "{said:?}");
    let said = world.desk.send(presents(INTROSPECT, &world.planner, &[("token", &token)])).await;
    described.check("POST", INTROSPECT, &said);
    assert_eq!(said.json().get("act"), None);
}

#[tokio::test]
async fn what_is_said_of_proofs_is_as_described() {
    let world = World::open().await;
    let described = Described::read(&world.desk.get("/openapi.json").await);
    let token = world.bound(1).await;
    let form = form(&world.worker, &token, &[]);
    let told = world.proven(&form, 1, "one", None).await;
    described.check("POST", "/oauth2/token", &told);
    let headers = &described.document["components"]["responses"]["TokenRefusal"]["headers"];
    assert!(!told.header("dpop-nonce").is_empty() && headers["DPoP-Nonce"].is_object());
    described.check("POST", "/oauth2/token", &world.send_with(&form, 1, "two").await);
    let said = world.desk.send(presents(INTROSPECT, &world.planner, &[("token", &token)])).await;
    described.check("POST", INTROSPECT, &said);
}
