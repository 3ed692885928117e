use super::JudgeRefusal;
use chancery_token::PublicKey;
use chancery_token::encoding::{base64url, from_base64url};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

const LIBRARY: &str = "jsonwebtoken";

pub(super) fn judge(key: &PublicKey, token: &str) -> Result<(), JudgeRefusal> {
    let key = DecodingKey::from_ed_components(&base64url(key.as_bytes()))
        .map_err(|error| JudgeRefusal::Key { detail: error.to_string() })?;
    if says_ed25519(token) {
        return judge_ed25519(&key, token);
    }
    let mut signature_and_form = Validation::new(Algorithm::EdDSA);
    signature_and_form.required_spec_claims.clear();
    signature_and_form.validate_exp = false;
    signature_and_form.validate_aud = false;
    jsonwebtoken::decode::<Value>(token, &key, &signature_and_form).map(drop).map_err(|error| refusal(&error))
}

/// The library does not know the name that RFC 9864 gave the algorithm, and reads no header that says it. It still
/// judges the signature and the claims; they are the same under both names.
fn judge_ed25519(key: &DecodingKey, token: &str) -> Result<(), JudgeRefusal> {
    let form = |detail: &str| JudgeRefusal::Form { library: LIBRARY, detail: detail.into() };
    let (message, signature) = token.rsplit_once('.').ok_or_else(|| form("it has no signature"))?;
    let signed = jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, Algorithm::EdDSA);
    if !signed.map_err(|error| refusal(&error))? {
        return Err(JudgeRefusal::Signature { library: LIBRARY });
    }
    let payload = message.split_once('.').and_then(|(_, payload)| from_base64url(payload));
    let payload = payload.ok_or_else(|| form("its payload is not base64url"))?;
    serde_json::from_slice::<Value>(&payload).map(drop).map_err(|_| form("its payload is not JSON"))
}

fn says_ed25519(token: &str) -> bool {
    let header = token.split_once('.').and_then(|(header, _)| from_base64url(header));
    let header = header.and_then(|header| serde_json::from_slice::<Value>(&header).ok());
    header.is_some_and(|header| header.get("alg").and_then(Value::as_str) == Some("Ed25519"))
}

fn refusal(error: &Error) -> JudgeRefusal {
    match error.kind() {
        ErrorKind::InvalidSignature => JudgeRefusal::Signature { library: LIBRARY },
        _ => JudgeRefusal::Form { library: LIBRARY, detail: error.to_string() },
    }
}
