//! How long each stage of a run took, and which one stopped it.

use std::time::Duration;

use crate::table::{self, Lean};

/// What became of a stage.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Passed,
    Failed,
    /// An earlier stage failed.
    NotRun,
}

/// The stages of one run in order.
#[derive(Default)]
pub(crate) struct Minutes(Vec<(String, Duration, Fate)>);

impl Minutes {
    pub(crate) fn record(&mut self, stage: &str, took: Duration, fate: Fate) {
        self.0.push((stage.to_owned(), took, fate));
    }

    /// The table, with the sum in its last row.
    pub(crate) fn render(&self) -> String {
        let mut rows: Vec<Vec<String>> = self
            .0
            .iter()
            .map(|(stage, took, fate)| match fate {
                Fate::Passed => vec![stage.clone(), in_minutes(*took), "passed".to_owned()],
                Fate::Failed => vec![stage.clone(), in_minutes(*took), "FAILED".to_owned()],
                Fate::NotRun => vec![stage.clone(), "-".to_owned(), "not run".to_owned()],
            })
            .collect();
        let sum = self.0.iter().map(|(_, took, _)| *took).sum();
        let failed = self.0.iter().find(|(_, _, fate)| *fate == Fate::Failed);
        let verdict =
            failed.map_or_else(|| "passed".to_owned(), |(stage, _, _)| format!("FAILED in {stage}"));
        rows.push(vec!["all".to_owned(), in_minutes(sum), verdict]);
        table::render(&[("stage", Lean::Left), ("minutes", Lean::Right), ("", Lean::Left)], &rows)
    }
}

fn in_minutes(took: Duration) -> String {
    format!("{:.1}", took.as_secs_f64() / 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_the_stage_that_failed_and_those_that_never_ran() {
        let mut minutes = Minutes::default();
        minutes.record("fmt", Duration::from_secs(6), Fate::Passed);
        minutes.record("clippy", Duration::from_secs(90), Fate::Failed);
        minutes.record("test", Duration::ZERO, Fate::NotRun);
        let text = minutes.render();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2], "fmt         0.1  passed");
        assert_eq!(lines[3], "clippy      1.5  FAILED");
        assert_eq!(lines[4], "test          -  not run");
        assert_eq!(lines[5], "all         1.6  FAILED in clippy");
    }

    #[test]
    fn a_run_without_a_failure_has_passed() {
        let mut minutes = Minutes::default();
        minutes.record("fmt", Duration::from_secs(6), Fate::Passed);
        assert!(minutes.render().ends_with("all        0.1  passed\n"), "{}", minutes.render());
    }
}
