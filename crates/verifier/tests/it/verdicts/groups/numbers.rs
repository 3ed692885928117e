//! RFC 7519 section 2: a `NumericDate` is a JSON number.

use super::{Case, Draft, Format, Group, Reading, Row, fine, of, refused, spoiled};

const JWT: Format = Format::Jwt;

pub(super) fn groups() -> Vec<Group> {
    let about = "Times of a JWT are JSON numbers; a fraction counts as the whole second that makes the token worth less.";
    let mut cases = accepted_numbers();
    cases.extend(fractions());
    cases.extend(spoiled(JWT, WRONG));
    cases.push(
        spoiled(JWT, &[("nbf-negative", "before 1970", "nbf", "-1", "claim_time_negative")])
            .remove(0)
            .house(),
    );
    for (id, value) in [
        ("nan", "NaN"),
        ("infinity", "Infinity"),
        ("plus", "+1795306500"),
        ("zero-in-front", "01795306500"),
        ("hexadecimal", "0x6b02e304"),
        ("digit-groups", "1_795_306_500"),
    ] {
        let about = "not a number in JSON, though some readers take it for one";
        cases.push(
            refused(id, about, Draft::new(JWT).with("exp", value).sign(), "claims_not_json").also(&["time"]),
        );
    }
    let beyond = Draft::new(JWT).with("exp", "1e400");
    let about_beyond = "more than a 64-bit float holds; some readers make it infinity";
    cases.push(refused("exp-beyond-floats", about_beyond, beyond.sign(), "claims_number_out_of_range"));
    let unknown = Draft::new(JWT).with("note", "-1e400");
    let about_unknown = "likewise, in a claim that nobody asked for";
    cases.push(
        refused("note-beyond-floats", about_unknown, unknown.sign(), "claims_number_out_of_range").house(),
    );
    let far = Draft::new(JWT).with("exp", "253402300799");
    cases.push(refused("exp-year-9999", "the last second of the year 9999", far.sign(), "lifetime_too_long"));
    vec![Group::new("jwt-numbers", about, of(JWT), cases)]
}

fn accepted_numbers() -> Vec<Case> {
    let with = |claim, value| Draft::new(JWT).with(claim, value);
    let usual = Reading::usual;
    vec![
        fine("exp-as-float", "a whole number written as a float", &with("exp", "1795306500.0"), usual()),
        fine("exp-with-exponent", "a whole number with an exponent", &with("exp", "1.7953065e9"), usual()),
        fine("iat-with-fraction", "issued within this second", &with("iat", "1795305600.25"), usual()),
        fine(
            "nbf-minus-zero",
            "1970, with a sign",
            &with("nbf", "-0"),
            usual().times(0, 900, Some(-1_795_305_600)),
        )
        .house(),
    ]
}

fn fractions() -> Vec<Case> {
    let draft = |claim, value| Draft::new(JWT).with("iat", "1795304700").with(claim, value).sign();
    vec![
        refused("exp-half-a-second-ago", "over for half a second", draft("exp", "1795305599.5"), "expired"),
        refused(
            "exp-in-half-a-second",
            "half a second is no second",
            draft("exp", "1795305600.5"),
            "expired",
        )
        .house(),
        refused(
            "nbf-in-half-a-second",
            "it begins in half a second",
            draft("nbf", "1795305600.5"),
            "not_yet_valid",
        ),
    ]
}

const WRONG: &[Row] = &[
    ("exp-text", "a number in quotes", "exp", "\"1795306500\"", "claim_wrong_type"),
    ("exp-date", "a date", "exp", "\"2026-11-22T00:15:00Z\"", "claim_wrong_type"),
    ("exp-null", "nothing, which is not for ever", "exp", "null", "claim_wrong_type"),
    ("exp-list", "a list", "exp", "[1795306500]", "claim_wrong_type"),
    ("nbf-true", "`true`, which some readers take for 1", "nbf", "true", "claim_wrong_type"),
    ("nbf-text", "a number in quotes", "nbf", "\"1795305600\"", "claim_wrong_type"),
    ("nbf-empty", "an empty text", "nbf", "\"\"", "claim_wrong_type"),
    ("iat-text", "a number in quotes", "iat", "\"1795305600\"", "claim_wrong_type"),
    ("exp-negative", "before 1970", "exp", "-1", "claim_time_negative"),
    ("iat-negative", "before 1970, by half a second", "iat", "-0.5", "claim_time_negative"),
    (
        "exp-year-10000",
        "the first second of the year 10000",
        "exp",
        "253402300800",
        "claim_time_out_of_range",
    ),
    ("exp-milliseconds", "milliseconds", "exp", "1795306500000", "claim_time_out_of_range"),
    ("exp-2-to-64", "2^64, which wraps to 0", "exp", "18446744073709551616", "claim_time_out_of_range"),
    ("exp-huge", "a float that no whole number holds", "exp", "1e300", "claim_time_out_of_range"),
];
