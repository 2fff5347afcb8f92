//! Asking sources: what a source said of a certificate is stored together with what follows from it.

use super::App;
use crate::error::Error;
use crate::sources::{Certificates, CheckedCertificate, Configured, Outcome, Sources};
use crate::wire::facts;
use greenroom_domain::certification::port::{
    AsOf, CertificateRecord, Change, EvidenceRecord, KeptEvidence, SourceLookup, Store,
};
use greenroom_domain::certification::{
    Certificate, CertificateState, Evidence, EvidenceResult, VerificationJob, Witness,
};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{EventDraft, StoreError, Write};
use greenroom_domain::source::JobState;
use greenroom_feed::log::HasLog;
use greenroom_rpc::clock::{SharedClock, new_id};
use greenroom_rpc::source::work::{Desk, Hindrance};

/// What the log calls these writes.
const METHOD: &str = "verification";

impl<S: Store + HasLog> Desk for App<S> {
    type Inquiry = Certificates;
    type Error = Error;

    fn clock(&self) -> &SharedClock {
        &self.clock
    }

    fn sources(&self) -> &Sources {
        &self.sources
    }

    async fn job(&self, id: &str) -> Result<Option<VerificationJob>, Error> {
        Ok(self.store.verification_job(id).await?)
    }

    async fn due(&self, source: &str, now: Timestamp, limit: i64) -> Result<Vec<VerificationJob>, Error> {
        Ok(self.store.due_verification_jobs(source, now, limit).await?)
    }

    async fn due_sources(&self, now: Timestamp) -> Result<Vec<String>, Error> {
        Ok(self.store.due_certificate_sources(now).await?)
    }

    async fn subject(&self, job: &VerificationJob) -> Result<CheckedCertificate, Error> {
        let Certificate { number, holder, standard, job_type, level, issuer, issue_date, .. } =
            self.checked(job).await?.certificate;
        let issuer = self.store.issuer(&issuer).await?;
        let organization =
            self.sources.named(&job.source).and_then(|source| source.kind.organization.as_ref());
        let holder = match organization {
            None => None,
            Some(organization) => {
                let named = self.identity.name_for(organization, &holder).await?;
                Some(named.ok_or(Error::HolderUnknown)?)
            }
        };
        let issuer_code = issuer.map(|record| record.issuer.code).unwrap_or_default();
        Ok(CheckedCertificate { number, standard, job_type, level, issuer_code, issue_date, holder })
    }

    /// With a job that is given up, its certificate goes back to what was known, unless another source is still asked.
    async fn save(&self, next: VerificationJob, now: Timestamp) -> Result<Option<VerificationJob>, Error> {
        let (mut changes, mut events) = (Vec::new(), Vec::new());
        if next.state == JobState::GivenUp {
            let record = self.checked(&next).await?;
            let certificate = self.without_job(record.certificate.clone(), &next, now).await?;
            note(record, certificate, None, now, &mut changes, &mut events);
        }
        self.store_job(next, changes, events, now).await
    }

    async fn conclude(
        &self,
        job: &VerificationJob,
        next: &VerificationJob,
        source: &Configured,
        outcome: Option<&Outcome>,
        now: Timestamp,
    ) -> Result<Option<VerificationJob>, Error> {
        let record = self.checked(job).await?;
        let kept = self.said(job, source, outcome, now);
        let mut certificate = record.certificate.clone();
        if self.is_as_asked(job, &certificate).await? {
            certificate = self.drawn(&record, &kept.evidence, now).await?;
        }
        let effect = certificate != record.certificate;
        if !next.is_open() {
            certificate = self.without_job(certificate, next, now).await?;
        }
        let mut record = record;
        if effect && kept.evidence.concludes() {
            record.source = Some(kept.evidence.source);
        }
        let told = KeptEvidence { record: kept.clone(), record_time: now };
        let (mut changes, mut events) = (Vec::new(), vec![facts::of_evidence(&told)]);
        note(record, certificate, Some(kept), now, &mut changes, &mut events);
        self.store_job(next.clone(), changes, events, now).await
    }

    fn hindrance(&self, _: &str, error: &Error) -> Hindrance {
        match error {
            Error::HolderUnknown => Hindrance::ForGood("the holder is known no more"),
            Error::CertificateNotFound(_) => Hindrance::ForGood("the certificate is known no more"),
            Error::Fault(fault) if fault.reason() == "DEPENDENCY_UNAVAILABLE" => {
                Hindrance::ForNow("the holder cannot be named at present")
            }
            _ => Hindrance::Unknown,
        }
    }
}

impl<S: Store + HasLog> App<S> {
    /// The certificate a job is about.
    async fn checked(&self, job: &VerificationJob) -> Result<CertificateRecord, Error> {
        let found = self.store.certificate(&job.subject).await?;
        found.ok_or_else(|| Error::CertificateNotFound(job.subject.name()))
    }

