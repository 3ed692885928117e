//! The composition (S1): DocuMint's own routes, and claims that are read as the guard reads them.
#![cfg(test)]

use chancery_examples::documint::{Archive, routes};
use chancery_token::Scope;
use chancery_token::bounds::{Bounds, Value as OfRecord};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn r14_the_composition_has_the_routes_that_documint_prints() {
    let printed = serde_json::to_string_pretty(&routes(Archive::new()).table()).unwrap();
    let kept = include_str!("../composition/routes.json");
    assert_eq!(kept.trim_end(), printed, "run `documint --routes > crates/examples/composition/routes.json`");
}

#[test]
fn r14_each_route_is_served_by_one_of_the_two_services_with_the_scope_that_the_gate_asks_for() {
    let python = include_str!("../composition/invoices.py");
    let node = include_str!("../composition/account.mjs");
    for row in routes(Archive::new()).table().rows() {
        let (method, path) = (row.method.as_str(), &row.path);
        let scope = |none: &str, quote: &str| match row.access.scopes() {
            [] => none.to_owned(),
            [scope] => format!("{quote}{scope}{quote}"),
            several => panic!("one scope a route: {several:?}"),
        };
        let served = [
            python.contains(&format!("(\"{method}\", \"{path}\", {}, ", scope("None", "\""))),
            node.contains(&format!("['{method}', '{path}', {}, ", scope("null", "'"))),
        ];
        let expected = if path == "/healthz" { 2 } else { 1 };
        assert_eq!(served.iter().filter(|served| **served).count(), expected, "{method} {path}");
    }
}

/// What the programs of both languages say to these cases.
fn judged(cases: &[Value]) -> [Vec<Value>; 2] {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    [("python3", "judge.py"), ("node", "judge.mjs")].map(|(program, judge)| {
        let mut child = Command::new(program)
            .args([here.join("tests/composition").join(judge), here.join("composition")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        let lines = cases.iter().flat_map(|case| [case.to_string(), "\n".to_owned()]).collect::<String>();
        // Whoever breaks does not read on; what it said then is too little.
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()).is_ok());
        let output = child.wait_with_output().unwrap();
        assert!(writer.join().unwrap() && output.status.success(), "{judge}: {}", output.status);
        let said = String::from_utf8(output.stdout).unwrap();
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    })
}

fn claims(bounds: &Value) -> Value {
    json!({ "tenant": "acme", "client_id": "robot", "scope": "invoices:read invoices:create", "bounds": bounds })
}

fn encoded(claims: &Value) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let text = claims.to_string();
    let digits = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(move |at| char::from(ALPHABET[bits >> (18 - 6 * at) & 63])).collect::<String>()
    };
    text.as_bytes().chunks(3).map(digits).collect()
}

fn headers(claims: &Value) -> Value {
    json!([["Chancery-Claims", encoded(claims)], ["Chancery-Tenant", claims["tenant"]]])
}

