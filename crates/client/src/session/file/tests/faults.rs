use super::*;
use crate::error::ErrorKind;
use crate::session::record::FileDamage;
use rustix::io::Errno;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::process::Command;

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Puts a file of mode 0600 there that holds `content`.
fn put(file: &SessionFile, content: &str) {
    fs::write(file.path(), content).unwrap();
    chmod(file.path(), 0o600);
}

#[tokio::test]
async fn r08_a_file_that_others_may_read_is_refused_with_the_command_that_helps() {
    let scratch = Scratch::new();
    let file = scratch.file();
    write(&file, "1").await;
    for mode in [0o644, 0o640, 0o660, 0o606, 0o601, 0o610, 0o777] {
        chmod(file.path(), mode);
        let fault = file.read().unwrap_err();
        let path = file.path().to_owned();
        let expected = FileFault::OpenToOthers { path, thing: FileOrFolder::File, mode };
        assert_eq!((fault.reason(), &fault), ("session_file_open_to_others", &expected));
        assert!(fault.fix().contains(&format!("chmod 600 {}", file.path().display())), "{}", fault.fix());
        assert!(fault.to_string().contains(&format!("mode {mode:04o}")), "{fault}");
    }
    for mode in [0o600, 0o400] {
        chmod(file.path(), mode);
        assert_eq!(text_in(&file), "1");
    }
}

#[tokio::test]
async fn r08_a_folder_that_others_may_write_to_is_refused_before_anything_is_written_there() {
    let scratch = Scratch::new();
    let file = scratch.file();
    for mode in [0o775, 0o770, 0o757, 0o702, 0o720, 0o777] {
        chmod(scratch.path(), mode);
        let path = scratch.path().to_owned();
        let expected = FileFault::OpenToOthers { path, thing: FileOrFolder::Folder, mode };
        assert_eq!(file.read().unwrap_err(), expected);
        assert_eq!(file.lock(PATIENCE).await.unwrap_err(), expected);
        assert!(expected.fix().contains("chmod go-w"), "{}", expected.fix());
        assert_eq!(scratch.names(), [""; 0]);
    }
    for mode in [0o755, 0o750, 0o701] {
        chmod(scratch.path(), mode);
        write(&file, "1").await;
        assert_eq!(text_in(&file), "1", "{mode:o}");
    }
}

#[test]
fn what_belongs_to_another_user_is_refused() {
    let scratch = Scratch::new();
    let us = fs::metadata(scratch.path()).unwrap().uid();
    // Root's folder is another's to everybody but root, who can give its own away.
    let (file, owner) = if us == 0 {
        std::os::unix::fs::chown(scratch.path(), Some(12_345), None).unwrap();
        (scratch.file(), 12_345)
    } else {
        (SessionFile::at(Path::new("/chancery-test.json")), 0)
    };
    let fault = file.read().unwrap_err();
    let expected =
        FileFault::OtherOwner { path: file.0.folder.clone(), thing: FileOrFolder::Folder, owner, us };
    assert_eq!((fault.reason(), &fault), ("session_file_other_owner", &expected));
    assert!(fault.to_string().contains(&owner.to_string()), "{fault}");
}

#[test]
fn what_is_no_regular_file_is_neither_followed_nor_waited_for() {
    let scratch = Scratch::new();
    let file = scratch.file();
    let refused = |expected: &'static str| {
        let fault = file.read().unwrap_err();
        let path = file.path().to_owned();
        assert_eq!(fault, FileFault::NotAFile { path, what: expected });
        assert_eq!(fault.reason(), "session_file_not_a_file");
    };
    let good = scratch.path().join("good.json");
    fs::write(&good, &*sample("1").write()).unwrap();
    chmod(&good, 0o600);
    std::os::unix::fs::symlink(&good, file.path()).unwrap();
    refused("a symbolic link");
    fs::remove_file(file.path()).unwrap();
    fs::create_dir(file.path()).unwrap();
    refused("a folder");
    fs::remove_dir(file.path()).unwrap();
    // Nobody writes to the pipe: whoever opens it as a file waits for ever.
    assert!(Command::new("mkfifo").arg(file.path()).status().unwrap().success());
    refused("a pipe");
    fs::remove_file(file.path()).unwrap();
    let _listener = UnixListener::bind(file.path()).unwrap();
    refused("a socket or a device");
}

