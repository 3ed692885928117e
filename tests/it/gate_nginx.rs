//! The gate behind the real nginx, by the configuration of the composition. In front of services in Python and Node all
//! of S1 holds; in front of a service that believes everything no trick gets further than the gate. Each trick is also
//! played on an nginx without the gate, where the service falls for it.

mod answers;
mod away;
mod bodies;
mod changes;
mod claims;
mod config;
mod fronted;
mod heads;
mod lenient;
mod methods;
mod nginx;
mod paths;
mod processes;
mod s1;
mod service;
mod stage;
mod told;
mod wire;
mod witness;
