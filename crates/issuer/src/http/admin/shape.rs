//! What a document of the admin API may hold. Everything that does not fit is told at once, with its place.

use super::pointer::Pointer;
use crate::admin::DraftFault;
use crate::config::nearest;
use crate::http::problem::Because;
use serde_json::Value;

/// What stands somewhere in a document.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Whatever its own reader makes of it.
    Anything,
    Flag,
    List(&'static Shape),
    /// Something that `null` takes away (RFC 7396).
    OrNone(&'static Shape),
    Object(&'static [(&'static str, Shape)]),
    Text,
    /// A number of the natural ones.
    Whole,
}

impl Shape {
    /// Everything in `value` that does not fit.
    pub(super) fn faults(self, value: &Value) -> Vec<DraftFault> {
        let mut faults = Vec::new();
        self.collect(value, &Pointer::Root, &mut faults);
        faults
    }

    fn collect(self, value: &Value, at: &Pointer<'_>, faults: &mut Vec<DraftFault>) {
        match (self, value) {
            (Self::OrNone(_), Value::Null) => {}
            (Self::OrNone(shape), value) => shape.collect(value, at, faults),
            (_, Value::Null) => faults.push(DraftFault {
                pointer: at.told(),
                reason: Because::MemberNull.reason(),
                message: "null takes nothing away here; leave the member out, or give it a value".into(),
            }),
            (Self::Anything, _) | (Self::Flag, Value::Bool(_)) | (Self::Text, Value::String(_)) => {}
            (Self::Whole, Value::Number(number)) if number.is_u64() => {}
            (Self::List(entry), Value::Array(values)) => {
                for (index, value) in values.iter().enumerate() {
                    entry.collect(value, &Pointer::Entry(at, index), faults);
                }
            }
            (Self::Object(known), Value::Object(members)) => {
                for (name, value) in members {
                    let at = Pointer::Member(at, name);
                    match known.iter().find(|(known, _)| known == name) {
                        Some((_, shape)) => shape.collect(value, &at, faults),
                        None => faults.push(unknown(name, &at, known)),
                    }
                }
            }
            (Self::Flag | Self::List(_) | Self::Object(_) | Self::Text | Self::Whole, _) => {
                faults.push(DraftFault {
                    pointer: at.told(),
                    reason: Because::MemberWrongType.reason(),
                    message: format!("write {}", self.called()),
                });
            }
        }
    }

    const fn called(self) -> &'static str {
        match self {
            Self::Anything => "a value",
            Self::Flag => "true or false",
            Self::List(_) => "a list",
            Self::OrNone(shape) => shape.called(),
            Self::Object(_) => "an object",
            Self::Text => "a text",
            Self::Whole => "a whole number, without quotes",
        }
    }
}

fn unknown(name: &str, at: &Pointer<'_>, known: &[(&str, Shape)]) -> DraftFault {
    let names = || known.iter().map(|(name, _)| *name);
    let hint = match nearest(name, names()) {
        Some(meant) => format!("did you mean '{meant}'?"),
        None if known.is_empty() => "the object takes none".to_owned(),
        None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
    };
    DraftFault {
        pointer: at.told(),
        reason: Because::MemberUnknown.reason(),
        message: format!("no such member; {hint}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SHAPE: Shape = Shape::Object(&[
        ("name", Shape::Text),
        ("grants", Shape::List(&Shape::Object(&[("scope", Shape::Text)]))),
        ("lifetime_secs", Shape::Whole),
        ("plan", Shape::Flag),
        ("bounds", Shape::Anything),
    ]);

    fn faults(value: &Value) -> Vec<(String, &'static str)> {
        SHAPE.faults(value).into_iter().map(|fault| (fault.pointer, fault.reason)).collect()
    }

    #[test]
    fn what_fits_has_no_fault() {
        let fits = json!({"name": "x", "grants": [{"scope": "a:b"}, {}], "lifetime_secs": 1, "plan": true, "bounds": [7]});
        assert_eq!(faults(&fits), []);
        assert_eq!(faults(&json!({})), []);
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let value = json!({
            "name": 7, "grants": [{"scop": "a:b"}, 3, {"scope": ["a:b"]}], "lifetime_secs": -1, "plan": "yes",
            "bounds": null, "chs_live_Abc": 1
        });
        let mut found = faults(&value);
        found.sort();
        let expected = [
            ("", "member_unknown"),
            ("/bounds", "member_null"),
            ("/grants/0/scop", "member_unknown"),
            ("/grants/1", "member_wrong_type"),
            ("/grants/2/scope", "member_wrong_type"),
            ("/lifetime_secs", "member_wrong_type"),
            ("/name", "member_wrong_type"),
            ("/plan", "member_wrong_type"),
        ]
        .map(|(pointer, reason)| (pointer.to_owned(), reason));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_slip_is_answered_with_what_was_meant() {
        let faults = SHAPE.faults(&json!({"grantz": []}));
        assert_eq!(faults[0].message, "no such member; did you mean 'grants'?");
    }
}
