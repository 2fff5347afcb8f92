//! Walks the event log and holds the tables against it: one changed byte in either is found.

use crate::wire::facts;
use greenroom_domain::certification::port::{CertificateFilter, Store};
use greenroom_domain::ledger::{EventDraft, StoreError};
use greenroom_feed::log::HasLog;
use greenroom_feed::verify::{Walk, walk};
use std::collections::HashMap;

const PAGE: i64 = 1000;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// The walk over the log.
    pub walk: Walk,
    /// How many rows were held against the log.
    pub rows: usize,
    /// Resources whose row says something else than their last event.
    pub differing: Vec<String>,
    /// Resources of the log that have no row.
    pub missing: Vec<String>,
    /// Rows the log knows nothing of.
    pub extra: Vec<String>,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.walk.fault.is_none()
            && self.differing.is_empty()
            && self.missing.is_empty()
            && self.extra.is_empty()
    }
}

/// Verifies a store. Run it while nobody writes: a change between the walk and the tables looks like damage.
pub async fn verify<S: Store + HasLog>(store: &S) -> Result<VerifyReport, StoreError> {
    let mut last: HashMap<String, Vec<u8>> = HashMap::new();
    let walk = walk(store.log(), |event| {
        last.insert(event.subject.clone(), event.payload.clone());
    })
    .await?;
    let mut fold = Fold { last, rows: 0, differing: Vec::new(), extra: Vec::new() };
    let mut after = String::new();
    loop {
        let page = store.issuers(&after, PAGE).await?;
        let Some(record) = page.last() else { break };
        record.issuer.id.as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(&facts::of_issuer(record));
        }
    }
    after.clear();
    loop {
        let page = store.certificates(&CertificateFilter::default(), &after, PAGE).await?;
        let Some(record) = page.last() else { break };
        record.certificate.id.as_str().clone_into(&mut after);
        for record in &page {
            fold.hold(&facts::of_certificate(record));
        }
    }
    after.clear();
    loop {
        let page = store.imports(&after, PAGE).await?;
        let Some(import) = page.last() else { break };
        import.id.as_str().clone_into(&mut after);
        for import in &page {
            fold.hold(&facts::of_import(import));
        }
    }
    let mut missing: Vec<String> = fold.last.into_keys().collect();
    missing.sort();
    Ok(VerifyReport { walk, rows: fold.rows, differing: fold.differing, missing, extra: fold.extra })
}

/// The last event of each resource not yet met in the tables, and what was found so far.
struct Fold {
    last: HashMap<String, Vec<u8>>,
    rows: usize,
    differing: Vec<String>,
    extra: Vec<String>,
}

impl Fold {
    fn hold(&mut self, row: &EventDraft) {
        self.rows += 1;
        match self.last.remove(&row.subject) {
            None => self.extra.push(row.subject.clone()),
            Some(payload) if payload != row.payload => self.differing.push(row.subject.clone()),
            Some(_) => {}
        }
    }
}
