//! Whoever loses access loses the tokens that it had.

use super::neighbour::{Neighbour, Neighboured};
use super::world::{ALL, ARCHIVE, DOCUMINT, NOW, World, acting, admin, held, name, reason, service};
use crate::admin::{
    AdminRefusal, Authority, Changed, ClientPatch, Desk, Exposure, FIRST_ADMIN, KeyDesk, first, reset,
};
use crate::keyring::KeyUse;
use crate::revocation::{AppendFault, RevocationLog};
use crate::store::Store;
use chancery_revocation::{Kill, NameMark, Sequence, Standing, TokenMarks};
use chancery_token::{ClientId, Subject, TenantId};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const BY: Authority = Authority::MasterKey;

fn patch(value: serde_json::Value) -> ClientPatch {
    serde_json::from_value(value).unwrap()
}

/// The clients that the log names, in its order.
fn ended(log: &RevocationLog) -> Vec<NameMark> {
    let mut entries = log.current().published().entries();
    entries.sort_by_key(|entry| entry.sequence);
    let of_client =
        |kill: Kill| if let Kill::Client { client_id, .. } = kill { Some(client_id) } else { None };
    entries.into_iter().filter_map(|entry| of_client(entry.kill)).collect()
}

/// Whether a token that was issued at `rvs` to the client stands.
fn stands(log: &RevocationLog, id: &str, rvs: Sequence) -> bool {
    let (client, tenant): (ClientId, TenantId) = (name(id), "acme".parse().unwrap());
    let sid = chancery_token::FamilyId::from_bytes([7; 16]);
    let marks = TokenMarks::of_family(sid, &client, &tenant, &Subject::from(client.clone()), rvs);
    log.current().published().judge(&marks) == Standing::Good
}

/// The log over a disk that fills and empties.
struct Disk {
    log: Arc<RevocationLog>,
    store: Arc<Neighboured>,
}

impl Disk {
    async fn of(world: &World) -> Self {
        let store = Arc::new(Neighboured::over(&world.store, Neighbour::FullDisk(AtomicBool::new(false))));
        let below: Arc<dyn Store> = store.clone();
        let log = world.log_over(below).await;
        Self { log, store }
    }

    fn fill(&self, is_full: bool) {
        let Neighbour::FullDisk(full) = &self.store.neighbour else { panic!() };
        full.store(is_full, Ordering::SeqCst);
    }

    fn desk<'d>(&'d self, world: &'d World) -> Desk<'d> {
        Desk { log: &self.log, ..world.desk() }
    }
}

#[tokio::test]
async fn r40_what_takes_access_away_ends_the_tokens_from_before_and_not_those_from_after() {
    let world = World::new().await;
    let desk = world.desk();
    let mut draft = service("x");
    draft.tenants.push("globex".into());
    draft.grants.push(super::world::grant_for(DOCUMINT, "customers:read"));
    draft.lifetime_secs = Some(600);
    world.create(draft).await;
    world.create(service("y")).await;
    let x = name("x");
    for narrower in [
        json!({"tenants": ["acme"]}),
        json!({"grants": [{"scope": "invoices:read", "audience": DOCUMINT, "reason": "r"}]}),
        json!({"bounds": {"project": ["a*", "b"]}}),
        json!({"bounds": {"project": ["b"]}}),
        json!({"lifetime_secs": 300}),
        json!({"expires_at": "10d"}),
    ] {
        let before = world.log.applied();
        let done = desk.update_client(&BY, &x, patch(narrower.clone())).await.unwrap();
        let sequence = done.sequence.unwrap_or_else(|| panic!("{narrower} ends nothing"));
        assert!(sequence > before && world.log.applied() == sequence, "{narrower}");
        assert!(!stands(&world.log, "x", before) && stands(&world.log, "x", sequence), "{narrower}");
        assert!(stands(&world.log, "y", before), "{narrower}");
        assert_eq!(world.stored("x").await, done.into_inner(), "{narrower}");
        // Sent again, it takes nothing away.
        let again = desk.update_client(&BY, &x, patch(narrower.clone())).await.unwrap();
        let is_end = narrower.get("expires_at").is_some();
        assert!(is_end || matches!(again.client, Changed::Before(_)), "{narrower}");
        assert_eq!(again.sequence, None, "{narrower}");
    }
    for harmless in [
        json!({"owner": "team-b", "purpose": "Other."}),
        json!({"lifetime_secs": 900, "expires_at": "20d"}),
        json!({"tenants": ["acme", "initech"]}),
        json!({"unbounded": "All of them again."}),
    ] {
        let before = world.log.applied();
        assert_eq!(desk.update_client(&BY, &x, patch(harmless)).await.unwrap().sequence, None);
        assert_eq!(world.log.applied(), before);
    }
    let before = world.log.applied();
    let off = desk.disable_client(&BY, &x, "Its work is done.").await.unwrap();
    assert!(!stands(&world.log, "x", before) && off.sequence.is_some());
    // It is so already, and its entry is there: nothing more is appended.
    assert_eq!(desk.disable_client(&BY, &x, "Again.").await.unwrap().sequence, None);
    assert_eq!(desk.enable_client(&BY, &x).await.unwrap().sequence, None);
    assert_eq!(ended(&world.log), [NameMark::client(&x)], "one name, one entry: the last");
}

