//! A token is stolen.

use super::service::Service;
use super::story::{Asks, PATIENCE, Registered, expect, told};
use chancery_client::AccessToken;
use chancery_issuer::Issuer;
use chancery_issuer::admin::{Authority, PresentedToken, RevocationDraft};
use chancery_revocation::Sequence;
use chancery_verifier::clock::{Clock as _, SystemClock};
use reqwest::{Method, StatusCode};
use std::path::Path;
use std::time::Duration;

/// Between two attempts of the thief.
const PAUSE: Duration = Duration::from_millis(1);

/// Two tokens of one client: one that is stolen, and one that is not.
pub(super) struct Leak {
    stolen: AccessToken,
}

/// The entry that ends it, and the instant at which it was acknowledged.
pub(super) struct Revoked {
    sequence: Sequence,
    clock: SystemClock,
}

/// Another token of the client, in other hands.
pub(super) async fn stolen(
    registered: &Registered,
    asks: &Asks,
    service: &Service,
) -> Result<(Leak, String), String> {
    let leak = Leak { stolen: registered.token().await? };
    let (status, body) = leak.thief_asks(asks, service).await?;
    expect(status == StatusCode::OK, || format!("{status} {body}"))?;
    Ok((leak, "another token of ledger-sync is in a thief's hands: GET /invoices is 200".to_owned()))
}

impl Leak {
    async fn thief_asks(
        &self,
        asks: &Asks,
        service: &Service,
    ) -> Result<(StatusCode, serde_json::Value), String> {
        asks.ask_with(&self.stolen, service, Method::GET, "/invoices").await
    }

    /// By its text, as whoever finds it in a log has it.
    pub(super) async fn revoked(&self, issuer: &Issuer) -> Result<(Revoked, String), String> {
        let draft = RevocationDraft {
            kind: Some("token".to_owned()),
            token: Some(PresentedToken::from(self.stolen.expose().to_owned())),
            reason: Some("it was in a log".to_owned()),
            ..RevocationDraft::default()
        };
        let done =
            issuer.desk().revoke(&Authority::MasterKey, &draft, issuer.keyring()).await.map_err(told)?;
        let sequence = done.sequence.ok_or("no entry was appended")?;
        let detail =
            format!("one entry in the revocation log, at sequence {sequence}, on disk before the answer");
        Ok((Revoked { sequence, clock: SystemClock::new() }, detail))
    }

    /// The thief tries until it ends.
    pub(super) async fn refused(
        &self,
        asks: &Asks,
        service: &Service,
        revoked: Revoked,
    ) -> Result<((), String), String> {
        let Revoked { sequence, clock } = revoked;
        loop {
            let (status, body) = self.thief_asks(asks, service).await?;
            let took = clock.monotonic();
            if status == StatusCode::UNAUTHORIZED && body["reason"] == "revoked" {
                let ms = took.as_millis();
                return Ok((
                    (),
                    format!("DocuMint heard of {sequence}: the thief gets 401 revoked after {ms} ms"),
                ));
            }
            expect(status == StatusCode::OK && took < PATIENCE, || format!("{status} {body}"))?;
            tokio::time::sleep(PAUSE).await;
        }
    }

    pub(super) async fn sister(&self, asks: &Asks, service: &Service) -> Result<((), String), String> {
        let (status, body) = asks.ask(service, Method::GET, "/invoices").await?;
        expect(status == StatusCode::OK, || format!("{status} {body}"))?;
        Ok(((), "the first token of ledger-sync works on: GET /invoices is 200".to_owned()))
    }

    /// A new verifier with nothing in memory: keys and log come from its disk.
    pub(super) async fn after_restart(
        &self,
        asks: &Asks,
        issuer: &str,
        folder: &Path,
    ) -> Result<((), String), String> {
        let service = Service::start(issuer, folder).await?;
        let (status, body) = asks.ask(&service, Method::GET, "/invoices/A-2").await?;
        expect(status == StatusCode::OK, || format!("{status} {body}"))?;
        let (status, body) = self.thief_asks(asks, &service).await?;
        expect(status == StatusCode::UNAUTHORIZED && body["reason"] == "revoked", || {
            format!("{status} {body}")
        })?;
        Ok(((), "a new DocuMint, from its disk alone: our token is 200, the thief's 401".to_owned()))
    }
}
