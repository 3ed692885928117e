use super::*;
use chancery_token::bounds::Value;
use proptest::prelude::*;

fn bound(text: &str) -> Bound {
    match text.parse() {
        Ok(limit) => Bound::AtMost(limit),
        Err(_) => Bound::AnyOf(text.split(' ').map(|pattern| pattern.parse().unwrap()).collect()),
    }
}

#[test]
fn one_bound_covers_another_truth_table() {
    for (outer, inner, covers) in [
        ("a", "a", true),
        ("a", "b", false),
        ("a b", "a", true),
        ("a b", "b a", true),
        ("a", "a b", false),
        ("a*", "a*", true),
        ("a*", "ab*", true),
        ("a*", "a", true),
        ("a*", "ab", true),
        ("ab*", "a*", false),
        ("ab*", "a", false),
        ("a", "a*", false),
        ("ab", "a*", false),
        ("a* b", "ax b", true),
        ("a* b", "ax b*", false),
        ("200", "200", true),
        ("200", "199", true),
        ("200", "201", false),
        ("0", "0", true),
        ("200", "a", false),
        ("a*", "200", false),
    ] {
        assert_eq!(bound_covers(&bound(outer), &bound(inner)), covers, "{outer} over {inner}");
    }
}

#[test]
fn one_pattern_covers_another_truth_table() {
    let pattern = |text: &str| ScopePattern::parse(text, chancery_token::Everything::Refuse).unwrap();
    for (outer, inner, covers) in [
        ("clients:read", "clients:read", true),
        ("clients:read", "clients:create", false),
        ("clients:read", "secrets:read", false),
        ("clients:*", "clients:read", true),
        ("clients:*", "clients:*", true),
        ("clients:*", "secrets:read", false),
        ("clients:*", "*:read", false),
        ("*:read", "clients:read", true),
        ("*:read", "*:read", true),
        ("*:read", "clients:*", false),
        // Today the same; not once there is another action.
        ("clients:read", "clients:*", false),
    ] {
        assert_eq!(pattern_covers(&pattern(outer), &pattern(inner)), covers, "{outer} over {inner}");
    }
}

fn bounds(text: &str) -> Bounds {
    serde_json::from_str(text).unwrap()
}

#[test]
fn bounds_cover_bounds_with_a_scope_truth_table() {
    let scope: Scope = "clients:read".parse().unwrap();
    for (outer, inner, covers) in [
        (r#"{"owner":["a"]}"#, r#"{"owner":["a"]}"#, true),
        (r#"{"owner":["a"]}"#, r#"{"audience":["a"]}"#, false),
        (r#"{"owner":["a"]}"#, r#"{"owner":["a"],"audience":["x"]}"#, true),
        (r#"{"owner":["a"],"audience":["x"]}"#, r#"{"owner":["a"]}"#, false),
        (r#"{"owner":["a"]}"#, r#"{"clients:read":{"owner":["a"]}}"#, true),
        (r#"{"owner":["a"]}"#, r#"{"clients:create":{"owner":["a"]}}"#, false),
        (r#"{"clients:read":{"owner":["a"]}}"#, r#"{"owner":["a"]}"#, true),
        (r#"{"clients:read":{"owner":["a"]}}"#, r#"{"clients:read":{"owner":["b"]}}"#, false),
        // A bound for another scope demands nothing of this one.
        (r#"{"clients:create":{"owner":["a"]}}"#, r#"{"audience":["x"]}"#, true),
        // Both bounds of the outer one hold.
        (r#"{"owner":["a*"],"clients:read":{"owner":["ab"]}}"#, r#"{"owner":["a*"]}"#, false),
        (r#"{"owner":["a*"],"clients:read":{"owner":["ab"]}}"#, r#"{"owner":["ab"]}"#, true),
    ] {
        assert_eq!(
            with_scope(&bounds(outer), &bounds(inner), |of| *of == scope).is_ok(),
            covers,
            "{outer} over {inner}"
        );
    }
}

#[test]
fn a_bound_under_an_older_name_of_the_scope_binds_it() {
    let is_called = |of: &Scope| ["account:administer", "plan:administer"].contains(&of.as_str());
    let covers = |outer, inner| with_scope(&bounds(outer), &bounds(inner), is_called).is_ok();
    let older = r#"{"plan:administer":{"region":["eu"]}}"#;
    assert!(!covers(older, r#"{"account:administer":{"region":["us"]}}"#));
    assert!(!covers(older, r#"{"project":["acme"]}"#));
    assert!(covers(older, r#"{"account:administer":{"region":["eu"]}}"#));
    assert!(covers(r#"{"region":["eu"]}"#, older));
}

#[test]
fn a_pattern_needs_bounds_that_hold_with_every_scope_there_will_be() {
    let all = ScopePattern::parse("clients:*", chancery_token::Everything::Refuse).unwrap();
    for (outer, inner, covers) in [
        (r#"{"owner":["a"]}"#, r#"{"owner":["a"]}"#, true),
        (r#"{"owner":["a"]}"#, r#"{"clients:read":{"owner":["a"]}}"#, false),
        (r#"{"clients:read":{"owner":["a"]}}"#, r#"{"clients:read":{"owner":["a"]}}"#, true),
        (r#"{"clients:read":{"owner":["a"]}}"#, r#"{"clients:create":{"owner":["a"]}}"#, false),
        (r#"{"secrets:create":{"owner":["a"]}}"#, r#"{"owner":["b"]}"#, true),
    ] {
        assert_eq!(
            with_any_scope(&bounds(outer), &bounds(inner), &all).is_ok(),
            covers,
            "{outer} over {inner}"
        );
    }
}

fn any_bounds() -> impl Strategy<Value = Bounds> {
    let text = prop_oneof!["[ab]{1,3}", "[ab]{1,2}\\*"];
    let list = proptest::collection::vec(text, 1..3);
    let of = proptest::option::of(prop_oneof![Just("clients:read"), Just("clients:create")]);
    let one = (of, prop_oneof![Just("owner"), Just("audience")], list);
    proptest::collection::vec(one, 0..4).prop_map(|all| {
        all.into_iter().fold(Bounds::default(), |bounds, (of, axis, list)| {
            let list = list.iter().map(|text| text.parse().unwrap()).collect();
            bounds.with(of.map(|of| of.parse().unwrap()), axis.parse().unwrap(), Bound::AnyOf(list))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_the_covered_bounds_let_through_the_covering_ones_let_through(
        outer in any_bounds(), inner in any_bounds(), owner in "[ab]{0,4}", audience in "[ab]{0,4}",
    ) {
        let scope: Scope = "clients:read".parse().unwrap();
        let admits = |bounds: &Bounds| {
            let record = |axis: &str| Value::Text(if axis == "owner" { &owner } else { &audience });
            bounds.admit(std::slice::from_ref(&scope), record).is_ok()
        };
        if with_scope(&outer, &inner, |of| *of == scope).is_ok() && admits(&inner) {
            prop_assert!(admits(&outer), "{outer:?} {inner:?}");
        }
    }

    #[test]
    fn bounds_cover_themselves(bounds in any_bounds()) {
        let scope: Scope = "clients:read".parse().unwrap();
        prop_assert!(with_scope(&bounds, &bounds, |of| *of == scope).is_ok());
        let all = ScopePattern::parse("clients:*", chancery_token::Everything::Refuse).unwrap();
        prop_assert!(with_any_scope(&bounds, &bounds, &all).is_ok());
    }
}
