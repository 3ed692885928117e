//! Keys that change while others verify.

use super::{exact, issuer, trusting};
use chancery_verifier::Rejection;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

/// Two keys take turns while two threads verify without a pause; each turn lasts until a thread has felt it. A
/// verification that began after a removal had returned, and ended before the key was put back, must refuse.
#[test]
fn r_1_7_no_thread_accepts_a_removed_key_once_the_swap_has_returned() {
    let (first, second) = (issuer(), issuer().key_number(2));
    let verifier = trusting(exact(), &first);
    let token = first.token().sign();
    // Even: the first key may be in. Odd: it is out. Moves after a removal, and before an installation.
    let phase = AtomicU64::new(0);
    let done = AtomicBool::new(false);
    let (accepted, refused, wrong) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let verify_without_a_pause = || {
        while !done.load(Ordering::SeqCst) {
            let before = phase.load(Ordering::SeqCst);
            let verdict = verifier.verify(&token, first.now());
            let out_all_the_while = !before.is_multiple_of(2) && before == phase.load(Ordering::SeqCst);
            let counter = match verdict {
                Ok(_) if out_all_the_while => &wrong,
                Ok(_) => &accepted,
                Err(Rejection::UnknownKey { .. }) => &refused,
                Err(_) => &wrong,
            };
            counter.fetch_add(1, Ordering::SeqCst);
        }
    };
    thread::scope(|scope| {
        scope.spawn(verify_without_a_pause);
        scope.spawn(verify_without_a_pause);
        let wait_for_one_more = |counter: &AtomicU64| {
            let seen = counter.load(Ordering::SeqCst);
            while counter.load(Ordering::SeqCst) == seen && wrong.load(Ordering::SeqCst) == 0 {
                thread::yield_now();
            }
        };
        for _ in 0..300 {
            wait_for_one_more(&accepted);
            verifier.install_keys(second.keys()).unwrap();
            phase.fetch_add(1, Ordering::SeqCst);
            wait_for_one_more(&refused);
            phase.fetch_add(1, Ordering::SeqCst);
            verifier.install_keys(first.keys()).unwrap();
        }
        done.store(true, Ordering::SeqCst);
    });
    assert_eq!(wrong.into_inner(), 0, "accepted while the key was out, or refused for another reason");
}

#[test]
fn threads_that_install_keys_at_the_same_time_leave_one_of_the_sets_whole() {
    let issuers: Vec<_> = (1..=4).map(|number| issuer().key_number(number)).collect();
    let verifier = exact();
    thread::scope(|scope| {
        for issuer in &issuers {
            let verifier = &verifier;
            scope.spawn(move || {
                for _ in 0..200 {
                    verifier.install_keys(issuer.keys()).unwrap();
                    let _ = verifier.verify(&issuer.token().sign(), issuer.now());
                }
            });
        }
    });
    let accepted: Vec<String> = issuers
        .iter()
        .filter(|issuer| verifier.verify(&issuer.token().sign(), issuer.now()).is_ok())
        .map(chancery_verifier::testing::TestIssuer::kid)
        .collect();
    let installed: Vec<String> = verifier.kids().iter().map(ToString::to_string).collect();
    assert_eq!((accepted.len(), accepted), (1, installed));
}
