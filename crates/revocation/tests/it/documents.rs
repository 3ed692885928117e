//! What is no document of the log, and why.

use crate::world::{ISSUER, NOW, append, jti, key, keys, log, minutes, named, sid, signer};
use chancery_revocation::{Document, Kill, Log, MAX_DOCUMENT_BYTES, Sequence};
use chancery_token::encoding::{base64url, from_base64url};
use chancery_token::{UnixTime, jws};
use serde_json::{Map, Value, json};
use std::time::Duration;

type Members = Map<String, Value>;

const SNAPSHOT: &str = "chancery-rev-snapshot+jwt";
const DELTA: &str = "chancery-rev-delta+jwt";

fn filled() -> Log {
    let end = minutes(60 * 24 * 30);
    append(
        &log(),
        &[
            Kill::token(jti(1), minutes(15)),
            Kill::tenant(&"acme".parse().unwrap(), end),
            Kill::family(sid(2), end),
            Kill::token(jti(3), minutes(5)),
            Kill::key("k"),
            Kill::all(end),
        ],
    )
}

fn good_snapshot() -> String {
    signer().snapshot(&filled(), NOW).unwrap()
}

fn good_delta() -> String {
    let log = filled();
    signer().delta(&log.since(log.start()).unwrap(), NOW).unwrap()
}

fn members(document: &str) -> Members {
    let payload = from_base64url(document.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

fn sign_text(typ: &str, payload: &str) -> String {
    let kid = chancery_token::Signer::kid(&key()).to_owned();
    jws::sign(&format!(r#"{{"alg":"EdDSA","typ":"{typ}","kid":"{kid}"}}"#), payload.as_bytes(), &key())
}

fn sign(typ: &str, members: &Members) -> String {
    sign_text(typ, &Value::from(members.clone()).to_string())
}

fn open(text: &str) -> Result<Document, chancery_revocation::BadDocument> {
    keys().open(text, ISSUER, NOW)
}

fn reason(text: &str) -> &'static str {
    open(text).unwrap_err().reason()
}

fn snapshot_with(name: &str, value: impl Into<Value>) -> &'static str {
    let mut members = members(&good_snapshot());
    members.insert(name.into(), value.into());
    reason(&sign(SNAPSHOT, &members))
}

fn delta_with(name: &str, value: impl Into<Value>) -> &'static str {
    let mut members = members(&good_delta());
    members.insert(name.into(), value.into());
    reason(&sign(DELTA, &members))
}

fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 128 {
        out.push(u8::try_from(number & 127).unwrap() | 128);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap());
}

/// A block of a snapshot from its numbers.
fn numbers(numbers: &[u64]) -> String {
    let mut bytes = Vec::new();
    for number in numbers {
        varint(*number, &mut bytes);
    }
    base64url(&bytes)
}

#[test]
fn what_was_signed_comes_back() {
    let log = filled();
    let Document::Snapshot(snapshot) = open(&good_snapshot()).unwrap() else { panic!("a snapshot") };
    assert_eq!(
        (snapshot.position(), snapshot.set(), snapshot.confirmed_at()),
        (log.position(), log.published(), NOW)
    );
    let Document::Delta(delta) = open(&good_delta()).unwrap() else { panic!("a delta") };
    assert_eq!((delta.delta(), delta.confirmed_at()), (&log.since(log.start()).unwrap(), NOW));
    let heartbeat = signer().delta(&log.since(log.position().sequence).unwrap(), NOW).unwrap();
    let Document::Delta(heartbeat) = open(&heartbeat).unwrap() else { panic!("a delta") };
    assert_eq!(heartbeat.delta().from, heartbeat.delta().to);
    // Written again from its members, it is still good: the changes below are what is refused.
    assert!(open(&sign(SNAPSHOT, &members(&good_snapshot()))).is_ok());
    assert!(open(&sign(DELTA, &members(&good_delta()))).is_ok());
}

#[test]
fn every_byte_counts() {
    for document in [good_snapshot(), good_delta()] {
        for at in 0..document.len() {
            let mut bytes = document.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            assert!(open(&String::from_utf8(bytes).unwrap()).is_err(), "byte {at}");
        }
        for length in 0..document.len() {
            assert!(open(&document[..length]).is_err(), "cut to {length}");
        }
        assert!(open(&format!("{document}A")).is_err() && open(&format!(" {document}")).is_err());
    }
}

