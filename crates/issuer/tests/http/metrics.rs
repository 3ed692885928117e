use crate::desk::{ARCHIVE, DOCUMINT, Desk};

#[tokio::test]
async fn r_10_6_requests_refusals_sizes_faults_and_keys_are_counted() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:read"), (ARCHIVE, "boxes:read")]).await;
    for scope in ["invoices:read", "invoices:read", "boxes:read"] {
        desk.ask("bot", &secret, &[("scope", scope)]).await.token();
    }
    desk.ask("bot", &secret, &[("scope", "invoices:delete")]).await.refusal();
    desk.ask("bot", "x", &[]).await.refusal();
    desk.post(&[("grant_type", "nope")]).await.refusal();
    desk.store.take_away(true);
    desk.ask("other", &secret, &[]).await.refusal();
    let answer = desk.get("/metrics").await;
    assert!(answer.header("content-type").starts_with("application/openmetrics-text; version=1.0.0"));
    for line in [
        "chancery_tokens_total{grant=\"client_credentials\",format=\"jwt\",outcome=\"issued\"} 2",
        "chancery_tokens_total{grant=\"client_credentials\",format=\"paseto\",outcome=\"issued\"} 1",
        "chancery_tokens_total{grant=\"client_credentials\",format=\"none\",outcome=\"refused\"} 2",
        "chancery_tokens_total{grant=\"client_credentials\",format=\"none\",outcome=\"unavailable\"} 1",
        "chancery_tokens_total{grant=\"unknown\",format=\"none\",outcome=\"refused\"} 1",
        "chancery_refusals_total{reason=\"scopes_refused\"} 1",
        "chancery_refusals_total{reason=\"secret_malformed\"} 1",
        "chancery_refusals_total{reason=\"grant_type_unsupported\"} 1",
        "chancery_refusals_total{reason=\"store_unavailable\"} 1",
        "chancery_store_faults_total 1",
        "chancery_token_bytes_count 3",
        "chancery_token_bytes_bucket{le=\"1024.0\"} 3",
        "chancery_keys{format=\"jwt\",state=\"active\"} 1",
        "chancery_keys{format=\"jwt\",state=\"published\"} 1",
        "chancery_keys{format=\"paseto\",state=\"retired\"} 0",
        "chancery_keys{format=\"revocation\",state=\"active\"} 1",
    ] {
        assert!(answer.body.lines().any(|it| it == line), "{line} is not in\n{}", answer.body);
    }
    assert!(answer.body.ends_with("# EOF\n"));
}

#[tokio::test]
async fn nothing_that_a_client_sends_becomes_a_label() {
    let desk = Desk::open().await;
    for n in 0..50 {
        let name = format!("made-up-{n}");
        desk.post(&[("grant_type", &name)]).await;
        desk.ask(&name, &name, &[("scope", &name)]).await;
        desk.get(&format!("/{name}")).await;
    }
    assert!(!desk.get("/metrics").await.body.contains("made-up"));
}

#[tokio::test]
async fn r_7_6_the_metrics_do_not_tell_whether_a_client_exists() {
    let desk = Desk::open().await;
    desk.client("bot", &[(DOCUMINT, "invoices:read")]).await;
    let guess = desk.secret(chancery_token::Environment::Test).reveal().to_owned();
    for id in ["bot", "nobody"] {
        desk.ask(id, &guess, &[]).await.refusal();
    }
    let body = desk.get("/metrics").await.body;
    assert!(body.contains("chancery_refusals_total{reason=\"client_authentication_failed\"} 2"), "{body}");
    assert!(!body.contains("unknown_client") && !body.contains("wrong_secret"), "{body}");
}
