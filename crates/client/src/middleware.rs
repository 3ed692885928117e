//! Tokens for a `reqwest` client: a middleware that adds them, and knows what a refusal wants.

mod challenge;
mod origin;

use crate::access_token::AccessToken;
use crate::error::InvalidSetup;
use crate::server::{InvalidUrl, is_loopback};
use crate::tokens::Tokens;
use async_trait::async_trait;
use challenge::Demand;
use http::Extensions;
use origin::Origin;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::{Request, Response, redirect};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error, Middleware, Next};

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// Adds tokens to the requests of a `reqwest` client, and proofs of their key where they are bound to one.
///
/// * Only requests to the origins that it was built for get a token. Others, and those that bring an `Authorization` of
///   their own, go out as they are.
/// * A server that wants a nonce in its proofs (`use_dpop_nonce`, RFC 9449 section 9) gets it, and what it told last is
///   remembered.
/// * A token that a server answers with 401 is forgotten, and the request is sent once more with another, where its body
///   can be sent twice: a stream cannot.
///
/// ```no_run
/// use chancery_client::{Agent, Authorized, SessionError};
/// use reqwest_middleware::Error;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let agent = Agent::at("/home/me/.local/state/chancery/agent/default.sock")?;
/// let client = Authorized::for_origins(agent, ["https://api.example.com"])?.client()?;
/// match client.get("https://api.example.com/documents/1").send().await {
///     Ok(answer) => println!("{}", answer.status()),
///     // Why there is no token is found inside of the error.
///     Err(Error::Middleware(why)) => {
///         println!("{:?}", why.downcast_ref::<SessionError>().map(|why| (why.kind(), why.reason())));
///     }
///     Err(Error::Reqwest(why)) => println!("the network, or the server: {why}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Authorized<T> {
    tokens: T,
    origins: Vec<Origin>,
}

impl<T: Tokens + 'static> Authorized<T> {
    /// Adds `tokens` to the requests to these origins, each named by any URL of it: `https://api.example.com`.
    ///
    /// # Errors
    /// One of them is no place that a token may be sent to: neither https nor on this machine.
    pub fn for_origins<'o>(
        tokens: T,
        origins: impl IntoIterator<Item = &'o str>,
    ) -> Result<Self, InvalidUrl> {
        let origins = origins.into_iter().map(Origin::of).collect::<Result<_, _>>()?;
        Ok(Self { tokens, origins })
    }

    /// A client of its own, which follows no redirect: whoever asks is shown it.
    ///
    /// A client of the program's takes this middleware as well. Where that follows a redirect to another origin, `reqwest`
    /// leaves the token out; on the same origin it takes it along, with a proof that is for the first address, so that
    /// the second refuses it. What comes of a redirect is handed out as it is, and no token is forgotten for it.
    ///
    /// # Errors
    /// The TLS of this machine cannot be used.
    pub fn client(self) -> Result<ClientWithMiddleware, InvalidSetup> {
        let mut builder = reqwest::Client::builder().redirect(redirect::Policy::none());
        if self.origins.iter().all(|origin| is_loopback(origin.url())) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|why| InvalidSetup::Tls(why.to_string()))?;
        Ok(ClientBuilder::new(client).with(self).build())
    }
}

#[async_trait]
impl<T: Tokens + 'static> Middleware for Authorized<T> {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let own = request.headers().contains_key(AUTHORIZATION);
        match self.origins.iter().find(|origin| origin.holds(request.url())) {
            Some(origin) if !own => self.send(origin, request, extensions, next).await,
            Some(_) | None => next.run(request, extensions).await,
        }
    }
}

impl<T: Tokens + 'static> Authorized<T> {
    /// Sends a request, and again after each remedy that it calls for; no remedy is tried twice.
    async fn send(
        &self,
        origin: &Origin,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let (mut told_nonce, mut renewed) = (false, false);
        let mut refused: Option<(AccessToken, Response)> = None;
        loop {
            let spare = request.try_clone();
            let asked = request.url().clone();
            let token = self.add(origin, &mut request).await?;
            // There is no other now: what was answered to this one holds.
            match refused.take() {
                Some((before, response)) if before.expose() == token.expose() => return Ok(response),
                Some(_) | None => {}
            }
            let response = next.clone().run(request, extensions).await?;
            if *response.url() != asked {
                return Ok(response); // of a redirect: it says nothing about this request
            }
            origin.learn(response.headers());
            match challenge::demand(response.status(), response.headers()) {
                Demand::Nonce if !told_nonce => told_nonce = true,
                Demand::Token if renewed => {
                    origin.despair(token);
                    return Ok(response);
                }
                // Another was refused here as soon as it came: the token is not what is wrong.
                Demand::Token if origin.despairs(&token) => return Ok(response),
                Demand::Token => {
                    self.tokens.forget(&token).await;
                    renewed = true;
                }
                Demand::Nonce | Demand::Nothing => return Ok(response),
            }
            let Some(again) = spare else { return Ok(response) };
            request = again;
            refused = renewed.then_some((token, response));
        }
    }

    async fn add(&self, origin: &Origin, request: &mut Request) -> reqwest_middleware::Result<AccessToken> {
        let nonce = origin.nonce();
        let authorized =
            self.tokens.authorize(request.method().as_str(), request.url(), nonce.as_deref()).await;
        let (token, authorization) = authorized.map_err(Error::middleware)?;
        let mut value = HeaderValue::from_str(&authorization.authorization).map_err(Error::middleware)?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        request.headers_mut().remove(DPOP);
        if let Some(proof) = &authorization.dpop {
            let proof = HeaderValue::from_str(proof).map_err(Error::middleware)?;
            request.headers_mut().insert(DPOP, proof);
        }
        Ok(token)
    }
}
