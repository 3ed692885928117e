//! Credentials where none belongs. What administrators send is stored, shown, logged and audited; so a credential
//! among it is refused before anything reads it.

use super::pointer::Pointer;
use crate::admin::DraftFault;
use crate::http::problem::Because;
use crate::secret::{LIVE_PREFIX, TEST_PREFIX};
use serde_json::Value;

/// A secret has 58 characters; its prefix alone is a word that people write.
const SHORTEST: usize = 40;

/// How the header of a JWT begins (`{"` in base64url), and a PASETO of the only version there is here.
const TOKENS: [&str; 2] = ["eyJ", "v4.public."];

/// Whether a client secret or a token stands in the text.
pub(super) fn holds_credential(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.split(|c| !is_part(c)).filter(|word| word.len() >= SHORTEST).any(|word| {
        let is_secret = [LIVE_PREFIX, TEST_PREFIX].iter().any(|prefix| word.contains(prefix));
        is_secret || (TOKENS.iter().any(|mark| word.starts_with(mark)) && word.matches('.').count() >= 2)
    })
}

/// Every text and every name in `value` that holds one.
pub(super) fn faults(value: &Value) -> Vec<DraftFault> {
    let mut faults = Vec::new();
    collect(value, &Pointer::Root, &mut faults);
    faults
}

fn collect(value: &Value, at: &Pointer<'_>, faults: &mut Vec<DraftFault>) {
    match value {
        Value::String(text) if holds_credential(text) => faults.push(fault(at)),
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                collect(value, &Pointer::Entry(at, index), faults);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let at = Pointer::Member(at, name);
                if holds_credential(name) {
                    faults.push(fault(&at));
                }
                collect(value, &at, faults);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn fault(at: &Pointer<'_>) -> DraftFault {
    DraftFault {
        pointer: at.told(),
        reason: Because::MemberCredential.reason(),
        message: "here stands a secret or a token; replace it, for others may have seen it".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_token::Environment;
    use chancery_verifier::entropy::PredictableEntropy;
    use serde_json::json;

    #[test]
    fn secrets_and_tokens_are_recognised_wherever_they_stand() {
        for seed in 0..200 {
            for environment in [Environment::Live, Environment::Test] {
                let secret =
                    crate::secret::ClientSecret::generate(environment, &PredictableEntropy::new(seed));
                let secret = secret.reveal();
                for text in [secret.to_owned(), format!("the secret is '{secret}'."), format!("x={secret}&y")]
                {
                    assert!(holds_credential(&text), "{seed}");
                }
            }
        }
        let token = "eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJodHRwczovL2F1dGguZXhhbXBsZS5jb20ifQ.x";
        assert!(holds_credential(token) && holds_credential(&format!("Bearer {token}")));
    }

    #[test]
    fn what_people_write_is_no_credential() {
        for text in [
            "Mirrors invoices into the ledger.",
            "https://api.documint.example/a/very/long/path/that/goes/on-and-on-and-on-and-on/2027",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "6f1ed002ab5595859014ebf0951522d9a4f1c0e3b7d2689f5c4b3a291807f6e5",
            "chs_live_ is how a secret begins",
            "a-client-with-a-name-that-is-as-long-as-a-name-may-be-and-dull",
            "K8s-Prod-Cluster-EU-West-1-Billing-Mirror-Service-V2",
            "q3Jz8Xw0Lk7Vb2Nf5Ta9Rc4Ye6Ug1Hd-Pm_So0Iw8Zx2",
            "Donaudampfschifffahrtsgesellschaftskapitaen",
        ] {
            assert!(!holds_credential(text), "{text}");
        }
    }

    #[test]
    fn each_is_told_with_its_place() {
        let stray = format!("{LIVE_PREFIX}{}", "aB3x".repeat(13));
        let value =
            json!({"id": stray, "grants": [{"scope": "a:b"}, {"reason": stray}], "bounds": {(&*stray): 1}});
        let mut places: Vec<String> = faults(&value).into_iter().map(|fault| fault.pointer).collect();
        places.sort();
        assert_eq!(places, ["/bounds", "/grants/1/reason", "/id"]);
    }
}
