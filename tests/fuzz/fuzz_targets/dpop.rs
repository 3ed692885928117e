//! A DPoP proof from a stranger; then the same bytes as header and as claims under a real signature, which is what a
//! stranger can make as well, for anybody may bring a key.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use chancery_token::dpop::{Draft, Request, verify};
use chancery_token::ed25519::NamedKey;
use chancery_token::encoding::base64url;
use chancery_token::{SecretKey, Signer, UnixTime, jwk, jws};
use libfuzzer_sys::fuzz_target;

const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);
const WINDOW: Duration = Duration::from_secs(300);
const CLAIMS: &[u8] =
    br#"{"jti":"e1j3V_bKic8-LAEB","htm":"POST","htu":"https://a.example/token","iat":1795305600}"#;

static KEY: LazyLock<NamedKey> = LazyLock::new(|| {
    let secret = SecretKey::from_seed(&[5; 32]);
    let kid = jwk::thumbprint(&secret.public());
    secret.named(kid)
});

static JWK: LazyLock<String> = LazyLock::new(|| {
    let x = base64url(SecretKey::from_seed(&[5; 32]).public().as_bytes());
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#)
});

fn request(url: &str) -> Request<'_> {
    Request { method: "POST", url, access_token: None }
}

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        stranger(text);
        header(text);
        address(text);
    }
    claims(data);
});

fn stranger(text: &str) {
    let ours = request("https://a.example/token");
    let Ok(proof) = verify(text, &ours, NOW, WINDOW) else { return };
    assert!(text.len() <= 4096 && text.split('.').count() == 3);
    assert!(proof.acceptable_until() > NOW && proof.issued_at() <= NOW.plus(WINDOW));
    // The same text is the same proof, and none for anything else.
    assert_eq!(verify(text, &ours, NOW, WINDOW).map(|again| again.id()), Ok(proof.id()));
    assert!(verify(text, &request("https://b.example/token"), NOW, WINDOW).is_err());
    assert!(verify(text, &Request { method: "GET", ..ours }, NOW, WINDOW).is_err());
    assert!(verify(text, &ours, proof.acceptable_until(), WINDOW).is_err());
}

/// Whatever the header says, what is taken is by the key that signed.
fn header(text: &str) {
    let signed = jws::sign(text, CLAIMS, &*KEY);
    if let Ok(proof) = verify(&signed, &request("https://a.example/token"), NOW, WINDOW) {
        assert_eq!(base64url(&proof.key()), KEY.kid());
    }
}

/// Whatever the claims say.
fn claims(data: &[u8]) {
    let header = format!(r#"{{"typ":"dpop+jwt","alg":"EdDSA","jwk":{}}}"#, *JWK);
    let signed = jws::sign(&header, data, &*KEY);
    if let Ok(proof) = verify(&signed, &request("https://a.example/token"), NOW, WINDOW) {
        assert_eq!(base64url(&proof.key()), KEY.kid());
        assert!(proof.acceptable_until() > NOW);
    }
}

/// An address that a proof names is the one that it is sent to, in whatever spelling.
fn address(text: &str) {
    let draft = Draft { request: request(text), jti: "j", iat: NOW, nonce: None };
    let signed = draft.sign(&SecretKey::from_seed(&[5; 32]));
    let taken = verify(&signed, &request(text), NOW, WINDOW).is_ok();
    assert!(!taken || text.to_ascii_lowercase().starts_with("http"), "taken for {text}");
    assert!(
        verify(&signed, &request("https://a.example/token"), NOW, WINDOW).is_err() || text.contains("://")
    );
}
