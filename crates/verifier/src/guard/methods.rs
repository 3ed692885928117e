//! The verbs of a path, each with its access.

use super::access::Access;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, any};
use std::fmt;
use std::str::FromStr;

/// The request method a route answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verb {
    /// Whatever the method: a whole service.
    Any,
    /// `DELETE`.
    Delete,
    /// `GET`, and `HEAD` with it (RFC 9110 section 9.3.2).
    Get,
    /// `PATCH`.
    Patch,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
}

impl Verb {
    /// The method as it stands in a request; `ANY` for a service.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "ANY",
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// The text is no verb that a route can answer to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{found}' is no method of a route: write DELETE, GET, PATCH, POST or PUT, or ANY for a whole service"
)]
pub struct UnknownVerb {
    /// The text.
    pub found: String,
}

/// As [`Verb::as_str`] writes it.
impl FromStr for Verb {
    type Err = UnknownVerb;

    fn from_str(text: &str) -> Result<Self, UnknownVerb> {
        [Self::Any, Self::Delete, Self::Get, Self::Patch, Self::Post, Self::Put]
            .into_iter()
            .find(|verb| verb.as_str() == text)
            .ok_or_else(|| UnknownVerb { found: text.to_owned() })
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The verbs of one path. Every verb states its own access.
///
/// ```
/// use chancery_verifier::guard::{Router, delete, get};
/// use chancery_verifier::scope;
/// # async fn show() {}
/// # async fn remove() {}
/// let routes: Router = Router::new()
///     .route("/invoices/{id}", get(scope!("invoices:read"), show).delete(scope!("invoices:delete"), remove));
/// # let _ = delete::<_, _, ()>(scope!("invoices:delete"), remove);
/// ```
/// A handler without an access does not compile.
#[must_use = "verbs do nothing until `Router::route` puts them on a path"]
pub struct Methods<S = ()> {
    pub(super) endpoints: Vec<Endpoint<S>>,
}

/// One verb of one path: what it asks, and what answers.
pub(super) struct Endpoint<S> {
    pub(super) verb: Verb,
    pub(super) access: Access,
    pub(super) handler: MethodRouter<S>,
}

/// Answers `verb` for whoever meets `access`: for routes that are read from a table.
pub fn on<H, T, S>(verb: Verb, access: impl Into<Access>, handler: H) -> Methods<S>
where
    H: Handler<T, S>,
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    let none = Methods { endpoints: Vec::new() };
    match verb {
        Verb::Any => {
            Methods { endpoints: vec![Endpoint { verb, access: access.into(), handler: any(handler) }] }
        }
        Verb::Delete => none.delete(access, handler),
        Verb::Get => none.get(access, handler),
        Verb::Patch => none.patch(access, handler),
        Verb::Post => none.post(access, handler),
        Verb::Put => none.put(access, handler),
    }
}

impl<S: Clone + Send + Sync + 'static> Endpoint<S> {
    pub(super) fn with_state<S2>(self, state: S) -> Endpoint<S2> {
        Endpoint { verb: self.verb, access: self.access, handler: self.handler.with_state(state) }
    }
}

macro_rules! verbs {
    ($($name:ident $verb:ident $filter:ident),*) => {
        $(
            #[doc = concat!("Answers `", stringify!($filter), "` for whoever meets `access`.")]
            pub fn $name<H, T, S>(access: impl Into<Access>, handler: H) -> Methods<S>
            where
                H: Handler<T, S>,
                T: 'static,
                S: Clone + Send + Sync + 'static,
            {
                Methods { endpoints: Vec::new() }.$name(access, handler)
            }
        )*

        impl<S: Clone + Send + Sync + 'static> Methods<S> {
            $(
                #[doc = concat!("Answers `", stringify!($filter), "` too, for whoever meets `access`.")]
                pub fn $name<H, T>(mut self, access: impl Into<Access>, handler: H) -> Self
                where
                    H: Handler<T, S>,
                    T: 'static,
                {
                    let handler = axum::routing::on(MethodFilter::$filter, handler);
                    self.endpoints.push(Endpoint { verb: Verb::$verb, access: access.into(), handler });
                    self
                }
            )*
        }
    };
}

verbs!(delete Delete DELETE, get Get GET, patch Patch PATCH, post Post POST, put Put PUT);

impl<S> fmt::Debug for Methods<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.endpoints.iter().map(|endpoint| (endpoint.verb, &endpoint.access)))
            .finish()
    }
}