#[tokio::test]
async fn a_secret_that_leaked_ends_what_its_client_has_and_one_that_is_not_needed_does_not() {
    let world = World::new().await;
    let desk = world.desk();
    let x = name("x");
    world.create(service("x")).await;
    let second = desk.add_secret(&BY, &x).await.unwrap();
    let unused = desk.drop_secret(&BY, &x, &second.id, Exposure::Kept).await.unwrap();
    assert_eq!((unused.sequence, ended(&world.log).len()), (None, 0));
    let second = desk.add_secret(&BY, &x).await.unwrap();
    let before = world.log.applied();
    let leaked = desk.drop_secret(&BY, &x, &second.id, Exposure::Leaked).await.unwrap();
    assert!(leaked.sequence.is_some() && !stands(&world.log, "x", before));
    assert_eq!(world.stored("x").await.secrets.len(), 1);
    // It was done whole, so there is nothing left to do.
    let again = desk.drop_secret(&BY, &x, &second.id, Exposure::Leaked).await;
    assert_eq!(reason(again), "secret_unknown");
    let only = world.stored("x").await.secrets[0].id.clone();
    assert_eq!(reason(desk.drop_secret(&BY, &x, &only, Exposure::Leaked).await), "last_secret");
}

#[tokio::test]
async fn what_was_written_without_its_entry_is_told_and_the_same_request_appends_it() {
    let world = World::new().await;
    let disk = Disk::of(&world).await;
    let desk = disk.desk(&world);
    for id in ["off", "narrow", "leaked"] {
        world.create(service(id)).await;
    }
    let secret = desk.add_secret(&BY, &name("leaked")).await.unwrap().id;
    let narrower = || patch(json!({"bounds": {"project": ["b"]}}));
    let before = disk.log.applied();
    let all_three = async || {
        [
            desk.disable_client(&BY, &name("off"), "It leaked.").await,
            desk.update_client(&BY, &name("narrow"), narrower()).await,
            desk.drop_secret(&BY, &name("leaked"), &secret, Exposure::Leaked).await,
        ]
    };
    disk.fill(true);
    // However often: the record is as it is to be, and the tokens are not ended.
    for _ in 0..3 {
        for half in all_three().await {
            let Err(AdminRefusal::HalfDone { fault: AppendFault::Log(_), .. }) = &half else {
                panic!("{half:?}")
            };
            assert_eq!(reason(half), "not_yet_revoked");
        }
    }
    assert!(world.stored("off").await.usable(NOW).is_err());
    assert_eq!(world.stored("leaked").await.secrets.len(), 1);
    assert!(["off", "narrow", "leaked"].iter().all(|id| stands(&disk.log, id, before)));
    disk.fill(false);
    for whole in all_three().await {
        assert!(whole.unwrap().sequence.is_some());
    }
    assert!(["off", "narrow", "leaked"].iter().all(|id| !stands(&disk.log, id, before)));
    // Nothing is owed any more.
    for id in ["off", "narrow", "leaked"] {
        assert_eq!(world.stored(id).await.owes_entry, None, "{id}");
    }
    let [off, narrow, _] = all_three().await;
    assert_eq!((off.unwrap().sequence, narrow.unwrap().sequence), (None, None));
}

