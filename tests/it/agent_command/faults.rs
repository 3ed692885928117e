//! What can be wrong with a session's file, its disk, the clock and the issuer: each is told, and nothing is lost.

use super::exec::Executed;
use super::world::{World, asks};
use crate::support::{Agent, Chancery, LocalHttp, MovedClock, compiled, until};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

fn mode(world: &World, name: &str, mode: u32) {
    fs::set_permissions(world.folder.file(name), fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_damaged_or_foreign_file_is_told_with_its_name_and_left_as_it_is() {
    let world = World::logged_in(&[]);
    let name = World::file("json");
    let (good, token) = (world.folder.read(&name), world.token());
    let cases = [
        (String::new(), "session_file_corrupt"),
        (good[..good.len() / 2].to_owned(), "session_file_corrupt"),
        (good.replace("\"dpop_key\"", "\"dpop_kez\""), "session_file_corrupt"),
        ("{\"name\":\"my notes\"}".to_owned(), "session_file_foreign"),
        (good.replace("\"chancery_session\":1", "\"chancery_session\":2"), "session_file_other_version"),
    ];
    for (content, reason) in cases {
        world.folder.write(&name, &content);
        mode(&world, &name, 0o600);
        for words in [&["token"][..], &["status"], &["logout"], &["serve"], &["exec", "--", "/bin/true"]] {
            let told = world.agent(words).expect(2);
            assert!(
                told.err.contains("default.json") && told.err.lines().count() >= 2,
                "{words:?}: {told:?}"
            );
        }
        assert_eq!(world.refused(&["token"], 2), reason);
        assert_eq!(world.folder.read(&name), content);
    }
    world.folder.write(&name, &good);
    assert_eq!(world.token(), token);
}

#[test]
fn a_file_that_others_may_read_or_that_is_no_file_is_not_used() {
    let world = World::logged_in(&[]);
    let (name, file) = (World::file("json"), world.folder.file(&World::file("json")));
    let token = world.token();
    for open in [0o644, 0o660, 0o604] {
        mode(&world, &name, open);
        let told = world.agent(&["token"]).expect(2);
        assert!(told.err.contains("chmod 600"), "{told:?}");
        assert_eq!(world.refused(&["token"], 2), "session_file_open_to_others");
    }
    mode(&world, &name, 0o600);
    mode(&world, ".local/state/chancery/agent", 0o777);
    assert_eq!(world.refused(&["token"], 2), "session_file_open_to_others");
    mode(&world, ".local/state/chancery/agent", 0o700);
    let aside = world.folder.file("aside.json");
    fs::rename(&file, &aside).unwrap();
    symlink(&aside, &file).unwrap();
    world.agent(&["token"]).expect(2);
    fs::remove_file(&file).unwrap();
    fs::rename(&aside, &file).unwrap();
    assert_eq!(world.token(), token);
}

#[test]
fn an_agent_whose_file_is_damaged_gives_the_last_good_token_until_it_is_mended() {
    let world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let agent = Agent::start(&world.chancery, &["serve"]);
    let (socket, name) = (LocalHttp::at(&agent.socket()), World::file("json"));
    let (first, good) = (socket.get("/token"), world.folder.read(&name));
    let damaged = &good[..good.len() / 2];
    world.folder.write(&name, damaged);
    world.advance(460);
    let status =
        until("the fault", || asks(&socket, "/status", 200).filter(|status| !status["trouble"].is_null()));
    assert_eq!(status["trouble"]["reason"], "session_file_corrupt");
    assert_eq!(socket.get("/token").body["access_token"], first.body["access_token"]);
    assert_eq!(world.folder.read(&name), damaged, "nobody writes over what is not understood");
    world.folder.write(&name, &good);
    let fresh = until("the next token", || {
        world.advance(1);
        Some(socket.get("/token")).filter(|given| given.body["access_token"] != first.body["access_token"])
    });
    assert!(world.is_active(fresh.text("access_token")));
}

/// The same command, on a disk that is full below a folder while the file `full` is there.
fn on_a_full_disk(world: &World, below: &str) -> Chancery {
    let library = compiled("it/support/full_disk/full_disk.c");
    // Both are loaded before the program: the clock, and the disk.
    let clock = world.chancery.variable("LD_PRELOAD").unwrap();
    let chancery = world.chancery.clone().env("LD_PRELOAD", format!("{} {clock}", library.display()));
    chancery
        .env("FULL_DISK_BELOW", world.folder.file(below).to_str().unwrap())
        .env("FULL_DISK_WHILE", world.folder.file("full").to_str().unwrap())
}

#[test]
fn a_full_disk_loses_no_session_and_no_token() {
    let world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let (name, full) = (World::file("json"), on_a_full_disk(&world, ".local"));
    let (first, kept) = (world.token(), world.folder.read(&name));
    world.folder.write("full", "");
    world.advance(400);
    let (second, third) = (full.run(&["agent", "token"]).expect(0), full.run(&["agent", "token"]).expect(0));
    assert!(second.err.contains("session_file_disk_full") && second.out.trim_end() != first, "{second:?}");
    assert!(world.is_active(second.out.trim_end()) && world.is_active(third.out.trim_end()));
    assert_eq!(world.folder.read(&name), kept, "the old file stays as it was, and is whole");
    let left: Vec<_> = fs::read_dir(world.home()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "the file and its lock, and no drafts: {left:?}");
    let words = ["agent", "login", "--name", "other", "--issuer", &world.url, "--client-id", "reporter"];
    let refused = full.run(&[&words[..], &["--secret-file", "reporter.secret", "--json"]].concat()).expect(2);
    assert_eq!(refused.json()["reason"], "session_file_disk_full");
    fs::remove_file(world.folder.file("full")).unwrap();
    let fourth = full.run(&["agent", "token"]).expect(0);
    assert_eq!(fourth.err, "");
    assert!(world.is_active(fourth.out.trim_end()));
    assert_ne!(world.folder.read(&name), kept);
}

#[test]
fn a_limit_on_files_ends_nobody() {
    let world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let (first, kept) = (world.token(), world.kept());
    world.advance(400);
    let plain = world.chancery.command(&["agent", "token"]);
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", "ulimit -f 0; exec \"$0\" \"$@\""]).arg(plain.get_program()).args(plain.get_args());
    limited.env_clear().envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ran = limited.stdin(Stdio::null()).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && err.contains("could not be kept (session_file_unwritable)"), "{ran:?}");
    assert!(out.trim_end() != first && world.is_active(out.trim_end()));
    assert_eq!(world.kept(), kept);
}