    /// What a source said, or that it said nothing, as it is kept. Whoever asked for it, the source is its witness.
    fn said(
        &self,
        job: &VerificationJob,
        source: &Configured,
        outcome: Option<&Outcome>,
        now: Timestamp,
    ) -> EvidenceRecord {
        let checked_at = outcome.and_then(|outcome| outcome.checked_at).unwrap_or(now);
        EvidenceRecord {
            id: new_id(&self.clock).to_string(),
            certificate: job.subject.clone(),
            evidence: Evidence {
                source: source.kind.evidence,
                witness: Witness::Independent,
                result: outcome.map_or(EvidenceResult::SourceUnavailable, |outcome| outcome.verdict),
                checked_at,
                fresh_until: checked_at.plus(source.terms.validity),
                artefact_sha256: outcome.and_then(|outcome| outcome.artefact_sha256),
            },
            organization: None,
            lookup: Some(SourceLookup {
                source: source.name.clone(),
                job: job.id.clone(),
                authentication: outcome.and_then(|outcome| outcome.authentication),
                differences: outcome.map(|outcome| outcome.differences.clone()).unwrap_or_default(),
            }),
        }
    }

    /// Whether the certificate says of itself what it said when the job was begun. A source that took its time has answered
    /// about what it was asked, and not about what somebody has corrected since.
    async fn is_as_asked(&self, job: &VerificationJob, now: &Certificate) -> Result<bool, Error> {
        let begun = AsOf { known: job.create_time, effective: Timestamp::MAX };
        let asked = self.store.certificate_as_of(&job.subject, begun).await?;
        Ok(asked.is_some_and(|asked| asked.certificate.says_what(now)))
    }

    /// The certificate after the evidence. Evidence that the rules refuse, because it is older than what is known or the
    /// certificate is final, is kept without effect; so is a match while the number is verified for somebody else.
    async fn drawn(
        &self,
        record: &CertificateRecord,
        evidence: &Evidence,
        now: Timestamp,
    ) -> Result<Certificate, Error> {
        let before = &record.certificate;
        let lag = &self.terms.publication_lag;
        let Ok(next) = before.clone().record_evidence(evidence, lag, now) else {
            return Ok(before.clone());
        };
        if self.is_disputed(before, &next).await? {
            return Ok(before.clone());
        }
        if evidence.result == EvidenceResult::NotFound && next.state == CertificateState::NotFound {
            let since = before.verified_at.unwrap_or(Timestamp::MIN);
            let times = self.store.times_not_found(&before.id, since).await?;
            if times >= i64::from(self.terms.recheck_attempts) {
                return Ok(next.without_retry());
            }
        }
        Ok(next)
    }

    /// The certificate once this job asks nobody any more.
    async fn without_job(
        &self,
        certificate: Certificate,
        job: &VerificationJob,
        now: Timestamp,
    ) -> Result<Certificate, Error> {
        let left = certificate.clone().abandon_verification(now);
        if left == certificate {
            return Ok(certificate);
        }
        let open = self.store.open_verification_jobs(&certificate.id).await?;
        if open.iter().any(|other| other.id != job.id) {
            return Ok(certificate);
        }
        // What was confirmed so long ago is nothing beside what is confirmed now.
        if self.is_disputed(&certificate, &left).await? {
            let outdone = Certificate { evidence_until: None, lapsed_at: None, ..certificate };
            return Ok(outdone.abandon_verification(now));
        }
        Ok(left)
    }

    /// Stores a job's next state with other changes. Gives it as stored; none if something changed meanwhile.
    async fn store_job(
        &self,
        next: VerificationJob,
        mut changes: Vec<Change>,
        mut events: Vec<EventDraft>,
        now: Timestamp,
    ) -> Result<Option<VerificationJob>, Error> {
        let stored = next.clone().stored();
        events.push(facts::of_verification_job(&stored));
        changes.push(Change::SaveVerificationJob(next));
        match self.store.commit(Change::All(changes), Write::by_service(METHOD, events, now)).await {
            Ok(_) => Ok(Some(stored)),
            Err(StoreError::Conflict | StoreError::Taken(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Adds what is to be stored of a certificate that has come to `next`, with the evidence if there is any.
fn note(
    record: CertificateRecord,
    next: Certificate,
    kept: Option<EvidenceRecord>,
    now: Timestamp,
    changes: &mut Vec<Change>,
    events: &mut Vec<EventDraft>,
) {
    if next == record.certificate {
        changes.extend(kept.map(|kept| Change::AddEvidence(kept, now)));
        return;
    }
    let next = CertificateRecord { certificate: next, update_time: now, ..record };
    events.push(facts::of_certificate(&next.stored(now)));
    changes.push(Change::SaveCertificate(Box::new(next), kept.map(Box::new)));
}
