//! R-9.1, R-9.6, R-9.7: what a JOSE header may say.

use crate::world::{self, foreign_key, header, key, kid, open, refusal, second_key, under};
use chancery_token::{Format, jws};

const ALGORITHMS: &[(&str, &str)] = &[
    ("\"none\"", "alg_none"),
    ("\"None\"", "alg_none"),
    ("\"nOnE\"", "alg_none"),
    ("\"NONE\"", "alg_none"),
    ("\"HS256\"", "alg_symmetric"),
    ("\"HS384\"", "alg_symmetric"),
    ("\"HS512\"", "alg_symmetric"),
    ("\"RS256\"", "alg_not_allowed"),
    ("\"PS256\"", "alg_not_allowed"),
    ("\"ES256\"", "alg_not_allowed"),
    ("\"ES256K\"", "alg_not_allowed"),
    ("\"Ed448\"", "alg_not_allowed"),
    ("\"ML-DSA-44\"", "alg_not_allowed"),
    ("\"eddsa\"", "alg_not_allowed"),
    ("\"EDDSA\"", "alg_not_allowed"),
    ("\"ed25519\"", "alg_not_allowed"),
    ("\" EdDSA\"", "alg_not_allowed"),
    ("\"\"", "alg_not_allowed"),
    ("1", "header_wrong_type"),
    ("null", "header_wrong_type"),
    ("true", "header_wrong_type"),
    ("[\"EdDSA\"]", "header_wrong_type"),
];

#[test]
fn r_9_1_no_algorithm_but_ed25519_is_taken_from_a_header() {
    for (alg, reason) in ALGORITHMS {
        assert_eq!(refusal(Format::Jwt, &under(&header().with("alg", alg).text())), *reason, "{alg}");
    }
    assert_eq!(refusal(Format::Jwt, &under(&header().without("alg").text())), "alg_missing");
}

#[test]
fn r_9_2_both_names_of_ed25519_are_accepted() {
    for alg in ["\"EdDSA\"", "\"Ed25519\"", "\"\\u0045dDSA\""] {
        assert!(open(Format::Jwt, &under(&header().with("alg", alg).text())).is_ok(), "{alg}");
    }
}

#[test]
fn r_9_7_a_document_of_another_kind_is_no_access_token() {
    for typ in [
        "JWT",
        "jwt",
        "dpop+jwt",
        "client-authentication+jwt",
        "secevent+jwt",
        "chancery-rev-delta+jwt",
        "chancery-rev-snapshot+jwt",
        "statuslist+jwt",
        "token-introspection+jwt",
        "txntoken+jwt",
        "oauth-id-jag+jwt",
        "wit+jwt",
        "at+paseto",
        "",
        "at",
        "at+jwt ",
        " at+jwt",
        "application/",
        "application",
        "application/application/at+jwt",
        "text/at+jwt",
        "application/jwt",
        "xapplication/at+jwt",
    ] {
        let token = under(&header().with("typ", &format!("\"{typ}\"")).text());
        assert_eq!(refusal(Format::Jwt, &token), "typ_not_access_token", "{typ}");
    }
    assert_eq!(refusal(Format::Jwt, &under(&header().without("typ").text())), "typ_missing");
    for typ in ["1", "null", "[\"at+jwt\"]"] {
        assert_eq!(
            refusal(Format::Jwt, &under(&header().with("typ", typ).text())),
            "header_wrong_type",
            "{typ}"
        );
    }
}

#[test]
fn r_9_7_the_media_type_of_an_access_token_has_several_spellings() {
    for typ in
        ["at+jwt", "AT+JWT", "At+Jwt", "application/at+jwt", "APPLICATION/AT+JWT", "Application/at+JWT"]
    {
        let token = under(&header().with("typ", &format!("\"{typ}\"")).text());
        assert!(open(Format::Jwt, &token).is_ok(), "{typ}");
    }
}

#[test]
fn r_9_1_extensions_keys_and_nesting_are_refused() {
    for (name, value, reason) in [
        ("crit", "[]", "crit_present"),
        ("crit", "[\"exp\"]", "crit_present"),
        ("crit", "[\"alg\"]", "crit_present"),
        ("crit", "[\"http://example.com/unknown\"]", "crit_present"),
        ("crit", "\"b64\"", "crit_present"),
        ("crit", "null", "crit_present"),
        ("b64", "false", "b64_present"),
        ("b64", "true", "b64_present"),
        ("jwk", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}", "key_in_header"),
        ("jwk", "null", "key_in_header"),
        ("jku", "\"https://evil.example/jwks.json\"", "key_in_header"),
        ("x5u", "\"https://evil.example/cert.pem\"", "key_in_header"),
        ("x5c", "[]", "key_in_header"),
        ("cty", "\"JWT\"", "nested_token"),
        ("cty", "\"at+jwt\"", "nested_token"),
        ("enc", "\"A256GCM\"", "token_encrypted"),
    ] {
        let token = under(&header().with(name, value).text());
        assert_eq!(refusal(Format::Jwt, &token), reason, "{name}: {value}");
    }
    let unencoded = header().with("b64", "false").with("crit", "[\"b64\"]");
    assert_eq!(refusal(Format::Jwt, &under(&unencoded.text())), "b64_present");
}

