//! What must be decided before there is a verifier.

use super::{AUDIENCE, ISSUER, ignore};
use chancery_verifier::{Format, InvalidSetup, Revocation, Verifier};

#[test]
fn r_5_4_there_is_no_verifier_without_issuer_and_audience() {
    for blank in ["", " ", "\t\n", "\u{a0}"] {
        assert_eq!(Verifier::new(blank, AUDIENCE, ignore()).unwrap_err(), InvalidSetup::Issuer, "{blank:?}");
        assert_eq!(Verifier::new(ISSUER, blank, ignore()).unwrap_err(), InvalidSetup::Audience, "{blank:?}");
    }
    let verifier = Verifier::new(ISSUER, AUDIENCE, ignore()).unwrap();
    assert_eq!((verifier.issuer(), verifier.audience()), (ISSUER, AUDIENCE));
}

#[test]
fn revocation_is_ignored_for_a_reason_or_not_at_all() {
    for blank in ["", "  ", "\n"] {
        let refused = Verifier::new(ISSUER, AUDIENCE, Revocation::Ignore { reason: blank }).unwrap_err();
        assert_eq!(refused, InvalidSetup::RevocationReason, "{blank:?}");
    }
    let reason = "tokens live two minutes";
    let verifier = Verifier::new(ISSUER, AUDIENCE, Revocation::Ignore { reason }).unwrap();
    assert_eq!(verifier.revocation(), &Revocation::Ignore { reason });
}

#[test]
fn a_refused_setup_says_what_to_name() {
    let text = |setup: InvalidSetup| setup.to_string();
    assert!(text(InvalidSetup::Audience).contains("name the resource server"));
    assert!(text(InvalidSetup::Issuer).contains("exactly as the issuer publishes it"));
    assert!(text(InvalidSetup::RevocationReason).contains("say why"));
}

#[test]
fn jwt_is_the_format_of_whoever_chooses_none() {
    let verifier = Verifier::new(ISSUER, AUDIENCE, ignore()).unwrap();
    assert_eq!(verifier.accepted_format(), Format::Jwt);
    assert_eq!(verifier.format(Format::Paseto).accepted_format(), Format::Paseto);
}
