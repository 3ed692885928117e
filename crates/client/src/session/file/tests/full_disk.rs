use super::*;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::process::Command;

/// Gives the folder `$1` a file system of its own, of 16 pages, that nobody else sees. What follows runs on it twice: the
/// second time it takes no writes any more.
const SMALL_DISK: &str = r#"
    folder=$1; shift
    mount -t tmpfs -o size=64k,mode=700 none "$folder" && "$@" && mount -o remount,ro none "$folder" && exec "$@"
"#;
/// Files of this process may have no byte; it is told so, instead of being killed.
const NO_ROOM: &str = r#"trap "" XFSZ; ulimit -f 0; exec "$@""#;

/// Whether this user may have a file system of its own here.
fn may_mount(folder: &str) -> bool {
    let mount = ["-rm", "mount", "-t", "tmpfs", "none", folder];
    Command::new("unshare").args(mount).output().is_ok_and(|output| output.status.success())
}

#[tokio::test]
async fn on_a_full_or_read_only_disk_the_old_session_stays_and_the_fault_says_which() {
    if let Some(file) = child::told() {
        return match fs::write(file.path().with_extension("probe"), "") {
            Err(why) if why.kind() == ErrorKind::ReadOnlyFilesystem => read_only(&file).await,
            made => full(&file, made).await,
        };
    }
    let scratch = Scratch::new();
    let folder = scratch.path().to_str().unwrap();
    if may_mount(folder) {
        let test = "full_disk::on_a_full_or_read_only_disk_the_old_session_stays_and_the_fault_says_which";
        let front = ["unshare", "-rm", "sh", "-c", SMALL_DISK, "sh", folder];
        child::run(child::command(&front, test, &scratch.file())).unwrap();
    } else {
        // Nobody makes a disk here that is full; a file that may not grow is refused alike.
        without_room(&scratch.file()).await;
    }
}

async fn full(file: &SessionFile, probed: io::Result<()>) {
    probed.unwrap();
    let kept = write(file, "1").await;
    let filler = file.path().with_extension("probe");
    let mut disk = fs::File::create(&filler).unwrap();
    while let Ok(()) = disk.write_all(&[0; 512]) {}
    let locked = file.lock(PATIENCE).await.unwrap();
    for text in ["2".to_owned(), "2".repeat(20_000)] {
        let fault = locked.write(&sample(&text)).await.unwrap_err();
        assert_eq!(fault, FileFault::DiskFull { path: file.path().to_owned() });
        assert_eq!(file.fingerprint(), Some(kept));
        assert_eq!(text_in(file), "1");
        let entries = fs::read_dir(file.path().parent().unwrap()).unwrap();
        assert_eq!(entries.count(), 3, "session, lock and filler: no half a draft");
    }
    fs::remove_file(filler).unwrap();
    drop(disk);
    locked.write(&sample("2")).await.unwrap();
    assert_eq!(text_in(file), "2");
}

async fn read_only(file: &SessionFile) {
    let locked = file.lock(PATIENCE).await.expect("a lock that is there needs no writing");
    assert!(file.lock(Duration::ZERO).await.is_err(), "and excludes others");
    let fault = locked.write(&sample("3")).await.unwrap_err();
    assert_eq!(fault, FileFault::ReadOnly { path: file.path().to_owned() });
    assert_eq!(text_in(file), "2");
    let fault = SessionFile::at(&file.path().with_extension("2")).lock(PATIENCE).await.unwrap_err();
    assert_eq!(fault.reason(), "session_file_read_only");
}

#[tokio::test]
async fn where_no_file_may_grow_the_old_session_stays() {
    if let Some(file) = child::told() {
        let locked = file.lock(PATIENCE).await.unwrap();
        let fault = locked.write(&sample("2")).await.unwrap_err();
        assert!(matches!(fault, FileFault::NotWritable { .. }), "{fault:?}");
        return;
    }
    let scratch = Scratch::new();
    without_room(&scratch.file()).await;
    assert_eq!(scratch.names(), ["default.json", "default.json.lock"], "no draft stays");
}

async fn without_room(file: &SessionFile) {
    let kept = write(file, "1").await;
    let front = ["sh", "-c", NO_ROOM, "sh"];
    child::run(child::command(&front, "full_disk::where_no_file_may_grow_the_old_session_stays", file))
        .unwrap();
    assert_eq!(file.fingerprint(), Some(kept));
    assert_eq!(text_in(file), "1");
}
