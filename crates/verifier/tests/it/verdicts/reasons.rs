//! Every reason, and the coarser words that a verifier of somebody else may have for it.

use std::collections::BTreeMap;

/// What kind of fault a reason is.
pub(super) struct Known {
    reason: &'static str,
    pub(super) category: &'static str,
    /// Where else a verifier may see the same fault: it reads in another order, or draws its lines elsewhere.
    pub(super) also: &'static [&'static str],
}

const fn known(reason: &'static str, category: &'static str, also: &'static [&'static str]) -> Known {
    Known { reason, category, also }
}

const KNOWN: &[Known] = &[
    known("expired", "time", &[]),
    known("not_yet_valid", "time", &[]),
    known("issued_in_future", "time", &[]),
    known("ends_before_it_begins", "time", &["claims"]),
    known("lifetime_too_long", "time", &["claims"]),
    known("issuer_mismatch", "recipient", &[]),
    known("audience_mismatch", "recipient", &[]),
    known("environment_mismatch", "recipient", &[]),
    known("subject_mismatch", "claims", &["recipient"]),
    known("proof_required", "proof", &[]),
    known("unknown_key", "key", &["signature"]),
    known("token_too_large", "form", &[]),
    known("wrong_format", "form", &["kind"]),
    known("paseto_version", "form", &["kind"]),
    known("segment_count", "form", &[]),
    known("json_serialization", "form", &["kind"]),
    known("token_encrypted", "kind", &["form"]),
    known("nested_token", "kind", &[]),
    known("character_forbidden", "form", &[]),
    known("encoding_invalid", "form", &[]),
    known("header_not_json", "form", &[]),
    known("header_duplicated", "form", &[]),
    known("header_too_complex", "form", &[]),
    known("header_wrong_type", "form", &["kind", "key"]),
    known("alg_missing", "kind", &["form"]),
    known("alg_none", "kind", &["form", "signature"]),
    known("alg_symmetric", "kind", &["form"]),
    known("alg_not_allowed", "kind", &["form"]),
    known("typ_missing", "kind", &["form"]),
    known("typ_not_access_token", "kind", &["form"]),
    known("crit_present", "kind", &["form"]),
    known("b64_present", "kind", &["form"]),
    known("key_in_header", "kind", &["form", "key"]),
    known("kid_missing", "key", &["form"]),
    known("kid_malformed", "key", &["form"]),
    known("footer_missing", "form", &["kind", "key"]),
    known("footer_invalid", "form", &["kind", "key"]),
    known("signature_length", "signature", &["form"]),
    known("signature_invalid", "signature", &[]),
    known("claims_not_utf8", "claims", &["form"]),
    known("claims_not_json", "claims", &["form"]),
    known("claims_number_out_of_range", "claims", &["form", "time"]),
    known("claims_too_complex", "claims", &["form"]),
    known("claim_duplicated", "claims", &["form"]),
    known("claim_missing", "claims", &[]),
    known("claim_wrong_type", "claims", &[]),
    known("claim_malformed", "claims", &[]),
    known("claim_time_negative", "claims", &["time"]),
    known("claim_time_out_of_range", "claims", &["time"]),
    known("audience_not_single", "claims", &["recipient"]),
    known("delegation_too_deep", "claims", &[]),
];

/// The categories, and what they mean to whoever reads the corpus.
pub(super) fn categories() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        ("claims", "a claim is missing, or is not what it has to be, whoever reads it and whenever"),
        ("form", "the text is not one compact token of the format, in its one spelling"),
        ("key", "it names no key, or one that is not to be trusted"),
        ("kind", "it says of itself that it is something else, or signed in another way"),
        ("proof", "it is bound to a key, and came without proof of it"),
        ("recipient", "it is of another issuer, for another service, or of another environment"),
        ("signature", "the key did not sign it"),
        ("time", "it is not its time, or its times are impossible"),
    ])
}

/// Each reason with its category.
pub(super) fn table() -> BTreeMap<&'static str, &'static str> {
    KNOWN.iter().map(|known| (known.reason, known.category)).collect()
}

/// What is known of a reason.
pub(super) fn of(reason: &str) -> &'static Known {
    KNOWN.iter().find(|known| known.reason == reason).unwrap_or_else(|| panic!("no reason '{reason}'"))
}

/// Where a fault of this claim may be seen too.
pub(super) fn of_claim(claim: &str) -> &'static [&'static str] {
    match claim {
        "exp" | "iat" | "nbf" => &["time"],
        "iss" | "aud" | "env" => &["recipient"],
        "cnf" => &["proof"],
        _ => &[],
    }
}
