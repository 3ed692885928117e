//! The connection. One task makes it, and makes it again when it breaks; whoever needs it takes what there is.
//!
//! Nothing is locked while it is made. Where it cannot be made, callers learn so at once instead of waiting in
//! turn, and a connection from which no answer came is given up even if nobody closed it.

use super::connect::{Connector, answer};
use super::durable::{self, Durable, Witness};
use super::fault::Trouble;
use super::scripts::{By, Call};
use crate::config::Durability;
use crate::store::StoreFault;
use redis::aio::MultiplexedConnection;
use redis::{Pipeline, RedisResult, Value};
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Between two attempts to connect. Short enough to be back within a second of the server.
const PAUSE: Duration = Duration::from_millis(200);

/// For so long the server is believed where rotations are written. One that was set otherwise meanwhile, and then dies,
/// loses at most those: they are had again, or shown to be lost, and none of it revokes anything.
const ASKED_WITHIN: Duration = Duration::from_secs(1);

/// A connection that mends itself.
pub(super) struct Link {
    state: watch::Receiver<State>,
    /// The latest connection that somebody found broken.
    broken: watch::Sender<u64>,
    keeper: AbortHandle,
    connect_timeout: Duration,
    command_timeout: Duration,
    durability: Durability,
    /// Where the server was found to keep what it acknowledges, until it is found otherwise.
    found_durable: Mutex<Option<FoundDurable>>,
}

/// That a server keeps what it acknowledges.
#[derive(Clone, Copy)]
struct FoundDurable {
    /// The connection on which it said so.
    number: u64,
    witness: Witness,
    at: Instant,
}

#[derive(Clone)]
enum State {
    Up(Live),
    Connecting,
    Down { detail: String },
}

#[derive(Clone)]
struct Live {
    /// Connections are counted from one.
    number: u64,
    connection: MultiplexedConnection,
}

/// An answer, and whether it may speak of what the same call did a moment before: the connection broke, and the
/// call was made again.
pub(super) struct Answer {
    pub(super) value: Value,
    pub(super) attempt: Attempt,
}

