//! What is told, in its order.

use super::folder::Folder;
use super::service::Service;
use super::{Broken, Telling, leak};
use crate::local::{FirstStart, Settings};
use crate::time::exact;
use chancery_client::{AccessToken, AuthorizationServer, Client, Secret, TokenRequest};
use chancery_examples::documint::AUDIENCE;
use chancery_issuer::Issuer;
use chancery_issuer::admin::{Authority, ClientDraft, GrantDraft};
use chancery_token::{ClientId, scope};
use chancery_verifier::clock::{Clock as _, SystemClock};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Longest wait for anything that takes milliseconds.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// A running issuer.
struct Office {
    url: String,
    issuer: Arc<Issuer>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<chancery_issuer::Drained>,
}

pub(super) async fn tell(telling: &mut Telling<'_>) -> Result<(), Broken> {
    let (folder, office) = telling.step("issuer starts", Box::pin(start())).await?;
    let registered = telling.step("registered", registered(&office)).await?;
    let token = telling.step("issued", issued(&registered)).await?;
    let service = telling.step("service starts", started(&office.url, folder.path())).await?;
    let asks = telling.step("offline", verified_offline(token, &service)).await?;
    telling.step("missing scope", asks.missing_scope(&service)).await?;
    telling.step("other tenant", asks.other_tenant(&service)).await?;
    let leak = telling.step("stolen", leak::stolen(&registered, &asks, &service)).await?;
    let revoked = telling.step("revoked", leak.revoked(&office.issuer)).await?;
    telling.step("refused", leak.refused(&asks, &service, revoked)).await?;
    telling.step("its sister", leak.sister(&asks, &service)).await?;
    let url = office.url.clone();
    telling.step("issuer stops", stopped(office)).await?;
    telling.step("still verified", asks.still_verified(&service)).await?;
    drop(service);
    telling.step("restarted", leak.after_restart(&asks, &url, folder.path())).await
}

async fn start() -> Result<((Folder, Office), String), String> {
    let folder = Folder::create()?;
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(told)?;
    let url = format!("http://{}", listener.local_addr().map_err(told)?);
    let settings = Settings::in_folder(&url, folder.path()).map_err(|failure| failure.text())?;
    let local = settings.open(FirstStart::Allow).await.map_err(|failure| failure.text())?;
    let issuer = local.issuer().await.map_err(|failure| failure.text())?;
    let (stop, stopped) = oneshot::channel();
    let shutdown = async {
        // Dropped or sent: both mean that it is over.
        let _ = stopped.await;
    };
    let task = tokio::spawn(chancery_issuer::serve(listener, Arc::clone(&issuer), shutdown));
    let detail = format!("{url}, with new keys that jsonwebtoken and pasetors have judged");
    Ok(((folder, Office { url, issuer, stop, task }), detail))
}

/// A client of DocuMint, as its owner holds it.
pub(super) struct Registered {
    server: AuthorizationServer,
    id: ClientId,
    secret: Secret,
}

impl Registered {
    /// What asks for a token that nobody has yet: nothing is remembered from before.
    fn client(&self) -> Result<Client, String> {
        Client::new(self.server.clone(), self.id.clone(), self.secret.clone()).map_err(told)
    }

    pub(super) async fn token(&self) -> Result<AccessToken, String> {
        let request = TokenRequest::new().scope(scope!("invoices:read")).resource(AUDIENCE);
        self.client()?.token(&request).await.map_err(told)
    }
}

/// A client that may read invoices of one of DocuMint's tenants, and nothing else.
async fn registered(office: &Office) -> Result<(Registered, String), String> {
    let draft = ClientDraft {
        id: Some("ledger-sync".to_owned()),
        name: Some("Ledger sync".to_owned()),
        purpose: Some("mirrors invoices into the ledger".to_owned()),
        owner: Some("team-ledger".to_owned()),
        tenants: vec!["acme".to_owned()],
        grants: vec![GrantDraft {
            scope: scope!("invoices:read").to_string(),
            audience: Some(AUDIENCE.to_owned()),
            reason: Some("reads what is to be mirrored".to_owned()),
            unbounded: None,
        }],
        unbounded: Some("the ledger covers every project".to_owned()),
        expires_at: Some("1d".to_owned()),
        ..ClientDraft::default()
    };
    let new = office.issuer.desk().create_client(&Authority::MasterKey, draft).await.map_err(told)?;
    let server = AuthorizationServer::issuer(&office.url).map_err(told)?;
    let secret = new.secret.ok_or("the issuer gave its client no secret")?;
    let secret = Secret::new(secret.reveal());
    let registered = Registered { server, id: new.client.id, secret };
    Ok((registered, "client ledger-sync of team-ledger: tenant acme, invoices:read, a day".to_owned()))
}

