//! Times of a PASETO: RFC 3339, as the PASETO specification asks.

use super::{Case, Draft, Format, Group, Reading, fine, of, refused};

const PASETO: Format = Format::Paseto;

pub(super) fn groups() -> Vec<Group> {
    let about = "Times of a PASETO are RFC 3339 texts; a fraction counts as the whole second that makes the token worth less.";
    let mut cases: Vec<Case> = GOOD.iter().map(good).collect();
    cases.extend(moments());
    cases.extend(BAD.iter().map(bad));
    cases.extend(HOUSE.iter().map(|row| bad(row).house()));
    vec![Group::new("paseto-date-times", about, of(PASETO), cases)]
}

fn good((id, about, exp): &(&str, &str, &str)) -> Case {
    fine(id, about, &Draft::new(PASETO).with("exp", exp), Reading::usual())
}

/// All of them a quarter past midnight.
const GOOD: &[(&str, &str, &str)] = &[
    ("offset-east", "two hours east", "\"2026-11-22T02:15:00+02:00\""),
    ("offset-west", "five hours and a half west", "\"2026-11-21T18:45:00-05:30\""),
    ("offset-zero", "no hours east", "\"2026-11-22T00:15:00+00:00\""),
    ("offset-minus-zero", "no hours west (RFC 3339 section 4.3)", "\"2026-11-22T00:15:00-00:00\""),
    ("fraction-zero", "a fraction of nothing", "\"2026-11-22T00:15:00.000Z\""),
    ("fraction", "a fraction is dropped from `exp`", "\"2026-11-22T00:15:00.999Z\""),
    ("fraction-and-offset", "a fraction and an offset", "\"2026-11-22T01:15:00.5+01:00\""),
];

fn moments() -> Vec<Case> {
    let draft = || Draft::new(PASETO).with("iat", "\"2026-11-21T23:00:00Z\"");
    vec![
        refused(
            "offset-exp-is-now",
            "over on its second, wherever that is",
            draft().with("exp", "\"2026-11-22T02:00:00+02:00\"").sign(),
            "expired",
        ),
        refused(
            "offset-looks-later",
            "as a text it is later than now, as an instant half an hour ago",
            draft().with("exp", "\"2026-11-22T05:00:00+05:30\"").sign(),
            "expired",
        ),
        refused(
            "fraction-exp",
            "half a second is no second",
            draft().with("exp", "\"2026-11-22T00:00:00.500Z\"").sign(),
            "expired",
        )
        .house(),
        refused(
            "fraction-nbf",
            "it begins within this second",
            Draft::new(PASETO).with("nbf", "\"2026-11-22T00:00:00.001Z\"").sign(),
            "not_yet_valid",
        ),
        refused(
            "year-9999",
            "the last second of the year 9999",
            Draft::new(PASETO).with("exp", "\"9999-12-31T23:59:59Z\"").sign(),
            "lifetime_too_long",
        ),
    ]
}

type Bad = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn bad((id, about, claim, value, reason): &Bad) -> Case {
    refused(id, about, Draft::new(PASETO).with(claim, value).sign(), reason).claim(claim)
}

const BAD: &[Bad] = &[
    ("number", "seconds, as a JWT has them", "exp", "1795306500", "claim_wrong_type"),
    ("null", "nothing, which is not for ever", "exp", "null", "claim_wrong_type"),
    ("nbf-true", "`true`", "nbf", "true", "claim_wrong_type"),
    ("digits", "seconds in quotes", "exp", "\"1795306500\"", "claim_malformed"),
    ("empty", "an empty text", "exp", "\"\"", "claim_malformed"),
    ("date-alone", "a day is no instant", "exp", "\"2026-11-23\"", "claim_malformed"),
    ("no-offset", "without an offset it is no instant", "exp", "\"2026-11-22T00:15:00\"", "claim_malformed"),
    ("no-seconds", "no seconds", "exp", "\"2026-11-22T00:15Z\"", "claim_malformed"),
    ("day-31", "November has 30 days", "exp", "\"2026-11-31T00:15:00Z\"", "claim_malformed"),
    ("no-leap-year", "2026 is no leap year", "nbf", "\"2026-02-29T00:00:00Z\"", "claim_malformed"),
    ("month-13", "a month 13", "exp", "\"2026-13-01T00:15:00Z\"", "claim_malformed"),
    ("hour-24", "an hour 24", "nbf", "\"2026-11-21T24:00:00Z\"", "claim_malformed"),
    ("offset-24", "an offset of 24 hours", "exp", "\"2026-11-23T00:15:00+24:00\"", "claim_malformed"),
    (
        "offset-without-colon",
        "an offset without a colon",
        "exp",
        "\"2026-11-22T02:15:00+0200\"",
        "claim_malformed",
    ),
    ("space", "a space for the `T`", "exp", "\"2026-11-22 00:15:00Z\"", "claim_malformed"),
    ("comma", "a comma before the fraction", "exp", "\"2026-11-22T00:15:00,5Z\"", "claim_malformed"),
    ("dot-without-digits", "a dot, and no digits", "exp", "\"2026-11-22T00:15:00.Z\"", "claim_malformed"),
    ("trailing-space", "a space behind it", "exp", "\"2026-11-22T00:15:00Z \"", "claim_malformed"),
    ("trailing-line-feed", "a line feed behind it", "exp", "\"2026-11-22T00:15:00Z\\n\"", "claim_malformed"),
    (
        "arabic-digits",
        "digits of another script",
        "exp",
        "\"\u{662}\u{660}26-11-22T00:15:00Z\"",
        "claim_malformed",
    ),
    ("year-10000", "a year of five digits", "exp", "\"10000-01-01T00:00:00Z\"", "claim_malformed"),
    ("week", "a week date", "exp", "\"2026-W47-7T00:15:00Z\"", "claim_malformed"),
];

const HOUSE: &[Bad] = &[
    ("lower-case-t", "a small `t`", "exp", "\"2026-11-22t00:15:00Z\"", "claim_malformed"),
    ("lower-case-z", "a small `z`", "exp", "\"2026-11-22T00:15:00z\"", "claim_malformed"),
    ("leap-second", "a second 60, one that there was", "nbf", "\"2016-12-31T23:59:60Z\"", "claim_malformed"),
    (
        "fraction-of-ten-digits",
        "finer than a nanosecond",
        "exp",
        "\"2026-11-22T00:15:00.0000000001Z\"",
        "claim_malformed",
    ),
    ("before-1970", "before 1970", "nbf", "\"1969-12-31T23:59:59Z\"", "claim_malformed"),
];
