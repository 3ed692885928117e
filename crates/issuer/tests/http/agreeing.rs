//! Keyring and revocation log say the same of every key, whichever of them was put back.

use crate::desk::{Desk, NOW};
use chancery_issuer::keyring::KeyUse;
use chancery_revocation::Kill;
use chancery_token::Format;
use chancery_verifier::entropy::PredictableEntropy;
use std::sync::Arc;
use std::time::Duration;

/// Lets the issuer follow until it is so.
async fn follow_until(desk: &Desk, is_so: impl Fn(&Desk) -> bool) {
    let issuer = Arc::clone(&desk.issuer);
    let follower = tokio::spawn(async move { issuer.follow().await });
    let waiting = async {
        while !is_so(desk) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap();
    follower.abort();
}

fn says(desk: &Desk, kid: &str) -> bool {
    desk.issuer.revocation_log().current().published().ended_at(&Kill::key(kid)).is_some()
}

#[tokio::test]
async fn a_key_that_the_log_ends_signs_no_more_and_the_one_that_waited_does() {
    let desk = Desk::open().await;
    let keyring = desk.issuer.keyring();
    let kid = keyring.signer(Format::Jwt, NOW).kid().to_owned();
    let next = keyring.plan_rotation(&[KeyUse::Jwt], NOW).unwrap().remove(0).activates;
    desk.issuer.revocation_log().append(&[Kill::key(&kid)]).await.unwrap();
    follow_until(&desk, |desk| desk.issuer.keyring().signer(Format::Jwt, NOW).kid() != kid).await;
    assert_eq!(keyring.signer(Format::Jwt, NOW).kid(), next);
    assert_eq!(keyring.revoked(), [kid]);
}

#[tokio::test]
async fn a_key_of_which_the_log_does_not_know_that_it_is_revoked_is_revoked_there_at_the_next_start() {
    let desk = Desk::open().await;
    let keyring = desk.issuer.keyring();
    let kid = keyring.signer(Format::Jwt, NOW).kid().to_owned();
    // Whoever revoked it died in between.
    keyring.revoke(&**desk.issuer.store(), &kid, NOW, &PredictableEntropy::new(4)).await.unwrap();
    assert!(!says(&desk, &kid));
    follow_until(&desk, |desk| says(desk, &kid)).await;
    assert_eq!(keyring.revoked(), [kid]);
}
