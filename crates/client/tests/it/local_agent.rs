//! An agent on a Unix socket that answers as a test tells it to.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use chancery_client::Agent;
use chancery_token::UnixTime;
use chancery_verifier::clock::FixedClock;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinHandle;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_795_305_600);

/// One question as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) body: String,
}

/// An agent at a path of its own.
pub(crate) struct LocalAgent {
    pub(crate) socket: PathBuf,
    shared: Arc<Shared>,
    serving: Option<Serving>,
}

struct Serving {
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Status, headers and body; `#` becomes the number of the answer.
type Answer = (StatusCode, Vec<(&'static str, &'static str)>, String);

struct Shared {
    answer: Mutex<Answer>,
    asked: Mutex<Vec<Question>>,
    answered: AtomicUsize,
    /// Answers wait for a permit while there are none.
    gate: Semaphore,
}

impl LocalAgent {
    /// One that gives bound tokens of fifteen minutes.
    pub(crate) fn start() -> Self {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let number = STARTED.fetch_add(1, Ordering::SeqCst);
        let folder =
            std::env::temp_dir().join(format!("chancery-local-agent-{}-{number}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let shared = Arc::new(Shared {
            answer: Mutex::new((StatusCode::OK, Vec::new(), token("DPoP", 900))),
            asked: Mutex::default(),
            answered: AtomicUsize::new(0),
            gate: Semaphore::new(1_000_000),
        });
        let socket = folder.join("agent.sock");
        let serving = Some(serve(&socket, Arc::clone(&shared)));
        Self { socket, shared, serving }
    }

    /// A client of it, and the clock that it goes by.
    pub(crate) fn client(&self) -> (Agent, Arc<FixedClock>) {
        let clock = Arc::new(FixedClock::new(NOW));
        (Agent::with_clock(self.socket.to_str().unwrap(), clock.clone()).unwrap(), clock)
    }

    /// Answers like this from now on.
    pub(crate) fn answers(&self, status: u16, headers: &[(&'static str, &'static str)], body: &str) {
        let status = StatusCode::from_u16(status).unwrap();
        *self.shared.answer.lock().unwrap() = (status, headers.to_vec(), body.to_owned());
    }

    /// Every question so far.
    pub(crate) fn asked(&self) -> Vec<Question> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// Lets questions in and holds the answers back.
    pub(crate) fn hold(&self) {
        let permits = u32::try_from(self.shared.gate.available_permits()).unwrap();
        self.shared.gate.try_acquire_many(permits).unwrap().forget();
    }

    /// Lets the answers go.
    pub(crate) fn release(&self) {
        self.shared.gate.add_permits(1_000_000);
    }

    /// Waits until so many questions arrived.
    pub(crate) async fn wait_for(&self, questions: usize) {
        let arrived = async {
            while self.asked().len() < questions {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), arrived).await.expect("questions that do not arrive");
    }

    /// Goes away: connections are closed, and nobody listens.
    pub(crate) async fn stop(&mut self) {
        let Serving { end, task } = self.serving.take().unwrap();
        end.send(()).unwrap();
        task.await.unwrap();
        std::fs::remove_file(&self.socket).unwrap();
    }

    /// Comes back at the same place.
    pub(crate) fn start_again(&mut self) {
        self.serving = Some(serve(&self.socket, Arc::clone(&self.shared)));
    }
}

impl Drop for LocalAgent {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.socket.parent().unwrap());
    }
}

/// The documented answer to `GET /token`.
pub(crate) fn token(scheme: &str, expires_in: u64) -> String {
    let expires_at = NOW.as_secs() + expires_in;
    format!(
        r#"{{"access_token":"token-#","token_type":"{scheme}","expires_at":{expires_at},"expires_in":{expires_in},"scope":"a:b"}}"#
    )
}

/// The documented answer to `POST /proof`.
pub(crate) fn proof(scheme: &str, dpop: Option<&str>) -> String {
    let expires_at = NOW.as_secs() + 900;
    let dpop = dpop.map_or_else(String::new, |dpop| format!(r#""dpop":"{dpop}","#));
    format!(
        r#"{{"authorization":"{scheme} token-#",{dpop}"access_token":"token-#","expires_at":{expires_at}}}"#
    )
}

fn serve(socket: &Path, shared: Arc<Shared>) -> Serving {
    let listener = UnixListener::bind(socket).unwrap();
    let (end, ended) = oneshot::channel::<()>();
    let router = Router::new().fallback(answer).with_state(shared);
    let serving =
        axum::serve(listener, router).with_graceful_shutdown(async { ended.await.unwrap_or_default() });
    Serving { end, task: tokio::spawn(async { serving.await.unwrap() }) }
}

async fn answer(State(shared): State<Arc<Shared>>, method: Method, uri: Uri, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    shared.asked.lock().unwrap().push(Question { method, target: uri.to_string(), body });
    shared.gate.acquire().await.unwrap().forget();
    let number = shared.answered.fetch_add(1, Ordering::SeqCst) + 1;
    let (status, headers, body) = shared.answer.lock().unwrap().clone();
    let mut response = (status, body.replace('#', &number.to_string())).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
