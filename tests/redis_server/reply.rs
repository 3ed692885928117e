//! The protocol of Redis, as much of it as a test needs to look at a server from outside (RESP2).

use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

/// What is asked here is answered at once, or not at all.
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// There is nothing.
    Nothing,
    /// A number.
    Number(i64),
    /// Bytes, or a status; what is no UTF-8 in it is replaced.
    Text(String),
    /// A refusal, with its code in front.
    Refusal(String),
    /// Several.
    List(Vec<Reply>),
}

impl Reply {
    /// The text it is. Panics if it is something else.
    pub fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            other => panic!("this is no text: {other:?}"),
        }
    }

    /// The number it is. Panics if it is something else.
    pub fn number(self) -> i64 {
        match self {
            Self::Number(number) => number,
            other => panic!("this is no number: {other:?}"),
        }
    }

    /// The answers it holds. Panics if it is something else.
    pub fn list(self) -> Vec<Self> {
        match self {
            Self::List(list) => list,
            other => panic!("this is no list: {other:?}"),
        }
    }
}

/// Sends the commands and reads the answer to the last one.
pub(super) fn ask(port: u16, commands: &[Vec<&str>]) -> io::Result<Reply> {
    let stream = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut request = Vec::new();
    for words in commands {
        write!(request, "*{}\r\n", words.len())?;
        for word in words {
            write!(request, "${}\r\n{word}\r\n", word.len())?;
        }
    }
    (&stream).write_all(&request)?;
    let mut reader = BufReader::new(stream);
    let mut last = Reply::Nothing;
    for _ in commands {
        last = read(&mut reader)?;
    }
    Ok(last)
}

fn read(from: &mut BufReader<TcpStream>) -> io::Result<Reply> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let line = line.trim_end();
    let (Some(kind), Some(rest)) = (line.get(..1), line.get(1..)) else {
        return Err(io::ErrorKind::UnexpectedEof.into());
    };
    let number = || rest.parse::<i64>().map_err(io::Error::other);
    Ok(match kind {
        "+" => Reply::Text(rest.to_owned()),
        "-" => Reply::Refusal(rest.to_owned()),
        ":" => Reply::Number(number()?),
        "$" => match usize::try_from(number()?) {
            Ok(length) => {
                let mut bytes = vec![0; length + 2];
                from.read_exact(&mut bytes)?;
                bytes.truncate(length);
                Reply::Text(String::from_utf8_lossy(&bytes).into_owned())
            }
            Err(_) => Reply::Nothing,
        },
        "*" => {
            let count = number()?.max(0);
            Reply::List((0..count).map(|_| read(from)).collect::<io::Result<_>>()?)
        }
        _ => return Err(io::Error::other(format!("no answer of a Redis: {line}"))),
    })
}
