//! The scope reference: a page made from the catalog, where refusals of a scope point.

use super::document::{Document, with};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use base64::Engine as _;
use chancery_catalog::{Catalog, Product, ScopeEntry};
use std::collections::HashSet;
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
    let mut named = HashSet::new();
    for product in catalog.products() {
        write_product(&mut page, product, &mut named);
    }
    page.push_str("</body></html>\n");
    page
}

fn write_product<'c>(page: &mut String, product: &'c Product, named: &mut HashSet<&'c str>) {
    let (name, title) = (product.name(), escaped(product.title()));
    let audience = escaped(product.audience());
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<section id=\"{name}\"><h2>{title}</h2>\n<p>Resource: <code>{audience}</code>, tokens: {}</p>\n<dl>\n",
        product.format()
    );
    for entry in product.scopes() {
        // Two products may use the same words; the plain anchor then belongs to the first.
        let plain = named.insert(entry.scope().as_str());
        write_scope(page, name, entry, plain);
    }
    page.push_str("</dl></section>\n");
}

fn write_scope(page: &mut String, product: &str, entry: &ScopeEntry, plain: bool) {
    let scope = entry.scope();
    let anchor = if plain { format!("<a id=\"{scope}\"></a>") } else { String::new() };
    let docs = entry.docs().map(|link| format!(" <a href=\"{}\">Documentation</a>.", escaped(link)));
    let _ = write!(
        page,
        "<dt id=\"{product}/{scope}\">{anchor}<code>{scope}</code></dt>\n<dd>{} Risk: {}. Owner: {}.{}</dd>\n",
        escaped(entry.sentence()),
        entry.risk(),
        escaped(entry.owner()),
        docs.unwrap_or_default(),
    );
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