#[tokio::test]
async fn whoever_changes_a_client_next_pays_what_it_owes() {
    let world = World::new().await;
    let disk = Disk::of(&world).await;
    let desk = disk.desk(&world);
    world.create(service("x")).await;
    let (x, before) = (name("x"), disk.log.applied());
    disk.fill(true);
    assert_eq!(reason(desk.disable_client(&BY, &x, "It leaked.").await), "not_yet_revoked");
    disk.fill(false);
    let on = desk.enable_client(&BY, &x).await.unwrap();
    assert!(on.sequence.is_some() && !stands(&disk.log, "x", before));
    assert_eq!(world.stored("x").await.owes_entry, None);
}

#[tokio::test]
async fn whoever_pays_a_debt_does_not_strike_out_a_later_one_that_left_the_same_record() {
    let world = World::new().await;
    let disk = Disk::of(&world).await;
    world.create(service("x")).await;
    let x = name("x");
    // Off, on, and off again: the first record and the last differ in nothing that a client has.
    disk.fill(true);
    let mut records = Vec::new();
    for _ in 0..2 {
        assert_eq!(reason(disk.desk(&world).disable_client(&BY, &x, "It leaked.").await), "not_yet_revoked");
        records.push(world.stored("x").await);
        assert_eq!(reason(disk.desk(&world).enable_client(&BY, &x).await), "not_yet_revoked");
        records.push(world.stored("x").await);
    }
    let [first, on, last, still_on] = records.try_into().unwrap();
    assert_eq!((&first.state, first.owes_entry == last.owes_entry), (&last.state, false));
    world.store.replace_client(&still_on, &first, &[]).await.unwrap();
    // The entry of the first is written; before that is noted, the others come and go.
    let meanwhile = Neighbour::once(vec![(first, on.clone()), (on, last.clone())]);
    let store = Neighboured::over(&world.store, meanwhile);
    let paid = world.desk_over(&store).disable_client(&BY, &x, "It leaked.").await.unwrap();
    assert!(paid.sequence.is_some());
    assert_eq!(world.stored("x").await, last, "what the last one took is owed still");
}

#[tokio::test]
async fn a_reset_ends_the_tokens_of_whoever_had_the_old_secret_and_works_without_the_log() {
    let world = World::new().await;
    let disk = Disk::of(&world).await;
    let desk = disk.desk(&world);
    first(&desk, world.secret()).await.unwrap().unwrap();
    let before = disk.log.applied();
    reset(&desk, world.secret()).await.unwrap();
    assert!(!stands(&disk.log, FIRST_ADMIN, before));
    disk.fill(true);
    let fresh = world.secret();
    let digest = fresh.digest(&world.hasher);
    assert_eq!(reason(reset(&desk, fresh).await), "not_yet_revoked");
    // The way in is open all the same.
    assert_eq!(world.stored(FIRST_ADMIN).await.secrets[0].digest, digest);
}

#[tokio::test]
async fn an_administrator_that_narrows_itself_loses_its_own_tokens_too() {
    let world = World::new().await;
    world.create(admin("root", "chancery", &ALL)).await;
    let by = acting(world.create(admin("ada", "chancery", &["clients:*"])).await.client);
    let before = world.log.applied();
    let less = patch(json!({"grants": [{"scope": "clients:update", "reason": "r"}]}));
    assert!(world.desk().update_client(&by, &name("ada"), less).await.unwrap().sequence.is_some());
    assert!(!stands(&world.log, "ada", before));
}

