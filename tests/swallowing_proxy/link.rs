//! One connection through the proxy: two streams, two directions.

use super::{Mode, Shared, Swallowed};
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The two streams, to be cut from outside.
pub(super) struct Link {
    client: TcpStream,
    server: TcpStream,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Requests,
    Answers,
}

impl Link {
    /// Begins to pass bytes in both directions.
    pub(super) fn open(shared: &Arc<Shared>, client: TcpStream, server: TcpStream) {
        // A socket that is gone already ends its link.
        let _ = Self::try_open(shared, client, server);
    }

    fn try_open(shared: &Arc<Shared>, client: TcpStream, server: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let is_lost = Arc::new(AtomicBool::new(false));
        let pump = |direction, from: &TcpStream, to: &TcpStream| -> io::Result<_> {
            Ok(Pump {
                shared: Arc::clone(shared),
                direction,
                from: from.try_clone()?,
                to: to.try_clone()?,
                is_lost: Arc::clone(&is_lost),
            })
        };
        let requests = pump(Direction::Requests, &client, &server)?;
        let answers = pump(Direction::Answers, &server, &client)?;
        shared.state().links.push(Self { client, server });
        for pump in [requests, answers] {
            std::thread::spawn(move || pump.run());
        }
        Ok(())
    }

    /// Ends it for both sides.
    pub(super) fn cut(self) {
        // Whoever is gone needs no cut.
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

struct Pump {
    shared: Arc<Shared>,
    direction: Direction,
    from: TcpStream,
    to: TcpStream,
    is_lost: Arc<AtomicBool>,
}

impl Pump {
    fn run(mut self) {
        let mut buffer = [0; 16 * 1024];
        loop {
            let bytes = match self.from.read(&mut buffer) {
                // The end of a stream is a message too.
                Ok(0) | Err(_) if self.swallows() => return,
                Ok(0) | Err(_) => break,
                Ok(count) => buffer.get(..count).unwrap_or_default(),
            };
            let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            if self.swallows() {
                self.shared.swallowed.fetch_add(count, Ordering::SeqCst);
                continue;
            }
            // Counted before it is passed on, so that whoever got it finds it counted.
            self.shared.forwarded.fetch_add(count, Ordering::SeqCst);
            if self.to.write_all(bytes).is_err() {
                break;
            }
        }
        let _ = self.to.shutdown(Shutdown::Both);
        let _ = self.from.shutdown(Shutdown::Both);
    }

    /// Whether what comes now gets lost, and with it the connection.
    fn swallows(&self) -> bool {
        let ours = match self.direction {
            Direction::Requests => Swallowed::Requests,
            Direction::Answers => Swallowed::Answers,
        };
        let mode = self.shared.state().mode;
        if matches!(mode, Mode::Swallow(what) if what == ours || what == Swallowed::Everything) {
            self.is_lost.store(true, Ordering::SeqCst);
        }
        // While only one direction is swallowed, the other one still passes.
        let both = !matches!(mode, Mode::Swallow(what) if what != ours && what != Swallowed::Everything);
        both && self.is_lost.load(Ordering::SeqCst)
    }
}
