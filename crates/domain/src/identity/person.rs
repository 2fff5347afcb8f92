use super::{Age, AgeBand, Proofing, ProofingMethod, ProofingResult};
use crate::kernel::{PersonId, Timestamp, Version};
use thiserror::Error;

/// How well a person's identity is proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonState {
    /// Nobody has checked yet.
    Unverified,
    /// Checked, and the check is fresh.
    Verified,
    /// Checked once; the dynamic re-check (动态核验) is due.
    RecheckDue,
    /// The identity document has expired; a newer one must be shown.
    DocumentExpired,
    /// The source says that name and document do not belong together.
    Mismatch,
    /// Storage only, while a legal period runs (Personal Information Protection Law 个人信息保护法, art. 47).
    Frozen,
    /// The data key is destroyed; nothing personal is left.
    Erased,
}

impl PersonState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Unverified,
        Self::Verified,
        Self::RecheckDue,
        Self::DocumentExpired,
        Self::Mismatch,
        Self::Frozen,
        Self::Erased,
    ];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unverified => "UNVERIFIED",
            Self::Verified => "VERIFIED",
            Self::RecheckDue => "RECHECK_DUE",
            Self::DocumentExpired => "DOCUMENT_EXPIRED",
            Self::Mismatch => "MISMATCH",
            Self::Frozen => "FROZEN",
            Self::Erased => "ERASED",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Whether a guardian agreed that a person of 16 or 17 sells live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GuardianConsent {
    /// Nobody has said anything.
    NotRecorded,
    /// Consent was given and stands.
    Given,
    /// Consent was given and taken back.
    Withdrawn,
}

impl GuardianConsent {
    /// Every value.
    pub const ALL: [Self; 3] = [Self::NotRecorded, Self::Given, Self::Withdrawn];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotRecorded => "NOT_RECORDED",
            Self::Given => "GIVEN",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// The value with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|consent| consent.code() == code)
    }
}

/// A human being, as far as rules need to know: no name, no document number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The suite-wide id.
    pub id: PersonId,
    /// The recorded state. What time alone changes is added by [`Person::state_at`].
    pub state: PersonState,
    /// Since when the recorded state holds.
    pub state_since: Timestamp,
    /// What a document or a check told of the age.
    pub age: Age,
    /// Until when the proof counts; none unless something is proven.
    pub evidence_until: Option<Timestamp>,
    /// The instant at which the document shown expires; none for a long-term (长期) document.
    pub document_until: Option<Timestamp>,
    /// When the newest conclusive check was made, or the record was taken into use again if that is later. Older evidence
    /// changes nothing any more.
    pub checked_at: Option<Timestamp>,
    /// The guardian's consent.
    pub guardian_consent: GuardianConsent,
    /// Since when the guardian's consent stands as it does.
    pub guardian_consent_since: Option<Timestamp>,
    /// Until when a legal period forbids erasure, set by freezing. Taking the record into use again does not end it.
    pub hold_until: Option<Timestamp>,
    /// The version this value was read at.
    pub version: Version,
}

/// Why a person does not change as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The record is kept for storage only.
    #[error("the record is kept for storage only")]
    Frozen,
    /// The record's data key is destroyed.
    #[error("the record is erased")]
    Erased,
    /// The check was made later than now.
    #[error("the check was made at `{checked_at}`, in the future")]
    FutureEvidence {
        /// When the check claims to have been made.
        checked_at: Timestamp,
    },
    /// The check would count for no time at all.
    #[error("the check counts until `{fresh_until}`, before it was made")]
    EvidenceNeverFresh {
        /// Until when the check would count.
        fresh_until: Timestamp,
    },
    /// A newer conclusive check is on record.
    #[error("a newer check of `{latest}` is on record")]
    EvidenceSuperseded {
        /// When the newest conclusive check was made.
        latest: Timestamp,
    },
    /// Consent means something for a person of 16 or 17 only.
    #[error("a guardian's consent counts for persons of 16 and 17 only")]
    ConsentWithoutEffect {
        /// The person's age band.
        band: AgeBand,
    },
    /// Only a frozen record can be taken into use again.
    #[error("the record is not frozen")]
    NotFrozen,
    /// There is no consent to take back.
    #[error("no guardian's consent stands that could be withdrawn")]
    NoConsentToWithdraw,
    /// A legal period forbids erasure.
    #[error("the record must be kept until `{until}`")]
    HoldRuns {
        /// When the period ends.
        until: Timestamp,
    },
}

