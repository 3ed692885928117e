//! Many who wait, over real connections.

use super::office::{DEADLINE, Office, told, until};
use crate::serving::read_until;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;

async fn poll(office: &Office, wait: u64) -> TcpStream {
    let mut stream = TcpStream::connect(office.address).await.unwrap();
    let path = office.desk.delta_path(office.desk.sequence(), wait);
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
    stream
}

/// Reads one answer; its body.
async fn answer(mut stream: TcpStream) -> String {
    let head = read_until(&mut stream, "\r\n\r\n").await;
    let (head, mut body) =
        head.split_once("\r\n\r\n").map(|(head, body)| (head.to_owned(), body.to_owned())).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let length: usize = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .and_then(|length| length.parse().ok())
        .unwrap_or_else(|| panic!("{head}"));
    let mut rest = vec![0; length - body.len()];
    stream.read_exact(&mut rest).await.unwrap();
    body.push_str(&String::from_utf8(rest).unwrap());
    body
}

fn waiting(office: &Office) -> usize {
    office.desk.issuer.publisher().receipts().of(office.desk.sequence()).anonymous
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r50_a_thousand_who_wait_are_told_by_one_signature() {
    let office = Office::open().await;
    let mut polls = Vec::new();
    for _ in 0..1000 {
        polls.push(poll(&office, 55).await);
    }
    until(|| waiting(&office) == 1000).await;
    let (start, signed) = (office.desk.sequence(), office.desk.issuer.publisher().signatures());
    office.desk.revoke_some(1).await;
    let mut answers = JoinSet::new();
    for stream in polls {
        answers.spawn(answer(stream));
    }
    let bodies: BTreeSet<String> =
        tokio::time::timeout(DEADLINE, answers.join_all()).await.unwrap().into_iter().collect();
    assert_eq!(bodies.len(), 1, "everybody is told the same, byte for byte");
    assert_eq!(office.desk.issuer.publisher().signatures() - signed, 1);
    let (from, to, entries, _) = told(&office.desk.document(bodies.first().unwrap()).await);
    assert_eq!((from, to, entries), (start, office.desk.sequence(), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heartbeats_of_a_second_are_one_signature_however_many_poll() {
    let office = Office::open().await;
    let signed = office.desk.issuer.publisher().signatures();
    let mut answers = JoinSet::new();
    for _ in 0..200 {
        // The clock stands, so that there is one second in which the log is confirmed.
        let stream = poll(&office, 1).await;
        answers.spawn(answer(stream));
    }
    let bodies: BTreeSet<String> =
        tokio::time::timeout(DEADLINE, answers.join_all()).await.unwrap().into_iter().collect();
    assert_eq!((bodies.len(), office.desk.issuer.publisher().signatures() - signed), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_wakes_those_who_wait_once_or_twice_and_not_for_each_entry() {
    let office = Office::open().await;
    let start = office.desk.sequence();
    let signed = office.desk.issuer.publisher().signatures();
    let url = office.url.clone();
    let log = office.desk.log();
    let follower = tokio::spawn(async move {
        let client = reqwest::Client::new();
        let (mut at, mut asked) = (start, 0_u64);
        while at.get() < start.get() + 500 {
            let question = format!("{url}/revocation/delta?log={log}&after={at}&wait=55");
            let document = client.get(question).send().await.unwrap().text().await.unwrap();
            let payload = document.split('.').nth(1).unwrap();
            let payload = chancery_token::encoding::from_base64url(payload).unwrap();
            let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
            at = chancery_revocation::Sequence::new(payload["to"].as_u64().unwrap());
            asked += 1;
        }
        asked
    });
    until(|| waiting(&office) == 1).await;
    let began = tokio::time::Instant::now();
    for _ in 0..500 {
        office.desk.revoke_some(1).await;
    }
    let took = began.elapsed();
    let asked = tokio::time::timeout(DEADLINE, follower).await.unwrap().unwrap();
    // However long the burst took here: one answer for each 20 ms of it, and the first and the last one.
    let most = u64::try_from(took.as_millis()).unwrap() / 20 + 2;
    let signed = office.desk.issuer.publisher().signatures() - signed;
    assert!(asked <= most && signed <= most, "{asked} answers and {signed} signatures in {took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_holds_up_nobody() {
    let office = Office::open().await;
    for _ in 0..100 {
        office.desk.revoke_some(255).await;
    }
    let socket = TcpSocket::new_v4().unwrap();
    // Room for a little at the reader's end; the snapshot is larger, and stands half sent.
    socket.set_recv_buffer_size(4096).unwrap();
    let mut slow = socket.connect(office.address).await.unwrap();
    let many = "GET /revocation/snapshot HTTP/1.1\r\nhost: x\r\n\r\n".repeat(64);
    slow.write_all(many.as_bytes()).await.unwrap();
    let begun = read_until(&mut slow, "HTTP/1.1 200").await;
    assert!(begun.starts_with("HTTP/1.1 200"));
    let polls = [poll(&office, 55).await, poll(&office, 55).await];
    until(|| waiting(&office) == 2).await;
    office.desk.revoke_some(1).await;
    for stream in polls {
        assert!(!answer(stream).await.is_empty());
    }
    let snapshot = reqwest::get(format!("{}/revocation/snapshot", office.url)).await.unwrap();
    assert!(snapshot.text().await.unwrap().len() > 100_000);
    drop(slow);
}

#[tokio::test]
async fn who_goes_away_while_he_waits_leaves_nothing_behind() {
    let office = Office::open().await;
    let polls = [poll(&office, 55).await, poll(&office, 55).await];
    until(|| waiting(&office) == 2).await;
    drop(polls);
    until(|| waiting(&office) == 0).await;
    let (_desk, drained) = tokio::time::timeout(Duration::from_secs(30), office.stop()).await.unwrap();
    assert_eq!(drained, chancery_issuer::Drained::Completely);
}
