//! Real things that tests start, break and stop. The whole-system tests are under `it/`, the benchmarks under
//! `benches/`.

pub mod redis_server;
pub mod swallowing_proxy;
