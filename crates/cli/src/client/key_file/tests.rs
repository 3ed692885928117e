use super::*;
use serde_json::json;

fn vectors() -> Vec<Value> {
    serde_json::from_str(include_str!("../../../../../tests/vectors/client_assertions.json")).unwrap()
}

#[test]
fn what_openssl_writes_is_the_key_that_a_jwk_says() {
    for vector in vectors() {
        let (pem, jwk) = (vector["pem"].as_str().unwrap(), &vector["jwk"]);
        assert_eq!(parse(pem).as_ref(), Ok(jwk), "{vector}");
        assert_eq!(parse(&format!("a comment\n{}", pem.replace('\n', "\r\n"))).as_ref(), Ok(jwk));
        let mut dressed = jwk.clone();
        dressed["kid"] = json!("mine");
        assert_eq!(parse(&dressed.to_string()).as_ref(), Ok(jwk));
    }
}

#[test]
fn a_private_key_is_refused_loudly_and_not_repeated() {
    let mut jwk = vectors()[0]["jwk"].clone();
    jwk["d"] = json!("c2VjcmV0");
    for text in [
        jwk.to_string(),
        "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n".to_owned(),
        "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n".to_owned(),
        "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n".to_owned(),
        format!("{}\n-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n", vectors()[2]["pem"].as_str().unwrap()),
    ] {
        let why = parse(&text).unwrap_err();
        assert_eq!(why, NotAClientKey::Private);
        assert!(!why.to_string().contains("c2VjcmV0") && why.to_string().contains("make a new one"));
    }
}

#[test]
fn a_broken_or_foreign_file_is_refused_without_a_panic() {
    let pem = vectors()[3]["pem"].as_str().unwrap().to_owned();
    let body = pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    for cut in 0..body.len() {
        let text = format!("{PUBLIC}\n{}\n-----END PUBLIC KEY-----", body.get(..cut).unwrap());
        assert!(parse(&text).is_err(), "{cut}");
    }
    for text in ["", "{}", "[]", "ssh-ed25519 AAAA", "-----BEGIN CERTIFICATE-----\nMIIB\n"] {
        assert_eq!(parse(text), Err(NotAClientKey::NotAJwk), "{text}");
    }
    // X25519 has an object of its own.
    let x25519 = format!("{PUBLIC}\nMCowBQYDK2VuAyEAJbF3FgbjUxk0jrI0Q3BqVQ8xFj9GD68i702sWCIoa5A=\n");
    assert_eq!(parse(&x25519), Err(NotAClientKey::Kind));
}
