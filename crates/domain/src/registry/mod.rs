//! The answer the product exists for: may this streamer sell here, now?
//!
//! [`decide`] is a pure function of [`Facts`], a [`Question`], the platform's [`Policy`] revisions, the [`Freshness`] of
//! the feeds and the present instant. Legal gates hold under every policy; a policy can only add to them. [`LiveSession`] bounds how
//! long an answer may be relied upon.

mod appeal;
mod blocklist;
mod catalogue;
mod condition;
mod conduct;
mod credit_code;
mod decision;
mod engagement;
mod facts;
mod gates;
mod grant;
mod level_history;
mod mirror;
mod notice;
mod operator;
mod overriding;
mod policy;
pub mod port;
mod question;
mod reason;
mod record;
mod room_operator;
mod rules;
mod sanction;
mod session;
mod simulation;
mod streamer;
mod violation;

pub use appeal::{Appeal, AppealOutcome, AppealRefusal, AppealState};
pub use blocklist::{BlocklistEntry, ListingRefusal, ListingState};
pub use catalogue::{Catalogue, StandardStanding};
pub use condition::{Condition, ConditionFact};
pub use conduct::{EndorsementPenalty, ListKeeper, ListingFact, Measure, MeasureFault, Reach, SanctionFact};
pub use credit_code::{CreditCode, CreditCodeFault};
pub use decision::{ASK_AGAIN_AFTER, Decision, LEGAL_STALENESS, LONGEST_VALIDITY, Outcome, decide};
pub use engagement::{Agency, Engagement, EngagementRefusal, EngagementState, Party};
pub use facts::{
    CertificateFact, Enrolment, EnrolmentState, Facts, Feed, Freshness, IdentityFact, QualificationFact,
};
pub use gates::level::{VerifiedLevel, verified_levels};
pub use gates::{Bar, bars};
pub use grant::{Grant, GrantRefusal, GrantState};
pub use level_history::{HeldLevel, LevelHistory};
pub use mirror::{
    CallerName, CallerStanding, CertificateStanding, IssuerStandingFact, Mirrored, PersonStanding,
    QualificationStanding, RevokedToken, TokenId,
};
pub use notice::{ActingParty, Ending, Notice, Phase, Term};
pub use operator::{EngagementFact, LicenceFact, OperatorFact, RoomTier, RosterFact};
pub use overriding::{
    LONGEST_OVERRIDE, OverriddenAct, Override, OverrideRefusal, OverrideState, SHORTEST_OVERRIDE,
};
pub use policy::{
    Demand, LONGEST_GRACE, LONGEST_STALENESS, Policy, PolicyFault, PolicyMode, PolicyRule, PolicyTerms,
    SHORTEST_STALENESS, USUAL_STALENESS, in_force, next_start, tried_out,
};
pub use question::{Host, Permission, Question, Sale};
pub use reason::{Effect, Fact, Language, Reason, ReasonCode, ReasonKind, Requirement};
pub use record::{Record, RecordFilter, RecordKind};
pub use room_operator::{
    Check, Enterprise, Licence, LicenceProof, OperatorChange, OperatorParty, OperatorRefusal, OperatorState,
    OperatorVerification, RoomOperator, VERIFICATION_MONTHS,
};
pub use rules::{Basis, Category, CategoryNeed, RuleBook, RuleBookFault, RuleSet};
pub use sanction::{Reduction, ReductionFault, Sanction, SanctionRefusal, SanctionScope, SanctionState};
pub use session::{LiveSession, RosterEntry, RosterState, SessionRefusal, SessionState};
pub use simulation::{Cell, Comparison, Flip, HeldCertificate, Place, compare};
pub use streamer::{Streamer, StreamerFilter, StreamerRefusal};
pub use violation::{PointsEntry, Violation, ViolationKind, ViolationRefusal, ViolationState};

// What the other services say is part of what a decision rests on, so their words for it are the registry's, too.
pub use crate::certification::{
    CertificateState, Confirmation, IssuerReview, IssuerStanding, OccupationCode, Phrase, QualificationState,
    Sourced, Standard, StandardJobType,
};
pub use crate::identity::{AgeBand, GuardianConsent, PersonState};
