//! `chancery token verify-signature`

use crate::exit::Exit;
use crate::failure::Failure;
use crate::form::Form;
use crate::terminal::Terminal;
use chancery_token::PublicKey;
use chancery_token::ed25519::{BadSignature, SignatureValid, UnusableKey};
use serde_json::json;

const EXAMPLES: &str = "\
Example (RFC 8032 section 7.1, test 1: an empty message):
  chancery token verify-signature --message '' \\
  --public-key \\
d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a \\
  --signature \\
e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\\
5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b

Exit codes: 0 valid, 1 refused, 2 not hexadecimal.";

/// Check one Ed25519 signature, exactly as the verifier does
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct VerifySignature {
    /// The public key, 32 bytes
    #[arg(long, value_name = "HEX")]
    public_key: String,
    /// What was signed; may be empty
    #[arg(long, value_name = "HEX")]
    message: String,
    /// The signature, 64 bytes
    #[arg(long, value_name = "HEX")]
    signature: String,
    #[command(flatten)]
    form: Form,
}

impl VerifySignature {
    pub(crate) fn run(&self, terminal: &mut Terminal) -> Result<Exit, Failure> {
        let key = bytes("public-key", &self.public_key)?;
        let message = bytes("message", &self.message)?;
        let signature = bytes("signature", &self.signature)?;
        let verdict = check(&key, &message, &signature);
        let (exit, verdict, reason, detail) = match verdict {
            Ok(_) => (Exit::Ok, "valid", "valid", "the key signed the message".to_owned()),
            Err((reason, detail)) => (Exit::Refused, "refused", reason, detail),
        };
        if self.form.json {
            terminal.json(&json!({ "verdict": verdict, "reason": reason, "detail": detail }));
        } else if exit == Exit::Ok {
            terminal.say("valid");
        } else {
            terminal.say(format!("refused: {reason}\n  {detail}"));
        }
        Ok(exit)
    }
}

fn check(key: &[u8], message: &[u8], signature: &[u8]) -> Result<SignatureValid, (&'static str, String)> {
    let key = PublicKey::from_bytes(key).map_err(|why| {
        let reason = match why {
            UnusableKey::Length(_) => "key_length",
            UnusableKey::LowOrder => "key_low_order",
            UnusableKey::NotAPoint => "key_not_a_point",
        };
        (reason, why.to_string())
    })?;
    key.verify(message, signature).map_err(|why| {
        let reason = match why {
            BadSignature::Length(_) => "signature_length",
            BadSignature::Mismatch => "signature_invalid",
        };
        (reason, why.to_string())
    })
}

fn bytes(option: &str, text: &str) -> Result<Vec<u8>, Failure> {
    hex::decode(text).map_err(|why| {
        Failure::unusable("not_hexadecimal", format!("--{option} is not hexadecimal: {why}"))
            .fix("Write two digits 0-9 a-f for each byte.")
    })
}
