//! What is meant, who may mean it, and who breaks.

use super::Desk;
use crate::admin::pages::Pages;
use crate::admin::refusal::AdminRefusal;
use crate::admin::revocation::{Aim, Breaks, PresentedToken, Target};
use crate::admin::rights::{Act, Rights};
use crate::client::Client;
use crate::family::{self, Family, RefreshToken};
use crate::keyring::{KeyUse, Keyring};
use crate::revocation::OwnKeys;
use crate::store::StoreFault;
use chancery_revocation::Kill;
use chancery_token::{Claims, ClientId, FamilyId, Subject, TenantId, TokenId, UnixTime};

/// Clients in the first page that is read of them.
const FIRST_PAGE: usize = 256;

impl Desk<'_> {
    /// What `aim` ends, if `rights` reach that far.
    pub(super) async fn target(
        &self,
        rights: &Rights<'_>,
        aim: Aim<'_>,
        keyring: &Keyring,
    ) -> Result<Target, AdminRefusal> {
        let end = self.family_end();
        match aim {
            Aim::Token { jti, expires_at } => self.token_by_id(rights, jti, expires_at),
            Aim::TokenItself(token) => {
                let (claims, breaks) = self.own_token(rights, token, keyring).await?;
                let note =
                    "This one token is refused; its client gets another as soon as it asks.".to_owned();
                let kill = Kill::token(claims.jti, claims.exp);
                Ok(Target::of(kill, Some(claims.jti.to_string()), breaks, note))
            }
            Aim::Family(sid) => {
                rights.for_every_tenant("a family of which only the sid is known")?;
                rights.unconfined("a family of which only the sid is known")?;
                self.family(sid, end).await
            }
            Aim::FamilyOf(token) if RefreshToken::is_one(token.text()) => {
                self.family_of_refresh_token(rights, token, end).await
            }
            Aim::FamilyOf(token) => {
                let (claims, breaks) = self.own_token(rights, token, keyring).await?;
                let sid = claims.sid.ok_or(AdminRefusal::TokenWithoutFamily)?;
                let note =
                    "The family and its tokens are refused; whoever held it has to begin anew.".to_owned();
                Ok(Target::of(Kill::family(sid, end), Some(sid.to_string()), breaks, note))
            }
            Aim::Client(id) => {
                let breaks = self.client_that_breaks(rights, &id).await?;
                let note = "All tokens that the client has now are refused, and its refresh families end. It gets new \
                            ones as soon as it asks: to keep it from that, disable it."
                    .to_owned();
                Ok(Target::of(Kill::client(&id, end), Some(id.to_string()), breaks, note))
            }
            Aim::Tenant(tenant) => self.tenant(rights, &tenant).await,
            Aim::Subject(subject) => self.subject(rights, &subject).await,
            Aim::Key(kid) => self.key(rights, kid, keyring).await,
            Aim::All => {
                rights.for_every_tenant("everything")?;
                rights.unconfined("everything")?;
                let breaks = self.broken(rights, |_| true).await?;
                let note = "Every token that is out now is refused, and every refresh family ends. Clients go on as \
                            soon as they ask for new tokens; people sign in again."
                    .to_owned();
                Ok(Target::of(Kill::all(end), None, breaks, note))
            }
        }
    }

    /// A family by its own id. One that was delegated is named twice in the log: its tokens, and those of whatever was delegated
    /// from it, bear its id in `anc`.
    async fn family(&self, id: FamilyId, end: UnixTime) -> Result<Target, AdminRefusal> {
        let (stored, may_be_delegated) = match self.store.family(id).await {
            Ok(stored) => {
                let is_delegated = stored.as_ref().is_some_and(|family| !family.ancestors.is_empty());
                (stored, is_delegated)
            }
            // The brake works on what cannot be read, too.
            Err(StoreFault::Unreadable { .. }) => (None, true),
            Err(fault) => return Err(fault.into()),
        };
        let [kill, in_anc] = family::kills(id, end, self.now.plus(self.log.current().retention().window()));
        let (breaks, note) = match &stored {
            Some(family) => {
                let client = self.readable(&family.client).await?;
                let note = "The family and its tokens are refused; whoever held it has to begin anew.";
                (client.as_ref().map(Breaks::of).unwrap_or_default(), note)
            }
            None => {
                (Breaks::default(), "The family and its tokens are refused. Whose it is, is not known here.")
            }
        };
        let target = Target::of(kill, Some(id.to_string()), breaks, note.to_owned());
        Ok(Target { beside: may_be_delegated.then_some(in_anc), ..target })
    }

    /// The family that a refresh token says it is of. Whether the token is genuine makes no difference to who may end that.
    async fn family_of_refresh_token(
        &self,
        rights: &Rights<'_>,
        token: &PresentedToken,
        end: UnixTime,
    ) -> Result<Target, AdminRefusal> {
        let token = RefreshToken::parse(token.text(), self.environment)
            .map_err(AdminRefusal::RefreshTokenUnreadable)?;
        if rights.see_all() {
            return self.family(token.family, end).await;
        }
        // Another tenant's token looks as if it were nobody's.
        let family = self.store.family(token.family).await?;
        let is_theirs = |family: &Family| rights.tenant().is_none_or(|tenant| family.tenant == *tenant);
        let family = family.filter(is_theirs).ok_or(AdminRefusal::TokenUnknown)?;
        match self.readable(&family.client).await? {
            Some(client) => rights.within_bounds(&client)?,
            None => rights.unconfined("a family of a client that is gone")?,
        }
        self.family(token.family, end).await
    }

    fn token_by_id(
        &self,
        rights: &Rights<'_>,
        jti: TokenId,
        expires_at: Option<UnixTime>,
    ) -> Result<Target, AdminRefusal> {
        rights.for_every_tenant("a token of which only the jti is known")?;
        rights.unconfined("a token of which only the jti is known")?;
        let log = self.log.current();
        let retention = log.retention();
        // No honest token ends later; a stolen key is revoked as a key.
        let latest = self.now.plus(retention.longest_access).plus(retention.skew);
        let exp = expires_at.unwrap_or(latest).min(latest);
        self.is_alive(exp)?;
        let note = "This one token is refused. Whose it is, is not known here.".to_owned();
        Ok(Target::of(Kill::token(jti, exp), Some(jti.to_string()), Breaks::default(), note))
    }

    /// The claims of a token that one of our keys signed, if `rights` reach it.
    async fn own_token(
        &self,
        rights: &Rights<'_>,
        token: &PresentedToken,
        keyring: &Keyring,
    ) -> Result<(Claims, Breaks), AdminRefusal> {
        if RefreshToken::is_one(token.text()) {
            return Err(AdminRefusal::RefreshTokenItself);
        }
        // What the token says is believed only once its signature was found good.
        let opened = OwnKeys::believed(keyring, self.now).open(token.text());
        let (claims, _) = opened.map_err(|_| AdminRefusal::TokenUnknown)?.into_parts();
        // Another tenant's token looks as if it were nobody's.
        let is_theirs = rights.tenant().is_none_or(|tenant| claims.tenant == *tenant);
        if claims.iss != self.issuer || !is_theirs {
            return Err(AdminRefusal::TokenUnknown);
        }
        self.is_alive(claims.exp)?;
        let breaks = if let Some(client) = self.readable(&claims.client_id).await? {
            rights.within_bounds(&client)?;
            Breaks::of(&client)
        } else {
            rights.unconfined("a token of a client that is gone")?;
            Breaks::default()
        };
        Ok((claims, breaks))
    }

    /// Whether a verifier may still accept what expires at `exp`.
    fn is_alive(&self, exp: UnixTime) -> Result<(), AdminRefusal> {
        let dead = exp.plus(self.log.current().retention().skew);
        if self.now >= dead { Err(AdminRefusal::TokenExpired { at: exp }) } else { Ok(()) }
    }

    async fn client_that_breaks(&self, rights: &Rights<'_>, id: &ClientId) -> Result<Breaks, AdminRefusal> {
        match self.readable(id).await {
            Ok(Some(client)) => rights.reach(&client, Act::Withdraw).map(|()| Breaks::of(&client)),
            Ok(None) => Err(AdminRefusal::ClientUnknown { id: id.clone() }),
            // The brake works on what cannot be read, too, for those who may see everything.
            Err(AdminRefusal::Store(StoreFault::Unreadable { .. })) if rights.see_all() => {
                let mut breaks = Breaks::default();
                breaks.add_unreadable();
                Ok(breaks)
            }
            Err(other) => Err(other),
        }
    }

    async fn readable(&self, id: &ClientId) -> Result<Option<Client>, AdminRefusal> {
        Ok(self.store.client(id).await?)
    }

    async fn tenant(&self, rights: &Rights<'_>, tenant: &TenantId) -> Result<Target, AdminRefusal> {
        let unknown = || AdminRefusal::TenantUnknown { tenant: tenant.clone() };
        if rights.tenant().is_some_and(|own| own != tenant) {
            return Err(unknown());
        }
        rights.unconfined("a whole tenant")?;
        let breaks = self.broken(rights, |client| client.tenants.contains(tenant)).await?;
        if rights.tenant().is_none() && breaks.is_nobody() {
            return Err(unknown());
        }
        let note = format!(
            "All tokens for the tenant '{tenant}' that are out now are refused, and its refresh families end. Its \
             clients go on as soon as they ask for new tokens."
        );
        let kill = Kill::tenant(tenant, self.family_end());
        Ok(Target::of(kill, Some(tenant.to_string()), breaks, note))
    }

    async fn subject(&self, rights: &Rights<'_>, subject: &Subject) -> Result<Target, AdminRefusal> {
        rights.for_every_tenant("a subject")?;
        rights.unconfined("a subject")?;
        let client = match subject.as_str().parse::<ClientId>() {
            Ok(id) => self.readable(&id).await?,
            Err(_) => None,
        };
        let breaks = client.as_ref().map(Breaks::of).unwrap_or_default();
        let note = format!(
            "All tokens that speak or act for '{subject}' are refused, and its refresh families end. Whoever speaks \
             for it begins anew."
        );
        let kill = Kill::subject(subject, self.family_end());
        Ok(Target::of(kill, Some(subject.to_string()), breaks, note))
    }

    async fn key(&self, rights: &Rights<'_>, kid: String, keyring: &Keyring) -> Result<Target, AdminRefusal> {
        rights.for_every_tenant("a signing key")?;
        rights.unconfined("a signing key")?;
        let held = keyring.records().into_iter().find(|record| record.kid == kid);
        let signs = held.as_ref().map(|record| record.keys);
        let Some(signed) = signs.or_else(|| keyring.signed_by_revoked(&kid)) else {
            return Err(AdminRefusal::KeyUnknown { kid });
        };
        if signed == KeyUse::Revocation {
            let note = "The key signs the log and no token: verifiers take documents of the next one, and no token is \
                        ended. Those that have not fetched the next one yet do so by themselves."
                .to_owned();
            return Ok(Target::of(Kill::key(&kid), Some(kid), Breaks::default(), note));
        }
        let breaks = if held.is_some() {
            let of_format = |client: &Client| {
                let mut products =
                    client.grants.iter().filter_map(|grant| self.catalog.product(&grant.audience));
                products.any(|product| signed == product.format().into())
            };
            self.broken(rights, of_format).await?
        } else {
            Breaks::default()
        };
        let note = "Everything that the key signed is refused for good; it signs no more, and the next key signs at \
                    once. Clients whose tokens it signed go on as soon as they ask for new ones."
            .to_owned();
        Ok(Target::of(Kill::key(&kid), Some(kid), breaks, note))
    }

    /// The clients that work now and that `concerned` picks, as far as `rights` see them.
    pub(super) async fn broken(
        &self,
        rights: &Rights<'_>,
        concerned: impl Fn(&Client) -> bool + Send + Sync,
    ) -> Result<Breaks, AdminRefusal> {
        let mut breaks = Breaks::default();
        let mut pages = Pages::behind(self.store, None, FIRST_PAGE);
        while let Some(page) = pages.next().await? {
            for found in page {
                match found {
                    Ok(client) if client.usable(self.now).is_ok() && concerned(&client) => {
                        if rights.reach(&client, Act::Read).is_ok() {
                            breaks.add(&client);
                        }
                    }
                    Err(_) if rights.see_all() => breaks.add_unreadable(),
                    Ok(_) | Err(_) => {}
                }
            }
        }
        Ok(breaks)
    }
}
