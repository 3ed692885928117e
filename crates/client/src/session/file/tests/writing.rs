use super::*;
use crate::session::record::MAX_CONTENT;
use std::fs;
use std::future::Future as _;
use std::os::unix::fs::PermissionsExt as _;
use std::task::{Context, Poll, Waker};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn what_was_written_is_read_by_whoever_opens_the_file() {
    let scratch = Scratch::new();
    write(&scratch.file(), "1").await;
    assert_eq!(text_in(&scratch.file()), "1");
    let locked = scratch.file().lock(PATIENCE).await.unwrap();
    assert_eq!(text_of(&locked.read().await.unwrap().unwrap().record), "1");
}

#[tokio::test]
async fn r08_file_lock_and_folder_are_for_their_owner_alone() {
    let scratch = Scratch::new();
    let folder = scratch.path().join("state/chancery/agent");
    let path = folder.join("default.json");
    write(&SessionFile::at(&path), "1").await;
    assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));
    assert_eq!(mode(&folder.join("default.json.lock")), 0o600);
    assert_eq!(mode(&scratch.path().join("state")), 0o700);
}

#[tokio::test]
async fn nothing_is_there_before_it_is_written() {
    let scratch = Scratch::new();
    let file = SessionFile::at(&scratch.path().join("no/such/folder/default.json"));
    assert!(file.read().unwrap().is_none() && file.fingerprint().is_none());
    assert!(scratch.file().read().unwrap().is_none() && scratch.file().fingerprint().is_none());
    assert_eq!(scratch.names(), [""; 0], "looking makes nothing");
}

#[tokio::test]
async fn the_fingerprint_is_that_of_what_was_read_or_written_and_changes_with_it() {
    let scratch = Scratch::new();
    let file = scratch.file();
    let first = write(&file, "1").await;
    assert_eq!(file.fingerprint(), Some(first));
    assert_eq!(file.read().unwrap().unwrap().fingerprint, first);
    let second = write(&file, "22").await;
    assert_ne!(second, first);
    assert_eq!(file.fingerprint(), Some(second));
    file.lock(PATIENCE).await.unwrap().remove().await.unwrap();
    assert_eq!(file.fingerprint(), None);
}

#[tokio::test]
async fn removing_leaves_nothing_behind() {
    let scratch = Scratch::new();
    let file = scratch.file();
    write(&file, "1").await;
    fs::write(scratch.path().join("default.json.0123456789abcdef.new"), "a draft of a killed writer")
        .unwrap();
    file.lock(PATIENCE).await.unwrap().remove().await.unwrap();
    assert_eq!(scratch.names(), [""; 0]);
    assert!(file.read().unwrap().is_none());
    file.lock(PATIENCE).await.unwrap().remove().await.unwrap();
    assert_eq!(scratch.names(), [""; 0], "once more does no harm");
}

#[tokio::test]
async fn a_writer_removes_the_drafts_of_killed_ones_and_nothing_else() {
    let scratch = Scratch::new();
    let others = [
        "default.json.0123456789abcde.new",
        "default.json.0123456789abcdeX.new",
        "default.json.new",
        "default.json0123456789abcdef.new",
        "other.json.0123456789abcdef.new",
        "other.json",
    ];
    for name in others.iter().chain(&["default.json.0123456789abcdef.new"]) {
        fs::write(scratch.path().join(name), "x").unwrap();
    }
    write(&scratch.file(), "1").await;
    let mut left: Vec<&str> = others.into_iter().chain(["default.json", "default.json.lock"]).collect();
    left.sort_unstable();
    assert_eq!(scratch.names(), left);
}

#[tokio::test]
async fn a_record_that_could_not_be_read_again_is_not_written() {
    let scratch = Scratch::new();
    let file = scratch.file();
    let kept = write(&file, "1").await;
    let locked = file.lock(PATIENCE).await.unwrap();
    let fault = locked.write(&sample(&"x".repeat(MAX_CONTENT))).await.unwrap_err();
    assert_eq!(fault, FileFault::TooLarge { path: file.path().to_owned() });
    assert_eq!(file.fingerprint(), Some(kept));
    assert_eq!(scratch.names(), ["default.json", "default.json.lock"]);
}

#[tokio::test]
async fn the_longest_content_is_read_and_one_byte_more_is_not() {
    let scratch = Scratch::new();
    let file = scratch.file();
    write(&file, "1").await;
    let mut content = fs::read(file.path()).unwrap();
    content.resize(MAX_CONTENT, b' ');
    fs::write(file.path(), &content).unwrap();
    assert_eq!(text_in(&file), "1");
    content.push(b' ');
    fs::write(file.path(), &content).unwrap();
    assert_eq!(file.read().unwrap_err(), FileFault::TooLarge { path: file.path().to_owned() });
}

#[tokio::test]
async fn a_file_is_where_it_was_when_it_was_named_wherever_the_process_goes() {
    let here = std::env::current_dir().unwrap();
    for (name, folder) in [("default.json", here.clone()), ("./a/default.json", here.join("a"))] {
        let file = SessionFile::at(Path::new(name));
        assert_eq!((file.0.folder.as_path(), file.0.name.to_str()), (&*folder, Some("default.json")));
        assert!(file.path().is_absolute());
    }
    let file = SessionFile::at(Path::new("/"));
    assert_eq!((file.0.folder.as_path(), file.0.name.to_str()), (Path::new("."), Some(".")));
}

#[tokio::test]
async fn a_writing_that_nobody_waits_for_is_done_before_the_lock_is_free() {
    let scratch = Scratch::new();
    let file = scratch.file();
    write(&file, "1").await;
    for text in ["2", "3", "4", "5"] {
        let locked = file.lock(PATIENCE).await.unwrap();
        let record = sample(text);
        {
            let mut writing = Box::pin(locked.write(&record));
            let begun = writing.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(matches!(begun, Poll::Pending | Poll::Ready(Ok(_))));
        }
        drop(locked);
        let next = file.lock(PATIENCE).await.unwrap();
        assert_eq!(text_of(&next.read().await.unwrap().unwrap().record), text);
    }
}