impl Person {
    /// A person nobody has checked yet.
    pub const fn register(id: PersonId, age: Age, now: Timestamp) -> Self {
        Self {
            id,
            state: PersonState::Unverified,
            state_since: now,
            age,
            evidence_until: None,
            document_until: None,
            checked_at: None,
            guardian_consent: GuardianConsent::NotRecorded,
            guardian_consent_since: None,
            hold_until: None,
            version: Version::FIRST,
        }
    }

    /// The state at an instant: a verified person whose document or check has run out is no longer verified.
    ///
    /// An expired document outweighs a due re-check: the re-check needs a new document.
    pub fn state_at(&self, now: Timestamp) -> PersonState {
        match self.state {
            PersonState::Verified | PersonState::RecheckDue if is_over(self.document_until, now) => {
                PersonState::DocumentExpired
            }
            PersonState::Verified if self.evidence_until.is_none_or(|until| now >= until) => {
                PersonState::RecheckDue
            }
            state => state,
        }
    }

    /// Until when the person counts as verified, if nothing else happens: until the check or the document runs out,
    /// whichever is first.
    pub fn proof_until(&self) -> Option<Timestamp> {
        let evidence_until = self.evidence_until?;
        Some(self.document_until.map_or(evidence_until, |document_until| document_until.min(evidence_until)))
    }

    /// The age band at an instant, and when it changes next.
    pub fn age_band(&self, now: Timestamp) -> (AgeBand, Option<Timestamp>) {
        self.age.band(now)
    }

