//! How a session comes to be.

use super::text;
use crate::office::{Office, SECRET, Scratch, setup, world_at};
use chancery_client::{
    AuthorizationServer, Binding, Credentials, ErrorKind, InvalidSetup, Phase, Replace, Secret, Session,
    SessionError, Setup, TokenRequest,
};

#[tokio::test]
async fn one_in_memory_begins_at_its_first_token() {
    let office = Office::start().await;
    let session = office.session();
    assert!(office.asked().is_empty() && session.standing().state == Phase::New);
    assert_eq!(text(&session).await, "token-1");
    assert!(matches!(session.standing().state, Phase::Live { refreshes: true, .. }));
}

#[tokio::test]
async fn one_in_a_file_begins_at_once_and_is_opened_without_asking() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    assert_eq!(office.grants_asked(), ["client_credentials"]);
    assert_eq!(text(&session).await, "token-1");
    let opened = office.opened(&scratch.file());
    assert_eq!(text(&opened).await, "token-1");
    assert_eq!(office.asked().len(), 1);
    assert_eq!(opened.standing().state, session.standing().state);
}

#[tokio::test]
async fn a_wrong_set_up_is_told_at_the_beginning_and_leaves_nothing_behind() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    office.says(401, &[], r#"{"error":"invalid_client","reason":"client_authentication_failed"}"#);
    let begun = office.begins(&scratch, Replace::No).await;
    let error = begun.unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Permanent, "client_authentication_failed"));
    assert!(!scratch.file().exists());
    let opened = Session::open(&scratch.file(), office.world()).unwrap_err();
    assert!(
        matches!(&opened, SessionError::NoSession { file: Some(file) } if *file == scratch.file()),
        "{opened}"
    );
}

#[tokio::test]
async fn a_session_that_is_there_is_replaced_only_by_who_says_so() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let old = office.session_in(&scratch.file()).await;
    let again = |replace| office.begins(&scratch, replace);
    let error = again(Replace::No).await.unwrap_err();
    assert_eq!(error.reason(), "session_exists");
    assert_eq!(office.asked().len(), 1, "nobody was asked");
    let new = again(Replace::Yes).await.unwrap();
    assert_eq!((text(&new).await, text(&old).await), ("token-2".to_owned(), "token-1".to_owned()));
    // The old handle goes on with what the file holds by now.
    office.pass(870);
    new.token().await.unwrap();
    assert_eq!(text(&old).await, text(&new).await);
    assert_eq!(office.asked().len(), 3);
}

#[tokio::test]
async fn a_damaged_file_is_an_error_and_stays_until_it_is_replaced() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    office.session_in(&scratch.file()).await;
    let damaged = scratch.content().replace('}', "");
    std::fs::write(scratch.file(), &damaged).unwrap();
    let again = |replace| office.begins(&scratch, replace);
    assert_eq!(again(Replace::No).await.unwrap_err().reason(), "session_file_corrupt");
    assert_eq!(Session::open(&scratch.file(), office.world()).unwrap_err().reason(), "session_file_corrupt");
    assert_eq!(scratch.content(), damaged);
    again(Replace::Yes).await.unwrap();
    assert_eq!(text(&office.opened(&scratch.file())).await, "token-2");
    std::fs::write(scratch.file(), "[1,2,3]").unwrap();
    assert_eq!(again(Replace::Yes).await.unwrap_err().reason(), "session_file_foreign");
    assert_eq!(scratch.content(), "[1,2,3]", "what is somebody else's is replaced by nobody");
}

#[tokio::test]
async fn who_cannot_begin_by_himself_or_names_no_issuer_has_no_session() {
    let office = Office::start().await;
    let of = |setup| Session::in_memory(setup, world_at(office.clock())).unwrap_err();
    let public = Setup { credentials: Credentials::Public, ..setup(&office.url) };
    assert_eq!(of(public), InvalidSetup::Public);
    let endpoint = AuthorizationServer::token_endpoint(&format!("{}/oauth2/token", office.url)).unwrap();
    assert_eq!(of(Setup { issuer: endpoint, ..setup(&office.url) }), InvalidSetup::NotAnIssuer);
}

