//! A page of the documentation: its fenced blocks, and what stands around them.

use std::fs;
use std::path::{Path, PathBuf};

/// Copied from elsewhere unchanged; what they say is not ours to mend.
const COPIED: [&str; 2] = ["tests/vectors/jose/", "tests/vectors/paseto/"];
const FENCE: &str = "```";

/// A Markdown file of the project.
pub(super) struct Page {
    /// From the root of the checkout.
    pub(super) path: String,
    pub(super) text: String,
}

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Where it begins; the first line is 1.
    pub(super) line: usize,
    /// What follows the fence: `sh`, or `rust,no_run`.
    pub(super) kind: String,
    pub(super) body: String,
    /// It begins on the line after another block's end.
    pub(super) right_below: bool,
}

/// The root of the checkout.
pub(super) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Every file of the project with this ending, built and fetched ones left out.
pub(super) fn files(ending: &str) -> Vec<PathBuf> {
    let (mut folders, mut found) = (vec![root().to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && !name.starts_with('.') && !["target", "node_modules"].contains(&name) {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The path from the root of the checkout.
pub(super) fn from_root(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()
}

impl Page {
    /// Every page that is ours.
    pub(super) fn all() -> Vec<Self> {
        let pages = files("md").into_iter().map(|path| Self::read(&path));
        let pages: Vec<Self> =
            pages.filter(|page| !COPIED.iter().any(|folder| page.path.starts_with(folder))).collect();
        assert!(pages.len() > 10, "{}", pages.len());
        pages
    }

    /// The pages that a newcomer follows word for word: the README and every guide there is.
    pub(super) fn walked() -> Vec<Self> {
        let mut pages = Self::all();
        pages.retain(|page| page.path == "README.md" || page.path.starts_with("docs/guides/"));
        assert!(pages.len() > 1, "{}", pages.len());
        pages
    }

    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        Self { path: from_root(path), text }
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let lines: Vec<&str> = self.text.lines().collect();
        let (mut blocks, mut at, mut ended) = (Vec::new(), 0, None);
        while at < lines.len() {
            let line = lines[at];
            // One that is indented or fenced otherwise would be skipped in silence.
            let fenced = line.trim_start().starts_with(FENCE) || line.trim_start().starts_with("~~~");
            assert!(!fenced || line.starts_with(FENCE), "{}:{}: {line}", self.path, at + 1);
            if let Some(kind) = line.strip_prefix(FENCE) {
                let body: Vec<&str> =
                    lines[at + 1..].iter().copied().take_while(|line| *line != FENCE).collect();
                let end = at + 1 + body.len();
                assert!(end < lines.len(), "{}:{}: the block does not end", self.path, at + 1);
                blocks.push(Block {
                    line: at + 1,
                    kind: kind.to_owned(),
                    body: body.join("\n"),
                    right_below: ended.is_some_and(|ended| ended + 1 == at),
                });
                ended = Some(end);
                at = end;
            }
            at += 1;
        }
        blocks
    }

    /// What stands outside of blocks, a paragraph at a time, each with the number of its first line.
    pub(super) fn paragraphs(&self) -> Vec<(usize, String)> {
        let mut paragraphs: Vec<(usize, String)> = Vec::new();
        let (mut inside, mut open) = (false, false);
        for (number, line) in (1..).zip(self.text.lines()) {
            let fence = line.starts_with(FENCE);
            inside ^= fence;
            if inside || fence || line.trim().is_empty() {
                open = false;
            } else if open && !line.starts_with('#') {
                let (_, text) = paragraphs.last_mut().unwrap();
                text.extend(["\n", line]);
            } else {
                paragraphs.push((number, line.to_owned()));
                open = !line.starts_with('#');
            }
        }
        paragraphs
    }

    /// What stands between backticks in the prose, with the number of its line.
    pub(super) fn spans(&self) -> Vec<(usize, String)> {
        let paragraphs = self.paragraphs();
        let spans = paragraphs.iter().flat_map(|(first, text)| {
            spans(text)
                .into_iter()
                .map(move |(at, span)| (first + text[..at].matches('\n').count(), span.replace('\n', " ")))
        });
        spans.collect()
    }
}

/// What stands between backticks, and where.
pub(super) fn spans(text: &str) -> Vec<(usize, &str)> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(start) = text[from..].find('`').map(|at| from + at) {
        let ticks = text[start..].bytes().take_while(|byte| *byte == b'`').count();
        let open = start + ticks;
        let Some(end) = text[open..].find(&text[start..open]).map(|at| open + at) else { break };
        found.push((start, &text[open..end]));
        from = end + ticks;
    }
    found
}

#[test]
fn a_block_knows_whether_it_stands_right_below_another() {
    let text = "a\n```sh\nb\nc\n```\n```text\nd\n```\n\n```yaml\ne\n```\n";
    let blocks = Page { path: String::new(), text: text.to_owned() }.blocks();
    let told: Vec<_> = blocks.iter().map(|b| (b.line, &*b.kind, &*b.body, b.right_below)).collect();
    assert_eq!(told, [(2, "sh", "b\nc", false), (6, "text", "d", true), (10, "yaml", "e", false)]);
}

#[test]
fn spans_are_found_across_lines_and_never_in_blocks() {
    let text = "# `a`\nb `c\nd` e\n\n```sh\n`no`\n```\n| `` f`g `` |\n";
    let page = Page { path: String::new(), text: text.to_owned() };
    let told: Vec<_> = page.spans();
    let expected = [(1, "a"), (2, "c d"), (8, " f`g ")].map(|(line, span)| (line, span.to_owned()));
    assert_eq!(told, expected);
}
