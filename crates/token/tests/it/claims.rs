//! and its neighbours: claims that are wrong in themselves, under a good signature, in both formats.

use crate::world::{claim_refusal, claims, open, sign};
use chancery_token::Format::{Jwt, Paseto};
use chancery_token::claims::{Confirmation, TimeForm};
use chancery_token::{Claims, Format, UnixTime};

const BOTH: [Format; 2] = [Jwt, Paseto];

/// The refusal of a token that is good but for one claim.
fn refused(format: Format, claim: &str, value: &str) -> (&'static str, Option<&'static str>) {
    claim_refusal(format, &sign(format, claims(format).with(claim, value).text().as_bytes()))
}

fn read(format: Format, claim: &str, value: &str) -> Claims {
    open(format, &sign(format, claims(format).with(claim, value).text().as_bytes())).unwrap().into_parts().0
}

fn payload_refused(format: Format, payload: &[u8]) -> &'static str {
    claim_refusal(format, &sign(format, payload)).0
}

#[test]
fn r_4_3_a_time_in_a_jwt_is_a_number_of_the_years_1970_to_9999() {
    for (value, reason) in [
        ("\"1795306500\"", "claim_wrong_type"),
        ("\"2026-11-22T00:15:00Z\"", "claim_wrong_type"),
        ("\"\"", "claim_wrong_type"),
        ("true", "claim_wrong_type"),
        ("false", "claim_wrong_type"),
        ("null", "claim_wrong_type"),
        ("[1795306500]", "claim_wrong_type"),
        ("{}", "claim_wrong_type"),
        ("-1", "claim_time_negative"),
        ("-0.5", "claim_time_negative"),
        ("-1e300", "claim_time_negative"),
        ("-9223372036854775809", "claim_time_negative"),
        ("253402300800", "claim_time_out_of_range"),
        ("253402300800.0", "claim_time_out_of_range"),
        ("18446744073709551615", "claim_time_out_of_range"),
        ("18446744073709551616", "claim_time_out_of_range"),
        ("1e30", "claim_time_out_of_range"),
        ("1e308", "claim_time_out_of_range"),
    ] {
        for claim in ["exp", "iat", "nbf"] {
            assert_eq!(refused(Jwt, claim, value), (reason, Some(claim)), "{claim}: {value}");
        }
    }
    assert_eq!(refused(Jwt, "nbf", "253402300799.5"), ("claim_time_out_of_range", Some("nbf")));
}

#[test]
fn r_4_3_what_json_cannot_hold_is_no_time() {
    for claim in ["exp", "iat", "nbf"] {
        for value in
            ["NaN", "Infinity", "-Infinity", "+1", "01", "1.", ".5", "0x10", "1_000", "", "1e", "undefined"]
        {
            assert_eq!(refused(Jwt, claim, value), ("claims_not_json", None), "{claim}: {value}");
        }
        for value in ["1e400", "-1e400", "1795306500e999"] {
            assert_eq!(refused(Jwt, claim, value), ("claims_number_out_of_range", None), "{claim}: {value}");
        }
    }
}

#[test]
fn r_4_3_a_time_stands_once_and_exp_and_iat_stand_always() {
    for format in BOTH {
        for claim in ["exp", "iat"] {
            let payload = claims(format).without(claim).text();
            assert_eq!(
                claim_refusal(format, &sign(format, payload.as_bytes())),
                ("claim_missing", Some(claim))
            );
        }
        let payload = claims(format).again("exp", "1").text();
        assert_eq!(payload_refused(format, payload.as_bytes()), "claim_duplicated");
        let payload = claims(format).again("e\\u0078p", "1").text();
        assert_eq!(payload_refused(format, payload.as_bytes()), "claim_duplicated");
    }
}

