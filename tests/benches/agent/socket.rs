//! How long a program waits for its agent.

use crate::affinity::{Aside, Placement};
use crate::bare;
use crate::line::{self, Line, TOKEN};
use crate::order::Order;
use crate::process::Running;
use crate::report::{Figure, Report};
use crate::site::{Site, wait_until, write};
use crate::spent;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const ID: &str = "agent.socket_us";
const PROOF: &str = "agent.socket_us.proof";
const LIMIT_MICROS: f64 = 300.0;
const ROUNDS: usize = 15;
/// Answers in a round: two hundred of them are slower than the 99th percentile.
const ASKED: usize = 20_000;

/// Somebody who is asked, and the percentiles of each round.
struct Side {
    line: Line,
    pid: u32,
    half: Vec<f64>,
    most: Vec<f64>,
    /// Processor time of the server for an answer, in microseconds.
    processor: Vec<f64>,
}

/// The agent and the bare server take turns.
pub(crate) fn measure(order: &Order, report: &mut Report) -> Result<(), String> {
    Report::begin(ID);
    let site = Site::open("socket", Placement::Apart)?;
    let proof = line::post(
        "/proof",
        r#"{"method":"GET","url":"https://api.documint.example/invoices/A-1?lines=all","nonce":"pXKd7Xl0cDc1DVU6rSNg4w"}"#,
    );
    let mut line = Line::to(&site.socket)?;
    let (token_head, token) = line.ask(TOKEN)?;
    let (proof_head, proved) = line.ask(&proof)?;
    let (bare_socket, mut bare) = start_bare(&site, &token, &proved)?;
    let mut bare_line = Line::to(&bare_socket)?;
    for (question, head, body) in [(TOKEN, token_head, token), (&proof, proof_head, proved)] {
        let (bare_head, bare_body) = bare_line.ask(question)?;
        if (bare_head.len(), bare_body.len()) != (head.len(), body.len()) {
            return Err(format!("the answers differ in size:\n{head}{body}\n{bare_head}{bare_body}"));
        }
    }
    let aside = Aside::step()?;
    let both = [(&*site.socket, site.agent()), (&*bare_socket, bare.child.id())];
    contest(ID, TOKEN, both, order, report)?;
    contest(PROOF, &proof, both, order, report)?;
    connecting(&site.socket, order, report)?;
    drop(aside);
    bare.lives()?;
    bare.end()?;
    site.end()
}

fn start_bare(site: &Site, token: &str, proof: &str) -> Result<(PathBuf, Running), String> {
    let socket = site.folder.join("bare");
    write(site.folder.join("token"), token)?;
    write(site.folder.join("proof"), proof)?;
    let own = std::env::current_exe().map_err(|fault| format!("this program has no name: {fault}"))?;
    let mut command = Placement::Apart.of_server(&own);
    command.arg(bare::WORD).arg(&socket).arg(&site.folder);
    let mut running = Running::start(command, site.folder.join("bare.log"))?;
    wait_until(&mut running, || Line::to(&socket)?.ask(TOKEN).map(drop))?;
    Ok((socket, running))
}

fn contest(
    id: &str,
    question: &[u8],
    both: [(&Path, u32); 2],
    order: &Order,
    report: &mut Report,
) -> Result<(), String> {
    let asked = if order.quick { ASKED / 100 } else { ASKED };
    let [agent, bare] = both.map(|(socket, pid)| Side::to(socket, pid));
    let mut sides = [agent?, bare?];
    for side in &mut sides {
        side.line.wait(question, asked.div_ceil(4))?;
    }
    for round in 0..if order.quick { 1 } else { ROUNDS } {
        for turn in 0..sides.len() {
            let side = &mut sides[(round + turn) % 2];
            let before = spent::processor(side.pid)?;
            let waits = side.line.wait(question, asked)?;
            let spent = spent::processor(side.pid)?.saturating_sub(before);
            side.half.push(percentile(&waits, 50)?);
            side.most.push(percentile(&waits, 99)?);
            let answers = u32::try_from(waits.len()).map_err(|fault| fault.to_string())?;
            side.processor.push(spent.as_secs_f64() * 1e6 / f64::from(answers));
        }
    }
    let [agent, bare] = sides;
    report.add(Figure {
        limit: Some(LIMIT_MICROS),
        note: format!(
            "99 of 100 answers of `chancery agent serve` within; {asked} a round, one after the other on one connection, \
             agent and program on a processor each"
        ),
        ..Figure::new(id, "µs", agent.most)
    });
    let beside = [
        ("p50", agent.half),
        ("processor", agent.processor),
        ("bare_p99", bare.most),
        ("bare_p50", bare.half),
        ("bare_processor", bare.processor),
    ];
    for (name, rounds) in beside {
        report.add(Figure::new(format!("{id}.{name}"), "µs", rounds));
    }
    Ok(())
}

/// What programs pay that connect for each question.
fn connecting(socket: &Path, order: &Order, report: &mut Report) -> Result<(), String> {
    let asked = if order.quick { ASKED / 100 } else { ASKED / 4 };
    let (mut half, mut most) = (Vec::new(), Vec::new());
    for _ in 0..if order.quick { 1 } else { ROUNDS } {
        let waits = line::connect_each_time(socket, TOKEN, asked)?;
        half.push(percentile(&waits, 50)?);
        most.push(percentile(&waits, 99)?);
    }
    for (name, rounds) in [("connecting_p99", most), ("connecting_p50", half)] {
        report.add(Figure::new(format!("{ID}.{name}"), "µs", rounds));
    }
    Ok(())
}

impl Side {
    fn to(socket: &Path, pid: u32) -> Result<Self, String> {
        let (half, most, processor) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { line: Line::to(socket)?, pid, half, most, processor })
    }
}

/// In microseconds; `waits` has the quickest first.
fn percentile(waits: &[Duration], hundredths: usize) -> Result<f64, String> {
    let at = (waits.len() * hundredths / 100).min(waits.len().saturating_sub(1));
    waits.get(at).map(|wait| wait.as_secs_f64() * 1e6).ok_or_else(|| "nothing was asked".to_owned())
}