    /// The next instant at which time alone changes what is true of the person: the check or the document runs out, or a
    /// birthday moves the age band. None for a record that is not processed.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        if self.ensure_processed().is_err() {
            return None;
        }
        let proof = match self.state {
            PersonState::Verified => [self.evidence_until, self.document_until],
            PersonState::RecheckDue => [None, self.document_until],
            _ => [None, None],
        };
        proof.into_iter().chain([self.age_band(now).1]).flatten().filter(|at| *at > now).min()
    }

    /// Records what time alone has changed by `now`. The state holds since the instant that brought it.
    #[must_use]
    pub fn pass_time(self, now: Timestamp) -> Self {
        let state = self.state_at(now);
        if state == self.state {
            return self;
        }
        let brought_by = match state {
            PersonState::DocumentExpired => self.document_until,
            _ => self.evidence_until,
        };
        Self { state, state_since: brought_by.unwrap_or(now).max(self.state_since), ..self }
    }

    /// Draws the conclusion from an identity check. The check itself is kept by the caller, whatever came of it.
    ///
    /// An outage of the source changes nothing. A document that the source does not know proves nothing against the
    /// person: who was verified before is due for a re-check, who was not stays as before.
    pub fn record_proofing(self, proofing: &Proofing, now: Timestamp) -> Result<Self, Refusal> {
        self.ensure_processed()?;
        if proofing.checked_at > now {
            return Err(Refusal::FutureEvidence { checked_at: proofing.checked_at });
        }
        if let Some(latest) = self.checked_at.filter(|latest| proofing.checked_at < *latest) {
            return Err(Refusal::EvidenceSuperseded { latest });
        }
        match proofing.result {
            ProofingResult::SourceUnavailable => Ok(self),
            ProofingResult::Match => self.proven(proofing, now),
            ProofingResult::Mismatch => {
                let person = self.entering(PersonState::Mismatch, now);
                Ok(Self { evidence_until: None, checked_at: Some(proofing.checked_at), ..person })
            }
            ProofingResult::NotFound => {
                let state = match self.state {
                    PersonState::Verified => PersonState::RecheckDue,
                    state => state,
                };
                Ok(Self { checked_at: Some(proofing.checked_at), ..self.entering(state, now) })
            }
        }
    }

    fn proven(self, proofing: &Proofing, now: Timestamp) -> Result<Self, Refusal> {
        if proofing.fresh_until <= proofing.checked_at {
            return Err(Refusal::EvidenceNeverFresh { fresh_until: proofing.fresh_until });
        }
        // The last day of validity counts whole, on the Beijing calendar.
        let told = proofing.document_valid_until.map(|last| last.next_day().beijing_midnight());
        let document_until = match proofing.method {
            // A source compares name and number, which are for life, and need not see the document. Where it tells no end,
            // what is known of the document stands: an expired one is not renewed by it.
            ProofingMethod::Source => told.or(self.document_until),
            ProofingMethod::AdministratorAttestation | ProofingMethod::Sandbox => told,
        };
        let expired = is_over(document_until, now);
        let state = if expired { PersonState::DocumentExpired } else { PersonState::Verified };
        Ok(Self {
            evidence_until: Some(proofing.fresh_until),
            document_until,
            checked_at: Some(proofing.checked_at),
            ..self.entering(state, now)
        })
    }

    /// Records that a guardian agrees. Refused where the age makes consent meaningless; an unknown age is no obstacle.
    pub fn record_guardian_consent(self, now: Timestamp) -> Result<Self, Refusal> {
        self.ensure_processed()?;
        match self.age_band(now).0 {
            AgeBand::From16To17 | AgeBand::Unknown => Ok(self.consenting(GuardianConsent::Given, now)),
            band @ (AgeBand::Under16 | AgeBand::Adult) => Err(Refusal::ConsentWithoutEffect { band }),
        }
    }

    /// The person with what a check told of the age. A guardian's word about somebody who turns out to be under 16 counts
    /// neither now nor later: it is to be given when the person is 16.
    #[must_use]
    pub fn aged(self, age: Age, now: Timestamp) -> Self {
        let person = Self { age, ..self };
        match (person.age_band(now).0, person.guardian_consent) {
            (AgeBand::Under16, GuardianConsent::Given) => {
                person.consenting(GuardianConsent::NotRecorded, now)
            }
            _ => person,
        }
    }

    /// Records that a guardian takes the consent back.
    pub fn withdraw_guardian_consent(self, now: Timestamp) -> Result<Self, Refusal> {
        self.ensure_processed()?;
        match self.guardian_consent {
            GuardianConsent::Given => Ok(self.consenting(GuardianConsent::Withdrawn, now)),
            GuardianConsent::NotRecorded | GuardianConsent::Withdrawn => Err(Refusal::NoConsentToWithdraw),
        }
    }

    /// Stops all processing but storage, until a legal period ends (个人信息保护法, art. 47). One period never shortens
    /// another.
    pub fn freeze(self, hold_until: Timestamp, now: Timestamp) -> Result<Self, Refusal> {
        if self.state == PersonState::Erased {
            return Err(Refusal::Erased);
        }
        let hold_until = self.hold_until.max(Some(hold_until));
        Ok(Self { hold_until, ..self.entering(PersonState::Frozen, now) })
    }

    /// Takes a frozen record into use again. What was proven before counts no longer, nor does a check made before that is
    /// recorded later. What is known against the person's document stands, and so does the legal period: it forbids erasure
    /// until it ends.
    pub fn unfreeze(self, now: Timestamp) -> Result<Self, Refusal> {
        match self.state {
            PersonState::Frozen => Ok(Self {
                evidence_until: None,
                checked_at: self.checked_at.max(Some(now)),
                ..self.entering(PersonState::Unverified, now)
            }),
            PersonState::Erased => Err(Refusal::Erased),
            _ => Err(Refusal::NotFrozen),
        }
    }

    /// Forgets the person; the caller destroys the data key. Refused while a legal period runs.
    pub fn erase(self, now: Timestamp) -> Result<Self, Refusal> {
        if self.state == PersonState::Erased {
            return Err(Refusal::Erased);
        }
        if let Some(until) = self.hold_until.filter(|until| now < *until) {
            return Err(Refusal::HoldRuns { until });
        }
        Ok(Self {
            age: Age::Unknown,
            hold_until: None,
            checked_at: None,
            evidence_until: None,
            document_until: None,
            guardian_consent: GuardianConsent::NotRecorded,
            guardian_consent_since: None,
            ..self.entering(PersonState::Erased, now)
        })
    }

    const fn ensure_processed(&self) -> Result<(), Refusal> {
        match self.state {
            PersonState::Frozen => Err(Refusal::Frozen),
            PersonState::Erased => Err(Refusal::Erased),
            _ => Ok(()),
        }
    }

    fn entering(self, state: PersonState, now: Timestamp) -> Self {
        let state_since = if self.state == state { self.state_since } else { now };
        Self { state, state_since, ..self }
    }

    fn consenting(self, guardian_consent: GuardianConsent, now: Timestamp) -> Self {
        Self { guardian_consent, guardian_consent_since: Some(now), ..self }
    }
}

fn is_over(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| now >= until)
}

#[cfg(test)]
mod tests;