#[test]
fn r_4_3_a_fraction_is_rounded_to_what_makes_the_token_worth_less() {
    let times = |value| {
        let (exp, iat, nbf) =
            (read(Jwt, "exp", value).exp, read(Jwt, "iat", value).iat, read(Jwt, "nbf", value).nbf);
        (exp.as_secs(), iat.as_secs(), nbf.unwrap().as_secs())
    };
    assert_eq!(times("1795306500.75"), (1_795_306_500, 1_795_306_500, 1_795_306_501));
    assert_eq!(times("1795306500.0"), (1_795_306_500, 1_795_306_500, 1_795_306_500));
    assert_eq!(times("1.7953065e9"), (1_795_306_500, 1_795_306_500, 1_795_306_500));
    assert_eq!(times("0"), (0, 0, 0));
    assert_eq!(times("-0"), (0, 0, 0));
    assert_eq!(times("-0.0"), (0, 0, 0));
    assert_eq!(times("1e-300"), (0, 0, 1));
    assert_eq!(read(Jwt, "exp", "253402300799.9").exp, UnixTime::MAX);
    assert_eq!(read(Paseto, "exp", "\"2026-11-22T00:15:00.999Z\"").exp.as_secs(), 1_795_306_500);
    assert_eq!(read(Paseto, "nbf", "\"2026-11-22T00:15:00.001Z\"").nbf.unwrap().as_secs(), 1_795_306_501);
}

#[test]
fn r_4_3_a_time_in_a_paseto_is_rfc_3339_with_capitals() {
    for (value, reason) in [
        ("1795306500", "claim_wrong_type"),
        ("1795306500.5", "claim_wrong_type"),
        ("null", "claim_wrong_type"),
        ("true", "claim_wrong_type"),
        ("[\"2026-11-22T00:15:00Z\"]", "claim_wrong_type"),
        ("\"1795306500\"", "claim_malformed"),
        ("\"\"", "claim_malformed"),
        ("\"2026-11-22t00:15:00Z\"", "claim_malformed"),
        ("\"2026-11-22T00:15:00z\"", "claim_malformed"),
        ("\"2026-11-22 00:15:00Z\"", "claim_malformed"),
        ("\"2026-11-22T00:15:00\"", "claim_malformed"),
        ("\"2026-11-22T00:15Z\"", "claim_malformed"),
        ("\"2026-11-31T00:15:00Z\"", "claim_malformed"),
        ("\"2026-11-22T00:15:00+0200\"", "claim_malformed"),
        ("\"2026-11-22T00:15:00Z \"", "claim_malformed"),
        ("\"1969-12-31T23:59:59Z\"", "claim_malformed"),
        ("\"10000-01-01T00:00:00Z\"", "claim_malformed"),
        ("\"+010000-01-01T00:00:00Z\"", "claim_malformed"),
    ] {
        for claim in ["exp", "iat", "nbf"] {
            assert_eq!(refused(Paseto, claim, value), (reason, Some(claim)), "{claim}: {value}");
        }
    }
    assert_eq!(read(Paseto, "exp", "\"2026-11-22T02:15:00+02:00\"").exp.as_secs(), 1_795_306_500);
}

#[test]
fn every_required_claim_is_required() {
    for format in BOTH {
        for claim in ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope", "tenant", "rvs", "env"]
        {
            let payload = claims(format).without(claim).text();
            assert_eq!(
                claim_refusal(format, &sign(format, payload.as_bytes())),
                ("claim_missing", Some(claim))
            );
        }
    }
}

#[test]
fn a_token_is_for_one_audience() {
    for (value, jwt, paseto) in [
        ("\"\"", "claim_malformed", "claim_malformed"),
        ("1", "claim_wrong_type", "claim_wrong_type"),
        ("null", "claim_wrong_type", "claim_wrong_type"),
        ("{}", "claim_wrong_type", "claim_wrong_type"),
        ("[]", "claim_malformed", "claim_wrong_type"),
        ("[\"\"]", "claim_malformed", "claim_wrong_type"),
        ("[1]", "claim_wrong_type", "claim_wrong_type"),
        ("[null]", "claim_wrong_type", "claim_wrong_type"),
        ("[\"a\",\"b\"]", "audience_not_single", "claim_wrong_type"),
        ("[\"a\",\"a\"]", "audience_not_single", "claim_wrong_type"),
        ("[[\"a\"]]", "claim_wrong_type", "claim_wrong_type"),
    ] {
        assert_eq!(refused(Jwt, "aud", value), (jwt, Some("aud")), "{value}");
        assert_eq!(refused(Paseto, "aud", value), (paseto, Some("aud")), "{value}");
    }
    assert_eq!(read(Jwt, "aud", "[\"https://a.example\"]").aud, "https://a.example");
    assert_eq!(refused(Paseto, "aud", "[\"https://a.example\"]"), ("claim_wrong_type", Some("aud")));
}