#[test]
fn what_cannot_be_read_is_said_with_what_the_system_says() {
    let scratch = Scratch::new();
    fs::write(scratch.path().join("file"), "").unwrap();
    for path in [scratch.path().join("file/default.json"), scratch.path().join("x".repeat(300))] {
        let fault = SessionFile::at(&path).read().unwrap_err();
        assert!(matches!(&fault, FileFault::Unreadable { why, .. } if why.contains("os error")), "{fault:?}");
        assert_eq!(fault.reason(), "session_file_unreadable");
    }
}

#[tokio::test]
async fn a_file_that_is_not_ours_stays_as_it_is() {
    let scratch = Scratch::new();
    let file = scratch.file();
    for (content, reason) in [
        ("{\"name\":\"package\",\"password\":\"hunter2\"}", "session_file_foreign"),
        ("hunter2\n", "session_file_foreign"),
        ("{\"chancery_session\":2,\"token\":\"hunter2\"}", "session_file_other_version"),
        ("{\"chancery_session\":1,\"token\":\"hunter2\"}", "session_file_corrupt"),
        ("{\"chancery_session\":1,\n\"token\":\"hunter2", "session_file_corrupt"),
        ("", "session_file_corrupt"),
    ] {
        put(&file, content);
        let fault = file.read().unwrap_err();
        assert_eq!((fault.reason(), fault.kind()), (reason, ErrorKind::Permanent), "{content}");
        let told = format!("{fault} {fault:?} {}", fault.fix());
        assert!(!told.contains("hunter2") && told.contains("default.json"), "{told}");
        let locked = file.lock(PATIENCE).await.unwrap();
        assert_eq!(locked.read().await.unwrap_err(), fault);
        assert_eq!(fs::read_to_string(file.path()).unwrap(), content);
    }
}

#[test]
fn damage_is_told_with_file_line_and_column() {
    let scratch = Scratch::new();
    let file = scratch.file();
    put(&file, "{\"chancery_session\": 1,\n \"issuer\": https}");
    let damage = FileDamage::Syntax { line: 2, column: 12 };
    let fault = file.read().unwrap_err();
    assert_eq!(fault, FileFault::Corrupt { path: file.path().to_owned(), damage });
    let told =
        format!("the session file {} is damaged: it is no JSON at line 2, column 12", file.path().display());
    assert_eq!(fault.to_string(), told);
}

#[test]
fn full_over_quota_and_read_only_are_told_apart() {
    let path = Path::new("default.json");
    for (errno, reason) in [
        (Errno::NOSPC, "session_file_disk_full"),
        (Errno::DQUOT, "session_file_quota"),
        (Errno::ROFS, "session_file_read_only"),
        (Errno::ACCESS, "session_file_unwritable"),
        (Errno::IO, "session_file_unwritable"),
        (Errno::FBIG, "session_file_unwritable"),
    ] {
        let fault = FileFault::unwritable(path, &io::Error::from(errno));
        assert_eq!((fault.reason(), fault.path()), (reason, path));
    }
}

#[test]
fn a_want_of_descriptors_passes_and_a_want_of_rights_does_not() {
    let path = Path::new("default.json");
    for (errno, kind) in [
        (Errno::MFILE, ErrorKind::Transient),
        (Errno::NFILE, ErrorKind::Transient),
        (Errno::NOMEM, ErrorKind::Transient),
        (Errno::ACCESS, ErrorKind::Permanent),
        (Errno::LOOP, ErrorKind::Permanent),
    ] {
        let fault = FileFault::unreadable(path, &io::Error::from(errno));
        assert_eq!((fault.reason(), fault.kind()), ("session_file_unreadable", kind), "{fault}");
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let scratch = Scratch::new();
    fs::write(scratch.path().join("file"), "").unwrap();
    let file = SessionFile::at(&scratch.path().join("file/folder/default.json"));
    let fault = file.lock(PATIENCE).await.unwrap_err();
    assert_eq!((fault.reason(), fault.path()), ("session_file_unreadable", file.0.folder.as_path()));
}
