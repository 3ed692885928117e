//! Claims that must be there, with the type that they have.

use super::{Case, Draft, FORMATS, Format, Group, of, refused};

const REQUIRED: [&str; 11] =
    ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope", "tenant", "rvs", "env"];
const OPTIONAL: [&str; 6] = ["nbf", "bounds", "sid", "cnf", "act", "anc"];

pub(super) fn groups() -> Vec<Group> {
    let about = "Claims that are missing, or of another JSON type than they have.";
    let group = |format: Format| {
        let cases = REQUIRED.iter().map(|claim| missing(format, claim));
        let cases = cases.chain(REQUIRED.iter().map(|claim| of_another_type(format, claim)));
        let cases = cases.chain(OPTIONAL.iter().map(|claim| null(format, claim))).collect();
        Group::new(&format!("{format}-claims"), about, of(format), cases)
    };
    FORMATS.map(group).into()
}

fn word(claim: &str) -> String {
    claim.replace('_', "-")
}

fn missing(format: Format, claim: &'static str) -> Case {
    let token = Draft::new(format).without(claim).sign();
    refused(&format!("{}-missing", word(claim)), &format!("`{claim}` is missing"), token, "claim_missing")
        .claim(claim)
}

fn of_another_type(format: Format, claim: &'static str) -> Case {
    let token = Draft::new(format).with(claim, "{}").sign();
    let about = format!("`{claim}` is an object");
    refused(&format!("{}-object", word(claim)), &about, token, "claim_wrong_type").claim(claim)
}

/// What may be missing may not be there and say nothing.
fn null(format: Format, claim: &'static str) -> Case {
    let token = Draft::new(format).with(claim, "null").sign();
    refused(&format!("{}-null", word(claim)), &format!("`{claim}` is `null`"), token, "claim_wrong_type")
        .claim(claim)
}