/// (claim, value, reason), for both formats.
const MALFORMED: &[(&str, &str, &str)] = &[
    ("iss", "\"\"", "claim_malformed"),
    ("iss", "1", "claim_wrong_type"),
    ("iss", "null", "claim_wrong_type"),
    ("iss", "[\"https://auth.example.com\"]", "claim_wrong_type"),
    ("sub", "\"\"", "claim_malformed"),
    ("sub", "\"a b\"", "claim_malformed"),
    ("sub", "\"a\\u0000\"", "claim_malformed"),
    ("sub", "null", "claim_wrong_type"),
    ("client_id", "\"user:alice\"", "claim_malformed"),
    ("client_id", "\"\"", "claim_malformed"),
    ("client_id", "7", "claim_wrong_type"),
    ("jti", "\"\"", "claim_malformed"),
    ("jti", "\"AAECAwQFBgcICQoLDA0OD\"", "claim_malformed"),
    ("jti", "\"AAECAwQFBgcICQoLDA0ODwA\"", "claim_malformed"),
    ("jti", "\"AAECAwQFBgcICQoLDA0ODx\"", "claim_malformed"),
    ("jti", "\"AAECAwQFBgcICQoLDA0ODw==\"", "claim_malformed"),
    ("jti", "\"AAECAwQFBgcICQoLDA0O/w\"", "claim_malformed"),
    ("jti", "\"7c9e6679-7425-40de-944b-e07fc1f90ae7\"", "claim_malformed"),
    ("jti", "1", "claim_wrong_type"),
    ("scope", "\"\"", "claim_malformed"),
    ("scope", "\" \"", "claim_malformed"),
    ("scope", "\"*\"", "claim_malformed"),
    ("scope", "\"*:*\"", "claim_malformed"),
    ("scope", "\"invoices:*\"", "claim_malformed"),
    ("scope", "\"*:read\"", "claim_malformed"),
    ("scope", "\"invoices:read  invoices:create\"", "claim_malformed"),
    ("scope", "\" invoices:read\"", "claim_malformed"),
    ("scope", "\"invoices:read \"", "claim_malformed"),
    ("scope", "\"invoices:read\\tinvoices:create\"", "claim_malformed"),
    ("scope", "\"invoices:read,invoices:create\"", "claim_malformed"),
    ("scope", "\"invoices\"", "claim_malformed"),
    ("scope", "\"invoices:read:all\"", "claim_malformed"),
    ("scope", "\"Invoices:read\"", "claim_malformed"),
    ("scope", "[]", "claim_malformed"),
    ("scope", "[\"invoices:*\"]", "claim_malformed"),
    ("scope", "[\"invoices:read invoices:create\"]", "claim_malformed"),
    ("scope", "[\"invoices:read\",1]", "claim_wrong_type"),
    ("scope", "null", "claim_wrong_type"),
    ("tenant", "\"\"", "claim_malformed"),
    ("tenant", "\"a/b\"", "claim_malformed"),
    ("tenant", "[\"acme\"]", "claim_wrong_type"),
    ("tenant", "null", "claim_wrong_type"),
    ("rvs", "-1", "claim_malformed"),
    ("rvs", "1.5", "claim_malformed"),
    ("rvs", "1e3", "claim_malformed"),
    ("rvs", "18446744073709551616", "claim_malformed"),
    ("rvs", "\"1\"", "claim_wrong_type"),
    ("rvs", "null", "claim_wrong_type"),
    ("env", "\"prod\"", "claim_malformed"),
    ("env", "\"Live\"", "claim_malformed"),
    ("env", "\"\"", "claim_malformed"),
    ("env", "null", "claim_wrong_type"),
    ("sid", "\"\"", "claim_malformed"),
    ("sid", "\"short\"", "claim_malformed"),
    ("sid", "null", "claim_wrong_type"),
    ("bounds", "null", "claim_wrong_type"),
    ("bounds", "[]", "claim_wrong_type"),
    ("bounds", "\"unbounded\"", "claim_wrong_type"),
    ("bounds", "{\"region\":[]}", "claim_malformed"),
    ("bounds", "{\"region\":\"eu\"}", "claim_malformed"),
    ("bounds", "{\"Region\":[\"eu\"]}", "claim_malformed"),
    ("bounds", "{\"refund_max\":-1}", "claim_malformed"),
    ("bounds", "{\"orders:*\":{\"refund_max\":1}}", "claim_malformed"),
    ("cnf", "null", "claim_wrong_type"),
    ("cnf", "\"jkt\"", "claim_wrong_type"),
    ("cnf", "{}", "claim_malformed"),
    ("cnf", "{\"jkt\":1}", "claim_malformed"),
    ("cnf", "{\"jkt\":\"AA\"}", "claim_malformed"),
    ("cnf", "{\"jwk\":{\"kty\":\"OKP\"}}", "claim_malformed"),
    ("cnf", "{\"kid\":\"a\"}", "claim_malformed"),
    ("cnf", "{\"x5t\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", "claim_malformed"),
    ("act", "null", "claim_wrong_type"),
    ("act", "\"a\"", "claim_wrong_type"),
    ("act", "{}", "claim_malformed"),
    ("act", "{\"sub\":1}", "claim_malformed"),
    ("act", "{\"sub\":\"a b\"}", "claim_malformed"),
    ("act", "{\"sub\":\"a\",\"act\":null}", "claim_wrong_type"),
    ("anc", "null", "claim_wrong_type"),
    ("anc", "\"AAECAwQFBgcICQoLDA0ODw\"", "claim_wrong_type"),
    ("anc", "[1]", "claim_wrong_type"),
    ("anc", "[\"AA\"]", "claim_malformed"),
];

