//! Writes `tests/vectors/revocation.json` anew.
//!
//! `cargo run --release -p chancery-revocation --example revocation_vectors`

#[path = "../tests/it/vectors/make.rs"]
mod make;

fn main() -> std::io::Result<()> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/revocation.json");
    std::fs::write(path, make::file())
}
