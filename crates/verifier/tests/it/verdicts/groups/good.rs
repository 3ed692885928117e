//! What must be accepted: tokens as they are issued, and as they might be.

use super::super::mint::{quoted, second};
use super::{Case, Draft, FORMATS, Format, Group, Reading, accepted, fine, of};

pub(super) fn groups() -> Vec<Group> {
    let about = "Good tokens: a verifier that refuses one of these refuses people at work.";
    let group = |format: Format| {
        let mut cases = both(format);
        if format == Format::Jwt {
            cases.extend(headers());
        }
        Group::new(&format!("{format}-good"), about, of(format), cases)
    };
    FORMATS.map(group).into()
}

fn both(format: Format) -> Vec<Case> {
    let (draft, reading) = (Draft::new(format), Reading::usual());
    let spaced = format!("\r\n {} \t", draft.payload().replace(",\"", " ,\n\"").replace("\":", "\" :\t"));
    vec![
        fine("as-issued", "as an issuer writes it", &draft, reading.clone()),
        fine("second-key", "by the other published key", &draft.clone().by(second(format)), reading.clone()),
        fine(
            "claims-backwards",
            "the claims in the opposite order",
            &draft.clone().backwards(),
            reading.clone(),
        ),
        accepted(
            "white-space",
            "white space wherever JSON allows it",
            draft.sign_payload(spaced),
            reading.clone(),
        ),
        fine(
            "escapes",
            "texts and names of members with escapes",
            &draft
                .clone()
                .with("iss", "\"https:\\/\\/auth.example.com\"")
                .with("tenant", "\"\\u0061cm\\u0065\"")
                .without("env")
                .with("en\\u0076", "\"liv\\u0065\""),
            reading.clone(),
        ),
        fine(
            "unknown-claims",
            "claims that a verifier does not know are not its business",
            &draft
                .clone()
                .with("roles", "[\"admin\"]")
                .with("authorization_details", "[{\"type\":\"payment\",\"actions\":[]}]")
                .with("Scope", "\"invoices:delete\"")
                .with("ratio", "-1.5e-3")
                .with("nothing", "null"),
            reading.clone(),
        ),
        fine(
            "unicode",
            "a claim that a verifier does not know, in letters of many kinds, with an escaped pair of surrogates and an escaped NUL",
            &draft
                .clone()
                .with("note", "\"Gr\u{fc}\u{df}e \u{1f511} \\ud83d\\udd11 \\u0000 \\\" \\\\ \u{5d0}\""),
            reading.clone(),
        ),
        fine(
            "scope-twice",
            "a scope that stands twice is one scope",
            &draft.clone().with("scope", "\"invoices:read invoices:create invoices:read\""),
            reading.clone().scopes(&["invoices:read", "invoices:create"]),
        ),
        fine(
            "scope-list",
            "scopes as a list, as some issuers write them",
            &draft.clone().with("scope", "[\"invoices:read\",\"invoices:create\"]"),
            reading.clone().scopes(&["invoices:read", "invoices:create"]),
        )
        .house(),
        fine(
            "person",
            "it speaks for a person",
            &draft.clone().with("sub", "\"user:alice@example.com\""),
            reading.clone().sub("user:alice@example.com"),
        ),
        fine(
            "session",
            "it comes from a refresh family",
            &draft.with("sid", "\"EBESExQVFhcYGRobHB0eHw\""),
            reading.sid("EBESExQVFhcYGRobHB0eHw"),
        ),
    ]
}

fn headers() -> Vec<Case> {
    let (draft, usual) = (Draft::new(Format::Jwt), Reading::usual);
    let kid = super::super::mint::kid(Format::Jwt, 1);
    let backwards = format!("{{\"kid\":{},\"typ\":\"at+jwt\",\"alg\":\"EdDSA\"}}", quoted(&kid));
    let spaced = draft.header_text().replace(':', " :\n").replace(',', "\t, ");
    vec![
        fine(
            "alg-ed25519",
            "`Ed25519` (RFC 9864) is `EdDSA` by its full name",
            &draft.clone().header("alg", "\"Ed25519\""),
            usual(),
        ),
        fine(
            "typ-media-type",
            "`application/` may stand before the type (RFC 7515 section 4.1.9)",
            &draft.clone().header("typ", "\"application/at+jwt\""),
            usual(),
        ),
        fine("typ-capitals", "media types have no case", &draft.clone().header("typ", "\"AT+JWT\""), usual())
            .house(),
        accepted(
            "header-backwards",
            "the members of the header in the opposite order",
            draft.sign_under(backwards),
            usual(),
        ),
        accepted("header-white-space", "white space in the header", draft.sign_under(spaced), usual()),
        fine(
            "header-escapes",
            "escapes in the header",
            &draft.clone().without_header("alg").header("al\\u0067", "\"\\u0045dDSA\""),
            usual(),
        ),
        fine(
            "header-unknown",
            "a header member that nobody must understand",
            &draft.clone().header("x5t", "\"AA\"").header("example.com/note", "{\"a\":[1,2.5,null]}"),
            usual(),
        ),
        fine(
            "audience-list",
            "a list of one audience",
            &draft.with("aud", "[\"https://api.example.com\"]"),
            usual(),
        ),
    ]
}