#[tokio::test]
async fn an_issuer_that_secrets_must_not_travel_to_is_asked_for_nothing() {
    for url in ["http://auth.example.com", "https://user:word@auth.example.com", "https://auth.example.com?a"]
    {
        let issuer = AuthorizationServer::Issuer(url.parse().unwrap());
        let office = Office::start().await;
        let by_hand = Setup { issuer, ..setup(&office.url) };
        let error = Session::in_memory(by_hand, office.world()).unwrap_err();
        assert!(matches!(error, InvalidSetup::Url(_)), "{url}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_eight_workers_that_start_at_once_one_begins_the_session() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let (office, file) = (office.clone(), scratch.file());
            tokio::spawn(async move {
                Session::open_or_begin(&file, setup(&office.url), office.world()).await.unwrap().token().await
            })
        })
        .collect();
    for worker in workers {
        assert_eq!(worker.await.unwrap().unwrap().expose(), "token-1");
    }
    assert_eq!(office.asked().len(), 1);
}

#[tokio::test]
async fn a_program_with_another_set_up_does_not_go_on_with_the_old_session() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    office.session_in(&scratch.file()).await;
    let open = |setup| {
        let (file, world) = (scratch.file(), office.world());
        async move { Session::open_or_begin(&file, setup, world).await }
    };
    open(setup(&office.url)).await.unwrap();
    let before = scratch.content();
    for other in [
        Setup { client_id: "another".parse().unwrap(), ..setup(&office.url) },
        Setup { request: TokenRequest::new().resource("https://api.example"), ..setup(&office.url) },
        Setup { binding: Binding::Bearer, ..setup(&office.url) },
    ] {
        assert_eq!(open(other).await.unwrap_err().reason(), "session_of_another_setup");
    }
    assert_eq!((scratch.content(), office.asked().len()), (before, 1));
    // A secret is rolled out: that is the same session.
    let rolled = Credentials::Secret(Secret::new("chs_test_the-next-one"));
    let session = open(Setup { credentials: rolled, ..setup(&office.url) }).await.unwrap();
    assert_eq!(text(&session).await, "token-1");
    assert!(scratch.content().contains("chs_test_the-next-one") && !scratch.content().contains(SECRET));
    office.ends_everything();
    office.pass(900);
    session.token().await.unwrap_err();
    let session = open(setup(&office.url)).await.unwrap();
    assert_eq!(session.token().await.unwrap_err().reason(), "session_revoked", "nobody begins it again");
}

#[tokio::test]
async fn a_machine_without_certificates_is_told_as_that_and_speaks_with_itself_all_the_same() {
    if !is_child() {
        let name = "session::begins::a_machine_without_certificates_is_told_as_that_and_speaks_with_itself_all_the_same";
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", name, "--nocapture"]).env(CHILD, "1");
        child.env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent");
        let output = child.output().unwrap();
        return assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let (office, scratch) = (Office::start().await, Scratch::new());
    let elsewhere = setup("https://127.0.0.1:1");
    let begun = Session::begin(&scratch.file(), elsewhere.clone(), Replace::No, office.world()).await;
    let opened = Session::open_or_begin(&scratch.file(), elsewhere, office.world()).await;
    for error in [begun.unwrap_err(), opened.unwrap_err()] {
        assert_eq!((error.kind(), error.reason()), (ErrorKind::Permanent, "session_setup"), "{error}");
        assert!(error.to_string().contains("certificates"), "{error}");
    }
    office.session_in(&scratch.file()).await;
    let content = scratch.content().replace(&office.url, "https://127.0.0.1:1");
    std::fs::write(scratch.file(), &content).unwrap();
    office.pass(900);
    let error = office.opened(&scratch.file()).token().await.unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Permanent, "session_setup"), "{error}");
    assert_eq!(scratch.content(), content);
}

/// Says to a process that it is a child of a test.
const CHILD: &str = "CHANCERY_TEST_WITHOUT_CERTIFICATES";

#[expect(
    clippy::disallowed_methods,
    reason = "a child of a test is told its work so: its arguments are the harness's"
)]
fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

#[tokio::test]
async fn r08_no_secret_shows_in_debug_in_errors_or_in_what_is_told_of_it() {
    let (office, scratch) = (Office::start().await, Scratch::new());
    let session = office.session_in(&scratch.file()).await;
    let token = session.token().await.unwrap();
    let url = "https://api.example/a".parse().unwrap();
    let authorization = session.authorize(&token, "GET", &url, None).unwrap();
    let setup = Setup { binding: Binding::Bearer, ..setup(&office.url) };
    let standing = serde_json::to_string(&session.standing()).unwrap();
    let shown =
        format!("{session:?} {token:?} {authorization:?} {setup:?} {:?} {standing}", session.standing());
    let content: serde_json::Value = serde_json::from_str(&scratch.content()).unwrap();
    let key = content["dpop_key"].as_str().unwrap();
    for secret in [SECRET, "token-1", "refresh-0-0", key] {
        assert!(scratch.content().contains(secret), "{secret} is kept");
        assert!(!shown.contains(secret), "{secret} shows in {shown}");
    }
}
