//! Rows of claims and of evidence, and the values they stand for.

use super::rows::{damaged, id, known};
use greenroom_domain::certification::port::{ClaimRecord, EvidenceRecord, KeptEvidence};
use greenroom_domain::certification::{Evidence, EvidenceResult, EvidenceSource, Witness};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::StoreError;

/// A row of `certificate_claims`.
pub(super) struct ClaimRow {
    pub(super) certificate: String,
    pub(super) organization: String,
    pub(super) claim_time_us: i64,
}

impl ClaimRow {
    pub(super) fn read(self) -> Result<ClaimRecord, StoreError> {
        Ok(ClaimRecord {
            certificate: id(&self.certificate, "certificate_claims.certificate")?,
            organization: id(&self.organization, "certificate_claims.organization")?,
            claim_time: Timestamp::from_micros(self.claim_time_us),
        })
    }
}

/// A row of `evidence`.
pub(super) struct EvidenceRow {
    pub(super) id: String,
    pub(super) certificate: String,
    pub(super) source: String,
    pub(super) witness: String,
    pub(super) result: String,
    pub(super) check_time_us: i64,
    pub(super) fresh_until_us: i64,
    pub(super) artefact_sha256: Vec<u8>,
    pub(super) organization: String,
    pub(super) create_time_us: i64,
}

impl EvidenceRow {
    pub(super) fn read(self) -> Result<KeptEvidence, StoreError> {
        let artefact_sha256 = match self.artefact_sha256.as_slice() {
            [] => None,
            bytes => Some(bytes.try_into().map_err(|_| damaged("evidence.artefact_sha256"))?),
        };
        let evidence = Evidence {
            source: known(EvidenceSource::from_code(&self.source), "evidence.source")?,
            witness: known(Witness::from_code(&self.witness), "evidence.witness")?,
            result: known(EvidenceResult::from_code(&self.result), "evidence.result")?,
            checked_at: Timestamp::from_micros(self.check_time_us),
            fresh_until: Timestamp::from_micros(self.fresh_until_us),
            artefact_sha256,
        };
        let record = EvidenceRecord {
            certificate: id(&self.certificate, "evidence.certificate")?,
            organization: id(&self.organization, "evidence.organization")?,
            id: self.id,
            evidence,
        };
        Ok(KeptEvidence { record, record_time: Timestamp::from_micros(self.create_time_us) })
    }
}
