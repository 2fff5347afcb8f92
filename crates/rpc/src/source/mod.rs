//! The sources outside the suite that checks are asked of: an integrator's service behind a URL, or one built in.
//!
//! What is checked and what comes of it is an [`Inquiry`] of the service that asks. [`Sources`] knows its sources and the
//! questions under way, [`Gate`] how many of them each bears, [`work`](work::work) carries the stored jobs on.

pub mod answer;
mod config;
mod gate;
mod remote;
mod sandbox;
pub mod work;

pub use config::{SourceConfig, check_all, usual_patience};
pub use gate::{Gate, Health, Record, Turn};
pub use remote::{Line, failure};
pub use sandbox::{Sandbox, Sandboxed, Scripted};

use crate::clock::SharedClock;
use greenroom_domain::source::{Patience, SourceJob};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::Code;

/// The name of the source for demonstrations and tests.
pub const SANDBOX: &str = "sandbox";

/// Added to a source's deadline: how long an answer may take to be stored before somebody else asks again.
const LEASE_MARGIN: Duration = Duration::from_secs(30);

/// What a service has checked.
pub trait Inquiry: Send + Sync + 'static {
    /// What one of its sources is called in the log, such as `proofing source`.
    const SOURCE: &'static str;
    /// What a job that asks one is called there, such as `proofing job`.
    const JOB: &'static str;
    /// The suite-wide id of what is checked.
    type Id: Clone + Send + Sync;
    /// What a source is sent of it.
    type Subject: Send + Sync;
    /// What a source tells.
    type Outcome: Send + Sync;
    /// What that comes to in one word.
    type Verdict: Copy + Send + Sync;
    /// How what a source tells is recorded.
    type Kind: Copy + Send + Sync;

    /// The one word.
    fn verdict(outcome: &Self::Outcome) -> Self::Verdict;
}

/// A job that asks a source.
pub type Job<I> = SourceJob<<I as Inquiry>::Id, <I as Inquiry>::Verdict>;

/// One question to a source.
pub struct Question<'a, T> {
    /// Names the check, the same for every repetition.
    pub check_id: &'a str,
    /// What the source wants to be asked with about a check that needed time; empty for a check it has not begun.
    pub ticket: &'a str,
    /// The how manieth time it is asked, counted from one.
    pub attempt: i64,
    /// What is to be checked.
    pub subject: &'a T,
}

/// What a source said.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer<O> {
    /// What came of the check.
    Outcome(O),
    /// It needs time.
    Pending {
        /// What it wants to be asked with.
        ticket: String,
        /// After how long.
        wait: Duration,
    },
}

/// Why there is no answer. Nothing a source wrote is part of it: it may have written of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The source cannot answer at present. It is asked again.
    Outage(Code),
    /// The source refuses to answer, whenever it is asked.
    Refused(Code),
    /// What it said is no answer.
    Malformed(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outage(code) => write!(f, "no answer ({code:?})"),
            Self::Refused(code) => write!(f, "refused ({code:?})"),
            Self::Malformed(what) => write!(f, "the answer is malformed: {what}"),
        }
    }
}

/// What asking a source comes to.
pub type Asked<I> = Result<Answer<<I as Inquiry>::Outcome>, Failure>;

/// Something that can be asked.
#[tonic::async_trait]
pub trait Source<I: Inquiry>: Send + Sync {
    /// Asks for a check.
    async fn check(&self, question: &Question<'_, I::Subject>) -> Asked<I>;

    /// Asks what came of a check that needed time.
    async fn get(&self, question: &Question<'_, I::Subject>) -> Asked<I>;
}

/// How long a source is given, and how long what it says counts.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How long a single question may take.
    pub deadline: Duration,
    /// How long it is given in all.
    pub patience: Patience,
    /// How long its matches count.
    pub validity: Duration,
    /// How long before a match runs out it is asked again; never, if none.
    pub recheck_lead: Option<Duration>,
}

impl Terms {
    /// Those of a source built in, whose matches count for `validity`.
    pub fn built_in(validity: Duration) -> Self {
        Self { deadline: Duration::from_secs(10), patience: usual_patience(), validity, recheck_lead: None }
    }

