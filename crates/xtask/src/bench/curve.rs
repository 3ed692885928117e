//! One quantity at growing values of another.

use serde_json::{Value, json};

use super::member::{list, needed_text, object, rounded, short};
use crate::table::{self, Lean};

/// A line for each who was measured.
pub(super) struct Curve {
    pub(super) id: String,
    /// What grows, in words.
    pub(super) x: String,
    pub(super) unit: String,
    pub(super) series: Vec<Series>,
}

/// One line.
pub(super) struct Series {
    pub(super) name: String,
    pub(super) points: Vec<Point>,
}

/// Where it was measured, and what the rounds found there.
#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Curve {
    /// Reads what a bench program or a data file says of it.
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let members = object(value)?;
        let series = list(members, "series")?.iter().map(Series::read).collect::<Result<Vec<_>, _>>()?;
        let (id, x) = (needed_text(members, "curve")?, needed_text(members, "x")?);
        if series.is_empty() {
            return Err(format!("`{id}` has no series"));
        }
        Ok(Self { id, x, unit: needed_text(members, "unit")?, series })
    }

    /// The same for a data file.
    pub(super) fn json(&self) -> Value {
        let point = |point: &Point| {
            [point.x, point.median, point.least, point.most].into_iter().map(rounded).collect::<Vec<f64>>()
        };
        let series = self.series.iter().map(|series| {
            let points: Vec<Vec<f64>> = series.points.iter().map(point).collect();
            json!({"name": series.name, "points": points})
        });
        json!({"curve": self.id, "x": self.x, "unit": self.unit, "series": series.collect::<Vec<Value>>()})
    }

    /// Where it was measured, ascending.
    pub(super) fn places(&self) -> Vec<f64> {
        let mut places: Vec<f64> =
            self.series.iter().flat_map(|series| series.points.iter().map(|point| point.x)).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        places
    }

    /// A row a place, and for each series its median with the least and the most.
    pub(super) fn table(&self) -> String {
        let heads = self.series.iter().map(|series| format!("{} ({})", series.name, self.unit));
        let heads: Vec<String> = heads.collect();
        let rows = self.places().into_iter().map(|x| {
            let cell = |series: &Series| {
                let point = series.points.iter().find(|point| (point.x - x).abs() < f64::EPSILON);
                point.map_or_else(String::new, |point| {
                    format!("{} [{} to {}]", short(point.median), short(point.least), short(point.most))
                })
            };
            std::iter::once(format!("{x}")).chain(self.series.iter().map(cell)).collect()
        });
        let mut columns = vec![(self.x.as_str(), Lean::Right)];
        columns.extend(heads.iter().map(|head| (head.as_str(), Lean::Right)));
        table::render(&columns, &rows.collect::<Vec<Vec<String>>>())
    }
}

impl Series {
    fn read(value: &Value) -> Result<Self, String> {
        let members = object(value)?;
        let name = needed_text(members, "name")?;
        let points = list(members, "points")?.iter().map(|point| {
            let numbers: Option<Vec<f64>> =
                point.as_array().and_then(|list| list.iter().map(Value::as_f64).collect());
            match numbers.as_deref() {
                Some(&[x, median, least, most]) if x > 0.0 && least > 0.0 && median > 0.0 => {
                    Ok(Point { x, median, least, most })
                }
                _ => Err(format!("a point of `{name}` is not [x, median, least, most] above zero: {point}")),
            }
        });
        let points = points.collect::<Result<Vec<Point>, String>>()?;
        if points.is_empty() {
            return Err(format!("`{name}` has no points"));
        }
        Ok(Self { name, points })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURVE: &str = r#"{"curve": "a.b", "x": "clients", "unit": "/s", "series": [
        {"name": "ours", "points": [[1, 100, 90, 110], [10, 99.5, 80, 120]]},
        {"name": "theirs", "points": [[1, 7, 6, 8]]}]}"#;

    fn read(text: &str) -> Result<Curve, String> {
        Curve::read(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn a_curve_that_is_written_down_reads_back_the_same() {
        let curve = read(CURVE).unwrap();
        assert_eq!(curve.json(), Curve::read(&curve.json()).unwrap().json());
        assert!(curve.places().iter().eq(&[1.0, 10.0]));
    }

    #[test]
    fn its_table_has_a_row_a_place_and_a_column_a_series() {
        let table = read(CURVE).unwrap().table();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "clients           ours (/s)          theirs (/s)");
        assert_eq!(lines[2], "      1   100 [90.0 to 110]  7.00 [6.00 to 8.00]");
        assert_eq!(lines[3], "     10  99.5 [80.0 to 120]");
    }

    #[test]
    fn a_point_that_no_axis_could_show_is_refused() {
        for points in ["[]", "[[1, 2]]", "[[0, 1, 1, 1]]", "[[1, null, 1, 1]]", "[[1, 0, 0, 1]]"] {
            let text = CURVE.replace("[[1, 7, 6, 8]]", points);
            assert!(read(&text).is_err(), "{points}");
        }
    }
}
