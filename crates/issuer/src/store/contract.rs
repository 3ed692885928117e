//! What a store does. Every implementation passes this suite.

mod changes;
mod family;
mod log;

pub(crate) use changes::*;
pub(crate) use family::*;
pub(crate) use log::*;

use super::*;
use crate::client::{Client, ClientKind, ClientState, Grant, Reach};
use crate::master_key::MasterKey;
use crate::secret::StoredSecret;
use chancery_revocation::{LogId, Sequence};
use chancery_token::{Environment, Everything, ScopePattern, UnixTime};
use chancery_verifier::entropy::PredictableEntropy;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// A place that holds one store, empty at first.
#[async_trait]
pub(crate) trait Place: Send + Sync {
    /// Opens the store as one more process would.
    async fn connect(&self) -> Arc<dyn Store>;
}

/// Makes one test of each sentence of the contract.
macro_rules! holds_over {
    ($place:expr) => {
        crate::store::contract::holds_over! { $place;
            a_new_store_holds_nothing
            a_client_is_found_as_it_was_stored
            an_id_is_taken_once
            clients_are_listed_in_the_order_of_their_ids
            clients_are_listed_page_by_page
            a_client_is_replaced_only_as_it_was_read
            a_client_is_replaced_only_while_its_witness_stands
            a_client_is_replaced_only_while_all_of_its_witnesses_stand
            of_two_that_rest_on_each_other_one_is_replaced
            of_many_changes_at_the_same_time_none_is_lost
            of_many_inserts_of_one_id_one_wins
            many_writers_leave_everything_they_were_told_they_wrote
            what_was_answered_is_seen_by_every_process_at_once
            a_refused_write_leaves_its_neighbours_and_the_counter_alone
            a_keyring_is_replaced_only_by_who_knows_its_version
            of_many_keyrings_at_the_same_time_one_wins
            what_is_too_large_is_not_stored
            an_issuer_is_written_once
            changes_name_what_changed_and_nothing_else
            too_many_changes_are_answered_as_all
            a_counter_from_the_future_means_that_everything_changed
            a_store_that_is_well_answers_a_ping
            a_new_store_has_no_log
            a_log_begins_once
            what_was_appended_is_seen_by_every_process_in_order
            entries_are_appended_only_where_the_log_ends
            what_is_found_in_the_log_can_be_made_sure_of
            of_many_appends_to_one_place_one_is_written
            the_largest_batch_is_appended_whole
            a_log_goes_on_where_it_was_left_however_often_it_is_trimmed
            a_trim_tells_entries_of_one_sequence_and_sequences_of_one_entry_apart
            what_a_trim_let_go_is_never_answered_as_if_it_were_all
            a_trim_that_comes_late_takes_nothing_back
            a_trim_of_another_log_does_nothing
            a_recovered_log_takes_the_place_of_the_lost_one_at_one_instant
            a_log_that_was_recovered_from_the_wrong_place_changes_nothing
            of_recoveries_at_the_same_time_one_wins
            a_recovery_that_was_broken_off_does_not_keep_the_next_one_back
            a_new_store_has_no_family
            a_family_is_found_as_it_was_begun
            a_family_that_is_begun_again_is_answered_like_the_first_time
            a_store_writes_what_is_decided_and_nothing_else
            a_family_is_advanced_only_if_it_is_what_it_was_taken_for
            r_2_1_of_many_that_show_one_token_one_rotates_and_all_get_the_same
            r51_a_family_that_a_replay_ends_is_owed_an_entry_from_that_instant_on
            a_family_is_ended_once_and_for_good
            what_can_be_used_once_is_used_once_on_every_issuer
            r_2_8_a_client_has_at_most_as_many_families_as_it_may
            r_2_8_one_that_lay_unused_for_too_long_is_not_counted
            r_2_8_lost_answers_do_not_eat_a_clients_families
            r_2_8_of_many_that_begin_at_the_same_time_no_more_than_that_do
            the_families_that_live_are_those_that_are_counted
            r_2_3_ten_thousand_random_steps_end_as_the_pure_model_says
            r_2_7_steps_at_the_same_time_are_as_if_one_came_after_the_other
        }
    };
    ($place:expr; $($sentence:ident)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $sentence() {
            let place = $place;
            crate::store::contract::$sentence(&place).await;
        }
    )+};
}
pub(crate) use holds_over;

