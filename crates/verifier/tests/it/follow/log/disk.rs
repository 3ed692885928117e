//! What outlives the process.

use super::world::{HOUR, World, office, settings};
use crate::follow::office::{DEADLINE, DELTA, Office, Reply, SNAPSHOT};
use crate::follow::world::{Scratch, clock, issuer};
use chancery_verifier::Freshness;
use chancery_verifier::clock::{Clock as _, FixedClock};
use chancery_verifier::follow::DiskState;
use chancery_verifier::revocation_log::Kill;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A process that starts with this directory.
fn start(office: Office, clock: &Arc<FixedClock>, directory: &Path) -> World {
    let disk = DiskState::Directory(directory.to_owned());
    let settings = settings(&office, disk);
    World::started(office, Arc::clone(clock), Freshness::MaxStaleness(HOUR), |_| settings)
}

/// A process that hears of one revoked token, and stops; and its office, closed.
async fn lived(clock: &Arc<FixedClock>, directory: &Path) -> (Office, String) {
    let world = start(office(clock), clock, directory);
    world.follower.wait_ready(DEADLINE).await.unwrap();
    let token = world.token(1);
    world.revoke(&token);
    world.follower.poll_once().await;
    assert_eq!(world.said(&token), "revoked");
    world.follower.poll_once().await;
    let World { mut office, .. } = world;
    office.close();
    (office, token)
}

fn file(directory: &Path, ending: &str) -> PathBuf {
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().find(|path| path.to_string_lossy().ends_with(ending)).expect("it is kept")
}

#[tokio::test]
async fn r_3_5_a_restart_with_everything_down_knows_what_is_revoked_until_it_is_too_old() {
    let (scratch, clock) = (Scratch::new(), clock());
    let (office, token) = lived(&clock, scratch.path()).await;
    let world = start(office, &clock, scratch.path());
    // Nothing is awaited before the verdict, so it comes from disk.
    assert_eq!([world.said(&token), world.said(&world.token(2))], ["revoked", "ok"]);
    assert!(world.follower.ready());
    clock.advance(HOUR);
    let World { office, .. } = world;
    let world = start(office, &clock, scratch.path());
    assert_eq!(world.said(&world.token(2)), "ok");
    clock.advance(Duration::from_secs(1));
    assert_eq!((world.said(&world.token(2)), world.follower.ready()), ("revocation_stale", false));
    // A restart makes nothing younger, nor does a clock that is set back behind what was signed.
    let World { office, .. } = world;
    let world = start(office, &clock, scratch.path());
    assert_eq!(world.said(&world.token(2)), "revocation_stale");
}

#[tokio::test]
async fn r_3_5_a_clock_that_is_set_back_before_a_start_closes_the_verifier() {
    let (scratch, clock) = (Scratch::new(), clock());
    let (office, _) = lived(&clock, scratch.path()).await;
    clock.jump(clock.now().minus(HOUR));
    let world = start(office, &clock, scratch.path());
    world.verifier.install_keys(issuer().keys()).unwrap();
    assert_eq!(world.said(&world.token(2)), "revocation_never_heard");
}

#[tokio::test]
async fn r_3_5_without_state_a_start_is_closed() {
    let (scratch, clock) = (Scratch::new(), clock());
    let (office, token) = lived(&clock, scratch.path()).await;
    for ending in [".revocation.log", ".revocation.keys.json"] {
        fs::remove_file(file(scratch.path(), ending)).unwrap();
    }
    let world = start(office, &clock, scratch.path());
    assert_eq!([world.said(&token), world.said(&world.token(2))], ["revocation_never_heard"; 2]);
}

#[tokio::test]
async fn a_restart_goes_on_from_where_it_was() {
    let (scratch, clock) = (Scratch::new(), clock());
    let (before, token) = lived(&clock, scratch.path()).await;
    drop(before);
    let office = office(&clock);
    office.change_log(|log| {
        log.revoke_token(&token);
    });
    let world = start(office, &clock, scratch.path());
    world.follower.poll_once().await;
    assert_eq!((world.office.asked(SNAPSHOT), world.last_reason()), (0, None));
    assert!(world.office.asked(DELTA) > 0);
}

