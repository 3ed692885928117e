//! R-9.7: whatever else an issuer signs, or a client holds, is no access token.

use super::super::mint::{quoted, secret};
use super::{Case, Draft, FORMATS, Format, Group, of, refused};
use chancery_verifier::token::encoding::base64url;

pub(super) fn groups() -> Vec<Group> {
    let about = "Things that are taken for access tokens, most of them under a good signature.";
    let group = |format: Format| {
        let mut cases = held(format);
        cases.extend(match format {
            Format::Jwt => signed(),
            Format::Paseto => vec![],
        });
        cases.push(of_the_other_format(format));
        Group::new(&format!("{format}-kinds"), about, of(format), cases)
    };
    FORMATS.map(group).into()
}

/// What a client holds beside its access token, and what people paste.
fn held(format: Format) -> Vec<Case> {
    let body = "q".repeat(49);
    let mut cases = vec![
        refused("refresh-token", "a refresh token", format!("chr_live_{body}"), "segment_count"),
        refused("client-secret", "a client secret", format!("chs_live_{body}"), "segment_count"),
    ];
    if format == Format::Jwt {
        cases.push(refused(
            "uuid",
            "an opaque token",
            "7c9e6679-7425-40de-944b-e07fc1f90ae7".to_owned(),
            "segment_count",
        ));
        cases.push(refused(
            "basic",
            "credentials of HTTP Basic",
            "aW52b2ljZS1zeW5jOnNlY3JldA==".to_owned(),
            "character_forbidden",
        ));
    }
    cases
}

fn of_the_other_format(format: Format) -> Case {
    match format {
        Format::Jwt => refused(
            "paseto",
            "a good PASETO, where JWTs are taken",
            Draft::new(Format::Paseto).sign(),
            "wrong_format",
        ),
        Format::Paseto => refused(
            "jwt",
            "a good JWT, where PASETOs are taken",
            Draft::new(Format::Jwt).sign(),
            "wrong_format",
        ),
    }
}

const PROOF: &str = r#"{"jti":"a","htm":"POST","htu":"https://api.example.com/invoices","iat":1795305600}"#;
const ASSERTION: &str = r#"{"iss":"invoice-sync","sub":"invoice-sync","aud":"https://auth.example.com","iat":1795305600,"exp":1795305900,"jti":"a"}"#;
const IDENTITY: &str = r#"{"iss":"https://auth.example.com","aud":"invoice-sync","sub":"user:alice","iat":1795305600,"exp":1795306500,"nonce":"n","auth_time":1795305600}"#;

fn signed() -> Vec<Case> {
    let draft = Draft::new(Format::Jwt);
    let typed = |typ: &str| draft.clone().header("typ", &quoted(typ));
    let jwk = format!(
        "{{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"{}\"}}",
        base64url(secret(1).public().as_bytes())
    );
    let kind =
        |id, about, token| refused(id, about, token, "typ_not_access_token").also(&["claims", "recipient"]);
    let mut cases = vec![
        refused(
            "dpop-proof",
            "a DPoP proof (RFC 9449)",
            typed("dpop+jwt").header("jwk", &jwk).sign_payload(PROOF),
            "key_in_header",
        )
        .also(&["claims", "recipient"]),
        kind("dpop-proof-without-key", "a DPoP proof without its key", typed("dpop+jwt").sign_payload(PROOF)),
        kind(
            "client-assertion",
            "a client assertion (RFC 7523)",
            typed("client-authentication+jwt").sign_payload(ASSERTION),
        ),
        kind(
            "client-assertion-jwt",
            "a client assertion of the general type",
            typed("JWT").sign_payload(ASSERTION),
        ),
        kind("id-token", "an ID token", typed("JWT").sign_payload(IDENTITY)),
        kind("logout-token", "a logout token", typed("logout+jwt").sign_payload(IDENTITY)),
        kind(
            "introspection",
            "an introspection answer (RFC 9701)",
            typed("token-introspection+jwt").sign_payload(IDENTITY),
        ),
        refused(
            "id-token-untyped",
            "an ID token, as most issuers write them",
            draft.clone().without_header("typ").sign_payload(IDENTITY),
            "typ_missing",
        )
        .also(&["claims", "recipient"]),
        refused(
            "client-assertion-dressed-up",
            "a client assertion in the header of an access token",
            draft.sign_payload(ASSERTION),
            "claim_missing",
        )
        .claim("client_id")
        .also(&["recipient"]),
        refused(
            "disclosures",
            "a token with selective disclosures (RFC 9901)",
            format!("{}~WyJhIiwiYiIsImMiXQ~", draft.sign()),
            "character_forbidden",
        ),
    ];
    for (id, about, typ) in [
        (
            "log-snapshot",
            "a snapshot of the revocation log, with the claims of an access token",
            "chancery-rev-snapshot+jwt",
        ),
        (
            "log-delta",
            "a delta of the revocation log, with the claims of an access token",
            "chancery-rev-delta+jwt",
        ),
        ("general-type", "the claims of an access token under the general type", "JWT"),
        ("media-type-jwt", "likewise, in full", "application/jwt"),
    ] {
        cases.push(refused(id, about, typed(typ).sign(), "typ_not_access_token"));
    }
    cases
}
