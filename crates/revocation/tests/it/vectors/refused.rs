//! Documents that must be refused whole, each but for one fault in good order and well signed.

use super::{ISSUER, NOW, jti, key, log, seconds, sid, signer};
use chancery_revocation::{Kill, Log};
use chancery_token::encoding::{base64url, from_base64url};
use chancery_token::jws;
use serde_json::{Map, Value, json};

const SNAPSHOT: &str = "chancery-rev-snapshot+jwt";
const DELTA: &str = "chancery-rev-delta+jwt";

type Members = Map<String, Value>;

fn filled() -> Log {
    let kills = [
        Kill::token(jti(1), seconds(900)),
        Kill::all(seconds(9000)),
        Kill::family(sid(2), seconds(9000)),
        Kill::token(jti(3), seconds(300)),
        Kill::key("stolen-key"),
    ];
    log(1).append(&kills).map_or_else(|_| log(1), |(log, _)| log)
}

fn members(document: &str) -> Members {
    let payload = document.split('.').nth(1).and_then(from_base64url).unwrap_or_default();
    serde_json::from_slice(&payload).unwrap_or_default()
}

fn under(header: &str, payload: &str) -> String {
    jws::sign(header, payload.as_bytes(), &key(21))
}

fn header(typ: &str) -> String {
    let kid = chancery_token::Signer::kid(&key(21)).to_owned();
    format!(r#"{{"alg":"EdDSA","typ":"{typ}","kid":"{kid}"}}"#)
}

fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        let [low, ..] = number.to_le_bytes();
        out.push(low | 0x80);
        number >>= 7;
    }
    let [last, ..] = number.to_le_bytes();
    out.push(last);
}

fn numbers(numbers: &[u64]) -> String {
    let mut bytes = Vec::new();
    for number in numbers {
        varint(*number, &mut bytes);
    }
    base64url(&bytes)
}

struct Rows {
    refused: Vec<Value>,
    snapshot: Members,
    delta: Members,
}

impl Rows {
    fn text(&mut self, name: &str, reason: &str, document: &str) {
        self.refused
            .push(json!({ "name": name, "now": NOW.as_secs(), "document": document, "reason": reason }));
    }

    /// A snapshot or a delta with one member changed.
    fn with(&mut self, typ: &str, member: &str, value: impl Into<Value>, reason: &str, name: &str) {
        let mut members = if typ == SNAPSHOT { self.snapshot.clone() } else { self.delta.clone() };
        members.insert(member.to_owned(), value.into());
        let document = under(&header(typ), &Value::from(members).to_string());
        let name = format!("{} with {member}: {name}", if typ == SNAPSHOT { "snapshot" } else { "delta" });
        self.text(&name, reason, &document);
    }
}

pub(super) fn refused() -> Vec<Value> {
    let log = filled();
    let snapshot = signer().snapshot(&log, NOW).unwrap_or_default();
    let delta = log.since(log.start()).and_then(|delta| signer().delta(&delta, NOW).ok()).unwrap_or_default();
    let mut rows = Rows { refused: Vec::new(), snapshot: members(&snapshot), delta: members(&delta) };
    signed_wrongly(&mut rows, &delta);
    misshapen(&mut rows);
    of_another_time_or_place(&mut rows, &log);
    blocks(&mut rows, &log);
    columns(&mut rows, &log);
    names(&mut rows, &log);
    rows.refused
}

