//! Records as they rest in a store: JSON with the number of its layout (R-10.5).
//!
//! A field that an older version may pass over keeps the number. One that restricts something does not: a version
//! that cannot obey it must refuse the record instead of reading around it.

use super::{ListedClient, StoreFault, UnreadableClient};
use crate::client::Client;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The layout that is written, and the only one so far.
const VERSION: u32 = 1;
/// Largest record. A client that is registered over HTTP is far smaller, for its request is.
const MAX_BYTES: usize = 256 * 1024;

#[derive(serde::Serialize)]
struct Written<'r, T> {
    v: u32,
    record: &'r T,
}

#[derive(serde::Deserialize)]
struct Read<T> {
    record: T,
}

#[derive(serde::Deserialize)]
struct Layout {
    v: u32,
}

pub(super) fn write<T: Serialize>(record: &T, what: &str) -> Result<String, StoreFault> {
    let written = Written { v: VERSION, record };
    let text = serde_json::to_string(&written).map_err(|error| unreadable(what, error.to_string()))?;
    check_size(text.len(), what)?;
    Ok(text)
}

/// Refuses what would grow a store beyond bounds.
pub(super) fn check_size(bytes: usize, what: &str) -> Result<(), StoreFault> {
    if bytes > MAX_BYTES {
        return Err(StoreFault::TooLarge { what: what.into(), bytes, most: MAX_BYTES });
    }
    Ok(())
}

pub(super) fn write_client(client: &Client) -> Result<String, StoreFault> {
    write(client, &format!("client '{}'", client.id))
}

/// Reads the record that lies in the place of client `id`.
pub(super) fn read_client(id: &str, text: &str) -> Result<Client, StoreFault> {
    let what = format!("client '{id}'");
    let client: Client = read(text, &what)?;
    if client.id.as_str() == id {
        return Ok(client);
    }
    Err(unreadable(&what, format!("it is the record of '{}'", client.id)))
}

/// As [`read_client`], for a list.
pub(super) fn read_listed(id: String, text: &[u8]) -> ListedClient {
    let read = std::str::from_utf8(text)
        .map_err(|_| unreadable(&format!("client '{id}'"), "it is not UTF-8".to_owned()))
        .and_then(|text| read_client(&id, text));
    read.map_err(|fault| UnreadableClient { id, fault })
}

/// The place in a list whose id is known, and whose record is gone.
pub(super) fn absent(id: String) -> ListedClient {
    let fault = unreadable(&format!("client '{id}'"), "its id is listed, and it is not there".to_owned());
    Err(UnreadableClient { id, fault })
}

pub(super) fn read<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, StoreFault> {
    let fault = |error: serde_json::Error| unreadable(what, error.to_string());
    let layout: Layout = serde_json::from_str(text).map_err(fault)?;
    if layout.v != VERSION {
        let detail = format!("it has layout {}, and this program knows layout {VERSION}", layout.v);
        return Err(unreadable(what, detail));
    }
    serde_json::from_str::<Read<T>>(text).map(|read| read.record).map_err(fault)
}

fn unreadable(what: &str, detail: String) -> StoreFault {
    StoreFault::Unreadable { what: what.into(), detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_10_5_a_record_carries_its_layout() {
        assert_eq!(write(&"x", "a test").unwrap(), r#"{"v":1,"record":"x"}"#);
        assert_eq!(read::<String>(r#"{"v":1,"record":"x"}"#, "a test").unwrap(), "x");
    }

    #[test]
    fn r_10_5_a_field_of_a_later_version_is_passed_over_and_a_later_layout_is_not() {
        assert_eq!(read::<String>(r#"{"v":1,"record":"x","later":true}"#, "a test").unwrap(), "x");
        let refused = read::<String>(r#"{"v":2,"record":"x"}"#, "client 'a'").unwrap_err();
        assert_eq!(refused.reason(), "store_unreadable");
        assert!(
            refused.to_string().contains("client 'a'") && refused.to_string().contains("layout 2"),
            "{refused}"
        );
    }

    #[test]
    fn garbage_is_a_fault_and_no_panic() {
        for text in ["", "{", "[]", "{}", r#"{"v":1}"#, r#"{"v":"1","record":"x"}"#, r#"{"v":1,"record":7}"#]
        {
            assert_eq!(read::<String>(text, "a test").unwrap_err().reason(), "store_unreadable", "{text}");
        }
    }
}
