//! A command with a session beside it.

use super::world::{World, asks};
use crate::support::{Chancery, LocalHttp, until};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};

/// A command says where its token is,
const SAYS: &str = "echo \"$CHANCERY_TOKEN_FILE\"; echo \"$CHANCERY_TOKEN_URL\"";
/// and then does what each line asks it to, until there are no more.
const WAITS: &str = "while read -r line; do eval \"$line\"; done";

/// `chancery agent exec` (or `delegate`) with a shell in it. Killed, by its own process id, when it is dropped.
pub(super) struct Executed {
    pub(super) child: Child,
    input: Option<ChildStdin>,
    output: BufReader<std::process::ChildStdout>,
    /// What the command was told.
    pub(super) token_file: PathBuf,
    pub(super) socket: LocalHttp,
}

impl Executed {
    pub(super) fn start(chancery: &Chancery, words: &[&str]) -> Self {
        Self::running(chancery, words, WAITS)
    }

    /// With another script.
    pub(super) fn running(chancery: &Chancery, words: &[&str], script: &str) -> Self {
        let script = format!("{SAYS}; {script}");
        let mut command = chancery.command(&[&["agent"], words, &["--", "/bin/sh", "-c", &script]].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = || {
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            line.trim_end().to_owned()
        };
        let (token_file, url) = (line(), line());
        if url.is_empty() {
            let mut told = String::new();
            child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            panic!("the command was not started: {:?} {told}", child.wait());
        }
        Self { child, input, output, token_file: token_file.into(), socket: LocalHttp::of_url(&url) }
    }

    /// The folder of this run.
    pub(super) fn folder(&self) -> &Path {
        self.token_file.parent().unwrap()
    }

    /// What the command says to a line of shell.
    pub(super) fn says(&mut self, line: &str) -> String {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
        self.hears()
    }

    /// The next line that it says.
    pub(super) fn hears(&mut self) -> String {
        let mut said = String::new();
        self.output.read_line(&mut said).unwrap();
        said.trim_end().to_owned()
    }

    /// The token in its file.
    pub(super) fn token(&self) -> String {
        fs::read_to_string(&self.token_file).unwrap().trim_end().to_owned()
    }

    /// Closes the command's input, which ends it; answers the exit code and what was logged.
    pub(super) fn ended(mut self) -> (i32, String) {
        drop(self.input.take());
        let status = until("the end of the command", || self.child.try_wait().unwrap());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (status.code().unwrap_or(-1), log)
    }
}

impl Drop for Executed {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_command_finds_its_token_in_a_file_and_at_a_socket_that_are_its_own() {
    let world = World::logged_in(&[]);
    let mut executed = Executed::start(&world.chancery, &["exec"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&executed.token_file), mode(executed.folder())), (0o600, 0o700));
    assert_eq!(mode(&executed.folder().join("socket")), 0o600);
    assert_eq!(executed.says("wc -l < \"$CHANCERY_TOKEN_FILE\"").trim(), "1");
    let (token, given) = (executed.token(), executed.socket.get("/token"));
    assert_eq!((given.status, given.text("access_token")), (200, &*token));
    assert_eq!(token, world.token());
    let folder = executed.folder().to_owned();
    assert_eq!(executed.ended(), (0, String::new()));
    assert!(!folder.exists(), "both go when the command ends");
    world.agent(&["token"]).expect(0);
}

#[test]
fn the_exit_code_is_that_of_the_command_as_in_a_shell() {
    let world = World::logged_in(&[]);
    let code = |command: &[&str]| world.agent(&[&["exec", "--"], command].concat()).code;
    assert_eq!(code(&["/bin/sh", "-c", "exit 3"]), 3);
    assert_eq!(code(&["/bin/sh", "-c", "exit 255"]), 255);
    assert_eq!(code(&["/bin/sh", "-c", "kill -KILL $$"]), 137);
    assert_eq!(code(&["/bin/sh", "-c", "kill -TERM $$"]), 143);
    let none = world.agent(&["exec", "--", "no-such-program"]).expect(127);
    assert!(none.err.contains("no program no-such-program"), "{none:?}");
    world.folder.write("text", "x");
    world.agent(&["exec", "--", "./text"]).expect(126);
    // An option of the command is none of ours, and its text is not looked at.
    let said = world.agent(&["exec", "--", "/bin/echo", "--json", "--help"]).expect(0);
    assert_eq!(said.out, "--json --help\n");
    assert_eq!(world.refused(&["exec"], 2), "usage");
}

#[test]
fn no_command_is_started_without_a_token() {
    let mut world = World::with_clock();
    world.login(&[]).expect(0);
    world.issuer_goes_away();
    world.advance(901);
    let ran = world.agent(&["exec", "--", "/bin/sh", "-c", "echo started"]).expect(7);
    assert_eq!(ran.out, "", "{ran:?}");
}

#[test]
fn r_11_6_the_token_in_the_file_is_always_a_fresh_one() {
    let world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let executed = Executed::start(&world.chancery, &["exec"]);
    let mut last = executed.token();
    for _ in 0..4 {
        world.advance(460);
        let next =
            until("another token in the file", || Some(executed.token()).filter(|token| *token != last));
        assert!(world.is_active(&next));
        last = next;
    }
    assert_eq!(executed.ended().0, 0);
}

#[test]
fn a_token_that_is_to_live_longer_is_renewed_earlier() {
    let world = World::with_clock();
    world.login(&[]).expect(0);
    let executed = Executed::start(&world.chancery, &["exec", "--min-ttl", "14m"]);
    let first = executed.token();
    world.advance(90);
    until("another token in the file", || (executed.token() != first).then_some(()));
    // More than tokens ever live: the issuer is not asked at every look.
    let began = world.rotations();
    let longing = Executed::start(&world.chancery, &["exec", "--min-ttl", "2h"]);
    let first = longing.token();
    world.advance(3);
    until("the clock was looked at", || asks(&longing.socket, "/status", 200));
    assert_eq!(longing.token(), first);
    assert!(world.rotations() - began <= 2, "{}", world.rotations() - began);
}

#[test]
fn a_command_whose_session_is_ended_runs_on_and_is_told_why_there_is_no_token() {
    let world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let mut executed = Executed::start(&world.chancery, &["exec"]);
    let token = executed.token();
    world.revoke_session(&token);
    until("the issuer hears of it", || (!world.is_active(&token)).then_some(()));
    world.advance(300);
    let told = until("the refusal", || asks(&executed.socket, "/token", 403));
    assert_eq!((&told["error"], &told["reason"]), (&"session_revoked".into(), &"session_revoked".into()));
    assert_eq!(told["ended_by"], "refresh_token_ended");
    assert!(told["at"].is_u64() && told["access_token"].is_null());
    assert_eq!(executed.says("echo alive"), "alive");
    // Another login is taken up.
    world.login(&["--bearer", "--replace"]).expect(0);
    let fresh = until("the next session", || asks(&executed.socket, "/token", 200));
    assert!(world.is_active(fresh["access_token"].as_str().unwrap()));
    until("its token in the file", || (executed.token() == fresh["access_token"]).then_some(()));
    let (code, log) = executed.ended();
    assert_eq!((code, log.matches("refresh_token_ended").count() > 0), (0, true), "{log}");
}

#[test]
fn what_a_killed_agent_left_is_taken_away_by_the_next_and_what_lives_is_not() {
    let world = World::logged_in(&[]);
    let mut killed = Executed::start(&world.chancery, &["exec"]);
    let living = Executed::start(&world.chancery, &["exec"]);
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    let (left, lives) = (killed.folder().to_owned(), living.folder().to_owned());
    assert!(left.exists());
    // Folders of somebody else's have such names, too; one of them is as private as ours.
    let theirs = ["chancery-agent-notes/token", "chancery-agent-0123456789abcdef/notes"];
    // So may what a command writes beside its token: no token stays for it.
    let beside = left.join("notes");
    fs::write(&beside, "precious").unwrap();
    let run = world
        .agent(&[
            "exec",
            "--",
            "/bin/sh",
            "-c",
            "echo \"$CHANCERY_TOKEN_FILE\" | tee \"${CHANCERY_TOKEN_FILE}s\"",
        ])
        .expect(0);
    let mine = Path::new(run.out.trim_end());
    assert!(!mine.exists() && mine.with_file_name("tokens").exists());
    assert!(beside.exists() && !killed.token_file.exists());
    fs::remove_file(beside).unwrap();
    for file in theirs {
        let path = world.folder.write(file, "precious");
        fs::set_permissions(path.parent().unwrap(), fs::Permissions::from_mode(0o700)).unwrap();
    }
    world.agent(&["exec", "--", "/bin/true"]).expect(0);
    assert!(!left.exists() && lives.exists());
    assert!(theirs.iter().all(|file| world.folder.read(file) == "precious"));
    assert_eq!(living.socket.get("/token").status, 200);
    drop(killed);
}

#[test]
fn nobody_else_reads_a_token_through_the_place_of_temporary_files() {
    let world = World::logged_in(&[]);
    // The place for what runs is preferred, where it is this user's alone.
    let run = world.folder.file("run");
    fs::create_dir(&run).unwrap();
    let chancery = world.chancery.clone().env("XDG_RUNTIME_DIR", run.to_str().unwrap());
    let base = |mode: u32| {
        fs::set_permissions(&run, fs::Permissions::from_mode(mode)).unwrap();
        let executed = Executed::start(&chancery, &["exec"]);
        executed.folder().parent().unwrap().to_owned()
    };
    assert_eq!(base(0o700), run);
    assert_eq!(base(0o755), world.folder.path());
    // Nor is one used where others could take ours away.
    let open = world.folder.file("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    let executed = Executed::start(&world.chancery.clone().env("TMPDIR", open.to_str().unwrap()), &["exec"]);
    assert_eq!(executed.folder().parent().unwrap(), Path::new("/tmp"));
}
