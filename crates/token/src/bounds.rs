//! Bounds: which records of a tenant a token may touch.
//!
//! `{"region": ["eu"], "project": ["acme-*"], "refund_max": 200}`; a bound that belongs to one scope alone
//! stands under its name: `{"orders:refund": {"refund_max": 200}}`.

use crate::json::{self, Json, Most};
use crate::scope::Scope;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// Longest text of one bound, in bytes.
const MAX_VALUE_BYTES: usize = 128;
/// The largest integer that every JSON reader keeps exact (RFC 8259 section 6).
const MAX_NUMBER: u64 = (1 << 53) - 1;

/// The name of an axis that the catalog declares: `[a-z][a-z0-9_]*`, at most 32 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
#[serde(transparent)]
pub struct Axis(Box<str>);

impl Axis {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Axis {
    type Err = InvalidBound;

    fn from_str(text: &str) -> Result<Self, InvalidBound> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let starts = text.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        if starts && text.len() <= 32 && text.bytes().all(legal) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidBound::Axis)
        }
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Axis {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// One text that a record's value must equal, or with a `*` at its end, start with. Made by parsing alone: an
/// exact text that ended in `*` would be read back as a prefix, and so be wider than it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Match);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Match {
    Exact(Box<str>),
    Prefix(Box<str>),
}

impl Pattern {
    fn admits(&self, value: &str) -> bool {
        match &self.0 {
            Match::Exact(text) => value == &**text,
            Match::Prefix(text) => value.starts_with(&**text),
        }
    }
}

impl FromStr for Pattern {
    type Err = InvalidBound;

    fn from_str(text: &str) -> Result<Self, InvalidBound> {
        let body = text.strip_suffix('*');
        let literal = body.unwrap_or(text);
        if literal.is_empty()
            || text.len() > MAX_VALUE_BYTES
            || literal.contains('*')
            || literal.chars().any(char::is_control)
        {
            return Err(InvalidBound::Pattern);
        }
        let exact = || Match::Exact(text.into());
        Ok(Self(body.map_or_else(exact, |prefix| Match::Prefix(prefix.into()))))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Match::Exact(text) => f.write_str(text),
            Match::Prefix(text) => write!(f, "{text}*"),
        }
    }
}

/// What one axis allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Any of these, at least one.
    AnyOf(Vec<Pattern>),
    /// A number no greater than this, in the unit that the catalog gives the axis.
    AtMost(u64),
}

impl Bound {
    fn admits(&self, value: &Value<'_>) -> bool {
        match (self, value) {
            (Self::AnyOf(patterns), Value::Text(text)) => patterns.iter().any(|pattern| pattern.admits(text)),
            (Self::AtMost(limit), Value::Number(number)) => number <= limit,
            (Self::AnyOf(_), Value::Number(_)) | (Self::AtMost(_), Value::Text(_)) | (_, Value::Unknown) => {
                false
            }
        }
    }
}

/// What a record says on one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'r> {
    /// A name, compared byte for byte.
    Text(&'r str),
    /// An amount, in the unit that the catalog gives the axis.
    Number(u64),
    /// The record does not say. A bound on the axis then refuses it.
    Unknown,
}

/// Why a text or value is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBound {
    /// The axis has no legal name.
    #[error("an axis is named [a-z][a-z0-9_]*, at most 32 bytes")]
    Axis,
    /// Neither a text, nor a list of texts, nor a whole number.
    #[error("a bound is a list of texts or a whole number up to 2^53 - 1")]
    Kind,
    /// An empty list allows nothing and says nothing.
    #[error("a list of allowed values names at least one")]
    Empty,
    /// A `*` elsewhere than at the end, an empty text, or one over 128 bytes.
    #[error("a value is a text of 1 to 128 bytes, with '*' only at its end")]
    Pattern,
    /// A bound under a scope is no object of axes.
    #[error("under a scope stands an object of axes")]
    Scope,
}

type Axes = BTreeMap<Axis, Bound>;

/// The `bounds` claim. Empty means: unbounded within the tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    general: Axes,
    by_scope: BTreeMap<Scope, Axes>,
}

/// The bound that a record lies outside of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record is outside the token's bound on '{axis}'")]
pub struct OutOfBounds {
    /// The axis.
    pub axis: Axis,
}

impl Bounds {
    /// Whether nothing is bounded.
    pub fn is_empty(&self) -> bool {
        self.general.is_empty() && self.by_scope.is_empty()
    }

    /// Adds a bound; for one scope, or for all of them.
    #[must_use]
    pub fn with(mut self, scope: Option<Scope>, axis: Axis, bound: Bound) -> Self {
        match scope {
            Some(scope) => self.by_scope.entry(scope).or_default().insert(axis, bound),
            None => self.general.insert(axis, bound),
        };
        self
    }

