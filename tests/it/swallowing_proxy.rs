//! The proxy that other tests rest on does what it says.

use chancery_tests::swallowing_proxy::{Swallowed, SwallowingProxy};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// Long enough for this machine to answer itself, short enough to wait for in vain.
const PATIENCE: Duration = Duration::from_millis(300);

/// A server that sends back what it gets, and says which connection it came on.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            std::thread::spawn(move || {
                let (mut from, mut to) = (stream.try_clone().unwrap(), stream);
                std::io::copy(&mut from, &mut to)
            });
        }
    });
    address
}

fn connect(proxy: &SwallowingProxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// What comes back for `text`: itself, nothing, or the end.
fn say(stream: &mut TcpStream, text: &str) -> Result<String, ErrorKind> {
    stream.write_all(text.as_bytes()).map_err(|error| error.kind())?;
    let mut answer = vec![0; text.len()];
    stream.read_exact(&mut answer).map_err(|error| error.kind())?;
    Ok(String::from_utf8(answer).unwrap())
}

fn is_silent(answer: &Result<String, ErrorKind>) -> bool {
    matches!(answer, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut))
}

#[test]
fn what_it_forwards_arrives_and_is_counted() {
    let proxy = SwallowingProxy::in_front_of(echo()).unwrap();
    let mut stream = connect(&proxy);
    assert_eq!(say(&mut stream, "hello").unwrap(), "hello");
    assert_eq!((proxy.accepted(), proxy.forwarded(), proxy.swallowed()), (1, 10, 0));
}

#[test]
fn what_it_swallows_is_lost_and_so_is_the_connection_while_a_quiet_one_lives_on() {
    let proxy = SwallowingProxy::in_front_of(echo()).unwrap();
    let (mut talks, mut is_quiet) = (connect(&proxy), connect(&proxy));
    for stream in [&mut talks, &mut is_quiet] {
        assert_eq!(say(stream, "1").unwrap(), "1");
    }
    proxy.swallow(Swallowed::Everything);
    assert!(is_silent(&say(&mut talks, "22")));
    assert_eq!(proxy.swallowed(), 2);
    let mut late = connect(&proxy);
    assert!(is_silent(&say(&mut late, "333")), "whoever connects now is taken, and not heard");
    proxy.heal();
    assert!(is_silent(&say(&mut talks, "4")), "nobody told it that it is dead");
    assert_eq!(say(&mut is_quiet, "5").unwrap(), "5");
    assert_eq!(say(&mut connect(&proxy), "6").unwrap(), "6");
}

#[test]
fn it_swallows_answers_of_requests_that_arrived() {
    let proxy = SwallowingProxy::in_front_of(echo()).unwrap();
    let mut stream = connect(&proxy);
    assert_eq!(say(&mut stream, "1").unwrap(), "1");
    proxy.swallow(Swallowed::Answers);
    let forwarded = proxy.forwarded();
    assert!(is_silent(&say(&mut stream, "22")));
    assert_eq!((proxy.forwarded() - forwarded, proxy.swallowed()), (2, 2));
}

#[test]
fn whom_it_refuses_is_refused_and_whom_it_had_is_cut_until_it_heals() {
    let proxy = SwallowingProxy::in_front_of(echo()).unwrap();
    let mut stream = connect(&proxy);
    assert_eq!(say(&mut stream, "1").unwrap(), "1");
    for _ in 0..3 {
        proxy.refuse();
        let refused = TcpStream::connect(proxy.address()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        let cut = say(&mut stream, "2");
        assert!(cut.is_err() && !is_silent(&cut), "{cut:?}");
        proxy.heal();
        stream = connect(&proxy);
        assert_eq!(say(&mut stream, "3").unwrap(), "3");
    }
}

#[test]
fn whom_it_cuts_may_come_back_at_once() {
    let proxy = SwallowingProxy::in_front_of(echo()).unwrap();
    let mut stream = connect(&proxy);
    assert_eq!(say(&mut stream, "1").unwrap(), "1");
    proxy.cut();
    let cut = say(&mut stream, "2");
    assert!(cut.is_err() && !is_silent(&cut), "{cut:?}");
    assert_eq!(say(&mut connect(&proxy), "3").unwrap(), "3");
}
