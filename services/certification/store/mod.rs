//! The only code that runs this service's statements. Compiled once for each engine.

mod application_rows;
mod applications;
mod certificates;
mod history;
mod issuers;
mod jobs;
mod qualifications;
mod roll_rows;
mod rolls;
mod rows;
mod said;
mod standards;

use crate::engine;
use crate::feed_store::{FeedStore, Unit};
use greenroom_domain::certification::port::{
    AsOf, CertificateFilter, CertificateRecord, Change, ClaimRecord, IssuerImpact, IssuerRecord,
    KeptEvidence, PlanRow, RollImport, RollShape, StandardRecord, Store as Port,
};
use greenroom_domain::certification::{IssuerClass, RollCode, RollVerdict};
use greenroom_domain::kernel::{
    CertificateId, IssuerId, OrganizationId, PersonId, RollImportId, StandardId, Timestamp,
};
use greenroom_domain::ledger::{Position, StoreError, Write};
use greenroom_feed::log::HasLog;

/// The store of the certification service.
#[derive(Clone)]
pub struct Store {
    feed: FeedStore,
}

impl Store {
    /// Opens the database at `url` and brings its schema up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let feed = FeedStore::open(url, &crate::MIGRATIONS).await?;
        Ok(Self { feed })
    }

    /// Closes the connections once what runs on them has ended.
    pub async fn close(&self) {
        self.feed.close().await;
    }

    fn pool(&self) -> &sqlx::Pool<engine::Db> {
        self.feed.pool()
    }

    async fn change(&self, unit: &mut Unit, change: &Change) -> Result<(), StoreError> {
        match change {
            // Several are no change of their own: `commit` goes through them.
            Change::Nothing | Change::All(_) => Ok(()),
            Change::AddVerificationJob(job) => jobs::add(unit, job).await,
            Change::SaveVerificationJob(job) => jobs::save(unit, job).await,
            Change::KeepNumberFree(number) => certificates::keep_number_free(unit, number).await,
            Change::AddCertificate(record) => certificates::add(unit, record).await,
            Change::AddClaim(claim) => history::add_claim(unit, claim).await,
            Change::TellStandards(records) => {
                for record in records {
                    standards::tell(unit, record).await?;
                }
                Ok(())
            }
            Change::AddIssuer(issuer) => issuers::add(unit, issuer).await,
            Change::SaveIssuer(issuer) => issuers::save(unit, issuer).await,
            Change::AddQualification(record) => qualifications::add(unit, record).await,
            Change::SaveQualification(record, review) => {
                qualifications::save(unit, record, review.as_ref()).await
            }
            Change::SaveCertificate(record, evidence) => {
                let saved = certificates::save(unit, record, StoreError::Conflict).await;
                saved?;
                match evidence {
                    Some(evidence) => certificates::add_evidence(unit, evidence, record.update_time).await,
                    None => Ok(()),
                }
            }
            Change::AddApplication(record) => applications::add(unit, record).await,
            Change::SaveApplication(record, assessment) => {
                applications::save(unit, record).await?;
                match assessment {
                    Some(assessment) => {
                        applications::add_assessment(unit, &record.application.id, assessment).await
                    }
                    None => Ok(()),
                }
            }
            Change::AddEvidence(evidence, now) => certificates::add_evidence(unit, evidence, *now).await,
            Change::AddImport(import) => rolls::add(unit, import).await,
            Change::SaveImport(import) => rolls::save(unit, import).await,
            Change::StageRows(import, rows) => {
                rolls::save(unit, import).await?;
                rolls::stage(unit, &import.id, rows).await
            }
            Change::DropRows(import) => {
                rolls::save(unit, import).await?;
                rolls::drop_rows(unit, &import.id).await
            }
            Change::ApplyBatch(batch) => {
                // The import first: whoever lost the race for it must not touch a certificate.
                rolls::save(unit, &batch.import).await?;
                certificates::add_all(unit, &batch.creates).await?;
                certificates::save_all(unit, &batch.updates).await?;
                rolls::save_rows(unit, &batch.import.id, &batch.rows).await
            }
        }
    }
}

impl HasLog for Store {
    type Log = FeedStore;

    fn log(&self) -> &FeedStore {
        &self.feed
    }
}

impl Port for Store {
    async fn issuer(&self, id: &IssuerId) -> Result<Option<IssuerRecord>, StoreError> {
        issuers::read(self.pool(), id).await
    }

    async fn issuers(&self, after: &str, limit: i64) -> Result<Vec<IssuerRecord>, StoreError> {
        issuers::list(self.pool(), after, limit).await
    }

    async fn issuer_at(&self, prefix: &str) -> Result<Option<IssuerId>, StoreError> {
        issuers::at(self.pool(), prefix).await
    }

    async fn impact(&self, issuer: &IssuerId, now: Timestamp) -> Result<IssuerImpact, StoreError> {
        issuers::impact(self.pool(), issuer, now).await
    }

    async fn standards_told(&self, after: &str, limit: i64) -> Result<Vec<StandardRecord>, StoreError> {
        standards::list(self.pool(), after, limit).await
    }

    async fn certificate(&self, id: &CertificateId) -> Result<Option<CertificateRecord>, StoreError> {
        certificates::read(self.pool(), id).await
    }

    async fn certificate_as_of(
        &self,
        id: &CertificateId,
        as_of: AsOf,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        history::as_of(self.pool(), id, as_of).await
    }