#[test]
fn an_agent_starts_on_a_full_disk() {
    let world = World::with_clock();
    world.login(&[]).expect(0);
    let full = on_a_full_disk(&world, ".local");
    world.folder.write("full", "");
    let agent = Agent::start(&full, &["serve"]);
    assert_eq!(LocalHttp::at(&agent.socket()).get("/token").status, 200);
    let again = full.run(&["agent", "serve"]).expect(6);
    assert!(again.err.contains("another agent serves"), "{again:?}");
}

#[test]
fn a_full_disk_leaves_the_last_token_in_its_file_and_the_command_runs_on() {
    let world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let run = world.folder.file("run");
    fs::create_dir(&run).unwrap();
    mode(&world, "run", 0o700);
    let full = on_a_full_disk(&world, "run").env("XDG_RUNTIME_DIR", run.to_str().unwrap());
    let mut executed = Executed::start(&full, &["exec"]);
    let first = executed.token();
    world.folder.write("full", "");
    world.advance(460);
    let given = until("another token at the socket", || {
        asks(&executed.socket, "/token", 200).filter(|given| given["access_token"] != first)
    });
    world.advance(2);
    until("the clock was looked at", || asks(&executed.socket, "/status", 200));
    assert_eq!(executed.token(), first, "whole, as it was");
    assert_eq!(executed.says("echo alive"), "alive");
    fs::remove_file(world.folder.file("full")).unwrap();
    until("it is written after all", || (executed.token() == given["access_token"]).then_some(()));
    let (code, log) = executed.ended();
    assert_eq!((code, log.matches("the token file keeps an older token").count()), (0, 1), "{log}");
}

#[test]
fn a_clock_that_leaps_forward_by_days_forces_nobody_to_log_in() {
    let world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let executed = Executed::start(&world.chancery, &["exec"]);
    for days in [1, 10] {
        let last = executed.token();
        world.advance(days * 86_400);
        let fresh = until("the next token", || Some(executed.token()).filter(|token| *token != last));
        until("it counts", || world.is_active(&fresh).then_some(()));
        assert!(world.is_active(&world.token()));
    }
}

