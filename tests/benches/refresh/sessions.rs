//! Clients that begin sessions, and go on with them.

use crate::crowd::{Asker, Crowd};
use crate::exchange::OK;
use crate::form::{self, Registered};
use std::net::SocketAddr;

/// What stands before a refresh token in an answer.
const BEFORE: &[u8] = b"\"refresh_token\":\"";

/// A client that begins sessions.
struct Beginner {
    request: Vec<u8>,
    tokens: Vec<Vec<u8>>,
}

/// A client that goes on with its sessions, one after the other and then again. It holds the newest token of each.
#[derive(Clone)]
pub(crate) struct Holder {
    tokens: Vec<Vec<u8>>,
    at: usize,
    /// What it sends, up to the token at its end.
    request: Vec<u8>,
    head: usize,
}

/// Lets each of these clients begin so many.
pub(crate) fn begin(address: SocketAddr, clients: &[Registered], each: usize) -> Result<Vec<Holder>, String> {
    let beginner = |Registered { id, secret }: &Registered| {
        let parameters = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        Beginner { request: form::post(address, &parameters), tokens: Vec::with_capacity(each) }
    };
    let mut crowd = Crowd::connect(address, clients.iter().map(beginner).collect(), OK)?;
    crowd.ask(each)?;
    // They come back in any order, each with the request that it sent.
    let mut begun = crowd.leave();
    begun.sort_by(|one, other| one.request.cmp(&other.request));
    let mut clients: Vec<&Registered> = clients.iter().collect();
    clients.sort_by(|one, other| one.id.cmp(&other.id));
    begun.into_iter().zip(clients).map(|(begun, client)| Holder::new(address, client, begun.tokens)).collect()
}

impl Asker for Beginner {
    fn request(&mut self) -> &[u8] {
        &self.request
    }

    fn answered(&mut self, body: &[u8]) -> Result<(), String> {
        self.tokens.push(token(body)?.to_vec());
        Ok(())
    }
}

impl Holder {
    fn new(address: SocketAddr, client: &Registered, tokens: Vec<Vec<u8>>) -> Result<Self, String> {
        let first = tokens.first().ok_or("a client that began nothing")?;
        let first = str::from_utf8(first).map_err(|fault| fault.to_string())?;
        let request = form::refresh(address, client, first);
        let head = request.len() - first.len();
        Ok(Self { tokens, at: 0, request, head })
    }

    /// The same sessions, for another server.
    pub(crate) fn for_another(&self, own: SocketAddr, other: SocketAddr) -> Self {
        let text = String::from_utf8_lossy(&self.request);
        let request = text.replace(&own.to_string(), &other.to_string()).into_bytes();
        let head = request.len() + self.head - self.request.len();
        Self { request, head, ..self.clone() }
    }

    /// Its tokens as they are now.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = &str> {
        self.tokens.iter().filter_map(|token| str::from_utf8(token).ok())
    }
}

impl Asker for Holder {
    fn request(&mut self) -> &[u8] {
        // All are of one length, and no character of theirs needs another form.
        self.request[self.head..].copy_from_slice(&self.tokens[self.at]);
        &self.request
    }

    fn answered(&mut self, body: &[u8]) -> Result<(), String> {
        let newest = token(body)?;
        let held = &mut self.tokens[self.at];
        if newest.len() != held.len() {
            return Err(format!("a refresh token of another length: {}", String::from_utf8_lossy(body)));
        }
        held.copy_from_slice(newest);
        self.at = (self.at + 1) % self.tokens.len();
        Ok(())
    }
}

/// The refresh token in an answer. It stands near its end.
pub(crate) fn token(body: &[u8]) -> Result<&[u8], String> {
    let begin = body.windows(BEFORE.len()).rposition(|bytes| bytes == BEFORE);
    let rest = begin.and_then(|begin| body.get(begin + BEFORE.len()..));
    let token = rest.and_then(|rest| rest.split(|byte| *byte == b'"').next());
    token.ok_or_else(|| format!("an answer without a refresh token: {}", String::from_utf8_lossy(body)))
}
