use super::{Authority, Certificate, CertificateState, Hold, Measure, Refusal, Revocation};
use crate::certification::{Evidence, EvidenceResult, EvidenceSource, PublicationLag, Scheme};
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
    /// its evidence still counts; everything else is what its number alone makes of it. What people decided meanwhile
    /// stays above that.
    #[must_use]
    pub fn abandon_verification(self, now: Timestamp) -> Self {
        let beneath = self.held.is_some_and(|hold| hold.beneath == CertificateState::UnderVerification);
        let known = match (self.evidence_until, self.retry_at) {
            (Some(_), _) => CertificateState::Verified,
            (None, Some(_)) => CertificateState::NotFound,
            (None, None) if self.number.scheme() == Scheme::Unknown => CertificateState::Claimed,
            (None, None) => CertificateState::FormatOk,
        };
        match self.state {
            CertificateState::UnderVerification => self.entering(known, now),
            _ if beneath => self.beneath(known),
            _ => self,
        }
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
    /// - NOT_FOUND leads to [`CertificateState::NotFound`] with a time to ask again, `publication_lag` (in working days)
    ///   after the check; never to a suspicion of forgery. If the certificate is still so young that it need not be
    ///   published and other evidence for it counts, it stays verified.
    /// - No source lifts what people decided: a suspension and a suspicion stay, whatever it says, and what it says lies
    ///   beneath them until they are undone; except that an administrator's attestation clears what an issuer suspects.
    ///   After the issuer was struck off its own roll no longer counts.
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
        let by_regulator = self.held.is_some_and(|hold| hold.by == Authority::Regulator);
        let state = match self.state {
            CertificateState::SuspectedForged if attested && !by_regulator => CertificateState::Verified,
            CertificateState::Suspended | CertificateState::SuspectedForged => self.state,
            CertificateState::IssuerStruckOff if evidence.source == EvidenceSource::IssuerRoll => self.state,
            // What was suspended before its issuer was struck off is suspended still.
            CertificateState::IssuerStruckOff if self.held.is_some() => CertificateState::Suspended,
            _ => CertificateState::Verified,
        };
        Self {
            verified_at: Some(evidence.checked_at),
            evidence_until: Some(evidence.fresh_until),
            retry_at: None,
            lapsed_at: None,
            ..self.beneath(CertificateState::Verified).entering(state, now)
        }
    }

    fn not_found(self, checked_at: Timestamp, publication_lag: &PublicationLag, now: Timestamp) -> Self {
        let retry_at = Some(publication_lag.after(checked_at));
        let published_by = publication_lag.after(self.issue_date.beijing_midnight());
        if self.state == CertificateState::Verified && !self.is_stale(now) && now < published_by {
            return Self { retry_at, ..self };
        }
        Self { retry_at, ..self.without_evidence().concluded(CertificateState::NotFound, now) }
    }

    fn contradicted(self, now: Timestamp) -> Self {
        self.without_evidence().concluded(CertificateState::Mismatch, now)
    }

    /// Notes that the evidence has run out, as of the instant it did. That a certificate is stale follows from its times
    /// alone; this makes it an event.
    pub fn lapse(self, now: Timestamp) -> Result<Self, Refusal> {
        match self.evidence_until {
            Some(until) if self.is_stale(now) && self.lapsed_at.is_none() => {
                Ok(Self { lapsed_at: Some(until), ..self })
            }
            _ => Err(self.refusing("lapsed")),
        }
    }

    /// Withdraws the certificate, for good. The state holds since the revocation took effect, not since it was told.
    pub fn revoke(self, revocation: &Revocation, now: Timestamp) -> Result<Self, Refusal> {
        if self.state == CertificateState::Revoked {
            return Err(self.refusing("revoked"));
        }
        if !revocation.is_founded() {
            return Err(Refusal::Unfounded);
        }
        let effective_time = revocation.effective_time;
        self.ensure_effect(effective_time, now)?;
        Ok(self.without_evidence().entering(CertificateState::Revoked, effective_time))
    }

    /// Stops the certificate for a while, since the measure took effect. One that is suspected of worse has graver
    /// questions to answer first; a regulator may make an issuer's suspension its own.
    pub fn suspend(self, measure: &Measure, now: Timestamp) -> Result<Self, Refusal> {
        self.ensure_not_held("suspended", measure.by)?;
        self.hold(CertificateState::Suspended, measure, now)
    }

    /// Notes that a human being suspects a forgery. No source's silence ever leads here.
    pub fn suspect_forgery(self, measure: &Measure, now: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            // A suspicion weighs more than a suspension.
            CertificateState::Suspended => self.ensure_within(measure.by)?,
            _ => self.ensure_not_held("suspected", measure.by)?,
        }
        self.hold(CertificateState::SuspectedForged, measure, now)
    }

    /// Undoes a suspension, a suspicion or a replacement by a higher level: the certificate is again what sources say of
    /// it, which may have changed meanwhile. What the issuer said it may undo; what a regulator did only a regulator
    /// undoes.
    pub fn reinstate(self, measure: &Measure, now: Timestamp) -> Result<Self, Refusal> {
        let undone = matches!(
            self.state,
            CertificateState::Suspended | CertificateState::SuspectedForged | CertificateState::Superseded
        );
        let Some(hold) = self.held.filter(|_| undone) else {
            return Err(self.refusing("reinstated"));
        };
        self.ensure_within(measure.by)?;
        self.ensure_measure(measure, now)?;
        let (effective_time, since) = (measure.effective_time, self.state_since);
        if effective_time < since {
            return Err(Refusal::EffectBeforeHold { effective_time, since });
        }
        Ok(Self { held: None, ..self.entering(hold.beneath, effective_time) })
    }

    /// Notes that the issuer was removed from the directory. A suspicion of forgery stays; it weighs more.
    pub fn issuer_struck_off(self, now: Timestamp) -> Result<Self, Refusal> {
        self.ensure_changeable("taken out with its issuer")?;
        match self.state {
            CertificateState::SuspectedForged => Ok(self),
            _ => Ok(self.entering(CertificateState::IssuerStruckOff, now)),
        }
    }

    /// Notes that the holder has obtained a higher level of the same job type, on the issuer's word. Only a verified
    /// certificate can have led there. Never a consequence of anything else: were the higher level revoked, the holder
    /// would be left with nothing.
    pub fn supersede(self, measure: &Measure, now: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            CertificateState::Verified => self.hold(CertificateState::Superseded, measure, now),
            _ => Err(self.refusing("superseded")),
        }
    }

    fn hold(self, state: CertificateState, measure: &Measure, now: Timestamp) -> Result<Self, Refusal> {
        self.ensure_measure(measure, now)?;
        let beneath = self.held.map_or(self.state, |hold| hold.beneath);
        let held = Some(Hold { by: measure.by, beneath });
        let effective_time = measure.effective_time;
        let entered = self.entering(state, effective_time);
        Ok(Self { held, state_since: entered.state_since.min(effective_time), ..entered })
    }

    /// What sources say of a certificate that is held.
    fn beneath(self, beneath: CertificateState) -> Self {
        Self { held: self.held.map(|hold| Hold { beneath, ..hold }), ..self }
    }

    /// What a source says becomes the state, or lies beneath what people decided.
    fn concluded(self, state: CertificateState, now: Timestamp) -> Self {
        let entered = if self.is_held() { self.state } else { state };
        self.beneath(state).entering(entered, now)
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

    /// Whether the certificate is free to be held; a regulator may take over what an issuer suspended.
    fn ensure_not_held(&self, wanted: &'static str, by: Authority) -> Result<(), Refusal> {
        let taken_over = self.state == CertificateState::Suspended
            && wanted == "suspended"
            && self.held.is_some_and(|hold| hold.by < by);
        if taken_over {
            return Ok(());
        }
        if self.is_held() { Err(self.refusing(wanted)) } else { self.ensure_changeable(wanted) }
    }

    /// Whether what holds the certificate is `by`'s to change.
    fn ensure_within(&self, by: Authority) -> Result<(), Refusal> {
        if self.held.is_some_and(|hold| hold.by > by) { Err(Refusal::HeldByRegulator) } else { Ok(()) }
    }

    fn ensure_measure(&self, measure: &Measure, now: Timestamp) -> Result<(), Refusal> {
        if !measure.is_founded() {
            return Err(Refusal::Unfounded);
        }
        self.ensure_effect(measure.effective_time, now)
    }

    /// Decisions may be true since before they were known, but not since before there was a certificate.
    fn ensure_effect(&self, effective_time: Timestamp, now: Timestamp) -> Result<(), Refusal> {
        if effective_time > now {
            return Err(Refusal::EffectInFuture { effective_time });
        }
        if effective_time < self.issue_date.beijing_midnight() {
            return Err(Refusal::EffectBeforeIssue { effective_time });
        }
        Ok(())
    }

    fn without_evidence(self) -> Self {
        Self { evidence_until: None, retry_at: None, lapsed_at: None, ..self }
    }

    fn entering(self, state: CertificateState, at: Timestamp) -> Self {
        let state_since = if self.state == state { self.state_since } else { at };
        let held = match state {
            CertificateState::Suspended
            | CertificateState::SuspectedForged
            | CertificateState::IssuerStruckOff
            | CertificateState::Superseded => self.held,
            _ => None,
        };
        Self { state, state_since, held, ..self }
    }
}
