//! How issuers learn what changed.

use super::*;

pub(crate) async fn changes_name_what_changed_and_nothing_else(place: &dyn Place) {
    let (store, other) = (place.connect().await, place.connect().await);
    store.initialise(&identity(1)).await.unwrap();
    for name in ["a", "b", "c"] {
        store.insert_client(&client(name)).await.unwrap();
    }
    let seen = other.changes(ChangeCounter::START).await.unwrap();
    let ChangedClients::These(mut ids) = seen.clients else { panic!("{seen:?}") };
    ids.sort();
    assert!(ids == [id("a"), id("b"), id("c")] && !seen.keyring, "{ids:?}");

    store
        .replace_client(
            &client("b"),
            &client("b").disable(UnixTime::from_secs(1), "leaked", crate::client::DisabledBy::Tenant),
            &[],
        )
        .await
        .unwrap();
    let next = other.changes(seen.counter).await.unwrap();
    assert!(next.counter > seen.counter);
    assert_eq!((&next.clients, next.keyring), (&ChangedClients::These(vec![id("b")]), false));

    store.replace_keyring(None, b"x").await.unwrap();
    let last = other.changes(next.counter).await.unwrap();
    assert_eq!((&last.clients, last.keyring), (&ChangedClients::These(Vec::new()), true));
    let quiet = Changes { counter: last.counter, clients: ChangedClients::These(Vec::new()), keyring: false };
    assert_eq!(other.changes(last.counter).await, Ok(quiet));
}

pub(crate) async fn too_many_changes_are_answered_as_all(place: &dyn Place) {
    let store = place.connect().await;
    let mut tasks = JoinSet::new();
    for number in 0..1001 {
        let store = Arc::clone(&store);
        tasks.spawn(async move { store.insert_client(&client(&format!("c{number}"))).await });
    }
    assert!(tasks.join_all().await.iter().all(Result::is_ok));
    let changes = store.changes(ChangeCounter::START).await.unwrap();
    assert_eq!(changes.clients, ChangedClients::All);
    assert_eq!(store.changes(changes.counter).await.unwrap().clients, ChangedClients::These(Vec::new()));
}

pub(crate) async fn a_counter_from_the_future_means_that_everything_changed(place: &dyn Place) {
    let store = place.connect().await;
    store.insert_client(&client("a")).await.unwrap();
    let now = store.changes(ChangeCounter::START).await.unwrap().counter;
    let changes = store.changes(ChangeCounter(now.0 + 1)).await.unwrap();
    assert_eq!(changes, Changes { counter: now, clients: ChangedClients::All, keyring: true });
}