#[test]
fn a_clock_that_went_back_makes_no_token_live_longer() {
    let mut world = World::new();
    let ahead = MovedClock::new();
    ahead.advance(Duration::from_hours(24));
    // The agent's clock alone was a day ahead when it logged in.
    let words = [
        "agent",
        "login",
        "--issuer",
        &world.url,
        "--client-id",
        "reporter",
        "--secret-file",
        "reporter.secret",
    ];
    let wrong = ahead.moves(&world.chancery);
    let told = wrong.run(&words).expect(1);
    assert!(told.err.contains("the clock of this machine"), "a proof is from the future: {told:?}");
    wrong.run(&[&words[..], &["--bearer"]].concat()).expect(0);
    let obtained = world.kept()["obtained_at"].as_u64().unwrap();
    world.issuer_goes_away();
    let told = world.agent(&["token", "--json"]).expect(0).json();
    assert!(told["expires_in"].as_u64().unwrap() <= 900, "{told}");
    assert!(told["expires_at"].as_u64().unwrap() < obtained, "by the clock as it is now: {told}");
    world.issuer_comes_back();
    // It is asked again after a pause.
    let told = until("another token", || {
        let told = world.agent(&["token", "--json"]).expect(0).json();
        (world.kept()["obtained_at"].as_u64().unwrap() < obtained).then_some(told)
    });
    assert!(world.is_active(told["access_token"].as_str().unwrap()));
}

#[test]
fn an_issuer_that_changed_its_name_is_told_and_the_session_goes_on_under_the_old_one() {
    let mut world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let agent = Agent::start(&world.chancery, &["serve"]);
    let socket = LocalHttp::at(&agent.socket());
    let (first, refresh) = (world.token(), world.kept()["refresh_token"].clone());
    world.issuer_goes_away();
    let renamed = world.chancery.clone().set("ISSUER__URL", "https://auth.example.com");
    let renamed =
        renamed.set("STORE__PATH", "elsewhere/store.db").set("ADMIN__SECRET_FILE", "elsewhere/admin.secret");
    world.issuer_comes_back_as(&renamed);
    world.advance(460);
    let told = world.agent(&["token", "--min-ttl", "15m"]).expect(1);
    assert!(told.err.contains("https://auth.example.com"), "{told:?}");
    assert_eq!(world.token(), first, "it lives, and is given out");
    assert_eq!(socket.get("/token").text("access_token"), first);
    world.advance(460);
    assert_eq!(world.refused(&["token"], 1), "issuer_mismatch");
    until("the refusal", || asks(&socket, "/token", 403));
    assert_eq!(world.kept()["refresh_token"], refresh);
    world.issuer_goes_away();
    world.issuer_comes_back();
    world.advance(60);
    assert!(world.is_active(&world.token()));
    until("the agent goes on", || {
        world.advance(10);
        asks(&socket, "/token", 200)
    });
}

/// Answers every request at an address with the same bytes.
struct Impostor {
    stop: Arc<AtomicBool>,
    address: String,
    thread: Option<JoinHandle<()>>,
}

impl Impostor {
    fn at(url: &str, status: &'static str, body: &'static str) -> Self {
        let address = url.strip_prefix("http://").unwrap().to_owned();
        let listener = until("the address is free", || TcpListener::bind(&address).ok());
        let stop = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let stop = Arc::clone(&stop);
            move || {
                for stream in listener.incoming().map_while(Result::ok) {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let mut stream = stream;
                    let _ = stream.read(&mut [0; 4096]);
                    let head =
                        format!("HTTP/1.1 {status}\r\nContent-Type: text/html\r\nConnection: close\r\n");
                    let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
                }
            }
        });
        Self { stop, address, thread: Some(thread) }
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = std::net::TcpStream::connect(&self.address);
        let _ = self.thread.take().unwrap().join();
    }
}

#[test]
fn an_answer_that_is_not_json_costs_nobody_a_session() {
    let mut world = World::with_clock();
    world.login(&["--bearer"]).expect(0);
    let (first, refresh) = (world.token(), world.kept()["refresh_token"].clone());
    world.issuer_goes_away();
    world.advance(300);
    for (status, body, code, reason) in [
        ("200 OK", "<html>Sign in to the network of this hotel</html>", 7, "bad_answer"),
        ("200 OK", "{\"access_token\":\"x\"", 7, "bad_answer"),
        ("400 Bad Request", "<html>No</html>", 7, "bad_answer"),
        ("404 Not Found", "", 7, "bad_answer"),
        ("502 Bad Gateway", "<html>", 7, "issuer_unavailable"),
        ("503 Service Unavailable", "", 7, "issuer_unavailable"),
        ("429 Too Many Requests", "", 7, "issuer_unavailable"),
    ] {
        // It is asked again after a pause.
        world.advance(30);
        let impostor = Impostor::at(&world.url, status, body);
        assert_eq!(world.refused(&["token", "--min-ttl", "15m"], code), reason, "{status} {body}");
        assert_eq!(world.token(), first, "{status} {body}");
        assert_eq!(world.kept()["refresh_token"], refresh, "{status} {body}");
        drop(impostor);
    }
    world.issuer_comes_back();
    world.advance(60);
    assert!(world.is_active(&world.token()));
}
