//! Which records a token may touch.

use super::{exact, issuer, trusting};
use chancery_verifier::{Forbidden, Record, Scope, Value, Verified};
use serde_json::json;

struct Invoice {
    tenant: &'static str,
    region: &'static str,
    amount: u64,
}

impl Record for Invoice {
    fn tenant(&self) -> &str {
        self.tenant
    }

    fn value(&self, axis: &str) -> Value<'_> {
        match axis {
            "region" => Value::Text(self.region),
            "refund_max" => Value::Number(self.amount),
            _ => Value::Unknown,
        }
    }
}

struct Bare;

impl Record for Bare {
    fn tenant(&self) -> &'static str {
        "acme"
    }
}

fn token(bounds: serde_json::Value) -> Verified {
    let scope = "orders:read orders:refund";
    let token = issuer().token().scope(scope).claim("bounds", bounds).sign();
    trusting(exact(), &issuer()).verify(&token, issuer().now()).unwrap()
}

fn invoice(tenant: &'static str, region: &'static str, amount: u64) -> Invoice {
    Invoice { tenant, region, amount }
}

#[test]
fn r21_another_tenants_record_is_refused_whatever_the_token_may_do() {
    let token = token(json!({}));
    assert_eq!(token.allows(&invoice("acme", "eu", 1)), Ok(()));
    for tenant in ["globex", "acme2", "Acme", "acme ", ""] {
        assert_eq!(token.allows(&invoice(tenant, "eu", 1)), Err(Forbidden::OtherTenant), "{tenant:?}");
    }
}

#[test]
fn r20_a_bound_holds_for_every_record_that_is_asked_about() {
    let token = token(json!({ "region": ["eu"] }));
    assert_eq!(token.allows(&invoice("acme", "eu", 1)), Ok(()));
    let refused = token.allows(&invoice("acme", "us", 1)).unwrap_err();
    assert_eq!(refused.to_string(), "the record is outside the token's bound on 'region'");
    // The other tenant comes first: its regions are nobody's business.
    assert_eq!(token.allows(&invoice("globex", "us", 1)), Err(Forbidden::OtherTenant));
}

#[test]
fn r21_both_refusals_of_a_record_bear_one_reason() {
    let token = token(json!({ "region": ["eu"] }));
    let reason = |record: &Invoice| token.allows(record).unwrap_err().reason();
    assert_eq!(reason(&invoice("globex", "eu", 1)), "out_of_bounds");
    assert_eq!(reason(&invoice("acme", "us", 1)), "out_of_bounds");
}

#[test]
fn r20_outside_of_a_guard_the_bounds_of_every_scope_apply() {
    let token = token(json!({ "orders:refund": { "refund_max": 200 } }));
    assert_eq!(token.allows(&invoice("acme", "eu", 200)), Ok(()));
    assert!(matches!(token.allows(&invoice("acme", "eu", 201)), Err(Forbidden::OutOfBounds { .. })));
    // A service that knows which scope is in use says so.
    let (read, refund): (Scope, Scope) = ("orders:read".parse().unwrap(), "orders:refund".parse().unwrap());
    assert_eq!(token.allows_with(std::slice::from_ref(&read), &invoice("acme", "eu", 201)), Ok(()));
    assert!(token.allows_with(&[read, refund], &invoice("acme", "eu", 201)).is_err());
}

#[test]
fn r20_a_record_that_does_not_say_is_outside_of_every_bound() {
    assert_eq!(token(json!({})).allows(&Bare), Ok(()));
    assert!(token(json!({ "region": ["eu"] })).allows(&Bare).is_err());
    assert!(token(json!({ "refund_max": 1 })).allows(&&Bare).is_err());
}
