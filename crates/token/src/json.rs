//! JSON as signed bytes need it: member names unique at every level, little nesting, nothing guessed.
//!
//! RFC 8725bis and the PASETO specification both ask for unique names; a parser that keeps the last of two
//! equal names and one that keeps the first would read two different tokens out of the same signed bytes.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// Deepest nesting that is read. Our deepest claim is a delegation chain of four `act` objects.
const MAX_DEPTH: u8 = 8;
/// Most elements of one array: more than fit into the largest token that is issued.
const MAX_ELEMENTS: usize = 1024;

/// Most members of one object. The search for repeated names is quadratic in this number, and in nothing else: a
/// token has at most 8 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Most {
    /// What a stranger may write: a header of ours has three members, a footer two.
    Header,
    /// What a key of ours signed: more than fit into the largest token that is issued.
    Claims,
}

impl Most {
    const fn members(self) -> usize {
        match self {
            Self::Header => 32,
            Self::Claims => 512,
        }
    }
}

/// The one member of the object that serde_json hands out in place of a number when any crate of the program turns
/// on its feature `arbitrary_precision`. Cargo turns it on for all of them, so what is read here must not change.
const NUMBER: &str = "$serde_json::private::Number";

/// One JSON value that borrows what it can from its text.
#[derive(Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative,
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Members<'a>),
}

pub(crate) type Members<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

/// Why a text is not JSON that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonFault {
    Duplicate,
    NotAnObject,
    NumberRange,
    Syntax,
    TooDeep,
    TooMany,
}

/// Reads `text`, which must be one object and nothing else.
pub(crate) fn object(text: &str, most: Most) -> Result<Members<'_>, JsonFault> {
    let fault = Cell::new(None);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Value { depth: 0, most, fault: &fault }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    match value {
        Ok(Json::Object(members)) => Ok(members),
        Ok(_) => Err(JsonFault::NotAnObject),
        Err(error) => Err(fault.get().unwrap_or_else(|| {
            // serde_json tells the kinds of syntax errors apart in its text alone.
            if error.to_string().starts_with("number out of range") {
                JsonFault::NumberRange
            } else {
                JsonFault::Syntax
            }
        })),
    }
}

#[derive(Clone, Copy)]
struct Value<'f> {
    depth: u8,
    most: Most,
    fault: &'f Cell<Option<JsonFault>>,
}

impl Value<'_> {
    fn fail<E: serde::de::Error>(self, fault: JsonFault) -> E {
        self.fault.set(Some(fault));
        E::custom("refused")
    }

    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fail(JsonFault::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    /// Reads the digits of a number as serde_json itself does without `arbitrary_precision`.
    fn number<E: serde::de::Error>(self, digits: &str) -> Result<Json<'static>, E> {
        let is_whole = digits.bytes().all(|b| b.is_ascii_digit());
        match (digits.parse::<u64>(), digits.parse::<i64>(), digits.parse::<f64>()) {
            (Ok(number), _, _) if is_whole => Ok(Json::Unsigned(number)),
            (_, Ok(number), _) if number < 0 => Ok(Json::Negative),
            (_, _, Ok(number)) if number.is_finite() => Ok(Json::Float(number)),
            _ => Err(self.fail(JsonFault::NumberRange)),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(u64::try_from(value).map_or(Json::Negative, Json::Unsigned))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'de>, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(value) = seq.next_element_seed(inner)? {
            if list.len() == MAX_ELEMENTS {
                return Err(self.fail(JsonFault::TooMany));
            }
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut next = map.next_key_seed(Name)?;
        if next.as_deref() == Some(NUMBER) {
            return match map.next_value_seed(self)? {
                Json::Text(digits) => self.number(&digits),
                _ => Err(self.fail(JsonFault::Syntax)),
            };
        }
        let inner = self.inner()?;
        // The claims of a token fit; objects within it are few and small.
        let mut members: Members<'de> = Vec::with_capacity(if self.depth == 0 { 18 } else { 0 });
        let mut seen = 0;
        while let Some(name) = next {
            if members.len() == self.most.members() {
                return Err(self.fail(JsonFault::TooMany));
            }
            let mark = mark(&name);
            if seen & mark != 0 && members.iter().any(|(known, _)| *known == name) {
                return Err(self.fail(JsonFault::Duplicate));
            }
            seen |= mark;
            let value = map.next_value_seed(inner)?;
            members.push((name, value));
            next = map.next_key_seed(Name)?;
        }
        Ok(Json::Object(members))
    }
}

