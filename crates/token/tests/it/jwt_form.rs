//! R-9.1, R-9.3: segments, alphabets, sizes and signatures of a compact JWT.

use crate::world::{
    self, claims, foreign_key, good, header, key, keys, named, open, other_spelling, refusal, under,
    with_the_order_added,
};
use chancery_token::encoding::{array_from_base64url, base64url};
use chancery_token::{Format, MAX_TOKEN_BYTES, jws};

const JWT: Format = Format::Jwt;

fn segments(token: &str) -> [String; 3] {
    let segments: Vec<String> = token.split('.').map(str::to_owned).collect();
    segments.try_into().unwrap()
}

#[test]
fn a_compact_token_has_three_segments() {
    let token = good(JWT);
    let [header, payload, signature] = segments(&token);
    for (text, reason) in [
        (String::new(), "segment_count"),
        (".".into(), "segment_count"),
        (header.clone(), "segment_count"),
        (format!("{header}.{payload}"), "segment_count"),
        (format!("{token}."), "segment_count"),
        (format!(".{token}"), "segment_count"),
        (format!("{token}.{signature}"), "segment_count"),
        (format!("{token}.{payload}.{signature}"), "token_encrypted"),
        (format!("{token}..."), "segment_count"),
        ("..".into(), "header_not_json"),
        (format!(".{payload}.{signature}"), "header_not_json"),
        (format!("{header}..{signature}"), "signature_invalid"),
        (format!("{header}.{payload}."), "signature_length"),
        (format!("{header}.."), "signature_length"),
    ] {
        assert_eq!(refusal(JWT, &text), reason, "{text}");
    }
}

#[test]
fn no_character_outside_the_alphabet_stands_anywhere() {
    let token = good(JWT);
    let [header, payload, signature] = segments(&token);
    for text in [
        format!(" {token}"),
        format!("{token} "),
        format!("{token}\n"),
        format!("{token}\r\n"),
        format!("\t{token}"),
        format!("\u{feff}{token}"),
        format!("{token}\0"),
        format!("\0{token}"),
        format!("Bearer {token}"),
        format!("\"{token}\""),
        format!("{token},{token}"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}=.{signature}"),
        format!("{header}.{payload}.{signature}="),
        format!("{header}.{payload}.{signature}=="),
        format!("{header}.{payload}\n.{signature}"),
        format!("{header}\u{2e2e}{payload}.{signature}"),
        format!("{header}.{}ä.{signature}", &payload[..payload.len() - 2]),
        format!("{header}.{payload}.+{}", &signature[1..]),
        format!("{header}.{payload}./{}", &signature[1..]),
        token.replace('.', "%2E"),
        "a b.c.d".into(),
    ] {
        assert_eq!(refusal(JWT, &text), "character_forbidden", "{text:?}");
    }
}

#[test]
fn the_standard_alphabet_is_another_alphabet() {
    // Bytes that base64url writes with '-' and '_' in every segment, and base64 with '+' and '/'.
    let header = header().with("note", "\"???>>>\"").text();
    let token = jws::sign(&header, claims(JWT).with("note", "\"???>>>\"").text().as_bytes(), &named(JWT));
    assert!(open(JWT, &token).is_ok());
    for (at, segment) in segments(&token).iter().enumerate() {
        let standard = segment.replace('-', "+").replace('_', "/");
        let mut other = segments(&token);
        other[at].clone_from(&standard);
        if standard == *segment {
            assert_eq!(at, 2, "only a signature may happen to hold neither");
        } else {
            assert_eq!(refusal(JWT, &other.join(".")), "character_forbidden", "segment {at}");
        }
    }
}

#[test]
fn every_segment_has_one_spelling() {
    // One space more or less, until the last character of each segment has unused bits.
    let header =
        (0..3).map(|n| format!("{}{}", header().text(), " ".repeat(n))).find(|text| text.len() % 3 != 0);
    let payload =
        (0..3).map(|n| format!("{}{}", claims(JWT).text(), " ".repeat(n))).find(|text| text.len() % 3 != 0);
    let token = jws::sign(&header.unwrap(), payload.unwrap().as_bytes(), &named(JWT));
    assert!(open(JWT, &token).is_ok());
    for at in 0..3 {
        let mut other = segments(&token);
        other[at] = other_spelling(&other[at]);
        assert_eq!(refusal(JWT, &other.join(".")), "encoding_invalid", "segment {at}");
        let mut short = segments(&token);
        short[at].truncate(short[at].len() / 4 * 4);
        short[at].push('A');
        assert_eq!(
            refusal(JWT, &short.join(".")),
            "encoding_invalid",
            "segment {at}, one character too many"
        );
    }
}

