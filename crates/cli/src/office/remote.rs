//! The office at an issuer: its admin API, asked as one of its administrators.

use super::http::Http;
use super::refusal::Refusal;
use super::{
    Changed, ClientDraft, ClientFilter, ClientPatch, ClientView, Effect, Exposure, KeyView, Listed,
    Misplaced, New, ReceiptsView, RevocationDraft, RevocationStatusView, RevocationView, RotationView,
    UnreadableView,
};
use crate::failure::Failure;
use chancery_issuer::admin::Standing;
use chancery_issuer::keyring::KeyUse;
use chancery_token::{ClientId, Scope, TenantId, scope};
use chancery_verifier::revocation_log::Sequence;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use zeroize::Zeroizing;

/// Clients in one answer.
const PAGE_SIZE: &str = "1000";

/// The admin API of one issuer.
pub(crate) struct RemoteOffice {
    http: Http,
}

#[derive(Deserialize)]
struct Shown {
    client: ClientView,
    #[serde(default)]
    sequence: Option<Sequence>,
}

impl Shown {
    fn changed(self) -> Effect<ClientView> {
        Effect { client: Changed::Now(self.client), sequence: self.sequence }
    }
}

#[derive(Deserialize)]
struct Switched {
    client: ClientView,
    changed: bool,
    #[serde(default)]
    sequence: Option<Sequence>,
}

#[derive(Deserialize)]
struct Registered {
    client: ClientView,
    client_secret: String,
}

#[derive(Deserialize)]
struct Added {
    client: ClientView,
    secret_id: String,
    client_secret: String,
}

#[derive(Deserialize)]
struct Page {
    clients: Vec<ClientView>,
    #[serde(default)]
    unreadable: Vec<UnreadableView>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<KeyView>,
}

#[derive(Deserialize)]
struct Rotations {
    rotations: Vec<RotationView>,
}

impl RemoteOffice {
    pub(super) fn new(
        issuer: &str,
        admin: ClientId,
        secret_file: &Path,
        tenant: Option<TenantId>,
    ) -> Result<Self, Failure> {
        Http::new(issuer, admin, secret_file, tenant).map(|http| Self { http })
    }

    pub(super) fn issuer(&self) -> &str {
        self.http.issuer()
    }

    pub(super) async fn create_client(&self, draft: &ClientDraft) -> Result<New, Refusal> {
        let body = json!(draft);
        let done: Registered =
            self.http.send(scope!("clients:create"), Method::POST, &["clients"], &[], Some(body)).await?;
        let secret_id = done.client.secrets.first().map_or_else(String::new, |secret| secret.id.clone());
        Ok(New { client: done.client, secret_id, secret: Zeroizing::new(done.client_secret) })
    }

    /// What the issuer finds wrong with the draft. It is sent without its id, so that whatever the issuer finds,
    /// there is nothing that it could register. Who cannot ask learns nothing more.
    pub(super) async fn faults(&self, draft: &ClientDraft) -> Vec<Misplaced> {
        let nameless = ClientDraft { id: None, ..draft.clone() };
        let mut faults = match self.create_client(&nameless).await {
            Err(Refusal::Draft(faults)) => faults,
            Ok(_) | Err(Refusal::Other(_)) => Vec::new(),
        };
        if let Some(id) = &draft.id {
            faults.retain(|fault| fault.pointer != "/id");
            faults.extend(id.parse::<ClientId>().err().map(|why| Misplaced {
                pointer: "/id".to_owned(),
                reason: "name_malformed".to_owned(),
                message: why.to_string(),
            }));
        }
        faults
    }

    pub(super) async fn client(&self, id: &ClientId) -> Result<ClientView, Refusal> {
        let path = ["clients", id.as_str()];
        let shown: Shown = self.http.send(scope!("clients:read"), Method::GET, &path, &[], None).await?;
        Ok(shown.client)
    }

    pub(super) async fn clients(&self, filter: &ClientFilter) -> Result<Listed, Refusal> {
        let (mut listed, mut after) = (Listed::default(), None::<String>);
        loop {
            let asked = [
                ("owner", filter.owner.as_deref()),
                ("scope", filter.scope.as_ref().map(Scope::as_str)),
                ("tenant", filter.tenant.as_ref().map(TenantId::as_str)),
                ("state", filter.state.map(Standing::as_str)),
                ("limit", Some(PAGE_SIZE)),
                ("after", after.as_deref()),
            ];
            let query: Vec<(&str, &str)> =
                asked.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
            let page: Page =
                self.http.send(scope!("clients:read"), Method::GET, &["clients"], &query, None).await?;
            listed.clients.extend(page.clients);
            listed.unreadable.extend(page.unreadable);
            match page.next {
                // An issuer that leads in a circle is left.
                Some(next) if after.as_ref().is_none_or(|after| next > *after) => after = Some(next),
                _ => return Ok(listed),
            }
        }
    }