/// One of 64 bits for a name: names without a bit in common differ, and need not be compared.
fn mark(name: &str) -> u64 {
    let end = |byte: Option<&u8>| byte.copied().map_or(0, usize::from);
    let bytes = name.as_bytes();
    1 << ((bytes.len() * 7 + end(bytes.first()) + end(bytes.last()) * 4) % 64)
}

struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(value.to_owned()))
    }
}

/// Looks a member up.
pub(crate) fn member<'m, 'a>(members: &'m Members<'a>, name: &str) -> Option<&'m Json<'a>> {
    members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_unique_at_every_level() {
        for text in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":1,"b":1}}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
            r#"{"a":1,"\u0061":2}"#,
        ] {
            assert_eq!(object(text, Most::Claims), Err(JsonFault::Duplicate), "{text}");
        }
    }

    #[test]
    fn each_fault_is_told_apart() {
        for (text, fault) in [
            ("[]", JsonFault::NotAnObject),
            ("1", JsonFault::NotAnObject),
            ("null", JsonFault::NotAnObject),
            ("", JsonFault::Syntax),
            ("{}x", JsonFault::Syntax),
            ("{\"a\":NaN}", JsonFault::Syntax),
            ("\u{feff}{}", JsonFault::Syntax),
            ("{\"a\":\"\\ud800\"}", JsonFault::Syntax),
            ("{\"a\":1e999}", JsonFault::NumberRange),
            ("{\"a\":[[[[[[[[[]]]]]]]]]}", JsonFault::TooDeep),
        ] {
            assert_eq!(object(text, Most::Claims), Err(fault), "{text}");
        }
        let list = |elements: usize| format!("{{\"a\":[{}0]}}", "0,".repeat(elements - 1));
        assert!(object(&list(1024), Most::Header).is_ok());
        assert_eq!(object(&list(1025), Most::Claims), Err(JsonFault::TooMany));
        let members = |members: usize| {
            let members: Vec<String> = (0..members).map(|name| format!("\"{name}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        for most in [Most::Header, Most::Claims] {
            assert!(object(&members(most.members()), most).is_ok());
            assert_eq!(object(&members(most.members() + 1), most), Err(JsonFault::TooMany));
        }
    }

    #[test]
    fn a_number_is_the_same_number_whatever_features_serde_json_has() {
        for digits in
            ["0", "7", "18446744073709551615", "18446744073709551616", "-1", "-0", "1.5", "1e2", "-9e99"]
        {
            let marked = format!("{{\"a\":{{\"{NUMBER}\":\"{digits}\"}}}}");
            let plain = format!("{{\"a\":{digits}}}");
            assert_eq!(object(&marked, Most::Claims), object(&plain, Most::Claims), "{digits}");
        }
        let deepest = "{\"a\":[[[[[[[1]]]]]]]}";
        assert!(object(deepest, Most::Claims).is_ok());
        assert!(object(&deepest.replace('1', &format!("{{\"{NUMBER}\":\"1\"}}")), Most::Claims).is_ok());
        for (digits, fault) in [
            ("\"1e999\"", JsonFault::NumberRange),
            ("\"nan\"", JsonFault::NumberRange),
            ("[]", JsonFault::Syntax),
            ("\"1\",\"b\":2", JsonFault::Syntax),
        ] {
            let marked = format!("{{\"a\":{{\"{NUMBER}\":{digits}}}}}");
            assert_eq!(object(&marked, Most::Claims), Err(fault), "{digits}");
        }
    }

    proptest! {
        #[test]
        fn what_serde_json_refuses_is_refused(text in "[{}\\[\\]\",:a0-9.e\\\\-]{0,30}") {
            if object(&text, Most::Claims).is_ok() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
            }
        }
    }
}
