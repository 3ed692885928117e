//! Libraries of other languages: each a process that takes its turns as our own code does, and times itself.

use crate::contest::Contender;
use crate::order::Order;
use crate::report::Report;
use crate::subject::{AUDIENCE, ISSUER, Subject};
use crate::{npm, pip};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// What a peer is asked to do.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    Sign,
    Verify,
}

/// Done before the first turn in a run that counts: by then an engine has compiled what it runs.
const WARM_UP: u32 = 2000;

/// node `jose` and PyJWT at work on the tokens of `subject`. Who cannot be had here is named, and left out.
pub(crate) fn all<'p>(
    work: Work,
    subject: &Subject,
    order: &Order,
    report: &mut Report,
) -> Vec<Contender<'p>> {
    let node = npm::installed().map(|home| {
        let mut command = Command::new(npm::node(&home));
        command.arg("jose.mjs").current_dir(home);
        command
    });
    let python = pip::installed().map(|(python, script)| {
        let mut command = Command::new(python);
        command.arg(script);
        command
    });
    let mut contenders = Vec::new();
    for (name, command) in [("jose", node), ("pyjwt", python)] {
        match command.and_then(|command| Peer::start(command, subject)) {
            Ok(mut peer) => {
                crate::used::used(name, &peer.version, report);
                if !order.quick {
                    peer.take(work, WARM_UP);
                }
                contenders.push(Contender::timed(name, move |repetitions| peer.take(work, repetitions)));
            }
            Err(why) => eprintln!("{name} is not measured: {why}"),
        }
    }
    contenders
}

struct Peer {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    version: String,
}

/// What a peer says first.
#[derive(serde::Deserialize)]
struct Introduction {
    version: String,
    /// The first of the claims, signed by it.
    token: String,
}

impl Peer {
    /// Starts it, tells it the key, the claims and the tokens, and looks at a token that it signed.
    fn start(mut command: Command, subject: &Subject) -> Result<Self, String> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|fault| format!("{command:?}: {fault}"))?;
        let (to, from) = (child.stdin.take(), child.stdout.take());
        let (Some(to), Some(from)) = (to, from) else { return Err("a process without pipes".to_owned()) };
        let mut peer = Self { child, to, from: BufReader::new(from), version: String::new() };
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let signer = subject.signer();
        let tokens: Vec<String> = subject.claims.iter().map(|claims| signer.sign(claims).unwrap()).collect();
        let key = serde_json::json!({
            "kty": "OKP", "crv": "Ed25519", "kid": signer.kid(),
            "x": encode(subject.public()), "d": encode(&subject.dalek.to_bytes()),
        });
        let job = serde_json::json!({
            "key": key, "issuer": ISSUER, "audience": AUDIENCE, "claims": subject.payloads(), "tokens": tokens,
        });
        let said: Introduction =
            serde_json::from_str(&peer.ask(&job.to_string())?).map_err(|fault| fault.to_string())?;
        subject.verifier(0).verify(&said.token, subject.now).map_err(|why| format!("its token: {why}"))?;
        peer.version = said.version;
        Ok(peer)
    }

    fn take(&mut self, work: Work, repetitions: u32) -> Duration {
        let word = match work {
            Work::Sign => "sign",
            Work::Verify => "verify",
        };
        let nanos = self.ask(&format!("{word} {repetitions}")).unwrap();
        Duration::from_nanos(nanos.parse().unwrap())
    }

    fn ask(&mut self, line: &str) -> Result<String, String> {
        let sent = writeln!(self.to, "{line}").and_then(|()| self.to.flush());
        sent.map_err(|fault| format!("it does not listen: {fault}"))?;
        let mut answer = String::new();
        match self.from.read_line(&mut answer) {
            Ok(0) => Err("it ended without an answer; its errors are above".to_owned()),
            Ok(_) => Ok(answer.trim().to_owned()),
            Err(fault) => Err(format!("it does not answer: {fault}")),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Both fail when it has ended, which is what they are for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