    pub(super) async fn update_client(
        &self,
        id: &ClientId,
        patch: &ClientPatch,
    ) -> Result<Effect<ClientView>, Refusal> {
        let path = ["clients", id.as_str()];
        let body = Some(json!(patch));
        let shown: Shown = self.http.send(scope!("clients:update"), Method::PATCH, &path, &[], body).await?;
        Ok(shown.changed())
    }

    pub(super) async fn disable_client(
        &self,
        id: &ClientId,
        reason: &str,
    ) -> Result<Effect<ClientView>, Refusal> {
        self.switch(scope!("clients:disable"), id, "disable", json!({ "reason": reason })).await
    }

    pub(super) async fn enable_client(&self, id: &ClientId) -> Result<Effect<ClientView>, Refusal> {
        self.switch(scope!("clients:update"), id, "enable", json!({})).await
    }

    async fn switch(
        &self,
        scope: Scope,
        id: &ClientId,
        how: &str,
        body: Value,
    ) -> Result<Effect<ClientView>, Refusal> {
        let path = ["clients", id.as_str(), how];
        let Switched { client, changed, sequence } =
            self.http.send(scope, Method::POST, &path, &[], Some(body)).await?;
        let client = if changed { Changed::Now(client) } else { Changed::Before(client) };
        Ok(Effect { client, sequence })
    }

    pub(super) async fn add_secret(&self, id: &ClientId) -> Result<New, Refusal> {
        let path = ["clients", id.as_str(), "secrets"];
        let body = Some(json!({}));
        let done: Added = self.http.send(scope!("secrets:create"), Method::POST, &path, &[], body).await?;
        Ok(New { client: done.client, secret_id: done.secret_id, secret: Zeroizing::new(done.client_secret) })
    }

    pub(super) async fn drop_secret(
        &self,
        id: &ClientId,
        secret_id: &str,
        exposure: Exposure,
    ) -> Result<Effect<ClientView>, Refusal> {
        let path = ["clients", id.as_str(), "secrets", secret_id];
        let (scope, query) = (scope!("secrets:delete"), leaked(exposure));
        let shown: Shown = self.http.send(scope, Method::DELETE, &path, query, None).await?;
        Ok(shown.changed())
    }

    pub(super) async fn create_client_without_secret(
        &self,
        draft: &ClientDraft,
    ) -> Result<ClientView, Refusal> {
        let (scope, body) = (scope!("clients:create"), Some(json!(draft)));
        let done: Shown = self.http.send(scope, Method::POST, &["clients"], &[], body).await?;
        Ok(done.client)
    }

    pub(super) async fn add_client_key(
        &self,
        id: &ClientId,
        jwk: &Value,
    ) -> Result<Effect<ClientView>, Refusal> {
        let path = ["clients", id.as_str(), "keys"];
        let body = Some(json!({ "key": jwk }));
        let shown: Shown = self.http.send(scope!("secrets:create"), Method::POST, &path, &[], body).await?;
        Ok(shown.changed())
    }

    pub(super) async fn drop_client_key(
        &self,
        id: &ClientId,
        kid: &str,
        exposure: Exposure,
    ) -> Result<Effect<ClientView>, Refusal> {
        let path = ["clients", id.as_str(), "keys", kid];
        let (scope, query) = (scope!("secrets:delete"), leaked(exposure));
        let shown: Shown = self.http.send(scope, Method::DELETE, &path, query, None).await?;
        Ok(shown.changed())
    }

    pub(super) async fn revoke(&self, draft: &RevocationDraft) -> Result<RevocationView, Refusal> {
        let scope = scope!("revocations:create");
        self.http.send(scope, Method::POST, &["revocations"], &[], Some(json!(draft))).await
    }

    pub(super) async fn revocation_status(&self) -> Result<RevocationStatusView, Refusal> {
        self.http.send(scope!("revocations:read"), Method::GET, &["revocations"], &[], None).await
    }

    pub(super) async fn receipts(&self, sequence: Sequence) -> Result<ReceiptsView, Refusal> {
        let path = ["revocations", "receipts"];
        let number = sequence.get().to_string();
        let query = [("sequence", number.as_str())];
        self.http.send(scope!("revocations:read"), Method::GET, &path, &query, None).await
    }

    pub(super) async fn keys(&self) -> Result<Vec<KeyView>, Refusal> {
        let held: Keys = self.http.send(scope!("keys:read"), Method::GET, &["keys"], &[], None).await?;
        Ok(held.keys)
    }

    pub(super) async fn rotate_keys(
        &self,
        format: Option<KeyUse>,
        plan: bool,
        exposure: Exposure,
    ) -> Result<Vec<RotationView>, Refusal> {
        let mut body = json!({ "plan": plan, "leaked": exposure == Exposure::Leaked });
        if let Some(format) = format {
            body["format"] = format.as_str().into();
        }
        let path = ["keys", "rotate"];
        let done: Rotations =
            self.http.send(scope!("keys:rotate"), Method::POST, &path, &[], Some(body)).await?;
        Ok(done.rotations)
    }
}

fn leaked(exposure: Exposure) -> &'static [(&'static str, &'static str)] {
    match exposure {
        Exposure::Kept => &[],
        Exposure::Leaked => &[("leaked", "true")],
    }
}
