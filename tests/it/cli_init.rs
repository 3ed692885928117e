use crate::support::{Chancery, Folder, Http, Server};

#[test]
fn init_writes_what_serve_starts_from() {
    for example in [&["--example", "documint"][..], &[]] {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder);
        let mut words = vec!["init", "--json"];
        words.extend(example);
        let written = chancery.run(&words).expect(0).json();
        assert_eq!(written["issuer"], "http://127.0.0.1:8420");
        assert_eq!(folder.mode("keys/master.key"), 0o600);
        assert_eq!(folder.mode(".chancery/store.db"), 0o600);
        assert_eq!(folder.mode(".chancery/admin.secret"), 0o600);
        chancery.run(&["serve", "--check"]).expect(0);
        let server = Server::start(&chancery);
        let metadata = Http::new().get(&server.at("/.well-known/oauth-authorization-server"));
        assert_eq!(metadata.body["issuer"], "http://127.0.0.1:8420");
    }
}

#[test]
fn init_overwrites_nothing_and_writes_nothing_beside_it() {
    for existing in
        ["chancery.toml", "catalog.toml", "keys/master.key", ".chancery/store.db", ".chancery/admin.secret"]
    {
        let folder = Folder::new();
        folder.write(existing, "mine");
        let ran = Chancery::in_folder(&folder).run(&["init", "--example", "documint"]).expect(2);
        assert!(ran.err.contains(existing), "{ran:?}");
        assert_eq!((folder.read(existing), folder.files().len()), ("mine".to_owned(), 1));
    }
}

#[test]
fn init_says_what_is_wrong_with_its_arguments_and_leaves_no_half_of_it() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    let ran = chancery.run(&["init", "--url", "http://auth.example.com/?x"]).expect(3);
    assert!(ran.err.contains("url"), "{ran:?}");
    assert!(folder.files().is_empty(), "{:?}", folder.files());
    chancery.run(&["init", "--environment", "prod"]).expect(2);
}

#[test]
fn init_makes_a_folder_elsewhere() {
    let folder = Folder::new();
    let chancery = Chancery::in_folder(&folder);
    chancery
        .run(&["init", "--dir", "a/b", "--url", "https://auth.example.com", "--environment", "live"])
        .expect(0);
    assert!(folder.read("a/b/chancery.toml").contains("environment = \"live\""));
    chancery.run(&["serve", "--check", "--config", "a/b/chancery.toml"]).expect(0);
    assert_eq!(folder.mode("a/b/keys/master.key"), 0o600);
}
