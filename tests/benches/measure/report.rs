//! What was measured, for people and for `cargo xtask bench`.

use serde_json::{Value, json};
use std::path::Path;

/// One measured value. With neither a limit nor a floor it stands beside another for comparison.
pub(crate) struct Figure {
    pub(crate) id: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    /// What it may be at most.
    pub(crate) limit: Option<f64>,
    /// The greatest ratio to the limit that is still good.
    pub(crate) allowed: f64,
    /// What it must be at least.
    pub(crate) floor: Option<f64>,
    pub(crate) note: String,
}

/// All values of one program.
#[derive(Default)]
pub(crate) struct Report(Vec<Figure>);

impl Report {
    pub(crate) fn add(&mut self, figure: Figure) {
        self.0.push(figure);
    }

    /// Prints the table, and leaves the part that `cargo xtask bench` gathers. Ends the program with code 1 when
    /// the part cannot be written.
    pub(crate) fn leave(&self, program: &str) {
        println!("{:<34} {:>10} {:<3} {:>10} {:>6}  note", "id", "value", "", "limit", "ratio");
        for Figure { id, value, unit, limit, floor, note, .. } in &self.0 {
            let held = match (limit, floor) {
                (Some(limit), _) => format!("{limit:.2}"),
                (None, Some(floor)) => format!(">= {floor:.2}"),
                (None, None) => String::new(),
            };
            let ratio =
                limit.or(*floor).map_or_else(String::new, |against| format!("{:.3}", value / against));
            println!("{id:<34} {value:>10.2} {unit:<3} {held:>10} {ratio:>6}  {note}");
        }
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench/parts");
        let part = folder.join(format!("{program}.json"));
        let figures: Vec<Value> = self.0.iter().map(Figure::json).collect();
        let text = format!("{:#}\n", Value::Array(figures));
        if let Err(fault) = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&part, text)) {
            eprintln!("{}: {fault}", part.display());
            std::process::exit(1);
        }
    }
}

impl Figure {
    fn json(&self) -> Value {
        let mut figure = json!({ "id": self.id, "value": self.value, "unit": self.unit });
        if let Some(limit) = self.limit {
            figure["limit"] = limit.into();
            figure["ratio"] = (self.value / limit).into();
            figure["allowed"] = self.allowed.into();
        }
        if let Some(floor) = self.floor {
            figure["floor"] = floor.into();
            figure["ratio"] = (self.value / floor).into();
        }
        if !self.note.is_empty() {
            figure["note"] = self.note.as_str().into();
        }
        figure
    }
}
