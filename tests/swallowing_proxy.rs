//! A TCP proxy that breaks on command: it swallows bytes, turns connections away, cuts them, and heals.

mod link;

use link::Link;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Nobody listens when an upstream is gone; on this machine that shows at once.
const CONNECT: Duration = Duration::from_secs(1);

/// Which bytes get lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swallowed {
    /// What clients send: the server hears nothing.
    Requests,
    /// What the server sends: it hears and obeys, and nobody learns of it.
    Answers,
    /// Both.
    Everything,
}

/// What the proxy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Forward,
    Swallow(Swallowed),
    Refuse,
    Stop,
}

/// A proxy on a port of its own, in front of one server of this machine. Stops when it is dropped.
///
/// A connection that lost a byte is lost for good, as one whose route was forgotten on the way: also after
/// [`SwallowingProxy::heal`] nothing passes it any more, and neither side is told. New ones pass.
pub struct SwallowingProxy {
    shared: Arc<Shared>,
    door: Option<JoinHandle<()>>,
}

struct Shared {
    address: SocketAddr,
    upstream: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
    accepted: AtomicU64,
    forwarded: AtomicU64,
    swallowed: AtomicU64,
}

struct State {
    mode: Mode,
    is_listening: bool,
    links: Vec<Link>,
}

impl SwallowingProxy {
    /// Starts to forward to `upstream`. Fails when this machine has no port left.
    pub fn in_front_of(upstream: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let shared = Arc::new(Shared {
            address: listener.local_addr()?,
            upstream,
            state: Mutex::new(State { mode: Mode::Forward, is_listening: true, links: Vec::new() }),
            changed: Condvar::new(),
            accepted: AtomicU64::new(0),
            forwarded: AtomicU64::new(0),
            swallowed: AtomicU64::new(0),
        });
        let door = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.keep_the_door(listener)
        });
        Ok(Self { shared, door: Some(door) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// From now on connections are taken, and these bytes of old and new ones are lost.
    pub fn swallow(&self, what: Swallowed) {
        self.shared.turn(Mode::Swallow(what));
    }

    /// Cuts every connection and stops listening: whoever connects is refused. Returns when that is so.
    pub fn refuse(&self) {
        self.shared.turn(Mode::Refuse);
        self.cut();
        self.shared.wake_the_door();
        drop(self.shared.wait_while(|state| state.is_listening));
        // What came in before the door was shut.
        self.cut();
    }

    /// Cuts every connection; new ones are treated as before.
    pub fn cut(&self) {
        for link in self.shared.state().links.drain(..) {
            link.cut();
        }
    }

    /// Forwards again. Returns when it listens.
    pub fn heal(&self) {
        self.shared.turn(Mode::Forward);
        drop(self.shared.wait_while(|state| !state.is_listening));
    }

    /// How many connections it took so far.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// How many bytes it passed on so far.
    pub fn forwarded(&self) -> u64 {
        self.shared.forwarded.load(Ordering::SeqCst)
    }

    /// How many bytes it swallowed so far.
    pub fn swallowed(&self) -> u64 {
        self.shared.swallowed.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self, mode: Mode) {
        self.state().mode = mode;
        self.changed.notify_all();
    }

    fn wait_while(&self, holds: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let waited = self.changed.wait_while(self.state(), |state| holds(state));
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever waits for a connection looks at the mode after each one.
    fn wake_the_door(&self) {
        // Refused: then it is not waiting.
        let _ = TcpStream::connect_timeout(&self.address, CONNECT);
    }

    fn keep_the_door(self: &Arc<Self>, mut listener: TcpListener) {
        loop {
            self.take(&listener);
            drop(listener);
            self.state().is_listening = false;
            self.changed.notify_all();
            let mode = self.wait_while(|state| state.mode == Mode::Refuse).mode;
            if mode == Mode::Stop {
                return;
            }
            // The port is from the range that the system gives out: in the worst case somebody else has it by now.
            let Ok(again) = TcpListener::bind(self.address) else { return };
            listener = again;
            self.state().is_listening = true;
            self.changed.notify_all();
        }
    }

    /// Takes connections until it should not any more.
    fn take(self: &Arc<Self>, listener: &TcpListener) {
        while let Ok((client, _)) = listener.accept() {
            // Before the upstream is asked: a stopped proxy is not to ask it.
            if matches!(self.state().mode, Mode::Refuse | Mode::Stop) {
                return;
            }
            self.accepted.fetch_add(1, Ordering::SeqCst);
            // Without a server behind it the client's connection ends here, as it would there.
            if let Ok(server) = TcpStream::connect_timeout(&self.upstream, CONNECT) {
                Link::open(self, client, server);
            }
        }
    }
}

impl Drop for SwallowingProxy {
    fn drop(&mut self) {
        self.shared.turn(Mode::Stop);
        self.cut();
        self.shared.wake_the_door();
        if let Some(door) = self.door.take() {
            // Its own thread does not panic; and a drop would be no place to say so.
            let _ = door.join();
        }
        self.cut();
    }
}

impl fmt::Debug for SwallowingProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SwallowingProxy")
            .field("address", &self.address())
            .field("upstream", &self.shared.upstream)
            .field("mode", &self.shared.state().mode)
            .field("accepted", &self.accepted())
            .field("forwarded", &self.forwarded())
            .field("swallowed", &self.swallowed())
            .finish_non_exhaustive()
    }
}
