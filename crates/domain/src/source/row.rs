use super::{JobState, SourceJob};
use crate::kernel::{Collection, Id, Timestamp, Version};
use crate::ledger::{Actor, StoreError};

/// A job as a table has it: texts and numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Its id.
    pub id: String,
    /// The id of what is checked.
    pub subject: String,
    /// The source's name.
    pub source: String,
    /// The code of its state.
    pub state: String,
    /// The ticket; empty for none.
    pub ticket: String,
    /// How often the source was asked.
    pub attempts: i64,
    /// How often in a row it did not answer.
    pub outages: i64,
    /// When it is asked next, in microseconds.
    pub due_us: Option<i64>,
    /// The code of what came of it; empty for nothing yet.
    pub result: String,
    /// The client that asked for it; empty for none.
    pub client: String,
    /// Its organization; empty for none.
    pub organization: String,
    /// Who acted through it; empty for nobody.
    pub acting_person: String,
    /// When it was begun, in microseconds.
    pub create_time_us: i64,
    /// When it last changed, in microseconds.
    pub update_time_us: i64,
    /// The version.
    pub version: i64,
}

impl JobRow {
    /// The row of a job about `subject` whose result has the code `result`.
    pub fn of<S, R: Copy>(job: &SourceJob<S, R>, subject: &str, result: fn(R) -> &'static str) -> Self {
        Self {
            id: job.id.clone(),
            subject: subject.to_owned(),
            source: job.source.clone(),
            state: job.state.code().to_owned(),
            ticket: job.ticket.clone(),
            attempts: job.attempts,
            outages: job.outages,
            due_us: job.next_attempt.map(Timestamp::as_micros),
            result: job.result.map(result).unwrap_or_default().to_owned(),
            client: text(job.actor.client.as_ref()),
            organization: text(job.actor.organization.as_ref()),
            acting_person: text(job.actor.person.as_ref()),
            create_time_us: job.create_time.as_micros(),
            update_time_us: job.update_time.as_micros(),
            version: job.version.as_i64(),
        }
    }

    /// The job in the row, whose result is read by `result`.
    pub fn read<K: Collection, R>(
        self,
        result: impl FnOnce(&str) -> Option<R>,
    ) -> Result<SourceJob<Id<K>, R>, StoreError> {
        let damaged = |what: &str| StoreError::Damaged(format!("an unknown {what} of a job"));
        let result = match self.result.as_str() {
            "" => None,
            code => Some(result(code).ok_or_else(|| damaged("result"))?),
        };
        Ok(SourceJob {
            id: self.id,
            subject: Id::try_new(&self.subject).map_err(|_| damaged("subject"))?,
            source: self.source,
            state: JobState::from_code(&self.state).ok_or_else(|| damaged("state"))?,
            ticket: self.ticket,
            attempts: self.attempts,
            outages: self.outages,
            next_attempt: self.due_us.map(Timestamp::from_micros),
            result,
            actor: Actor {
                client: id(&self.client)?,
                organization: id(&self.organization)?,
                person: id(&self.acting_person)?,
            },
            create_time: Timestamp::from_micros(self.create_time_us),
            update_time: Timestamp::from_micros(self.update_time_us),
            version: Version::new(self.version),
        })
    }
}

fn text<K: Collection>(id: Option<&Id<K>>) -> String {
    id.map(|id| id.as_str().to_owned()).unwrap_or_default()
}

fn id<K: Collection>(text: &str) -> Result<Option<Id<K>>, StoreError> {
    let read = (!text.is_empty()).then(|| Id::try_new(text)).transpose();
    read.map_err(|_| StoreError::Damaged("an unknown actor of a job".to_owned()))
}
