//! Makes a service of a table of routes, if the table holds.

use super::access::{Access, public};
use super::challenge::Challenge;
#[cfg(feature = "dpop")]
use super::credentials::Scheme;
#[cfg(feature = "dpop")]
use super::dpop::Proofs;
use super::entrance::{self, Entrance};
use super::guarded::Guarded;
use super::methods::{Endpoint, Verb};
use super::resource::{METADATA_REASON, MetadataDocument, MetadataLocation};
use super::router::Syntax;
use super::table::{Row, Table};
use crate::revocation::NotFresher;
use crate::verifier::Verifier;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::MethodRouter;
use matchit::InsertError;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What is wrong with a table of routes: every fault, so that one start shows them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidRoutes {
    faults: Vec<InvalidRoute>,
}

/// One fault of a table of routes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRoute {
    /// Two paths would match the same requests.
    #[error("{path} matches the same requests as {with}: name the path parameter alike, or drop one of them")]
    Conflict {
        /// The later path.
        path: String,
        /// The earlier one.
        with: String,
    },
    /// A method stands twice at one path, so nobody can say which access counts.
    #[error("{method} {path} is declared twice: keep one of them")]
    DeclaredTwice {
        /// The method.
        method: Verb,
        /// The path.
        path: String,
    },
    /// The route asks for younger news of the revocation log than there can be.
    #[error("{method} {path} cannot have news so young: {why}")]
    Fresher {
        /// The method.
        method: Verb,
        /// The path.
        path: String,
        /// Why not.
        why: NotFresher,
    },
    /// The path belongs to the metadata of the service.
    #[error("{path} is where the guard serves its protected-resource metadata: drop the route")]
    MetadataPath {
        /// The path.
        path: String,
    },
    /// The path cannot be routed.
    #[error("the path '{path}' cannot be routed: {fault}")]
    Path {
        /// The path.
        path: String,
        /// Why.
        fault: String,
    },
    /// A public route without a reason.
    #[error("{method} {path} is public and does not say why: write public(\"why\")")]
    PublicWithoutReason {
        /// The method.
        method: Verb,
        /// The path.
        path: String,
    },
    /// A verb at the path of a whole service, which answers every method already.
    #[error("{method} {path} is declared where a whole service answers every method: drop one of them")]
    UnderService {
        /// The method.
        method: Verb,
        /// The path.
        path: String,
    },
}

impl InvalidRoutes {
    /// Every fault, by path.
    pub fn faults(&self) -> &[InvalidRoute] {
        &self.faults
    }
}

impl fmt::Display for InvalidRoutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the routes cannot be served")?;
        self.faults
            .iter()
            .enumerate()
            .try_for_each(|(at, fault)| write!(f, "{} {fault}", if at == 0 { ":" } else { ";" }))
    }
}

impl std::error::Error for InvalidRoutes {}

pub(super) fn seal(
    table: Table,
    routes: Vec<(String, Endpoint<()>)>,
    syntax: Syntax,
    verifier: Verifier,
    #[cfg(feature = "dpop")] proofs: Option<Proofs>,
) -> Result<Guarded, InvalidRoutes> {
    let metadata = MetadataLocation::of_audience(verifier.audience());
    let mut faults = faults(&table, metadata.as_ref(), syntax);
    faults.extend(table.rows().iter().filter_map(|row| not_fresher(row, &verifier)));
    if !faults.is_empty() {
        return Err(InvalidRoutes { faults });
    }
    let challenge = Challenge::new(&verifier, metadata.as_ref());
    #[cfg(feature = "dpop")]
    let challenge = match &proofs {
        None => challenge,
        Some(proofs) if proofs.takes_unbound() => challenge.taking(&[Scheme::Bearer, Scheme::Dpop]),
        Some(_) => challenge.taking(&[Scheme::Dpop]),
    };
    let entrances = Entrances {
        challenge,
        verifier,
        #[cfg(feature = "dpop")]
        proofs: proofs.map(Arc::new),
    };
    // What would be a slip is found already, and told instead of a panic.
    let mut app = axum::Router::new().without_v07_checks();
    for (path, endpoint) in routes {
        app = app.route(&path, entrances.before(endpoint, &path));
    }
    let Some(MetadataLocation { path, .. }) = metadata else { return Ok(Guarded::new(app, table, None)) };
    let document = MetadataDocument::new(&entrances.verifier, &table, entrances.challenge.schemes());
    app = app.route(&path, axum::routing::get(async move || document.clone()));
    let row = Row { method: Verb::Get, path: path.clone(), access: public(METADATA_REASON) };
    let table = Table::new(table.rows().iter().cloned().chain([row]));
    Ok(Guarded::new(app, table, Some(path.into())))
}

