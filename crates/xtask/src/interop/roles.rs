//! What a foreign client is registered as, beside `interop`: a client of ours for each thing that its library can do.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::client::Client;
use super::description::JWT;
use super::runtime::Runtime;
use crate::failure::Failure;
use crate::issuer::Issuer;
use crate::layout;

/// How it proves who it is.
#[derive(Clone, Copy)]
enum Proof {
    Secret,
    /// By signing with a key of this algorithm, which a library of its runtime makes.
    Key(&'static str),
}

struct Role {
    name: &'static str,
    proof: Proof,
    /// What it may do beyond its scope, as flags.
    terms: &'static [&'static str],
    /// The role that may exchange its tokens; registered before it.
    delegates_to: Option<&'static str>,
}

const fn role(name: &'static str, proof: Proof, terms: &'static [&'static str]) -> Role {
    Role { name, proof, terms, delegates_to: None }
}

/// Who is handed tokens of the session. It holds a scope that those lack.
const HELPER: Role = role(
    "helper",
    Proof::Secret,
    &["--refresh", "--scope", "documents:read-later=Shows that an exchange brings no scope along."],
);
const SESSION: Role =
    Role { delegates_to: Some(HELPER.name), ..role("session", Proof::Secret, &["--refresh"]) };
const BOUND: Role = Role {
    delegates_to: Some(HELPER.name),
    ..role("bound", Proof::Secret, &["--refresh", "--dpop", "required"])
};
const ES256: Role = role("es256", Proof::Key("ES256"), &["--refresh"]);
const EDDSA: Role = role("eddsa", Proof::Key("EdDSA"), &["--refresh"]);
const RS256: Role = role("rs256", Proof::Key("RS256"), &["--refresh"]);
/// Another client with a key.
const OTHER: Role = role("other", Proof::Key("RS256"), &["--refresh"]);

/// Those of a library that can do everything.
const EVERY: &[Role] = &[HELPER, SESSION, BOUND, ES256, EDDSA];

/// Who has roles, each before those that name it.
const ROLES: [(&str, Runtime, &[Role]); 7] = [
    ("oauth4webapi", Runtime::Node, EVERY),
    ("openid-client", Runtime::Node, EVERY),
    ("authlib", Runtime::Python, &[RS256, OTHER]),
    ("x-oauth2", Runtime::Go, &[HELPER, SESSION]),
    ("oauth2", Runtime::Rust, &[HELPER, SESSION]),
    ("guide", Runtime::Node, &[HELPER, SESSION]),
    ("guide", Runtime::Python, &[EDDSA]),
];

/// What is decided about all of them.
const ABOUT: [&str; 12] = [
    "--owner",
    "interop@example.com",
    "--purpose",
    "A foreign library shows what it can do.",
    "--tenant",
    super::description::TENANT,
    "--expires",
    "1d",
    "--unbounded",
    "It reads made-up records.",
    "--audience",
    JWT.audience,
];

/// Registers the roles of these clients, and says for each where its secret or its key is.
pub(super) fn register(issuer: &Issuer, clients: &[Client], work: &Path) -> Result<Value, Failure> {
    let mut all: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    // Keys of an earlier run are of no use to anybody.
    layout::make_empty(&work.join("keys"))?;
    for client in clients {
        for role in of(client) {
            // Two clients may have one name: then each has roles of its own.
            let known = all.entry(&client.name).or_default();
            known.insert(role.name.to_owned(), role.register(issuer, client, work)?);
        }
    }
    Ok(json!(all))
}

fn of(client: &Client) -> &'static [Role] {
    let mut known = ROLES.iter();
    let own = known.find(|(name, runtime, _)| *name == client.name && *runtime == client.runtime);
    own.map_or(&[], |(_, _, roles)| roles)
}

impl Role {
    fn register(&self, issuer: &Issuer, client: &Client, work: &Path) -> Result<Value, Failure> {
        let id = format!("{}-{}", client.name, self.name);
        let scope = format!("{}=Its libraries read a JWT.", JWT.scope);
        let mut create =
            issuer.command(&["client", "create", &id, "--scope", &scope]).words(ABOUT).words(self.terms);
        if let Some(delegate) = self.delegates_to {
            create = create.words(["--delegate-to"]).words([format!("{}-{delegate}", client.name)]);
        }
        // What it tells a person about each of them is of no interest here.
        match self.proof {
            Proof::Secret => {
                let secret = issuer.folder.join(format!("{id}.secret"));
                create.words(["--out"]).words([&secret]).lines(|_| {})?;
                Ok(json!({ "client_id": id, "client_secret_file": secret }))
            }
            Proof::Key(algorithm) => {
                let keys = work.join("keys");
                client.runtime.make_keys(work, &keys, &id, algorithm)?;
                let [private, public] = ["private", "public"].map(|half| keys.join(format!("{id}.{half}")));
                create
                    .words(["--authentication", "private_key_jwt", "--key"])
                    .words([public])
                    .lines(|_| {})?;
                Ok(json!({ "client_id": id, "private_key_file": private, "algorithm": algorithm }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interop::client;
    use std::collections::BTreeSet;

    #[test]
    fn every_role_is_of_a_client_that_is_there_and_names_one_before_it() {
        let clients = client::all(&layout::root().join("tests/interop")).unwrap();
        for (name, runtime, roles) in &ROLES {
            assert!(
                clients.iter().any(|client| client.name == *name && client.runtime == *runtime),
                "{name}"
            );
            for (at, role) in roles.iter().enumerate() {
                let is_known = |delegate| roles[..at].iter().any(|before| before.name == delegate);
                assert!(role.delegates_to.is_none_or(is_known), "{name}: {}", role.name);
            }
        }
    }

    #[test]
    fn clients_of_one_name_have_other_roles() {
        let names = |(name, _, roles): &(&'static str, Runtime, &'static [Role])| -> Vec<String> {
            roles.iter().map(|role| format!("{name}-{}", role.name)).collect()
        };
        let all: Vec<String> = ROLES.iter().flat_map(names).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{all:?}");
    }

    #[test]
    fn a_client_without_roles_has_none() {
        let clients = client::all(&layout::root().join("tests/interop")).unwrap();
        let of_name = |name: &str| clients.iter().find(|client| client.name == name).map(of).unwrap().len();
        assert_eq!((of_name("jose"), of_name("openid-client")), (0, EVERY.len()));
    }
}
