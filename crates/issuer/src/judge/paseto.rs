use super::JudgeRefusal;
use chancery_token::PublicKey;
use pasetors::Public;
use pasetors::claims::Claims;
use pasetors::errors::Error;
use pasetors::footer::Footer;
use pasetors::keys::AsymmetricPublicKey;
use pasetors::token::UntrustedToken;
use pasetors::version4::{PublicToken, V4};

const LIBRARY: &str = "pasetors";

pub(super) fn judge(key: &PublicKey, token: &str) -> Result<(), JudgeRefusal> {
    let form = |error: &Error| JudgeRefusal::Form { library: LIBRARY, detail: error.to_string() };
    let key = AsymmetricPublicKey::<V4>::from(key.as_bytes())
        .map_err(|error| JudgeRefusal::Key { detail: error.to_string() })?;
    let unverified = UntrustedToken::<Public, V4>::try_from(token).map_err(|error| form(&error))?;
    let verified = PublicToken::verify(&key, &unverified, None, None)
        .map_err(|_| JudgeRefusal::Signature { library: LIBRARY })?;
    Claims::from_string(verified.payload()).map_err(|error| form(&error))?;
    // It takes a `kid` in the footer only if that is a PASERK id.
    Footer::new().parse_bytes(verified.footer()).map_err(|error| form(&error))
}
