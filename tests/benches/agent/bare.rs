//! A server that has nothing but its answers: what the same exchange costs without an agent.

use crate::folder::told;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, Uri};
use std::path::Path;
use tokio::net::UnixListener;

/// The word that starts this program as the bare server.
pub(crate) const WORD: &str = "serve-the-bare-socket";

const HEADERS: [(HeaderName, &str); 2] = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];

/// Answers from the files `token` and `proof` in `answers`, on one thread, until somebody ends it.
pub(crate) fn serve(socket: &Path, answers: &Path) -> Result<(), String> {
    let read = |name: &str| {
        let file = answers.join(name);
        let text = std::fs::read_to_string(&file).map_err(|fault| told(&file, &fault))?;
        Ok::<&'static str, String>(text.leak())
    };
    let (token, proof) = (read("token")?, read("proof")?);
    let answer = async move |uri: Uri| (HEADERS, if uri.path() == "/token" { token } else { proof });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| format!("no runtime: {fault}"))?;
    runtime.block_on(async {
        let listener = UnixListener::bind(socket).map_err(|fault| told(socket, &fault))?;
        let served = axum::serve(listener, Router::new().fallback(answer)).await;
        served.map_err(|fault| format!("no server: {fault}"))
    })
}
