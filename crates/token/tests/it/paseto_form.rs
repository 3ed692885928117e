//! The wire form of a PASETO access token: version, body, footer.

use crate::world::{
    self, claims, footer, foreign_key, good, key, kid, named, open, other_spelling, over, refusal,
    second_key, with_the_order_added,
};
use chancery_token::encoding::{base64url, from_base64url};
use chancery_token::{Format, MAX_TOKEN_BYTES, paseto};

const PASETO: Format = Format::Paseto;

/// Body and footer of a token.
fn parts(token: &str) -> (String, String) {
    let (body, footer) = token.strip_prefix("v4.public.").unwrap().split_once('.').unwrap();
    (body.to_owned(), footer.to_owned())
}

#[test]
fn r_9_8_no_other_version_or_purpose_is_read() {
    let token = good(PASETO);
    let rest = token.strip_prefix("v4.public.").unwrap();
    for header in
        ["v1.local", "v1.public", "v2.local", "v2.public", "v3.local", "v3.public", "v4.local", "v5.public"]
    {
        assert_eq!(refusal(PASETO, &format!("{header}.{rest}")), "paseto_version", "{header}");
    }
    for header in [
        "V4.public",
        "v4.Public",
        "v4.PUBLIC",
        "v4..public",
        "v4.publi",
        "x4.public",
        "4.public",
        "v44.public",
    ] {
        assert_eq!(refusal(PASETO, &format!("{header}.{rest}")), "paseto_version", "{header}");
    }
    for text in ["", "v4", "v4.public", "v4public", "."] {
        assert_eq!(refusal(PASETO, text), "segment_count", "{text}");
    }
}

