//! One measured value, judged against its limit.

use serde_json::{Value, json};

use super::member::{Members, needed_number, needed_text, number, object, rounded, short, text};

/// A value that a bench program has measured.
pub(super) struct Figure {
    pub(super) id: String,
    pub(super) value: f64,
    pub(super) unit: String,
    pub(super) limit: Limit,
    pub(super) rounds: Option<Rounds>,
    pub(super) note: String,
}

/// What a value is held against.
#[derive(Clone, Copy)]
pub(super) enum Limit {
    /// Nothing: it was measured for comparison.
    None,
    /// It may be this at most; the greatest ratio to it that is still good may be another than one.
    AtMost { limit: f64, allowed: f64 },
    /// It must be this at least.
    AtLeast(f64),
}

/// The rounds whose median the value is.
#[derive(Clone, Copy)]
pub(super) struct Rounds {
    pub(super) count: u64,
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Figure {
    /// Reads what a bench program or a data file says of it.
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let members = object(value)?;
        let figure = Self {
            id: needed_text(members, "id")?,
            value: needed_number(members, "value")?,
            unit: needed_text(members, "unit")?,
            limit: limit(members)?,
            rounds: members.get("rounds").map(rounds).transpose()?,
            note: text(members, "note")?.unwrap_or_default(),
        };
        if figure.limit().is_some_and(|limit| limit <= 0.0) {
            return Err("a limit must be above zero".to_owned());
        }
        // The ratio is ours to compute; one that says something else was computed from other numbers.
        if let (Some(said), Some(is)) = (number(members, "ratio")?, figure.ratio())
            && (said - is).abs() > 0.01 * is.abs().max(1.0)
        {
            return Err(format!("`ratio` says {said}, but value ÷ limit is {is}"));
        }
        Ok(figure)
    }

    /// The same for a data file.
    pub(super) fn json(&self) -> Value {
        let value = rounded(self.value);
        let mut figure = json!({"id": self.id, "value": value, "unit": self.unit});
        match self.limit {
            Limit::None => {}
            Limit::AtMost { limit, allowed } => {
                let limit = rounded(limit);
                figure["limit"] = limit.into();
                figure["allowed"] = allowed.into();
                figure["ratio"] = rounded(value / limit).into();
            }
            Limit::AtLeast(floor) => {
                figure["floor"] = floor.into();
                figure["ratio"] = rounded(value / floor).into();
            }
        }
        if let Some(Rounds { count, least, most }) = self.rounds {
            let (least, most) = (rounded(least), rounded(most));
            figure["rounds"] = json!({"count": count, "min": least, "median": value, "max": most});
        }
        if !self.note.is_empty() {
            figure["note"] = self.note.as_str().into();
        }
        figure
    }

    pub(super) fn limit(&self) -> Option<f64> {
        match self.limit {
            Limit::None => None,
            Limit::AtMost { limit, .. } | Limit::AtLeast(limit) => Some(limit),
        }
    }

    pub(super) fn ratio(&self) -> Option<f64> {
        self.limit().map(|limit| self.value / limit)
    }

    pub(super) fn is_met(&self) -> Option<bool> {
        let ratio = self.ratio()?;
        match self.limit {
            Limit::None => None,
            Limit::AtMost { allowed, .. } => Some(ratio <= allowed),
            Limit::AtLeast(_) => Some(ratio >= 1.0),
        }
    }

    /// Whether it stands beside `other` for comparison: it has no limit, and its id begins with the other's.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        let tail = self.id.strip_prefix(&other.id);
        self.limit().is_none() && tail.is_some_and(|tail| tail.starts_with('.'))
    }

    /// The cells of a table: value, unit, limit, ratio, verdict, least and most of the rounds.
    pub(super) fn cells(&self) -> [String; 6] {
        let limit = match self.limit {
            Limit::None => String::new(),
            Limit::AtMost { limit, allowed } if allowed > 1.0 => format!("{} × {allowed}", short(limit)),
            Limit::AtMost { limit, .. } => short(limit),
            Limit::AtLeast(floor) => format!(">= {}", short(floor)),
        };
        let ratio = self.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let verdict = self.is_met().map_or("", |met| if met { "met" } else { "MISSED" });
        let spread = self.rounds.filter(|rounds| rounds.count > 1);
        let spread = spread.map(|rounds| format!("{} to {}", short(rounds.least), short(rounds.most)));
        [short(self.value), self.unit.clone(), limit, ratio, verdict.to_owned(), spread.unwrap_or_default()]
    }
}