pub(crate) fn client(id: &str) -> Client {
    Client {
        id: id.parse().unwrap(),
        name: "Invoice reporter".into(),
        purpose: "Sends the weekly invoice report.".into(),
        owner: "billing".into(),
        kind: ClientKind::Service,
        tenants: vec!["acme".parse().unwrap()],
        grants: vec![Grant {
            audience: "https://api.documint.example".into(),
            scope: ScopePattern::parse("invoices:*", Everything::Refuse).unwrap(),
            reason: "The report lists every invoice.".into(),
            unbounded: None,
        }],
        reach: Reach::Unbounded { reason: "The report covers all projects.".into() },
        lifetime: Duration::from_mins(15),
        created_at: UnixTime::from_secs(1_795_305_600),
        expires_at: UnixTime::from_secs(1_826_841_600),
        state: ClientState::Active,
        secrets: Vec::new(),
        authentication: crate::client::Authentication::default(),
        keys: Vec::new(),
        dpop: crate::client::DpopPolicy::default(),
        refresh: None,
        may_delegate_to: Vec::new(),
        owes_entry: None,
    }
}

/// Every client, each of which can be read.
pub(crate) async fn all(store: &dyn Store) -> Vec<Client> {
    store.clients(None, usize::MAX).await.unwrap().into_iter().collect::<Result<_, _>>().unwrap()
}

pub(crate) fn identity(seed: u64) -> Identity {
    Identity {
        issuer: format!("https://auth{seed}.example.com"),
        environment: Environment::Live,
        master_key: MasterKey::generate(&PredictableEntropy::new(seed)).fingerprint(),
        log: LogId::from_bytes([7; 16]),
        log_start: Sequence::new(1_838_392_934_400),
    }
}

fn id(text: &str) -> ClientId {
    text.parse().unwrap()
}

pub(crate) async fn a_new_store_holds_nothing(place: &dyn Place) {
    let store = place.connect().await;
    assert_eq!(store.client(&id("a")).await, Ok(None));
    assert_eq!(store.clients(None, 10).await, Ok(Vec::new()));
    assert_eq!(store.keyring().await, Ok(None));
    assert_eq!(store.identity().await, Ok(None));
    let nothing =
        Changes { counter: ChangeCounter::START, clients: ChangedClients::These(Vec::new()), keyring: false };
    assert_eq!(store.changes(ChangeCounter::START).await, Ok(nothing));
}

pub(crate) async fn a_client_is_found_as_it_was_stored(place: &dyn Place) {
    let store = place.connect().await;
    let bounds = r#"{"region":["eu"],"project":["acme-*"],"orders:refund":{"refund_max":200}}"#;
    let secret = |name: &str, byte| StoredSecret {
        id: name.into(),
        digest: [byte; 32],
        created_at: UnixTime::from_secs(byte.into()),
    };
    let full = Client {
        kind: ClientKind::Agent,
        tenants: vec!["acme".parse().unwrap(), "globex".parse().unwrap()],
        reach: Reach::Bounded(serde_json::from_str(bounds).unwrap()),
        state: ClientState::Disabled {
            at: UnixTime::from_secs(9),
            reason: "\"quoted\", ünd ☂".into(),
            by: crate::client::DisabledBy::Operator,
        },
        secrets: vec![secret("one", 1), secret("two", 255)],
        ..client("full")
    };
    for client in [full, client("plain")] {
        store.insert_client(&client).await.unwrap();
        assert_eq!(store.client(&client.id).await, Ok(Some(client.clone())));
        assert_eq!(place.connect().await.client(&client.id).await, Ok(Some(client)));
    }
}

pub(crate) async fn an_id_is_taken_once(place: &dyn Place) {
    let store = place.connect().await;
    store.insert_client(&client("a")).await.unwrap();
    let other = Client { owner: "somebody else".into(), ..client("a") };
    assert_eq!(store.insert_client(&other).await, Err(InsertError::Exists { id: id("a") }));
    assert_eq!(store.client(&id("a")).await, Ok(Some(client("a"))));
}

