//! Why somebody may not sell: every reason with its fact, its requirement, its basis and its remedy.

mod chinese;
mod code;
mod english;

pub use code::{Effect, ReasonCode, ReasonKind};

use super::condition::{Condition, ConditionFact};
use super::conduct::{ListingFact, SanctionFact};
use super::facts::{CertificateFact, EnrolmentState, Feed};
use super::operator::OperatorFact;
use super::question::Host;
use super::rules::Basis;
use crate::identity::{AgeBand, GuardianConsent, PersonState};
use crate::kernel::{
    CategoryId, CertificateId, LiveSessionId, QualificationDomainId, RoomOperatorId, StandardId, Timestamp,
};
use crate::occupation::{JobTypeName, Level};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The languages every reason is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

/// What is the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The enrolment on the platform.
    Enrolment {
        /// Its state.
        state: EnrolmentState,
        /// Since when.
        since: Timestamp,
    },
    /// How well the identity is proven.
    Identity {
        /// The recorded state.
        state: PersonState,
    },
    /// When the document expired; absent if only the state is known.
    Document {
        /// When it expired.
        until: Option<Timestamp>,
    },
    /// When the proof of identity stopped counting; absent if it never counted.
    IdentityEvidence {
        /// Until when it counted.
        until: Option<Timestamp>,
    },
    /// The age, as coarse as the law asks for.
    Age {
        /// The band.
        band: AgeBand,
    },
    /// The guardian's consent.
    Consent {
        /// How it stands.
        consent: GuardianConsent,
    },
    /// The platform has no policy, or none that has begun.
    NoPolicy,
    /// No certificate is on record.
    NoCertificate,
    /// One certificate, as it was known.
    Certificate(Box<CertificateFact>),
    /// The same for one whose job type is not asked for.
    OtherJobType {
        /// The certificate.
        certificate: Box<CertificateFact>,
        /// What its job type is called.
        job_type: JobTypeName,
    },
    /// An entry of a blocklist.
    Listing(Box<ListingFact>),
    /// A sanction of the platform.
    Sanction(Box<SanctionFact>),
    /// A session whose roster the person is not on.
    OtherRoster {
        /// The session.
        session: LiveSessionId,
    },
    /// Nothing binds the person to an operator.
    NoEngagement {
        /// The operator.
        operator: RoomOperatorId,
    },
    /// The platform has no such operator.
    OperatorUnknown {
        /// The operator that was named.
        operator: RoomOperatorId,
    },
    /// An operator as it was known.
    Operator(Box<OperatorFact>),
    /// No qualification of a subject counts.
    NoQualification {
        /// The subject.
        domain: QualificationDomainId,
    },
    /// What is on sale.
    Category {
        /// The category.
        category: CategoryId,
    },
    /// Who is seen.
    Host {
        /// Who.
        host: Host,
    },
    /// What the platform last reported of a condition; none if it never did.
    Condition {
        /// The condition.
        condition: Condition,
        /// The report.
        reported: Option<ConditionFact>,
    },
    /// How far a feed is applied.
    Feed {
        /// Which feed.
        feed: Feed,
        /// Up to when it is known to be applied.
        heard_at: Timestamp,
    },
}

/// What would have to be the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requirement {
    /// The streamer is enrolled on the platform.
    Enrolled,
    /// The identity is proven.
    IdentityProven,
    /// The identity document is valid.
    DocumentValid,
    /// The dynamic re-check was made in time.
    IdentityRechecked,
    /// The identity record may be processed.
    IdentityProcessed,
    /// The person is 16 or older.
    AgeOf16,
    /// The age is known.
    AgeKnown,
    /// A guardian agrees.
    GuardianConsent,
    /// A policy is in force.
    PolicyInForce {
        /// When one begins, if one is set.
        starts: Option<Timestamp>,
    },
    /// At least this level.
    Level {
        /// The least skill.
        minimum: Level,
    },
    /// One of these job types.
    JobType {
        /// Those accepted.
        accepted: Vec<JobTypeName>,
    },
    /// A certificate under one of these standards.
    Standard {
        /// Those accepted.
        accepted: BTreeSet<StandardId>,
    },
    /// A certificate that is confirmed.
    VerifiedCertificate,
    /// A confirmation that still counts.
    FreshEvidence,
    /// An issuer that stands in the directory.
    ListedIssuer,
    /// No blocklist names the person.
    NotListed,
    /// No sanction stands against what is asked.
    NotSanctioned,
    /// The person was submitted for the session.
    OnRoster,
    /// An engagement binds the person to the operator of the room.
    Engaged,
    /// The operator is registered and verified.
    OperatorVerified,
    /// The operator's data were verified within the legal period.
    OperatorRechecked,
    /// The operator holds a licence for the category.
    OperatorLicensed {
        /// The category.
        category: CategoryId,
    },
    /// The person has the qualification on file.
    Qualified {
        /// The subject.
        domain: QualificationDomainId,
    },
    /// The person belongs to a licensed institution.
    InstitutionStaff,
    /// The category may be sold live, by somebody who speaks for it.
    CategoryOpen,
    /// No penalty for false endorsement within three years.
    NotPenalised,
    /// At least so much of a condition.
    Condition {
        /// The condition.
        condition: Condition,
        /// How much.
        minimum: i64,
    },
    /// A person made by artificial intelligence is labelled.
    AiLabel,
    /// News no older than this.
    FreshFeed {
        /// The longest staleness.
        within: Duration,
    },
}

