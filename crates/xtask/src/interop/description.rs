//! What the clients are told: where the issuer is, who they are, and what was forged for them.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::client::Client;
use super::roles;
use crate::failure::Failure;
use crate::issuer::Issuer;
use crate::layout;

/// The tenant of `tests/interop/clients/interop.toml`.
pub(super) const TENANT: &str = "acme";

/// The resource servers that the foreign libraries are.
pub(super) const JWT: Product = Product { audience: "https://documents.example", scope: "documents:read" };
const PASETO: Product = Product { audience: "https://letters.example", scope: "letters:read" };

#[derive(Clone, Copy)]
pub(super) struct Product {
    pub(super) audience: &'static str,
    pub(super) scope: &'static str,
}

/// Who gets real tokens that are worth nothing to those two, and why they are.
struct Worthless {
    /// As in "a real token …".
    case: &'static str,
    client: &'static str,
    jwt: Product,
    paseto: Product,
    once_over: bool,
}

const WORTHLESS: [Worthless; 4] = [
    Worthless {
        case: "for another audience",
        client: "astray",
        jwt: Product { audience: "https://archive.example", ..JWT },
        paseto: Product { audience: "https://post.example", ..PASETO },
        once_over: false,
    },
    Worthless { case: "for another tenant", client: "abroad", jwt: JWT, paseto: PASETO, once_over: false },
    Worthless {
        case: "without the scope",
        client: "narrow",
        jwt: Product { scope: "documents:read-later", ..JWT },
        paseto: Product { scope: "letters:read-later", ..PASETO },
        once_over: false,
    },
    Worthless { case: "that is over", client: "brief", jwt: JWT, paseto: PASETO, once_over: true },
];

/// Where the clients find what they are told, and leave what they have to say.
pub(super) struct Description {
    /// The file itself.
    pub(super) file: PathBuf,
    /// What they must refuse.
    pub(super) forgeries: PathBuf,
    /// The folder for what they sign.
    pub(super) theirs: PathBuf,
}

/// Registers every client with the issuers, the roles of those that will run among them, and writes the description
/// beside them. `service` is where the service will be that takes tokens for [`JWT`].
pub(super) fn write(
    issuer: &Issuer,
    elsewhere: &Issuer,
    clients: &[Client],
    service: &str,
    folder: &Path,
) -> Result<Description, Failure> {
    let (forgeries, theirs) = (folder.join("forgeries.json"), folder.join("theirs"));
    layout::make_empty(&theirs)?;
    let mut worthless = vec![case(
        &Worthless {
            case: "from another issuer",
            client: "interop",
            jwt: JWT,
            paseto: PASETO,
            once_over: false,
        },
        elsewhere,
    )?];
    for each in &WORTHLESS {
        worthless.push(case(each, issuer)?);
    }
    let mut text = asker("interop", issuer)?;
    let rest = json!({
        "environment": "test",
        "tenant": TENANT,
        "jwt": product(JWT),
        "paseto": product(PASETO),
        "service": service,
        "roles": roles::register(issuer, clients, folder)?,
        "curl_file": issuer.register(&client("curl"), "curl")?,
        "forgeries": forgeries,
        "theirs": theirs,
        "forger": {"folder": issuer.folder, "worthless": worthless},
    });
    merge(&mut text, rest);
    let file = folder.join("interop.json");
    // On lines of their own: a shell reads it too.
    std::fs::write(&file, format!("{text:#}\n")).map_err(|e| Failure::io(&layout::shown(&file), &e))?;
    Ok(Description { file, forgeries, theirs })
}

fn case(of: &Worthless, issuer: &Issuer) -> Result<Value, Failure> {
    let mut text = asker(of.client, issuer)?;
    let rest = json!({
        "case": of.case,
        "jwt": product(of.jwt),
        "paseto": product(of.paseto),
        "once_over": of.once_over,
    });
    merge(&mut text, rest);
    Ok(text)
}

fn asker(id: &str, issuer: &Issuer) -> Result<Value, Failure> {
    let secret = issuer.register(&client(id), "secret")?;
    Ok(json!({ "issuer": issuer.url, "client_id": id, "client_secret_file": secret }))
}

fn client(id: &str) -> PathBuf {
    layout::root().join("tests/interop/clients").join(format!("{id}.toml"))
}

fn product(product: Product) -> Value {
    json!({ "audience": product.audience, "scope": product.scope })
}

fn merge(text: &mut Value, rest: Value) {
    if let (Some(text), Value::Object(rest)) = (text.as_object_mut(), rest) {
        text.extend(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_that_is_registered_has_its_file_and_the_catalog_its_audiences() {
        let folder = layout::root().join("tests/interop");
        let catalog = std::fs::read_to_string(folder.join("catalog.toml")).unwrap();
        for each in &WORTHLESS {
            assert!(folder.join(format!("clients/{}.toml", each.client)).exists(), "{}", each.client);
            for product in [each.jwt, each.paseto] {
                assert!(catalog.contains(&format!("audience = \"{}\"", product.audience)), "{}", each.case);
            }
        }
    }

    #[test]
    fn what_is_worthless_differs_in_one_thing() {
        let usual = (JWT.audience, JWT.scope);
        for each in &WORTHLESS {
            let (audience, scope) = (each.jwt.audience != usual.0, each.jwt.scope != usual.1);
            let other_tenant = each.client == "abroad";
            let differences = [audience, scope, other_tenant, each.once_over];
            assert_eq!(differences.iter().filter(|differs| **differs).count(), 1, "{}", each.case);
        }
    }
}