    /// Those that a configuration sets; matches count for `validity` unless it says otherwise.
    pub fn of(config: &SourceConfig, validity: Duration) -> Self {
        Self {
            deadline: config.deadline(),
            patience: config.patience(),
            validity: config.validity().unwrap_or(validity),
            recheck_lead: config.recheck_lead(),
        }
    }
}

/// A source with what the configuration says of it.
pub struct Configured<I: Inquiry> {
    /// Its name.
    pub name: String,
    /// How its checks are recorded.
    pub kind: I::Kind,
    /// How long it is given, and how long its word counts.
    pub terms: Terms,
    /// How many questions it is asked at the same time.
    pub gate: Arc<Gate>,
    source: Box<dyn Source<I>>,
}

impl<I: Inquiry> Configured<I> {
    /// How long a job is its taker's alone.
    pub fn lease(&self) -> Duration {
        self.terms.deadline + LEASE_MARGIN
    }

    /// Asks, for as long as a single question may take, and keeps in mind whether it answered.
    pub async fn ask(&self, question: &Question<'_, I::Subject>, clock: &SharedClock) -> Asked<I> {
        let asking =
            if question.ticket.is_empty() { self.source.check(question) } else { self.source.get(question) };
        let answer = tokio::time::timeout(self.terms.deadline, asking)
            .await
            .unwrap_or(Err(Failure::Outage(Code::DeadlineExceeded)));
        let (source, what) = (self.name.as_str(), I::SOURCE);
        let news = match &answer {
            Err(Failure::Outage(_)) => self.gate.unanswered(),
            _ => self.gate.answered(clock.now()),
        };
        match news {
            Some(Health::Down) => {
                tracing::warn!(source, "a {what} does not answer; asking one question at a time");
            }
            Some(Health::Up) => tracing::info!(source, "a {what} answers again"),
            None => {}
        }
        answer
    }
}

/// All sources, and the questions under way.
pub struct Sources<I: Inquiry> {
    known: Vec<Arc<Configured<I>>>,
    freed: Arc<Notify>,
    asking: TaskTracker,
    stop: CancellationToken,
}

impl<I: Inquiry> Default for Sources<I> {
    fn default() -> Self {
        let (asking, stop) = (TaskTracker::new(), CancellationToken::new());
        Self { known: Vec::new(), freed: Arc::default(), asking, stop }
    }
}

impl<I: Inquiry> Sources<I> {
    /// Adds a source. Nothing is connected yet.
    pub fn add(&mut self, name: &str, kind: I::Kind, terms: Terms, source: Box<dyn Source<I>>) {
        let gate = Arc::new(Gate::new(Arc::clone(&self.freed)));
        self.known.push(Arc::new(Configured { name: name.to_owned(), kind, terms, gate, source }));
    }

    /// Every source.
    pub fn all(&self) -> &[Arc<Configured<I>>] {
        &self.known
    }

    /// The source of this name.
    pub fn named(&self, name: &str) -> Option<&Arc<Configured<I>>> {
        self.known.iter().find(|source| source.name == name)
    }

    /// Every name, for people.
    pub fn names(&self) -> String {
        self.known.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Ends when a source can be asked one more question.
    pub async fn freed(&self) {
        self.freed.notified().await;
    }

    /// Cuts off the questions under way. No further one is asked.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Whether no further question is asked.
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Ends when no further question is asked.
    pub async fn stopping(&self) {
        self.stop.cancelled().await;
    }

    /// Works on one question beside everything else.
    pub fn spawn(&self, question: impl Future<Output = ()> + Send + 'static) {
        self.asking.spawn(question);
    }

    /// Cuts off the questions under way, and ends once what came of them is stored.
    pub async fn finish(&self) {
        self.stop();
        self.asking.close();
        self.asking.wait().await;
    }
}
