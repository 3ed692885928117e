//! What grows with what.

use crate::report::Report;
use crate::time::median;
use serde_json::json;

/// One quantity at growing values of another, a series for each who was measured.
pub(crate) struct Curve {
    pub(crate) id: &'static str,
    /// What grows, in words.
    pub(crate) x: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) series: Vec<Series>,
}

/// One line of a [`Curve`].
pub(crate) struct Series {
    pub(crate) name: String,
    /// Where it was measured, and what each round found there.
    pub(crate) points: Vec<(f64, Vec<f64>)>,
}

impl Curve {
    /// Adds it to what is left for `cargo xtask bench`: x, median, least and most of each point.
    pub(crate) fn join(self, report: &mut Report) {
        let point = |(x, rounds): (f64, Vec<f64>)| {
            let least = rounds.iter().copied().fold(f64::INFINITY, f64::min);
            let most = rounds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            json!([x, median(rounds), least, most])
        };
        let series = self.series.into_iter().map(|series| {
            let points: Vec<_> = series.points.into_iter().map(point).collect();
            json!({"name": series.name, "points": points})
        });
        let series: Vec<_> = series.collect();
        report.more.push(json!({"curve": self.id, "x": self.x, "unit": self.unit, "series": series}));
    }
}
