//! Who acts for whom (`act`, `anc`), and tokens that are bound to a key (`cnf`).

use super::{Case, Draft, FORMATS, Format, Group, Reading, Row, fine, of, refused, spoiled};

const ANCESTOR: &str = "EBESExQVFhcYGRobHB0eHw";
const HASH: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

pub(super) fn groups() -> Vec<Group> {
    let chains = "Chains of actors (RFC 8693 section 4.1) and of ancestors: at most 4 and 8.";
    let bound = "Tokens bound to a key (RFC 7800), presented without proof of it.";
    let mut groups = Vec::new();
    for format in FORMATS {
        let mut cases = limits(format);
        cases.extend(for_others(format));
        let mut proofs = proofs(format);
        if format == Format::Jwt {
            cases.extend(spoiled(format, CHAINS));
            proofs.extend(spoiled(format, CONFIRMATIONS));
        }
        groups.push(Group::new(&format!("{format}-delegation"), chains, of(format), cases));
        groups.push(Group::new(&format!("{format}-proof"), bound, of(format), proofs));
    }
    groups
}

/// `{"sub":"agent-1","act":{"sub":"agent-2"}}`, so deep.
fn chain(depth: usize) -> String {
    (1..depth).rev().fold(format!("{{\"sub\":\"agent-{depth}\"}}"), |inner, at| {
        format!("{{\"sub\":\"agent-{at}\",\"act\":{inner}}}")
    })
}

fn ancestors(count: usize) -> String {
    format!("[{}]", vec![format!("\"{ANCESTOR}\""); count].join(","))
}

fn limits(format: Format) -> Vec<Case> {
    let with = |claim, value: &str| Draft::new(format).with(claim, value);
    let usual = Reading::usual;
    vec![
        fine(
            "one-actor",
            "one actor, with more said of it",
            &with("act", r#"{"iss":"https://auth.example.com","sub":"agent-1"}"#),
            usual().act(&["agent-1"]),
        ),
        fine(
            "four-actors",
            "four actors",
            &with("act", &chain(4)),
            usual().act(&["agent-1", "agent-2", "agent-3", "agent-4"]),
        ),
        refused("five-actors", "five actors", with("act", &chain(5)).sign(), "delegation_too_deep")
            .claim("act"),
        fine(
            "eight-ancestors",
            "eight ancestors",
            &with("anc", &ancestors(8)),
            usual().anc(vec![ANCESTOR; 8]),
        ),
        refused("nine-ancestors", "nine ancestors", with("anc", &ancestors(9)).sign(), "delegation_too_deep")
            .claim("anc"),
        fine("no-ancestors", "a list of none", &with("anc", "[]"), usual()),
    ]
}

/// A client may speak for another where it is the one who acts.
fn for_others(format: Format) -> Vec<Case> {
    let with = |act: &str| Draft::new(format).with("sub", "\"billing-sync\"").with("act", act);
    let own = r#"{"sub":"invoice-sync","act":{"sub":"agent-2"}}"#;
    let further_in = r#"{"sub":"agent-1","act":{"sub":"invoice-sync"}}"#;
    let mismatch = "subject_mismatch";
    vec![
        fine(
            "for-another-client",
            "for another client, and its own is the one who acts",
            &with(own),
            Reading::usual().sub("billing-sync").act(&["invoice-sync", "agent-2"]),
        ),
        refused(
            "for-another-by-a-third",
            "for another client, and a third acts",
            with(&chain(1)).sign(),
            mismatch,
        )
        .also(&["recipient"]),
        refused(
            "for-another-by-earlier",
            "for another client, and its own acted before somebody else",
            with(further_in).sign(),
            mismatch,
        )
        .also(&["recipient"]),
    ]
}

const CHAINS: &[Row] = &[
    ("actor-nobody", "an actor without a name", "act", "{}", "claim_malformed"),
    ("actor-number", "an actor that is a number", "act", r#"{"sub":7}"#, "claim_malformed"),
    ("actor-text", "a name outside of an object", "act", "\"agent-1\"", "claim_wrong_type"),
    (
        "actor-of-nobody",
        "an actor without a name at depth 2",
        "act",
        r#"{"sub":"agent-1","act":{"iss":"x"}}"#,
        "claim_malformed",
    ),
    ("actor-null", "`null` at depth 2", "act", r#"{"sub":"agent-1","act":null}"#, "claim_wrong_type"),
    ("ancestor-short", "an ancestor of one byte", "anc", "[\"AA\"]", "claim_malformed"),
    ("ancestor-number", "an ancestor that is a number", "anc", "[1]", "claim_wrong_type"),
    (
        "ancestor-text",
        "an ancestor outside of a list",
        "anc",
        "\"EBESExQVFhcYGRobHB0eHw\"",
        "claim_wrong_type",
    ),
];

fn proofs(format: Format) -> Vec<Case> {
    let with = |value: String| Draft::new(format).with("cnf", &value).sign();
    vec![
        refused(
            "dpop-key",
            "bound to a DPoP key (RFC 9449 section 6.1)",
            with(format!("{{\"jkt\":\"{HASH}\"}}")),
            "proof_required",
        ),
        refused(
            "certificate",
            "bound to a certificate (RFC 8705 section 3.1)",
            with(format!("{{\"x5t#S256\":\"{HASH}\"}}")),
            "proof_required",
        ),
        refused(
            "unknown-method",
            "bound in a way that is not understood, which is not unbound",
            with(r#"{"kid":"a"}"#.to_owned()),
            "claim_malformed",
        )
        .claim("cnf"),
    ]
}

const CONFIRMATIONS: &[Row] = &[
    ("empty", "bound to nothing", "cnf", "{}", "claim_malformed"),
    (
        "key-itself",
        "bound to a key that stands there itself",
        "cnf",
        r#"{"jwk":{"kty":"OKP"}}"#,
        "claim_malformed",
    ),
    ("hash-short", "a hash of one byte", "cnf", r#"{"jkt":"AA"}"#, "claim_malformed"),
    (
        "two-methods",
        "bound to two keys",
        "cnf",
        r#"{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I","x5t#S256":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}"#,
        "claim_malformed",
    ),
];
