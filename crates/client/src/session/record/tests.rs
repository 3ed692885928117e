use super::*;
use crate::binding::Binding;
use crate::credentials::ClientKey;
use crate::secret::Secret;
use serde_json::{Value, json};

/// Stands in every secret of a sample, and nowhere else.
const MARK: &str = "hunter2";

pub(crate) const OBTAINED: UnixTime = UnixTime::from_secs(1_795_305_600);
const EXPIRES: UnixTime = UnixTime::from_secs(1_795_306_500);

/// A live session whose access token ends with `text`.
pub(crate) fn sample(text: &str) -> Record {
    Record {
        terms: Terms {
            issuer: Url::parse("https://auth.example.com/t").unwrap(),
            client_id: "summarizer".parse().unwrap(),
            credentials: Credentials::Secret(Secret::new(format!("chs_live_{MARK}"))),
            request: TokenRequest::new()
                .scopes(["documents:read".parse().unwrap(), "documents:list".parse().unwrap()])
                .resource("https://documents.example.com")
                .tenant("acme".parse().unwrap()),
            proof: Proof::Bearer,
            origin: Origin::Begun,
        },
        state: State::Live(tokens(text)),
    }
}

/// What stands behind the mark in the access token of a sample.
pub(crate) fn text_of(record: &Record) -> &str {
    match &record.state {
        State::Live(tokens) | State::Ending(tokens) => {
            tokens.access.expose().strip_prefix(&format!("at-{MARK}-")).unwrap()
        }
        State::Ended { .. } => panic!("a session that ended has no token"),
    }
}

fn tokens(text: &str) -> Tokens {
    let (token, scope) = (Zeroizing::new(format!("at-{MARK}-{text}")), Some("documents:read".to_owned()));
    Tokens {
        access: AccessToken::received(token, (OBTAINED, EXPIRES), scope, Binding::Bearer),
        refresh: Some(RefreshToken {
            text: Zeroizing::new(format!("chr_live_{MARK}")),
            expires_at: Some(EXPIRES.plus(std::time::Duration::from_hours(24))),
        }),
    }
}

/// The sample as it is written, to be changed.
fn written() -> Value {
    serde_json::from_slice(&sample("1").write()).unwrap()
}

fn with(changes: &[(&str, Value)]) -> Vec<u8> {
    let mut document = written();
    for (name, value) in changes {
        document[*name] = value.clone();
    }
    serde_json::to_vec(&document).unwrap()
}

fn without(names: &[&str]) -> Vec<u8> {
    let mut document = written();
    for name in names {
        document.as_object_mut().unwrap().remove(*name).unwrap();
    }
    serde_json::to_vec(&document).unwrap()
}

