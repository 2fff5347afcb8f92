//! A licence to practise a profession 执业资质, filed by a platform, reviewed, and looked at again.
//!
//! Source: the code of conduct for online streamers 网络主播行为规范 of 2022, Art. 13: who talks of medicine and health, finance,
//! law or education has the qualification, and the platform reviews it and keeps it on file.

mod state;

pub use state::{QualificationState, QualificationVerdict};

use crate::kernel::{
    Date, OrganizationId, PersonId, QualificationDomainId, QualificationId, Timestamp, Version,
    normalise_code,
};
use std::time::Duration;
use thiserror::Error;

/// What a licence says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// Of which subject.
    pub domain: QualificationDomainId,
    /// What it is called, such as 执业医师.
    pub title: String,
    /// Its number in the register of the profession, in the form of [`Licence::register_number`].
    pub register_number: String,
    /// SHA-256 of the proof that the holder practises for an employer, if there is one.
    pub employer_proof: Option<[u8; 32]>,
    /// The last day on which it is valid, counted whole; none where it has no end.
    pub valid_until: Option<Date>,
}

impl Licence {
    /// A number in the one form in which numbers are kept: 1 to 40 capital letters and digits.
    pub fn register_number(given: &str) -> Option<String> {
        let text = normalise_code(given);
        let plain = text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        (plain && (1..=40).contains(&text.len())).then_some(text)
    }

    /// The instant at which it ends.
    pub fn lapses_at(&self) -> Option<Timestamp> {
        self.valid_until.map(|last| last.next_day().beijing_midnight())
    }
}

/// One review; appended, never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualificationReview {
    /// What it came to.
    pub verdict: QualificationVerdict,
    /// Why, without personal data; up to [`QualificationReview::LONGEST_REASON`] characters.
    pub reason: String,
    /// SHA-256 of what the register showed, if that was kept.
    pub artefact_sha256: Option<[u8; 32]>,
    /// The organization that reviewed it.
    pub organization: OrganizationId,
    /// When.
    pub at: Timestamp,
}

impl QualificationReview {
    /// The most characters of a reason.
    pub const LONGEST_REASON: usize = 500;
}

/// A qualification and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualification {
    /// The id the suite gives it.
    pub id: QualificationId,
    /// Whose it is.
    pub holder: PersonId,
    /// What the licence says.
    pub licence: Licence,
    /// Who filed it: it counts there.
    pub filed_by: OrganizationId,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// How it stands.
    pub state: QualificationState,
    /// Since when.
    pub state_since: Timestamp,
    /// While it is accepted: when it has to be checked again.
    pub recheck_at: Option<Timestamp>,
    /// The version this value was read at.
    pub version: Version,
}

/// Why a qualification is not filed or does not change as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum QualificationRefusal {
    /// The licence ended before it was filed.
    #[error("the licence is no longer valid")]
    Ended,
    /// Nothing changes this state any more.
    #[error("a qualification in state `{}` changes no more", state.code())]
    Final {
        /// The present state.
        state: QualificationState,
    },
    /// Who is refused is told why.
    #[error("a refusal needs a reason, and no reason is longer than 500 characters")]
    Unfounded,
}

impl Qualification {
    /// Files a licence that has not ended.
    pub fn file(
        id: QualificationId,
        holder: PersonId,
        licence: Licence,
        filed_by: OrganizationId,
        now: Timestamp,
    ) -> Result<Self, QualificationRefusal> {
        if licence.lapses_at().is_some_and(|end| end <= now) {
            return Err(QualificationRefusal::Ended);
        }
        Ok(Self {
            id,
            holder,
            licence,
            filed_by,
            filed_at: now,
            state: QualificationState::Filed,
            state_since: now,
            recheck_at: None,
            version: Version::FIRST,
        })
    }

    /// Draws the conclusion from a review. What is accepted has to be checked again after `term`.
    pub fn review(self, review: &QualificationReview, term: Duration) -> Result<Self, QualificationRefusal> {
        let now = review.at;
        let known = self.changeable(now)?;
        let founded = review.verdict == QualificationVerdict::Accept || !review.reason.trim().is_empty();
        if !founded || review.reason.chars().count() > QualificationReview::LONGEST_REASON {
            return Err(QualificationRefusal::Unfounded);
        }
        Ok(match review.verdict {
            QualificationVerdict::Accept => {
                Self { recheck_at: Some(now.plus(term)), ..known.entering(QualificationState::Accepted, now) }
            }
            QualificationVerdict::Refuse => known.entering(QualificationState::Refused, now),
        })
    }

    /// Withdraws it, for good.
    pub fn withdraw(self, now: Timestamp) -> Result<Self, QualificationRefusal> {
        Ok(self.changeable(now)?.entering(QualificationState::Withdrawn, now))
    }

    /// When time alone changes its state next.
    pub fn due(&self) -> Option<Timestamp> {
        let end = self.licence.lapses_at().filter(|_| !self.state.is_final());
        end.into_iter().chain(self.recheck_at).min()
    }

    /// The state after the next change that time alone brings, as of the instant at which it comes; `None` if that has not
    /// come by `now`.
    pub fn next_step(&self, now: Timestamp) -> Option<Self> {
        let due = self.due().filter(|due| *due <= now)?;
        // A licence that has ended need not be checked again.
        let ended = self.licence.lapses_at().is_some_and(|end| end <= due);
        let state = if ended { QualificationState::Lapsed } else { QualificationState::RecheckDue };
        Some(self.clone().entering(state, due))
    }

    /// Whether it counts at `now`, also where the change that time brought is not noted yet.
    pub fn counts(&self, now: Timestamp) -> bool {
        self.state == QualificationState::Accepted && self.due().is_none_or(|due| now < due)
    }

    /// As it is at `now`, if it can still change.
    fn changeable(self, now: Timestamp) -> Result<Self, QualificationRefusal> {
        let mut known = self;
        while let Some(next) = known.next_step(now) {
            known = next;
        }
        if known.state.is_final() {
            return Err(QualificationRefusal::Final { state: known.state });
        }
        Ok(known)
    }

    fn entering(self, state: QualificationState, now: Timestamp) -> Self {
        let state_since = if self.state == state { self.state_since } else { now };
        Self { state, state_since, recheck_at: None, ..self }
    }
}

#[cfg(test)]
mod tests;
