//! Secrets of ours, known by their prefix (R55). Told about, never repeated.

use chancery_issuer::master_key::MASTER_KEY_PREFIX;
use chancery_issuer::secret::{ClientSecret, LIVE_PREFIX, NotASecret, TEST_PREFIX};
use chancery_token::Environment;

/// What was recognised.
pub(super) struct Credential {
    /// The name for programs.
    pub(super) what: &'static str,
    /// The name for people.
    pub(super) title: String,
    /// What it can do, and what to do about it.
    pub(super) means: String,
}

/// Recognises a secret.
pub(super) fn recognise(text: &str) -> Option<Credential> {
    let own =
        |what, title: &str, means: &str| Some(Credential { what, title: title.into(), means: means.into() });
    if text.starts_with(LIVE_PREFIX) || text.starts_with(TEST_PREFIX) {
        return Some(client_secret(text));
    }
    if text.starts_with("chr_live_") || text.starts_with("chr_test_") {
        let means = "Whoever has it gets tokens in the name of its client. End its session: chancery revoke family --token -";
        return own("refresh_token", "Refresh token of a Chancery issuer: A SECRET", means);
    }
    if text.starts_with(MASTER_KEY_PREFIX) {
        let means = "With it and a copy of the store anybody signs tokens. Take the store offline; docs/THREATS.md says what follows.";
        return own("master_key", "Master key of a Chancery issuer: THE WORST SECRET TO LOSE", means);
    }
    if text.starts_with("k4.secret.") {
        let means = "Whoever has it signs tokens. Rotate the key: chancery key rotate";
        return own("paserk_secret", "Private PASETO key (PASERK): A SECRET", means);
    }
    if text.starts_with("k4.public.") {
        return own(
            "paserk_public",
            "Public PASETO key (PASERK)",
            "Everybody may know it: it verifies tokens.",
        );
    }
    None
}

fn client_secret(text: &str) -> Credential {
    let environment = if text.starts_with(LIVE_PREFIX) { Environment::Live } else { Environment::Test };
    let intact = match ClientSecret::parse(text, environment) {
        Ok(_) => "Its checksum fits.",
        Err(NotASecret::Checksum) => "Its checksum does not fit: it was mistyped, or made up.",
        Err(NotASecret::Shape | NotASecret::OtherEnvironment { .. }) => "It is cut off, or was added to.",
    };
    Credential {
        what: "client_secret",
        title: format!("Client secret of a Chancery issuer, {environment} environment: A SECRET"),
        means: format!(
            "{intact} Whoever has it gets tokens as its client. Find the client by where it was found, then: \
             chancery client disable ID --reason WHY"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chancery_verifier::entropy::PredictableEntropy;

    #[test]
    fn r54_a_secret_is_recognised_and_never_repeated() {
        let secret = ClientSecret::generate(Environment::Live, &PredictableEntropy::new(1));
        let text = secret.reveal();
        let mistyped = format!("{}x", &text[..text.len() - 1]);
        for (found, what) in [
            (text, "client_secret"),
            (&*mistyped, "client_secret"),
            ("chs_test_short", "client_secret"),
            ("chr_live_abcdefgh", "refresh_token"),
            ("chm_abcdefgh", "master_key"),
            ("k4.secret.abcdefgh", "paserk_secret"),
        ] {
            let known = recognise(found).unwrap();
            assert_eq!(known.what, what);
            let tail = found.rsplit(['_', '.']).next().unwrap();
            assert!(!format!("{}{}", known.title, known.means).contains(tail), "{what}");
        }
        assert!(recognise(text).unwrap().means.contains("checksum fits"));
        assert!(recognise("eyJhbGciOiJFZERTQSJ9.e30.AA").is_none());
    }
}
