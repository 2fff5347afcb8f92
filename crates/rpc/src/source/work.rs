//! Carrying stored jobs on: a job is taken for a while, its source is asked outside any transaction, and what it said is
//! stored together with what follows. Whoever dies in between leaves a job that is taken again, and asked under the same
//! id.

use super::{Answer, Asked, Configured, Failure, Inquiry, Job, Question, Sources, usual_patience};
use crate::clock::SharedClock;
use crate::fault::Fault;
use greenroom_domain::kernel::Timestamp;
use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;

/// How often a conclusion is drawn anew because what it is about changed meanwhile.
const ATTEMPTS: usize = 8;

/// How many jobs of an unknown source are taken at once.
const ROWS: i64 = 100;

/// What an error means for a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// Nothing can come of the job any more.
    ForGood(&'static str),
    /// It is no word of the source's, and may pass.
    ForNow(&'static str),
    /// None of either: the job stays as it is, and is taken again when its lease has passed.
    Unknown,
}

/// Where a service keeps its jobs and concludes them.
pub trait Desk: Send + Sync + 'static {
    /// What it has checked.
    type Inquiry: Inquiry;
    /// What can go wrong.
    type Error: From<Fault> + Display + Send;

    /// The time.
    fn clock(&self) -> &SharedClock;

    /// The sources.
    fn sources(&self) -> &Sources<Self::Inquiry>;

    /// A job, if there is one of this id.
    fn job(&self, id: &str) -> impl Future<Output = Result<Option<Job<Self::Inquiry>>, Self::Error>> + Send;

    /// Up to `limit` jobs of a source that are due.
    fn due(
        &self,
        source: &str,
        now: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Job<Self::Inquiry>>, Self::Error>> + Send;

    /// The sources that have jobs which are due.
    fn due_sources(&self, now: Timestamp) -> impl Future<Output = Result<Vec<String>, Self::Error>> + Send;

    /// What the source of a job is to be asked about.
    fn subject(
        &self,
        job: &Job<Self::Inquiry>,
    ) -> impl Future<Output = Result<<Self::Inquiry as Inquiry>::Subject, Self::Error>> + Send;

    /// Stores a job's next state. Gives it as stored; none if the job changed meanwhile.
    fn save(
        &self,
        next: Job<Self::Inquiry>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Job<Self::Inquiry>>, Self::Error>> + Send;

    /// Stores a job's next state with the evidence, and what follows from that: all or nothing. No outcome is the outage
    /// of a source that had answered before. Gives the job as stored; none if something changed meanwhile.
    fn conclude(
        &self,
        job: &Job<Self::Inquiry>,
        next: &Job<Self::Inquiry>,
        source: &Configured<Self::Inquiry>,
        outcome: Option<&<Self::Inquiry as Inquiry>::Outcome>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Job<Self::Inquiry>>, Self::Error>> + Send;

    /// What an error means for a job.
    fn hindrance(&self, job: &str, error: &Self::Error) -> Hindrance;
}

/// Asks the sources of jobs that are due, as many as each may be asked at the same time, and does not wait for them.
/// Another replica that was first is no error.
pub async fn work<D: Desk>(desk: &Arc<D>) -> Result<(), D::Error> {
    for source in desk.sources().all() {
        let free = i64::try_from(source.gate.free()).unwrap_or(i64::MAX);
        if free == 0 || desk.sources().is_stopping() {
            continue;
        }
        let now = desk.clock().now();
        for job in desk.due(&source.name, now, free).await? {
            let Some(turn) = source.gate.enter() else { break };
            let taken = job.attempt(source.lease(), now);
            let Some(job) = desk.save(taken, now).await? else { continue };
            let (at, source) = (Arc::clone(desk), Arc::clone(source));
            desk.sources().spawn(async move {
                carry_on(&*at, job, &source).await;
                drop(turn);
            });
        }
    }
    Ok(())
}

/// Puts off, and in the end gives up, jobs of sources that the configuration does not name: another replica may have a
/// newer one that does.
pub async fn put_off_unknown<D: Desk>(desk: &D) -> Result<(), D::Error> {
    let (now, what) = (desk.clock().now(), D::Inquiry::JOB);
    for source in desk.due_sources(now).await? {
        if desk.sources().named(&source).is_some() {
            continue;
        }
        for job in desk.due(&source, now, ROWS).await? {
            let next = job.outage(&usual_patience(), now);
            if let Some(job) = desk.save(next, now).await?
                && !job.is_open()
            {
                tracing::warn!(source, job = %job.id, "gave up a {what}: no such source is configured");
            }
        }
    }
    Ok(())
}

/// Carries a job that was taken one step further.
async fn carry_on<D: Desk>(desk: &D, job: Job<D::Inquiry>, source: &Configured<D::Inquiry>) {
    let id = job.id.clone();
    let carried = match desk.subject(&job).await {
        Ok(subject) => {
            let (check_id, ticket, attempt) = (&job.id, &job.ticket, job.attempts);
            let question = Question { check_id, ticket, attempt, subject: &subject };
            tokio::select! {
                biased;
                answer = source.ask(&question, desk.clock()) => follow_up(desk, job, source, answer).await,
                () = desk.sources().stopping() => {
                    let now = desk.clock().now();
                    desk.save(job.put_back(now), now).await.map(drop)
                }
            }
        }
        Err(error) => give_up_if_final(desk, job, source, error).await,
    };
    if let Err(error) = carried {
        let (source, what) = (source.name.as_str(), D::Inquiry::JOB);
        tracing::warn!(source, job = %id, %error, "a {what} was not carried on; its source is asked again");
    }
}

/// Stores what a source said, or that it said nothing.
async fn follow_up<D: Desk>(
    desk: &D,
    job: Job<D::Inquiry>,
    source: &Configured<D::Inquiry>,
    answer: Asked<D::Inquiry>,
) -> Result<(), D::Error> {
    let (now, patience) = (desk.clock().now(), &source.terms.patience);
    match answer {
        Ok(Answer::Outcome(outcome)) => {
            let next = job.clone().conclude(D::Inquiry::verdict(&outcome), now);
            conclude(desk, job, &next, source, Some(&outcome)).await
        }
        Ok(Answer::Pending { ticket, wait }) => {
            let next = job.wait(ticket, wait, patience, now);
            step(desk, next, source, &"it has needed time for too long", now).await
        }
        Err(failure @ Failure::Outage(_)) => {
            let next = job.clone().outage(patience, now);
            // Once for an outage, however often it is asked meanwhile.
            if job.outages > 0 {
                return step(desk, next, source, &failure, now).await;
            }
            conclude(desk, job, &next, source, None).await
        }
        Err(failure) => step(desk, job.give_up(now), source, &failure, now).await,
    }
}

/// Stores a job's next state, and tells the log if it is given up.
async fn step<D: Desk>(
    desk: &D,
    next: Job<D::Inquiry>,
    source: &Configured<D::Inquiry>,
    cause: &(dyn Display + Sync),
    now: Timestamp,
) -> Result<(), D::Error> {
    let closed = !next.is_open();
    if let Some(job) = desk.save(next, now).await?
        && closed
    {
        let (source, what) = (source.name.as_str(), D::Inquiry::JOB);
        tracing::warn!(source, job = %job.id, %cause, "gave up a {what}");
    }
    Ok(())
}

/// Stores evidence, what follows from it, and the job's next state, all or nothing.
async fn conclude<D: Desk>(
    desk: &D,
    job: Job<D::Inquiry>,
    next: &Job<D::Inquiry>,
    source: &Configured<D::Inquiry>,
    outcome: Option<&<D::Inquiry as Inquiry>::Outcome>,
) -> Result<(), D::Error> {
    let now = next.update_time;
    for _ in 0..ATTEMPTS {
        match desk.conclude(&job, next, source, outcome, now).await {
            Ok(Some(_)) => return Ok(()),
            Ok(None) => {}
            Err(error) => return give_up_if_final(desk, job, source, error).await,
        }
        let present = desk.job(&job.id).await?;
        if present.is_none_or(|present| present.version != job.version) {
            tracing::debug!(job = %job.id, "an answer came after the job had gone on without it");
            return Ok(());
        }
    }
    Err(Fault::concurrent_change().into())
}

/// Gives up a job that nothing can come of any more; any other error is left to a later attempt.
async fn give_up_if_final<D: Desk>(
    desk: &D,
    job: Job<D::Inquiry>,
    source: &Configured<D::Inquiry>,
    error: D::Error,
) -> Result<(), D::Error> {
    let now = desk.clock().now();
    match desk.hindrance(&job.id, &error) {
        Hindrance::ForGood(cause) => step(desk, job.give_up(now), source, &cause, now).await,
        Hindrance::ForNow(cause) => {
            let next = job.outage(&source.terms.patience, now);
            step(desk, next, source, &cause, now).await
        }
        Hindrance::Unknown => Err(error),
    }
}
