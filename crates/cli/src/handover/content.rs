//! What a secret's file holds.

use super::OutFormat;
use chancery_issuer::admin::ClientView;
use chancery_token::ScopePattern;
use serde_json::json;
use zeroize::Zeroizing;

/// The content of the file.
pub(super) fn content(
    client: &ClientView,
    secret: &str,
    issuer: &str,
    format: OutFormat,
) -> Zeroizing<String> {
    let endpoint = format!("{}/oauth2/token", issuer.trim_end_matches('/'));
    let audience = single(client.grants.iter().map(|grant| grant.audience.as_str()));
    // A pattern cannot be asked for; without the parameter the issuer gives what reads.
    let exact: Option<Vec<String>> = client
        .grants
        .iter()
        .map(|grant| ScopePattern::exact(&grant.scope).map(|scope| scope.to_string()))
        .collect();
    let scope = audience.and(exact).map(|scopes| scopes.join(" "));
    let tenant = client.tenants.first().filter(|_| client.tenants.len() > 1);
    Zeroizing::new(match format {
        OutFormat::Secret => format!("{secret}\n"),
        OutFormat::Json => {
            let object = json!({
                "issuer": issuer,
                "token_endpoint": endpoint,
                "client_id": client.id,
                "client_secret": secret,
                "resource": audience,
                "scope": scope,
                "tenant": tenant,
            });
            format!("{object}\n")
        }
        OutFormat::Curl => {
            let mut lines = vec![
                "# Holds a secret. Ask for a token:  curl -K THIS_FILE".to_owned(),
                "silent".to_owned(),
                "show-error".to_owned(),
                setting("url", &endpoint),
                setting("user", &format!("{}:{secret}", client.id)),
                setting("data", "grant_type=client_credentials"),
            ];
            let asked = [
                ("resource", audience),
                ("tenant", tenant.map(chancery_token::TenantId::as_str)),
                ("scope", scope.as_deref()),
            ];
            for (name, value) in asked {
                lines.extend(value.map(|value| setting("data-urlencode", &format!("{name}={value}"))));
            }
            lines.join("\n") + "\n"
        }
    })
}

/// The one value that all have.
fn single<'a>(mut values: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// A line of a curl config file; within the quotes a backslash begins an escape.
fn setting(name: &str, value: &str) -> String {
    format!("{name} = \"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
