//! How a Redis goes away, and how it comes back.

use super::world::World;
use chancery_tests::swallowing_proxy::Swallowed;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A Redis of this machine answers in far less.
const SILENCE: Duration = Duration::from_millis(300);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// SIGSTOP: its connections are open, new ones are taken by the system, nothing is answered.
    StandsStill,
    /// SIGKILL, and nobody listens on its port.
    Killed,
    /// Connections are taken, and everything that is sent is lost.
    Blackholed,
    /// It hears and obeys, and every answer is lost.
    AnswersLost,
    /// Connections are cut and refused.
    Refused,
}

impl Fault {
    pub(super) fn inflict(self, world: &mut World) {
        match self {
            Self::StandsStill => world.redis.pause(),
            Self::Killed => world.redis.kill9(),
            Self::Blackholed => world.proxy.swallow(Swallowed::Everything),
            Self::AnswersLost => world.proxy.swallow(Swallowed::Answers),
            Self::Refused => world.proxy.refuse(),
        }
    }

    pub(super) fn end(self, world: &mut World) {
        match self {
            Self::StandsStill => world.redis.resume(),
            Self::Killed => world.redis.restart(),
            Self::Blackholed | Self::AnswersLost | Self::Refused => world.proxy.heal(),
        }
    }

    /// Whether who asks hears nothing, rather than that there is nobody.
    pub(super) fn is_silent(self) -> bool {
        !matches!(self, Self::Killed | Self::Refused)
    }

    /// That the Redis is as good as dead for whoever asks the way the issuer does.
    #[track_caller]
    pub(super) fn is_there(self, world: &World) {
        // Of what the issuer sent, before anything is sent from here.
        let swallowed = world.proxy.swallowed();
        let heard = ping(world.proxy.address());
        let expected: &[ErrorKind] = if self.is_silent() {
            &[ErrorKind::WouldBlock, ErrorKind::TimedOut]
        } else {
            &[ErrorKind::ConnectionRefused, ErrorKind::ConnectionReset, ErrorKind::UnexpectedEof]
        };
        assert!(heard.as_ref().is_err_and(|kind| expected.contains(kind)), "{self:?}: {heard:?}");
        let swallows = matches!(self, Self::Blackholed | Self::AnswersLost);
        assert_eq!(swallowed > 0, swallows, "{:?}", world.proxy);
    }
}

/// What a Redis at `address` says.
pub(super) fn ping(address: SocketAddr) -> Result<String, ErrorKind> {
    let asked = || {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(SILENCE))?;
        stream.write_all(b"PING\r\n")?;
        let mut answer = [0; 7];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    };
    let answer = asked().map_err(|error: std::io::Error| error.kind())?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