fn wrong(content: &[u8]) -> &'static str {
    match Record::read(content) {
        Err(Unfit::Corrupt(FileDamage::Member(name))) => name,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_record_is_written_as_documented() {
    let expected = r#"{"chancery_session":1,"issuer":"https://auth.example.com/t","client_id":"summarizer","authentication":{"secret":"chs_live_hunter2"},"request":{"scopes":["documents:list","documents:read"],"resource":"https://documents.example.com","tenant":"acme"},"refresh_token":"chr_live_hunter2","refresh_expires_at":1795392900,"access_token":"at-hunter2-1","expires_at":1795306500,"obtained_at":1795305600,"scope":"documents:read"}
"#;
    assert_eq!(str::from_utf8(&sample("1").write()).unwrap(), expected);
}

#[test]
fn whatever_a_session_can_be_is_read_as_it_was_written() {
    let key = SecretKey::from_seed(&[7; 32]);
    let states = [
        State::Live(tokens("1")),
        State::Live(Tokens { refresh: None, ..tokens("1") }),
        State::Live(Tokens {
            refresh: Some(RefreshToken { text: Zeroizing::new("r".to_owned()), expires_at: None }),
            ..tokens("1")
        }),
        State::Ending(tokens("1")),
        State::Ended { reason: "refresh_token_ended".to_owned(), at: OBTAINED },
    ];
    let credentials = [
        Credentials::Secret(Secret::new("a secret of \"others\" \\ \u{e9}")),
        Credentials::Key(ClientKey::new(SecretKey::from_seed(&[9; 32]))),
        Credentials::Public,
    ];
    for state in states {
        for credentials in credentials.clone() {
            for proof in [Proof::Bearer, Proof::Dpop(key.clone())] {
                for origin in [Origin::Begun, Origin::Delegated] {
                    let mut record = sample("1");
                    record.terms.credentials = credentials.clone();
                    record.terms.proof = proof.clone();
                    record.terms.origin = origin;
                    record.state = state.clone();
                    let content = record.write();
                    let read = Record::read(&content).unwrap();
                    assert_eq!(*read.write(), *content);
                    assert_eq!(format!("{:?}", read.terms), format!("{:?}", record.terms));
                }
            }
        }
    }
}

#[test]
fn a_key_stays_the_same_key_and_binds_the_token() {
    let mut record = sample("1");
    record.terms.proof = Proof::Dpop(SecretKey::from_seed(&[7; 32]));
    let read = Record::read(&record.write()).unwrap();
    let (Proof::Dpop(key), State::Live(tokens)) = (&read.terms.proof, &read.state) else {
        panic!("{read:?}")
    };
    assert_eq!(*key.seed(), [7; 32]);
    assert_eq!(tokens.access.binding(), Binding::Dpop);
    assert_eq!(tokens.access.key().map(|key| *key.seed()), Some([7; 32]));
}

#[test]
fn r08_a_record_is_printed_without_its_secrets() {
    let mut record = sample("1");
    record.terms.proof = Proof::Dpop(SecretKey::from_seed(&[7; 32]));
    let printed = format!("{record:?}");
    assert!(!printed.contains(MARK), "{printed}");
    assert!(!printed.contains("BwcH") && !printed.contains("7, 7"), "{printed}");
    assert!(printed.contains("summarizer"), "{printed}");
}

#[test]
fn combinations_that_cannot_be_are_refused_by_the_name_of_the_member() {
    let ended = json!({"reason": "refresh_token_ended", "at": 1});
    assert_eq!(wrong(&with(&[("ended", ended.clone())])), "ended");
    assert_eq!(wrong(&without(&["access_token"])), "access_token");
    assert_eq!(wrong(&without(&["obtained_at"])), "obtained_at");
    assert_eq!(wrong(&without(&["expires_at"])), "expires_at");
    assert_eq!(wrong(&without(&["refresh_token"])), "refresh_expires_at");
    assert_eq!(wrong(&with(&[("obtained_at", json!(1_795_306_501))])), "expires_at");
    for name in ["access_token", "refresh_token", "expires_at", "obtained_at", "refresh_expires_at", "scope"]
    {
        let mut document = written();
        let others =
            ["access_token", "refresh_token", "expires_at", "obtained_at", "refresh_expires_at", "scope"];
        for other in others.iter().filter(|other| **other != name) {
            document.as_object_mut().unwrap().remove(*other).unwrap();
        }
        document["ended"] = ended.clone();
        assert_eq!(wrong(&serde_json::to_vec(&document).unwrap()), "ended", "{name}");
    }
    let mut over = sample("1");
    over.state = State::Ended { reason: "r".to_owned(), at: OBTAINED };
    let mut over: Value = serde_json::from_slice(&over.write()).unwrap();
    over["ending"] = json!(true);
    assert_eq!(wrong(&serde_json::to_vec(&over).unwrap()), "ended");
}

#[test]
fn values_that_no_session_of_ours_has_are_refused_by_the_name_of_the_member() {
    let short = "A".repeat(42);
    for (name, value) in [
        ("issuer", json!("http://auth.example.com")),
        ("issuer", json!("https://user:password@auth.example.com")),
        ("issuer", json!("nowhere")),
        ("authentication", json!({"secret": ""})),
        ("authentication", json!({"private_key": short})),
        ("dpop_key", json!(short)),
        ("dpop_key", json!("")),
        ("access_token", json!("")),
        ("access_token", json!("a b")),
        ("access_token", json!("a\r\nX-Header: b")),
        ("refresh_token", json!("")),
    ] {
        assert_eq!(wrong(&with(&[(name, value.clone())])), name, "{value}");
    }
}

#[test]
fn a_member_of_another_kind_is_told_by_its_place_alone() {
    for (name, value) in [
        ("client_id", json!("a:b")),
        ("authentication", json!("secret")),
        ("authentication", json!({"password": MARK})),
        ("authentication", json!({"secret": MARK, "private_key": MARK})),
        ("request", json!({"scopes": [MARK]})),
        ("request", json!({"audience": MARK})),
        ("access_token", json!({"text": MARK})),
        ("expires_at", json!(MARK)),
        ("expires_at", json!(-1)),
        ("expires_at", json!(1.5)),
        ("delegated", json!(MARK)),
        ("hunter2", json!(MARK)),
    ] {
        let told = Record::read(&with(&[(name, value.clone())])).unwrap_err();
        assert!(matches!(told, Unfit::Corrupt(FileDamage::Shape { .. })), "{name} {value}: {told:?}");
        assert!(!format!("{told:?}").contains(MARK), "{told:?}");
    }
    for name in ["issuer", "client_id", "authentication", "request"] {
        let told = Record::read(&without(&[name])).unwrap_err();
        assert!(matches!(told, Unfit::Corrupt(FileDamage::Shape { .. })), "{name}: {told:?}");
    }
    let twice = br#"{"chancery_session":1,"issuer":"https://a.example","issuer":"https://b.example"}"#;
    assert!(matches!(Record::read(twice), Err(Unfit::Corrupt(FileDamage::Shape { .. }))));
}

#[test]
fn damage_is_told_with_line_and_column() {
    let told = |content: &[u8]| match Record::read(content) {
        Err(Unfit::Corrupt(damage)) => damage.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(told(b"{\n  \"chancery_session\": 1,\n  \"issuer\" 5}"), "it is no JSON at line 3, column 12");
    assert_eq!(told(b"{\"chancery_session\":1,\"issuer\":"), "it ends at line 1, column 31");
    assert_eq!(told(b""), "it ends at line 1, column 1");
    assert_eq!(told(b" \n"), "it ends at line 1, column 1");
    assert!(told(b"{\"chancery_session\":1,\n\"x\":1}").starts_with("at line 2, column "));
    assert_eq!(told(&without(&["access_token"])), "its member \"access_token\" says what cannot be");
}

#[test]
fn what_others_wrote_is_foreign_and_what_we_wrote_otherwise_is_of_another_version() {
    for foreign in
        ["{}", "[1]", "17", "\"text\"", "hello", "-----BEGIN PRIVATE KEY-----", "{\"a\":{\"b\":[]}}"]
    {
        assert_eq!(Record::read(foreign.as_bytes()).unwrap_err(), Unfit::Foreign, "{foreign}");
    }
    for other in ["null", "\"1\"", "-1", "1.5", "[1]"] {
        let content = format!("{{\"chancery_session\":{other}}}");
        assert_eq!(Record::read(content.as_bytes()).unwrap_err(), Unfit::Foreign, "{other}");
    }
    for version in [0, 2, u64::MAX] {
        let content = format!("{{\"chancery_session\":{version},\"whatever\":{{\"it\":[\"holds\"]}}}}");
        assert_eq!(Record::read(content.as_bytes()).unwrap_err(), Unfit::OtherVersion(version));
    }
}

#[test]
fn a_file_that_is_cut_off_or_changed_anywhere_is_refused_or_read_and_never_quoted() {
    let content = sample("1").write();
    for end in 0..content.len() - 2 {
        let told = Record::read(&content[..end]).unwrap_err();
        assert!(matches!(told, Unfit::Corrupt(FileDamage::CutOff { .. })), "{end}: {told:?}");
    }
    for at in 0..content.len() {
        for bit in 0..8 {
            let mut changed = content.to_vec();
            changed[at] ^= 1 << bit;
            if let Err(unfit) = Record::read(&changed) {
                assert!(!format!("{unfit:?}").contains(MARK), "{unfit:?}");
            }
        }
    }
}

#[test]
fn a_reason_cannot_command_the_terminal_that_shows_it() {
    let mut record = sample("1");
    record.state = State::Ended { reason: "a\u{1b}[2Jb\n".to_owned(), at: OBTAINED };
    let read = Record::read(&record.write()).unwrap();
    let State::Ended { reason, .. } = read.state else { panic!("it ended") };
    assert_eq!(reason, "a [2Jb ");
}

#[test]
fn a_file_that_is_nested_deeply_is_refused_and_not_followed() {
    let deep = [b"{\"chancery_session\":".as_slice(), &vec![b'['; 60_000]].concat();
    assert!(matches!(Record::read(&deep), Err(Unfit::Corrupt(_))));
    let deep = [b"{\"chancery_session\":1,\"x\":".as_slice(), &vec![b'['; 60_000]].concat();
    assert!(matches!(Record::read(&deep), Err(Unfit::Corrupt(_))));
}
