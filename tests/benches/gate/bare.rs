//! Servers that decide nothing: what answers where the gate would, and what stands behind the proxy.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::serve::ListenerExt as _;
use std::net::{SocketAddr, TcpListener};

/// The word that starts this program as the empty server.
pub(crate) const WORD: &str = "serve-the-empty-auth";

/// Says 200 to everything, in this process, until somebody ends it.
pub(crate) fn serve_alone(address: &str) -> Result<(), String> {
    let listener = TcpListener::bind(address).map_err(|fault| format!("{address}: {fault}"))?;
    serve(listener, Router::new().fallback(async || StatusCode::OK))
}

/// Starts a service with a small answer, on a thread that ends with this process.
pub(crate) fn service() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|fault| format!("no free port: {fault}"))?;
    let address = listener.local_addr().map_err(|fault| format!("no free port: {fault}"))?;
    let answer = async || ([(CONTENT_TYPE, "application/json")], r#"{"number":"A-1","total_cents":42000}"#);
    std::thread::spawn(move || serve(listener, Router::new().fallback(answer)));
    Ok(address)
}

/// One thread: nobody can say 200 for less.
fn serve(listener: TcpListener, router: Router) -> Result<(), String> {
    let told = |fault: std::io::Error| format!("no server: {fault}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(told)?;
    listener.set_nonblocking(true).map_err(told)?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(told)?;
        // As the gate has it. A socket that refuses is none.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        axum::serve(listener, router).await.map_err(told)
    })
}
