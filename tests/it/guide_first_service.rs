//! The guide's commands, run as they stand there, and what they print.

use crate::s1_documint::programs;
use crate::support::{Chancery, Folder};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

const GUIDE: &str = include_str!("../../docs/guides/first-service.md");
/// Stands between what two blocks print.
const MARK: &str = "=== block";

/// Commands of the guide, and what it says that they print.
#[derive(Debug)]
struct Block {
    commands: String,
    prints: Option<String>,
}

/// Every `sh` block in its order, each with the `text` block right below it.
fn blocks(guide: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = guide.lines();
    let mut right_below = false;
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else {
            right_below = false;
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let body = body.join("\n");
        match (kind, blocks.last_mut()) {
            ("sh", _) => blocks.push(Block { commands: body, prints: None }),
            ("text", Some(block)) if right_below => block.prints = Some(body),
            _ => {}
        }
        right_below = kind == "sh";
    }
    blocks
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

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn s1_every_command_of_the_guide_works_and_prints_what_the_guide_says() {
    let (issuer, service) = (free_port().to_string(), free_port().to_string());
    let guide = GUIDE.replace("8420", &issuer).replace("8421", &service);
    let blocks = blocks(&guide);
    assert!(blocks.len() > 10, "{}", blocks.len());
    // The two that run beside the commands are named in the guide; they must not outlive it.
    let mut script = "exec 2>&1\ntrap 'kill ${issuer:-} ${service:-} 2> /dev/null || :' EXIT\n".to_owned();
    for block in &blocks {
        script.extend([&*block.commands, "\nprintf '\\n", MARK, "\\n'\n"]);
    }
    let folder = Folder::new();
    let url = format!("http://127.0.0.1:{issuer}");
    let chancery = Chancery::in_folder(&folder)
        .set("ISSUER__URL", &*url)
        .set("LISTEN__ADDRESS", format!("127.0.0.1:{issuer}"))
        .command(&[]);
    let of_chancery = Path::new(chancery.get_program()).parent().unwrap();
    let path = format!("{}:{}:/usr/bin:/bin", of_chancery.display(), programs().display());
    let mut shell = Command::new("sh");
    shell.args(["-eu", "-c", &script]).current_dir(folder.path()).env_clear().env("PATH", path);
    shell.envs(chancery.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = shell.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "it stops after:\n{printed}");
    let parts: Vec<&str> = printed.split(MARK).collect();
    assert_eq!(parts.len(), blocks.len() + 1, "{printed}");
    for (block, part) in blocks.iter().zip(parts) {
        if let Some(said) = &block.prints {
            assert!(is_like(part, said), "{}\nprints\n{part}\nand not\n{said}", block.commands);
        }
    }
}

#[test]
fn a_block_belongs_to_the_output_right_below_it() {
    let found =
        blocks("a\n```sh\nb\nc\n```\n```text\nd\n```\n\n```text\ne\n```\n```sh\nf\n```\n\n```text\ng\n```\n");
    assert_eq!(found.len(), 2);
    assert_eq!((&*found[0].commands, found[0].prints.as_deref()), ("b\nc", Some("d")));
    assert_eq!((&*found[1].commands, found[1].prints.as_deref()), ("f", None));
}

#[test]
fn dots_stand_for_anything_and_the_rest_for_itself() {
    assert!(is_like("abc\n", "abc") && is_like("abc", "a…c") && is_like("abcdbc", "a…d…"));
    assert!(!is_like("abcd", "abc") && !is_like("abcd", "…abc") && !is_like("xabc", "abc…"));
}
