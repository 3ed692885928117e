//! The crate `oauth2` gets a token, and goes on with a session.

use crate::Fault;
use crate::description::{Description, Role};
use crate::fetch::{address, metadata};
use crate::say::Library;
use chancery_client::Secret;
use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenType};
use oauth2::http::Response;
use oauth2::{
    ClientId, ClientSecret, HttpRequest, HttpResponse, RefreshToken, RequestTokenError, Scope,
    TokenResponse as _, TokenUrl,
};
use std::collections::BTreeMap;

/// The crate does not tell its version; the lock file does.
const LOCK: &str = include_str!("../../../Cargo.lock");

/// All that it can do.
pub(crate) async fn get_a_token(description: &Description) -> Result<(), Fault> {
    let library = Library { name: "oauth2", version: version("oauth2")? };
    let metadata = metadata(&description.asker.issuer).await?;
    let endpoint = TokenUrl::new(address(&metadata, "token_endpoint")?.to_owned())?;
    ask(library, description, &endpoint).await?;
    refresh(library, description, &endpoint).await
}

/// One token with the right secret, one refusal with a wrong one.
async fn ask(library: Library<'_>, description: &Description, endpoint: &TokenUrl) -> Result<(), Fault> {
    let secret = Secret::read_file(&description.asker.client_secret_file)?;
    // As the crate's documentation advises: a token endpoint has nothing to redirect to.
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let send = |request| send(http.clone(), request);
    let client = |secret: &str| {
        BasicClient::new(ClientId::new(description.asker.client_id.clone()))
            .set_client_secret(ClientSecret::new(secret.to_owned()))
            .set_token_uri(endpoint.clone())
    };
    let product = &description.jwt;
    let right = client(secret.expose());
    let asked = right
        .exchange_client_credentials()
        .add_scope(Scope::new(product.scope.clone()))
        .add_extra_param("resource", &product.audience);
    let token = asked.request_async(&send).await?;
    let scopes: Vec<&str> = token.scopes().into_iter().flatten().map(|scope| scope.as_str()).collect();
    let is_one = *token.token_type() == BasicTokenType::Bearer
        && token.expires_in().is_some_and(|life| !life.is_zero())
        && scopes == [&product.scope];
    library.say("gets a token", is_one, "");
    let wrong = client(&secret.expose().replace(|c: char| c.is_ascii_digit(), "x"));
    let refused = wrong.exchange_client_credentials().request_async(&send).await;
    let told = matches!(
        &refused,
        Err(RequestTokenError::ServerResponse(why)) if *why.error() == BasicErrorResponseType::InvalidClient
    );
    library.say("is told why", told, "");
    Ok(())
}

/// A session that goes on, also after an answer was lost, and not for another client.
async fn refresh(library: Library<'_>, description: &Description, endpoint: &TokenUrl) -> Result<(), Fault> {
    let roles = description.roles.get(library.name).ok_or("the description has no roles for oauth2")?;
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build()?;
    let send = |request| send(http.clone(), request);
    let client = |name: &str| -> Result<_, Fault> {
        let (id, secret) = of(roles, name)?;
        Ok(BasicClient::new(id).set_client_secret(secret).set_token_uri(endpoint.clone()))
    };
    let (session, helper) = (client("session")?, client("helper")?);
    let first = session.exchange_client_credentials().request_async(&send).await?;
    let held = first.refresh_token().ok_or("the session has no refresh token")?;
    let second = session.exchange_refresh_token(held).request_async(&send).await?;
    let goes_on = second.refresh_token().is_some_and(|next| next.secret() != held.secret())
        && second.access_token().secret() != first.access_token().secret();
    library.say("refreshes its session", goes_on, "");
    let again = session.exchange_refresh_token(held).request_async(&send).await?;
    let is_same =
        again.refresh_token().map(RefreshToken::secret) == second.refresh_token().map(RefreshToken::secret);
    library.say("refreshes again after an answer was lost", is_same, "");
    let refused = helper.exchange_refresh_token(held).request_async(&send).await;
    let told = matches!(
        &refused,
        Err(RequestTokenError::ServerResponse(why)) if *why.error() == BasicErrorResponseType::InvalidGrant
    );
    library.say("is refused: another client's refresh token", told, "");
    Ok(())
}

fn of(roles: &BTreeMap<String, Role>, name: &str) -> Result<(ClientId, ClientSecret), Fault> {
    let role = roles.get(name).ok_or_else(|| format!("the description has no role {name}"))?;
    let file = role.client_secret_file.as_ref().ok_or_else(|| format!("the role {name} has no secret"))?;
    let secret = Secret::read_file(file)?.expose().to_owned();
    Ok((ClientId::new(role.client_id.clone()), ClientSecret::new(secret)))
}

/// The crate brings its own HTTP clients, of an older line than ours; it takes any other.
async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = http.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = Response::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

fn version(package: &str) -> Result<&'static str, Fault> {
    let entry = format!("name = \"{package}\"\nversion = \"");
    let behind = LOCK.split_once(&entry).ok_or_else(|| format!("Cargo.lock holds no {package}"))?.1;
    Ok(behind.split('"').next().unwrap_or_default())
}