#[test]
fn a_claim_of_the_wrong_kind_or_value_is_refused_by_its_name() {
    for format in BOTH {
        for (claim, value, reason) in MALFORMED {
            assert_eq!(refused(format, claim, value), (*reason, Some(*claim)), "{format} {claim}: {value}");
        }
        for (claim, most) in [("sub", 128), ("client_id", 64), ("tenant", 64)] {
            let long = |bytes| format!("\"{}\"", "a".repeat(bytes));
            assert!(
                open(format, &sign(format, claims(format).with(claim, &long(most)).text().as_bytes()))
                    .is_ok()
            );
            assert_eq!(refused(format, claim, &long(most + 1)), ("claim_malformed", Some(claim)));
        }
        let long_scope = format!("\"a:{}\"", "b".repeat(63));
        assert_eq!(refused(format, "scope", &long_scope), ("claim_malformed", Some("scope")));
    }
}

#[test]
fn r_6_4_scopes_are_written_as_one_text_and_read_as_a_list_too() {
    for format in BOTH {
        let read = read(format, "scope", "[\"invoices:read\",\"invoices:create\",\"invoices:read\"]");
        assert_eq!(read.scope.as_str(), "invoices:read invoices:create");
    }
}

#[test]
fn two_confirmations_are_not_taken_for_one() {
    let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let two = format!("{{\"jkt\":\"{hash}\",\"x5t#S256\":\"{hash}\"}}");
    for format in BOTH {
        assert_eq!(refused(format, "cnf", &two), ("claim_malformed", Some("cnf")));
        let jkt = read(format, "cnf", &format!("{{\"jkt\":\"{hash}\"}}"));
        assert_eq!(jkt.cnf, Some(Confirmation::DpopKey([0; 32])));
        let certificate = read(format, "cnf", &format!("{{\"x5t#S256\":\"{hash}\"}}"));
        assert_eq!(certificate.cnf, Some(Confirmation::Certificate([0; 32])));
    }
}

