//! The sources that identity checks are asked of. One kind of thing, whether it is asked over the network or built in.

mod answer;
mod breaker;
mod config;
mod remote;
mod sandbox;

pub use breaker::{Gate, Health};
pub use config::{ProofingSource, check_all, usual_patience};

use crate::config::Config;
use greenroom_domain::identity::{
    Age, Patience, PersonIdentity, ProofingAuthentication, ProofingMethod, ProofingResult,
};
use greenroom_domain::kernel::{Date, Timestamp};
use greenroom_rpc::clock::SharedClock;
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

/// One question to a source.
pub struct Question<'a> {
    /// Names the check, the same for every repetition.
    pub check_id: &'a str,
    /// What the source wants to be asked with about a check that needed time; empty for a check it has not begun.
    pub ticket: &'a str,
    /// The how manieth time it is asked, counted from one.
    pub attempt: i64,
    /// Who is to be checked.
    pub identity: &'a PersonIdentity,
}

/// What a source said.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// What came of the check.
    Outcome(Outcome),
    /// It needs time.
    Pending {
        /// What it wants to be asked with.
        ticket: String,
        /// After how long.
        wait: Duration,
    },
}

/// What came of a check.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict; never that the source is unavailable.
    pub verdict: ProofingResult,
    /// When the check was made, not later than now; now, if the source did not tell.
    pub checked_at: Option<Timestamp>,
    /// SHA-256 of the source's own answer.
    pub artefact_sha256: Option<[u8; 32]>,
    /// How it is known that the answer is the source's.
    pub authentication: Option<ProofingAuthentication>,
    /// The document's last day of validity.
    pub document_valid_until: Option<Date>,
    /// What the source told of the age.
    pub age: Age,
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

/// Something that can be asked.
#[tonic::async_trait]
pub trait Source: Send + Sync {
    /// Asks for a check.
    async fn check(&self, question: &Question<'_>) -> Result<Answer, Failure>;

    /// Asks what came of a check that needed time.
    async fn get(&self, question: &Question<'_>) -> Result<Answer, Failure>;
}

/// A source with what the configuration says of it.
pub struct Configured {
    /// Its name.
    pub name: String,
    /// How its checks are recorded.
    pub method: ProofingMethod,
    /// How long it is given in all.
    pub patience: Patience,
    /// How long its matches count.
    pub validity: Duration,
    /// How long before a match runs out it is asked again; never, if none.
    pub recheck_lead: Option<Duration>,
    /// How many questions it is asked at the same time.
    pub gate: Arc<Gate>,
    deadline: Duration,
    source: Box<dyn Source>,
}

impl Configured {
    /// How long a job is its taker's alone.
    pub fn lease(&self) -> Duration {
        self.deadline + LEASE_MARGIN
    }

    /// Asks, for as long as a single question may take.
    pub async fn ask(&self, question: &Question<'_>) -> Result<Answer, Failure> {
        let asking =
            if question.ticket.is_empty() { self.source.check(question) } else { self.source.get(question) };
        tokio::time::timeout(self.deadline, asking)
            .await
            .unwrap_or(Err(Failure::Outage(Code::DeadlineExceeded)))
    }
}

/// All sources, and the questions under way.
pub struct Sources {
    known: Vec<Arc<Configured>>,
    freed: Arc<Notify>,
    asking: TaskTracker,
    stop: CancellationToken,
}

impl Sources {
    /// The sources of a configuration. Nothing is connected yet. The text says what is wrong.
    pub fn new(config: &Config, clock: &SharedClock) -> Result<Self, String> {
        let freed = Arc::new(Notify::new());
        let mut known = Vec::new();
        if config.allow_sandbox_source {
            known.push(Arc::new(Configured {
                name: SANDBOX.to_owned(),
                method: ProofingMethod::Sandbox,
                patience: usual_patience(),
                validity: config.proofing_validity(),
                recheck_lead: None,
                gate: Arc::new(Gate::new(Arc::clone(&freed))),
                deadline: Duration::from_secs(10),
                source: Box::new(sandbox::Sandbox),
            }));
        }
        for source in &config.proofing_sources {
            let tls = source.client_tls.as_ref().or(config.client_tls.as_ref());
            let remote = remote::Remote::new(&source.url, tls, source.deadline(), Arc::clone(clock))
                .map_err(|error| format!("the proofing source `{}`: {error}", source.name))?;
            known.push(Arc::new(Configured {
                name: source.name.clone(),
                method: ProofingMethod::Source,
                patience: source.patience(),
                validity: source.validity().unwrap_or_else(|| config.proofing_validity()),
                recheck_lead: source.recheck_lead(),
                gate: Arc::new(Gate::new(Arc::clone(&freed))),
                deadline: source.deadline(),
                source: Box::new(remote),
            }));
        }
        Ok(Self { known, freed, asking: TaskTracker::new(), stop: CancellationToken::new() })
    }

    /// Every source.
    pub fn all(&self) -> &[Arc<Configured>] {
        &self.known
    }

    /// The source of this name.
    pub fn named(&self, name: &str) -> Option<&Arc<Configured>> {
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
