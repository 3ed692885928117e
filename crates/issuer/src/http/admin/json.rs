//! JSON as somebody's wish is read: every member once, and whoever wrote it is told where.

use super::pointer::Pointer;
use crate::admin::DraftFault;
use crate::http::problem::Because;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::RefCell;
use std::fmt;

/// Where a text stops being JSON. What it holds there is not repeated: it may be a secret that went astray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotJson {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// Reads one value and every repeated member of it.
pub(super) fn read(text: &[u8]) -> Result<(Value, Vec<DraftFault>), NotJson> {
    let repeated = RefCell::new(Vec::new());
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let place = |error: &serde_json::Error| NotJson { line: error.line(), column: error.column() };
    let value = Element { at: &Pointer::Root, repeated: &repeated }
        .deserialize(&mut deserializer)
        .map_err(|error| place(&error))?;
    deserializer.end().map_err(|error| place(&error))?;
    Ok((value, repeated.into_inner()))
}

/// One value, at its place.
#[derive(Clone, Copy)]
struct Element<'e> {
    at: &'e Pointer<'e>,
    repeated: &'e RefCell<Vec<DraftFault>>,
}

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        Number::from_f64(number).map(Value::Number).ok_or_else(|| E::custom("a number without end"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(Element {
            at: &Pointer::Entry(self.at, values.len()),
            repeated: self.repeated,
        })? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            let at = Pointer::Member(self.at, &name);
            let value = object.next_value_seed(Element { at: &at, repeated: self.repeated })?;
            if members.contains_key(&name) {
                self.repeated.borrow_mut().push(DraftFault {
                    pointer: at.told(),
                    reason: Because::MemberRepeated.reason(),
                    message: "the member stands there twice; keep one".into(),
                });
            }
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_read_is_what_was_written() {
        let (value, repeated) = read(br#"{"a":[1,-2,2.5,"x",null,true],"b":{"c":{}}}"#).unwrap();
        assert_eq!(value, json!({"a": [1, -2, 2.5, "x", null, true], "b": {"c": {}}}));
        assert_eq!(repeated, []);
    }

    #[test]
    fn every_repeated_member_is_named_with_its_place_at_every_depth() {
        let (_, repeated) = read(br#"{"a":1,"b":{"c":[{"d":1,"d":2}]},"a":2}"#).unwrap();
        let places: Vec<&str> = repeated.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(places, ["/b/c/0/d", "/a"]);
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place_and_never_panics() {
        for text in
            ["", " ", "{", "{\"a\":}", "{} x", "[1,]", "nul", "{\"a\":1e999}", "\u{feff}{}", "{'a':1}"]
        {
            assert!(read(text.as_bytes()).is_err(), "{text:?}");
        }
        assert_eq!(read(b"{\n \"a\": x}"), Err(NotJson { line: 2, column: 7 }));
        assert!(read("[".repeat(100_000).as_bytes()).is_err());
        assert!(read(&[b'"', 0xff, b'"']).is_err());
    }
}