#[tokio::test]
async fn r_3_5_what_is_damaged_on_disk_never_revives_a_token() {
    type Spoil = fn(&Path);
    let spoils: &[(&str, Spoil)] = &[
        ("the last line is cut off", |directory| {
            let path = file(directory, ".revocation.log");
            let text = fs::read(&path).unwrap();
            fs::write(&path, &text[..text.len() - 10]).unwrap();
        }),
        ("a byte is changed", |directory| {
            let path = file(directory, ".revocation.log");
            let mut text = fs::read(&path).unwrap();
            let at = text.len() - 200;
            text[at] = if text[at] == b'A' { b'B' } else { b'A' };
            fs::write(&path, text).unwrap();
        }),
        ("garbage", |directory| fs::write(file(directory, ".revocation.log"), [0xff; 500]).unwrap()),
        ("empty", |directory| fs::write(file(directory, ".revocation.log"), "").unwrap()),
        ("keys of others", |directory| {
            let path = file(directory, ".revocation.keys.json");
            let text = fs::read_to_string(&path).unwrap();
            let other = issuer().log().key_number(9).key_document().replace('"', "\\\"");
            let begin = text.find("\"document\":\"").unwrap() + "\"document\":\"".len();
            fs::write(&path, format!("{}{other}\"}}", &text[..begin])).unwrap();
        }),
    ];
    for (what, spoil) in spoils {
        let (scratch, clock) = (Scratch::new(), clock());
        let (office, token) = lived(&clock, scratch.path()).await;
        spoil(scratch.path());
        let world = start(office, &clock, scratch.path());
        // What is left would be less than what was known.
        for number in [1, 2] {
            assert_eq!(world.said(&world.token(number)), "revocation_never_heard", "{what}");
        }
        assert_eq!(world.said(&token), "revocation_never_heard", "{what}");
    }
}

#[tokio::test]
async fn r_3_5_a_line_that_is_missing_from_the_middle_is_noticed() {
    let (scratch, clock) = (Scratch::new(), clock());
    let world = start(office(&clock), &clock, scratch.path());
    world.follower.wait_ready(DEADLINE).await.unwrap();
    for number in 0..3 {
        world.revoke(&world.token(number));
        world.follower.poll_once().await;
    }
    let World { mut office, follower, .. } = world;
    office.close();
    drop(follower);
    let path = file(scratch.path(), ".revocation.log");
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    lines.remove(2);
    fs::write(&path, lines.join("\n")).unwrap();
    let world = start(office, &clock, scratch.path());
    assert_eq!(world.said(&world.token(7)), "revocation_never_heard");
}

#[tokio::test]
async fn r_3_6_heartbeats_and_deltas_take_no_more_and_more_of_the_disk() {
    let (scratch, clock) = (Scratch::new(), clock());
    let world = start(office(&clock), &clock, scratch.path());
    world.follower.wait_ready(DEADLINE).await.unwrap();
    let size = |ending| fs::metadata(file(scratch.path(), ending)).unwrap().len();
    world.pass(Duration::from_secs(25)).await;
    let before = size(".revocation.log") + size(".revocation.beat");
    for _ in 0..20 {
        world.pass(Duration::from_secs(25)).await;
    }
    assert_eq!(size(".revocation.log") + size(".revocation.beat"), before);
    for number in 0..300 {
        world.revoke(&world.token(number));
        world.follower.poll_once().await;
    }
    assert_eq!(world.office.asked(SNAPSHOT), 2, "one took the place of all deltas");
    let lines = fs::read_to_string(file(scratch.path(), ".revocation.log")).unwrap().lines().count();
    assert!(lines < 60, "{lines}");
    let (tokens, World { mut office, follower, .. }) =
        ([0, 150, 299].map(|number| world.token(number)), world);
    office.close();
    drop(follower);
    let world = start(office, &clock, scratch.path());
    assert_eq!(tokens.map(|token| world.said(&token)), ["revoked"; 3]);
}

