use super::*;
use crate::store::contract::{append, begun, client, empty_log, family, held, identity, kill, stored};
use crate::store::{RedisFault, StoreFault};

#[tokio::test]
async fn r_10_5_a_later_layout_is_refused_also_while_it_is_in_use() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.initialise(&identity(1)).await.unwrap();
    store.insert_client(&client("a")).await.unwrap();
    server.ask(&["HSET", "{chancery}:store", "layout", "4"]);
    let refused = RedisStore::open(&settings(&server)).await.unwrap_err();
    assert!(matches!(&refused, RedisFault::Newer { found, .. } if found == "4"), "{refused}");
    assert!(refused.to_string().contains("layout 4, and this program knows layout 3"), "{refused}");
    let fault = store.client(&"a".parse().unwrap()).await.unwrap_err();
    assert_eq!(fault.reason(), "store_unreadable");
    assert!(store.insert_client(&client("b")).await.is_err());
}

#[tokio::test]
async fn r_10_5_a_store_of_an_earlier_layout_is_taken_to_this_one() {
    for earlier in ["1", "2"] {
        let server = RedisServer::start(RedisOptions::default());
        let store = open(&server).await;
        store.initialise(&identity(1)).await.unwrap();
        store.insert_client(&client("a")).await.unwrap();
        store.replace_keyring(None, b"sealed").await.unwrap();
        server.ask(&["HSET", "{chancery}:store", "layout", earlier]);
        // Whoever does not know the step yet refuses what is there.
        let fault = store.client(&"a".parse().unwrap()).await.unwrap_err();
        assert!(matches!(fault, StoreFault::Unreadable { .. }), "{fault}");
        let (one, two) = (settings(&server), settings(&server));
        let (one, two) = tokio::join!(RedisStore::open(&one), RedisStore::open(&two));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(server.ask(&["HGET", "{chancery}:store", "layout"]).text(), "3");
        assert_eq!(contract::all(&one).await, [client("a")]);
        assert_eq!(two.keyring().await.unwrap().unwrap().blob, b"sealed");
        assert_eq!(two.identity().await, Ok(Some(identity(1))));
        let log = empty_log(7);
        one.begin_log(None, &stored(&log)).await.unwrap();
        append(&one, &log, &[kill(1)]).await;
        assert_eq!(held(&two).await.2.len(), 1);
        begun(&two, &family(1)).await;
        assert_eq!(one.family(family(1).id).await, Ok(Some(family(1))));
    }
}

#[tokio::test]
async fn r_10_5_the_layout_is_written_with_the_first_write_whatever_it_is() {
    let server = RedisServer::start(RedisOptions::default());
    let store = open(&server).await;
    store.begin_log(None, &stored(&empty_log(7))).await.unwrap();
    assert_eq!(server.ask(&["HGET", "{chancery}:store", "layout"]).text(), "3");
    assert!(open(&server).await.log_tail().await.unwrap().is_some());
}
