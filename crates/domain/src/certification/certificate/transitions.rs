use super::{Certificate, CertificateState, Refusal, Revocation};
use crate::certification::{Evidence, EvidenceResult, EvidenceSource, PublicationLag};
use crate::kernel::Timestamp;

impl Certificate {
    /// Whether it is verified, but on evidence that no longer counts at `now`.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.state == CertificateState::Verified && self.evidence_until.is_none_or(|until| now >= until)
    }

    /// Whether the issuer's word is worth renewing at `now`: the evidence no longer counts, or the second half of its term
    /// has begun. Whoever waits for the end has nothing to sell with on the day it comes.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let term = self.verified_at.zip(self.evidence_until);
        let half = term.map(|(from, until)| from.plus(until.since(from) / 2));
        self.state == CertificateState::Verified && half.is_none_or(|half| now >= half)
    }

    /// Notes that a source has been asked.
    ///
    /// A verified certificate whose evidence still counts stays verified meanwhile: asking must not end a sale.
    pub fn begin_verification(self, now: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            CertificateState::Verified if !self.is_stale(now) => Ok(self),
            CertificateState::Claimed
            | CertificateState::FormatOk
            | CertificateState::UnderVerification
            | CertificateState::Verified
            | CertificateState::NotFound
            | CertificateState::Mismatch => Ok(self.entering(CertificateState::UnderVerification, now)),
            CertificateState::SuspectedForged
            | CertificateState::Suspended
            | CertificateState::Revoked
            | CertificateState::IssuerStruckOff
            | CertificateState::Superseded => Err(self.refusing("verified")),
        }
    }

    /// Notes that no source that was asked will answer any more. What was confirmed before is confirmed again, as far as
    /// its evidence still counts; everything else is claimed.
    #[must_use]
    pub fn abandon_verification(self, now: Timestamp) -> Self {
        let known = match (self.evidence_until, self.retry_at) {
            _ if self.state != CertificateState::UnderVerification => return self,
            (Some(_), _) => CertificateState::Verified,
            (None, Some(_)) => CertificateState::NotFound,
            (None, None) => CertificateState::Claimed,
        };
        self.entering(known, now)
    }

    /// Looks no further for a certificate that was not found so often: a human must look at it. Nothing else changes.
    #[must_use]
    pub fn without_retry(self) -> Self {
        Self { retry_at: None, ..self }
    }

    /// Draws the conclusion from evidence. The evidence itself is kept by the caller, whatever came of it.
    ///
    /// - An outage of the source changes nothing. Neither does a match that an issuer attests in the name of the official
    ///   look-up or an administrator: its own word is its roll.
    /// - NOT_FOUND leads to [`CertificateState::NotFound`] with a time to ask again, `publication_lag` (in working days) after the check;
    ///   never to a suspicion of forgery. If the certificate is still so young that it need not be published and other
    ///   evidence for it counts, it stays verified.
    /// - No source lifts what people decided: a suspension and a suspicion stay, whatever it says, except that an
    ///   administrator's attestation clears a suspicion. After the issuer was struck off its own roll no longer counts.
    /// - REVOKED is final.
    pub fn record_evidence(
        self,
        evidence: &Evidence,
        publication_lag: &PublicationLag,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let revokes =
            evidence.result == EvidenceResult::Revoked && self.state == CertificateState::Superseded;
        if !revokes {
            self.ensure_changeable("verified")?;
        }
        let Evidence { checked_at, fresh_until, .. } = *evidence;
        if checked_at > now {
            return Err(Refusal::FutureEvidence { checked_at });
        }
        if let Some(latest) = self.checked_at.filter(|latest| checked_at < *latest) {
            return Err(Refusal::EvidenceSuperseded { latest });
        }
        if evidence.result == EvidenceResult::Match && fresh_until <= checked_at {
            return Err(Refusal::EvidenceNeverFresh { fresh_until });
        }
        if !evidence.concludes() {
            return Ok(self);
        }
        let checked = Self { checked_at: Some(checked_at), ..self };
        Ok(match evidence.result {
            EvidenceResult::Match => checked.confirmed(evidence, now),
            EvidenceResult::NotFound => checked.not_found(checked_at, publication_lag, now),
            EvidenceResult::Mismatch => checked.contradicted(now),
            EvidenceResult::Revoked => checked.without_evidence().entering(CertificateState::Revoked, now),
            EvidenceResult::SourceUnavailable => checked,
        })
    }

    fn confirmed(self, evidence: &Evidence, now: Timestamp) -> Self {
        let attested = evidence.source == EvidenceSource::AdministratorAttestation;
        let lifted = match self.state {
            CertificateState::Suspended => false,
            CertificateState::SuspectedForged => attested,
            CertificateState::IssuerStruckOff => evidence.source != EvidenceSource::IssuerRoll,
            _ => true,
        };
        let state = if lifted { CertificateState::Verified } else { self.state };
        Self {
            verified_at: Some(evidence.checked_at),
            evidence_until: Some(evidence.fresh_until),
            retry_at: None,
            ..self.entering(state, now)
        }
    }

    fn not_found(self, checked_at: Timestamp, publication_lag: &PublicationLag, now: Timestamp) -> Self {
        let retry_at = Some(publication_lag.after(checked_at));
        let published_by = publication_lag.after(self.issue_date.beijing_midnight());
        if self.state == CertificateState::Verified && !self.is_stale(now) && now < published_by {
            return Self { retry_at, ..self };
        }
        let state = if self.is_held() { self.state } else { CertificateState::NotFound };
        Self { retry_at, ..self.without_evidence().entering(state, now) }
    }

    fn contradicted(self, now: Timestamp) -> Self {
        let state = if self.is_held() { self.state } else { CertificateState::Mismatch };
        Self { verified_at: None, ..self.without_evidence().entering(state, now) }
    }

    /// Withdraws the certificate, for good. The state holds since the revocation took effect, not since it was told.
    pub fn revoke(self, revocation: &Revocation, now: Timestamp) -> Result<Self, Refusal> {
        if self.state == CertificateState::Revoked {
            return Err(self.refusing("revoked"));
        }
        if !revocation.is_founded() {
            return Err(Refusal::RevocationUnfounded);
        }
        let effective_time = revocation.effective_time;
        if effective_time > now {
            return Err(Refusal::RevocationInFuture { effective_time });
        }
        Ok(self.without_evidence().entering(CertificateState::Revoked, effective_time))
    }

    /// Stops the certificate for a while. One that is held already has graver questions to answer first.
    pub fn suspend(self, now: Timestamp) -> Result<Self, Refusal> {
        self.ensure_not_held("suspended")?;
        Ok(self.entering(CertificateState::Suspended, now))
    }

    /// Lets a suspended certificate count again, as far as its evidence still does. One that is not confirmed goes back
    /// to being claimed.
    pub fn reinstate(self, now: Timestamp) -> Result<Self, Refusal> {
        match (self.state, self.verified_at) {
            (CertificateState::Suspended, Some(_)) => Ok(self.entering(CertificateState::Verified, now)),
            (CertificateState::Suspended, None) => Ok(self.entering(CertificateState::Claimed, now)),
            _ => Err(self.refusing("reinstated")),
        }
    }

    /// Notes that a human being suspects a forgery. No source's silence ever leads here.
    pub fn suspect_forgery(self, now: Timestamp) -> Result<Self, Refusal> {
        self.ensure_not_held("suspected")?;
        Ok(self.entering(CertificateState::SuspectedForged, now))
    }

    /// Notes that the issuer was removed from the directory. A suspicion of forgery stays; it weighs more.
    pub fn issuer_struck_off(self, now: Timestamp) -> Result<Self, Refusal> {
        self.ensure_changeable("taken out with its issuer")?;
        match self.state {
            CertificateState::SuspectedForged => Ok(self),
            _ => Ok(self.entering(CertificateState::IssuerStruckOff, now)),
        }
    }

    /// Notes that the holder has obtained a higher level of the same job type. Only a verified certificate can have
    /// led there.
    pub fn supersede(self, now: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            CertificateState::Verified => Ok(self.entering(CertificateState::Superseded, now)),
            _ => Err(self.refusing("superseded")),
        }
    }

    /// Whether people decided that it must not count for now.
    const fn is_held(&self) -> bool {
        matches!(
            self.state,
            CertificateState::Suspended
                | CertificateState::SuspectedForged
                | CertificateState::IssuerStruckOff
        )
    }

    const fn refusing(&self, wanted: &'static str) -> Refusal {
        Refusal::Transition { state: self.state, wanted }
    }

    const fn ensure_changeable(&self, wanted: &'static str) -> Result<(), Refusal> {
        if self.state.is_final() { Err(self.refusing(wanted)) } else { Ok(()) }
    }

    const fn ensure_not_held(&self, wanted: &'static str) -> Result<(), Refusal> {
        if self.is_held() { Err(self.refusing(wanted)) } else { self.ensure_changeable(wanted) }
    }

    fn without_evidence(self) -> Self {
        Self { evidence_until: None, retry_at: None, ..self }
    }

    fn entering(self, state: CertificateState, now: Timestamp) -> Self {
        let state_since = if self.state == state { self.state_since } else { now };
        Self { state, state_since, ..self }
    }
}
