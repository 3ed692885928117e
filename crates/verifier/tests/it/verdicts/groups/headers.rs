//! JOSE headers (RFC 8725): one algorithm, a named key, and nothing that a token should decide about itself.

use super::super::mint::{STRANGER, kid, quoted, second, secret};
use super::{Case, Draft, Format, Group, Reading, accepted, of, refused};
use chancery_verifier::token::encoding::base64url;
use sha2::{Digest as _, Sha256};

const JWT: Format = Format::Jwt;

pub(super) fn groups() -> Vec<Group> {
    let algorithms = "Headers that ask for another algorithm (RFC 8725 sections 3.1 and 3.2).";
    let members = "Headers that bring keys, demand extensions, name no key, or are no JSON.";
    let mut first: Vec<Case> = ALGORITHMS.iter().map(case).collect();
    first.extend(unsigned());
    first.extend(symmetric());
    let mut other: Vec<Case> = MEMBERS.iter().map(case).collect();
    other.extend(keys());
    other.extend(forms());
    other.extend(sizes());
    vec![
        Group::new("jwt-algorithms", algorithms, of(JWT), first),
        Group::new("jwt-headers", members, of(JWT), other),
    ]
}

/// Id, sentence, header member, its value as raw JSON (empty: the member is missing), reason.
type Member = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn case((id, about, name, value, reason): &Member) -> Case {
    let draft = if value.is_empty() {
        Draft::new(JWT).without_header(name)
    } else {
        Draft::new(JWT).header(name, value)
    };
    refused(id, about, draft.sign(), reason)
}

const ALGORITHMS: &[Member] = &[
    ("missing", "no algorithm", "alg", "", "alg_missing"),
    ("null", "`null`", "alg", "null", "header_wrong_type"),
    ("list", "a list", "alg", "[\"EdDSA\"]", "header_wrong_type"),
    ("empty", "an empty text", "alg", "\"\"", "alg_not_allowed"),
    ("lower-case", "names of algorithms have a case", "alg", "\"eddsa\"", "alg_not_allowed"),
    ("rs256", "RSA", "alg", "\"RS256\"", "alg_not_allowed"),
    ("ps512", "RSA-PSS", "alg", "\"PS512\"", "alg_not_allowed"),
    ("es256", "ECDSA", "alg", "\"ES256\"", "alg_not_allowed"),
    ("ed448", "the other curve (RFC 9864)", "alg", "\"Ed448\"", "alg_not_allowed"),
    ("unknown", "an algorithm that there is not", "alg", "\"XS999\"", "alg_not_allowed"),
    ("none-signed", "not signed, it says, and it is", "alg", "\"none\"", "alg_none"),
    ("hs512", "a shared secret", "alg", "\"HS512\"", "alg_symmetric"),
];

fn unsigned() -> Vec<Case> {
    let unsigned = |id, about, alg: &str| {
        let draft = Draft::new(JWT).header("alg", &quoted(alg));
        let token = format!(
            "{}.{}.",
            base64url(draft.header_text().as_bytes()),
            base64url(draft.payload().as_bytes())
        );
        refused(id, about, token, "alg_none")
    };
    vec![
        unsigned("none", "not signed (RFC 8725 section 3.2)", "none"),
        unsigned("none-capital", "not signed, with a capital", "None"),
        unsigned("none-capitals", "not signed, with capitals", "nOnE"),
    ]
}

/// HMAC with SHA-256 (RFC 2104), put where a signature belongs: what comes out is a good token to whoever takes the
/// public key for a shared secret.
struct Shared(Vec<u8>);

impl Shared {
    fn token(&self) -> String {
        let draft = Draft::new(JWT).header("alg", "\"HS256\"");
        let input = format!(
            "{}.{}",
            base64url(draft.header_text().as_bytes()),
            base64url(draft.payload().as_bytes())
        );
        let mut key = self.0.clone();
        key.resize(64, 0);
        let padded = |with: u8| key.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
        let inner = Sha256::new().chain_update(padded(0x36)).chain_update(&input).finalize();
        let mac = Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize();
        format!("{input}.{}", base64url(&mac))
    }
}

fn symmetric() -> Vec<Case> {
    let public = *secret(1).public().as_bytes();
    vec![
        refused(
            "hs256-key-bytes",
            "an HMAC with the bytes of the public key",
            Shared(public.to_vec()).token(),
            "alg_symmetric",
        ),
        refused(
            "hs256-key-text",
            "an HMAC with the public key as the key set writes it",
            Shared(base64url(&public).into_bytes()).token(),
            "alg_symmetric",
        ),
    ]
}

