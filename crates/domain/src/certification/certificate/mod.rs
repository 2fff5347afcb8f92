//! A certificate, how it comes to be recorded and what may happen to it.

mod measure;
mod refusal;
mod revocation;
mod roll;
mod seen;
mod state;
mod transitions;

pub use measure::{Authority, Hold, Measure};
pub use refusal::Refusal;
pub use revocation::{Revocation, RevocationReason};
pub use roll::Before;
pub use state::CertificateState;

use super::{
    CertificateNumber, Evidence, EvidenceResult, EvidenceSource, FindingCode, Issuer, IssuerStanding,
    NumberFinding, PublicationLag, Severity, Witness,
};
use crate::kernel::{CertificateId, Date, IssuerId, PersonId, StandardId, Timestamp, Version};
use crate::occupation::{JobType, Level};
use std::time::Duration;

/// What a certificate says about itself, before anything is known about its truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateDraft {
    /// The id the suite gives it.
    pub id: CertificateId,
    /// The number printed on it.
    pub number: CertificateNumber,
    /// Whose it is.
    pub holder: PersonId,
    /// Under which standard.
    pub standard: StandardId,
    /// For which job type.
    pub job_type: JobType,
    /// At which level.
    pub level: Level,
    /// Who issued it.
    pub issuer: IssuerId,
    /// The date printed on it.
    pub issue_date: Date,
}

/// What an issuer says in its roll 名册, and when it said so.
#[derive(Debug, Clone, Copy)]
pub struct IssuersWord<'a> {
    /// Who says it.
    pub issuer: &'a Issuer,
    /// When it was said.
    pub checked_at: Timestamp,
    /// How long it counts from then on.
    pub validity: Duration,
}

/// A certificate of occupational level 职业技能等级证书, and what is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The id the suite gives it.
    pub id: CertificateId,
    /// The number printed on it.
    pub number: CertificateNumber,
    /// Whose it is.
    pub holder: PersonId,
    /// Under which standard.
    pub standard: StandardId,
    /// For which job type.
    pub job_type: JobType,
    /// At which level.
    pub level: Level,
    /// Who issued it.
    pub issuer: IssuerId,
    /// The date printed on it.
    pub issue_date: Date,
    /// What is known.
    pub state: CertificateState,
    /// Since when; for a revocation the instant it took effect.
    pub state_since: Timestamp,
    /// When it was last confirmed.
    pub verified_at: Option<Timestamp>,
    /// Until when the last confirmation counts.
    pub evidence_until: Option<Timestamp>,
    /// When to ask again, after a source did not know it.
    pub retry_at: Option<Timestamp>,
    /// When the newest conclusive check was made. Older evidence changes nothing any more.
    pub checked_at: Option<Timestamp>,
    /// When its evidence ran out, once that was noted; none while it counts.
    pub lapsed_at: Option<Timestamp>,
    /// What people decided, while it keeps the certificate from counting.
    pub held: Option<Hold>,
    /// The version this value was read at.
    pub version: Version,
}

impl Certificate {
    /// Records a certificate that somebody claims to hold.
    ///
    /// `findings` are those of [`cross_check`](super::cross_check): any that refuses refuses the claim; an unknown scheme
    /// leaves the certificate merely claimed.
    pub fn claim(
        draft: CertificateDraft,
        findings: &[NumberFinding],
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        not_from_the_future(&draft, now)?;
        let refusing: Vec<NumberFinding> =
            findings.iter().filter(|f| f.severity() == Severity::Refuse).cloned().collect();
        if !refusing.is_empty() {
            return Err(Refusal::NumberConflict { findings: refusing });
        }
        let unread = findings.iter().any(|finding| finding.code() == FindingCode::SchemeUnknown);
        let state = if unread { CertificateState::Claimed } else { CertificateState::FormatOk };
        Ok(Self::drafted(draft, state, now))
    }

    /// Records a certificate from the issuer's own roll 名册, or as it is issued: the word of an accredited issuer is
    /// evidence, which counts for `validity` after `checked_at`.
    pub fn from_roll(
        draft: CertificateDraft,
        issuer: &Issuer,
        checked_at: Timestamp,
        validity: Duration,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        IssuersWord { issuer, checked_at, validity }.counts_for(&draft, now)?;
        Ok(Self {
            verified_at: Some(checked_at),
            evidence_until: Some(checked_at.plus(validity)),
            checked_at: Some(checked_at),
            ..Self::drafted(draft, CertificateState::Verified, now)
        })
    }

