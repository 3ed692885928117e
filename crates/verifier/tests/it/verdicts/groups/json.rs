//! Claims as JSON (RFC 8259): one object, in UTF-8, each name once, neither deep nor long without end.

use super::{Case, Draft, FORMATS, Format, Group, Reading, accepted, fine, of, refused};

pub(super) fn groups() -> Vec<Group> {
    let about = "Signed payloads that are no JSON, or that two readers would read differently.";
    let group = |format: Format| {
        let mut cases = doubles(format);
        cases.extend(bytes(format));
        if format == Format::Jwt {
            cases.extend(texts());
            cases.extend(sizes());
        }
        Group::new(&format!("{format}-json"), about, of(format), cases)
    };
    FORMATS.map(group).into()
}

fn doubles(format: Format) -> Vec<Case> {
    let draft = || Draft::new(format);
    let double = |id, about, draft: Draft| refused(id, about, draft.sign(), "claim_duplicated");
    vec![
        double(
            "scope-twice",
            "a second `scope`, which some readers take and some do not",
            draft().again("scope", "\"invoices:delete\""),
        ),
        double(
            "scope-twice-escaped",
            "a second `scope`, spelled with an escape",
            draft().again("\\u0073cope", "\"invoices:delete\""),
        ),
        double(
            "exp-twice-equal",
            "`exp` twice, and the same",
            draft().again("exp", &super::super::mint::instant(format, 900)),
        ),
        double(
            "bound-twice",
            "a bound that stands twice",
            draft().with("bounds", r#"{"region":["eu"],"region":["us"]}"#),
        ),
        double(
            "actor-twice",
            "an actor with two names",
            draft().with("act", r#"{"sub":"agent-1","sub":"agent-2"}"#),
        ),
        double(
            "unknown-twice",
            "a claim twice that nobody asked for",
            draft().again("note", "1").again("note", "2"),
        ),
        double(
            "unknown-deep-twice",
            "a member twice, deep in a claim that nobody asked for",
            draft().with("note", r#"[{"a":{"b":1,"\u0062":2}}]"#),
        ),
    ]
}

fn bytes(format: Format) -> Vec<Case> {
    let draft = Draft::new(format);
    let good = draft.payload();
    let replaced = |with: &[u8]| {
        let (before, after) = good.split_once("acme").unwrap();
        draft.sign_payload([before.as_bytes(), with, after.as_bytes()].concat())
    };
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        refused("not-utf8", "a byte that UTF-8 does not have", replaced(b"ac\xffme"), "claims_not_utf8"),
        refused("overlong", "a letter of ASCII in two bytes", replaced(b"\xc1\xa1cme"), "claims_not_utf8"),
        refused(
            "surrogate-in-utf8",
            "half of a pair, as bytes",
            replaced(b"\xed\xa0\x80"),
            "claims_not_utf8",
        ),
        refused(
            "byte-order-mark",
            "a byte order mark",
            draft.sign_payload(format!("\u{feff}{good}")),
            "claims_not_json",
        ),
        refused("utf16", "UTF-16, which some readers detect", draft.sign_payload(utf16), "claims_not_json"),
        refused("nothing", "no bytes at all", draft.sign_payload(""), "claims_not_json"),
        refused("list", "a list of the claims", draft.sign_payload(format!("[{good}]")), "claims_not_json"),
        refused(
            "two-objects",
            "claims, and claims again",
            draft.sign_payload(format!("{good}{good}")),
            "claims_not_json",
        ),
    ]
}

fn texts() -> Vec<Case> {
    let draft = Draft::new(Format::Jwt);
    let good = draft.payload();
    let about_pair = "half of a pair of surrogates, escaped";
    let rows = [
        ("null", "`null`", "null".to_owned()),
        ("text", "a text", "\"claims\"".to_owned()),
        ("cut", "the last brace is missing", good.trim_end_matches('}').to_owned()),
        ("behind", "something behind the claims", format!("{good}x")),
        ("comma", "a comma behind the last claim", good.replace('}', ",}")),
        ("comment", "a comment", format!("/* claims */{good}")),
        ("single-quotes", "single quotes", good.replace('"', "'")),
        ("line-feed", "a line feed within a text", good.replace("acme", "ac\nme")),
        ("half-pair", about_pair, good.replace("\"env\"", "\"note\":\"\\ud83d\",\"env\"")),
        ("escape", "an escape that there is not", good.replace("acme", "\\x61cme")),
        ("nul", "a NUL behind the claims", format!("{good}\0")),
    ];
    let mut cases: Vec<Case> = rows
        .map(|(id, about, payload)| refused(id, about, draft.sign_payload(payload), "claims_not_json"))
        .into();
    for case in &mut cases {
        // Some readers let half a pair pass into texts that nobody can write again.
        if case.id == "half-pair" {
            *case = case.clone().house();
        }
    }
    cases
}

fn sizes() -> Vec<Case> {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let note = |value: &str| Draft::new(Format::Jwt).with("note", value);
    let list = |elements: usize| format!("[{}]", vec!["0"; elements].join(","));
    // Eleven claims stand there already.
    let many = |members: usize| {
        (11..members).fold(Draft::new(Format::Jwt), |draft, n| draft.with(&format!("n{n}"), "0"))
    };
    let usual = Reading::usual;
    vec![
        fine("depth-8", "eight levels", &note(&nested(7)), usual()),
        refused("depth-9", "nine levels", note(&nested(8)).sign(), "claims_too_complex").house(),
        refused(
            "depth-1001",
            "a thousand levels and one: enough to overflow a careless stack",
            note(&nested(1000)).sign(),
            "claims_too_complex",
        )
        .house(),
        accepted("list-of-1024", "a list of 1024", note(&list(1024)).sign(), usual()),
        refused("list-of-1025", "a list of 1025", note(&list(1025)).sign(), "claims_too_complex").house(),
        fine("members-512", "512 claims", &many(512), usual()),
        refused("members-513", "513 claims", many(513).sign(), "claims_too_complex").house(),
    ]
}
