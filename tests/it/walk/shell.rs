//! The commands of a page, run as they stand there, and what they print.

use super::page::{Block, Page};
use crate::s1_documint::programs;
use crate::support::{Chancery, Folder, within};
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

/// Stands between what two blocks print.
const MARK: &str = "=== block";
/// A page is walked in seconds; so long means that something hangs.
const HANGS: Duration = Duration::from_mins(3);
/// Where an issuer, a guarded service and a gate listen on every page.
const PORTS: [&str; 3] = ["8420", "8421", "8422"];

/// Runs every `sh` block in its order, in one shell and an empty folder, and compares what it prints with the block
/// right below it.
pub(super) fn walk(page: &Page) {
    let ports = PORTS.map(|_| free_port().to_string());
    let mut text = page.text.clone();
    for (port, free) in PORTS.iter().zip(&ports) {
        text = text.replace(port, free);
    }
    let blocks = Page { path: page.path.clone(), text }.blocks();
    let commands: Vec<(&Block, Option<&Block>)> = commands(&blocks);
    let mut script = "exec 2>&1\n".to_owned();
    for (block, _) in &commands {
        script.extend([&*block.body, "\nprintf '\\n", MARK, "\\n'\n"]);
    }
    let folder = Folder::new();
    let (printed, succeeded) = run(&script, &folder, &ports[0]);
    let parts: Vec<&str> = printed.split(MARK).collect();
    for ((block, said), part) in commands.iter().zip(&parts) {
        if let Some(said) = said.filter(|said| !is_like(part, &said.body)) {
            panic!("{}:{}:\n{}\nprints\n{part}\nand not\n{}", page.path, block.line, block.body, said.body);
        }
    }
    let stopped = commands.get(parts.len() - 1).map_or(0, |(block, _)| block.line);
    assert!(succeeded, "{}:{stopped}: it stops after:\n{}", page.path, parts.last().unwrap());
    assert_eq!(parts.len(), commands.len() + 1, "{}: {printed}", page.path);
}

/// The `sh` blocks, each with the output right below it.
fn commands(blocks: &[Block]) -> Vec<(&Block, Option<&Block>)> {
    let told = |at: usize| blocks.get(at + 1).filter(|next| next.right_below && shows_output(next));
    let shells = blocks.iter().enumerate().filter(|(_, block)| block.kind == "sh");
    shells.map(|(at, block)| (block, told(at))).collect()
}

fn shows_output(block: &Block) -> bool {
    block.kind == "text" || block.kind == "json"
}

/// Runs a script as somebody with an empty folder and our programs would; answers what it printed, and whether it came
/// to its end.
fn run(script: &str, folder: &Folder, issuer: &str) -> (String, bool) {
    // Read by `init` and `serve`, whose own default is the port in the text.
    let chancery = Chancery::in_folder(folder)
        .set("ISSUER__URL", format!("http://127.0.0.1:{issuer}"))
        .set("LISTEN__ADDRESS", format!("127.0.0.1:{issuer}"))
        .command(&[]);
    let of_chancery = Path::new(chancery.get_program()).parent().unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", of_chancery.display(), programs().display());
    // Beside the folder, which is to be empty: what is left running still writes there.
    let printed = folder.path().with_extension("printed");
    let output = File::create(&printed).unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-eu", "-c", script]).current_dir(folder.path()).env_clear().env("PATH", path);
    // Nobody's home is the folder that they try a page in.
    let home = Folder::new();
    shell.env("HOME", home.path());
    shell.envs(chancery.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.stdin(Stdio::null()).stdout(output).process_group(0);
    let mut shell = Family(shell.spawn().unwrap());
    let ended = within(HANGS, "the end of the page", || shell.0.try_wait().unwrap());
    drop(shell);
    let port: u16 = issuer.parse().unwrap();
    within(HANGS, "the end of what the page started", || TcpListener::bind(("127.0.0.1", port)).ok());
    let told = fs::read_to_string(&printed).unwrap();
    fs::remove_file(printed).unwrap();
    (told, ended.success())
}

/// A shell and whatever it left running; all of it ends with this.
struct Family(Child);

impl Drop for Family {
    fn drop(&mut self) {
        // Nothing is left of most. Some shells' own `kill` knows no `--`.
        let kill = format!("kill -KILL -{} 2> /dev/null", self.0.id());
        let _ = Command::new("sh").args(["-c", &kill]).status();
        let _ = self.0.wait();
    }
}

/// One below those that the system gives to whoever asks for any, so that no other test takes it meanwhile.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 8_000).unwrap() + 20_000;
    let candidates = (0..1_000).map(|_| first + NEXT.fetch_add(1, Ordering::SeqCst));
    let mut free = candidates.filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.next().expect("one of a thousand ports is free")
}

/// A `…` stands for what differs from run to run.
fn is_like(printed: &str, said: &str) -> bool {
    let mut rest = printed.trim();
    let mut parts = said.split('…');
    let Some(after) = rest.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    rest = after;
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn a_block_belongs_to_the_output_right_below_it() {
    let text = "a\n```sh\nb\n```\n```text\nd\n```\n\n```text\ne\n```\n```sh\nf\n```\n\n```text\ng\n```\n";
    let blocks = Page { path: String::new(), text: text.to_owned() }.blocks();
    let told: Vec<_> = commands(&blocks)
        .iter()
        .map(|(block, said)| (block.body.clone(), said.map(|said| said.body.clone())))
        .collect();
    assert_eq!(told, [("b".to_owned(), Some("d".to_owned())), ("f".to_owned(), None)]);
}

#[test]
fn dots_stand_for_anything_and_the_rest_for_itself() {
    assert!(is_like("abc\n", "abc") && is_like("abc", "a…c") && is_like("abcdbc", "a…d…"));
    assert!(!is_like("abcd", "abc") && !is_like("abcd", "…abc") && !is_like("xabc", "abc…"));
}
