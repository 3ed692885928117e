//! `[product.NAME]`

use super::fields::{Fields, wrong_value};
use super::{Report, aliases, exceptions, resource, resource_servers};
use crate::error::Fault;
use crate::lint::PRODUCT_RULES;
use crate::product::Product;
use crate::reserved::ADMIN_PRODUCT;
use chancery_token::{AlgorithmName, Format};
use std::ops::Range;
use toml::de::DeTable;

const KNOWN: &[&str] =
    &["title", "audience", "format", "algorithm", "max_lifetime", "resource_servers", "resource", "lint"];

const AUDIENCE: &str = "an absolute URI without a fragment or spaces, like \"https://api.example.com\"";

/// Reads one product; `None` when it has no usable audience. Its other faults are reported all the same.
pub(super) fn read(
    name: &str,
    at: &Range<usize>,
    table: &DeTable<'_>,
    report: &mut Report<'_>,
) -> Option<Product> {
    if name == ADMIN_PRODUCT {
        report.fault(at, Fault::Reserved { what: "the product name", value: name.to_owned() });
    }
    check_name(name, "a product", at, report);
    let mut fields = Fields::new(table, at.clone(), format!("the product '{name}'"));
    let title = fields.optional("title", report).map_or(name, |(title, _)| title).to_owned();
    let audience = fields.required("audience", "audience = \"https://api.example.com\"", report);
    let audience = audience.and_then(|(text, at)| {
        // RFC 8707 section 2 asks for this form of the `resource` parameter.
        if absolute_uri(text) {
            return Some((text.to_owned(), at));
        }
        report.fault(&at, wrong_value("audience", text, AUDIENCE));
        None
    });
    let format = fields.parsed("format", "\"jwt\" or \"paseto\"", report, |text| text.parse().ok());
    let format = format.unwrap_or(Format::Jwt);
    let algorithm = fields.parsed("algorithm", "\"EdDSA\" or \"Ed25519\"", report, |text| match text {
        "EdDSA" => Some(AlgorithmName::EdDsa),
        "Ed25519" => Some(AlgorithmName::Ed25519),
        _ => None,
    });
    if let (Format::Paseto, Some(value)) = (format, table.get("algorithm")) {
        let text = value.get_ref().as_str().unwrap_or_default();
        report.fault(&value.span(), wrong_value("algorithm", text, "nothing: a PASETO names no algorithm"));
    }
    let max_lifetime = fields.lifetime("max_lifetime", report);
    let resource_servers = resource_servers::read(table, report);
    let mut resources = Vec::new();
    for (name, at, table) in fields.tables("resource", report) {
        resources.push(resource::read(name, &at, table, report));
    }
    if resources.is_empty() {
        report.fault(at, Fault::Empty { what: "the product", name: name.to_owned(), lacks: "resource" });
    }
    aliases::check(&resources, table, report);
    let exceptions = exceptions::read(table, PRODUCT_RULES, report);
    fields.finish(KNOWN, report);
    let (audience, audience_at) = audience?;
    Some(Product {
        name: name.to_owned(),
        title,
        audience,
        format,
        algorithm,
        max_lifetime,
        resource_servers,
        resources,
        exceptions,
        line: report.line(at),
        audience_line: report.line(&audience_at),
    })
}

/// Where the audience of a product stands.
pub(super) fn audience_span(table: &DeTable<'_>, product: &Range<usize>) -> Range<usize> {
    table.get("audience").map_or_else(|| product.clone(), toml::Spanned::span)
}

/// The grammar of the names of products and templates.
pub(super) fn check_name(name: &str, what: &'static str, at: &Range<usize>, report: &mut Report<'_>) {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts || name.len() > 32 || !name.bytes().all(legal) {
        let rule = "use [a-z][a-z0-9-]*, at most 32 bytes".to_owned();
        report.fault(at, Fault::Name { name: name.to_owned(), what, rule });
    }
}

/// RFC 3986 section 4.3, as far as it matters: a scheme, something after it, and only characters that need no
/// escape in a token, a form or a log.
fn absolute_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let legal_scheme = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    let legal = |b: u8| {
        b.is_ascii_graphic()
            && !matches!(b, b'#' | b'"' | b'\\' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}')
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(legal_scheme)
        && !rest.trim_start_matches('/').is_empty()
        && rest.bytes().all(legal)
        && text.len() <= 256
}