#[test]
fn the_other_serializations_are_refused() {
    let [header, payload, signature] = segments(&good(JWT));
    for text in [
        format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#),
        format!(
            r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
        ),
        format!(" \n{{\"protected\":\"{header}\"}}"),
        "{}".into(),
        "{.a.b".into(),
    ] {
        assert_eq!(refusal(JWT, &text), "json_serialization", "{text}");
    }
}

/// A good token of exactly so many bytes.
fn of_size(bytes: usize) -> Option<String> {
    (bytes / 4..bytes).find_map(|filler| {
        let payload = claims(JWT).with("note", &format!("\"{}\"", "x".repeat(filler))).text();
        let token = jws::sign(&header().text(), payload.as_bytes(), &named(JWT));
        (token.len() >= bytes).then_some(token)
    })
}

#[test]
fn r_6_3_a_token_over_eight_kibibytes_is_refused_unread() {
    let token = of_size(MAX_TOKEN_BYTES).unwrap();
    assert_eq!(token.len(), MAX_TOKEN_BYTES);
    assert!(open(JWT, &token).is_ok());
    let token = of_size(MAX_TOKEN_BYTES + 1).unwrap();
    assert!(token.len() > MAX_TOKEN_BYTES);
    for text in [token, " ".repeat(8193), "a".repeat(8193), ".".repeat(1 << 20), "{".repeat(8193)] {
        assert_eq!(refusal(JWT, &text), "token_too_large");
    }
    assert_eq!(refusal(JWT, &"a".repeat(8192)), "segment_count");
}

#[test]
fn r_9_3_a_signature_has_64_bytes() {
    let [header, payload, signature] = segments(&good(JWT));
    let signature = array_from_base64url::<64>(&signature).unwrap();
    for length in [0, 1, 32, 63, 65, 128] {
        let other: Vec<u8> = signature.iter().copied().cycle().take(length).collect();
        let token = format!("{header}.{payload}.{}", base64url(&other));
        assert_eq!(refusal(JWT, &token), "signature_length", "{length}");
    }
}

#[test]
fn r_9_3_a_signature_is_strict() {
    let [header, payload, signature] = segments(&good(JWT));
    let signature = array_from_base64url::<64>(&signature).unwrap();
    let neutral = {
        let mut neutral = [0; 64];
        neutral[0] = 1;
        neutral
    };
    let mut others = vec![[0; 64], [0xff; 64], neutral, with_the_order_added(signature)];
    for bit in 0..512 {
        let mut flipped = signature;
        flipped[bit / 8] ^= 1 << (bit % 8);
        others.push(flipped);
    }
    for other in others {
        let token = format!("{header}.{payload}.{}", base64url(&other));
        assert_eq!(refusal(JWT, &token), "signature_invalid");
    }
}

#[test]
fn a_signature_covers_header_and_payload_of_its_own_token() {
    let [header, payload, signature] = segments(&good(JWT));
    let [other_header, other_payload, _] =
        segments(&under(&world::header().with("alg", "\"Ed25519\"").text()));
    assert_eq!(payload, other_payload);
    assert_eq!(refusal(JWT, &format!("{other_header}.{payload}.{signature}")), "signature_invalid");
    let wider = base64url(claims(JWT).with("scope", "\"invoices:delete\"").text().as_bytes());
    assert_eq!(refusal(JWT, &format!("{header}.{wider}.{signature}")), "signature_invalid");
    let foreign = foreign_key().named(world::kid(JWT, &key()));
    let token = jws::sign(&world::header().text(), claims(JWT).text().as_bytes(), &foreign);
    assert_eq!(refusal(JWT, &token), "signature_invalid");
}

#[test]
fn a_paseto_is_named_as_one() {
    for text in [
        good(Format::Paseto).as_str(),
        "v1.local.AAAA",
        "v2.public.AAAA",
        "v3.public.AAAA",
        "v4.local.AAAA",
        "v9.x.y",
    ] {
        assert_eq!(refusal(JWT, text), "wrong_format", "{text}");
    }
}

#[test]
fn nothing_but_the_signed_claims_comes_out() {
    let authentic = keys(JWT).open(&good(JWT)).unwrap();
    let (claims, kid) = authentic.into_parts();
    assert_eq!((claims.tenant.as_str(), claims.scope.as_str()), ("acme", "invoices:create invoices:read"));
    assert_eq!(*kid, *world::kid(JWT, &key()));
}
