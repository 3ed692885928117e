//! The issuers that are broken here, and who revokes at them.

use crate::dice::Dice;
use crate::power::Disk;
use crate::support::{Chancery, Folder, Http, Server, until};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chancery_token::TokenId;
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// Its name, wherever it runs.
pub(crate) const ISSUER: &str = "https://auth.example.com";

/// A machine that an issuer runs on: its folder, and the command in it.
pub(crate) struct Machine {
    pub(crate) chancery: Chancery,
    pub(crate) folder: Folder,
    issuer: &'static str,
}

impl Machine {
    /// With a store in a file of its own.
    pub(crate) fn embedded() -> Self {
        Self::of(ISSUER)
    }

    /// Of the issuer of this name, with a store in a file of its own.
    pub(crate) fn of(issuer: &'static str) -> Self {
        let folder = Folder::new();
        let chancery = Chancery::in_folder(&folder).set("ISSUER__URL", issuer);
        Self { chancery, folder, issuer }
    }

    /// With a store in the Redis at this address.
    pub(crate) fn on_redis(url: &str) -> Self {
        let machine = Self::embedded();
        let chancery = machine.chancery.set("STORE__REDIS", url);
        Self { chancery, ..machine }
    }

    pub(crate) fn set(self, key: &str, value: &str) -> Self {
        let chancery = self.chancery.set(key, value);
        Self { chancery, ..self }
    }

    /// With the master key of another one.
    pub(crate) fn keyed_like(self, other: &Self) -> Self {
        let key = self.folder.write("keys/master.key", other.folder.read("keys/master.key"));
        std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o600)).unwrap();
        self
    }

    /// With files on a disk that can lose its power.
    pub(crate) fn on(self, disk: &Disk) -> Self {
        let environment = disk.environment().into_iter();
        let chancery = environment.fold(self.chancery, |made, (name, value)| made.env(name, value));
        Self { chancery, ..self }
    }

    pub(crate) fn serve(&self) -> Server {
        Server::start(&self.chancery)
    }

    /// The file of the store, for a machine that has one.
    pub(crate) fn store(&self) -> PathBuf {
        self.folder.file(".chancery/store.db")
    }

    /// Registers a client that reads invoices.
    pub(crate) fn register(&self, id: &str) {
        self.chancery.create_client(id, &[]).expect(0);
    }

    /// A token of a client that was registered here.
    #[track_caller]
    pub(crate) fn token(&self, http: &Http, url: &str, id: &str) -> String {
        let answer = http.ask_for_token(url, id, self.folder.read(&format!("{id}.secret")).trim_end(), "");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["access_token"].as_str().unwrap().to_owned()
    }
}

/// The first administrator, with a token that may revoke.
pub(crate) struct Admin {
    http: Http,
    url: String,
    token: String,
}

impl Admin {
    /// Of the issuer that was first started on `machine`, at `url`. Waits for a store that is on its way back.
    pub(crate) fn of(machine: &Machine, url: &str) -> Self {
        let http = Http::new();
        let form = format!("&scope=revocations:read+revocations:create&resource={}/admin", machine.issuer);
        let secret = machine.folder.read(".chancery/admin.secret");
        let token = until("a token for the administrator", || {
            let answer = http.ask_for_token(url, "admin", secret.trim_end(), &form);
            assert!([200, 503].contains(&answer.status), "{answer:?}");
            answer.body["access_token"].as_str().map(str::to_owned)
        });
        Self { http, url: url.to_owned(), token }
    }

    /// Revokes, while everything may die at any moment. Answers the sequence; `None` when nobody knows whether it is
    /// done.
    #[track_caller]
    pub(crate) fn try_revoke(&self, what: &Value) -> Option<u64> {
        let answer =
            self.http.send("POST", &format!("{}/admin/v1/revocations", self.url), &self.token, Some(what))?;
        match answer.status {
            200 => Some(answer.body["sequence"].as_u64().unwrap()),
            503 => None,
            _ => panic!("{what}: {answer:?}"),
        }
    }

    /// Revokes.
    #[track_caller]
    pub(crate) fn revoke(&self, what: &Value) -> u64 {
        self.try_revoke(what).unwrap_or_else(|| panic!("{what} was not revoked"))
    }

    /// What the issuer says of its log; `None` while its store is on its way back.
    #[track_caller]
    pub(crate) fn log(&self) -> Option<Value> {
        let answer =
            self.http.send("GET", &format!("{}/admin/v1/revocations", self.url), &self.token, None).unwrap();
        assert!([200, 503].contains(&answer.status), "{answer:?}");
        (answer.status == 200).then_some(answer.body)
    }
}

/// Asks for a token to be revoked by its `jti`.
pub(crate) fn token_of_id(id: TokenId) -> Value {
    json!({"kind": "token", "id": URL_SAFE_NO_PAD.encode(id.as_bytes()), "reason": "it was found in a log"})
}

/// Asks for a token to be revoked, of which there is the text.
pub(crate) fn token_itself(token: &str) -> Value {
    json!({"kind": "token", "token": token, "reason": "it was found in a log"})
}

/// An id that nobody else has.
pub(crate) fn any_id(dice: &mut Dice) -> TokenId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&dice.number().to_be_bytes());
    bytes[8..].copy_from_slice(&dice.number().to_be_bytes());
    TokenId::from_bytes(bytes)
}
