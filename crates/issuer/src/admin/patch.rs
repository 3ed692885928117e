//! What somebody asks for who changes a client.

use super::draft::{GrantDraft, RefreshDraft};
use super::end;
use super::fault::{DraftFault, Faults};
use super::resolve::{Granting, Places, add_faults_of, proof, reach, standing, tenants};
use crate::client::{Client, Grant, InvalidClient};
use chancery_catalog::{Catalog, Product};
use chancery_token::UnixTime;
use serde::{Deserialize, Deserializer, Serialize};
use std::time::Duration;

/// The members of a client that change; the others stay as they are (RFC 7396). A list takes the place of the whole
/// list. `refresh` alone can be taken away, by `null`; that of another member is refused instead of passed over. Secrets
/// and keys are not changed by a patch: who may change a client may not therefore act as it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientPatch {
    /// Its name for people.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub name: Option<String>,
    /// The one job it does.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub purpose: Option<String>,
    /// The team or person that answers for it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub owner: Option<String>,
    /// All its tenants.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub tenants: Option<Vec<String>>,
    /// All its grants.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub grants: Option<Vec<GrantDraft>>,
    /// All its bounds; it is bounded from then on.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub bounds: Option<serde_json::Value>,
    /// Why it is unbounded from then on.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub unbounded: Option<String>,
    /// How long its access tokens live, in seconds.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub lifetime_secs: Option<u64>,
    /// When it ends, as in [`super::ClientDraft::expires_at`].
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub expires_at: Option<String>,
    /// How it proves who it is from then on: `secret` or `private_key_jwt`. It must hold the proof already, and loses
    /// what it proved itself with before. That it proves nothing is decided when it is registered.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub authentication: Option<String>,
    /// `required` or `optional`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub dpop: Option<String>,
    /// The terms of refreshing that change; `Some(None)` takes it away, and with it every family.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub refresh: Option<Option<RefreshDraft>>,
    /// All that may exchange its tokens.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub may_delegate_to: Option<Vec<String>>,
}

fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl ClientPatch {
    /// Whether the member in which `pointer` lies is one that changes.
    fn names(&self, pointer: &str) -> bool {
        match pointer.split('/').nth(1).unwrap_or_default() {
            "name" => self.name.is_some(),
            "purpose" => self.purpose.is_some(),
            "owner" => self.owner.is_some(),
            "tenants" => self.tenants.is_some(),
            "grants" => self.grants.is_some(),
            "bounds" => self.bounds.is_some(),
            "unbounded" => self.unbounded.is_some(),
            "lifetime_secs" => self.lifetime_secs.is_some(),
            "expires_at" => self.expires_at.is_some(),
            "authentication" => self.authentication.is_some(),
            "dpop" => self.dpop.is_some(),
            "refresh" => self.refresh.is_some(),
            "may_delegate_to" => self.may_delegate_to.is_some(),
            _ => false,
        }
    }

    /// The client as it is to be at `now`; else every fault of the patch, and what it would bring into disorder.
    pub(super) fn apply(
        &self,
        held: &Client,
        catalog: &Catalog,
        now: UnixTime,
    ) -> Result<Client, Vec<DraftFault>> {
        let mut faults = Faults::default();
        let granting = match &self.grants {
            Some(drafts) => Granting::read(drafts, None, held.kind, catalog, &mut faults),
            None => Granting::as_held(held.grants.clone()),
        };
        let (bounds, unbounded) = (self.bounds.as_ref(), self.unbounded.clone());
        let reach = reach(bounds, unbounded, &granting.grants, catalog, &mut faults);
        let (tenants, tenant_places) = match &self.tenants {
            Some(written) => tenants(written, &mut faults),
            None => (held.tenants.clone(), (0..held.tenants.len()).collect()),
        };
        let end = self.expires_at.as_ref().and_then(|text| end::read(text, now, &mut faults));
        let changed_over = proof::changed_over(held, self.authentication.as_deref(), &mut faults);
        let (delegates, delegate_places) = match &self.may_delegate_to {
            Some(written) => standing::delegates(written, &mut faults),
            None => (held.may_delegate_to.clone(), (0..held.may_delegate_to.len()).collect()),
        };
        let refresh = match &self.refresh {
            Some(Some(terms)) => {
                Some(standing::refresh(terms, held.refresh.unwrap_or_default(), &mut faults))
            }
            Some(None) => None,
            None => held.refresh,
        };
        let next = Client {
            dpop: proof::dpop(self.dpop.as_deref(), &mut faults).unwrap_or(held.dpop),
            refresh,
            may_delegate_to: delegates,
            name: self.name.clone().unwrap_or_else(|| held.name.clone()),
            purpose: self.purpose.clone().unwrap_or_else(|| held.purpose.clone()),
            owner: self.owner.clone().unwrap_or_else(|| held.owner.clone()),
            tenants,
            grants: granting.grants,
            reach: reach.unwrap_or_else(|| held.reach.clone()),
            lifetime: self.lifetime_secs.map_or(held.lifetime, Duration::from_secs),
            expires_at: end.unwrap_or(held.expires_at),
            ..changed_over
        };
        let places = Places {
            grants: granting.places,
            tenants: tenant_places,
            delegates: delegate_places,
            ..Places::default()
        };
        // The catalog and the rules may have changed since the client was registered. What was wrong with it before
        // keeps nobody from changing something else about it.
        let before = held.faults(catalog);
        let stood = |pointer: &str, fault: &InvalidClient| {
            !self.names(pointer) && before.iter().any(|(_, stood)| stood == fault)
        };
        add_faults_of(&next, &places, catalog, stood, &mut faults);
        for (at, grant) in next.grants.iter().enumerate() {
            let had = |own: &Grant| own.audience == grant.audience && own.scope == grant.scope;
            if !held.grants.iter().any(had) && is_retired(grant, catalog, now) {
                let fault = InvalidClient::ScopeRetired { scope: grant.scope.to_string() };
                faults.add_client(places.of(&format!("/grants/{at}/scope")), &fault);
            }
        }
        faults.or(Some(next))
    }
}

/// Whether the grant is of retired scopes alone. Who held them before may keep them; nobody gets them anew (R13).
fn is_retired(grant: &Grant, catalog: &Catalog, now: UnixTime) -> bool {
    let product = catalog.product(&grant.audience);
    let scopes = product.into_iter().flat_map(Product::scopes);
    let mut covered = scopes.filter(|entry| entry.covered_by(&grant.scope)).peekable();
    covered.peek().is_some() && covered.all(|entry| entry.is_retired(now))
}