fn signed_wrongly(rows: &mut Rows, delta: &str) {
    let payload = Value::from(rows.delta.clone()).to_string();
    let kid = |seed| chancery_token::Signer::kid(&key(seed)).to_owned();
    let of = |kid: &str| format!(r#"{{"alg":"EdDSA","typ":"{DELTA}","kid":"{kid}"}}"#);
    let stranger = jws::sign(&of(&kid(7)), payload.as_bytes(), &key(7));
    rows.text("signed with a token key", "document_key_unknown", &stranger);
    let forged = jws::sign(&of(&kid(21)), payload.as_bytes(), &key(7));
    rows.text("signed with another key under the name of this one", "signature_invalid", &forged);
    rows.text("cut off", "segment_count", delta.rsplit_once('.').map_or("", |(front, _)| front));
    rows.text("with a space behind it", "character_forbidden", &format!("{delta} "));
    rows.text("no document", "segment_count", "");
    rows.text("an access token by its typ", "document_kind", &under(&header("at+jwt"), &payload));
    rows.text(
        "without a typ",
        "typ_missing",
        &under(&of("x").replace(r#""typ":"chancery-rev-delta+jwt","#, ""), &payload),
    );
    rows.text(
        "without a kid",
        "kid_missing",
        &under(&format!(r#"{{"alg":"EdDSA","typ":"{DELTA}"}}"#), &payload),
    );
    let unsigned = of(&kid(21)).replace("EdDSA", "none");
    rows.text("alg none", "alg_none", &under(&unsigned, &payload));
    let as_snapshot = under(&header(SNAPSHOT), &payload);
    rows.text("a delta that calls itself a snapshot", "document_claims", &as_snapshot);
}

fn misshapen(rows: &mut Rows) {
    for text in ["", "null", "[]", "{}"] {
        rows.text(&format!("the payload is '{text}'"), "document_claims", &under(&header(DELTA), text));
    }
    let payload = Value::from(rows.delta.clone()).to_string();
    let twice = payload.replacen('{', "{\"iat\":1795305600,", 1);
    rows.text("a member twice", "document_claims", &under(&header(DELTA), &twice));
    rows.with(DELTA, "exp", 1, "document_claims", "nobody knows it");
    rows.with(DELTA, "iat", "1795305600", "document_claims", "text for a number");
    rows.with(DELTA, "head", "AAAA", "document_claims", "too short");
    rows.with(SNAPSHOT, "log", Value::Null, "document_claims", "null");
    rows.with(SNAPSHOT, "count", -3, "document_claims", "negative");
}

fn of_another_time_or_place(rows: &mut Rows, log: &Log) {
    let at = log.position().sequence.get();
    rows.with(DELTA, "iss", format!("{ISSUER}/"), "document_issuer_mismatch", "a slash more");
    rows.with(SNAPSHOT, "iss", "https://other.example.com", "document_issuer_mismatch", "another");
    rows.with(DELTA, "iat", seconds(61).as_secs(), "document_from_future", "61 seconds ahead");
    rows.with(SNAPSHOT, "floor", at + 1, "document_sequences", "above the sequence");
    rows.with(
        SNAPSHOT,
        "sequence",
        1_u64 << 53,
        "document_sequences",
        "no JSON number that all readers keep",
    );
    rows.with(DELTA, "from", at + 1, "document_sequences", "after the end");
    rows.with(DELTA, "to", at + 1, "entries_miscounted", "an entry too few");
    rows.with(DELTA, "from", log.start().get() - 1, "entries_miscounted", "an entry too few");
    rows.with(DELTA, "prev", base64url(&[9; 32]), "chain_broken", "another past");
    rows.with(DELTA, "head", base64url(&[9; 32]), "chain_broken", "another end");
}

fn blocks(rows: &mut Rows, log: &Log) {
    let block = log.start().get() >> 10;
    let mut with =
        |list: &[u64], reason: &str, name: &str| rows.with(SNAPSHOT, "tokens", numbers(list), reason, name);
    with(&[block, 2, 9, 5, 0], "entries_duplicated", "an id twice");
    with(&[block, 2, 9, u64::MAX, 1], "entries_unsorted", "past the largest id");
    with(&[block, 1, 9, 5], "entries_miscounted", "an id too few");
    with(&[block, 3, 9, 5, 1, 1], "entries_miscounted", "an id too many");
    with(&[block, 3, 9, 5, 1], "entries_malformed", "cut off");
    with(&[block, 0, 9], "entries_malformed", "an empty block");
    with(&[block, 1, 9, 5, 0, 1, 9, 6], "entries_duplicated", "a block twice");
    with(&[block + 1, 2, 9, 5, 1], "entries_out_of_range", "a block after the end");
    rows.with(SNAPSHOT, "tokens", base64url(&[0x81, 0x00]), "entries_malformed", "a number in a longer form");
    rows.with(SNAPSHOT, "families", "A", "entries_malformed", "not base64url");
    rows.with(SNAPSHOT, "count", 2, "entries_miscounted", "too low");
}

fn columns(rows: &mut Rows, log: &Log) {
    rows.with(DELTA, "ids", base64url(&[1; 23]), "entries_malformed", "not a multiple of eight bytes");
    rows.with(DELTA, "ids", base64url(&[1; 24]), "chain_broken", "other ids");
    rows.with(DELTA, "ids", base64url(&[1; 16]), "entries_malformed", "an end left over");
    rows.with(DELTA, "ends", numbers(&[0, 0]), "entries_malformed", "an end too few");
    rows.with(DELTA, "ends", numbers(&[2, 0, 0]), "entries_malformed", "before the first minute");
    rows.with(DELTA, "wide", "", "entries_miscounted", "missing");
    debug_assert_eq!(log.position().sequence.get() - log.start().get(), 5, "the entries above");
}

fn names(rows: &mut Rows, log: &Log) {
    for typ in [SNAPSHOT, DELTA] {
        rows.with(typ, "wide", base64url(&[8, 1, 2, 3]), "entry_kind_unknown", "a kind of a later version");
        rows.with(typ, "wide", base64url(&[0]), "entry_kind_unknown", "no kind at all");
        rows.with(typ, "wide", base64url(&[1, 2, 3]), "entries_malformed", "a token by name");
        rows.with(typ, "wide", base64url(&[6, 1]), "entries_malformed", "cut off");
    }
    let tenant = |mark: u8, steps: u64| {
        let mut bytes = vec![4];
        bytes.extend([mark; 16]);
        varint(steps, &mut bytes);
        varint(9, &mut bytes);
        bytes
    };
    let unsorted = [tenant(2, 7), tenant(1, 7)].concat();
    rows.with(SNAPSHOT, "wide", base64url(&unsorted), "entries_unsorted", "marks go down");
    let twice = [tenant(1, 7), tenant(1, 8)].concat();
    rows.with(SNAPSHOT, "wide", base64url(&twice), "entries_duplicated", "a tenant twice");
    let late = tenant(1, log.position().sequence.get() + 1);
    rows.with(SNAPSHOT, "wide", base64url(&late), "entries_out_of_range", "after the end");
    let back = [tenant(1, 2), tenant(2, 1)].concat();
    rows.with(DELTA, "wide", base64url(&back), "entries_unsorted", "sequences go down");
    let same = [tenant(1, 2), tenant(2, 2)].concat();
    rows.with(DELTA, "wide", base64url(&same), "entries_duplicated", "a sequence twice");
    rows.with(DELTA, "wide", base64url(&tenant(1, 6)), "entries_out_of_range", "after the end");
    rows.with(DELTA, "wide", base64url(&tenant(1, 0)), "entries_out_of_range", "before the beginning");
}