#[test]
fn r20_both_services_hold_records_against_bounds_as_the_guard_does() {
    let bounds = [
        json!({}),
        json!({ "project": ["acme-*"] }),
        json!({ "project": ["acme-web", "acme-s*"] }),
        json!({ "project": ["acme-web*"], "created_by": ["robot"] }),
        json!({ "project": 7 }),
        json!({ "cents": 200 }),
        json!({ "cents": 0 }),
        json!({ "cents": ["200"] }),
        json!({ "region": ["eu"] }),
        json!({ "invoices:read": { "cents": 200 } }),
        json!({ "invoices:create": { "cents": 200 } }),
        json!({ "invoices:delete": { "region": ["eu"] } }),
        json!({ "project": ["acme-*"], "invoices:read": { "project": ["acme-web"] } }),
    ];
    let scope: Scope = "invoices:read".parse().unwrap();
    let (mut cases, mut expected) = (Vec::new(), Vec::new());
    for bounds in &bounds {
        let admitting: Bounds = serde_json::from_value(bounds.clone()).unwrap();
        for tenant in ["acme", "globex"] {
            for project in ["acme-web", "acme-shop", "acme-", "acme", "roadrunner", ""] {
                for (created_by, cents) in [("robot", 200_u64), ("robot", 0), ("somebody", 201)] {
                    let record = json!({ "tenant": tenant, "project": project, "created_by": created_by, "cents": cents, "region": "eu" });
                    let admitted = admitting.admit(std::slice::from_ref(&scope), |axis| match axis {
                        "project" => OfRecord::Text(project),
                        "created_by" => OfRecord::Text(created_by),
                        "cents" => OfRecord::Number(cents),
                        // The record has it, and the service does not know it for an axis.
                        _ => OfRecord::Unknown,
                    });
                    expected.push(json!(tenant == "acme" && admitted.is_ok()));
                    cases.push(json!({
                        "headers": headers(&claims(bounds)), "scope": scope.as_str(), "record": record,
                        "axes": ["project", "created_by", "cents"],
                    }));
                }
            }
        }
    }
    assert!(expected.contains(&json!(true)) && expected.contains(&json!(false)));
    for said in judged(&cases) {
        assert_eq!(said.len(), expected.len());
        for ((said, expected), case) in said.iter().zip(&expected).zip(&cases) {
            assert_eq!(said, expected, "{case}");
        }
    }
}

#[test]
fn r43_without_the_claims_of_the_gate_once_and_agreeing_nothing_is_answered() {
    let good = claims(&json!({}));
    let (claims, tenant) = (json!(["Chancery-Claims", encoded(&good)]), json!(["Chancery-Tenant", "acme"]));
    let said = |value: &str| json!(["Chancery-Claims", value]);
    let mut of_nobody = good.clone();
    of_nobody["tenant"] = Value::Null;
    let mut of_no_scope = good.clone();
    of_no_scope["scope"] = json!(["invoices:read"]);
    let mut narrow = good.clone();
    narrow["scope"] = json!("invoices:reading bills:read");
    let rows = [
        (json!([claims, tenant]), json!(true)),
        (json!([]), json!("500 claims_missing")),
        (json!([claims]), json!("500 claims_missing")),
        (json!([tenant]), json!("500 claims_missing")),
        (json!([claims, claims, tenant]), json!("500 claims_missing")),
        (json!([claims, tenant, ["chancery-tenant", "acme"]]), json!("500 claims_missing")),
        (json!([["Chancery_Claims", encoded(&good)], tenant]), json!("500 claims_missing")),
        (json!([said(""), ["Chancery-Tenant", ""]]), json!("500 claims_empty")),
        (json!([said(""), tenant]), json!("500 claims_empty")),
        (json!([claims, ["Chancery-Tenant", "globex"]]), json!("500 claims_unreadable")),
        (json!([claims, ["Chancery-Tenant", ""]]), json!("500 claims_unreadable")),
        (json!([said("e30"), tenant]), json!("500 claims_unreadable")),
        (json!([said("bnVsbA"), tenant]), json!("500 claims_unreadable")),
        (json!([said("W10"), tenant]), json!("500 claims_unreadable")),
        (json!([said("!!!"), tenant]), json!("500 claims_unreadable")),
        (json!([said(&good.to_string()), tenant]), json!("500 claims_unreadable")),
        (json!([said(&encoded(&of_nobody)), tenant]), json!("500 claims_unreadable")),
        (json!([said(&encoded(&of_no_scope)), tenant]), json!("500 claims_unreadable")),
        (json!([said(&encoded(&narrow)), tenant]), json!("403 insufficient_scope")),
    ];
    let record = json!({ "tenant": "acme" });
    let case = |(headers, _): &(Value, Value)| json!({ "headers": headers, "scope": "invoices:read", "record": record, "axes": [] });
    let cases: Vec<Value> = rows.iter().map(case).collect();
    for heard in judged(&cases) {
        let expected: Vec<&Value> = rows.iter().map(|(_, expected)| expected).collect();
        assert_eq!(heard.iter().collect::<Vec<_>>(), expected);
    }
}
