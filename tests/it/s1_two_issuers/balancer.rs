//! One address for several issuers, as a load balancer gives them.

use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Hands each connection to the next backend that takes it.
pub(super) struct Balancer {
    pub(super) url: String,
    backends: Arc<Mutex<Vec<String>>>,
}

impl Balancer {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let backends = Arc::new(Mutex::new(Vec::<String>::new()));
        let known = Arc::clone(&backends);
        // Ends with the process: a test has no use for fewer addresses.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let mut backends = known.lock().unwrap();
                let connect = |(at, address): (usize, &String)| Some((at, TcpStream::connect(address).ok()?));
                let Some((at, backend)) = backends.iter().enumerate().find_map(connect) else { continue };
                backends.rotate_left(at + 1);
                drop(backends);
                join(&client, &backend);
            }
        });
        Self { url, backends }
    }

    /// A backend more.
    pub(super) fn add(&self, url: &str) {
        self.backends.lock().unwrap().push(url.trim_start_matches("http://").to_owned());
    }
}

/// Carries bytes both ways until either side is done.
fn join(client: &TcpStream, backend: &TcpStream) {
    for (from, to) in [(client, backend), (backend, client)] {
        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        thread::spawn(move || {
            // A side that broke off is done too.
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
}
