//! A service of ours that foreign clients call: it follows the revocation log, and takes tokens that are bound to a key.

use crate::Fault;
use crate::description::Description;
use aws_lc_rs::rand;
use axum::Json;
use chancery_token::{Environment, Scope};
use chancery_verifier::follow::{DiskState, FollowSettings, Follower, KeysFrom};
use chancery_verifier::guard::{Dpop, Router, get, public};
use chancery_verifier::{Freshness, Revocation, Verified, Verifier};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;

/// Far longer than the clients run: they look at what the log says, and not at a log that is silent.
const MAX_STALENESS: Duration = Duration::from_mins(5);

/// Serves the address of the description until it is ended.
pub(crate) async fn serve(description: &Description) -> Result<(), Fault> {
    let (origin, path) =
        origin_and_path(&description.service).ok_or("the service of the description is no URL")?;
    let address: SocketAddr = origin.trim_start_matches("http://").parse()?;
    let policy = Revocation::Follow(Freshness::MaxStaleness(MAX_STALENESS));
    let verifier = Verifier::new(&description.asker.issuer, &description.jwt.audience, policy)?
        .environment(description.environment.parse::<Environment>()?)
        .leeway(Duration::ZERO);
    let follower = Follower::start(&verifier, FollowSettings::new(KeysFrom::Discovery, DiskState::Nowhere))?;
    let readiness = follower.readiness();
    let ready = move || {
        let answer = readiness.answer();
        async move { answer }
    };
    let scope: Scope = description.jwt.scope.parse()?;
    let routes =
        Router::new().route("/readyz", get(public("readiness probe"), ready)).route(path, get(scope, show));
    let mut nonces = [0; 32];
    rand::fill(&mut nonces)?;
    let service = routes.guard_with_dpop(verifier, Dpop::at(origin)?.nonces(&nonces))?;
    Ok(axum::serve(TcpListener::bind(address).await?, service).await?)
}

fn origin_and_path(url: &str) -> Option<(&str, &str)> {
    url.split_at_checked(url.rfind('/')?)
}

/// Whose token it was.
async fn show(token: Verified) -> Json<Value> {
    Json(json!({"client_id": token.client_id(), "sub": token.subject(), "jti": token.token_id()}))
}
