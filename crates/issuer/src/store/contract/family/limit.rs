//! How many families a client may have at once.

use super::*;

/// Families that came this long ago and were never used are lost answers.
const LONG_AGO: UnixTime = UnixTime::from_secs(1_795_305_000);
/// So long a family that is begun is counted whatever becomes of it.
const BEING_BEGUN: Duration = Duration::from_mins(2);

fn at(number: u64, created_at: UnixTime) -> Family {
    let begun = family(number);
    Family { created_at, idle_end: created_at.plus(begun.idle), ..begun }
}

async fn begin(store: &dyn Store, family: &Family, unused_since: UnixTime) -> Result<(), BeginFamilyError> {
    store.begin_family(family, 3, unused_since).await
}

const FULL: Result<(), BeginFamilyError> = Err(BeginFamilyError::TooMany { live: 3 });

pub(crate) async fn r_2_8_a_client_has_at_most_as_many_families_as_it_may(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    let now = NOW.plus(BEING_BEGUN);
    for number in 1..=3 {
        assert_eq!(begin(&*stores[0], &at(number, NOW), LONG_AGO).await, Ok(()));
    }
    for store in &stores {
        assert_eq!(begin(&**store, &at(4, now), LONG_AGO).await, FULL);
        assert_eq!(store.family(family_id(4)).await, Ok(None));
    }
    // Others are counted apart.
    let other_tenant = Family { tenant: "globex".parse().unwrap(), ..at(5, now) };
    let other_client = Family { client: id("invoice"), tenant: "reporter".parse().unwrap(), ..at(6, now) };
    assert_eq!(begin(&*stores[0], &other_tenant, LONG_AGO).await, Ok(()));
    assert_eq!(begin(&*stores[0], &other_client, LONG_AGO).await, Ok(()));
    // One that is over is not counted.
    stores[1].end_family(family_id(2), WhyEnded::Revoked, now).await.unwrap();
    assert_eq!(begin(&*stores[0], &at(4, now), LONG_AGO).await, Ok(()));
    assert_eq!(begin(&*stores[0], &at(7, now), LONG_AGO).await, FULL);
    assert_eq!(stores[0].begin_family(&at(7, now), 4, LONG_AGO).await, Ok(()), "it may have more now");
    assert_eq!(begin(&*stores[0], &at(8, now), LONG_AGO).await, Err(BeginFamilyError::TooMany { live: 4 }));
    assert!(stores[0].begin_family(&at(9, now), 0, LONG_AGO).await.is_err());
}

pub(crate) async fn r_2_8_one_that_lay_unused_for_too_long_is_not_counted(place: &dyn Place) {
    let store = place.connect().await;
    for number in 1..=3 {
        begin(&*store, &at(number, NOW), LONG_AGO).await.unwrap();
    }
    let client = family(1).client;
    let almost = later(14 * 86_400 - 1);
    advanced(&*store, 2, &shown(0, &client), almost).await;
    assert_eq!(begin(&*store, &at(4, almost), LONG_AGO).await, FULL);
    let idle = later(14 * 86_400);
    for number in 5..=6 {
        assert_eq!(begin(&*store, &at(number, idle), LONG_AGO).await, Ok(()));
    }
    assert_eq!(begin(&*store, &at(7, idle), LONG_AGO).await, FULL, "the one that was used lives on");
}

pub(crate) async fn r_2_8_lost_answers_do_not_eat_a_clients_families(place: &dyn Place) {
    let store = place.connect().await;
    let client = family(1).client;
    for number in 1..=3 {
        begin(&*store, &at(number, later(number)), LONG_AGO).await.unwrap();
    }
    // Families whose answer was lost: however many of them, there is room for the next one.
    advanced(&*store, 1, &shown(0, &client), later(5)).await;
    for number in 4..=20 {
        let now = later(number * 600);
        let recent = now.minus(Duration::from_mins(5));
        assert_eq!(begin(&*store, &at(number, now), recent).await, Ok(()), "{number}");
        assert_eq!(
            store.family(family_id(number)).await.unwrap().map(|family| family.id),
            Some(family_id(number))
        );
    }
    // The oldest went, in silence; what was used stays.
    let there = async |number| store.family(family_id(number)).await.unwrap().is_some();
    assert!(there(1).await && there(19).await && there(20).await);
    assert!(!there(2).await && !there(18).await);
    assert_eq!(store.ended_families(10).await, Ok(Vec::new()));
    let now = later(20 * 600 + 1);
    assert_eq!(begin(&*store, &at(21, now), later(18 * 600)).await, FULL, "these may be on their way");
    for number in 19..=20 {
        advanced(&*store, number, &shown(0, &client), now).await;
    }
    assert_eq!(begin(&*store, &at(21, later(99_999)), later(99_999)).await, FULL, "all of them are in use");
}

pub(crate) async fn r_2_8_of_many_that_begin_at_the_same_time_no_more_than_that_do(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await, place.connect().await];
    let mut tasks = JoinSet::new();
    for (number, store) in (0..30).zip(stores.iter().cycle().cloned()) {
        tasks.spawn(async move { begin(&*store, &at(number, NOW), LONG_AGO).await });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3, "{answers:?}");
    let mut there = 0;
    for number in 0..30 {
        there += usize::from(stores[0].family(family_id(number)).await.unwrap().is_some());
    }
    assert_eq!(there, 3);
}

pub(crate) async fn the_families_that_live_are_those_that_are_counted(place: &dyn Place) {
    let stores = [place.connect().await, place.connect().await];
    let (client, tenant) = (family(1).client, family(1).tenant);
    let live = async |store: &dyn Store, now| {
        let mut live = store.live_families(&client, &tenant, now).await.unwrap();
        live.sort_by_key(|family| family.id);
        live
    };
    assert_eq!(live(&*stores[0], NOW).await, []);
    for number in 1..=5 {
        begun(&*stores[0], &at(number, NOW)).await;
    }
    begun(&*stores[0], &Family { tenant: "globex".parse().unwrap(), ..at(6, NOW) }).await;
    begun(&*stores[0], &Family { client: id("other"), ..at(7, NOW) }).await;
    stores[1].end_family(family_id(2), WhyEnded::Revoked, later(1)).await.unwrap();
    let (before, decision) = advanced(&*stores[1], 3, &shown(0, &client), later(600)).await;
    let third = left(&before, &decision);
    let mut expected = vec![at(1, NOW), third.clone(), at(4, NOW), at(5, NOW)];
    expected.sort_by_key(|family| family.id);
    for store in &stores {
        assert_eq!(live(&**store, later(601)).await, expected);
        assert_eq!(
            live(&**store, later(14 * 86_400)).await,
            std::slice::from_ref(&third),
            "the others lay unused"
        );
    }
}