    /// Every bound with the scope it belongs to, `None` for all scopes.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&Scope>, &Axis, &Bound)> {
        let general = self.general.iter().map(|(axis, bound)| (None, axis, bound));
        let by_scope = self.by_scope.iter();
        general.chain(
            by_scope
                .flat_map(|(scope, axes)| axes.iter().map(move |(axis, bound)| (Some(scope), axis, bound))),
        )
    }

    /// Checks a record against every bound that applies when `scopes` are in use. `record` says what the record
    /// holds on an axis.
    pub fn admit<'r>(&self, scopes: &[Scope], record: impl Fn(&str) -> Value<'r>) -> Result<(), OutOfBounds> {
        let attached = scopes.iter().filter_map(|scope| self.by_scope.get(scope)).flatten();
        for (axis, bound) in self.general.iter().chain(attached) {
            if !bound.admits(&record(axis.as_str())) {
                return Err(OutOfBounds { axis: axis.clone() });
            }
        }
        Ok(())
    }

    pub(crate) fn from_json(value: &Json<'_>) -> Result<Self, InvalidBound> {
        let Json::Object(members) = value else { return Err(InvalidBound::Kind) };
        let mut bounds = Self::default();
        for (name, value) in members {
            if name.contains(':') {
                let scope: Scope = name.parse().map_err(|_| InvalidBound::Scope)?;
                let Json::Object(axes) = value else { return Err(InvalidBound::Scope) };
                if axes.is_empty() {
                    return Err(InvalidBound::Scope);
                }
                for (axis, value) in axes {
                    bounds = bounds.with(Some(scope.clone()), axis.parse()?, bound_from_json(value)?);
                }
            } else {
                bounds = bounds.with(None, name.parse()?, bound_from_json(value)?);
            }
        }
        Ok(bounds)
    }
}

fn bound_from_json(value: &Json<'_>) -> Result<Bound, InvalidBound> {
    match value {
        Json::Unsigned(limit) if *limit <= MAX_NUMBER => Ok(Bound::AtMost(*limit)),
        Json::List(values) if values.is_empty() => Err(InvalidBound::Empty),
        Json::List(values) => {
            let pattern = |value: &Json<'_>| match value {
                Json::Text(text) => text.parse(),
                _ => Err(InvalidBound::Kind),
            };
            values.iter().map(pattern).collect::<Result<_, _>>().map(Bound::AnyOf)
        }
        _ => Err(InvalidBound::Kind),
    }
}

impl serde::Serialize for Pattern {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl serde::Serialize for Bound {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AnyOf(patterns) => patterns.serialize(serializer),
            Self::AtMost(limit) => limit.serialize(serializer),
        }
    }
}

impl serde::Serialize for Bounds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(self.general.len() + self.by_scope.len()))?;
        for (axis, bound) in &self.general {
            map.serialize_entry(axis, bound)?;
        }
        for (scope, axes) in &self.by_scope {
            map.serialize_entry(scope, axes)?;
        }
        map.end()
    }
}

/// Reads bounds from configuration or a store, by the same rules as from a token.
impl<'de> serde::Deserialize<'de> for Bounds {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = serde_json::Value::deserialize(deserializer)?.to_string();
        let members = json::object(&text, Most::Claims)
            .map_err(|_| serde::de::Error::custom("bounds are an object of axes, or of scopes with axes"))?;
        Self::from_json(&Json::Object(members)).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope;

    fn bounds(text: &str) -> Result<Bounds, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn r20_exact_prefix_and_number_admit_what_they_say() {
        let bounds = bounds(r#"{"region":["eu","us"],"project":["acme-*"],"refund_max":200}"#).unwrap();
        let record = |region, project, refund| {
            bounds
                .admit(&[], |axis| match axis {
                    "region" => Value::Text(region),
                    "project" => Value::Text(project),
                    "refund_max" => Value::Number(refund),
                    _ => Value::Unknown,
                })
                .map_err(|out| out.axis.to_string())
        };
        assert_eq!(record("eu", "acme-1", 200), Ok(()));
        assert_eq!(record("us", "acme-", 0), Ok(()));
        assert_eq!(record("eu", "acme", 0), Err("project".into()));
        assert_eq!(record("eu2", "acme-1", 0), Err("region".into()));
        assert_eq!(record("eu", "acme-1", 201), Err("refund_max".into()));
    }

    #[test]
    fn r21_a_record_that_does_not_say_is_refused() {
        let bounds = bounds(r#"{"region":["eu"]}"#).unwrap();
        assert!(bounds.admit(&[], |_| Value::Unknown).is_err());
        assert!(bounds.admit(&[], |_| Value::Number(1)).is_err());
        assert!(Bounds::default().admit(&[], |_| Value::Unknown).is_ok());
    }

    #[test]
    fn r20_a_bound_on_one_scope_binds_that_scope_alone() {
        let bounds = bounds(r#"{"orders:refund":{"refund_max":200}}"#).unwrap();
        let spend = |scopes: &[Scope]| bounds.admit(scopes, |_| Value::Number(500)).is_ok();
        assert!(spend(&[scope!("orders:read")]));
        assert!(!spend(&[scope!("orders:read"), scope!("orders:refund")]));
    }

    #[test]
    fn bounds_survive_writing() {
        for text in [r#"{"project":["acme-*"],"region":["eu"],"orders:refund":{"refund_max":200}}"#, "{}"] {
            assert_eq!(serde_json::to_string(&bounds(text).unwrap()).unwrap(), text);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "[]",
            "1",
            r#"{"Region":["eu"]}"#,
            r#"{"region":"eu"}"#,
            r#"{"region":[]}"#,
            r#"{"region":[1]}"#,
            r#"{"region":["a*b"]}"#,
            r#"{"region":["*"]}"#,
            r#"{"region":[""]}"#,
            r#"{"region":-1}"#,
            r#"{"region":1.5}"#,
            r#"{"region":9007199254740992}"#,
            r#"{"a:b":["eu"]}"#,
            r#"{"a:b":{}}"#,
            r#"{"a:*":{"region":["eu"]}}"#,
            r#"{"region":null}"#,
            r#"{"":1}"#,
            r#"{"region":["a\u0000"]}"#,
        ] {
            assert!(bounds(text).is_err(), "{text}");
        }
    }
}
