//! RFC 7515 section 7.1: three segments of base64url without padding, and not a character more.

use super::super::mint::{first, kid, quoted, secret};
use super::{Case, Draft, Format, Group, of, refused};
use chancery_verifier::token::encoding::base64url;

pub(super) fn groups() -> Vec<Group> {
    let about = "Texts that are not one compact JWS in its one spelling. Where that can be, the signature is over the text as it stands.";
    let mut cases = around();
    cases.extend(segments());
    cases.extend(spellings());
    cases.extend(serializations());
    vec![Group::new("jwt-form", about, of(Format::Jwt), cases)]
}

fn parts() -> [String; 3] {
    let token = Draft::new(Format::Jwt).sign();
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts.try_into().unwrap()
}

/// Signs two segments as they stand.
fn sealed(header: &str, payload: &str) -> String {
    let input = format!("{header}.{payload}");
    let signature = secret(first(Format::Jwt)).sign(input.as_bytes());
    format!("{input}.{}", base64url(&signature))
}

/// The same bytes, with one of the unused bits of the last character set.
pub(super) fn other_spelling(segment: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    assert_ne!(segment.len() % 4, 0, "the last character of this segment has no unused bits");
    let (last, rest) = segment.as_bytes().split_last().unwrap();
    let value = ALPHABET.iter().position(|b| b == last).unwrap();
    format!("{}{}", str::from_utf8(rest).unwrap(), char::from(ALPHABET[value + 1]))
}

/// White space behind a JSON text, until its encoding leaves bits unused.
pub(super) fn with_unused_bits(text: &str, beside: usize) -> String {
    let spaces = (0..3).find(|n| !(text.len() + n + beside).is_multiple_of(3)).unwrap();
    format!("{text}{}", " ".repeat(spaces))
}

fn around() -> Vec<Case> {
    let token = Draft::new(Format::Jwt).sign();
    let [header, payload, signature] = parts();
    let rows = [
        ("space-before", "a space before it", format!(" {token}")),
        ("space-behind", "a space behind it", format!("{token} ")),
        ("line-feed-behind", "a line feed behind it, as files have", format!("{token}\n")),
        ("byte-order-mark", "a byte order mark before it", format!("\u{feff}{token}")),
        ("nul-behind", "a NUL behind it", format!("{token}\0")),
        ("scheme", "with the word `Bearer`", format!("Bearer {token}")),
        ("quotes", "in quotes", format!("\"{token}\"")),
        ("two-tokens", "two of them", format!("{token},{token}")),
        ("percent", "its dots encoded for a URL", token.replace('.', "%2E")),
        (
            "full-stops",
            "full stops of another script",
            format!("{header}\u{ff0e}{payload}\u{ff0e}{signature}"),
        ),
        (
            "letter",
            "a letter that is not in the alphabet",
            format!("{header}.{payload}.\u{e4}{}", &signature[1..]),
        ),
    ];
    let case = |(id, about, text): (&str, &str, String)| {
        let trimmed = text.trim() == token;
        let case = refused(id, about, text, "character_forbidden");
        if trimmed { case.house() } else { case }
    };
    rows.map(case).into()
}

fn segments() -> Vec<Case> {
    let token = Draft::new(Format::Jwt).sign();
    let [header, payload, signature] = parts();
    vec![
        refused("nothing", "an empty text", String::new(), "segment_count"),
        refused("one-segment", "a header alone", header.clone(), "segment_count"),
        refused(
            "two-segments",
            "the signature was left off, with its dot",
            format!("{header}.{payload}"),
            "segment_count",
        ),
        refused("four-segments", "a segment too many", format!("{token}.{signature}"), "segment_count"),
        refused("dot-behind", "a dot behind it", format!("{token}."), "segment_count"),
        refused("dots-alone", "three empty segments", "..".to_owned(), "header_not_json"),
        refused("no-header", "an empty header", format!(".{payload}.{signature}"), "header_not_json"),
        refused(
            "no-payload",
            "the payload was taken out",
            format!("{header}..{signature}"),
            "signature_invalid",
        )
        .also(&["form"]),
        refused(
            "no-signature",
            "the signature was left off",
            format!("{header}.{payload}."),
            "signature_length",
        ),
    ]
}

fn spellings() -> Vec<Case> {
    let draft = Draft::new(Format::Jwt);
    let [header, payload, signature] = parts();
    let (loose_header, loose_payload) = (
        base64url(with_unused_bits(&draft.header_text(), 0).as_bytes()),
        base64url(with_unused_bits(&draft.payload(), 0).as_bytes()),
    );
    let pad = |segment: &str| format!("{segment}{}", "=".repeat((4 - segment.len() % 4) % 4));
    // `?` and `~` in a row encode as characters that only one of the two alphabets has.
    let noted = base64url(draft.clone().with("note", "\"??~~??~~??~~\"").payload().as_bytes());
    let standard = noted.replace('-', "+").replace('_', "/");
    assert_ne!(noted, standard);
    let broken = format!("{}\n{}", &payload[..76], &payload[76..]);
    vec![
        refused(
            "header-other-spelling",
            "unused bits that are not zero, in the header",
            sealed(&other_spelling(&loose_header), &payload),
            "encoding_invalid",
        ),
        refused(
            "payload-other-spelling",
            "unused bits that are not zero, in the payload",
            sealed(&header, &other_spelling(&loose_payload)),
            "encoding_invalid",
        ),
        refused(
            "signature-other-spelling",
            "unused bits that are not zero, in the signature: a second text of the same token",
            format!("{header}.{payload}.{}", other_spelling(&signature)),
            "encoding_invalid",
        ),
        refused(
            "signature-cut",
            "a character fewer",
            format!("{header}.{payload}.{}", &signature[..85]),
            "encoding_invalid",
        )
        .also(&["signature"]),
        refused(
            "header-padded",
            "padding, in the header",
            sealed(&pad(&loose_header), &payload),
            "character_forbidden",
        ),
        refused(
            "payload-padded",
            "padding, in the payload",
            sealed(&header, &pad(&loose_payload)),
            "character_forbidden",
        ),
        refused(
            "signature-padded",
            "padding, in the signature",
            format!("{header}.{payload}.{}", pad(&signature)),
            "character_forbidden",
        ),
        refused("standard-alphabet", "`+` and `/`", sealed(&header, &standard), "character_forbidden"),
        refused(
            "line-broken",
            "a line feed within, as in mail",
            sealed(&header, &broken),
            "character_forbidden",
        ),
    ]
}

fn serializations() -> Vec<Case> {
    let [header, payload, signature] = parts();
    let encrypted = base64url(
        format!(
            "{{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"typ\":\"at+jwt\",\"kid\":{}}}",
            quoted(&kid(Format::Jwt, 1))
        )
        .as_bytes(),
    );
    vec![
        refused(
            "json-flattened",
            "the flattened JSON serialization",
            format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#),
            "json_serialization",
        ),
        refused(
            "json-general",
            "the general JSON serialization",
            format!(
                r#" {{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
            ),
            "json_serialization",
        ),
        refused(
            "encrypted",
            "five segments: an encrypted token (RFC 7516)",
            format!("{encrypted}..AAAAAAAAAAAAAAAA.AAAA.{}", base64url(&[0; 16])),
            "token_encrypted",
        ),
    ]
}