pub(crate) async fn clients_are_listed_in_the_order_of_their_ids(place: &dyn Place) {
    let store = place.connect().await;
    for name in ["b", "a.2", "A", "c", "a-1"] {
        store.insert_client(&client(name)).await.unwrap();
    }
    let listed = all(&*store).await;
    assert_eq!(
        listed.iter().map(|client| client.id.as_str()).collect::<Vec<_>>(),
        ["A", "a-1", "a.2", "b", "c"]
    );
    assert_eq!(listed[0], client("A"));
}

pub(crate) async fn clients_are_listed_page_by_page(place: &dyn Place) {
    let store = place.connect().await;
    // Enough of them that no part of a store holds a page by itself.
    let mut ids: Vec<String> = (0..600).map(|number| format!("c{number}")).collect();
    for name in &ids {
        store.insert_client(&client(name)).await.unwrap();
    }
    ids.sort_unstable();
    for limit in [7, 599, 600, 601, usize::MAX] {
        let (mut listed, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = store.clients(after.as_deref(), limit).await.unwrap();
            assert!(page.len() <= limit);
            let is_last = page.len() < limit;
            listed.extend(page.into_iter().map(|client| client.unwrap().id.to_string()));
            if is_last {
                break;
            }
            after = listed.last().cloned();
        }
        assert_eq!(listed, ids, "in pages of {limit}");
    }
    // Also from behind what is no client at all.
    let behind = store.clients(Some("c59!"), 2).await.unwrap();
    let behind: Vec<String> = behind.into_iter().map(|client| client.unwrap().id.to_string()).collect();
    assert_eq!(behind, ["c590", "c591"]);
    assert_eq!(store.clients(Some("d"), 10).await, Ok(Vec::new()));
    assert_eq!(store.clients(None, 0).await, Ok(Vec::new()));
}

pub(crate) async fn a_client_is_replaced_only_as_it_was_read(place: &dyn Place) {
    let (store, other) = (place.connect().await, place.connect().await);
    let first = client("a");
    let off = first.clone().disable(UnixTime::from_secs(5), "leaked", crate::client::DisabledBy::Tenant);
    assert_eq!(store.replace_client(&first, &off, &[]).await, Err(ReplaceError::Missing { id: id("a") }));
    store.insert_client(&first).await.unwrap();
    store.replace_client(&first, &off, &[]).await.unwrap();
    // Somebody who read the client before that must not switch it on again without knowing.
    let renamed = Client { name: "New name".into(), ..first.clone() };
    assert_eq!(other.replace_client(&first, &renamed, &[]).await, Err(ReplaceError::Changed { id: id("a") }));
    assert_eq!(other.client(&id("a")).await, Ok(Some(off)));
}

pub(crate) async fn a_client_is_replaced_only_while_its_witness_stands(place: &dyn Place) {
    let store = place.connect().await;
    let (first, witness) = (client("a"), client("w"));
    let off = first.clone().disable(UnixTime::from_secs(5), "leaked", crate::client::DisabledBy::Tenant);
    let gone = Err(ReplaceError::WitnessChanged { id: id("w") });
    store.insert_client(&first).await.unwrap();
    assert_eq!(store.replace_client(&first, &off, &[&witness]).await, gone);
    store.insert_client(&witness).await.unwrap();
    let other = Client { owner: "somebody else".into(), ..witness.clone() };
    assert_eq!(store.replace_client(&first, &off, &[&other]).await, gone);
    assert_eq!(store.client(&id("a")).await, Ok(Some(first.clone())));
    store.replace_client(&first, &off, &[&witness]).await.unwrap();
    assert_eq!(store.client(&id("a")).await, Ok(Some(off)));
    assert_eq!(store.client(&id("w")).await, Ok(Some(witness)));
}

pub(crate) async fn a_client_is_replaced_only_while_all_of_its_witnesses_stand(place: &dyn Place) {
    let store = place.connect().await;
    let (first, witnesses) = (client("a"), [client("v"), client("w")]);
    let next = Client { owner: "somebody else".into(), ..first.clone() };
    for it in [&first, &witnesses[0], &witnesses[1]] {
        store.insert_client(it).await.unwrap();
    }
    for changed in 0..2 {
        let mut given = witnesses.clone();
        given[changed].owner = "somebody else".into();
        let refused = store.replace_client(&first, &next, &[&given[0], &given[1]]).await;
        assert_eq!(refused, Err(ReplaceError::WitnessChanged { id: witnesses[changed].id.clone() }));
        assert_eq!(store.client(&first.id).await, Ok(Some(first.clone())));
    }
    store.replace_client(&first, &next, &[&witnesses[0], &witnesses[1]]).await.unwrap();
    assert_eq!(store.client(&first.id).await, Ok(Some(next)));
}

