//! The sending end of a feed: a tail as a gRPC stream.

use crate::call::{Call, Standing};
use crate::clock::{SharedClock, now_of};
use crate::fault::Fault;
use futures::Stream;
use greenroom_domain::ledger::Position;
use greenroom_feed::cursor::Cursor;
use greenroom_feed::log::EventLog;
use greenroom_feed::tail::{Pace, Step, Tail};
use std::pin::Pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

/// A boxed stream of answers, as the generated servers take it.
pub type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// How many answers wait for a slow reader before the log is left alone: the log is the buffer.
const AHEAD: usize = 4;

/// How long a reader may leave its answers unread before it is told and dropped.
const PATIENCE: Duration = Duration::from_secs(30);

/// Streams a log to one caller, from the cursor it sent, until it goes away, its token ends, or `shutdown`.
///
/// `answer` turns a step into the method's answer; `None` keeps silent, which heartbeats never should.
pub async fn follow_log<L, T, F>(
    log: L,
    cursor: &str,
    call: &Call,
    pace: Pace,
    clock: &SharedClock,
    shutdown: CancellationToken,
    answer: F,
) -> Result<Answers<T>, Fault>
where
    L: EventLog,
    T: Send + 'static,
    F: Fn(Step, String) -> Result<Option<T>, Fault> + Send + 'static,
{
    let head = log.head().await?;
    let after = Cursor::resume(cursor, &head)?;
    Ok(follow_log_after(log, after, head.database, call, pace, clock, shutdown, answer))
}

/// The same from an event number.
#[expect(
    clippy::too_many_arguments,
    reason = "each is one independent fact about the stream; a struct would only name them twice"
)]
pub fn follow_log_after<L, T, F>(
    log: L,
    after: i64,
    database: String,
    call: &Call,
    pace: Pace,
    clock: &SharedClock,
    shutdown: CancellationToken,
    answer: F,
) -> Answers<T>
where
    L: EventLog,
    T: Send + 'static,
    F: Fn(Step, String) -> Result<Option<T>, Fault> + Send + 'static,
{
    let tail = Tail::new(log, after, now_of(clock), pace);
    let (sender, receiver) = mpsc::channel(AHEAD);
    let token_ends = clock.sleep_until(call.caller.expire_time);
    let standing = call.standing.clone();
    tokio::spawn(async move {
        let last = tokio::select! {
            fault = pump(tail, database, &standing, &sender, answer) => fault,
            () = token_ends => Some(token_ended()),
            () = shutdown.cancelled() => Some(draining()),
            () = sender.closed() => None,
        };
        if let Some(fault) = last {
            // A reader that is gone by now does not need to hear it.
            drop(sender.send_timeout(Err(fault.into()), PATIENCE).await);
        }
    });
    Box::pin(ReceiverStream::new(receiver))
}

/// Sends step after step; ends with the fault the reader is to hear, or `None` if it went away.
async fn pump<L: EventLog, T>(
    mut tail: Tail<L>,
    database: String,
    standing: &Standing,
    sender: &mpsc::Sender<Result<T, Status>>,
    answer: impl Fn(Step, String) -> Result<Option<T>, Fault>,
) -> Option<Fault> {
    loop {
        let step = match tail.next().await {
            Ok(step) => step,
            Err(error) => return Some(error.into()),
        };
        // Asked at every heartbeat, too: nobody goes on listening for longer after a revocation.
        if !standing.is_good() {
            return Some(token_revoked());
        }
        let position = Position { database: database.clone(), sequence: step.through };
        match answer(step, Cursor::encode(&position)) {
            Ok(None) => {}
            Ok(Some(answer)) => match sender.send_timeout(Ok(answer), PATIENCE).await {
                Ok(()) => {}
                Err(mpsc::error::SendTimeoutError::Timeout(_)) => return Some(too_slow()),
                Err(mpsc::error::SendTimeoutError::Closed(_)) => return None,
            },
            Err(fault) => return Some(fault),
        }
    }
}

fn token_ended() -> Fault {
    let said = "the access token has ended; resume from the last cursor with a new one";
    Fault::new(Code::Unauthenticated, "TOKEN_REFUSED", said).with("fault", "expired")
}

fn token_revoked() -> Fault {
    let said = "the access token has been revoked";
    Fault::new(Code::Unauthenticated, "TOKEN_REFUSED", said).with("fault", "revoked")
}

fn draining() -> Fault {
    let said = "the service is shutting down; resume from the last cursor";
    Fault::new(Code::Unavailable, "DEPENDENCY_UNAVAILABLE", said).with("dependency", "this replica")
}

fn too_slow() -> Fault {
    let said = "answers were left unread for too long; resume from the last cursor";
    Fault::new(Code::ResourceExhausted, "READER_TOO_SLOW", said)
}
