//! Nothing lives here: the whole-system tests are under `it/`, the benchmarks under `benches/`.
