//! What routes and catalog say about each other.

use super::table::{Route, RouteTable};
use crate::nearest::nearest;
use crate::product::Product;
use chancery_token::UnixTime;

/// One thing that routes and catalog do not agree on.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RouteFinding {
    /// What kind of thing: `undeclared`, `unknown`, `retired`, `alias`, `never_enforced` or `widened`.
    pub rule: &'static str,
    /// Method and path, if it is about a route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The scope, as the route or the catalog spells it, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Who answers for the scope, if the catalog knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What is wrong, and why that hurts.
    pub message: String,
    /// What to do.
    pub fix: String,
}

/// Holds the routes of the service of `product` to its catalog at `now`.
///
/// With `before`, the table of routes as its owners last agreed to it, also tells where a scope came to open more
/// than it did: whoever holds it gets more without having asked.
pub fn check_routes(
    product: &Product,
    table: &RouteTable,
    before: Option<&RouteTable>,
    now: UnixTime,
) -> Vec<RouteFinding> {
    let mut findings = Vec::new();
    for route in table.routes() {
        if !route.is_declared() {
            findings.push(undeclared(route));
        }
        findings.extend(route.scopes.iter().filter_map(|scope| stale(product, route, scope, now)));
        if let Some(before) = before {
            widened(product, route, before, &mut findings);
        }
    }
    findings.extend(never_enforced(product, table, now));
    findings
}

fn undeclared(route: &Route) -> RouteFinding {
    RouteFinding {
        rule: "undeclared",
        route: Some(route.to_string()),
        scope: None,
        owner: None,
        message: "the route does not say who may use it".to_owned(),
        fix: "Name a scope where the route is registered, or say public(\"why\").".to_owned(),
    }
}

/// A scope that the catalog does not have, or not for long.
fn stale(product: &Product, route: &Route, scope: &str, now: UnixTime) -> Option<RouteFinding> {
    let finding = |rule, owner: Option<&str>, message, fix| {
        let (route, scope) = (Some(route.to_string()), Some(scope.to_owned()));
        Some(RouteFinding { rule, route, scope, owner: owner.map(str::to_owned), message, fix })
    };
    let Some(found) = product.find(scope) else {
        let known = || product.scopes().map(|entry| entry.scope().as_str());
        let fix = nearest(scope, known()).map_or_else(
            || format!("Name one of {}, or add it to the catalog.", known().collect::<Vec<_>>().join(", ")),
            |nearest| format!("Did you mean {nearest}? Else add it to the catalog."),
        );
        let message = format!("'{}' has no such scope, so no token ever opens the route", product.name());
        return finding("unknown", None, message, fix);
    };
    let (name, owner) = (found.entry.scope(), Some(found.entry.owner()));
    if let Some(sunset) = found.entry.sunset().filter(|sunset| now >= *sunset) {
        let message = format!("{name} is retired since {sunset}, so no token opens the route any more");
        return finding("retired", owner, message, "Ask for the scope that came after it.".to_owned());
    }
    found.alias.and_then(|_| {
        let message =
            format!("this is an older name of {name}; tokens that were asked for by the new one lack it");
        finding("alias", owner, message, format!("Ask for {name} where the route is registered."))
    })
}

/// A scope that opens more than it did: a new route under it, or a route that now asks for less.
fn widened(product: &Product, route: &Route, before: &RouteTable, findings: &mut Vec<RouteFinding>) {
    let canonical = |scope: &String| {
        product.find(scope).map_or_else(|| scope.clone(), |found| found.entry.scope().to_string())
    };
    let asked = |route: &Route| -> Vec<String> { route.scopes.iter().map(canonical).collect() };
    let was = before.routes().iter().find(|earlier| earlier.is(route));
    let (now_asked, was_asked) = (asked(route), was.map(&asked));
    let mut push = |scope: &str, message: String, who: String| {
        let owner = product.scope(scope).map(|entry| entry.owner().to_owned());
        let answers =
            owner.as_deref().map_or_else(|| "its owner".to_owned(), |owner| format!("its owner, {owner},"));
        findings.push(RouteFinding {
            rule: "widened",
            route: Some(route.to_string()),
            scope: Some(scope.to_owned()),
            owner,
            message,
            fix: format!("Ask whether {answers} agrees; {who}."),
        });
    };
    let holders = |scope: &str| format!("`chancery client list --scope {scope}` shows who holds it");
    match was_asked {
        None => {
            let existed =
                |scope: &&String| before.routes().iter().any(|earlier| asked(earlier).contains(scope));
            // A route that asks for something new besides opens for nobody who could not be asked.
            if now_asked.iter().all(|scope| existed(&scope)) {
                for scope in &now_asked {
                    let message =
                        "the route is new, and opens to everybody who holds the scope already".to_owned();
                    push(scope, message, holders(scope));
                }
            }
        }
        Some(was_asked) => {
            let mut dropped = was_asked.iter().filter(|scope| !now_asked.contains(scope)).peekable();
            if dropped.peek().is_none() {
                return;
            }
            let dropped = dropped.map(String::as_str).collect::<Vec<_>>().join(" ");
            if now_asked.is_empty() {
                let message = "the route asked for the scope, and now lets everybody in".to_owned();
                for scope in &was_asked {
                    push(scope, message.clone(), holders(scope));
                }
            }
            for scope in &now_asked {
                let message = format!("the route asked for {dropped} before, and does not any more");
                push(scope, message, holders(scope));
            }
        }
    }
}

fn never_enforced(
    product: &Product,
    table: &RouteTable,
    now: UnixTime,
) -> impl Iterator<Item = RouteFinding> {
    let enforced =
        |text: &str| table.routes().iter().any(|route| route.scopes.iter().any(|scope| scope == text));
    let idle = product.scopes().filter(move |entry| {
        let names = std::iter::once(entry.scope().as_str()).chain(entry.aliases().iter().map(String::as_str));
        !entry.is_retired(now) && !names.into_iter().any(enforced)
    });
    idle.map(|entry| RouteFinding {
        rule: "never_enforced",
        route: None,
        scope: Some(entry.scope().to_string()),
        owner: Some(entry.owner().to_owned()),
        message: "no route asks for it, so granting it does nothing, until one day it does".to_owned(),
        fix: "Ask for it where its routes are registered, or give it a sunset.".to_owned(),
    })
}
