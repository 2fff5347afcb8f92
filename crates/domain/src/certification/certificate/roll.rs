use super::{Certificate, CertificateState, Hold, IssuersWord, Refusal};
use crate::certification::{
    Evidence, EvidenceResult, EvidenceSource, IssuerStanding, PublicationLag, Witness,
};
use crate::kernel::{Date, IssuerId, StandardId, Timestamp, Version};
use crate::occupation::{JobType, Level};

/// What a certificate was before an import changed it: all that an import can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    /// The standard.
    pub standard: StandardId,
    /// The job type.
    pub job_type: JobType,
    /// The level.
    pub level: Level,
    /// The issuer.
    pub issuer: IssuerId,
    /// The date of issue.
    pub issue_date: Date,
    /// What was known.
    pub state: CertificateState,
    /// Since when.
    pub state_since: Timestamp,
    /// When it had last been confirmed.
    pub verified_at: Option<Timestamp>,
    /// Until when that counts.
    pub evidence_until: Option<Timestamp>,
    /// When to ask again.
    pub retry_at: Option<Timestamp>,
    /// When the newest conclusive check had been made.
    pub checked_at: Option<Timestamp>,
    /// When its evidence had run out, if that was noted.
    pub lapsed_at: Option<Timestamp>,
    /// What people had decided, while it kept the certificate from counting.
    pub held: Option<Hold>,
    /// Who had said so, if anybody had.
    pub source: Option<EvidenceSource>,
    /// The version it had.
    pub version: Version,
}

impl Certificate {
    /// What an import may change, as it stands.
    pub fn before(&self, source: Option<EvidenceSource>) -> Before {
        Before {
            standard: self.standard.clone(),
            job_type: self.job_type,
            level: self.level,
            issuer: self.issuer.clone(),
            issue_date: self.issue_date,
            state: self.state,
            state_since: self.state_since,
            verified_at: self.verified_at,
            evidence_until: self.evidence_until,
            retry_at: self.retry_at,
            checked_at: self.checked_at,
            lapsed_at: self.lapsed_at,
            held: self.held,
            source,
            version: self.version,
        }
    }

    /// Draws the conclusion from a complete roll 名册 of the issuer that does not hold this certificate: the source does
    /// not know it. Never a revocation; it is asked about again.
    pub fn missing_from_roll(
        self,
        word: IssuersWord<'_>,
        publication_lag: &PublicationLag,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        if self.issuer != word.issuer.id {
            return Err(Refusal::OtherIssuer);
        }
        if word.issuer.standing != IssuerStanding::Listed {
            return Err(Refusal::IssuerNotListed { standing: word.issuer.standing });
        }
        let evidence = Evidence {
            source: EvidenceSource::IssuerRoll,
            witness: Witness::Issuer,
            result: EvidenceResult::NotFound,
            checked_at: word.checked_at,
            fresh_until: word.checked_at,
            artefact_sha256: None,
        };
        self.record_evidence(&evidence, publication_lag, now)
    }

    /// Undoes what an import did, if nothing but time has passed since: that is the caller's to see, by
    /// [`Certificate::is_as_planned`].
    ///
    /// With `before` it is again all it was, also since when: it was never otherwise. What the import created stays on
    /// record as a claim that nothing speaks for.
    #[must_use]
    pub fn rolled_back(self, before: Option<&Before>, now: Timestamp) -> Self {
        match before {
            Some(before) => Self {
                standard: before.standard.clone(),
                job_type: before.job_type,
                level: before.level,
                issuer: before.issuer.clone(),
                issue_date: before.issue_date,
                state: before.state,
                state_since: before.state_since,
                verified_at: before.verified_at,
                evidence_until: before.evidence_until,
                retry_at: before.retry_at,
                checked_at: before.checked_at,
                lapsed_at: before.lapsed_at,
                held: before.held,
                ..self
            },
            None => Self {
                state: CertificateState::Claimed,
                state_since: now,
                verified_at: None,
                evidence_until: None,
                retry_at: None,
                checked_at: None,
                lapsed_at: None,
                held: None,
                ..self
            },
        }
    }
}
