//! A draft becomes a client, or a list of everything that is wrong with it.

mod grants;
mod places;
pub(super) mod proof;
mod reach;
pub(super) mod standing;

pub(super) use grants::Granting;
pub(super) use places::Places;
pub(super) use reach::reach;

use super::desk::Defaults;
use super::draft::ClientDraft;
use super::end;
use super::fault::{DraftFault, Faults, Slip};
use crate::client::{Authentication, Client, ClientKind, ClientState, InvalidClient, Reach, Refresh};
use chancery_catalog::{Catalog, Template};
use chancery_token::{ClientId, TenantId, UnixTime};
use std::time::Duration;

impl ClientDraft {
    /// The client that the draft describes at `now`, in good order and without a secret; else every fault of the
    /// draft at once, those of [`Client::validate`] among them.
    pub fn resolve(
        self,
        catalog: &Catalog,
        defaults: &Defaults,
        now: UnixTime,
    ) -> Result<Client, Vec<DraftFault>> {
        let mut faults = Faults::default();
        let id = id(self.id.as_deref(), &mut faults);
        let kind = kind(self.kind.as_deref(), &mut faults);
        let template = self.template.as_deref().and_then(|name| template(name, catalog, &mut faults));
        let (tenants, tenant_places) = tenants(&self.tenants, &mut faults);
        let granting = Granting::read(&self.grants, template, kind, catalog, &mut faults);
        let reach = reach(self.bounds.as_ref(), self.unbounded, &granting.grants, catalog, &mut faults);
        if reach.is_none() && !faults.at("/bounds") && !faults.at("/unbounded") {
            faults.add("/bounds", &Slip::ReachMissing);
        }
        let expires_at = if let Some(text) = self.expires_at.as_deref() {
            end::read(text, now, &mut faults)
        } else {
            faults.add("/expires_at", &Slip::EndMissing);
            None
        };
        let default = match kind {
            ClientKind::Admin => kind.default_lifetime(),
            ClientKind::Agent | ClientKind::Partner | ClientKind::Service => defaults.default_lifetime,
        };
        let suggested = template.and_then(Template::lifetime).map(|span| span.min(kind.longest_lifetime()));
        let authentication = proof::authentication(self.authentication.as_deref(), &mut faults);
        let (keys, key_places) = proof::keys(&self.keys, &mut faults);
        if authentication == Authentication::Secret && !self.keys.is_empty() && !faults.at("/authentication")
        {
            faults.add("/keys", &Slip::KeyUnused);
        }
        let dpop = proof::dpop(self.dpop.as_deref(), &mut faults);
        let terms = self.refresh.as_ref();
        let refresh = terms.map(|terms| standing::refresh(terms, Refresh::default(), &mut faults));
        let (delegates, delegate_places) = standing::delegates(&self.may_delegate_to, &mut faults);
        let name = self.name.or_else(|| id.as_ref().map(ToString::to_string));
        let client = Client {
            // What is missing is told already; something has to stand in its place while the rest is looked at.
            id: id.unwrap_or_else(placeholder),
            name: name.unwrap_or_else(|| "unnamed".to_owned()),
            purpose: self.purpose.unwrap_or_default(),
            owner: self.owner.unwrap_or_default(),
            kind,
            tenants,
            grants: granting.grants,
            reach: reach.unwrap_or_else(|| Reach::Unbounded { reason: "unsaid".to_owned() }),
            lifetime: self.lifetime_secs.map_or_else(|| suggested.unwrap_or(default), Duration::from_secs),
            created_at: now,
            expires_at: expires_at.unwrap_or(UnixTime::MAX),
            state: ClientState::Active,
            secrets: Vec::new(),
            authentication,
            keys,
            dpop: dpop.unwrap_or_else(|| proof::default_dpop(authentication)),
            refresh,
            may_delegate_to: delegates,
            owes_entry: None,
        };
        let places = Places {
            grants: granting.places,
            tenants: tenant_places,
            keys: key_places,
            delegates: delegate_places,
        };
        add_faults_of(&client, &places, catalog, |_, _| false, &mut faults);
        faults.or(Some(client))
    }
}

/// Adds what [`Client::validate`] says, at the places of the draft; what only follows from a fault that is told
/// already stays out, and so does what `stood` there before, at this place of the client.
pub(super) fn add_faults_of(
    client: &Client,
    places: &Places,
    catalog: &Catalog,
    stood: impl Fn(&str, &InvalidClient) -> bool,
    faults: &mut Faults,
) {
    let [grants, template, tenants, bounds, unbounded, kind, authentication, keys] =
        ["/grants", "/template", "/tenants", "/bounds", "/unbounded", "/kind", "/authentication", "/keys"]
            .map(|place| faults.at(place));
    for (pointer, fault) in client.faults(catalog) {
        let follows = match &fault {
            InvalidClient::GrantsEmpty => grants || template || kind,
            InvalidClient::TenantsEmpty => tenants,
            InvalidClient::BoundsEmpty => bounds,
            InvalidClient::AxisUnknown { .. } => grants || template || bounds,
            InvalidClient::ScopeUnbounded { .. } | InvalidClient::ScopeUnboundedNeedless { .. } => {
                bounds || unbounded
            }
            InvalidClient::AdminScope { .. }
            | InvalidClient::AdminWithData { .. }
            | InvalidClient::OperatorTenant { .. }
            | InvalidClient::Lifetime { .. } => kind,
            InvalidClient::KeyMissing => keys || authentication,
            _ => false,
        };
        if !follows && !stood(&pointer, &fault) {
            faults.add_client(places.of(&pointer), &fault);
        }
    }
}

fn id(text: Option<&str>, faults: &mut Faults) -> Option<ClientId> {
    match text.map(str::parse) {
        Some(Ok(id)) => Some(id),
        Some(Err(why)) => {
            faults.add("/id", &Slip::Name { why });
            None
        }
        None => {
            faults.add("/id", &Slip::IdMissing);
            None
        }
    }
}

fn kind(text: Option<&str>, faults: &mut Faults) -> ClientKind {
    let Some(text) = text else { return ClientKind::Service };
    text.parse().unwrap_or_else(|_| {
        faults.add("/kind", &Slip::Kind { text: text.to_owned() });
        ClientKind::Service
    })
}

fn template<'c>(name: &str, catalog: &'c Catalog, faults: &mut Faults) -> Option<&'c Template> {
    let found = catalog.template(name);
    if found.is_none() {
        let known = catalog.templates().iter().map(|template| template.name().to_owned()).collect();
        faults.add("/template", &Slip::NoSuchTemplate { name: name.to_owned(), known });
    }
    found
}

/// The tenants that are named, each with its place; what is no name is a fault.
pub(super) fn tenants(written: &[String], faults: &mut Faults) -> (Vec<TenantId>, Vec<usize>) {
    let mut tenants = (Vec::new(), Vec::new());
    for (at, text) in written.iter().enumerate() {
        match text.parse() {
            Ok(tenant) => {
                tenants.0.push(tenant);
                tenants.1.push(at);
            }
            Err(why) => faults.add(format!("/tenants/{at}"), &Slip::Name { why }),
        }
    }
    tenants
}

#[expect(
    clippy::expect_used,
    reason = "a constant in the alphabet; every test of a draft without an id makes it"
)]
fn placeholder() -> ClientId {
    "unnamed".parse().expect("a name that is legal")
}