#[derive(Clone, Copy)]
enum Request<'r> {
    Script(&'r Call),
    /// A script whose effect is to outlive the server.
    Appends(&'r Call),
    /// The same, many times a second: what was lost of it can be told, and is no loss.
    Rotates(&'r Call),
    Reads(&'r Pipeline),
}

/// Which attempt an answer is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    First,
    Second,
}

impl Link {
    /// Keeps `connection` up from now on.
    pub(super) fn keep(
        connector: Connector,
        connection: MultiplexedConnection,
        command_timeout: Duration,
    ) -> Self {
        let (connect_timeout, durability) = (connector.timeout(), connector.durability().clone());
        let (up, state) = watch::channel(State::Up(Live { number: 1, connection }));
        let (broken, told) = watch::channel(0);
        let keeper = tokio::spawn(keep(connector, up, told)).abort_handle();
        let found_durable = Mutex::new(None);
        Self { state, broken, keeper, connect_timeout, command_timeout, durability, found_durable }
    }

    /// Calls a script. Where the connection breaks underneath, it is called once more on the next one.
    pub(super) async fn call(&self, call: &Call) -> Result<Answer, StoreFault> {
        self.twice(Request::Script(call)).await
    }

    /// Calls a script whose effect is to outlive the server. Where that cannot be relied on there is no answer but a fault:
    /// the script was called at most once since that was so, and what it did may be there and may go.
    pub(super) async fn append(&self, call: &Call) -> Result<Answer, StoreFault> {
        self.twice(Request::Appends(call)).await
    }

    /// Calls a script whose effect is to outlive the server, as [`Link::append`], of a server that was found to keep what it
    /// acknowledges within the last second: to ask it each time would take longer than the script.
    pub(super) async fn rotate(&self, call: &Call) -> Result<Answer, StoreFault> {
        self.twice(Request::Rotates(call)).await
    }

    /// Sends commands that only read. Answers one list.
    pub(super) async fn read(&self, commands: &Pipeline) -> Result<Value, StoreFault> {
        Ok(self.twice(Request::Reads(commands)).await?.value)
    }

    async fn twice(&self, request: Request<'_>) -> Result<Answer, StoreFault> {
        let mut first = self.live(0).await?;
        match self.send(&mut first, request).await {
            Ok(value) => return Ok(Answer { value, attempt: Attempt::First }),
            Err(Trouble::Dropped { .. }) => self.give_up(first.number),
            Err(trouble) => return Err(self.fail(&first, trouble)),
        }
        // Apart, as whatever else is rare here: the room for it would be had and given back with every request.
        Box::pin(self.again(first.number, request)).await
    }

    async fn again(&self, after: u64, request: Request<'_>) -> Result<Answer, StoreFault> {
        let mut second = self.live(after).await?;
        match self.send(&mut second, request).await {
            Ok(value) => Ok(Answer { value, attempt: Attempt::Second }),
            Err(trouble) => Err(self.fail(&second, trouble)),
        }
    }

    /// Where the connection is at fault, or where another one may lead elsewhere, it is given up.
    fn fail(&self, live: &Live, trouble: Trouble) -> StoreFault {
        match trouble {
            Trouble::Dropped { .. } | Trouble::TimedOut { .. } | Trouble::Unready { .. } => {
                self.give_up(live.number);
            }
            Trouble::Full | Trouble::NoScript | Trouble::NotDurable { .. } | Trouble::Refused { .. } => {}
        }
        trouble.into()
    }

    async fn send(&self, live: &mut Live, request: Request<'_>) -> Result<Value, Trouble> {
        match request {
            Request::Script(call) => self.script(&mut live.connection, call).await,
            Request::Appends(call) | Request::Rotates(call) => match (&self.durability, request) {
                (Durability::Attested { .. } | Durability::Volatile, _) => {
                    self.script(&mut live.connection, call).await
                }
                (Durability::Verified, Request::Rotates(_)) => self.rotate_verified(live, call).await,
                (Durability::Verified, _) => Box::pin(self.append_verified(live, call)).await,
            },
            Request::Reads(commands) => {
                let answers = live.connection.send_packed_commands(commands, 0, commands.len());
                self.in_time(async { Value::Array(answers.await?).extract_error() }).await
            }
        }
    }

    async fn script(&self, connection: &mut MultiplexedConnection, call: &Call) -> Result<Value, Trouble> {
        let known = call.command(By::Hash);
        match self.in_time(answer(connection, &known)).await {
            Err(Trouble::NoScript) => {
                let told = call.command(By::Text);
                Box::pin(self.in_time(answer(connection, &told))).await
            }
            answer => answer,
        }
    }

    /// The server is asked each time, on the connection that is used: its settings may have been changed, and behind a new
    /// connection may be another server.
    async fn append_verified(&self, live: &mut Live, call: &Call) -> Result<Value, Trouble> {
        if self.found_durable(live.number).is_none() {
            let said = self.in_time(durable::ask(&mut live.connection)).await;
            self.demand_durable(live.number, said)?;
        }
        let (done, witness) = match self.script_and_question(live, call, By::Hash).await {
            Err(Trouble::NoScript) => self.script_and_question(live, call, By::Text).await?,
            answers => answers?,
        };
        self.wait_for(live, witness).await?;
        Ok(done)
    }

    async fn rotate_verified(&self, live: &mut Live, call: &Call) -> Result<Value, Trouble> {
        let recent = self.found_durable(live.number).filter(|found| found.at.elapsed() < ASKED_WITHIN);
        let Some(found) = recent else { return Box::pin(self.append_verified(live, call)).await };
        let done = self.script(&mut live.connection, call).await?;
        if found.witness == Witness::Replica {
            Box::pin(self.wait_for(live, found.witness)).await?;
        }
        Ok(done)
    }

    async fn wait_for(&self, live: &mut Live, witness: Witness) -> Result<(), Trouble> {
        if witness == Witness::Replica {
            // On the connection that wrote: on another one it would wait for nothing (Redis documentation, WAIT).
            // Whoever else uses the connection waits meanwhile, so half of the time of a command is enough.
            let patience = self.command_timeout.as_millis() / 2;
            let wait = redis::cmd("WAIT").arg(1).arg(patience.to_string()).to_owned();
            let reached = self.in_time(answer(&mut live.connection, &wait)).await?;
            if !matches!(reached, Value::Int(1..)) {
                let demand = "no replica took the last entries in time: look after the replicas".to_owned();
                return Err(Trouble::NotDurable { demand });
            }
        }
        Ok(())
    }

    fn found_durable(&self, number: u64) -> Option<FoundDurable> {
        let found = *self.found_durable.lock().unwrap_or_else(PoisonError::into_inner);
        found.filter(|found| found.number == number)
    }

    /// Both in one round trip, the question last: what it says then held when the script had run, and the server syncs
    /// what that wrote before it sends either answer.
    async fn script_and_question(
        &self,
        live: &mut Live,
        call: &Call,
        by: By,
    ) -> Result<(Value, Witness), Trouble> {
        let mut commands = Pipeline::new();
        commands.add_command(call.command(by));
        durable::add_to(&mut commands);
        let answers = live.connection.send_packed_commands(&commands, 0, commands.len());
        let mut answers = self.in_time(answers).await?.into_iter();
        let done = answers.next().unwrap_or(Value::Nil).extract_error()?;
        let witness =
            self.demand_durable(live.number, durable::said(answers.collect()).map_err(Trouble::from))?;
        Ok((done, witness))
    }

    /// Who must have a write before it counts, if the server keeps what it acknowledges.
    fn demand_durable(&self, number: u64, said: Result<Durable, Trouble>) -> Result<Witness, Trouble> {
        let found = match said {
            Ok(Durable::Yes(witness)) => Ok(witness),
            Ok(Durable::Demands(demand)) => Err(Trouble::NotDurable { demand }),
            Err(Trouble::Refused { detail }) => {
                let demand =
                    format!("it no longer shows its settings ({detail}): grant its user +config|get");
                Err(Trouble::NotDurable { demand })
            }
            Err(trouble) => Err(trouble),
        };
        let noted =
            found.as_ref().ok().map(|witness| FoundDurable { number, witness: *witness, at: Instant::now() });
        *self.found_durable.lock().unwrap_or_else(PoisonError::into_inner) = noted;
        found
    }

    async fn in_time<T>(&self, answer: impl Future<Output = RedisResult<T>>) -> Result<T, Trouble> {
        match tokio::time::timeout(self.command_timeout, answer).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(Trouble::TimedOut { after: self.command_timeout }),
        }
    }

    /// A connection later than number `after`.
    async fn live(&self, after: u64) -> Result<Live, StoreFault> {
        if let State::Up(live) = &*self.state.borrow()
            && live.number > after
        {
            return Ok(live.clone());
        }
        let mut state = self.state.clone();
        let later = state.wait_for(|state| match state {
            State::Up(live) => live.number > after,
            State::Connecting => false,
            State::Down { .. } => true,
        });
        // The task that connects keeps to its own time. This one is for a process in which it does not run.
        let after = self.connect_timeout.saturating_add(self.command_timeout);
        let waited = tokio::time::timeout(after, later).await.map_err(|_| StoreFault::TimedOut { after })?;
        match &*waited.map_err(|_| StoreFault::Stopped)? {
            State::Up(live) => Ok(live.clone()),
            State::Connecting => Err(StoreFault::TimedOut { after }),
            State::Down { detail } => Err(StoreFault::Unreachable { detail: detail.clone() }),
        }
    }

    fn give_up(&self, number: u64) {
        self.broken.send_if_modified(|latest| {
            let is_news = number > *latest;
            *latest = number.max(*latest);
            is_news
        });
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

async fn keep(connector: Connector, state: watch::Sender<State>, mut broken: watch::Receiver<u64>) {
    let mut number = 1;
    while broken.wait_for(|latest| *latest >= number).await.is_ok() {
        number += 1;
        state.send_replace(State::Connecting);
        let connection = loop {
            match connector.connect().await {
                Ok(mut connection) => {
                    connector.warn_of_loss(&mut connection).await;
                    break connection;
                }
                Err(fault) => {
                    state.send_replace(State::Down { detail: fault.to_string() });
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        state.send_replace(State::Up(Live { number, connection }));
    }
}
