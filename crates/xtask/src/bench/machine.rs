//! The machine that a run is on, and what the programs were built from. Read once, at the edge; from there on it
//! is data.

use serde_json::{Value, json};

use super::member::{Members, needed_number, needed_text, number, rounded};
use crate::layout;
use crate::step::Step;

/// More of the processors than this was taken by others when the run began: its figures are not final.
const CALM: f64 = 1.5;

/// Where, when and from what a run was made.
pub(super) struct Machine {
    pub(super) processor: String,
    pub(super) processors: f64,
    pub(super) memory_gib: f64,
    pub(super) kernel: String,
    /// Processes that wanted to run in the minute before.
    pub(super) load: f64,
    /// The share of processor time that the host of a virtual machine kept to itself meanwhile, in percent.
    pub(super) stolen: Option<f64>,
    pub(super) date: String,
    /// What was checked out, and whether something in it had been changed.
    pub(super) commit: String,
    pub(super) rustc: String,
    pub(super) flags: String,
}

impl Machine {
    /// Reads it, before anything is built or measured.
    pub(super) fn read() -> Self {
        let file = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let own = |name: &str| file(&layout::root().join(name).to_string_lossy());
        let field = |text: &str, name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            line.map(|line| line.trim_start_matches([' ', '\t', ':']).trim().to_owned())
        };
        let memory = field(&file("/proc/meminfo"), "MemTotal");
        let kibibytes = memory.and_then(|text| text.strip_suffix(" kB")?.parse::<f64>().ok());
        let load = file("/proc/loadavg").split(' ').next().and_then(|load| load.parse().ok());
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            processor: field(&file("/proc/cpuinfo"), "model name").unwrap_or_else(unknown),
            processors: u32::try_from(processors).map_or(1.0, f64::from),
            memory_gib: kibibytes.map_or(0.0, |kibibytes| (kibibytes / 1024.0 / 1024.0).round()),
            kernel: answer("uname", &["-srm"]),
            load: load.unwrap_or(0.0),
            stolen: None,
            date: answer("date", &["--utc", "+%Y-%m-%d"]),
            commit: commit(),
            rustc: answer("rustc", &["--version"]),
            flags: flags(&own(".cargo/config.toml"), &own("Cargo.toml")),
        }
    }

    pub(super) fn is_calm(&self) -> bool {
        self.load < CALM
    }

    /// Reads what a data file says of it.
    pub(super) fn from_json(members: &Members) -> Result<Self, String> {
        Ok(Self {
            processor: needed_text(members, "processor")?,
            processors: needed_number(members, "processors")?,
            memory_gib: needed_number(members, "memory_gib")?,
            kernel: needed_text(members, "kernel")?,
            load: needed_number(members, "load")?,
            stolen: number(members, "stolen")?,
            date: needed_text(members, "date")?,
            commit: needed_text(members, "commit")?,
            rustc: needed_text(members, "rustc")?,
            flags: needed_text(members, "flags")?,
        })
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "processor": self.processor, "processors": self.processors, "memory_gib": self.memory_gib,
            "kernel": self.kernel, "load": self.load, "stolen": self.stolen.map(rounded), "date": self.date,
            "commit": self.commit, "rustc": self.rustc, "flags": self.flags,
        })
    }
}

/// Processor time of the whole machine since its start: all of it, and what the host kept to itself.
#[derive(Clone, Copy)]
pub(super) struct ProcessorTime {
    all: f64,
    stolen: f64,
}

impl ProcessorTime {
    pub(super) fn read() -> Option<Self> {
        let text = std::fs::read_to_string("/proc/stat").ok()?;
        let fields: Vec<f64> =
            text.lines().next()?.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
        // The first eight, for the rest is counted in them already; `steal` is the eighth (proc_stat(5)).
        Some(Self { all: fields.iter().take(8).sum(), stolen: *fields.get(7)? })
    }

    /// In percent, from then until now.
    pub(super) fn stolen_until(self, now: Self) -> Option<f64> {
        let all = now.all - self.all;
        (all > 0.0).then(|| 100.0 * (now.stolen - self.stolen) / all)
    }
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn answer(program: &str, words: &[&str]) -> String {
    Step::program(program).words(words).answer().filter(|text| !text.is_empty()).unwrap_or_else(unknown)
}

/// What is published is written after the commit that it is about, so a changed page changes nothing.
fn commit() -> String {
    let head = answer("git", &["rev-parse", "--short=12", "HEAD"]);
    let others = [".", ":(exclude)docs/BENCHMARKS.md", ":(exclude)docs/benchmarks"];
    let changes = Step::program("git")
        .words(["--no-optional-locks", "status", "--porcelain", "--"])
        .words(others)
        .answer();
    if changes.is_some_and(|changes| !changes.is_empty()) { format!("{head} with changes") } else { head }
}

/// What the manifest says of the release profile, exceptions for single crates included, and the build's flags.
fn flags(config: &str, manifest: &str) -> String {
    let sections = manifest.split("\n[").filter_map(|section| section.strip_prefix("profile.release"));
    let lines = sections.flat_map(|section| section.lines().skip(1)).map(str::trim);
    let profile: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let line = config.lines().find_map(|line| line.trim().strip_prefix("rustflags"));
    let flags = line.map_or("none", |line| line.trim_start_matches([' ', '=']).trim());
    format!("profile release ({}), rustflags {flags}", profile.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_read_and_reads_back_the_same() {
        let machine = Machine::read();
        let json = machine.json();
        let again = Machine::from_json(json.as_object().unwrap()).unwrap();
        assert_eq!(again.json(), json);
        assert!(machine.processors >= 1.0 && machine.rustc.starts_with("rustc "), "{json}");
    }

    #[test]
    fn a_busy_machine_is_not_calm() {
        let mut machine = Machine::read();
        machine.load = 0.4;
        assert!(machine.is_calm());
        machine.load = 2.0;
        assert!(!machine.is_calm());
    }

    #[test]
    fn what_the_host_kept_is_a_share_of_the_time_between() {
        let (then, now) =
            (ProcessorTime { all: 100.0, stolen: 10.0 }, ProcessorTime { all: 300.0, stolen: 20.0 });
        assert_eq!(then.stolen_until(now), Some(5.0));
        assert_eq!(then.stolen_until(then), None);
    }

    #[test]
    fn the_flags_are_those_of_the_build_with_the_exceptions_of_its_profile() {
        let manifest = "[package]\nname = \"x\"\n\n# why\n[profile.release]\ndebug = false\n\n[profile.release.package]\n\
                        slow.opt-level = 0\n\n[lints]\nworkspace = true\n";
        assert_eq!(
            flags("[build]\nrustflags = [\"--cfg\"]\n", manifest),
            "profile release (debug = false, slow.opt-level = 0), rustflags [\"--cfg\"]"
        );
        assert_eq!(flags("[build]\n", ""), "profile release (), rustflags none");
    }
}
