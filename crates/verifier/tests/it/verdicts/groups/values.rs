//! Names, scopes and numbers of a token, and the rules for their values.

use super::super::mint::quoted;
use super::{Case, Draft, Format, Group, Reading, Row, fine, of, refused, spoiled};
use serde_json::json;

const JWT: Format = Format::Jwt;

pub(super) fn groups() -> Vec<Group> {
    let about = "Names, scopes and numbers: at their limits, and beyond.";
    let mut cases = lengths();
    cases.extend(numbers());
    cases.extend(spoiled(JWT, NAMES));
    cases.extend(spoiled(JWT, SCOPES));
    cases.extend(spoiled(JWT, NUMBERS));
    vec![Group::new("jwt-values", about, of(JWT), cases)]
}

fn lengths() -> Vec<Case> {
    let (most, over) = ("a".repeat(64), "a".repeat(65));
    let person = |bytes: usize| format!("user:{}", "a".repeat(bytes - 5));
    let scope = |bytes: usize| format!("a:{}", "b".repeat(bytes - 2));
    let long_scope = Box::leak(scope(64).into_boxed_str());
    let with = |claim: &str, value: &str| Draft::new(JWT).with(claim, &quoted(value));
    let client = |name: &str| with("client_id", name).with("sub", &quoted(name));
    let usual = Reading::usual;
    vec![
        fine("client-of-64", "a client of 64 characters", &client(&most), usual().client(&most)),
        refused("client-of-65", "a client of 65 characters", client(&over).sign(), "claim_malformed")
            .claim("client_id")
            .house(),
        fine("tenant-of-64", "a tenant of 64 characters", &with("tenant", &most), usual().tenant(&most)),
        refused("tenant-of-65", "a tenant of 65 characters", with("tenant", &over).sign(), "claim_malformed")
            .claim("tenant")
            .house(),
        fine(
            "subject-of-128",
            "a subject of 128 characters",
            &with("sub", &person(128)),
            usual().sub(&person(128)),
        ),
        refused(
            "subject-of-129",
            "a subject of 129 characters",
            with("sub", &person(129)).sign(),
            "claim_malformed",
        )
        .claim("sub")
        .house(),
        fine("scope-of-64", "a scope of 64 bytes", &with("scope", long_scope), usual().scopes(&[long_scope])),
        refused("scope-of-65", "a scope of 65 bytes", with("scope", &scope(65)).sign(), "claim_malformed")
            .claim("scope")
            .house(),
    ]
}

/// Where 64-bit floats begin to lose whole numbers.
fn numbers() -> Vec<Case> {
    let rows = [
        (
            "rvs-2-to-53-less-1",
            "the last number that every reader holds",
            "9007199254740991",
            json!(9_007_199_254_740_991_u64),
        ),
        ("rvs-2-to-53", "2^53", "9007199254740992", json!("9007199254740992")),
        (
            "rvs-2-to-53-and-1",
            "2^53 + 1, which a float rounds",
            "9007199254740993",
            json!("9007199254740993"),
        ),
        ("rvs-2-to-64-less-1", "2^64 - 1", "18446744073709551615", json!("18446744073709551615")),
        ("rvs-zero", "nothing was ever revoked", "0", json!(0)),
    ];
    rows.map(|(id, about, value, read)| {
        fine(id, about, &Draft::new(JWT).with("rvs", value), Reading::usual().rvs(read))
    })
    .into()
}

const NAMES: &[Row] = &[
    ("jti-of-15-bytes", "15 bytes", "jti", "\"AAECAwQFBgcICQoLDA0O\"", "claim_malformed"),
    ("jti-of-17-bytes", "17 bytes", "jti", "\"AAECAwQFBgcICQoLDA0ODxA\"", "claim_malformed"),
    ("jti-padded", "with padding", "jti", "\"AAECAwQFBgcICQoLDA0ODw==\"", "claim_malformed"),
    (
        "jti-other-spelling",
        "unused bits that are not zero: a second name of the same token",
        "jti",
        "\"AAECAwQFBgcICQoLDA0ODx\"",
        "claim_malformed",
    ),
    ("jti-uuid", "a UUID", "jti", "\"7c9e6679-7425-40de-944b-e07fc1f90ae7\"", "claim_malformed"),
    ("jti-standard-base64", "the other alphabet", "jti", "\"AAECAwQFBgcICQoLDA0O/w\"", "claim_malformed"),
    ("issuer-empty", "an empty issuer", "iss", "\"\"", "claim_malformed"),
    (
        "client-of-people",
        "a client with the name of a person",
        "client_id",
        "\"user:alice\"",
        "claim_malformed",
    ),
    ("client-empty", "an empty client", "client_id", "\"\"", "claim_malformed"),
    (
        "client-letters",
        "letters that a name does not have",
        "client_id",
        "\"m\u{fc}ller\"",
        "claim_malformed",
    ),
    ("subject-space", "a space", "sub", "\"user:alice smith\"", "claim_malformed"),
    ("subject-nul", "an escaped NUL", "sub", "\"invoice-sync\\u0000\"", "claim_malformed"),
    ("tenant-empty", "an empty tenant", "tenant", "\"\"", "claim_malformed"),
    ("tenant-path", "a path", "tenant", "\"../globex\"", "claim_malformed"),
    ("tenant-star", "a star", "tenant", "\"*\"", "claim_malformed"),
    ("environment-other", "neither live nor test", "env", "\"staging\"", "claim_malformed"),
    ("environment-capitals", "a capital is a difference", "env", "\"Live\"", "claim_malformed"),
    ("session-short", "a session of 3 bytes", "sid", "\"AAEC\"", "claim_malformed"),
];

const SCOPES: &[Row] = &[
    ("scope-empty", "no scope", "scope", "\"\"", "claim_malformed"),
    ("scope-list-empty", "a list of none", "scope", "[]", "claim_malformed"),
    ("scope-star", "a star is no scope", "scope", "\"*\"", "claim_malformed"),
    ("scope-star-action", "a star stands in grants alone", "scope", "\"invoices:*\"", "claim_malformed"),
    ("scope-two-spaces", "two spaces", "scope", "\"invoices:read  invoices:create\"", "claim_malformed"),
    ("scope-space-behind", "a space behind", "scope", "\"invoices:read \"", "claim_malformed"),
    ("scope-tab", "a tab between", "scope", "\"invoices:read\\tinvoices:create\"", "claim_malformed"),
    ("scope-comma", "a comma between", "scope", "\"invoices:read,invoices:create\"", "claim_malformed"),
    ("scope-capitals", "a capital", "scope", "\"invoices:Read\"", "claim_malformed"),
    ("scope-one-half", "no action", "scope", "\"openid\"", "claim_malformed"),
    ("scope-three-parts", "three parts", "scope", "\"invoices:read:all\"", "claim_malformed"),
    (
        "scope-list-of-texts",
        "two scopes in one text of a list",
        "scope",
        "[\"invoices:read invoices:create\"]",
        "claim_malformed",
    ),
    ("scope-list-of-numbers", "a number in a list", "scope", "[\"invoices:read\",1]", "claim_wrong_type"),
];

const NUMBERS: &[Row] = &[
    ("rvs-2-to-64", "2^64", "rvs", "18446744073709551616", "claim_malformed"),
    ("rvs-negative", "before the first", "rvs", "-1", "claim_malformed"),
    ("rvs-fraction", "between two", "rvs", "1.5", "claim_malformed"),
    ("rvs-text", "a number in quotes", "rvs", "\"1838392934400\"", "claim_wrong_type"),
];
