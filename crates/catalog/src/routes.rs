//! The routes of a service, held to the catalog (R14).

mod check;
mod table;

pub use check::{RouteFinding, check_routes};
pub use table::{Route, RouteTable, RouteTableFault};

#[cfg(test)]
mod tests;
