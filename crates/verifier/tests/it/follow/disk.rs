//! The last good keys on disk.

use super::office::{DEADLINE, Office, Reply};
use super::world::{INTERVAL, ISSUER, Scratch, clock, issuer, keys_of, reason, settings, verifier};
use chancery_verifier::clock::{Clock as _, FixedClock};
use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom, Standing};
use chancery_verifier::{Format, Verifier};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

fn on_disk(office: &Office, directory: &Path) -> FollowSettings {
    let from = KeysFrom::Url(office.keys_url());
    FollowSettings::new(from, DiskState::Directory(directory.to_owned()))
}

/// One life of a service: it starts, does what is due, and stops.
async fn live(office: &Office, directory: &Path, clock: &Arc<FixedClock>) {
    let verifier = verifier(ISSUER, clock);
    let follower = Follower::start(&verifier, on_disk(office, directory)).unwrap();
    follower.wait_ready(DEADLINE).await.unwrap();
    follower.poll_once().await;
}

/// The next one. Nothing is awaited before its verdict, so the keys are from disk.
fn cold_start(office: &Office, directory: &Path, clock: &Arc<FixedClock>) -> (Verifier, Follower) {
    let verifier = verifier(ISSUER, clock);
    let follower = Follower::start(&verifier, on_disk(office, directory)).unwrap();
    (verifier, follower)
}

fn the_file(directory: &Path) -> PathBuf {
    let files: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "one file, and no drafts: {files:?}");
    files[0].clone()
}

#[tokio::test]
async fn r_1_10_a_cold_start_verifies_with_the_issuer_down() {
    let (mut office, scratch, clock) = (Office::new(), Scratch::new(), clock());
    office.publish_keys(keys_of(&[1]));
    live(&office, &scratch.path().join("made/on/the/way"), &clock).await;
    office.close();

    let (verifier, follower) = cold_start(&office, &scratch.path().join("made/on/the/way"), &clock);
    assert!(follower.ready());
    verifier.verify(&issuer().token().sign(), clock.now()).unwrap();
    follower.poll_once().await;
    assert_eq!(follower.status().last_failure.unwrap().fault.reason(), "unreachable");
    verifier.verify(&issuer().token().sign(), clock.now()).unwrap();
}

#[tokio::test]
async fn r_1_10_restarts_do_not_make_keys_younger() {
    let (mut office, scratch, clock) = (Office::new(), Scratch::new(), clock());
    office.publish_keys(keys_of(&[1]));
    live(&office, scratch.path(), &clock).await;
    office.close();

    for _ in 0..11 {
        clock.advance(HOUR);
        let (verifier, follower) = cold_start(&office, scratch.path(), &clock);
        follower.poll_once().await;
        verifier.verify(&issuer().at(clock.now()).token().sign(), clock.now()).unwrap();
        assert_eq!(follower.status().standing, Standing::Stale);
    }
    let (verifier, follower) = cold_start(&office, scratch.path(), &clock);
    clock.advance(HOUR);
    let token = issuer().at(clock.now()).token().sign();
    assert_eq!(reason(verifier.verify(&token, clock.now())), "keys_unavailable", "in a process that runs");
    drop(follower);
    let (verifier, follower) = cold_start(&office, scratch.path(), &clock);
    assert_eq!(reason(verifier.verify(&token, clock.now())), "keys_unavailable", "and in one that starts");
    assert!(!follower.ready());
}

#[tokio::test]
async fn r_1_10_keys_from_the_future_are_not_used() {
    let (mut office, scratch, clock) = (Office::new(), Scratch::new(), clock());
    office.publish_keys(keys_of(&[1]));
    live(&office, scratch.path(), &clock).await;
    office.close();
    clock.jump(clock.now().minus(HOUR));
    let (_, follower) = cold_start(&office, scratch.path(), &clock);
    assert!(!follower.ready());
}