pub(crate) async fn of_two_that_rest_on_each_other_one_is_replaced(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    for round in 0..20 {
        let pair = [client(&format!("a{round}")), client(&format!("b{round}"))];
        for client in &pair {
            stores[0].insert_client(client).await.unwrap();
        }
        let off = |which: usize| {
            pair[which].clone().disable(
                UnixTime::from_secs(5),
                "no longer needed",
                crate::client::DisabledBy::Tenant,
            )
        };
        let (off_a, off_b) = (off(0), off(1));
        let (on_b, on_a) = ([&pair[1]], [&pair[0]]);
        let (a, b) = tokio::join!(
            stores[0].replace_client(&pair[0], &off_a, &on_b),
            stores[1].replace_client(&pair[1], &off_b, &on_a),
        );
        assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
    }
}

pub(crate) async fn of_many_changes_at_the_same_time_none_is_lost(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    stores[0].insert_client(&client("a")).await.unwrap();
    let mut tasks = JoinSet::new();
    for number in 0..24 {
        let store = Arc::clone(&stores[number % 2]);
        tasks.spawn(async move {
            loop {
                let read = store.client(&id("a")).await.unwrap().unwrap();
                let mut next = read.clone();
                next.tenants.push(format!("t{number}").parse().unwrap());
                match store.replace_client(&read, &next, &[]).await {
                    Ok(()) => break,
                    Err(ReplaceError::Changed { .. }) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let tenants = stores[1].client(&id("a")).await.unwrap().unwrap().tenants;
    assert_eq!(tenants.len(), 1 + 24, "{tenants:?}");
}

pub(crate) async fn of_many_inserts_of_one_id_one_wins(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    let mut tasks = JoinSet::new();
    for number in 0..32 {
        let store = Arc::clone(&stores[number % 2]);
        tasks.spawn(async move {
            let client = Client { owner: number.to_string(), ..client("a") };
            store.insert_client(&client).await.map(|()| client)
        });
    }
    let answers = tasks.join_all().await;
    let won: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
    assert_eq!(won.len(), 1, "{won:?}");
    assert_eq!(stores[0].client(&id("a")).await.unwrap().as_ref(), won.first());
}

pub(crate) async fn many_writers_leave_everything_they_were_told_they_wrote(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    let mut tasks = JoinSet::new();
    for number in 0..400 {
        let store = Arc::clone(&stores[number % 2]);
        tasks.spawn(async move {
            let client = client(&format!("c{number:03}"));
            store.insert_client(&client).await.unwrap();
            // The answer came after the commit: another connection sees it.
            assert_eq!(store.client(&client.id).await.unwrap(), Some(client));
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    assert_eq!(all(&*place.connect().await).await.len(), 400);
}

pub(crate) async fn what_was_answered_is_seen_by_every_process_at_once(place: &dyn Place) {
    let (writes, reads) = (place.connect().await, place.connect().await);
    assert_eq!(reads.clients(None, 10).await, Ok(Vec::new()));
    for number in 0..20 {
        let client = client(&format!("c{number}"));
        writes.insert_client(&client).await.unwrap();
        assert_eq!(reads.client(&client.id).await, Ok(Some(client)));
        let version = writes.replace_keyring((number > 0).then_some(number), &[1]).await.unwrap();
        assert_eq!(reads.keyring().await.unwrap().unwrap().version, version);
    }
}

pub(crate) async fn a_refused_write_leaves_its_neighbours_and_the_counter_alone(place: &dyn Place) {
    let store = place.connect().await;
    store.insert_client(&client("taken")).await.unwrap();
    let before = store.changes(ChangeCounter::START).await.unwrap().counter;
    assert!(store.insert_client(&client("taken")).await.is_err());
    assert!(store.replace_client(&client("none"), &client("none"), &[]).await.is_err());
    assert!(store.replace_keyring(Some(3), b"x").await.is_err());
    assert_eq!(store.changes(before).await.unwrap().counter, before);
    let mut tasks = JoinSet::new();
    for number in 0..100 {
        let store = Arc::clone(&store);
        let name = if number % 2 == 0 { "taken".to_owned() } else { format!("c{number}") };
        tasks.spawn(async move { (number % 2 == 1, store.insert_client(&client(&name)).await) });
    }
    for (new, answer) in tasks.join_all().await {
        assert_eq!(answer.is_ok(), new, "{answer:?}");
    }
    assert_eq!(all(&*store).await.len(), 51);
}

pub(crate) async fn a_keyring_is_replaced_only_by_who_knows_its_version(place: &dyn Place) {
    let (store, other) = (place.connect().await, place.connect().await);
    assert_eq!(store.replace_keyring(Some(1), b"x").await, Err(ReplaceKeyringError::Conflict));
    assert_eq!(store.replace_keyring(None, b"first").await, Ok(1));
    assert_eq!(other.replace_keyring(None, b"second").await, Err(ReplaceKeyringError::Conflict));
    assert_eq!(other.replace_keyring(Some(1), b"").await, Ok(2));
    assert_eq!(store.replace_keyring(Some(1), b"third").await, Err(ReplaceKeyringError::Conflict));
    assert_eq!(store.keyring().await, Ok(Some(SealedKeyring { version: 2, blob: Vec::new() })));
    let bytes: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    assert_eq!(store.replace_keyring(Some(2), &bytes).await, Ok(3));
    assert_eq!(other.keyring().await, Ok(Some(SealedKeyring { version: 3, blob: bytes })));
}

pub(crate) async fn of_many_keyrings_at_the_same_time_one_wins(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    for expected in [None, Some(1), Some(2)] {
        let mut tasks = JoinSet::new();
        for number in 0..16_u8 {
            let store = Arc::clone(&stores[usize::from(number % 2)]);
            tasks.spawn(async move { store.replace_keyring(expected, &[number]).await.map(|_| number) });
        }
        let won: Vec<u8> = tasks.join_all().await.into_iter().filter_map(Result::ok).collect();
        assert_eq!(won.len(), 1, "{won:?}");
        assert_eq!(stores[0].keyring().await.unwrap().unwrap().blob, won);
    }
}

pub(crate) async fn what_is_too_large_is_not_stored(place: &dyn Place) {
    let store = place.connect().await;
    let large = Client { purpose: "x".repeat(256 * 1024), ..client("a") };
    let reason = |refused: Result<(), InsertError>| match refused {
        Err(InsertError::Fault(fault)) => fault.reason(),
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(store.insert_client(&large).await), "store_record_too_large");
    store.insert_client(&client("a")).await.unwrap();
    let refused = store.replace_client(&client("a"), &large, &[]).await;
    assert!(matches!(refused, Err(ReplaceError::Fault(StoreFault::TooLarge { .. }))), "{refused:?}");
    assert_eq!(store.client(&id("a")).await, Ok(Some(client("a"))));
    let refused = store.replace_keyring(None, &vec![1; 256 * 1024 + 1]).await;
    assert!(matches!(refused, Err(ReplaceKeyringError::Fault(StoreFault::TooLarge { .. }))), "{refused:?}");
    assert_eq!(store.keyring().await, Ok(None));
    assert_eq!(store.replace_keyring(None, &vec![1; 256 * 1024]).await, Ok(1));
}

pub(crate) async fn an_issuer_is_written_once(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    let mut tasks = JoinSet::new();
    for number in 0..16_u64 {
        let store = Arc::clone(&stores[usize::from(number % 2 == 0)]);
        tasks.spawn(async move { (identity(number), store.initialise(&identity(number)).await) });
    }
    let answers = tasks.join_all().await;
    let stored = stores[0].identity().await.unwrap().unwrap();
    let won: Vec<_> = answers.iter().filter(|(_, answer)| answer.is_ok()).collect();
    assert!(won.len() == 1 && won[0].0 == stored, "{won:?}");
    let lost = answers.iter().filter_map(|(_, answer)| answer.as_ref().err());
    assert!(lost.clone().count() == 15);
    assert!(lost.into_iter().all(|error| *error == InitialiseError::Taken(Box::new(stored.clone()))));
}

pub(crate) async fn a_store_that_is_well_answers_a_ping(place: &dyn Place) {
    assert_eq!(place.connect().await.ping().await, Ok(()));
}
