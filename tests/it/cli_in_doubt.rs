//! A secret whose store did not answer: it may be good, so it is never thrown away.

use crate::support::{Chancery, Folder, Ran};
use chancery_tests::redis_server::{RedisOptions, RedisServer};

#[test]
fn a_secret_that_may_be_good_stays_in_its_file_when_the_store_does_not_answer() {
    let redis = RedisServer::start(RedisOptions::default());
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder).set("STORE__REDIS", redis.url());
    chancery.run(&["init"]).expect(0);
    let create = |id: &str| {
        let said = ["client", "create", id, "--owner", "team-billing", "--purpose", "mirrors orders"];
        let held = ["--tenant", "acme", "--scope", "orders:read=reads them", "--unbounded", "mirrors all"];
        let out = format!("{id}.secret");
        chancery.run(&[&said[..], &held, &["--expires", "90d", "--out", &out]].concat())
    };
    create("billing").expect(0);
    let in_doubt = |file: &str, run: &dyn Fn() -> Ran| {
        // The Redis answers what only reads, and holds back every write.
        redis.ask(&["CLIENT", "PAUSE", "600000", "WRITE"]);
        let told = run().expect(5);
        redis.ask(&["CLIENT", "UNPAUSE"]);
        assert!(told.err.contains("may have been done all the same"), "{}", told.err);
        assert!(told.err.contains(file), "{}", told.err);
        assert!(folder.read(file).starts_with("chs_test_"));
        assert_eq!(folder.mode(file), 0o600);
    };
    let add = ["client", "secret", "add", "billing", "--out", "second.secret"];
    in_doubt("second.secret", &|| chancery.run(&add));
    in_doubt("admin-2.secret", &|| chancery.run(&["admin", "reset", "--out", "admin-2.secret"]));
    in_doubt("mirror.secret", &|| create("mirror"));
}
