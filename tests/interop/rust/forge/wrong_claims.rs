//! One thing wrong in the claims, the signature right: each breaks at one check of the verifier, or nowhere.

use super::altered::{members, text, time, with};
use crate::Fault;
use chancery_token::UnixTime;
use serde_json::{Value, json};
use std::time::Duration;

/// What every token must have (RFC 9068 section 2.2).
const REQUIRED: [&str; 7] = ["iss", "aud", "sub", "client_id", "iat", "exp", "jti"];

/// Long over, whatever leeway a library insists on.
const OVER: Duration = Duration::from_hours(1);
const BEGUN: Duration = Duration::from_mins(75);

/// Whose key a bound token wants proved (RFC 9449 section 6.1).
const SOMEBODY: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

/// The payload as it was, written as the wrong ones are: refused, it would show that those break for another reason.
pub(super) fn unchanged(payload: &[u8]) -> Result<Vec<u8>, Fault> {
    let members = members(payload)?;
    Ok(with(&members, "env", text(&members, "env")?))
}

/// Payloads that the issuer would never sign.
pub(super) fn payloads(payload: &[u8], now: UnixTime) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let members = members(payload)?;
    let mut over = members.clone();
    for (name, ago) in [("iat", BEGUN), ("exp", OVER)] {
        if let Some(value) = over.get_mut(name) {
            *value = time(value, now.minus(ago));
        }
    }
    let longer_audience = format!("{}.evil.example", text(&members, "aud")?);
    let mut wrong = vec![
        ("signed by us, over for an hour".to_owned(), Value::Object(over).to_string().into_bytes()),
        ("signed by us, for another issuer".to_owned(), with(&members, "iss", "https://other.example")),
        (
            "signed by us, an audience that only begins like ours".to_owned(),
            with(&members, "aud", longer_audience),
        ),
        ("signed by us, of the other environment".to_owned(), with(&members, "env", "live")),
        (
            "signed by us, bound to a key that nobody proved".to_owned(),
            with(&members, "cnf", json!({ "jkt": SOMEBODY })),
        ),
    ];
    for name in REQUIRED {
        let mut fewer = members.clone();
        fewer.remove(name);
        wrong.push((format!("signed by us, without {name}"), Value::Object(fewer).to_string().into_bytes()));
    }
    Ok(wrong)
}
