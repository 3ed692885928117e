//! The wire form of a PASETO: `v4.public.<body>.<footer>`.

use super::jwt_form::{other_spelling, with_unused_bits};
use super::{Case, Draft, Format, Group, of, refused};
use chancery_verifier::token::encoding::base64url;

const PASETO: Format = Format::Paseto;

pub(super) fn groups() -> Vec<Group> {
    let about = "Texts that are not one v4.public token in its one spelling.";
    let mut cases = versions();
    cases.extend(segments());
    cases.extend(characters());
    cases.extend(spellings());
    vec![Group::new("paseto-form", about, of(PASETO), cases)]
}

/// Body and footer of a good token.
fn parts() -> (String, String) {
    split(&Draft::new(PASETO).sign())
}

fn split(token: &str) -> (String, String) {
    let (body, footer) = token.strip_prefix("v4.public.").unwrap().split_once('.').unwrap();
    (body.to_owned(), footer.to_owned())
}

fn versions() -> Vec<Case> {
    let (body, footer) = parts();
    let rows = [
        ("version-2", "version 2, which signs with the same keys", "v2.public"),
        ("version-3", "version 3", "v3.public"),
        ("version-5", "a version that there is not", "v5.public"),
        ("local", "encrypted", "v4.local"),
        ("capital-version", "a capital", "V4.public"),
        ("capital-purpose", "a capital", "v4.Public"),
    ];
    rows.map(|(id, about, start)| refused(id, about, format!("{start}.{body}.{footer}"), "paseto_version"))
        .into()
}

fn segments() -> Vec<Case> {
    let token = Draft::new(PASETO).sign();
    let (body, footer) = parts();
    vec![
        refused("nothing", "an empty text", String::new(), "segment_count"),
        refused("header-alone", "a version and a purpose", "v4.public".to_owned(), "segment_count"),
        refused("dot-behind", "a dot behind it", format!("{token}."), "segment_count"),
        refused("five-segments", "a segment too many", format!("{token}.{footer}"), "segment_count"),
        refused("no-footer", "the footer was left off", format!("v4.public.{body}"), "footer_missing")
            .also(&["signature"]),
        refused("footer-empty", "a dot, and no footer", format!("v4.public.{body}."), "encoding_invalid")
            .also(&["key", "signature"]),
        refused("no-body", "no body", format!("v4.public..{footer}"), "signature_length"),
        refused(
            "body-of-63-bytes",
            "fewer bytes than a signature has",
            format!("v4.public.{}.{footer}", base64url(&[7; 63])),
            "signature_length",
        ),
    ]
}

fn characters() -> Vec<Case> {
    let token = Draft::new(PASETO).sign();
    let (body, footer) = parts();
    let rows = [
        ("space-before", "a space before it", format!(" {token}")),
        ("line-feed-behind", "a line feed behind it", format!("{token}\n")),
        ("byte-order-mark", "a byte order mark before it", format!("\u{feff}{token}")),
        ("scheme", "with the word `Bearer`", format!("Bearer {token}")),
        (
            "exclamation-within",
            "four characters that some decoders skip",
            format!("v4.public.{}!!!!{}.{footer}", &body[..8], &body[8..]),
        ),
        (
            "line-feed-within",
            "two broken lines, which some decoders join",
            format!("v4.public.{}\r\n\r\n{}.{footer}", &body[..76], &body[76..]),
        ),
        (
            "letter-within",
            "a letter that is not in the alphabet",
            format!("v4.public.{}\u{e4}{}.{footer}", &body[..8], &body[8..]),
        ),
    ];
    let case = |(id, about, text): (&str, &str, String)| {
        let trimmed = text.trim() == token;
        let case = refused(id, about, text, "character_forbidden");
        if trimmed { case.house() } else { case }
    };
    rows.map(case).into()
}

fn spellings() -> Vec<Case> {
    let draft = Draft::new(PASETO);
    // The signature stands behind the claims, in the same segment.
    let (loose, footer) = split(&draft.sign_payload(with_unused_bits(&draft.payload(), 64)));
    let pad = |segment: &str| format!("{segment}{}", "=".repeat((4 - segment.len() % 4) % 4));
    let (noted, _) = split(&draft.with("note", "\"??~~??~~??~~\"").sign());
    let standard = noted.replace('-', "+").replace('_', "/");
    assert_ne!(noted, standard);
    vec![
        refused(
            "body-other-spelling",
            "unused bits that are not zero, in the body",
            format!("v4.public.{}.{footer}", other_spelling(&loose)),
            "encoding_invalid",
        ),
        refused(
            "footer-other-spelling",
            "unused bits that are not zero, in the footer",
            format!("v4.public.{loose}.{}", other_spelling(&footer)),
            "encoding_invalid",
        ),
        refused(
            "body-padded",
            "padding, in the body",
            format!("v4.public.{}.{footer}", pad(&loose)),
            "character_forbidden",
        ),
        refused(
            "footer-padded",
            "padding, in the footer",
            format!("v4.public.{loose}.{}", pad(&footer)),
            "character_forbidden",
        ),
        refused(
            "standard-alphabet",
            "`+` and `/`",
            format!("v4.public.{standard}.{footer}"),
            "character_forbidden",
        ),
    ]
}
