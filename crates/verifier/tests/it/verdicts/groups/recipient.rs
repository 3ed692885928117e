//! Whose token, for whom, and of which environment: byte for byte.

use super::{Case, Draft, FORMATS, Format, Group, Reading, Settings, fine, of, refused, spoiled};

pub(super) fn groups() -> Vec<Group> {
    let about = "Tokens of another issuer, for another service, of another environment or subject.";
    let group = |format: Format| {
        let mut cases: Vec<Case> = OTHER.iter().map(|row| other(format, row)).collect();
        cases.extend(environments(format));
        cases.extend(several_faults(format));
        cases.extend(match format {
            Format::Jwt => audiences_of_a_jwt(),
            Format::Paseto => spoiled(
                format,
                &[(
                    "audience-list",
                    "a list, which a PASETO does not have",
                    "aud",
                    "[\"https://api.example.com\"]",
                    "claim_wrong_type",
                )],
            ),
        });
        Group::new(&format!("{format}-recipient"), about, of(format), cases)
    };
    FORMATS.map(group).into()
}

type Other = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn other(format: Format, (id, about, claim, value, reason): &Other) -> Case {
    refused(id, about, Draft::new(format).with(claim, &format!("\"{value}\"")).sign(), reason)
}

const OTHER: &[Other] = &[
    ("issuer-other", "another issuer", "iss", "https://auth.example.net", "issuer_mismatch"),
    ("issuer-slash", "a slash is a difference", "iss", "https://auth.example.com/", "issuer_mismatch"),
    ("issuer-capitals", "a capital is a difference", "iss", "https://Auth.example.com", "issuer_mismatch"),
    ("issuer-http", "another scheme", "iss", "http://auth.example.com", "issuer_mismatch"),
    (
        "issuer-look-alike",
        "it begins like ours",
        "iss",
        "https://auth.example.com.evil.example",
        "issuer_mismatch",
    ),
    (
        "issuer-user-part",
        "ours as a user at another host",
        "iss",
        "https://auth.example.com@evil.example",
        "issuer_mismatch",
    ),
    ("audience-other", "another service", "aud", "https://other.example.com", "audience_mismatch"),
    ("audience-slash", "a slash is a difference", "aud", "https://api.example.com/", "audience_mismatch"),
    ("audience-part", "ours begins like it", "aud", "https://api.example", "audience_mismatch"),
    (
        "audience-longer",
        "it begins like ours",
        "aud",
        "https://api.example.com.evil.example",
        "audience_mismatch",
    ),
    ("audience-issuer", "the issuer itself", "aud", "https://auth.example.com", "audience_mismatch"),
    ("subject-other-client", "it speaks for another client", "sub", "billing-sync", "subject_mismatch"),
    ("subject-capitals", "a capital is a difference", "sub", "Invoice-sync", "subject_mismatch"),
];

fn environments(format: Format) -> Vec<Case> {
    let test = || Draft::new(format).with("env", "\"test\"");
    let at_test = || Settings { environment: Some("test"), ..Settings::default() };
    let live = Draft::new(format).sign();
    vec![
        refused("environment-test", "a test token at a live service", test().sign(), "environment_mismatch"),
        refused("environment-live", "a live token at a test service", live, "environment_mismatch")
            .under(at_test()),
        fine("environment-of-tests", "a test token at a test service", &test(), Reading::usual().env("test"))
            .under(at_test()),
    ]
}

fn several_faults(format: Format) -> Vec<Case> {
    let over = || Draft::new(format).times(-900, -1);
    vec![
        refused(
            "audience-other-expired",
            "for another service, and over",
            over().with("aud", "\"https://other.example.com\"").sign(),
            "audience_mismatch",
        )
        .also(&["time"]),
        refused(
            "everything-other",
            "of another issuer, for another service, of another environment",
            over()
                .with("iss", "\"https://auth.example.net\"")
                .with("aud", "\"https://other.example.com\"")
                .with("env", "\"test\"")
                .sign(),
            "issuer_mismatch",
        )
        .also(&["time"]),
    ]
}

fn audiences_of_a_jwt() -> Vec<Case> {
    let mut cases = spoiled(
        Format::Jwt,
        &[
            (
                "audience-among-others",
                "ours among others: whoever gets it could use it there",
                "aud",
                "[\"https://api.example.com\",\"https://other.example.com\"]",
                "audience_not_single",
            ),
            (
                "audience-others",
                "several others",
                "aud",
                "[\"https://a.example\",\"https://b.example\"]",
                "audience_not_single",
            ),
            ("audience-none", "a list of none", "aud", "[]", "claim_malformed"),
            ("audience-list-of-number", "a list of a number", "aud", "[1]", "claim_wrong_type"),
            (
                "audience-list-in-list",
                "a list in a list",
                "aud",
                "[[\"https://api.example.com\"]]",
                "claim_wrong_type",
            ),
        ],
    );
    let twice = "[\"https://api.example.com\",\"https://api.example.com\"]";
    cases.push(
        spoiled(Format::Jwt, &[("audience-twice", "ours twice", "aud", twice, "audience_not_single")])
            .remove(0)
            .house(),
    );
    let other = Draft::new(Format::Jwt).with("aud", "[\"https://other.example.com\"]").sign();
    cases.push(refused("audience-list-other", "a list of another", other, "audience_mismatch"));
    cases
}
