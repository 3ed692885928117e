//! What libFuzzer says of itself when it is done.

use std::time::Duration;

/// One target's run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    took: Duration,
    executions: u64,
    coverage: u64,
    new_inputs: u64,
}

impl Outcome {
    /// Reads the log. A run without executions or without coverage was not a fuzz run, whatever its exit code.
    pub(crate) fn read(log: &str, took: Duration) -> Result<Self, &'static str> {
        let executions =
            stat(log, "stat::number_of_executed_units:").ok_or("the log has no count of executions")?;
        let coverage = log.lines().rev().find_map(covered).ok_or("the log shows no coverage feedback")?;
        if executions == 0 || coverage == 0 {
            return Err("nothing was executed or covered");
        }
        let new_inputs = stat(log, "stat::new_units_added:").unwrap_or(0);
        Ok(Self { took, executions, coverage, new_inputs })
    }

    /// The cells of the table: target, fuzzer, seconds, executions, coverage, new inputs.
    pub(crate) fn row(&self, target: &str) -> Vec<String> {
        vec![
            target.to_owned(),
            "libFuzzer".to_owned(),
            self.took.as_secs().to_string(),
            self.executions.to_string(),
            self.coverage.to_string(),
            self.new_inputs.to_string(),
        ]
    }
}

fn stat(log: &str, name: &str) -> Option<u64> {
    log.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

/// The number after `cov:` in a status line such as `#8192 pulse cov: 120 ft: 340 ...`.
fn covered(line: &str) -> Option<u64> {
    let status = line.starts_with('#').then_some(line)?;
    status.split_once("cov: ")?.1.split_whitespace().next()?.parse().ok()
}

/// The lines that say why a run broke: the panic's own words, else the end of the log.
pub(crate) fn reason(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let panic = lines.iter().position(|line| line.contains("panicked at"));
    let start = panic.unwrap_or(lines.len().saturating_sub(15));
    let reason = lines.iter().skip(start).take_while(|line| !line.starts_with("stack backtrace"));
    reason.take(15).copied().collect::<Vec<&str>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "INFO: Seed: 1\n\
        #2\tINITED cov: 3 ft: 3 corp: 1/1b exec/s: 0 rss: 30Mb\n\
        #57\tNEW    cov: 9 ft: 12 corp: 2/3b lim: 4 exec/s: 0 rss: 30Mb L: 2/2 MS: 1 InsertByte-\n\
        #400\tDONE   cov: 31 ft: 40 corp: 9/81b lim: 8 exec/s: 200 rss: 31Mb\n\
        Done 400 runs in 2 second(s)\n\
        stat::number_of_executed_units: 400\n\
        stat::new_units_added:          8\n";

    #[test]
    fn the_last_status_line_and_the_final_statistics_are_read() {
        let outcome = Outcome::read(LOG, Duration::from_secs(2)).unwrap();
        assert_eq!(outcome.row("jwt"), ["jwt", "libFuzzer", "2", "400", "31", "8"]);
    }

    #[test]
    fn a_run_without_coverage_feedback_is_not_a_fuzz_run() {
        let blind = LOG.replace("cov: ", "cvg: ");
        assert_eq!(Outcome::read(&blind, Duration::ZERO), Err("the log shows no coverage feedback"));
        let idle = LOG.replace("units: 400", "units: 0");
        assert_eq!(Outcome::read(&idle, Duration::ZERO), Err("nothing was executed or covered"));
        assert!(Outcome::read("", Duration::ZERO).is_err());
    }

    #[test]
    fn the_reason_is_the_panic_without_its_backtrace() {
        let log =
            "#2 INITED\nthread '<unnamed>' panicked at jwt.rs:9:5:\nkid lost\nstack backtrace:\n   0: main\n";
        assert_eq!(reason(log), "thread '<unnamed>' panicked at jwt.rs:9:5:\nkid lost");
    }

    #[test]
    fn without_a_panic_the_reason_is_the_end_of_the_log() {
        let log = (1..=40).map(|n| n.to_string()).collect::<Vec<String>>().join("\n");
        assert!(reason(&log).starts_with("26\n") && reason(&log).ends_with("\n40"));
        assert_eq!(reason("out of memory"), "out of memory");
    }
}
