use crate::clock::FixedClock;
use crate::guard::{Router, get};
use crate::source::{KeyLookup, KeySource};
use crate::testing::TestIssuer;
use crate::{Revocation, Verifier, scope};
use axum::body::Body;
use axum::extract::Request;
use http_body_util::BodyExt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use tower::ServiceExt;

/// Stands at the end of a lookup, whatever it was.
#[derive(Debug)]
struct Looked {
    verifier: Verifier,
    finds: Option<TestIssuer>,
    lookup: KeyLookup,
}

impl KeySource for Looked {
    fn key_missing(&self) -> Pin<Box<dyn Future<Output = KeyLookup> + Send + '_>> {
        if let Some(issuer) = &self.finds {
            self.verifier.install_keys(issuer.keys()).unwrap();
        }
        Box::pin(ready(self.lookup))
    }
}

/// The answer to a token of a key that is not installed yet.
async fn answer(lookup: KeyLookup, finds: bool) -> (u16, String) {
    let (old, new) =
        [1, 2].map(|key| TestIssuer::new("https://auth.example.com", "billing").key_number(key)).into();
    let verifier =
        Verifier::new(old.issuer(), old.audience(), Revocation::Ignore { reason: "a test" }).unwrap();
    let verifier = verifier.clock(Arc::new(FixedClock::new(old.now())));
    verifier.install_keys(old.keys()).unwrap();
    let token = new.token().sign();
    assert!(verifier.attach(Arc::new(Looked {
        verifier: verifier.clone(),
        finds: finds.then_some(new),
        lookup
    })));

    let app = Router::new().route("/a", get(scope!("records:read"), async || "in")).guard(verifier).unwrap();
    let request =
        Request::get("/a").header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
    let answer = app.oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    (status, String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn an_unknown_key_waits_for_the_follower() {
    assert_eq!(answer(KeyLookup::Refreshed, true).await, (200, "in".into()));
}

#[tokio::test]
async fn a_key_that_the_issuer_does_not_have_is_401() {
    for lookup in [KeyLookup::Refreshed, KeyLookup::CoolingDown] {
        let (status, body) = answer(lookup, false).await;
        assert!(status == 401 && body.contains("\"unknown_key\""), "{lookup:?}: {status} {body}");
    }
}

#[tokio::test]
async fn a_lookup_that_failed_is_503_and_never_401() {
    let (status, body) = answer(KeyLookup::Failed, false).await;
    assert!(status == 503 && body.contains("\"keys_unavailable\""), "{status} {body}");
}