#[test]
fn a_jwt_is_named_as_one() {
    let jwt = good(Format::Jwt);
    for text in [jwt.clone(), format!("{jwt}.a.b"), "ewogIn0.a.b".into(), "e30.e30.".into()] {
        assert_eq!(refusal(PASETO, &text), "wrong_format", "{text}");
    }
    assert_eq!(refusal(PASETO, r#"{"payload":"e30"}"#), "json_serialization");
}

#[test]
fn r_9_8_the_footer_is_the_one_of_the_key_to_the_byte() {
    let (name, typ) = (format!("\"{}\"", kid(PASETO, &key())), "\"at+paseto\"");
    for (text, reason) in [
        (String::new(), "footer_missing"),
        (format!("{{\"typ\":{typ},\"kid\":{name}}}"), "footer_invalid"),
        (footer().with("wpk", "\"x\"").text(), "footer_invalid"),
        (format!(" {}", footer().text()), "footer_invalid"),
        (footer().text().replace(',', ", "), "footer_invalid"),
        (footer().text().replace("at+", "\\u0061t+"), "footer_invalid"),
        (footer().again("kid", &name).text(), "footer_invalid"),
        (footer().again("k\\u0069d", &name).text(), "footer_invalid"),
        (format!("{}x", footer().text()), "footer_invalid"),
        (kid(PASETO, &key()), "footer_invalid"),
        ("[]".into(), "footer_invalid"),
        ("null".into(), "footer_invalid"),
        ("{}".into(), "typ_missing"),
        (footer().without("typ").text(), "typ_missing"),
        (footer().with("typ", "1").text(), "header_wrong_type"),
        (footer().with("typ", "\"at+jwt\"").text(), "typ_not_access_token"),
        (footer().with("typ", "\"AT+PASETO\"").text(), "typ_not_access_token"),
        (footer().with("typ", "\"application/at+paseto\"").text(), "typ_not_access_token"),
        (footer().with("typ", "\"chancery-rev-delta+paseto\"").text(), "typ_not_access_token"),
        (footer().without("kid").text(), "kid_missing"),
        (footer().with("kid", "1").text(), "header_wrong_type"),
        (footer().with("kid", "\"\"").text(), "kid_malformed"),
        (footer().with("kid", "\"../../etc/passwd\"").text(), "kid_malformed"),
        (footer().with("kid", &name.replace("k4.pid", "k4.sid")).text(), "kid_malformed"),
        (footer().with("kid", &name.replace("k4.pid", "k3.pid")).text(), "kid_malformed"),
        (footer().with("kid", &name.replace("k4.pid.", "k4.pid.A")).text(), "kid_malformed"),
        (footer().with("kid", &format!("\"{}\"", kid(Format::Jwt, &key()))).text(), "kid_malformed"),
        (footer().with("kid", &format!("\"{}\"", kid(PASETO, &foreign_key()))).text(), "unknown_key"),
        (footer().with("kid", &format!("\"{}\"", kid(PASETO, &second_key()))).text(), "signature_invalid"),
    ] {
        assert_eq!(refusal(PASETO, &over(text.as_bytes())), reason, "{text}");
    }
    assert_eq!(refusal(PASETO, &over(b"\xff\xfe")), "footer_invalid");
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(40), "]".repeat(40));
    assert_eq!(refusal(PASETO, &over(deep.as_bytes())), "footer_invalid");
}

#[test]
fn r_9_8_the_footer_is_signed_with_the_message() {
    let (body, _) = parts(&good(PASETO));
    let (_, second) = parts(&paseto::sign(
        b"{}",
        footer().with("kid", &format!("\"{}\"", kid(PASETO, &second_key()))).text().as_bytes(),
        b"",
        &named(PASETO),
    ));
    assert_eq!(refusal(PASETO, &format!("v4.public.{body}.{second}")), "signature_invalid");
    assert_eq!(refusal(PASETO, &format!("v4.public.{body}")), "footer_missing");
    let payload = claims(PASETO).text();
    let assertion =
        paseto::sign(payload.as_bytes(), footer().text().as_bytes(), b"tenant:acme", &named(PASETO));
    assert_eq!(refusal(PASETO, &assertion), "signature_invalid");
}

#[test]
fn a_token_has_a_body_and_a_footer_and_nothing_else() {
    let token = good(PASETO);
    let (body, footer) = parts(&token);
    for (text, reason) in [
        (format!("{token}."), "segment_count"),
        (format!("{token}.AA"), "segment_count"),
        (format!("v4.public.{body}."), "encoding_invalid"),
        (format!("v4.public.{body}..{footer}"), "segment_count"),
        (format!("v4.public..{footer}"), "signature_length"),
        (format!("v4.public.AAAA.{footer}"), "signature_length"),
        ("v4.public.".into(), "footer_missing"),
        (format!(".{token}"), "paseto_version"),
    ] {
        assert_eq!(refusal(PASETO, &text), reason, "{text}");
    }
}

#[test]
fn no_character_outside_the_alphabet_stands_anywhere() {
    let token = good(PASETO);
    let (body, footer) = parts(&token);
    for text in [
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{token}\0"),
        format!("\u{feff}{token}"),
        format!("{token}="),
        format!("v4.public.{body}=.{footer}"),
        format!("v4.public.+{}.{footer}", &body[1..]),
        format!("v4.public./{}.{footer}", &body[1..]),
        format!("v4.public.{body}\n.{footer}"),
        format!("v4.public.{}ä.{footer}", &body[2..]),
        format!("v4.public.{body}. {footer}"),
        "v4.public.a b.c.d".into(),
    ] {
        assert_eq!(refusal(PASETO, &text), "character_forbidden", "{text:?}");
    }
}

#[test]
fn body_and_footer_have_one_spelling() {
    let payload = (0..3).map(|n| format!("{}{}", claims(PASETO).text(), " ".repeat(n)));
    let payload = payload.into_iter().find(|text| (text.len() + 64) % 3 != 0).unwrap();
    let token = world::sign(PASETO, payload.as_bytes());
    assert!(open(PASETO, &token).is_ok());
    let (body, footer) = parts(&token);
    assert_eq!(refusal(PASETO, &format!("v4.public.{}.{footer}", other_spelling(&body))), "encoding_invalid");
    // 79 bytes of footer leave unused bits too.
    assert_eq!(refusal(PASETO, &format!("v4.public.{body}.{}", other_spelling(&footer))), "encoding_invalid");
}

#[test]
fn r_6_3_a_token_over_eight_kibibytes_is_refused_unread() {
    let of_size = |bytes: usize| {
        (bytes / 2..bytes).find_map(|filler| {
            let payload = claims(PASETO).with("note", &format!("\"{}\"", "x".repeat(filler))).text();
            let token = world::sign(PASETO, payload.as_bytes());
            (token.len() >= bytes).then_some(token)
        })
    };
    let token = of_size(MAX_TOKEN_BYTES).unwrap();
    assert_eq!(token.len(), MAX_TOKEN_BYTES);
    assert!(open(PASETO, &token).is_ok());
    for text in [
        of_size(MAX_TOKEN_BYTES + 1).unwrap(),
        "a".repeat(8193),
        format!("v4.public.{}", "A".repeat(1 << 20)),
    ] {
        assert_eq!(refusal(PASETO, &text), "token_too_large");
    }
}

#[test]
fn r_9_3_a_signature_is_strict() {
    let token = good(PASETO);
    let (body, footer) = parts(&token);
    let body = from_base64url(&body).unwrap();
    let (message, signature) = body.split_last_chunk::<64>().unwrap();
    let mut others = vec![[0; 64], with_the_order_added(*signature)];
    for bit in 0..512 {
        let mut flipped = *signature;
        flipped[bit / 8] ^= 1 << (bit % 8);
        others.push(flipped);
    }
    for other in others {
        let text = format!("v4.public.{}.{footer}", base64url(&[message, &other].concat()));
        assert_eq!(refusal(PASETO, &text), "signature_invalid");
    }
    let short = format!("v4.public.{}.{footer}", base64url(&signature[..63]));
    assert_eq!(refusal(PASETO, &short), "signature_length");
    let foreign = foreign_key().named(kid(PASETO, &key()));
    let payload = claims(PASETO).text();
    let text = paseto::sign(payload.as_bytes(), world::footer().text().as_bytes(), b"", &foreign);
    assert_eq!(refusal(PASETO, &text), "signature_invalid");
}

#[test]
fn the_primitive_layer_takes_any_footer_and_assertion_that_its_caller_expects() {
    let token = paseto::sign(b"message", b"any footer", b"assertion", &named(PASETO));
    let unverified = paseto::Unverified::parse(&token).unwrap();
    let public = key().public();
    assert_eq!(unverified.footer().unwrap(), b"any footer");
    assert_eq!(unverified.verify(&public, b"any footer", b"assertion").unwrap(), b"message");
    assert_eq!(unverified.verify(&public, b"any", b"assertion").unwrap_err().reason(), "footer_invalid");
    assert_eq!(unverified.verify(&public, b"any footer", b"").unwrap_err().reason(), "signature_invalid");
    let empty = paseto::sign(b"", b"", b"", &named(PASETO));
    assert_eq!(paseto::Unverified::parse(&empty).unwrap().verify(&public, b"", b"").unwrap(), b"");
}
