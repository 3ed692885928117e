//! The `bounds` claim: which records a token may touch. A bound that is not understood must not be taken for none.

use super::{Case, Draft, FORMATS, Format, Group, Reading, fine, of, refused};
use serde_json::{Value, json};

pub(super) fn groups() -> Vec<Group> {
    let about = "Bounds: each form that they have, and what is none.";
    let group = |format: Format| {
        let few = format == Format::Paseto;
        let mut cases: Vec<Case> = good()
            .into_iter()
            .take(if few { 4 } else { usize::MAX })
            .map(|row| accepted(format, row))
            .collect();
        cases.extend(BAD.iter().take(if few { 3 } else { usize::MAX }).map(|row| bad(format, row)));
        if !few {
            cases.extend(lengths());
        }
        Group::new(&format!("{format}-bounds"), about, of(format), cases)
    };
    FORMATS.map(group).into()
}

type Good = (&'static str, &'static str, &'static str, Value);

fn accepted(format: Format, (id, about, value, read): Good) -> Case {
    fine(id, about, &Draft::new(format).with("bounds", value), Reading::usual().bounds(read))
}

fn good() -> Vec<Good> {
    vec![
        ("values", "one of several values", r#"{"region":["eu","us"]}"#, json!({"region": ["eu", "us"]})),
        ("prefix", "whatever begins so", r#"{"project":["acme-*"]}"#, json!({"project": ["acme-*"]})),
        ("number", "no more than", r#"{"refund_max":200}"#, json!({"refund_max": 200})),
        (
            "all-forms",
            "each form, and one for a scope alone",
            r#"{"orders:refund":{"refund_max":50,"region":["eu"]},"project":["acme-*","beta"],"refund_max":200}"#,
            json!({"orders:refund": {"refund_max": 50, "region": ["eu"]}, "project": ["acme-*", "beta"], "refund_max": 200}),
        ),
        ("number-zero", "nothing at all", r#"{"refund_max":0}"#, json!({"refund_max": 0})),
        (
            "number-2-to-53-less-1",
            "the last number that every reader holds",
            r#"{"refund_max":9007199254740991}"#,
            json!({"refund_max": 9_007_199_254_740_991_u64}),
        ),
        (
            "letters",
            "a value in letters of many kinds",
            "{\"region\":[\"\u{c5}land\",\"\\u5317\\u4eac\"]}",
            json!({"region": ["\u{c5}land", "\u{5317}\u{4eac}"]}),
        ),
    ]
}

type Bad = (&'static str, &'static str, &'static str);

fn bad(format: Format, (id, about, value): &Bad) -> Case {
    refused(id, about, Draft::new(format).with("bounds", value).sign(), "claim_malformed").claim("bounds")
}

const BAD: &[Bad] = &[
    ("operator-unknown", "an operator that there is not", r#"{"refund_max":{"at_most":200}}"#),
    ("no-value", "a list of none", r#"{"region":[]}"#),
    ("number-2-to-53", "2^53, which two numbers are read as", r#"{"refund_max":9007199254740992}"#),
    ("text", "a text outside of a list", r#"{"region":"eu"}"#),
    ("star-alone", "a star says nothing", r#"{"region":["*"]}"#),
    ("star-within", "a star elsewhere than at the end", r#"{"region":["e*u"]}"#),
    ("value-empty", "an empty value", r#"{"region":[""]}"#),
    ("value-number", "a number among values", r#"{"region":["eu",1]}"#),
    ("value-control", "a control character", r#"{"region":["eu\u0007"]}"#),
    ("number-negative", "below nothing", r#"{"refund_max":-1}"#),
    ("number-fraction", "a fraction", r#"{"refund_max":1.5}"#),
    ("null", "nothing, which is not unbounded", r#"{"region":null}"#),
    ("true", "`true`", r#"{"region":true}"#),
    ("axis-capitals", "an axis with a capital", r#"{"Region":["eu"]}"#),
    ("axis-empty", "an axis without a name", r#"{"":["eu"]}"#),
    ("scope-star", "for scopes that no token holds", r#"{"orders:*":{"refund_max":1}}"#),
    ("scope-without-axes", "for a scope, nothing", r#"{"orders:refund":{}}"#),
    ("scope-with-values", "for a scope, no axis", r#"{"orders:refund":["eu"]}"#),
];

fn lengths() -> Vec<Case> {
    let value = |bytes: usize| "a".repeat(bytes);
    let axis = |bytes: usize| format!("a{}", "_".repeat(bytes - 1));
    let of_value = |bytes| format!("{{\"region\":[\"{}\"]}}", value(bytes));
    let of_axis = |bytes| format!("{{\"{}\":1}}", axis(bytes));
    let draft = |bounds: &str| Draft::new(Format::Jwt).with("bounds", bounds);
    let read = |bounds: &str| Reading::usual().bounds(serde_json::from_str(bounds).unwrap());
    vec![
        fine("value-of-128", "a value of 128 bytes", &draft(&of_value(128)), read(&of_value(128))),
        refused("value-of-129", "a value of 129 bytes", draft(&of_value(129)).sign(), "claim_malformed")
            .claim("bounds")
            .house(),
        fine("axis-of-32", "an axis of 32 bytes", &draft(&of_axis(32)), read(&of_axis(32))),
        refused("axis-of-33", "an axis of 33 bytes", draft(&of_axis(33)).sign(), "claim_malformed")
            .claim("bounds")
            .house(),
        fine("none", "no bounds: all records of the tenant", &draft("{}"), Reading::usual()),
    ]
}
