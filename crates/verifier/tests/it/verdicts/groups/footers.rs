//! PASETO footers: `{"kid":"k4.pid.…","typ":"at+paseto"}`, to the byte.

use super::super::mint::{STRANGER, first, kid, quoted, second};
use super::{Case, Draft, Format, Group, of, refused};

const PASETO: Format = Format::Paseto;

pub(super) fn groups() -> Vec<Group> {
    let about = "PASETO footers, all under a good signature: only the one of the key is one.";
    let mut cases = others();
    cases.extend(members());
    cases.extend(names());
    vec![Group::new("paseto-footers", about, of(PASETO), cases)]
}

/// The same members in another spelling would be a second text of the same token.
fn others() -> Vec<Case> {
    let draft = Draft::new(PASETO);
    let good = draft.header_text();
    let name = quoted(&kid(PASETO, first(PASETO)));
    let rows = [
        (
            "backwards",
            "the members in the opposite order",
            format!("{{\"typ\":\"at+paseto\",\"kid\":{name}}}"),
        ),
        ("white-space", "a space", good.replace(',', ", ")),
        ("escape", "an escape", good.replace("at+", "\\u0061t+")),
        ("third-member", "a third member", draft.clone().header("note", "1").header_text()),
        (
            "wrapped-key",
            "a wrapped key within",
            draft.clone().header("wpk", "\"k4.local-wrap.pie.AAAA\"").header_text(),
        ),
        ("kid-twice", "the key id twice", draft.clone().header_again("kid", &name).header_text()),
        ("kid-alone", "the key id, and no JSON", kid(PASETO, first(PASETO))),
        ("behind", "something behind it", format!("{good}x")),
        ("list", "a list", "[]".to_owned()),
        ("deep", "forty levels", format!("{}{}", "[".repeat(40), "]".repeat(40))),
    ];
    let mut cases: Vec<Case> =
        rows.map(|(id, about, footer)| refused(id, about, draft.sign_under(footer), "footer_invalid")).into();
    cases.push(refused(
        "not-utf8",
        "bytes that UTF-8 does not have",
        draft.sign_under(b"\xff\xfe"),
        "footer_invalid",
    ));
    cases.push(refused("none", "no footer names no key", draft.sign_under(""), "footer_missing"));
    cases
}

/// Id, sentence, member, its value as raw JSON (empty: the member is missing), reason.
type Member = (&'static str, &'static str, &'static str, &'static str, &'static str);

const MEMBERS: &[Member] = &[
    ("typ-missing", "it does not say what it is", "typ", "", "typ_missing"),
    ("typ-number", "a number for a type", "typ", "1", "header_wrong_type"),
    ("typ-of-a-jwt", "the type of a JWT", "typ", "\"at+jwt\"", "typ_not_access_token"),
    ("typ-capitals", "another spelling of the type", "typ", "\"AT+PASETO\"", "typ_not_access_token"),
    (
        "typ-log",
        "a document of the revocation log",
        "typ",
        "\"chancery-rev-snapshot+paseto\"",
        "typ_not_access_token",
    ),
    ("kid-missing", "it names no key", "kid", "", "kid_missing"),
    ("kid-number", "a number for a key id", "kid", "1", "header_wrong_type"),
    ("kid-empty", "an empty key id", "kid", "\"\"", "kid_malformed"),
    ("kid-path", "a path for a key id", "kid", "\"../../../dev/null\"", "kid_malformed"),
];

fn members() -> Vec<Case> {
    let case = |(id, about, name, value, reason): &Member| {
        let draft = Draft::new(PASETO);
        let draft = if value.is_empty() { draft.without_header(name) } else { draft.header(name, value) };
        refused(id, about, draft.sign(), reason)
    };
    MEMBERS.iter().map(case).collect()
}

fn names() -> Vec<Case> {
    let named = |name: String| Draft::new(PASETO).header("kid", &quoted(&name)).sign();
    let ours = || kid(PASETO, first(PASETO));
    vec![
        refused(
            "kid-of-a-secret",
            "the id of a private key",
            named(ours().replace("k4.pid", "k4.sid")),
            "kid_malformed",
        ),
        refused(
            "kid-of-version-3",
            "the id of a key of version 3",
            named(ours().replace("k4.pid", "k3.pid")),
            "kid_malformed",
        ),
        refused("kid-longer", "a character too many", named(format!("{}A", ours())), "kid_malformed"),
        refused(
            "kid-of-a-jwk",
            "the id of a JWT's key",
            named(kid(Format::Jwt, first(PASETO))),
            "kid_malformed",
        ),
        refused(
            "kid-stranger",
            "a key that nobody publishes, under its own name",
            Draft::new(PASETO).by(STRANGER).sign(),
            "unknown_key",
        ),
        refused(
            "kid-of-other-key",
            "the other key's id",
            named(kid(PASETO, second(PASETO))),
            "signature_invalid",
        ),
    ]
}