const MEMBERS: &[Member] = &[
    ("typ-missing", "it does not say what it is (RFC 8725 section 3.11)", "typ", "", "typ_missing"),
    ("typ-null", "`null`", "typ", "null", "header_wrong_type"),
    ("typ-space", "a space behind the type", "typ", "\"at+jwt \"", "typ_not_access_token"),
    (
        "typ-twice-prefixed",
        "a prefix too many",
        "typ",
        "\"application/application/at+jwt\"",
        "typ_not_access_token",
    ),
    ("crit-known", "`crit` with a claim", "crit", "[\"exp\"]", "crit_present"),
    (
        "crit-unknown",
        "`crit` with an extension that is not understood",
        "crit",
        "[\"http://example.com/must\"]",
        "crit_present",
    ),
    ("crit-empty", "`crit` with nothing, which RFC 7515 forbids", "crit", "[]", "crit_present"),
    ("b64-false", "the payload is not to be decoded (RFC 7797)", "b64", "false", "b64_present"),
    ("cty", "a token within (RFC 7519 section 5.2)", "cty", "\"JWT\"", "nested_token"),
    ("enc", "an encrypted token in three segments", "enc", "\"A256GCM\"", "token_encrypted"),
    (
        "jku",
        "an address of keys (RFC 8725 section 3.10)",
        "jku",
        "\"https://evil.example/jwks.json\"",
        "key_in_header",
    ),
    ("x5u", "an address of a certificate", "x5u", "\"https://evil.example/cert.pem\"", "key_in_header"),
    ("x5c", "a certificate", "x5c", "[\"MIIB\"]", "key_in_header"),
    ("kid-missing", "it names no key", "kid", "", "kid_missing"),
    ("kid-number", "a number for a key id", "kid", "1", "header_wrong_type"),
    ("kid-empty", "an empty key id", "kid", "\"\"", "kid_malformed"),
    ("kid-path", "a path for a key id", "kid", "\"../../../dev/null\"", "kid_malformed"),
    ("kid-query", "a query for a key id", "kid", "\"a' OR '1'='1\"", "kid_malformed"),
    ("kid-url", "an address for a key id", "kid", "\"https://evil.example/key\"", "kid_malformed"),
    ("kid-unknown", "a key id that nobody publishes", "kid", "\"a-key-of-tomorrow\"", "unknown_key"),
];

fn keys() -> Vec<Case> {
    let draft = || Draft::new(JWT);
    let x = base64url(secret(STRANGER).public().as_bytes());
    let brought = draft().header("jwk", &format!("{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"{x}\"}}"));
    let both = draft().header("b64", "false").header("crit", "[\"b64\"]");
    let (most, over) = (quoted(&"a".repeat(64)), quoted(&"a".repeat(65)));
    vec![
        refused(
            "jwk",
            "it brings its own key, and is signed with it",
            brought.forged_by(STRANGER).sign(),
            "key_in_header",
        )
        .also(&["signature"]),
        refused(
            "b64-and-crit",
            "RFC 7797 as it must be written, which is not understood here",
            both.sign(),
            "b64_present",
        ),
        refused(
            "kid-of-64",
            "a key id of 64 characters, which nobody publishes",
            draft().header("kid", &most).sign(),
            "unknown_key",
        ),
        refused(
            "kid-of-65",
            "a key id of 65 characters",
            draft().header("kid", &over).sign(),
            "kid_malformed",
        ),
        refused(
            "kid-of-other-key",
            "the other key's id",
            draft().header("kid", &quoted(&kid(JWT, second(JWT)))).sign(),
            "signature_invalid",
        ),
        refused(
            "kid-lower-case",
            "key ids have a case",
            draft().header("kid", &quoted(&kid(JWT, 1).to_lowercase())).sign(),
            "unknown_key",
        ),
        refused(
            "kid-stranger",
            "signed with a key that nobody publishes, under its own name",
            draft().by(STRANGER).sign(),
            "unknown_key",
        ),
    ]
}

fn forms() -> Vec<Case> {
    let draft = Draft::new(JWT);
    let good = draft.header_text();
    let under = |id, about, header: String, reason| refused(id, about, draft.sign_under(header), reason);
    let broken: Vec<u8> = good.bytes().map(|b| if b == b'E' { 0xff } else { b }).collect();
    vec![
        under(
            "alg-twice",
            "`alg` twice, the second `none`",
            draft.clone().header_again("alg", "\"none\"").header_text(),
            "header_duplicated",
        ),
        under(
            "alg-twice-escaped",
            "`alg` twice, one with an escape",
            draft.clone().header_again("\\u0061lg", "\"EdDSA\"").header_text(),
            "header_duplicated",
        ),
        under(
            "kid-twice",
            "two key ids",
            draft.clone().header_again("kid", "\"a\"").header_text(),
            "header_duplicated",
        ),
        under(
            "unknown-twice",
            "a member twice, deep in one that nobody asked for",
            draft.clone().header("note", "{\"a\":1,\"a\":1}").header_text(),
            "header_duplicated",
        ),
        under("list", "a list", format!("[{good}]"), "header_not_json"),
        under("byte-order-mark", "a byte order mark", format!("\u{feff}{good}"), "header_not_json"),
        under("behind", "something behind the header", format!("{good}x"), "header_not_json"),
        under("comma", "a comma behind the last member", good.replace('}', ",}"), "header_not_json"),
        under(
            "nan",
            "a number that JSON does not have",
            good.replace('}', ",\"note\":NaN}"),
            "header_not_json",
        ),
        refused("not-utf8", "a byte that UTF-8 does not have", draft.sign_under(broken), "header_not_json"),
    ]
}

fn sizes() -> Vec<Case> {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let note = |value: &str| Draft::new(JWT).header("note", value).sign();
    // Three members stand there already.
    let many = |members: usize| {
        (3..members).fold(Draft::new(JWT), |draft, n| draft.header(&format!("n{n}"), "0")).sign()
    };
    vec![
        accepted("depth-8", "eight levels", note(&nested(7)), Reading::usual()).house(),
        refused("depth-9", "nine levels", note(&nested(8)), "header_too_complex").house(),
        accepted("members-32", "32 members", many(32), Reading::usual()).house(),
        refused("members-33", "33 members", many(33), "header_too_complex").house(),
    ]
}
