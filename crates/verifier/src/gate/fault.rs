//! Tables of routes that no gate can stand in front of.

use crate::guard::{InvalidRoute, InvalidRoutes};
use std::fmt;

/// What is wrong with a table of routes: every fault, so that one start shows them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidGate {
    faults: Vec<GateFault>,
}

/// One fault of a table of routes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateFault {
    /// Two paths meet the same request, and each is the more exact one in another segment.
    #[error("{path} and {with} both answer {both}, and services differ in which: declare {both} too")]
    Crossing {
        /// The earlier path.
        path: String,
        /// The later one.
        with: String,
        /// What both meet.
        both: String,
    },
    /// Two paths are the same to a service that is lenient about case, escapes or the last slash.
    #[error(
        "{path} and {with} are one route to a service that is lenient about case or the last slash: rename one"
    )]
    Lookalike {
        /// The earlier path.
        path: String,
        /// The later one.
        with: String,
    },
    /// The guard would not serve it either.
    #[error(transparent)]
    Route(InvalidRoute),
    /// No plain path meets it, so the gate would let nobody in.
    #[error("{path} is met by no path that the gate lets through: {why}")]
    Unreachable {
        /// The path.
        path: String,
        /// Why not.
        why: String,
    },
}

impl InvalidGate {
    pub(super) fn new(faults: Vec<GateFault>) -> Self {
        Self { faults }
    }

    /// Every fault.
    pub fn faults(&self) -> &[GateFault] {
        &self.faults
    }
}

impl From<InvalidRoutes> for InvalidGate {
    fn from(routes: InvalidRoutes) -> Self {
        Self { faults: routes.faults().iter().cloned().map(GateFault::Route).collect() }
    }
}

impl fmt::Display for InvalidGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no gate can stand before these routes")?;
        self.faults
            .iter()
            .enumerate()
            .try_for_each(|(at, fault)| write!(f, "{} {fault}", if at == 0 { ":" } else { ";" }))
    }
}

impl std::error::Error for InvalidGate {}
