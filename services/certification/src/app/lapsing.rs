//! Evidence that runs out: an event at its instant, by whichever replica is first.

use super::App;
use crate::error::Error;
use crate::wire::facts;
use greenroom_domain::certification::port::{CertificateRecord, Change, Store};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{StoreError, Write};
use greenroom_feed::log::HasLog;

/// How many certificates are told in one transaction.
pub const BATCH: i64 = 500;

/// What one look at what has run out came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapsed {
    /// There may be more already.
    More,
    /// Nothing more has run out yet; the next evidence does then, if any does.
    Until(Option<Timestamp>),
}

impl<S: Store + HasLog> App<S> {
    /// Tells of a batch of certificates that their evidence has run out.
    pub async fn tell_lapsed(&self) -> Result<Lapsed, Error> {
        let now = self.clock.now();
        let due = self.store.lapsing(now, BATCH).await?;
        if due.is_empty() {
            return Ok(Lapsed::Until(self.store.next_lapse().await?));
        }
        let (mut changes, mut events) = (Vec::with_capacity(due.len()), Vec::with_capacity(due.len()));
        for record in due {
            let Ok(certificate) = record.certificate.clone().lapse(now) else { continue };
            let next = CertificateRecord { certificate, update_time: now, ..record };
            events.push(facts::of_certificate(&next.stored(now)));
            changes.push(Change::SaveCertificate(Box::new(next), None));
        }
        match self.store.commit(Change::All(changes), Write::by_service("passing_time", events, now)).await {
            // After a conflict another replica was first, or somebody has just said something: look again.
            Ok(_) | Err(StoreError::Conflict) => Ok(Lapsed::More),
            Err(error) => Err(error.into()),
        }
    }
}