/// One requirement that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The stable name of the reason.
    pub code: ReasonCode,
    /// What is the case.
    pub fact: Fact,
    /// What would have to be the case.
    pub requirement: Requirement,
    /// Since when it is so, if that is known.
    pub since: Option<Timestamp>,
    /// When it may end by itself, if that is known.
    pub until: Option<Timestamp>,
    /// The policy revision it rests on; none for legal reasons.
    pub policy_revision: Option<i32>,
    /// The rule of that revision, by its index from 0; none for the revision's base.
    pub policy_rule: Option<usize>,
    /// What a legal reason rests on, by the edition of the rules.
    pub legal_basis: Option<Arc<Basis>>,
}

impl Reason {
    /// A reason without a term that rests on no policy.
    pub(super) const fn new(code: ReasonCode, fact: Fact, requirement: Requirement) -> Self {
        Self {
            code,
            fact,
            requirement,
            since: None,
            until: None,
            policy_revision: None,
            policy_rule: None,
            legal_basis: None,
        }
    }

    /// The certificate it is about, if it is about one.
    pub fn certificate(&self) -> Option<&CertificateId> {
        match &self.fact {
            Fact::Certificate(fact) | Fact::OtherJobType { certificate: fact, .. } => Some(&fact.certificate),
            _ => None,
        }
    }

    /// The name of the sanction or the blocklist entry it is about, and where to appeal against it.
    pub fn measure(&self) -> Option<(String, &str)> {
        match &self.fact {
            Fact::Sanction(sanction) => Some((sanction.sanction.name(), &sanction.appeal)),
            Fact::Listing(listing) => Some((listing.entry.name(), &listing.appeal)),
            _ => None,
        }
    }

    /// The law, the platform's policy, or the running of the suite.
    pub const fn kind(&self) -> ReasonKind {
        match &self.fact {
            Fact::Sanction(sanction) => sanction.kind,
            _ => self.code.kind(),
        }
    }

    /// What the reason does to the outcome.
    pub const fn effect(&self) -> Effect {
        self.code.effect()
    }

    /// The law or the part of the policy it rests on.
    pub fn basis(&self, language: Language) -> String {
        if let Some(basis) = &self.legal_basis {
            return match language {
                Language::English => basis.text.english.clone(),
                Language::Chinese => basis.text.chinese.clone(),
            };
        }
        match language {
            Language::English => english::basis(self),
            Language::Chinese => chinese::basis(self),
        }
    }

    /// The requirement, such as `level 3 needed`.
    pub fn requirement(&self, language: Language) -> String {
        match language {
            Language::English => english::requirement(&self.requirement),
            Language::Chinese => chinese::requirement(&self.requirement),
        }
    }

    /// The fact, such as `level 4 verified on 2026-10-02 (Beijing date)`.
    pub fn fact(&self, language: Language) -> String {
        match language {
            Language::English => english::fact(self.code, &self.fact),
            Language::Chinese => chinese::fact(self.code, &self.fact),
        }
    }

    /// Requirement and fact in one sentence.
    pub fn sentence(&self, language: Language) -> String {
        let comma = match language {
            Language::English => ", ",
            Language::Chinese => "，",
        };
        format!("{}{comma}{}", self.requirement(language), self.fact(language))
    }

    /// What the streamer or the platform can do about it.
    pub const fn remedy(&self, language: Language) -> &'static str {
        match language {
            Language::English => english::remedy(self.code),
            Language::Chinese => chinese::remedy(self.code),
        }
    }
}

#[cfg(test)]
mod tests;
