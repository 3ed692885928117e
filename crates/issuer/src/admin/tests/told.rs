//! What the auditor and other programs are told.

use super::world::{ALL, NOW, World, acting, admin, bounded, grant, name, service};
use crate::admin::{
    Authority, ClientDraft, ClientFilter, ClientPatch, ClientView, Exposure, KeyView, RotationView, first,
    reset,
};
use crate::keyring::{KeyRecord, KeyState, KeyUse, Rotation};
use chancery_token::{Format, UnixTime};
use serde_json::json;
use std::cell::RefCell;
use std::io::Write;

thread_local! {
    /// A test and everything it awaits runs on one thread, so its lines can be told from those of its neighbours.
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ThisThread;

impl Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// `actor tenant verb subject outcome` of each line of the auditor's.
fn acts(log: &str) -> Vec<String> {
    let lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines
        .filter(|line| line["target"] == "chancery::audit")
        .map(|line| {
            assert_eq!(line["level"], "INFO");
            let word = |key: &str| line["fields"][key].as_str().unwrap_or("-").to_owned();
            ["actor", "tenant", "verb", "subject", "outcome"].map(word).join(" ")
        })
        .collect()
}

#[tokio::test]
async fn every_act_is_written_down_refusals_too_and_no_secret_is() {
    // One subscriber for the whole process: one for each thread would race with the registration of call sites.
    let subscriber = tracing_subscriber::fmt().json().with_writer(|| ThisThread).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let world = World::new().await;
    let desk = world.desk();
    let by = acting(first(&desk, world.secret()).await.unwrap().unwrap());
    first(&desk, world.secret()).await.unwrap();
    let made = desk.create_client(&by, service("x")).await.unwrap();
    let x = name("x");
    let _ = desk.create_client(&by, service("x")).await;
    let _ = desk.create_client(&by, ClientDraft { id: Some("no\nid".into()), ..service("x") }).await;
    let patch = ClientPatch { owner: Some("b".into()), ..ClientPatch::default() };
    desk.update_client(&by, &x, patch).await.unwrap();
    let added = desk.add_secret(&by, &x).await.unwrap();
    desk.drop_secret(&by, &x, &added.id, Exposure::Kept).await.unwrap();
    let _ = desk.drop_secret(&by, &x, &added.id, Exposure::Kept).await;
    desk.disable_client(&by, &x, "off").await.unwrap();
    desk.enable_client(&by, &x).await.unwrap();
    let _ = desk.disable_client(&by, &name("admin"), "off").await;
    desk.client(&by, &x).await.unwrap();
    let _ = desk.client(&by, &name("y")).await;
    let weak = acting(desk.create_client(&by, admin("weak", "acme", &["keys:read"])).await.unwrap().client);
    let _ = desk.clients(&weak, &ClientFilter::default(), None, 100).await;
    reset(&desk, world.secret()).await.unwrap();
    let log = String::from_utf8(LINES.take()).unwrap();
    assert_eq!(
        acts(&log),
        [
            "the master key - admin.first admin done",
            "admin chancery client.create x done",
            "admin chancery client.create x client_exists",
            "admin chancery client.create  client_refused",
            "admin chancery client.update x done",
            "admin chancery secret.create x done",
            "admin chancery secret.delete x done",
            "admin chancery secret.delete x secret_unknown",
            "admin chancery revoke client x done",
            "admin chancery client.disable x done",
            "admin chancery client.enable x done",
            "admin chancery client.disable admin last_admin",
            "admin chancery client.read y client_unknown",
            "admin chancery client.create weak done",
            "weak acme client.list  scope_not_held",
            "the master key - revoke client admin done",
            "the master key - admin.reset admin done",
        ]
    );
    assert!(!log.contains("chs_") && !log.contains(made.secret.unwrap().reveal()));
}

#[tokio::test]
async fn a_client_is_told_without_its_digests_and_read_again() {
    let world = World::new().await;
    let draft = ClientDraft { grants: vec![grant("invoices:create")], ..service("x") };
    let client = world.create(bounded(draft, r#"{"project":["acme-*"]}"#)).await.client;
    let view = ClientView::of(&client, NOW);
    let told = serde_json::to_value(&view).unwrap();
    assert_eq!(
        told,
        json!({
            "id": "x", "name": "x", "kind": "service", "owner": "team-billing", "purpose": "Mirrors invoices.",
            "tenants": ["acme"],
            "grants": [{"audience": "https://api.documint.example", "scope": "invoices:create", "reason": "It is needed."}],
            "reach": {"bounded": {"project": ["acme-*"]}},
            "lifetime_secs": 900, "created_at": "2026-11-22T00:00:00Z", "expires_at": "2027-02-20T00:00:00Z",
            "state": "active", "secrets": [{"id": client.secrets[0].id, "created_at": "2026-11-22T00:00:00Z"}],
            "authentication": "secret", "dpop": "optional",
        })
    );
    assert_eq!(serde_json::from_value::<ClientView>(told).unwrap(), view);
    let off = ClientView::of(
        &client.clone().disable(NOW, "leaked", crate::client::DisabledBy::Tenant),
        client.expires_at,
    );
    let told = serde_json::to_value(&off).unwrap();
    assert_eq!(
        (&told["state"], &told["disabled"]),
        (&json!("disabled"), &json!({"at": "2026-11-22T00:00:00Z", "reason": "leaked"}))
    );
    assert_eq!(serde_json::from_value::<ClientView>(told).unwrap(), off);
    let expired = ClientView::of(&client, client.expires_at);
    assert_eq!(serde_json::to_value(expired).unwrap()["state"], "expired");
}

#[test]
fn keys_and_rotations_are_told_with_times_that_people_read() {
    let (at, until) = (NOW, UnixTime::from_secs(NOW.as_secs() + 60));
    for (state, word, times) in [
        (KeyState::Published { at }, "published", json!({"at": "2026-11-22T00:00:00Z"})),
        (KeyState::Active { since: at }, "active", json!({"since": "2026-11-22T00:00:00Z"})),
        (
            KeyState::Retired { at, until },
            "retired",
            json!({"at": "2026-11-22T00:00:00Z", "until": "2026-11-22T00:01:00Z"}),
        ),
    ] {
        let record = KeyRecord { kid: "k".into(), keys: KeyUse::Jwt, created_at: NOW, state };
        let view = KeyView::of(&record);
        let told = serde_json::to_value(&view).unwrap();
        assert_eq!(
            told,
            json!({"kid": "k", "format": "jwt", "created_at": "2026-11-22T00:00:00Z", "state": word, "times": times})
        );
        assert_eq!(serde_json::from_value::<KeyView>(told).unwrap(), view);
    }
    let rotation = Rotation {
        keys: Format::Paseto.into(),
        retires: "a".into(),
        activates: "b".into(),
        activates_at: at,
        removed_at: until,
        publishes: None,
    };
    let told = serde_json::to_value(RotationView::of(&rotation)).unwrap();
    assert_eq!(
        told,
        json!({"format": "paseto", "retires": "a", "activates": "b", "activates_at": "2026-11-22T00:00:00Z",
            "removed_at": "2026-11-22T00:01:00Z", "publishes": null})
    );
    assert_eq!(serde_json::from_value::<RotationView>(told).unwrap(), RotationView::of(&rotation));
}

#[tokio::test]
async fn use_cases_can_be_awaited_on_any_thread() {
    fn sent<T: Send>(future: T) -> T {
        future
    }
    let world = World::new().await;
    let (desk, by, id) = (world.desk(), Authority::MasterKey, name("x"));
    sent(desk.create_client(&by, service("x"))).await.unwrap();
    sent(desk.client(&by, &id)).await.unwrap();
    sent(desk.clients(&by, &ClientFilter::default(), None, 100)).await.unwrap();
    sent(desk.update_client(&by, &id, ClientPatch::default())).await.unwrap();
    sent(desk.disable_client(&by, &id, "off")).await.unwrap();
    sent(desk.enable_client(&by, &id)).await.unwrap();
    let added = sent(desk.add_secret(&by, &id)).await.unwrap();
    sent(desk.drop_secret(&by, &id, &added.id, Exposure::Kept)).await.unwrap();
    sent(first(&desk, world.secret())).await.unwrap();
    sent(reset(&desk, world.secret())).await.unwrap();
    assert_eq!(ALL.len(), 4);
}
