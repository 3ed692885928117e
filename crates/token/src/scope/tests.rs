use super::*;
use proptest::prelude::*;

/// the truth table. (grant, scope, whether the grant covers the scope).
const COVERS: &[(&str, &str, bool)] = &[
    ("invoices:read", "invoices:read", true),
    ("invoices:read", "invoices:create", false),
    ("invoices:read", "invoices:reads", false),
    ("invoices:reads", "invoices:read", false),
    ("invoices:read", "invoice:read", false),
    ("invoice:read", "invoices:read", false),
    ("invoices:read", "customers:read", false),
    ("invoices:*", "invoices:read", true),
    ("invoices:*", "invoices:create", true),
    ("invoices:*", "invoices:delete", true),
    ("invoices:*", "invoices-archive:read", false),
    ("invoices:*", "invoice:read", false),
    ("invoices:*", "customers:read", false),
    ("*:read", "invoices:read", true),
    ("*:read", "customers:read", true),
    ("*:read", "invoices:read-all", false),
    ("*:read", "invoices:create", false),
    ("*:read", "read:read", true),
    ("read:users", "read:users", true),
    ("read:users", "users:read", false),
    ("users:read", "read:users", false),
    ("a:b", "a:b", true),
    ("a:b", "b:a", false),
    ("a1:b2", "a1:b2", true),
    ("a1:b2", "a1:b", false),
    ("a-b:c_d", "a-b:c_d", true),
    ("a-b:c_d", "a_b:c-d", false),
    ("a:*", "a:b", true),
    ("a:*", "aa:b", false),
    ("*:b", "a:b", true),
    ("*:b", "a:bb", false),
];

/// (text, whether it is a scope, whether it is a grant).
const GRAMMAR: &[(&str, bool, bool)] = &[
    ("invoices:read", true, true),
    ("a:b", true, true),
    ("a9:b-_", true, true),
    ("invoices:*", false, true),
    ("*:read", false, true),
    ("*:*", false, false),
    ("*", false, false),
    ("", false, false),
    (":", false, false),
    ("invoices", false, false),
    ("invoices:", false, false),
    (":read", false, false),
    ("invoices:read:all", false, false),
    ("invoices::read", false, false),
    ("invoices:re*", false, false),
    ("inv*:read", false, false),
    ("invoices:**", false, false),
    ("**:read", false, false),
    ("Invoices:read", false, false),
    ("invoices:Read", false, false),
    ("invoices:read ", false, false),
    (" invoices:read", false, false),
    ("invoices.read", false, false),
    ("invoices/read", false, false),
    ("invoices:read\n", false, false),
    ("invoices:read\0", false, false),
    ("9invoices:read", false, false),
    ("invoices:9read", false, false),
    ("-a:b", false, false),
    ("a:_b", false, false),
    ("invoíces:read", false, false),
    ("ınvoices:read", false, false),
    ("invoices：read", false, false),
    ("\"invoices\":read", false, false),
];

#[test]
fn r_5_2_the_truth_table_of_grants_holds() {
    for (grant, scope, covered) in COVERS {
        let pattern = ScopePattern::parse(grant, Everything::Refuse).unwrap();
        assert_eq!(pattern.covers(&scope.parse().unwrap()), *covered, "{grant} over {scope}");
        assert_eq!(pattern.to_string(), *grant);
    }
}

#[test]
fn r_5_2_the_grammar_table_holds() {
    for (text, scope, grant) in GRAMMAR {
        assert_eq!(text.parse::<Scope>().is_ok(), *scope, "scope {text:?}");
        assert_eq!(ScopePattern::parse(text, Everything::Refuse).is_ok(), *grant, "grant {text:?}");
    }
}

#[test]
fn r_5_2_everything_is_granted_only_where_it_is_enabled() {
    let everything = ScopePattern::parse("*:*", Everything::AllowEveryScopeThereWillEverBe).unwrap();
    assert!(everything.covers(&crate::scope!("invoices:delete")));
    assert_eq!(ScopePattern::parse("*:*", Everything::Refuse), Err(InvalidScope::Wildcard));
    assert!(serde_json::from_str::<ScopePattern>("\"*:*\"").is_err());
}

#[test]
fn r_5_2_a_scope_has_a_greatest_length() {
    let longest = format!("{}:{}", "a".repeat(31), "b".repeat(32));
    assert!(longest.parse::<Scope>().is_ok());
    assert_eq!(format!("{longest}b").parse::<Scope>(), Err(InvalidScope::Length));
    assert!(ScopePattern::parse(&format!("*:{}", "b".repeat(100)), Everything::Refuse).is_err());
}

#[test]
fn a_set_is_read_strictly_and_holds_each_scope_once() {
    let set = ScopeSet::parse("invoices:read customers:read invoices:read").unwrap();
    assert_eq!(set.as_str(), "invoices:read customers:read");
    assert!(
        set.contains(&crate::scope!("customers:read")) && !set.contains(&crate::scope!("customers:create"))
    );
    assert_eq!(ScopeSet::parse(""), Err(InvalidScopeSet::Empty));
    assert_eq!(ScopeSet::from_scopes([]), Err(InvalidScopeSet::Empty));
    for text in [" ", "a:b ", " a:b", "a:b  c:d", "a:b\tc:d", "a:b,c:d", "a:b *:c", "openid"] {
        assert!(ScopeSet::parse(text).is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn a_grant_without_wildcards_covers_itself_alone(one in "[a-z]{1,3}:[a-z]{1,3}", other in "[a-z]{1,3}:[a-z]{1,3}") {
        let pattern = ScopePattern::parse(&one, Everything::Refuse).unwrap();
        prop_assert_eq!(pattern.covers(&other.parse().unwrap()), one == other);
        prop_assert_eq!(pattern.exact(), one.parse().ok());
    }

    #[test]
    fn parsing_never_panics_and_keeps_the_text(text in "\\PC{0,80}") {
        if let Ok(scope) = text.parse::<Scope>() {
            prop_assert_eq!(scope.to_string(), text.clone());
            prop_assert_eq!(format!("{}:{}", scope.resource(), scope.action()), text);
        }
    }
}