#[tokio::test]
async fn keys_that_leaked_sign_no_more_and_what_they_signed_ends() {
    let world = World::new().await;
    let keyring = world.keyring().await;
    let desk =
        |log| KeyDesk { keyring: &keyring, store: &*world.store, log, now: NOW, entropy: &world.entropy };
    let signing = || {
        [chancery_token::Format::Jwt, chancery_token::Format::Paseto]
            .map(|of| keyring.signer(of, NOW).kid().to_owned())
    };
    let uses = [KeyUse::Jwt, KeyUse::Paseto];
    let is_ended =
        |log: &RevocationLog, kid: &str| log.current().published().ended_at(&Kill::key(kid)).is_some();
    let [jwt, paseto] = signing();
    let plan = desk(&world.log).plan(&BY, &uses, Exposure::Leaked).unwrap();
    assert_eq!(signing(), [jwt.clone(), paseto.clone()], "a plan changes nothing");
    let done = desk(&world.log).rotate(&BY, &[KeyUse::Jwt], Exposure::Leaked).await.unwrap();
    assert_eq!((&done[0].retires, &done[0].activates), (&jwt, &plan[0].activates));
    assert_eq!(signing(), [plan[0].activates.clone(), paseto.clone()]);
    assert!(is_ended(&world.log, &jwt) && done[0].sequence.is_some());
    assert!(!is_ended(&world.log, &paseto) && !is_ended(&world.log, &signing()[0]));
    // A rotation that is no alarm ends nothing.
    let rotated = desk(&world.log).rotate(&BY, &[KeyUse::Paseto], Exposure::Kept).await.unwrap();
    assert_eq!((rotated[0].sequence, is_ended(&world.log, &paseto)), (None, false));
    // Nor does it stand in the way of one.
    let done = desk(&world.log).rotate(&BY, &[KeyUse::Paseto], Exposure::Leaked).await.unwrap();
    assert_eq!(done[0].retires, paseto);
    assert!(is_ended(&world.log, &paseto) && signing()[1] != paseto);
}

#[tokio::test]
async fn a_key_whose_entry_is_missing_is_not_followed_by_another_when_the_request_comes_again() {
    let world = World::new().await;
    let keyring = world.keyring().await;
    let disk = Disk::of(&world).await;
    let desk = KeyDesk {
        keyring: &keyring,
        store: &*world.store,
        log: &disk.log,
        now: NOW,
        entropy: &world.entropy,
    };
    let signing = || keyring.signer(chancery_token::Format::Jwt, NOW).kid().to_owned();
    let leaked = signing();
    disk.fill(true);
    for _ in 0..3 {
        let half = desk.rotate(&BY, &[KeyUse::Jwt], Exposure::Leaked).await.unwrap_err();
        assert_eq!(half.reason(), "not_yet_revoked");
    }
    let next = signing();
    assert_ne!(next, leaked);
    // Nor does it stand for a key of the log, whose name looks like its own.
    let of_log = keyring.document_signer(NOW).kid().to_owned();
    let half = desk.rotate(&BY, &[KeyUse::Revocation], Exposure::Leaked).await.unwrap_err();
    assert_eq!(half.reason(), "not_yet_revoked");
    assert_ne!(keyring.document_signer(NOW).kid(), of_log);
    disk.fill(false);
    let done = desk.rotate(&BY, &[KeyUse::Jwt], Exposure::Leaked).await.unwrap();
    assert_eq!((&done[0].retires, &done[0].activates), (&leaked, &next));
    assert!(disk.log.current().published().ended_at(&Kill::key(&leaked)).is_some());
    assert_eq!(signing(), next, "the key that follows stays");
}

#[tokio::test]
async fn r40_nothing_is_ended_when_the_change_is_refused() {
    let world = World::new().await;
    world.create(service("x")).await;
    let weak = acting(world.create(admin("weak", "globex", &["clients:*"])).await.client);
    let desk = world.desk();
    let wrong = patch(json!({"bounds": {"planet": "mars"}}));
    assert_eq!(reason(desk.update_client(&BY, &name("x"), wrong).await), "client_refused");
    assert_eq!(reason(desk.disable_client(&weak, &name("x"), "Mine.").await), "client_unknown");
    let client = crate::client::Client {
        id: name("old"),
        grants: vec![held(ARCHIVE, "invoices:read")],
        ..world.stored("x").await
    };
    world.insert(&client).await;
    assert_eq!(ended(&world.log), []);
}
