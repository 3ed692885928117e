//! The files of a journal, and what others may put beside them.

use crate::world::{NOW, World, at, tail, token};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

fn sequence(world: &World, name: &str) -> u64 {
    let place: serde_json::Value = serde_json::from_slice(&fs::read(world.journal(name)).unwrap()).unwrap();
    place["sequence"].as_u64().unwrap()
}

#[tokio::test]
async fn a_folder_that_somebody_locked_keeps_nothing_from_being_revoked() {
    let world = World::new().await;
    let folder = File::open(&world.folder).unwrap();
    folder.lock().unwrap();
    let log = world.log_with_journal("j").await.unwrap();
    log.append(&[token(1)]).await.unwrap();
    log.write_down().await.unwrap();
    assert_eq!(sequence(&world, "j"), log.applied().get());
}

#[tokio::test]
async fn a_lock_that_is_held_for_long_is_waited_for_no_longer_than_a_moment() {
    let world = World::new().await;
    let log = world.log_with_journal("j").await.unwrap();
    let before = sequence(&world, "j");
    let lock = File::options().write(true).open(world.journal("j.lock")).unwrap();
    assert_eq!(lock.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    lock.lock().unwrap();
    let told = log.write_down().await;
    assert_eq!(told, Ok(()), "there is nothing to write");
    let appended = log.append(&[token(1)]).await.unwrap();
    assert_eq!(appended.at, tail(&*world.store).await);
    log.look(at(NOW)).await.unwrap();
    let told = log.write_down().await.unwrap_err();
    assert!(told.reason() == "log_journal" && told.to_string().contains("j.lock"), "{told}");
    assert_eq!(sequence(&world, "j"), before);
    lock.unlock().unwrap();
    log.write_down().await.unwrap();
    assert_eq!(sequence(&world, "j"), log.applied().get());
}

#[tokio::test]
async fn a_lock_that_others_may_open_or_that_leads_elsewhere_is_not_used() {
    for planted in ["link", "open", "pipe", "foreign"] {
        let world = World::new().await;
        let lock = world.journal("j.lock");
        let elsewhere = world.journal("elsewhere");
        let held = File::create(&elsewhere).unwrap();
        match planted {
            "link" => symlink(&elsewhere, &lock).unwrap(),
            "open" => fs::hard_link(&elsewhere, &lock).unwrap(),
            "pipe" => assert!(Command::new("mkfifo").arg(&lock).status().unwrap().success()),
            _ => {
                fs::hard_link(&elsewhere, &lock).unwrap();
                fs::set_permissions(&lock, Permissions::from_mode(0o600)).unwrap();
                let given = Command::new("chown").arg("65534").arg(&lock).stderr(Stdio::null()).status();
                if !given.unwrap().success() {
                    // Only root can give files away.
                    continue;
                }
            }
        }
        held.lock().unwrap();
        let log = world.log_with_journal("j").await.unwrap();
        log.append(&[token(1)]).await.unwrap();
        log.write_down().await.unwrap();
        assert_eq!(sequence(&world, "j"), log.applied().get(), "{planted}");
    }
}

#[tokio::test]
async fn what_somebody_put_in_the_way_of_a_draft_is_neither_followed_nor_written_into() {
    let world = World::new().await;
    let precious = world.journal("precious");
    fs::write(&precious, "mine").unwrap();
    let draft = |name: &str| world.journal(&format!("{name}.{}.new", std::process::id()));
    for name in ["j", "j.kept"] {
        symlink(&precious, draft(name)).unwrap();
        symlink(&precious, world.journal(&format!("{name}.new"))).unwrap();
    }
    let log = world.log_with_journal("j").await.unwrap();
    log.append(&[token(1)]).await.unwrap();
    log.write_down().await.unwrap();
    assert_eq!(fs::read_to_string(&precious).unwrap(), "mine");
    assert_eq!(sequence(&world, "j"), log.applied().get());
    for name in ["j", "j.kept"] {
        let file = fs::symlink_metadata(world.journal(name)).unwrap();
        assert!(file.is_file() && file.mode() & 0o777 == 0o600, "{name}");
    }
}

#[tokio::test]
async fn drafts_that_a_crash_left_go_with_the_next_start() {
    let world = World::new().await;
    let left = ["j.4194304.new", "j.kept.4194304.new"];
    let others = ["j.new", "j.old.new", "other.4194304.new"];
    for name in left.iter().chain(&others) {
        fs::write(world.journal(name), "half").unwrap();
    }
    world.log_with_journal("j").await.unwrap();
    assert_eq!(left.map(|name| world.journal(name).exists()), [false; 2]);
    assert_eq!(others.map(|name| world.journal(name).exists()), [true; 3]);
}
