//! The text of refresh tokens.

use super::*;

fn key(epoch: u32, environment: Environment, issuer: &str) -> RefreshKey {
    let master = MasterKey::generate(&PredictableEntropy::new(1));
    RefreshKey::derive(&master, Epoch(epoch), environment, issuer)
}

const ISSUER: &str = "https://auth.example.com";
const FAMILY: FamilyId = FamilyId::from_bytes([9; 16]);

#[test]
fn r_2_6_the_successor_is_derived_again_byte_for_byte() {
    let key = key(0, Environment::Live, ISSUER);
    let text = key.write(FAMILY, &client(), Generation(7));
    assert_eq!(*text, *key.write(FAMILY, &client(), Generation(7)));
    let token = RefreshToken::parse(&text, Environment::Live).unwrap();
    assert_eq!((token.family, token.epoch, token.generation), (FAMILY, Epoch(0), Generation(7)));
    assert!(key.is_of(&token, &client()));
}

#[test]
fn r_2_11_a_token_is_good_for_its_family_number_client_issuer_environment_epoch_and_master_key_alone() {
    let key_0 = key(0, Environment::Live, ISSUER);
    let parsed = |text: &str| RefreshToken::parse(text, Environment::Live).unwrap();
    let token = || parsed(&key_0.write(FAMILY, &client(), Generation(7)));
    assert!(!key_0.is_of(&token(), &"other".parse().unwrap()));
    assert!(!key(1, Environment::Live, ISSUER).is_of(&token(), &client()));
    assert!(!key(0, Environment::Test, ISSUER).is_of(&token(), &client()));
    assert!(!key(0, Environment::Live, "https://auth.example.co").is_of(&token(), &client()));
    let other_master = MasterKey::generate(&PredictableEntropy::new(2));
    let other = RefreshKey::derive(&other_master, Epoch(0), Environment::Live, ISSUER);
    assert!(!other.is_of(&token(), &client()));
    let forge = |change: fn(&mut RefreshToken)| {
        let mut forged = token();
        change(&mut forged);
        forged
    };
    let forged = [
        forge(|token| token.generation = Generation(8)),
        forge(|token| token.family = FamilyId::from_bytes([8; 16])),
        forge(|token| token.epoch = Epoch(1)),
    ];
    for forged in forged {
        assert!(!key_0.is_of(&forged, &client()), "{forged:?}");
        assert!(!key(1, Environment::Live, ISSUER).is_of(&forged, &client()));
    }
}

#[test]
fn r55_a_refresh_token_is_recognised_and_what_is_none_is_refused_without_a_store() {
    let text = key(3, Environment::Test, ISSUER).write(FAMILY, &client(), Generation(1));
    assert!(text.starts_with("chr_test_") && text.len() == 9 + 59 + 6, "{}", text.len());
    assert!(NotARefreshToken::Shape.to_string().contains(&format!("has {} characters", text.len())));
    let refused = |text: &str, environment| RefreshToken::parse(text, environment).unwrap_err();
    let test = Environment::Test;
    let found = NotARefreshToken::OtherEnvironment { found: test, expected: Environment::Live };
    assert_eq!(refused(&text, Environment::Live), found);
    let swapped = text.replace("chr_test_", "chr_live_");
    assert_eq!(refused(&swapped, Environment::Live), NotARefreshToken::Checksum, "the prefix is covered");
    let secret = text.replace("chr_", "chs_");
    for other in ["", "chr_test_", &text[..73], &secret, &format!("{}A", *text), "eyJ0eXAi.e30.AA"] {
        assert_eq!(refused(other, test), NotARefreshToken::Shape, "{other}");
    }
    let mut wrong = text.to_string();
    let last = wrong.pop().unwrap();
    wrong.push(if last == 'A' { 'B' } else { 'A' });
    assert_eq!(refused(&wrong, test), NotARefreshToken::Checksum);
}

#[test]
fn r08_a_refresh_token_and_its_key_are_not_printed() {
    let key = key(0, Environment::Live, ISSUER);
    let text = key.write(FAMILY, &client(), Generation(7));
    let token = RefreshToken::parse(&text, Environment::Live).unwrap();
    let printed = format!("{key:?} {token:?}");
    assert_eq!(
        printed,
        format!("RefreshKey {{ epoch: Epoch(0), .. }} RefreshToken {{ family: {FAMILY:?}, .. }}")
    );
}