/// What the entrances of all routes have in common.
struct Entrances {
    challenge: Challenge,
    verifier: Verifier,
    #[cfg(feature = "dpop")]
    proofs: Option<Arc<Proofs>>,
}

impl Entrances {
    /// Verbs take their entrance as `route_layer`, so that a method that is not declared is 405 with `Allow` and not
    /// 401; a service answers every method, and its entrance stands in front of all of it.
    fn before(&self, endpoint: Endpoint<()>, path: &str) -> MethodRouter {
        let Endpoint { verb, access, handler } = endpoint;
        match (access, verb) {
            (Access::Public { .. }, Verb::Any) => handler.layer(from_fn(entrance::open)),
            (Access::Public { .. }, _) => handler.route_layer(from_fn(entrance::open)),
            (Access::Token(demand), verb) => {
                let verifier = match demand.at_most() {
                    // What cannot be is found already.
                    Some(most) => self.verifier.at_most(most).unwrap_or_else(|_| self.verifier.clone()),
                    None => self.verifier.clone(),
                };
                let entrance = Entrance::new(verifier, self.challenge.demanding(demand.shared()), path);
                #[cfg(feature = "dpop")]
                let entrance = entrance.with_proofs(self.proofs.clone());
                let layer = from_fn_with_state(Arc::new(entrance), entrance::demand);
                if verb == Verb::Any { handler.layer(layer) } else { handler.route_layer(layer) }
            }
        }
    }
}

fn not_fresher(row: &Row, verifier: &Verifier) -> Option<InvalidRoute> {
    let Access::Token(demand) = &row.access else { return None };
    let why = verifier.at_most(demand.at_most()?).err()?;
    Some(InvalidRoute::Fresher { method: row.method, path: row.path.clone(), why })
}

fn faults(table: &Table, metadata: Option<&MetadataLocation>, syntax: Syntax) -> Vec<InvalidRoute> {
    let mut by_path: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in table.rows() {
        by_path.entry(&row.path).or_default().push(row);
    }
    let mut faults = Vec::new();
    // The router that axum itself routes with, so that what passes here cannot panic there.
    let mut paths = matchit::Router::new();
    if let Some(MetadataLocation { path, .. }) = metadata {
        // It comes from a URL, so a colon in it is a colon.
        faults.extend(path_fault(&mut paths, path, Syntax::Literal));
    }
    for (path, rows) in by_path {
        if metadata.is_some_and(|metadata| metadata.path == path) {
            faults.push(InvalidRoute::MetadataPath { path: path.to_owned() });
            continue;
        }
        faults.extend(path_fault(&mut paths, path, syntax));
        let mut earlier: Option<Verb> = None;
        for Row { method, access, .. } in rows {
            let (method, path) = (*method, path.to_owned());
            if access.public_reason().is_some_and(|reason| reason.trim().is_empty()) {
                faults.push(InvalidRoute::PublicWithoutReason { method, path: path.clone() });
            }
            // Rows come sorted by method, a whole service first.
            match earlier {
                Some(before) if before == method => faults.push(InvalidRoute::DeclaredTwice { method, path }),
                Some(Verb::Any) => faults.push(InvalidRoute::UnderService { method, path }),
                Some(_) | None => earlier = Some(method),
            }
        }
    }
    faults
}

fn path_fault(paths: &mut matchit::Router<()>, path: &str, syntax: Syntax) -> Option<InvalidRoute> {
    let fault = |fault: &str| Some(InvalidRoute::Path { path: path.to_owned(), fault: fault.to_owned() });
    if !path.starts_with('/') {
        return fault("write it from the root, with a '/' in front");
    }
    if syntax == Syntax::Slip && path.split('/').any(|segment| segment.starts_with([':', '*'])) {
        return fault("a parameter is written {name}, the rest of a path {*name}");
    }
    match paths.insert(path, ()) {
        Ok(()) => None,
        Err(InsertError::Conflict { with }) => Some(InvalidRoute::Conflict { path: path.to_owned(), with }),
        Err(other) => fault(&other.to_string()),
    }
}
