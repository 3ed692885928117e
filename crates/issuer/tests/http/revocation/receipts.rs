//! Who has applied what, as the issuer knows it from polls.

use super::office::{DEADLINE, Office, settings, until};
use chancery_verifier::follow::{Credentials, Introduction, VerifierName};

#[tokio::test]
async fn r53_verifiers_that_say_who_they_are_are_counted_once_each_with_what_they_applied() {
    let office = Office::open().await;
    let introduced = |name| {
        let credentials = Credentials::new("bot".parse().unwrap(), office.secret.clone());
        Introduction::new(VerifierName::parse(name).unwrap()).credentials(credentials)
    };
    let (_a, first) = office.follow_with(settings().introduce(introduced("pod-1"))).await;
    let (_b, second) = office.follow_with(settings().introduce(introduced("pod-2"))).await;
    let (_c, stranger) = office.follow().await;
    let token = office.token().await;
    office.desk.revoke(&token).await;
    let sequence = office.desk.sequence();
    for follower in [&first, &second, &stranger] {
        assert!(follower.wait_applied(sequence, DEADLINE).await);
    }
    let receipts = office.desk.issuer.publisher().receipts();
    until(|| receipts.connected(sequence).up_to_date == 2).await;
    until(|| receipts.of(sequence).anonymous == 1).await;
    let reach = receipts.of(sequence);
    let named: Vec<(&str, &str)> =
        reach.verifiers.iter().map(|receipt| (receipt.client_id.as_str(), &*receipt.name)).collect();
    assert_eq!(named, [("bot", "pod-1"), ("bot", "pod-2")]);
    assert!(reach.published_at.is_some());
    assert!(reach.verifiers.iter().all(|receipt| receipt.applied == Some(sequence)));
    // The clock stands, so that it took no time.
    assert!(reach.verifiers.iter().all(|receipt| receipt.after_ms == Some(0)), "{reach:?}");
    assert_eq!(receipts.of(sequence.next()).verifiers.iter().filter_map(|it| it.after_ms).count(), 0);
}
