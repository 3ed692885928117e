//! What a client signs to say who it is (RFC 7523 section 3).

use crate::credentials::ClientKey;
use chancery_token::{ClientId, UnixTime, jws};
use serde_json::json;
use std::time::Duration;

/// So long an assertion counts. Half of what issuers of ours take at most, so that a clock may be wrong either way.
const LIFETIME: Duration = Duration::from_secs(150);

/// A text for the issuer of this name alone, and for one request: `jti` must be fresh.
///
/// It says no `iat`, which is optional and would be refused where this machine's clock goes fast.
pub(crate) fn assertion(
    key: &ClientKey,
    client_id: &ClientId,
    issuer: &str,
    jti: &str,
    now: UnixTime,
) -> String {
    let header = json!({ "alg": "EdDSA", "typ": "JWT" });
    let claims = json!({
        "iss": client_id.as_str(),
        "sub": client_id.as_str(),
        "aud": issuer,
        "exp": now.plus(LIFETIME).as_secs(),
        "jti": jti,
    });
    // It has no name: with two keys at the issuer either of them is tried.
    let signer = key.secret_key().clone().named("");
    jws::sign(&header.to_string(), claims.to_string().as_bytes(), &signer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_token::SecretKey;

    #[test]
    fn an_assertion_is_for_one_issuer_for_minutes_and_signed_by_the_key() {
        let key = SecretKey::from_seed(&[7; 32]);
        let now = UnixTime::from_secs(1_795_305_600);
        let client = "agent".parse().unwrap();
        let text = assertion(&ClientKey::new(key.clone()), &client, "https://a.example", "j", now);
        let signed = jws::Compact::parse(&text).unwrap().verify(&key.public()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&signed).unwrap();
        let expected = json!({
            "iss": "agent", "sub": "agent", "aud": "https://a.example", "exp": 1_795_305_750_u64, "jti": "j",
        });
        assert_eq!(claims, expected);
    }
}
