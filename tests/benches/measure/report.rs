//! What was measured, for people and for `cargo xtask bench`.

use crate::time::median;
use serde_json::{Value, json};
use std::path::Path;

/// One measured value. With neither a limit nor a floor it stands beside another for comparison, and its id begins
/// with the id of that one.
pub(crate) struct Figure {
    pub(crate) id: String,
    pub(crate) unit: &'static str,
    /// What each round found; the median is the value.
    pub(crate) rounds: Vec<f64>,
    /// What it may be at most.
    pub(crate) limit: Option<f64>,
    /// The greatest ratio to the limit that is still good.
    pub(crate) allowed: f64,
    /// What it must be at least.
    pub(crate) floor: Option<f64>,
    pub(crate) note: String,
}

/// All that one program found.
#[derive(Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
    /// Curves, and the versions of what took part: written down as they are.
    pub(crate) more: Vec<Value>,
}

impl Report {
    /// Says what is measured next: some of it takes minutes.
    pub(crate) fn begin(id: &str) {
        println!("  measuring {id}");
    }

    pub(crate) fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }

    /// Prints the table, and leaves the part that `cargo xtask bench` gathers. Ends the program with code 1 when
    /// the part cannot be written.
    pub(crate) fn leave(&self, program: &str) {
        println!("{:<52} {:>10} {:<5} {:>10} {:>6}  note", "id", "value", "", "limit", "ratio");
        for figure in &self.figures {
            let Figure { id, unit, limit, floor, note, .. } = figure;
            let value = figure.value();
            let held = match (limit, floor) {
                (Some(limit), _) => format!("{limit:.2}"),
                (None, Some(floor)) => format!(">= {floor:.2}"),
                (None, None) => String::new(),
            };
            let ratio =
                limit.or(*floor).map_or_else(String::new, |against| format!("{:.3}", value / against));
            println!("{id:<52} {value:>10.2} {unit:<5} {held:>10} {ratio:>6}  {note}");
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench/parts");
        let part = folder.join(format!("{program}.json"));
        let entries: Vec<Value> =
            self.figures.iter().map(Figure::json).chain(self.more.iter().cloned()).collect();
        let text = format!("{:#}\n", Value::Array(entries));
        if let Err(fault) = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&part, text)) {
            eprintln!("{}: {fault}", part.display());
            std::process::exit(1);
        }
    }
}

impl Figure {
    /// A figure that is held against nothing.
    pub(crate) fn new(id: impl Into<String>, unit: &'static str, rounds: Vec<f64>) -> Self {
        Self { id: id.into(), unit, rounds, limit: None, allowed: 1.0, floor: None, note: String::new() }
    }

    fn value(&self) -> f64 {
        median(self.rounds.clone())
    }

    fn json(&self) -> Value {
        let value = self.value();
        let least = self.rounds.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.rounds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let rounds = json!({"count": self.rounds.len(), "min": least, "median": value, "max": most});
        let mut figure = json!({"id": self.id, "value": value, "unit": self.unit, "rounds": rounds});
        if let Some(limit) = self.limit {
            figure["limit"] = limit.into();
            figure["ratio"] = (value / limit).into();
            figure["allowed"] = self.allowed.into();
        }
        if let Some(floor) = self.floor {
            figure["floor"] = floor.into();
            figure["ratio"] = (value / floor).into();
        }
        if !self.note.is_empty() {
            figure["note"] = self.note.as_str().into();
        }
        figure
    }
}