    async fn lapsing(&self, now: Timestamp, limit: i64) -> Result<Vec<CertificateRecord>, StoreError> {
        history::lapsing(self.pool(), now, limit).await
    }

    async fn next_lapse(&self) -> Result<Option<Timestamp>, StoreError> {
        history::next_lapse(self.pool()).await
    }

    async fn last_number(&self, first: &str, last: &str) -> Result<Option<String>, StoreError> {
        history::last_number(self.pool(), first, last).await
    }

    async fn numbers(&self, first: &str, last: &str, limit: i64) -> Result<Vec<String>, StoreError> {
        history::numbers(self.pool(), first, last, limit).await
    }

    async fn issuers_filed(
        &self,
        class: IssuerClass,
        code: &str,
        province: &str,
        limit: i64,
    ) -> Result<Vec<IssuerId>, StoreError> {
        history::issuers_filed(self.pool(), class, code, province, limit).await
    }

    async fn claim(
        &self,
        certificate: &CertificateId,
        organization: &OrganizationId,
    ) -> Result<Option<ClaimRecord>, StoreError> {
        history::claim(self.pool(), certificate, organization).await
    }

    async fn claims(&self, after: (&str, &str), limit: i64) -> Result<Vec<ClaimRecord>, StoreError> {
        history::claims(self.pool(), after, limit).await
    }

    async fn evidence(
        &self,
        certificate: &CertificateId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<KeptEvidence>, StoreError> {
        history::evidence(self.pool(), certificate, after, limit).await
    }

    async fn all_evidence(&self, after: &str, limit: i64) -> Result<Vec<KeptEvidence>, StoreError> {
        history::all_evidence(self.pool(), after, limit).await
    }

    async fn certificate_versions(
        &self,
        after: (&str, i64),
        limit: i64,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        history::versions(self.pool(), after, limit).await
    }

    async fn certificates_numbered(&self, numbers: &[String]) -> Result<Vec<CertificateRecord>, StoreError> {
        certificates::numbered(self.pool(), numbers).await
    }

    async fn certificates(
        &self,
        filter: &CertificateFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        certificates::list(self.pool(), filter, after, limit).await
    }

    async fn certificates_held(
        &self,
        holder: &PersonId,
        standard: &StandardId,
        limit: i64,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        certificates::held(self.pool(), holder, standard, limit).await
    }

    async fn import(&self, id: &RollImportId) -> Result<Option<RollImport>, StoreError> {
        rolls::read(self.pool(), id).await
    }

    async fn imports(&self, after: &str, limit: i64) -> Result<Vec<RollImport>, StoreError> {
        rolls::list(self.pool(), after, limit).await
    }

    async fn rows(
        &self,
        import: &RollImportId,
        verdict: Option<RollVerdict>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<PlanRow>, StoreError> {
        rolls::rows(self.pool(), import, verdict, after, limit).await
    }

    async fn rows_to_apply(
        &self,
        import: &RollImportId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<PlanRow>, StoreError> {
        rolls::to_apply(self.pool(), import, after, limit).await
    }

    async fn repeated_numbers(
        &self,
        import: &RollImportId,
        after: &str,
        limit: i64,
    ) -> Result<Vec<String>, StoreError> {
        rolls::repeated(self.pool(), import, after, limit).await
    }

    async fn rows_numbered(
        &self,
        import: &RollImportId,
        number: &str,
        after: i64,
        limit: i64,
    ) -> Result<Vec<PlanRow>, StoreError> {
        rolls::numbered(self.pool(), import, number, after, limit).await
    }

    async fn restage(&self, import: &RollImportId, rows: &[PlanRow]) -> Result<(), StoreError> {
        rolls::restage(&self.feed, import, rows).await
    }

    async fn rows_with_finding(
        &self,
        import: &RollImportId,
        code: RollCode,
        after: i64,
        limit: i64,
    ) -> Result<Vec<PlanRow>, StoreError> {
        rolls::with_finding(self.pool(), import, code, after, limit).await
    }

    async fn rows_without_number(&self, import: &RollImportId) -> Result<i64, StoreError> {
        rolls::without_number(self.pool(), import).await
    }

    async fn missing(
        &self,
        import: &RollImport,
        after: &str,
        limit: i64,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        rolls::missing(self.pool(), import, after, limit).await
    }

    async fn in_force(
        &self,
        issuer: &IssuerId,
        standard: &StandardId,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        rolls::in_force(self.pool(), issuer, standard, now).await
    }

    async fn first_outdated(
        &self,
        import: &RollImport,
        after: i64,
        through: i64,
    ) -> Result<Option<i64>, StoreError> {
        rolls::first_outdated(self.pool(), import, after, through).await
    }

    async fn shapes(&self, import: &RollImportId, after: i64) -> Result<Vec<RollShape>, StoreError> {
        rolls::shapes(self.pool(), import, after).await
    }

    async fn unfinished(&self, before: Timestamp, limit: i64) -> Result<Vec<RollImport>, StoreError> {
        rolls::unfinished(self.pool(), before, limit).await
    }

    async fn commit(&self, change: Change, write: Write) -> Result<Position, StoreError> {
        let mut unit = self.feed.begin().await?;
        for change in steps(&change) {
            self.change(&mut unit, change).await?;
        }
        self.feed.finish(unit, &write).await
    }
}

/// The single changes of a change, in their order.
fn steps(change: &Change) -> Vec<&Change> {
    match change {
        Change::All(changes) => changes.iter().flat_map(steps).collect(),
        single => vec![single],
    }
}
