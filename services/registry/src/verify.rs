//! Holds the tables against the event log, and the log against its hash chain.
//!
//! For a database nobody writes to at the time, such as a restored backup.

use crate::follow::{CERTIFICATION, IDENTITY};
use crate::wire::fact;
use greenroom_domain::ledger::{EventDraft, StoreError};
use greenroom_domain::registry::port::{SessionFilter, SessionRecord, Store};
use greenroom_feed::event::{Event, Hash, sha256};
use greenroom_feed::log::{EventLog, HasLog};
use greenroom_feed::verify::{ChainFault, walk};
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{LiveSession, RegistryFact};
use prost::Message as _;
use std::collections::HashMap;

/// How many rows are read at a time.
const ROWS: i64 = 1_000;

/// What was found. Everything is well if `fault` is none and the lists are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// How many events were walked.
    pub events: i64,
    /// The first break of the chain.
    pub fault: Option<ChainFault>,
    /// Rows that say something else than the last event about them, by resource name.
    pub differing: Vec<String>,
    /// Subjects of events without a row.
    pub missing: Vec<String>,
    /// Rows without an event.
    pub extra: Vec<String>,
}

impl VerifyReport {
    /// Whether everything is as it was written.
    pub fn is_clean(&self) -> bool {
        self.fault.is_none() && self.differing.is_empty() && self.missing.is_empty() && self.extra.is_empty()
    }
}

/// Walks the log and compares every row with the last event about it.
pub async fn verify<S: Store + HasLog>(store: &S) -> Result<VerifyReport, StoreError> {
    let mut told = HashMap::new();
    let walked = walk(store.log(), |event| {
        told.insert(event.subject.clone(), digest_of(event));
    })
    .await?;
    let mut audit = Audit { told, report: VerifyReport::default() };
    audit.report.events = walked.events;
    audit.report.fault = walked.fault;
    audit.own(store).await?;
    audit.mirrors(store).await?;
    audit.sources(store).await?;
    let mut missing: Vec<String> = audit.told.into_keys().collect();
    missing.sort();
    Ok(VerifyReport { missing, ..audit.report })
}

struct Audit {
    /// What the last event about each subject says, as long as no row was found for it.
    told: HashMap<String, Hash>,
    report: VerifyReport,
}

impl Audit {
    fn row(&mut self, draft: EventDraft) {
        self.compare(draft.subject, sha256(&draft.payload));
    }

    fn compare(&mut self, subject: String, row: Hash) {
        match self.told.remove(&subject) {
            None => self.report.extra.push(subject),
            Some(told) if told != row => self.report.differing.push(subject),
            Some(_) => {}
        }
    }

    async fn own<S: Store>(&mut self, store: &S) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let rows = store.all_streamers(&after, ROWS).await?;
            let Some(last) = rows.last() else { break };
            last.id.as_str().clone_into(&mut after);
            for row in &rows {
                self.row(fact::streamer(row));
            }
        }
        let (mut platform, mut revision) = (String::new(), 0);
        loop {
            let rows = store.all_policies((&platform, revision), ROWS).await?;
            let Some(last) = rows.last() else { break };
            last.policy.terms().platform.as_str().clone_into(&mut platform);
            revision = last.policy.terms().revision.into();
            for row in &rows {
                self.row(fact::policy(row));
            }
        }
        after.clear();
        loop {
            let rows = store.all_sessions(SessionFilter::All, &after, ROWS).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            last.id.as_str().clone_into(&mut after);
            for row in &rows {
                self.compare(row.id.name(), sha256(&session(row)));
            }
        }
    }

    async fn mirrors<S: Store>(&mut self, store: &S) -> Result<(), StoreError> {
        let mut after = String::new();
        loop {
            let rows = store.all_persons(&after, ROWS).await?;
            let Some(last) = rows.last() else { break };
            last.person.as_str().clone_into(&mut after);
            for row in &rows {
                self.row(fact::person(row));
            }
        }
        after.clear();
        loop {
            let rows = store.all_certificates(&after, ROWS).await?;
            let Some(last) = rows.last() else { break };
            last.certificate.as_str().clone_into(&mut after);
            for row in &rows {
                self.row(fact::certificate(row));
            }
        }
        after.clear();
        loop {
            let rows = store.all_issuers(&after, ROWS).await?;
            let Some(last) = rows.last() else { break };
            last.issuer.as_str().clone_into(&mut after);
            for row in &rows {
                self.row(fact::issuer(row));
            }
        }
        for row in &store.callers().await? {
            self.row(fact::caller(row));
        }
        Ok(())
    }

    async fn sources<S: HasLog>(&mut self, store: &S) -> Result<(), StoreError> {
        for source in [IDENTITY, CERTIFICATION] {
            if let Some(position) = store.log().cursor(source).await? {
                self.row(fact::source(source, &position));
            }
        }
        Ok(())
    }
}

/// What an event says about its subject. What happened to a session is not kept in its row, only what it is since.
fn digest_of(event: &Event) -> Hash {
    if event.kind == fact::LIVE_SESSION {
        let fact = RegistryFact::decode(event.payload.as_slice()).ok().and_then(|fact| fact.fact);
        if let Some(Fact::LiveSession(change)) = fact {
            return sha256(&change.live_session.unwrap_or_default().encode_to_vec());
        }
    }
    sha256(&event.payload)
}

/// The record of a session, unless the columns beside it say something else.
fn session(row: &SessionRecord) -> Vec<u8> {
    let Ok(told) = LiveSession::decode(row.record.as_slice()) else { return Vec::new() };
    let same = told.name == row.id.name()
        && told.platform == row.platform.name()
        && told.fence == row.fence
        && told.state == i32::from(crate::wire::session::state(row.state));
    if same { told.encode_to_vec() } else { Vec::new() }
}
