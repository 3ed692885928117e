//! The crate `oauth2` gets a token.

use crate::Fault;
use crate::description::Description;
use crate::fetch::{address, metadata};
use crate::say::Library;
use chancery_client::Secret;
use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenType};
use oauth2::http::Response;
use oauth2::{
    ClientId, ClientSecret, HttpRequest, HttpResponse, RequestTokenError, Scope, TokenResponse as _, TokenUrl,
};

/// The crate does not tell its version; the lock file does.
const LOCK: &str = include_str!("../../../Cargo.lock");

/// One token with the right secret, one refusal with a wrong one.
pub(crate) async fn get_a_token(description: &Description) -> Result<(), Fault> {
    let library = Library { name: "oauth2", version: version("oauth2")? };
    let metadata = metadata(&description.asker.issuer).await?;
    let endpoint = TokenUrl::new(address(&metadata, "token_endpoint")?.to_owned())?;
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
