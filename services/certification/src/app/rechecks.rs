//! Checks that the service begins by itself: before a source's word runs out, and again where a certificate was not found.

use super::App;
use super::verification::Begun;
use crate::error::Error;
use greenroom_domain::certification::port::{Change, RenewalFilter, Retry, RetryFilter, Store};
use greenroom_domain::kernel::{CertificateId, Timestamp};
use greenroom_domain::ledger::{Actor, StoreError, Write};
use greenroom_feed::log::HasLog;
use std::time::Duration;

/// What the log calls these writes.
const METHOD: &str = "recheck";

/// How many certificates are taken at once. The others wait for the next time, so that what callers ask for is not held up
/// behind a whole roll.
const ROWS: i64 = 100;

/// A source that said nothing, or nothing that helps, is asked about the same certificate again after this.
const PAUSE: Duration = Duration::from_hours(24);

impl<S: Store + HasLog> App<S> {
    /// Begins checks by the sources that are to renew their own word. Another replica that was first is no error.
    pub async fn begin_renewals(&self) -> Result<(), Error> {
        for source in self.sources.all() {
            let Some(lead) = source.terms.recheck_lead else { continue };
            let now = self.clock.now();
            let filter = RenewalFilter {
                source: &source.name,
                from: now.minus(lead),
                until: now.plus(lead),
                not_asked_since: now.minus(PAUSE),
            };
            for certificate in self.store.renewals(filter, ROWS).await? {
                self.ask_again(&certificate, &source.name, now).await?;
            }
        }
        Ok(())
    }

    /// Looks again for certificates that were not found, with the source that did not find them; with the automatic ones
    /// if a human had looked. What nobody can be asked about is passed over: it must not stand before what somebody can.
    pub async fn begin_retries(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let all = self.sources.all();
        if all.is_empty() {
            return Ok(());
        }
        let automatic = all.iter().any(|source| source.kind.automatic);
        let sources: Vec<&str> =
            all.iter().filter(|_| !automatic).map(|source| source.name.as_str()).collect();
        let filter = RetryFilter { now, not_asked_since: now.minus(PAUSE), sources: &sources };
        for Retry { certificate, source } in self.store.retries(filter, ROWS).await? {
            if self.sources.named(&source).is_some() {
                self.ask_again(&certificate, &source, now).await?;
                continue;
            }
            if let Some(record) = self.store.certificate(&certificate).await? {
                let (_, begun) = self.begin_check(record.certificate, &Actor::default(), now);
                self.commit_begun(begun, now).await?;
            }
        }
        Ok(())
    }

    /// Asks anew about claims that nobody has answered about: a source that was silent for longer than it is given has said
    /// nothing, and whoever claimed the certificate still waits.
    pub async fn begin_unanswered(&self) -> Result<(), Error> {
        let now = self.clock.now();
        for source in self.sources.all().iter().filter(|source| source.kind.automatic) {
            for certificate in self.store.unanswered(&source.name, now.minus(PAUSE), ROWS).await? {
                self.ask_again(&certificate, &source.name, now).await?;
            }
        }
        Ok(())
    }

    async fn ask_again(
        &self,
        certificate: &CertificateId,
        source: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut begun = Begun::default();
        self.begin(certificate, source, &Actor::default(), now, &mut begun);
        self.commit_begun(begun, now).await
    }

    async fn commit_begun(&self, begun: Begun, now: Timestamp) -> Result<(), Error> {
        if begun.changes.is_empty() {
            return Ok(());
        }
        let write = Write::by_service(METHOD, begun.events, now);
        match self.store.commit(Change::All(begun.changes), write).await {
            Ok(_) | Err(StoreError::Conflict | StoreError::Taken(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