/// `limit`, with or without `allowed`, is what a value may be at most; `floor` is what it must reach.
fn limit(members: &Members) -> Result<Limit, String> {
    let allowed = number(members, "allowed")?.unwrap_or(1.0);
    match (number(members, "limit")?, number(members, "floor")?) {
        (None, None) => Ok(Limit::None),
        (Some(limit), None) => Ok(Limit::AtMost { limit, allowed }),
        (None, Some(floor)) => Ok(Limit::AtLeast(floor)),
        (Some(_), Some(_)) => Err("a value has a `limit` or a `floor`, not both".to_owned()),
    }
}

fn rounds(value: &Value) -> Result<Rounds, String> {
    let members = object(value)?;
    let count = members.get("count").and_then(Value::as_u64).ok_or("`rounds` has no `count`")?;
    Ok(Rounds { count, least: needed_number(members, "min")?, most: needed_number(members, "max")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Figure, String> {
        Figure::read(&serde_json::from_str(text).unwrap())
    }

    fn refused(text: &str) -> String {
        read(text).map(|figure| figure.id).unwrap_err()
    }

    #[test]
    fn a_program_may_allow_more_than_the_limit_and_no_more_than_that() {
        let with = |value: f64| {
            read(&format!(r#"{{"id": "a", "value": {value}, "unit": "µs", "limit": 100, "allowed": 1.06}}"#))
                .unwrap()
        };
        assert_eq!(with(106.0).is_met(), Some(true));
        assert_eq!(with(107.0).is_met(), Some(false));
    }

    #[test]
    fn a_floor_is_to_be_reached() {
        let with = |value: f64| {
            read(&format!(r#"{{"id": "a", "value": {value}, "unit": "x", "floor": 0.8}}"#)).unwrap()
        };
        assert_eq!(with(0.8).is_met(), Some(true));
        assert_eq!(with(0.79).is_met(), Some(false));
        assert_eq!(with(0.9).cells()[2], ">= 0.80");
    }

    #[test]
    fn a_figure_that_is_written_down_reads_back_the_same() {
        let text = r#"{"id": "a", "value": 39.94743, "unit": "µs", "limit": 39.1, "allowed": 1.06,
            "rounds": {"count": 7, "min": 38, "median": 39.94743, "max": 51.5}, "note": "quick"}"#;
        let (once, twice) = (read(text).unwrap(), Figure::read(&read(text).unwrap().json()).unwrap());
        assert_eq!(once.json(), twice.json());
        assert_eq!(once.cells(), twice.cells());
        assert_eq!(once.cells()[5], "38.0 to 51.5");
    }

    #[test]
    fn what_stands_beside_a_figure_has_no_limit_and_an_id_that_begins_with_its() {
        let ours = read(r#"{"id": "codec.jwt.sign", "value": 1, "unit": "µs", "limit": 2}"#).unwrap();
        let beside = |id: &str| {
            read(&format!(r#"{{"id": "{id}", "value": 1, "unit": "µs"}}"#)).unwrap().is_beside(&ours)
        };
        assert!(beside("codec.jwt.sign.jose"));
        assert!(
            !beside("codec.jwt.signing") && !beside("codec.jwt.sign") && !beside("codec.paseto.sign.raw")
        );
    }

    #[test]
    fn what_is_not_a_measurement_is_refused() {
        assert!(refused(r#"{"value": 1, "unit": "ms"}"#).contains("no `id`"));
        assert!(refused(r#"{"id": "a", "unit": "ms"}"#).contains("no `value`"));
        assert!(refused(r#"{"id": "a", "value": "1", "unit": "ms"}"#).contains("`value` must be a number"));
        assert!(refused(r#"{"id": "a", "value": 1, "unit": "ms", "limit": 0}"#).contains("above zero"));
        assert!(
            refused(r#"{"id": "a", "value": 1, "unit": "x", "floor": 1, "limit": 2}"#).contains("not both")
        );
        let other = r#"{"id": "a", "value": 1, "unit": "ms", "limit": 2, "ratio": 2}"#;
        assert!(refused(other).contains("`ratio`"));
    }
}
