//! The sending end of feeds and watches: whatever has news, as a gRPC stream.

use crate::call::{Call, Standing};
use crate::clock::{SharedClock, now_of};
use crate::fault::Fault;
use futures::Stream;
use greenroom_domain::ledger::Position;
use greenroom_feed::cursor::Cursor;
use greenroom_feed::log::EventLog;
use greenroom_feed::tail::{Pace, Step, Tail};
use std::future::Future;
use std::pin::{Pin, pin};
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

/// How often a silent stream asks whether its token is still good.
const LOOK: Duration = Duration::from_secs(1);

/// Streams a log to one caller, from the cursor it sent. `answer` turns a step into the method's answer.
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
    F: Fn(Step, String) -> Result<T, Fault> + Send + 'static,
{
    let head = log.head().await?;
    let after = Cursor::resume(cursor, &head)?;
    let tail = Tail::new(log, after, now_of(clock), pace);
    Ok(stream(Followed { tail, database: head.database, answer }, call, clock, shutdown))
}

/// What a stream is made of.
pub trait Source: Send + 'static {
    /// What it answers.
    type Answer: Send + 'static;

    /// The next answer, once there is one.
    fn next(&mut self) -> impl Future<Output = Result<Self::Answer, Fault>> + Send;
}

/// A log, answered step by step.
struct Followed<L, F> {
    tail: Tail<L>,
    database: String,
    answer: F,
}

impl<L, T, F> Source for Followed<L, F>
where
    L: EventLog,
    T: Send + 'static,
    F: Fn(Step, String) -> Result<T, Fault> + Send + 'static,
{
    type Answer = T;

    async fn next(&mut self) -> Result<T, Fault> {
        let step = self.tail.next().await?;
        let position = Position { database: self.database.clone(), sequence: step.through };
        (self.answer)(step, Cursor::encode(&position))
    }
}

/// Streams what a source says to one caller, until it goes away, its token ends, or `shutdown`.
pub fn stream<S: Source>(
    source: S,
    call: &Call,
    clock: &SharedClock,
    shutdown: CancellationToken,
) -> Answers<S::Answer> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let token_ends = clock.sleep_until(call.caller.expire_time);
    let standing = call.standing.clone();
    tokio::spawn(async move {
        let last = tokio::select! {
            fault = pump(source, &standing, &sender) => fault,
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

/// Sends answer after answer; ends with the fault the reader is to hear, or `None` if it went away.
async fn pump<S: Source>(
    mut source: S,
    standing: &Standing,
    sender: &mpsc::Sender<Result<S::Answer, Status>>,
) -> Option<Fault> {
    loop {
        let answer = {
            let mut next = pin!(source.next());
            loop {
                tokio::select! {
                    answer = &mut next => break answer,
                    // Nobody goes on listening for longer after a revocation, however little there is to hear.
                    () = tokio::time::sleep(LOOK) => if !standing.is_good() {
                        return Some(token_revoked());
                    }
                }
            }
        };
        if !standing.is_good() {
            return Some(token_revoked());
        }
        match answer {
            Ok(answer) => match sender.send_timeout(Ok(answer), PATIENCE).await {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Says one number after the other, as fast as it is asked, up to a last one.
    struct Numbers(Arc<AtomicUsize>, usize);

    impl Source for Numbers {
        type Answer = usize;

        async fn next(&mut self) -> Result<usize, Fault> {
            let next = self.0.fetch_add(1, Ordering::Relaxed);
            if next >= self.1 {
                std::future::pending::<()>().await;
            }
            Ok(next)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_leaves_its_answers_unread_is_told_and_dropped() {
        let asked = Arc::new(AtomicUsize::new(0));
        let source = Numbers(Arc::clone(&asked), usize::MAX);
        let (sender, receiver) = mpsc::channel(AHEAD);
        let fault = pump(source, &Standing::new(|| true), &sender).await.unwrap();
        assert_eq!(fault.reason(), "READER_TOO_SLOW");
        // No more was made for it than it may leave unread.
        assert_eq!((asked.load(Ordering::Relaxed), receiver.len()), (AHEAD + 1, AHEAD));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_goes_on_listening_after_a_revocation_even_in_silence() {
        let good = Arc::new(AtomicUsize::new(1));
        let standing = Standing::new({
            let good = Arc::clone(&good);
            move || good.load(Ordering::Relaxed) == 1
        });
        let (sender, mut receiver) = mpsc::channel(AHEAD);
        let pumping = tokio::spawn(async move {
            let source = Numbers(Arc::default(), 1);
            pump(source, &standing, &sender).await.map(|fault| fault.reason().to_owned())
        });
        assert_eq!(receiver.recv().await.unwrap().unwrap(), 0);
        good.store(0, Ordering::Relaxed);
        assert_eq!(pumping.await.unwrap(), Some("TOKEN_REFUSED".to_owned()));
    }
}
