//! A service that takes all that comes, believes it, and remembers it.

use super::lenient::served;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// It listens on a port of its own until it is dropped.
pub(super) struct Witness {
    pub(super) url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// One request, as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// Method, target and version.
    pub(super) line: String,
    /// In their order and their spelling.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Witness {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (heard, ends) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::spawn({
            let (heard, ends) = (Arc::clone(&heard), Arc::clone(&ends));
            move || {
                for stream in listener.incoming() {
                    if ends.load(Ordering::SeqCst) {
                        return;
                    }
                    let request = Heard::read(&mut BufReader::new(stream.as_ref().unwrap()));
                    // Remembered before it is answered: whoever has the answer finds it here.
                    heard.lock().unwrap().push(request.clone());
                    answer(&stream.unwrap(), &request);
                }
            }
        });
        Self { url, heard, ends, thread: Some(thread) }
    }

    /// What it has heard since it was last asked.
    pub(super) fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }
}

/// With 200, or with what the request asks for: `?answer=403`.
fn answer(mut stream: &TcpStream, request: &Heard) {
    let status = request.target().split_once("answer=").map_or("200", |(_, status)| &status[..3]);
    let body = if request.line.starts_with("HEAD ") { "" } else { r#"{"reason":"of_the_service"}"# };
    let answer = format!(
        "HTTP/1.1 {status} Of The Service\r\nContent-Type: application/x-witness\r\nContent-Length: 27\r\nRetry-After: 77\r\n\
         WWW-Authenticate: Basic realm=\"witness\"\r\nAllow: WITNESS\r\nX-Witness: seen\r\nConnection: close\r\n\r\n{body}"
    );
    // Whoever went away does not want it.
    let _ = stream.write_all(answer.as_bytes());
}

impl Heard {
    fn read(stream: &mut BufReader<&TcpStream>) -> Self {
        let mut next = || {
            let mut line = Vec::new();
            stream.read_until(b'\n', &mut line).unwrap();
            String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()
        };
        let line = next();
        let header =
            |line: String| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
        let headers: Vec<(String, String)> = std::iter::from_fn(|| header(next())).collect();
        let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
        stream.read_exact(&mut body).unwrap();
        Self { line, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// As it stands in the first line.
    pub(super) fn target(&self) -> &str {
        let (_, rest) = self.line.split_once(' ').unwrap();
        rest.rsplit_once(' ').unwrap().0
    }

    /// The path that it takes the target for.
    pub(super) fn served(&self) -> String {
        served(self.target())
    }

    /// The values of what it takes for this header: letters of either case, and `_` as good as `-`, as CGI has it.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let same = |known: &str| known.replace('_', "-").eq_ignore_ascii_case(name);
        self.headers.iter().filter(|(known, _)| same(known)).map(|(_, value)| &**value).collect()
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        // It sees that it ends when somebody comes.
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
