//! Signals of a command that runs beside a session.

use super::exec::Executed;
use super::world::World;
use crate::support::until;
use std::process::{Command, Stdio};

pub(super) fn send(signal: &str, pid: u32) {
    let kill = format!("kill -{signal} {pid}");
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

#[test]
fn every_signal_that_asks_something_of_the_command_reaches_it() {
    let world = World::logged_in(&[]);
    for signal in ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "WINCH"] {
        let waits = format!(
            "trap 'echo got {signal}; exit 7' {signal}; echo ready; while :; do /bin/sleep 0.01; done"
        );
        let mut executed = Executed::running(&world.chancery, &["exec"], &waits);
        assert_eq!(executed.hears(), "ready");
        send(signal, executed.child.id());
        assert_eq!(executed.hears(), format!("got {signal}"));
        let folder = executed.folder().to_owned();
        assert_eq!(executed.ended().0, 7, "{signal}");
        assert!(!folder.exists());
    }
}

#[test]
fn a_command_that_a_signal_ends_takes_its_files_with_it() {
    let world = World::logged_in(&[]);
    let mut executed = Executed::start(&world.chancery, &["exec"]);
    let folder = executed.folder().to_owned();
    send("TERM", executed.child.id());
    let status = until("the end", || executed.child.try_wait().unwrap());
    assert_eq!(status.code(), Some(128 + 15));
    assert!(!folder.exists());
}

#[test]
fn what_nohup_lets_the_command_ignore_it_goes_on_to_ignore() {
    let world = World::logged_in(&[]);
    let chancery = world.chancery.command(&[]).get_program().to_owned();
    let script = "trap '' HUP; exec \"$0\" agent exec -- /bin/sh -c 'kill -HUP $$; echo lives'";
    let mut command = world.chancery.command(&[]);
    let variables: Vec<_> =
        command.get_envs().map(|(name, value)| (name.to_owned(), value.unwrap().to_owned())).collect();
    command = Command::new("/bin/sh");
    command.args(["-c", script]).arg(chancery).env_clear().envs(variables).stdin(Stdio::null());
    let ran = command.output().unwrap();
    assert_eq!(
        (String::from_utf8_lossy(&ran.stdout), ran.status.code()),
        ("lives\n".into(), Some(0)),
        "{ran:?}"
    );
}

/// Runs a command before a terminal of its own, as a person would, until it is ready.
const STARTS: &str = r#"
import os, pty, signal, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
seen = b""
signal.alarm(60)
def shows(word):
    global seen
    while word not in seen:
        seen += os.read(terminal, 1024)
shows(b"ready")
"#;

/// Types what ends it there.
const TYPES: &str = r#"
# The agent takes note of it when the command has: two signals at once would be taken for one.
os.kill(pid, signal.SIGSTOP)
os.write(terminal, b"\x03")
shows(b"interrupted")
os.kill(pid, signal.SIGCONT)
# What came twice would be there before this one.
os.kill(pid, signal.SIGUSR1)
shows(b"times")
print(seen.decode().split("ready")[1].replace("\r", "").replace("^C", "").split())
"#;

/// Somebody elsewhere sends the agent the same as what is typed: once, and once more.
const SENDS: &str = r#"
os.kill(pid, signal.SIGINT)
os.kill(pid, signal.SIGUSR1)
shows(b"marked")
print(b"interrupted" in seen)
os.kill(pid, signal.SIGINT)
shows(b"interrupted")
os.kill(pid, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

/// What is printed about a command that runs `script`, by a program that starts it and goes on like this.
fn before_a_terminal(goes_on: &str, script: &str) -> String {
    let world = World::logged_in(&[]);
    let command = world.chancery.command(&[]);
    let chancery = command.get_program().to_owned();
    let variables: Vec<_> =
        command.get_envs().map(|(name, value)| (name.to_owned(), value.unwrap().to_owned())).collect();
    let mut python = Command::new("python3");
    python
        .args(["-c", &[STARTS, goes_on].concat()])
        .arg(chancery)
        .args(["agent", "exec", "--", "/bin/sh", "-c", script]);
    python.env_clear().envs(variables).env("PATH", "/usr/local/bin:/usr/bin:/bin").stdin(Stdio::null());
    let ran = python.output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn who_sends_again_what_could_have_been_typed_has_it_handed_on() {
    let script =
        "trap 'echo interrupted' INT; trap 'echo marked' USR1; echo ready; while :; do sleep 0.01; done";
    assert_eq!(before_a_terminal(SENDS, script), "False\n143\n");
}

#[test]
fn what_is_typed_at_a_terminal_reaches_the_command_once() {
    let counts = "n=0; trap 'n=$((n+1)); echo interrupted' INT; trap 'echo $n times; exit' USR1; echo ready; \
                  while :; do sleep 0.01; done";
    assert_eq!(before_a_terminal(TYPES, counts), "['interrupted', '1', 'times']\n");
}