#[test]
fn chains_of_actors_and_ancestors_are_short() {
    let chain = |depth: usize| {
        (1..depth).rev().fold(format!("{{\"sub\":\"a{depth}\"}}"), |inner, at| {
            format!("{{\"sub\":\"a{at}\",\"act\":{inner}}}")
        })
    };
    let ancestors = |count: usize| format!("[{}]", vec!["\"AAECAwQFBgcICQoLDA0ODw\""; count].join(","));
    for format in BOTH {
        let actors: Vec<String> =
            read(format, "act", &chain(4)).act.iter().map(ToString::to_string).collect();
        assert_eq!(actors, ["a1", "a2", "a3", "a4"]);
        assert_eq!(refused(format, "act", &chain(5)), ("delegation_too_deep", Some("act")));
        assert_eq!(read(format, "anc", &ancestors(8)).anc.len(), 8);
        assert_eq!(refused(format, "anc", &ancestors(9)), ("delegation_too_deep", Some("anc")));
    }
}

#[test]
fn the_payload_is_one_json_object_in_utf8() {
    for format in BOTH {
        let good = claims(format).text();
        for payload in [
            String::new(),
            "null".into(),
            "[]".into(),
            "\"x\"".into(),
            "1".into(),
            "{".into(),
            good.replace('}', ""),
            good.replace('}', ",}"),
            format!("{good}{good}"),
            format!("{good} x"),
            format!("\u{feff}{good}"),
            good.replace('"', "'"),
            good.replace("acme", "ac\nme"),
            good.replace("acme", "\\ud800"),
        ] {
            assert_eq!(payload_refused(format, payload.as_bytes()), "claims_not_json", "{payload}");
        }
        let broken: Vec<u8> = good.bytes().map(|b| if b == b'c' { 0xc3 } else { b }).collect();
        assert_eq!(payload_refused(format, &broken), "claims_not_utf8");
        let spaced = format!("\r\n {} \t", good.replace(',', " ,\n"));
        assert!(open(format, &sign(format, spaced.as_bytes())).is_ok());
    }
}

#[test]
fn a_member_stands_once_at_every_level() {
    for format in BOTH {
        let good = claims(format);
        for payload in [
            good.clone().again("scope", "\"invoices:delete\""),
            good.clone().again("\\u0073cope", "\"invoices:delete\""),
            good.clone().again("note", "1").again("note", "2"),
            good.clone().with("bounds", "{\"region\":[\"eu\"],\"region\":[\"us\"]}"),
            good.clone().with("note", "[{\"a\":{\"b\":1,\"\\u0062\":2}}]"),
            good.with("act", "{\"sub\":\"a\",\"sub\":\"b\"}"),
        ] {
            assert_eq!(payload_refused(format, payload.text().as_bytes()), "claim_duplicated");
        }
    }
}

#[test]
fn claims_without_end_are_refused() {
    for format in BOTH {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(
            open(format, &sign(format, claims(format).with("note", &nested(7)).text().as_bytes())).is_ok()
        );
        for note in [nested(8), nested(1000), format!("[{}0]", "0,".repeat(1024))] {
            let payload = claims(format).with("note", &note).text();
            assert_eq!(payload_refused(format, payload.as_bytes()), "claims_too_complex");
        }
        let many = (0..512).fold(claims(format), |members, n| members.with(&format!("n{n}"), "0"));
        assert_eq!(payload_refused(format, many.text().as_bytes()), "claims_too_complex");
    }
}

#[test]
fn members_that_are_not_ours_are_read_over() {
    for format in BOTH {
        let payload =
            claims(format).with("roles", "[\"admin\"]").with("authorization_details", "[{\"type\":\"x\"}]");
        let authentic = open(format, &sign(format, payload.text().as_bytes())).unwrap();
        let plain = open(format, &sign(format, claims(format).text().as_bytes())).unwrap();
        assert_eq!(authentic.claims(), plain.claims());
    }
}

#[test]
fn the_order_of_claims_does_not_matter() {
    let jwt = Claims::from_json(claims(Jwt).text().as_bytes(), TimeForm::NumericDate).unwrap();
    let backwards: serde_json::Value = serde_json::from_str(&claims(Jwt).text()).unwrap();
    let backwards = serde_json::to_vec(&backwards).unwrap();
    assert!(backwards.starts_with(b"{\"aud\""));
    assert_eq!(Claims::from_json(&backwards, TimeForm::NumericDate).unwrap(), jwt);
    assert_eq!(open(Paseto, &sign(Paseto, claims(Paseto).text().as_bytes())).unwrap().claims(), &jwt);
}