#[tokio::test]
async fn r_1_10_a_file_that_cannot_be_used_is_ignored_and_replaced() {
    type Spoil = fn(&Path, serde_json::Value);
    fn write(path: &Path, state: &serde_json::Value) {
        fs::write(path, state.to_string()).unwrap();
    }
    let spoils: &[(&str, Spoil)] = &[
        ("empty", |path, _| fs::write(path, "").unwrap()),
        ("cut off", |path, state| fs::write(path, &state.to_string()[..100]).unwrap()),
        ("no UTF-8", |path, _| fs::write(path, [0xff; 64]).unwrap()),
        ("huge", |path, _| fs::write(path, vec![b' '; 1024 * 1024]).unwrap()),
        ("of another issuer", |path, mut state| {
            state["issuer"] = "https://other.example.com".into();
            write(path, &state);
        }),
        ("from another address", |path, mut state| {
            state["url"] = "https://other.example.com/keys.json".into();
            write(path, &state);
        }),
        ("of another format", |path, mut state| {
            state["format"] = "paseto".into();
            write(path, &state);
        }),
        ("of another version", |path, mut state| {
            state["version"] = 2.into();
            write(path, &state);
        }),
        ("with no keys in it", |path, mut state| {
            state["document"] = "{\"keys\": []}".into();
            write(path, &state);
        }),
        ("without a time", |path, mut state| {
            state.as_object_mut().unwrap().remove("confirmed_at");
            write(path, &state);
        }),
        ("a directory", |path, _| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
    ];
    for (what, spoil) in spoils {
        let (office, scratch, clock) = (Office::new(), Scratch::new(), clock());
        office.publish_keys(keys_of(&[1]));
        live(&office, scratch.path(), &clock).await;
        let file = the_file(scratch.path());
        spoil(&file, serde_json::from_slice(&fs::read(&file).unwrap()).unwrap());

        let (verifier, follower) = cold_start(&office, scratch.path(), &clock);
        assert!(!follower.ready(), "{what}");
        follower.poll_once().await;
        assert!(follower.ready(), "{what}");
        verifier.verify(&issuer().token().sign(), clock.now()).unwrap();
        if *what != "a directory" {
            drop(follower);
            let (_, follower) = cold_start(&office, scratch.path(), &clock);
            assert!(follower.ready(), "{what}: a good file took its place");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn r_1_10_the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (office, scratch, clock) = (Office::new(), Scratch::new(), clock());
    office.publish_keys(keys_of(&[1]));
    live(&office, scratch.path(), &clock).await;
    let file = the_file(scratch.path());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // Whoever can write it could name the keys.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o620)).unwrap();
    let (_, follower) = cold_start(&office, scratch.path(), &clock);
    assert!(!follower.ready());
}

#[tokio::test]
async fn r_1_10_a_directory_that_cannot_be_written_stops_nothing() {
    let (office, scratch, clock) = (Office::new(), Scratch::new(), clock());
    office.publish_keys(keys_of(&[1]));
    let in_the_way = scratch.path().join("file");
    fs::write(&in_the_way, "").unwrap();
    live(&office, &in_the_way, &clock).await;
}

#[tokio::test]
async fn r_1_10_a_refresh_is_kept_too() {
    let (mut office, scratch, clock) = (Office::new(), Scratch::new(), clock());
    office.publish_keys(keys_of(&[1]).etag("\"one\""));
    let (_verifier, follower) = cold_start(&office, scratch.path(), &clock);
    follower.poll_once().await;
    for _ in 0..100 {
        clock.advance(INTERVAL);
        follower.poll_once().await;
    }
    assert_eq!(follower.status().fetches.unchanged, 100);
    office.close();
    drop(follower);
    let (verifier, _follower) = cold_start(&office, scratch.path(), &clock);
    verifier.verify(&issuer().at(clock.now()).token().sign(), clock.now()).unwrap();
}

#[tokio::test]
async fn r_1_10_after_a_restart_unchanged_keys_are_not_sent_again() {
    let (office, scratch, clock) = (Office::new(), Scratch::new(), clock());
    office.publish_keys(keys_of(&[1]).etag("\"one\""));
    live(&office, scratch.path(), &clock).await;
    let (_, follower) = cold_start(&office, scratch.path(), &clock);
    follower.poll_once().await;
    let fetches = follower.status().fetches;
    assert_eq!((fetches.installed, fetches.unchanged), (0, 1));
}

#[tokio::test]
async fn r_1_10_services_of_several_issuers_and_formats_share_a_directory() {
    let (office, scratch, clock) = (Office::new(), Scratch::new(), clock());
    let both = ["https://auth.example.com/a_b", "https://auth.example.com/a/b"];
    for issuer in both {
        office.publish_keys(keys_of(&[1]));
        let follower = Follower::start(&verifier(issuer, &clock), on_disk(&office, scratch.path())).unwrap();
        follower.poll_once().await;
    }
    let paseto = issuer().format(Format::Paseto);
    office.publish_keys(Reply::ok(paseto.key_document()));
    let of_paseto = || verifier(both[0], &clock).format(Format::Paseto);
    Follower::start(&of_paseto(), on_disk(&office, scratch.path())).unwrap().poll_once().await;
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 3);
    office.publish_keys(Reply::status(503));
    assert!(Follower::start(&of_paseto(), on_disk(&office, scratch.path())).unwrap().ready());
    for issuer in both {
        let verifier = verifier(issuer, &clock);
        assert!(Follower::start(&verifier, on_disk(&office, scratch.path())).unwrap().ready());
    }
}

#[tokio::test]
async fn keys_are_kept_nowhere_unless_asked_for() {
    let (mut office, clock) = (Office::new(), clock());
    office.publish_keys(keys_of(&[1]));
    let from = KeysFrom::Url(office.keys_url());
    let follower = Follower::start(&verifier(ISSUER, &clock), settings(from.clone())).unwrap();
    follower.wait_ready(DEADLINE).await.unwrap();
    office.close();
    let next = Follower::start(&verifier(ISSUER, &clock), settings(from)).unwrap();
    assert!(!next.ready());
}
