//! What only a connection shows.

use crate::admin_desk::{AdminDesk, CLIENTS};
use crate::serving::{read_until, start};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

fn head(desk: &AdminDesk, method: &str, announced: usize) -> String {
    format!(
        "{method} {CLIENTS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {announced}\r\n\r\n",
        desk.token
    )
}

#[tokio::test]
async fn a_body_that_trickles_is_cut_off_and_one_that_is_too_large_gets_an_answer_that_can_be_read() {
    let desk = AdminDesk::open_with(&[("LIMITS__REQUEST_TIMEOUT", "1s")]).await;
    let served = start(&desk.desk).await;
    let mut slow = TcpStream::connect(served.address).await.unwrap();
    slow.write_all(format!("{}{{", head(&desk, "POST", 100)).as_bytes()).await.unwrap();
    let answer = read_until(&mut slow, "body_timed_out\"}").await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    let mut large = TcpStream::connect(served.address).await.unwrap();
    let body = "x".repeat(200 * 1024);
    large.write_all(format!("{}{body}", head(&desk, "POST", body.len())).as_bytes()).await.unwrap();
    let answer = read_until(&mut large, "body_too_large\"}").await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn an_answer_to_head_ends_with_its_head() {
    let desk = AdminDesk::open().await;
    let served = start(&desk.desk).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let without = format!("HEAD {CLIENTS} HTTP/1.1\r\nhost: x\r\n\r\n");
    let last = format!(
        "HEAD {CLIENTS} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\r\n",
        desk.token
    );
    stream.write_all(format!("{without}{last}").as_bytes()).await.unwrap();
    let answers = read_until(&mut stream, "never").await;
    let heads: Vec<&str> = answers.split("\r\n\r\n").collect();
    assert_eq!(heads.len(), 3, "two heads, and nothing between or behind them: {answers}");
    assert!(heads[0].starts_with("HTTP/1.1 401") && heads[1].starts_with("HTTP/1.1 200"), "{answers}");
    assert_eq!(heads[2], "");
    for head in heads.iter().take(2) {
        assert!(head.contains("cache-control: no-store") && head.contains("content-length: "), "{head}");
    }
}
