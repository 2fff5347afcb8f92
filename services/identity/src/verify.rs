//! Holds the tables against the log: walks the hash chain, and compares what each subject's last event says with what
//! its rows say.

use crate::app::Database;
use crate::vault::Vault;
use crate::wire;
use greenroom_domain::ledger::{EventDraft, StoreError};
use greenroom_feed::verify::{ChainFault, walk};
use std::collections::HashMap;

/// How many rows are read at once.
const ROWS: i64 = 500;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// How many events were walked.
    pub events: i64,
    /// How many subjects were compared.
    pub subjects: usize,
    /// Where the chain breaks, if it does.
    pub chain_fault: Option<ChainFault>,
    /// Subjects whose rows say something else than their last event, or cannot be opened.
    pub differing: Vec<String>,
    /// Subjects of the log that no row is about.
    pub missing: Vec<String>,
    /// Subjects of rows that the log does not know.
    pub extra: Vec<String>,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.chain_fault.is_none()
            && self.differing.is_empty()
            && self.missing.is_empty()
            && self.extra.is_empty()
    }
}

struct Comparison {
    last: HashMap<String, Vec<u8>>,
    report: VerifyReport,
}

impl Comparison {
    /// Compares one row's fact with the last event about it.
    fn hold(&mut self, fact: EventDraft) {
        self.report.subjects += 1;
        match self.last.remove(&fact.subject) {
            Some(payload) if payload == fact.payload => {}
            Some(_) => self.report.differing.push(fact.subject),
            None => self.report.extra.push(fact.subject),
        }
    }

    /// A row whose sealed part cannot be opened.
    fn unreadable(&mut self, subject: String) {
        self.report.subjects += 1;
        self.last.remove(&subject);
        self.report.differing.push(subject);
    }

    fn finish(mut self) -> VerifyReport {
        self.report.missing = self.last.into_keys().collect();
        self.report.missing.sort_unstable();
        self.report
    }
}

/// Verifies a store. Nothing should write to it meanwhile: what is committed during the walk is reported as differing.
pub async fn verify_store<S: Database>(store: &S, vault: &Vault) -> Result<VerifyReport, StoreError> {
    let mut last = HashMap::new();
    let walked = walk(store.log(), |event| {
        last.insert(event.subject.clone(), event.payload.clone());
    })
    .await?;
    let report = VerifyReport { events: walked.events, chain_fault: walked.fault, ..VerifyReport::default() };
    let mut comparison = Comparison { last, report };
    participants(store, &mut comparison).await?;
    persons(store, vault, &mut comparison).await?;
    for key in store.signing_keys().await? {
        comparison.hold(wire::signing_key_event(&key));
    }
    Ok(comparison.finish())
}

async fn participants<S: Database>(store: &S, comparison: &mut Comparison) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = store.organizations(None, &after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        last.id.as_str().clone_into(&mut after);
        for row in &rows {
            comparison.hold(wire::organization_event(row));
        }
    }
    after.clear();
    loop {
        let rows = store.clients(None, &after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        last.id.as_str().clone_into(&mut after);
        for row in &rows {
            comparison.hold(wire::client_event(row));
        }
    }
}

async fn persons<S: Database>(
    store: &S,
    vault: &Vault,
    comparison: &mut Comparison,
) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let rows = store.persons(&after, ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        last.person.id.as_str().clone_into(&mut after);
        for row in rows {
            match vault.open_person(&row.person.id, &row.sealed) {
                Ok(identity) => comparison.hold(wire::person_event(&row, identity.birth_date)),
                Err(_) => comparison.unreadable(row.person.id.name()),
            }
        }
    }
}