    /// Takes over what the issuer's own roll says of a certificate that is known already, and renews its evidence.
    ///
    /// The word counts under the same conditions as for a new certificate; otherwise it is evidence like any other, so
    /// what people decided stands.
    pub fn confirmed_by_roll(
        self,
        draft: CertificateDraft,
        word: IssuersWord<'_>,
        publication_lag: &PublicationLag,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        if self.issuer != draft.issuer && !self.is_merely_claimed() {
            return Err(Refusal::OtherIssuer);
        }
        word.counts_for(&draft, now)?;
        let evidence = Evidence {
            source: EvidenceSource::IssuerRoll,
            witness: Witness::Issuer,
            result: EvidenceResult::Match,
            checked_at: word.checked_at,
            fresh_until: word.checked_at.plus(word.validity),
            artefact_sha256: None,
        };
        let CertificateDraft { standard, job_type, level, issuer, issue_date, .. } = draft;
        let corrected = Self { standard, job_type, level, issuer, issue_date, ..self };
        corrected.record_evidence(&evidence, publication_lag, now)
    }

    /// The id that stands for an issuer nobody has named; no issuer is ever accredited under it.
    pub const UNKNOWN_ISSUER: &'static str = "unknown";

    /// Whether its issuer is known.
    pub fn has_known_issuer(&self) -> bool {
        self.issuer.as_str() != Self::UNKNOWN_ISSUER
    }

    /// Whether no source ever confirmed it: whatever is on record of it is somebody's assertion.
    pub const fn is_merely_claimed(&self) -> bool {
        self.verified_at.is_none()
    }

    /// Whether it says the same of itself: whatever a source is asked about beside number and holder, which never change.
    pub fn says_what(&self, other: &Self) -> bool {
        let said =
            |one: &Self| (one.standard.clone(), one.job_type, one.level, one.issuer.clone(), one.issue_date);
        said(self) == said(other)
    }

    /// Takes over what `claimed` says, a claim of the same holder to the same number: nobody has confirmed what was claimed
    /// before, and people have not decided about it. Checks made before say nothing of it.
    pub fn reclaimed(self, claimed: Self, now: Timestamp) -> Result<Self, Refusal> {
        let open = matches!(
            self.state,
            CertificateState::Claimed
                | CertificateState::FormatOk
                | CertificateState::UnderVerification
                | CertificateState::NotFound
                | CertificateState::Mismatch
        );
        if !open || !self.is_merely_claimed() {
            return Err(Refusal::Transition { state: self.state, wanted: "claimed otherwise" });
        }
        let Self { id, number, holder, checked_at, version, .. } = self;
        Ok(Self { id, number, holder, checked_at, version, state_since: now, ..claimed })
    }

    /// Whether it is as it was at version `base`, but for a note that its evidence has run out. Nothing else leaves a
    /// certificate verified, as it was when the plan was made at `planned_at`, with such a note.
    pub fn is_as_planned(&self, base: Version, planned_at: Timestamp) -> bool {
        let lapsed = self.state == CertificateState::Verified
            && self.state_since <= planned_at
            && self.lapsed_at.is_some();
        self.version == base || (lapsed && self.version == base.next())
    }

    fn drafted(draft: CertificateDraft, state: CertificateState, now: Timestamp) -> Self {
        let CertificateDraft { id, number, holder, standard, job_type, level, issuer, issue_date } = draft;
        Self {
            id,
            number,
            holder,
            standard,
            job_type,
            level,
            issuer,
            issue_date,
            state,
            state_since: now,
            verified_at: None,
            evidence_until: None,
            retry_at: None,
            checked_at: None,
            lapsed_at: None,
            held: None,
            version: Version::FIRST,
        }
    }
}

impl IssuersWord<'_> {
    /// Whether a listed issuer may say this at all, of a certificate of its own, accredited on the day of issue.
    fn counts_for(&self, draft: &CertificateDraft, now: Timestamp) -> Result<(), Refusal> {
        if draft.issuer != self.issuer.id {
            return Err(Refusal::OtherIssuer);
        }
        self.vouches(&draft.standard, (draft.job_type, draft.level), draft.issue_date, now)
    }

    /// The same for whatever certificate of its own: a listed issuer, accredited for this cell on the day of issue.
    pub fn vouches(
        &self,
        standard: &StandardId,
        (job_type, level): (JobType, Level),
        on: Date,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if on > now.beijing_date() {
            return Err(Refusal::IssuedInFuture { issue_date: on });
        }
        let Self { issuer, checked_at, .. } = *self;
        if checked_at > now {
            return Err(Refusal::FutureEvidence { checked_at });
        }
        if issuer.standing != IssuerStanding::Listed {
            return Err(Refusal::IssuerNotListed { standing: issuer.standing });
        }
        if !issuer.is_accredited_for(standard, job_type, level, on) {
            return Err(Refusal::NotAccredited { job_type, level, on });
        }
        Ok(())
    }
}

fn not_from_the_future(draft: &CertificateDraft, now: Timestamp) -> Result<(), Refusal> {
    let issue_date = draft.issue_date;
    if issue_date > now.beijing_date() { Err(Refusal::IssuedInFuture { issue_date }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
