//! `routes.json`, as a guarded service writes it.

use std::fmt;

/// Every route of a service with what it asks of its callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTable {
    routes: Vec<Route>,
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// The method it answers to.
    pub method: String,
    /// Its path template, from the root of the service.
    pub path: String,
    /// The scopes that a token must carry, every one of them.
    pub scopes: Vec<String>,
    /// Why it is open to everybody, if it is.
    #[serde(default)]
    pub public: Option<String>,
    /// The oldest news of the revocation log that it goes by, in seconds, where that is less than elsewhere.
    #[serde(default)]
    pub at_most: Option<u64>,
}

/// Why a file is no table of routes. Whoever wrote the file is to blame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteTableFault {
    /// Not JSON, or of another shape.
    #[error(
        "{file}:{line}: {why}; write what the service's table of routes serialises to: [{{\"method\", \"path\", \"scopes\", \"public\"}}]"
    )]
    Shape {
        /// The file, as the caller named it.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// No route at all: nothing would be checked, and the check would pass.
    #[error("{file} holds no route; write the table after all routes are registered")]
    Empty {
        /// The file.
        file: String,
    },
    /// A route that is public and asks for scopes.
    #[error("{file}: {route} is public and asks for scopes; decide for one")]
    Contradiction {
        /// The file.
        file: String,
        /// Method and path.
        route: String,
    },
    /// A route that stands there twice, so that nobody can say what it asks for.
    #[error("{file}: {route} stands there twice; write each route once")]
    Repeated {
        /// The file.
        file: String,
        /// Method and path.
        route: String,
    },
}

impl RouteTableFault {
    /// Stable name, for logs and documentation.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Shape { .. } => "routes_unreadable",
            Self::Empty { .. } => "routes_empty",
            Self::Contradiction { .. } => "routes_contradictory",
            Self::Repeated { .. } => "routes_repeated",
        }
    }
}

impl RouteTable {
    /// Reads the JSON that a table of routes of the guard serialises to. `file` only stands in the faults.
    pub fn parse(json: &str, file: &str) -> Result<Self, RouteTableFault> {
        let routes: Vec<Route> = serde_json::from_str(json).map_err(|why| RouteTableFault::Shape {
            file: file.to_owned(),
            line: why.line().max(1),
            why: why.to_string(),
        })?;
        if routes.is_empty() {
            return Err(RouteTableFault::Empty { file: file.to_owned() });
        }
        for (at, route) in routes.iter().enumerate() {
            let told = || (file.to_owned(), route.to_string());
            if route.public.is_some() && !route.scopes.is_empty() {
                let (file, route) = told();
                return Err(RouteTableFault::Contradiction { file, route });
            }
            if routes.iter().take(at).any(|earlier| earlier.is(route)) {
                let (file, route) = told();
                return Err(RouteTableFault::Repeated { file, route });
            }
        }
        Ok(Self { routes })
    }

    /// Its routes, in the order of the file.
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }
}

impl Route {
    /// Whether both answer to the same requests.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.method == other.method && self.path == other.path
    }

    /// Whether it says who may use it.
    pub(super) fn is_declared(&self) -> bool {
        !self.scopes.is_empty() || self.public.as_deref().is_some_and(|why| !why.trim().is_empty())
    }
}

/// Method and path.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
