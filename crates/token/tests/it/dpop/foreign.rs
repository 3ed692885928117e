//! Proofs that others made, and what they say of their keys.

use super::WINDOW;
use chancery_token::UnixTime;
use chancery_token::dpop::{Request, verify};
use chancery_token::encoding::base64url;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn proofs_made_by_libraries_of_others_are_taken() {
    let document: Value =
        serde_json::from_str(include_str!("../../../../../tests/vectors/dpop_proofs.json")).unwrap();
    let proofs = document["proofs"].as_array().unwrap();
    let mut makers = BTreeSet::new();
    for made in proofs {
        let text = |member: &str| made[member].as_str();
        let request = Request {
            method: text("method").unwrap(),
            url: text("url").unwrap(),
            access_token: text("access_token"),
        };
        let now = UnixTime::from_secs(made["iat"].as_u64().unwrap());
        let proof = verify(text("proof").unwrap(), &request, now, WINDOW)
            .unwrap_or_else(|why| panic!("{why}: {made}"));
        assert_eq!(Some(&*base64url(&proof.key())), text("jkt"), "{made}");
        assert_eq!((proof.nonce(), proof.issued_at()), (text("nonce"), now));
        makers.insert((text("made_by").unwrap(), text("alg").unwrap()));
    }
    assert_eq!((proofs.len(), makers.len()), (8, 6), "three libraries, and both curves by each of them");
}
