//! The scope reference: a page made from the catalog, where refusals of a scope point.

use super::document::{Document, with};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use chancery_catalog::{Catalog, Product, ScopeEntry, Template};
use chancery_token::Scope;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

const MAX_AGE: Duration = Duration::from_mins(5);

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}\
code{font-size:1.05em}section{border-top:1px solid #ccc}:target{background:#ffd}dt{font-weight:bold;margin-top:1rem}";

/// The page with the policy that lets nothing but its own style act.
#[derive(Clone, Debug)]
pub(super) struct ScopesPage {
    document: Document,
    policy: HeaderValue,
}

/// Handles `GET /scopes`.
pub(super) async fn get(State(page): State<ScopesPage>, headers: HeaderMap) -> Response {
    with(page.document.answer(&headers), header::CONTENT_SECURITY_POLICY, page.policy.clone())
}

impl ScopesPage {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, STYLE.as_bytes());
        let hash = base64::engine::general_purpose::STANDARD.encode(hash.as_ref());
        let policy =
            format!("default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'");
        let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { document: Document::new(html(catalog), "text/html; charset=utf-8", MAX_AGE), policy }
    }
}

fn html(catalog: &Catalog) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Scopes</title>\
         <style>{STYLE}</style></head><body>\n<h1>Scopes</h1>\n\
         <p>What clients may ask for. A client gets the scopes that it was granted and names in its request.</p>\n"
    );
    let anchors = Anchors::of(catalog);
    for product in catalog.products() {
        write_product(&mut page, product, &anchors);
    }
    write_templates(&mut page, catalog.templates());
    page.push_str("</body></html>\n");
    page
}

/// Who has the plain anchor `#invoices:read`. Two products may use the same words: it belongs to the first that has
/// them for a name, then to the first that has them for an older one, since services still refuse under that.
struct Anchors<'c>(HashMap<&'c str, (&'c str, &'c Scope)>);

impl<'c> Anchors<'c> {
    fn of(catalog: &'c Catalog) -> Self {
        let mut owners = HashMap::new();
        for (product, entry) in catalog.scopes() {
            owners.entry(entry.scope().as_str()).or_insert((product.name(), entry.scope()));
        }
        for (product, entry) in catalog.scopes() {
            for alias in entry.aliases() {
                owners.entry(alias.as_str()).or_insert((product.name(), entry.scope()));
            }
        }
        Self(owners)
    }

    /// The anchors of a scope, as elements.
    fn elements(&self, product: &str, entry: &ScopeEntry) -> String {
        let names = std::iter::once(entry.scope().as_str()).chain(entry.aliases().iter().map(String::as_str));
        let owned = names.filter(|name| self.0.get(name) == Some(&(product, entry.scope())));
        let mut elements = String::new();
        for name in owned {
            // Writing to a string cannot fail.
            let _ = write!(elements, "<a id=\"{}\"></a>", escaped(name));
        }
        elements
    }
}

fn write_product(page: &mut String, product: &Product, anchors: &Anchors<'_>) {
    let (name, title) = (product.name(), escaped(product.title()));
    let audience = escaped(product.audience());
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<section id=\"{name}\"><h2>{title}</h2>\n<p>Resource: <code>{audience}</code>, tokens: {}</p>\n<dl>\n",
        product.format()
    );
    for entry in product.scopes() {
        write_scope(page, name, entry, anchors);
    }
    page.push_str("</dl></section>\n");
}

fn write_scope(page: &mut String, product: &str, entry: &ScopeEntry, anchors: &Anchors<'_>) {
    let scope = entry.scope();
    let anchor = anchors.elements(product, entry);
    let _ = write!(
        page,
        "<dt id=\"{product}/{scope}\">{anchor}<code>{scope}</code></dt>\n<dd>{} Risk: {}. Owner: {}.",
        escaped(entry.sentence()),
        entry.risk(),
        escaped(entry.owner()),
    );
    if let Some(approval) = entry.approval() {
        let _ = write!(page, " Needs the approval of {}.", escaped(approval.by()));
    }
    if let Some(sunset) = entry.sunset() {
        let _ = write!(page, " No token carries it from {sunset} on.");
    }
    if !entry.aliases().is_empty() {
        let aliases = entry.aliases().iter().map(|alias| format!("<code>{}</code>", escaped(alias)));
        let _ = write!(page, " Also called {}.", aliases.collect::<Vec<_>>().join(", "));
    }
    if let Some(link) = entry.docs() {
        let _ = write!(page, " <a href=\"{}\">Documentation</a>.", escaped(link));
    }
    page.push_str("</dd>\n");
}

/// The sets of scopes for jobs that many have (R16).
fn write_templates(page: &mut String, templates: &[Template]) {
    if templates.is_empty() {
        return;
    }
    page.push_str("<section id=\"_templates\"><h2>Templates</h2>\n<dl>\n");
    for template in templates {
        let name = template.name();
        let sentence = escaped(template.sentence());
        let _ = write!(page, "<dt id=\"template/{name}\"><code>{name}</code></dt>\n<dd>{sentence}<ul>\n");
        for grant in template.grants() {
            let reason = escaped(&grant.reason);
            let _ = writeln!(page, "<li><code>{}</code>: {reason}</li>", grant.scope);
        }
        page.push_str("</ul></dd>\n");
    }
    page.push_str("</dl></section>\n");
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = r#"
[product.archive]
audience = "https://archive.example"
[product.archive.resource.papers.action.read]
sentence = "Can view old papers."
owner = "archive"
risk = "read"
aliases = ["bills:read", "papers.read"]
sunset = "2027-06-30"
approval = { by = "archivists & co", lapses = "8h" }
[product.shop]
audience = "https://shop.example"
[product.shop.resource.bills.action.read]
sentence = "Can view bills."
owner = "shop"
risk = "read"
[template.clerk]
sentence = "Looks <things> up."
[template.clerk.scope]
"papers:read" = "finds what was sent"
"#;

    fn page() -> String {
        let catalog = Catalog::parse(BOTH, "c.toml").unwrap();
        html(&catalog.served_by("https://auth.example").unwrap())
    }

    #[test]
    fn r13_a_refusal_under_an_older_name_points_at_the_scope_and_a_name_beats_an_alias() {
        let page = page();
        assert!(
            page.contains(
                "<dt id=\"archive/papers:read\"><a id=\"papers:read\"></a><a id=\"papers.read\"></a>"
            )
        );
        assert!(page.contains("<dt id=\"shop/bills:read\"><a id=\"bills:read\"></a>"));
        assert_eq!(page.matches("id=\"bills:read\"").count(), 1);
        assert!(page.contains("Also called <code>bills:read</code>, <code>papers.read</code>."));
    }

    #[test]
    fn r19_sunset_approval_and_templates_stand_on_the_page() {
        let page = page();
        assert!(page.contains("Needs the approval of archivists &amp; co."));
        assert!(page.contains("No token carries it from 2027-06-30T00:00:00Z on."));
        assert!(page.contains("<dt id=\"template/clerk\">") && page.contains("Looks &lt;things&gt; up."));
        assert!(page.contains("<li><code>papers:read</code>: finds what was sent</li>"));
    }

    #[test]
    fn r15_the_administration_stands_last_on_the_page_and_apart() {
        let page = page();
        let place = |product: &str| page.find(&format!("<section id=\"{product}\">")).unwrap();
        assert!(place("archive") < place("shop") && place("shop") < place("chancery"));
        assert!(page.contains("<dt id=\"chancery/clients:create\">"));
    }
}
