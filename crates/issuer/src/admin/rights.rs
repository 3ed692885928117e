//! What an authority reaches, and what it may leave behind: nobody grants beyond themselves.

use super::authority::Authority;
use super::covering::covers;
use super::desk::Desk;
use super::refusal::AdminRefusal;
use crate::client::{Client, ClientKind, OPERATOR_TENANT, Reach};
use chancery_catalog::{Catalog, admin_audience};
use chancery_token::bounds::Value;
use chancery_token::{Scope, TenantId};

/// What is done to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// It is looked at.
    Read,
    /// Something is taken from it: it is switched off, or loses a secret. A brake must work, so whoever holds the
    /// scope may pull it on stronger ones too, as far as their bounds reach.
    Withdraw,
    /// Something is given to it, or changed. Whoever gives a stronger administrator a secret would be that
    /// administrator.
    Grant,
}

/// What an authority may do under one scope.
#[derive(Clone, Debug)]
pub(super) enum Rights<'a> {
    /// Everything: the master key.
    Everything,
    /// What the record of an administrator says.
    Of {
        /// The record.
        admin: &'a Client,
        /// The tenant it acts for.
        tenant: &'a TenantId,
        /// The scope in use, whose bounds hold.
        scope: Scope,
        /// What its grants amount to.
        catalog: &'a Catalog,
    },
}

impl<'a> Rights<'a> {
    /// What `by` may do under `scope`, now.
    pub(super) fn of(by: &'a Authority, scope: &Scope, desk: &Desk<'a>) -> Result<Self, AdminRefusal> {
        let Authority::Administrator { client, tenant } = by else { return Ok(Self::Everything) };
        client.usable(desk.now).map_err(AdminRefusal::Unusable)?;
        if !client.tenants.contains(tenant) {
            return Err(AdminRefusal::TenantNotServed { tenant: tenant.clone() });
        }
        let administration = admin_audience(desk.issuer);
        let held = client.kind == ClientKind::Admin
            && client
                .grants
                .iter()
                .any(|grant| grant.audience == administration && grant.scope.covers(scope));
        if !held {
            return Err(AdminRefusal::ScopeNotHeld { scope: scope.clone() });
        }
        Ok(Self::Of { admin: client, tenant, scope: scope.clone(), catalog: desk.catalog })
    }

    /// Whether they are the operator's, or the master key's: above every tenant.
    pub(super) fn is_operators(&self) -> bool {
        match self {
            Self::Everything => true,
            Self::Of { tenant, .. } => tenant.as_str() == OPERATOR_TENANT,
        }
    }

    /// The record of the administrator who acts.
    pub(super) fn admin(&self) -> Option<&'a Client> {
        match self {
            Self::Everything => None,
            Self::Of { admin, .. } => Some(admin),
        }
    }

    /// Whether every client that there is may be seen.
    pub(super) fn see_all(&self) -> bool {
        match self {
            Self::Everything => true,
            Self::Of { admin, .. } => self.is_operators() && matches!(admin.reach, Reach::Unbounded { .. }),
        }
    }

    /// Whether `act` may be done to `client` as it is.
    pub(super) fn reach(&self, client: &Client, act: Act) -> Result<(), AdminRefusal> {
        let Self::Of { admin, tenant, catalog, .. } = self else { return Ok(()) };
        if !self.is_operators() {
            // Whose client it is, or that there is one, is no business of another tenant.
            let unknown = || AdminRefusal::ClientUnknown { id: client.id.clone() };
            if client.tenants.iter().any(|served| served != *tenant) || client.tenants.is_empty() {
                return Err(unknown());
            }
            if client.kind == ClientKind::Admin {
                covers(admin, client, catalog).map_err(|_| unknown())?;
            }
        } else if act == Act::Grant && client.kind == ClientKind::Admin {
            covers(admin, client, catalog).map_err(|what| beyond(client, &what))?;
        }
        self.within_bounds(client)
    }

    /// Whether `client` may be left like this.
    pub(super) fn leave(&self, client: &Client) -> Result<(), AdminRefusal> {
        let Self::Of { admin, tenant, catalog, .. } = self else { return Ok(()) };
        if tenant.as_str() != OPERATOR_TENANT
            && let Some(other) = client.tenants.iter().find(|served| served != tenant)
        {
            return Err(beyond(client, &format!("it serves the tenant '{other}', not '{tenant}' alone")));
        }
        if client.kind == ClientKind::Admin {
            covers(admin, client, catalog).map_err(|what| beyond(client, &what))?;
        }
        self.within_bounds(client)
    }

    /// The tenant that they are for; `None` where they are for every tenant.
    pub(super) fn tenant(&self) -> Option<&'a TenantId> {
        match self {
            Self::Of { tenant, .. } if !self.is_operators() => Some(tenant),
            Self::Everything | Self::Of { .. } => None,
        }
    }

    /// Whether what concerns every tenant may be done.
    pub(super) fn for_every_tenant(&self, what: &str) -> Result<(), AdminRefusal> {
        match self.tenant() {
            None => Ok(()),
            Some(tenant) => Err(AdminRefusal::BeyondOneself {
                what: format!("{what} concerns every tenant, not '{tenant}' alone"),
            }),
        }
    }

    /// Whether what concerns clients of every owner and every resource server may be done.
    pub(super) fn unconfined(&self, what: &str) -> Result<(), AdminRefusal> {
        let Self::Of { admin, scope, .. } = self else { return Ok(()) };
        let admitted = admin.reach.bounds().admit(std::slice::from_ref(scope), |_| Value::Unknown);
        admitted.map_err(|out| AdminRefusal::BeyondOneself {
            what: format!("{what} reaches beyond the administrator's bound on '{}'", out.axis),
        })
    }

    /// The administrator's own bounds: whose clients, and for which resource servers.
    pub(super) fn within_bounds(&self, client: &Client) -> Result<(), AdminRefusal> {
        let Self::Of { admin, scope, .. } = self else { return Ok(()) };
        let bounds = admin.reach.bounds();
        let scopes = [scope.clone()];
        let admits = |audience: Option<&str>| {
            bounds.admit(&scopes, |axis| match axis {
                "owner" => Value::Text(&client.owner),
                "audience" => audience.map_or(Value::Unknown, Value::Text),
                _ => Value::Unknown,
            })
        };
        let audiences: Vec<Option<&str>> = if client.grants.is_empty() {
            vec![None]
        } else {
            client.grants.iter().map(|grant| Some(grant.audience.as_str())).collect()
        };
        for audience in audiences {
            if let Err(out) = admits(audience) {
                let value = if out.axis.as_str() == "owner" { Some(&*client.owner) } else { audience };
                let what = format!("its {} is '{}'", out.axis, value.unwrap_or_default());
                return Err(beyond(client, &format!("{what}, outside the administrator's bounds")));
            }
        }
        Ok(())
    }
}

fn beyond(client: &Client, what: &str) -> AdminRefusal {
    AdminRefusal::BeyondOneself {
        what: format!("client '{}' lies beyond the administrator: {what}", client.id),
    }
}
