//! The list of clients: a part of it at a time, and what cannot be read named instead of in the way.

use super::world::{ALL, World, acting, admin, bounded, name, reason, service};
use crate::admin::{Authority, ClientFilter, ListedClients};

const BY: Authority = Authority::MasterKey;

fn ids(listed: &ListedClients) -> Vec<&str> {
    listed.clients.iter().map(|client| client.id.as_str()).collect()
}

#[tokio::test]
async fn a_list_is_read_part_by_part_and_its_end_is_known() {
    let world = World::new().await;
    for number in 0..20 {
        let mut draft = service(&format!("c{number:02}"));
        draft.owner = Some(if number % 4 == 0 { "team-four" } else { "others" }.to_owned());
        world.create(draft).await;
    }
    let desk = world.desk();
    let team = ClientFilter { owner: Some("team-four".into()), ..ClientFilter::default() };
    let all = desk.clients(&BY, &team, None, 100).await.unwrap();
    assert_eq!((ids(&all), &all.next), (vec!["c00", "c04", "c08", "c12", "c16"], &None));
    for limit in 1..=6 {
        let (mut seen, mut after) = (Vec::new(), None::<String>);
        loop {
            let part = desk.clients(&BY, &team, after.as_deref(), limit).await.unwrap();
            assert!(part.clients.len() <= limit && (part.next.is_none() || part.clients.len() == limit));
            seen.extend(ids(&part).into_iter().map(str::to_owned));
            match part.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        assert_eq!(seen, ids(&all), "in parts of {limit}");
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_named_to_whoever_sees_all_and_hides_no_other() {
    let world = World::new().await;
    let root = world.admin(admin("root", "chancery", &ALL)).await;
    let of_tenant = world.admin(admin("of-acme", "acme", &ALL)).await;
    let narrow = bounded(admin("narrow", "chancery", &["clients:read"]), r#"{"owner":["team-billing"]}"#);
    let narrow = world.admin(narrow).await;
    for id in ["a", "b", "c"] {
        world.create(service(id)).await;
    }
    world.break_record("b");
    let desk = world.desk();
    let everything = ClientFilter::default();
    for (by, sees, names) in [
        (&BY, vec!["a", "c", "narrow", "of-acme", "root"], vec!["b"]),
        (&root, vec!["a", "c", "narrow", "of-acme", "root"], vec!["b"]),
        (&of_tenant, vec!["a", "c", "of-acme"], vec![]),
        (&narrow, vec!["a", "c"], vec![]),
    ] {
        let listed = desk.clients(by, &everything, None, 100).await.unwrap();
        assert_eq!(ids(&listed), sees);
        let named: Vec<&str> = listed.unreadable.iter().map(|unreadable| &*unreadable.id).collect();
        assert_eq!(named, names);
        assert!(listed.unreadable.iter().all(|it| it.fault.reason() == "store_unreadable"));
    }
    // It is a place of its own.
    let part = desk.clients(&BY, &everything, None, 2).await.unwrap();
    assert_eq!((ids(&part), part.unreadable.len(), part.next.as_deref()), (vec!["a"], 1, Some("b")));
    let rest = desk.clients(&BY, &everything, Some("b"), 100).await.unwrap();
    assert_eq!((ids(&rest)[0], rest.unreadable.len()), ("c", 0));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_keeps_nobody_from_administering_and_counts_as_no_administrator() {
    let world = World::new().await;
    for id in ["ada", "bea", "zoe"] {
        world.create(admin(id, "chancery", &ALL)).await;
    }
    world.create(service("x")).await;
    world.break_record("x");
    world.break_record("bea");
    let desk = world.desk();
    assert_eq!(reason(desk.disable_client(&BY, &name("ada"), "no longer needed").await), "done");
    assert_eq!(reason(desk.disable_client(&BY, &name("zoe"), "no longer needed").await), "last_admin");
    let zoe = acting(world.stored("zoe").await);
    assert_eq!(reason(desk.client(&zoe, &name("x")).await), "store_unreadable");
}