#[test]
fn members_that_nobody_must_understand_are_read_over() {
    let text = header().with("x5t", "\"AA\"").with("example.com/note", "{\"a\":[1,2.5,null]}").text();
    assert!(open(Format::Jwt, &under(&text)).is_ok());
    let spaced = format!(" {} ", header().text().replace(':', " :\n").replace(',', "\t, "));
    assert!(open(Format::Jwt, &under(&spaced)).is_ok());
}

#[test]
fn r_9_6_a_key_id_is_a_short_plain_name() {
    let long = "a".repeat(65);
    for kid in ["", &long, "a/b", "../../etc/passwd", "a.b", "a b", "a\\u0000", "ä", "a'--", "k4.pid.AA"] {
        let token = under(&header().with("kid", &format!("\"{kid}\"")).text());
        assert_eq!(refusal(Format::Jwt, &token), "kid_malformed", "{kid}");
    }
    for kid in ["1", "null", "{}", "[\"a\"]"] {
        assert_eq!(
            refusal(Format::Jwt, &under(&header().with("kid", kid).text())),
            "header_wrong_type",
            "{kid}"
        );
    }
    assert_eq!(refusal(Format::Jwt, &under(&header().without("kid").text())), "kid_missing");
}

#[test]
fn an_unknown_key_is_told_apart_from_a_bad_signature() {
    let known = kid(Format::Jwt, &key());
    for kid in ["a", &"a".repeat(64), &known.to_lowercase(), &known[1..], &kid(Format::Jwt, &foreign_key())] {
        let token = under(&header().with("kid", &format!("\"{kid}\"")).text());
        assert_eq!(refusal(Format::Jwt, &token), "unknown_key", "{kid}");
    }
    let other = under(&header().with("kid", &format!("\"{}\"", kid(Format::Jwt, &second_key()))).text());
    assert_eq!(refusal(Format::Jwt, &other), "signature_invalid");
}

#[test]
fn a_header_names_each_member_once() {
    let good = header();
    for text in [
        good.clone().again("alg", "\"EdDSA\"").text(),
        good.clone().again("alg", "\"none\"").text(),
        good.clone().again("\\u0061lg", "\"EdDSA\"").text(),
        good.clone().again("kid", "\"a\"").text(),
        good.clone().again("note", "1").again("note", "1").text(),
        good.with("note", "{\"a\":1,\"\\u0061\":1}").text(),
    ] {
        assert_eq!(refusal(Format::Jwt, &under(&text)), "header_duplicated", "{text}");
    }
}

#[test]
fn a_header_is_one_json_object() {
    let good = header().text();
    for text in [
        String::new(),
        "null".into(),
        "[]".into(),
        "\"at+jwt\"".into(),
        "{".into(),
        good.replace('}', ""),
        good.replace('}', ",}"),
        good.replace('"', "'"),
        format!("{good}{good}"),
        format!("{good}x"),
        format!("\u{feff}{good}"),
        good.replace('}', ",\"n\":NaN}"),
        good.replace('}', ",\"n\":1e999}"),
        good.replace('}', ",\"n\":01}"),
        good.replace('}', ",\"n\":\"\\ud800\"}"),
        good.replace("EdDSA", "EdDSA\n"),
        format!("/**/{good}"),
    ] {
        assert_eq!(refusal(Format::Jwt, &under(&text)), "header_not_json", "{text}");
    }
    let deep = good.replace('}', &format!(",\"n\":{}{}}}", "[".repeat(9), "]".repeat(9)));
    assert_eq!(refusal(Format::Jwt, &under(&deep)), "header_too_complex");
    let many = (0..64).fold(header(), |members, n| members.with(&format!("n{n}"), "0"));
    assert_eq!(refusal(Format::Jwt, &under(&many.text())), "header_too_complex");
}

#[test]
fn a_header_is_utf8() {
    let good = header().text().into_bytes();
    let broken: Vec<u8> = good.iter().map(|b| if *b == b'E' { 0xff } else { *b }).collect();
    let token = world::good(Format::Jwt);
    let rest = token.split_once('.').unwrap().1;
    let token = format!("{}.{rest}", chancery_token::encoding::base64url(&broken));
    assert_eq!(refusal(Format::Jwt, &token), "header_not_json");
}

#[test]
fn the_primitive_layer_leaves_typ_and_kid_to_its_caller() {
    let token = under(r#"{"alg":"EdDSA","typ":"chancery-rev-delta+jwt"}"#);
    let compact = jws::Compact::parse(&token).unwrap();
    assert_eq!(compact.header().typ.as_deref(), Some("chancery-rev-delta+jwt"));
    assert_eq!(compact.header().kid, None);
    assert_eq!(compact.verify(&key().public()).unwrap(), world::claims(Format::Jwt).text().into_bytes());
    assert_eq!(compact.verify(&second_key().public()).unwrap_err().reason(), "signature_invalid");
}