#[test]
fn only_a_key_of_the_log_signs_it() {
    let payload = from_base64url(good_delta().split('.').nth(1).unwrap()).unwrap();
    let token_key = named(7);
    let kid = |key: &chancery_token::ed25519::NamedKey| chancery_token::Signer::kid(key).to_owned();
    let header = |kid: &str| format!(r#"{{"alg":"EdDSA","typ":"{DELTA}","kid":"{kid}"}}"#);
    assert_eq!(reason(&jws::sign(&header(&kid(&token_key)), &payload, &token_key)), "document_key_unknown");
    assert_eq!(reason(&jws::sign(&header(&kid(&key())), &payload, &token_key)), "signature_invalid");
    let nameless = format!(r#"{{"alg":"EdDSA","typ":"{DELTA}"}}"#);
    assert_eq!(reason(&jws::sign(&nameless, &payload, &key())), "kid_missing");
    let none = format!(r#"{{"alg":"none","typ":"{DELTA}","kid":"{}"}}"#, kid(&key()));
    assert_eq!(reason(&jws::sign(&none, &payload, &key())), "alg_none");
    let untyped = format!(r#"{{"alg":"EdDSA","kid":"{}"}}"#, kid(&key()));
    assert_eq!(reason(&jws::sign(&untyped, &payload, &key())), "typ_missing");
    for typ in
        ["at+jwt", "JWT", "dpop+jwt", "chancery-rev-delta+JWT", "application/chancery-rev-delta+jwt", ""]
    {
        assert_eq!(reason(&sign_text(typ, "{}")), "document_kind", "{typ}");
    }
    // One kind is not read as the other.
    assert_eq!(reason(&sign(SNAPSHOT, &members(&good_delta()))), "document_claims");
    assert_eq!(reason(&sign(DELTA, &members(&good_snapshot()))), "document_claims");
}

#[test]
fn what_is_too_large_is_not_read() {
    let text = "A".repeat(MAX_DOCUMENT_BYTES);
    assert_eq!(reason(&text), "segment_count");
    assert_eq!(reason(&format!("{text}A")), "document_too_large");
}

#[test]
fn a_document_is_of_this_issuer_and_of_this_time() {
    for issuer in ["https://auth.example.com/", "https://AUTH.example.com", "", "https://other.example.com"] {
        assert_eq!(snapshot_with("iss", issuer), "document_issuer_mismatch");
        assert_eq!(delta_with("iss", issuer), "document_issuer_mismatch");
    }
    for (seconds, good) in [(60, true), (61, false), (3600, false)] {
        let now = NOW.minus(Duration::from_secs(seconds));
        for document in [good_snapshot(), good_delta()] {
            let opened = keys().open(&document, ISSUER, now).map_err(|bad| bad.reason());
            assert_eq!(opened.is_ok(), good, "{seconds}");
            assert!(good || opened == Err("document_from_future"));
        }
    }
    assert!(keys().open(&good_delta(), ISSUER, UnixTime::MAX).is_ok(), "age is not for the reader to judge");
}

#[test]
fn members_are_all_there_once_and_of_their_types() {
    for (typ, good) in [(SNAPSHOT, good_snapshot()), (DELTA, good_delta())] {
        let good = members(&good);
        for name in good.keys() {
            let mut without = good.clone();
            without.remove(name);
            assert_eq!(reason(&sign(typ, &without)), "document_claims", "without {name}");
            for value in [json!(null), json!([]), json!(true), json!(-1), json!(1.5), json!({}), json!("!")] {
                let mut wrong = good.clone();
                wrong.insert(name.clone(), value.clone());
                let wrong = reason(&sign(typ, &wrong));
                let expected = match (name.as_str(), value.as_str()) {
                    ("iss", Some(_)) => "document_issuer_mismatch",
                    ("ids" | "ends" | "wide" | "tokens" | "families", Some(_)) => "entries_malformed",
                    _ => "document_claims",
                };
                assert_eq!(wrong, expected, "{name}: {value}");
            }
        }
        let mut more = good.clone();
        more.insert("exp".into(), json!(1));
        assert_eq!(reason(&sign(typ, &more)), "document_claims", "a member that nobody knows may matter");
        let text = Value::from(good.clone()).to_string();
        let twice = text.replacen('{', &format!("{{\"iat\":{},", good["iat"]), 1);
        assert_eq!(reason(&sign_text(typ, &twice)), "document_claims");
        let list = Value::from(good.into_iter().map(|(_, value)| value).collect::<Vec<_>>()).to_string();
        for text in [list.as_str(), "", "{", "null", "1", "\"\"", " {}", "{}", "[]"] {
            assert_eq!(reason(&sign_text(typ, text)), "document_claims", "{text}");
        }
    }
}

#[test]
fn sequences_go_up_and_fit_a_json_number() {
    let log = filled();
    let (start, at) = (log.start().get(), log.position().sequence.get());
    assert_eq!(snapshot_with("floor", at + 1), "document_sequences");
    assert_eq!(snapshot_with("sequence", 1_u64 << 53), "document_sequences");
    assert_eq!(delta_with("floor", at + 1), "document_sequences");
    assert_eq!(delta_with("from", at + 1), "document_sequences");
    assert_eq!(delta_with("to", 1_u64 << 53), "document_sequences");
    assert_eq!(delta_with("to", start), "entries_out_of_range");
}

#[test]
fn a_delta_leads_from_its_prev_to_its_head() {
    let other = base64url(&[9; 32]);
    assert_eq!(delta_with("prev", other.clone()), "chain_broken");
    assert_eq!(delta_with("head", other), "chain_broken");
    let log = filled();
    let (start, at) = (log.start().get(), log.position().sequence.get());
    // A shifted window holds as many entries, at other sequences.
    let mut shifted = members(&good_delta());
    shifted.insert("from".into(), json!(start + 1));
    shifted.insert("to".into(), json!(at + 1));
    assert_eq!(reason(&sign(DELTA, &shifted)), "chain_broken");
    let mut empty = members(&good_delta());
    for (name, value) in [("from", json!(at)), ("ids", json!("")), ("ends", json!("")), ("wide", json!(""))] {
        empty.insert(name.into(), value);
    }
    assert_eq!(reason(&sign(DELTA, &empty)), "chain_broken", "a heartbeat has one head");
}

#[test]
fn a_delta_holds_as_many_entries_as_it_has_sequences() {
    let log = filled();
    let at = log.position().sequence.get();
    assert_eq!(delta_with("to", at + 1), "entries_miscounted");
    assert_eq!(delta_with("from", log.start().get() - 1), "entries_miscounted");
    assert_eq!(delta_with("wide", ""), "entries_miscounted");
    let ids = from_base64url(members(&good_delta())["ids"].as_str().unwrap()).unwrap();
    assert_eq!(ids.len(), 24);
    assert_eq!(delta_with("ids", base64url(&ids[..16])), "entries_malformed", "an end is left over");
    assert_eq!(delta_with("ids", base64url(&ids[..23])), "entries_malformed");
    assert_eq!(delta_with("ids", base64url(&[&ids[..], &[0; 8]].concat())), "entries_malformed");
    let mut changed = ids.clone();
    changed[3] ^= 1;
    assert_eq!(delta_with("ids", base64url(&changed)), "chain_broken");
    let ends = from_base64url(members(&good_delta())["ends"].as_str().unwrap()).unwrap();
    assert_eq!(delta_with("ends", base64url(&ends[..ends.len() - 1])), "entries_malformed");
    assert_eq!(delta_with("ends", numbers(&[4 << 34, 0, 0])), "entries_malformed", "past the last minute");
    assert_eq!(delta_with("ends", numbers(&[2, 0, 0])), "entries_malformed", "before the first minute");
}

#[test]
fn wide_entries_of_a_delta_stand_in_the_order_of_the_log() {
    let wide = |records: &[(u8, u64)]| {
        let mut bytes = Vec::new();
        for (kind, steps) in records {
            bytes.push(*kind);
            bytes.extend([5; 16]);
            varint(*steps, &mut bytes);
            varint(1, &mut bytes);
        }
        base64url(&bytes)
    };
    assert_eq!(delta_with("wide", wide(&[(4, 2), (4, 1), (4, 3)])), "entries_unsorted");
    assert_eq!(delta_with("wide", wide(&[(4, 2), (3, 2), (4, 3)])), "entries_duplicated");
    assert_eq!(delta_with("wide", wide(&[(4, 1), (3, 2), (4, 7)])), "entries_out_of_range");
    assert_eq!(delta_with("wide", wide(&[(4, 0), (3, 2), (4, 3)])), "entries_out_of_range");
    assert_eq!(delta_with("wide", wide(&[(4, u64::MAX)])), "entries_out_of_range");
    assert_eq!(delta_with("wide", wide(&[(4, 1), (3, 2), (5, 3)])), "chain_broken");
}

#[test]
fn a_kind_that_is_not_known_is_never_stepped_over() {
    type Refuse = fn(&str, String) -> &'static str;
    let documents: [(&str, Refuse); 2] = [("snapshot", snapshot_with), ("delta", delta_with)];
    for (name, refuse) in documents {
        for code in [0, 8, 9, 200] {
            assert_eq!(refuse("wide", base64url(&[code, 1, 2, 3])), "entry_kind_unknown", "{name} {code}");
        }
        // Ids are not told by name, and records are not cut.
        for bytes in [&[1_u8, 1, 2, 3][..], &[2, 1, 2, 3], &[6], &[6, 1], &[6, 128, 0, 1], &[7], &[4, 1]] {
            assert_eq!(refuse("wide", base64url(bytes)), "entries_malformed", "{name} {bytes:?}");
        }
        assert_eq!(refuse("wide", numbers(&[6, 1, 1 << 32])), "entries_malformed", "{name}");
    }
}

#[test]
fn ids_of_a_snapshot_are_sorted_and_counted() {
    let block = filled().start().get() >> 10;
    let tokens = |list: &[u64]| snapshot_with("tokens", numbers(list));
    // Number, count, end, then ids: the good one holds two tokens, and a family beside them.
    assert_eq!(tokens(&[block, 2, 9, 5, 0]), "entries_duplicated");
    assert_eq!(tokens(&[block, 2, 9, u64::MAX, 1]), "entries_unsorted");
    assert_eq!(tokens(&[block, 3, 9, 5, 1, 1]), "entries_miscounted");
    assert_eq!(tokens(&[block, 1, 9, 5]), "entries_miscounted");
    assert_eq!(tokens(&[block, 3, 9, 5, 1]), "entries_malformed");
    assert_eq!(tokens(&[block, u64::MAX, 9, 5, 1]), "entries_malformed");
    assert_eq!(tokens(&[block, 0, 9]), "entries_malformed");
    assert_eq!(tokens(&[block, 2, 1 << 32, 5, 1]), "entries_malformed");
    assert_eq!(tokens(&[block, 1, 9, 5, 0, 1, 9, 5]), "entries_duplicated", "a block twice");
    assert_eq!(tokens(&[block + 1, 2, 9, 5, 1]), "entries_out_of_range");
    assert_eq!(tokens(&[block, 1, 9, 5, u64::MAX, 1, 9, 5]), "entries_out_of_range");
    assert_eq!(tokens(&[block, 2, 9, 5, 1, 0]), "entries_duplicated", "something behind them");
    assert_eq!(snapshot_with("count", 2), "entries_miscounted");
    assert_eq!(snapshot_with("count", 4), "entries_miscounted");
    assert_eq!(snapshot_with("families", ""), "entries_miscounted");
    assert_eq!(snapshot_with("families", base64url(&[0x80, 0])), "entries_malformed");
}

#[test]
fn names_of_a_snapshot_are_sorted_by_kind_and_mark() {
    let record = |kind: u8, mark: u8| {
        let mut bytes = vec![kind];
        bytes.extend([mark; 16]);
        varint(7, &mut bytes);
        varint(9, &mut bytes);
        bytes
    };
    let wide = |records: &[Vec<u8>]| snapshot_with("wide", base64url(&records.concat()));
    assert_eq!(wide(&[record(4, 2), record(4, 1)]), "entries_unsorted");
    assert_eq!(wide(&[record(4, 1), record(3, 2)]), "entries_unsorted");
    assert_eq!(wide(&[record(4, 1), record(4, 1)]), "entries_duplicated");
    assert_eq!(wide(&[vec![6, 7, 9], vec![6, 7, 9]]), "entries_duplicated");
    let mut late = vec![6];
    varint(filled().position().sequence.get() + 1, &mut late);
    varint(9, &mut late);
    assert_eq!(wide(&[late]), "entries_out_of_range");
}

#[test]
fn names_do_not_stand_in_documents() {
    let end = minutes(60);
    let secrets = ["acme-secret", "user:alice@example.com", "client-secret", "kid-secret"];
    let kills = [
        Kill::tenant(&secrets[0].parse().unwrap(), end),
        Kill::subject(&secrets[1].parse().unwrap(), end),
        Kill::client(&secrets[2].parse().unwrap(), end),
        Kill::key(secrets[3]),
    ];
    let log = append(&log(), &kills);
    let documents = [
        signer().snapshot(&log, NOW).unwrap(),
        signer().delta(&log.since(log.start()).unwrap(), NOW).unwrap(),
    ];
    for document in documents {
        let wide = from_base64url(members(&document)["wide"].as_str().unwrap()).unwrap();
        for secret in secrets {
            assert!(!wide.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
        }
    }
    assert_eq!(log.position().sequence, Sequence::new(log.start().get() + 4));
}