async fn issued(registered: &Registered) -> Result<(AccessToken, String), String> {
    let token = registered.token().await?;
    let ttl = exact(token.ttl(SystemClock::new().now()));
    let detail = format!("a JWT of {} bytes for {AUDIENCE}, good for {ttl}", token.expose().len());
    Ok((token, detail))
}

async fn started(issuer: &str, folder: &Path) -> Result<(Service, String), String> {
    let service = Service::start(issuer, folder).await?;
    service.follower.wait_ready(PATIENCE).await.map_err(told)?;
    let detail = format!("DocuMint at {} holds {} keys", service.url, service.verifier.kids().len());
    Ok((service, detail))
}

async fn verified_offline(token: AccessToken, service: &Service) -> Result<(Asks, String), String> {
    let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().map_err(told)?;
    let asks = Asks { http, token };
    let before = service.follower.status().fetches.begun;
    let (status, body) = asks.ask(service, Method::GET, "/invoices").await?;
    let invoices = body.as_array().map_or(0, Vec::len);
    expect(status == StatusCode::OK && invoices == 3, || format!("{status} with {invoices} invoices"))?;
    expect(service.follower.status().fetches.begun == before, || "the issuer was asked".to_owned())?;
    Ok((asks, format!("GET /invoices is 200: {invoices} invoices of acme, and the issuer was not asked")))
}

async fn stopped(office: Office) -> Result<((), String), String> {
    let Office { url, stop, task, issuer } = office;
    drop(issuer);
    // Nobody waits for it only if the issuer has ended already.
    let _ = stop.send(());
    task.await.map_err(told)?;
    let address = url.trim_start_matches("http://");
    match TcpStream::connect(address).await {
        Ok(_) => Err(format!("{url} still takes connections")),
        Err(_) => Ok(((), format!("{url} refuses connections"))),
    }
}

/// What the client asks of DocuMint.
pub(super) struct Asks {
    http: reqwest::Client,
    token: AccessToken,
}

impl Asks {
    pub(super) async fn ask(
        &self,
        service: &Service,
        method: Method,
        path: &str,
    ) -> Result<(StatusCode, Value), String> {
        self.ask_with(&self.token, service, method, path).await
    }

    pub(super) async fn ask_with(
        &self,
        token: &AccessToken,
        service: &Service,
        method: Method,
        path: &str,
    ) -> Result<(StatusCode, Value), String> {
        let request = self.http.request(method, format!("{}{path}", service.url));
        let answer = request.header("authorization", &**token.authorization()).send().await.map_err(told)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(told)?;
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    async fn missing_scope(&self, service: &Service) -> Result<((), String), String> {
        let (status, body) = self.ask(service, Method::DELETE, "/invoices/A-1").await?;
        let missing = body["missing"][0].as_str().unwrap_or_default();
        let as_must = status == StatusCode::FORBIDDEN
            && body["reason"] == "insufficient_scope"
            && missing == "invoices:delete";
        expect(as_must, || format!("{status} {body}"))?;
        Ok(((), format!("DELETE /invoices/A-1 is 403: the token lacks {missing}")))
    }

    async fn other_tenant(&self, service: &Service) -> Result<((), String), String> {
        let (status, body) = self.ask(service, Method::GET, "/invoices/G-1").await?;
        expect(status == StatusCode::FORBIDDEN && body["reason"] == "out_of_bounds", || {
            format!("{status} {body}")
        })?;
        Ok(((), "GET /invoices/G-1 is 403: the record belongs to another tenant".to_owned()))
    }

    async fn still_verified(&self, service: &Service) -> Result<((), String), String> {
        let (status, body) = self.ask(service, Method::GET, "/invoices/A-1").await?;
        expect(status == StatusCode::OK, || format!("{status} {body}"))?;
        Ok(((), "GET /invoices/A-1 is 200 without the issuer".to_owned()))
    }
}

pub(super) fn expect(as_it_must: bool, found: impl FnOnce() -> String) -> Result<(), String> {
    if as_it_must { Ok(()) } else { Err(found()) }
}

pub(super) fn told(why: impl std::fmt::Display) -> String {
    why.to_string()
}
