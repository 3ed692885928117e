use super::*;
use chancery_verifier::clock::FixedClock;
use std::sync::Arc;

const KEY: [u8; 32] = [9; 32];

/// One of several processes, whose clock is so far on.
fn served(ahead: Duration) -> Guarded {
    let now = issuer().now().plus(ahead);
    let verifier = verifier_of(&issuer()).clock(Arc::new(FixedClock::new(now)));
    verifier.install_keys(issuer().keys()).unwrap();
    routes().guard_with_dpop(verifier, told().window(Duration::from_hours(1)).nonces(&KEY)).unwrap()
}

fn nonce(answer: &Answer) -> String {
    answer.header("dpop-nonce").unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

#[tokio::test]
async fn whoever_has_no_nonce_is_told_one_and_comes_in_with_it() {
    let app = served(Duration::ZERO);
    let first = shown(&app, RIGHT).await;
    assert_eq!((first.status.as_u16(), first.reason().as_str()), (401, "dpop_nonce_missing"));
    assert_eq!(first.json()["error"], "use_dpop_nonce");
    assert!(first.challenge().starts_with("DPoP ") && first.challenge().contains("error=\"use_dpop_nonce\""));
    assert_eq!(first.header(header::CACHE_CONTROL), Some("no-store"));
    let given = nonce(&first);
    // The same identifier: a proof that was refused is not used up.
    let second = shown(&app, Said { nonce: Some(&given), ..RIGHT }).await;
    assert_eq!(second.status, 200, "{second:?}");
    assert!(second.header("dpop-nonce").is_none() && second.header(header::CACHE_CONTROL).is_none());
    let made_up = shown(&app, Said { nonce: Some("made-up"), ..RIGHT }).await;
    assert_eq!((made_up.reason().as_str(), nonce(&made_up)), ("dpop_nonce_stale", given));
}

#[tokio::test]
async fn every_process_takes_the_nonce_of_another_until_it_is_old() {
    let given = nonce(&shown(&served(Duration::ZERO), RIGHT).await);
    let said = Said { nonce: Some(&given), ..RIGHT };
    let later = shown(&served(Duration::from_mins(2)), said).await;
    assert_eq!(later.status, 200, "{later:?}");
    // It is told the next one, and nobody keeps an answer that has it.
    assert_ne!(nonce(&later), given);
    assert_eq!(later.header(header::CACHE_CONTROL), Some("no-store"));
    let old = shown(&served(Duration::from_mins(4)), said).await;
    assert_eq!(old.reason(), "dpop_nonce_stale");
}
