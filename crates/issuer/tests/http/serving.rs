use crate::desk::{DOCUMINT, Desk, encode};
use chancery_issuer::{Drained, serve};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) struct Served {
    pub(crate) address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<Drained>,
}

pub(crate) async fn start(desk: &Desk) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let issuer = Arc::clone(&desk.issuer);
    let server = tokio::spawn(async move {
        serve(listener, issuer, async {
            stopped.await.unwrap();
        })
        .await
    });
    Served { address, stop, server }
}

fn request(body: &str, announced: usize) -> String {
    format!(
        "POST /oauth2/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {announced}\r\n\r\n{body}"
    )
}

/// Reads until `mark` has arrived or the connection is closed.
pub(crate) async fn read_until(stream: &mut TcpStream, mark: &str) -> String {
    let mut seen = Vec::new();
    let read = async {
        while !String::from_utf8_lossy(&seen).contains(mark) {
            if stream.read_buf(&mut seen).await.unwrap_or(0) == 0 {
                break;
            }
        }
    };
    tokio::time::timeout(DEADLINE, read).await.unwrap();
    String::from_utf8(seen).unwrap()
}

#[tokio::test]
async fn a_request_that_was_begun_is_answered_while_the_issuer_stops() {
    let desk = Desk::open().await;
    let secret = desk.client("bot", &[(DOCUMINT, "invoices:read")]).await;
    let form =
        encode(&[("grant_type", "client_credentials"), ("client_id", "bot"), ("client_secret", &secret)]);
    let served = start(&desk).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let (begun, rest) = form.split_at(form.len() / 2);
    stream
        .write_all(
            format!("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n{}", request(begun, form.len())).as_bytes(),
        )
        .await
        .unwrap();
    let first = read_until(&mut stream, "\"alive\"}").await;
    assert!(first.starts_with("HTTP/1.1 200"), "{first}");
    served.stop.send(()).unwrap();
    // The listener is gone as soon as stopping has begun.
    let refused = async {
        while TcpStream::connect(served.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, refused).await.unwrap();
    stream.write_all(rest.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "\"scope\":\"invoices:read\"}").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    let drained = tokio::time::timeout(DEADLINE, served.server).await.unwrap().unwrap();
    assert_eq!(drained, Drained::Completely);
}

#[tokio::test]
async fn a_connection_that_does_not_finish_is_cut_when_time_is_up() {
    let desk = Desk::open_with(&[("LIMITS__DRAIN_TIMEOUT", "1s"), ("LIMITS__REQUEST_TIMEOUT", "60s")]).await;
    let served = start(&desk).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream
        .write_all(format!("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n{}", request("grant", 100)).as_bytes())
        .await
        .unwrap();
    read_until(&mut stream, "\"alive\"}").await;
    served.stop.send(()).unwrap();
    let drained = tokio::time::timeout(DEADLINE, served.server).await.unwrap().unwrap();
    assert_eq!(drained, Drained::Cut { connections: 1 });
    assert_eq!(read_until(&mut stream, "never").await, "");
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_a_stopping_issuer_up() {
    let desk = Desk::open().await;
    let served = start(&desk).await;
    let mut idle = TcpStream::connect(served.address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    read_until(&mut idle, "\"alive\"}").await;
    served.stop.send(()).unwrap();
    let drained = tokio::time::timeout(DEADLINE, served.server).await.unwrap().unwrap();
    assert_eq!(drained, Drained::Completely);
    assert_eq!(read_until(&mut idle, "never").await, "", "it was closed");
}

#[tokio::test]
async fn answers_tell_nothing_about_the_server() {
    let desk = Desk::open().await;
    let served = start(&desk).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let answer = read_until(&mut stream, "ready").await.to_lowercase();
    assert!(!answer.contains("\nserver:") && !answer.contains("x-powered-by"), "{answer}");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_and_the_issuer_lives_on() {
    let desk = Desk::open().await;
    let served = start(&desk).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let head = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(64 * 1024));
    // The server may close before everything is written.
    let _ = stream.write_all(head.as_bytes()).await;
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert!(read_until(&mut stream, "\"alive\"}").await.starts_with("HTTP/1.1 200"));
}
