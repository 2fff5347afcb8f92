//! What a fake source says, and what it was asked.

use crate::eventually;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;
use tonic::{Code, Status};

/// What a source does with a question.
#[derive(Clone, Debug)]
pub enum Reply<O> {
    /// Answers.
    Says(O),
    /// Needs time, with this ticket and without saying how long.
    NeedsTime(String),
    /// Answers without any answer.
    Nothing,
    /// Fails.
    Fails(Code),
    /// Answers this once the test lets it.
    Hangs(O),
    /// The connection is lost.
    Breaks,
}

/// What comes of a question that is answered.
#[derive(Clone, Debug)]
pub enum Told<O> {
    /// An outcome.
    Outcome(O),
    /// A ticket.
    Ticket(String),
    /// Nothing.
    Nothing,
}

/// What a fake source says. Clones share it.
#[derive(Debug)]
pub struct Script<A, O>(Arc<Inner<A, O>>);

#[derive(Debug)]
struct Inner<A, O> {
    replies: Mutex<VecDeque<Reply<O>>>,
    otherwise: Mutex<Reply<O>>,
    asked: Mutex<Vec<A>>,
    let_go: Semaphore,
}

impl<A, O> Clone for Script<A, O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Clone, O: Clone> Script<A, O> {
    /// A source that does this whenever no other reply is waiting.
    pub fn new(otherwise: Reply<O>) -> Self {
        Self(Arc::new(Inner {
            replies: Mutex::default(),
            otherwise: Mutex::new(otherwise),
            asked: Mutex::default(),
            let_go: Semaphore::new(0),
        }))
    }

    /// What it does with the next questions.
    pub fn next(&self, replies: impl IntoIterator<Item = Reply<O>>) {
        lock(&self.0.replies).extend(replies);
    }

    /// What it does whenever no other reply is waiting.
    pub fn always(&self, reply: Reply<O>) {
        *lock(&self.0.otherwise) = reply;
    }

    /// Every question so far.
    pub fn asked(&self) -> Vec<A> {
        lock(&self.0.asked).clone()
    }

    /// Every question, once there are so many.
    pub async fn asked_times(&self, count: usize) -> Vec<A> {
        eventually("the source was asked", async || Some(self.asked()).filter(|asked| asked.len() >= count))
            .await
    }

    /// Lets so many questions that hang be answered.
    pub fn let_go(&self, count: usize) {
        self.0.let_go.add_permits(count);
    }

    /// Answers a question. `careless` is what an integrator might write into an error who takes no care.
    ///
    /// # Panics
    /// If the connection is to break.
    #[expect(clippy::panic, reason = "a handler that panics loses its connection")]
    pub async fn reply(&self, asked: A, careless: &str) -> Result<Told<O>, Status> {
        lock(&self.0.asked).push(asked);
        let next = lock(&self.0.replies).pop_front();
        match next.unwrap_or_else(|| lock(&self.0.otherwise).clone()) {
            Reply::Says(outcome) => Ok(Told::Outcome(outcome)),
            Reply::NeedsTime(ticket) => Ok(Told::Ticket(ticket)),
            Reply::Nothing => Ok(Told::Nothing),
            Reply::Fails(code) => Err(Status::new(code, careless)),
            Reply::Hangs(outcome) => {
                if let Ok(permit) = self.0.let_go.acquire().await {
                    permit.forget();
                }
                Ok(Told::Outcome(outcome))
            }
            Reply::Breaks => panic!("the connection breaks as the test asks"),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