#[tokio::test]
async fn r_3_3_a_snapshot_that_lags_keeps_no_news_from_a_verifier_that_wants_it_for_its_disk_alone() {
    let (scratch, clock) = (Scratch::new(), clock());
    let world = start(office(&clock), &clock, scratch.path());
    world.follower.wait_ready(DEADLINE).await.unwrap();
    let lags = issuer().log().at(clock.now()).snapshot();
    world.office.publish(SNAPSHOT, Reply::ok(lags));
    for number in 0..256 {
        world.revoke(&world.token(number));
        world.follower.poll_once().await;
    }
    let token = world.token(1000);
    world.revoke(&token);
    world.pass(Duration::from_secs(1)).await;
    assert_eq!((world.said(&token), world.last_reason()), ("revoked", None));
    assert_eq!(world.office.asked(SNAPSHOT), 2, "it was asked for, and no use");
    world.office.withdraw(SNAPSHOT);
    world.pass(Duration::from_mins(1)).await;
    assert_eq!(world.office.asked(SNAPSHOT), 3);
    let lines = fs::read_to_string(file(scratch.path(), ".revocation.log")).unwrap().lines().count();
    assert_eq!(lines, 1, "it took the place of all");
}

#[tokio::test]
async fn what_was_merged_from_an_earlier_log_outlives_the_process() {
    let (scratch, clock) = (Scratch::new(), clock());
    let world = start(office(&clock), &clock, scratch.path());
    world.follower.wait_ready(DEADLINE).await.unwrap();
    let token = world.token(1);
    world.revoke(&token);
    world.follower.poll_once().await;
    world.office.change_log(|log| *log = log.clone().lost());
    world.pass(Duration::from_secs(10)).await;
    assert_eq!(world.status().alarms, 1);
    let World { mut office, follower, .. } = world;
    office.close();
    drop(follower);
    let world = start(office, &clock, scratch.path());
    assert_eq!(world.said(&token), "revoked");
}

#[tokio::test]
async fn r_3_5_a_key_of_the_log_that_is_published_no_more_leaves_a_start_what_it_knew() {
    let (scratch, clock) = (Scratch::new(), clock());
    let world = start(office(&clock), &clock, scratch.path());
    world.follower.wait_ready(DEADLINE).await.unwrap();
    let token = world.token(1);
    world.revoke(&token);
    world.follower.poll_once().await;
    world.office.change_log(|log| *log = log.clone().key_number(102));
    world.pass(Duration::from_mins(10)).await;
    world.pass(Duration::from_secs(1)).await;
    assert_eq!((world.office.asked(SNAPSHOT), world.last_reason()), (2, None));
    let World { mut office, follower, .. } = world;
    office.close();
    drop(follower);
    let world = start(office, &clock, scratch.path());
    assert_eq!([world.said(&token), world.said(&world.token(2))], ["revoked", "ok"]);
}

#[tokio::test]
async fn what_a_stolen_key_of_the_log_signed_is_forgotten_by_a_start_once_it_is_published_no_more() {
    let (scratch, clock) = (Scratch::new(), clock());
    let world = start(office(&clock), &clock, scratch.path());
    world.follower.wait_ready(DEADLINE).await.unwrap();
    let mut honest = None;
    world.office.change_log(|log| {
        honest = Some(log.clone().key_number(102));
        log.revoke(Kill::all(clock.now().plus(HOUR)));
    });
    world.follower.poll_once().await;
    let token = world.token(2);
    assert_eq!(world.said(&token), "revoked");
    world.office.publish_log(honest.unwrap(), &clock);
    world.pass(Duration::from_mins(10)).await;
    assert_eq!(world.said(&token), "revoked", "nothing is taken back while it runs");
    let World { office, follower, .. } = world;
    drop(follower);
    let world = start(office, &clock, scratch.path());
    world.follower.wait_ready(DEADLINE).await.unwrap();
    assert_eq!(world.said(&token), "ok");
}

#[cfg(unix)]
#[tokio::test]
async fn r_3_5_files_that_others_may_write_are_not_believed() {
    use std::os::unix::fs::PermissionsExt as _;
    for ending in [".revocation.log", ".revocation.keys.json"] {
        let (scratch, clock) = (Scratch::new(), clock());
        let (office, _) = lived(&clock, scratch.path()).await;
        let path = file(scratch.path(), ending);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o662)).unwrap();
        let world = start(office, &clock, scratch.path());
        assert_eq!(world.said(&world.token(2)), "revocation_never_heard", "{ending}");
    }
}
