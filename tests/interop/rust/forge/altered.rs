//! Claims that the holder of a token would like better.

use crate::Fault;
use chancery_token::UnixTime;
use serde_json::{Map, Value};
use std::time::Duration;

/// What everybody would like to have more of.
const LONGER: Duration = Duration::from_mins(30);

/// The members of a payload.
pub(super) fn members(payload: &[u8]) -> Result<Map<String, Value>, Fault> {
    Ok(serde_json::from_slice(payload)?)
}

pub(super) fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Result<&'m str, Fault> {
    members.get(name).and_then(Value::as_str).ok_or_else(|| format!("the token has no {name}").into())
}

/// The payload with one member that says something else.
pub(super) fn with(members: &Map<String, Value>, name: &str, value: impl Into<Value>) -> Vec<u8> {
    let mut changed = members.clone();
    changed.insert(name.to_owned(), value.into());
    Value::Object(changed).to_string().into_bytes()
}

/// A time written as `like` is: as a number (JWT), or as RFC 3339 text (PASETO).
pub(super) fn time(like: &Value, at: UnixTime) -> Value {
    if like.is_number() { at.as_secs().into() } else { at.to_rfc3339().into() }
}

/// Payloads to stand before a signature that was made for another one.
pub(super) fn wishes(payload: &[u8]) -> Result<Vec<(&'static str, Vec<u8>)>, Fault> {
    let members = members(payload)?;
    let exp = members.get("exp").ok_or("the token has no exp")?;
    let ends = match exp {
        Value::String(text) => UnixTime::from_rfc3339(text).ok_or("exp is no time")?,
        number => UnixTime::from_secs(number.as_u64().ok_or("exp is no time")?),
    };
    let scope = text(&members, "scope")?;
    let wider = format!("{scope} {}", scope.replace(":read", ":write"));
    let whole = std::str::from_utf8(payload)?;
    let doubled = whole.replacen('{', r#"{"tenant":"globex","#, 1);
    Ok(vec![
        ("a later exp under the old signature", with(&members, "exp", time(exp, ends.plus(LONGER)))),
        ("a wider scope under the old signature", with(&members, "scope", wider)),
        ("another tenant under the old signature", with(&members, "tenant", "globex")),
        ("a claim that stands twice under the old signature", doubled.into_bytes()),
    ])
}
