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
mod decision;
mod facts;
mod gates;
mod mirror;
mod notice;
mod operator;
mod overriding;
mod policy;
pub mod port;
mod question;
mod reason;
mod record;
mod sanction;
mod session;
mod streamer;
mod violation;

pub use appeal::{Appeal, AppealOutcome, AppealRefusal, AppealState};
pub use blocklist::{BlocklistEntry, ListingRefusal, ListingState};
pub use catalogue::{Catalogue, StandardStanding};
pub use condition::{Condition, ConditionFact};
pub use conduct::{EndorsementPenalty, ListKeeper, ListingFact, Measure, MeasureFault, Reach, SanctionFact};
pub use decision::{
    ASK_AGAIN_AFTER, Decision, LEGAL_STALENESS, LONGEST_VALIDITY, Outcome, RULES_EDITION, decide,
};
pub use facts::{
    CertificateFact, Enrolment, EnrolmentState, Facts, Feed, Freshness, IdentityFact, QualificationFact,
};
pub use gates::hard_stops::bars;
pub use gates::level::{VerifiedLevel, verified_levels};
pub use mirror::{
    CallerName, CallerStanding, CertificateStanding, IssuerStandingFact, Mirrored, PersonStanding,
    QualificationStanding, RevokedToken, TokenId,
};
pub use notice::{Ending, Notice, Party, Phase, Term};
pub use operator::{EngagementFact, OperatorFact, RoomTier};
pub use overriding::{
    LONGEST_OVERRIDE, OverriddenAct, Override, OverrideRefusal, OverrideState, SHORTEST_OVERRIDE,
};
pub use policy::{
    LONGEST_STALENESS, Policy, PolicyFault, PolicyTerms, SHORTEST_STALENESS, in_force, next_start,
};
pub use question::{Host, Permission, Question, Sale};
pub use reason::{Effect, Fact, Language, Reason, ReasonCode, ReasonKind, Requirement};
pub use record::{Record, RecordFilter, RecordKind};
pub use sanction::{Reduction, ReductionFault, Sanction, SanctionRefusal, SanctionScope, SanctionState};
pub use session::{LiveSession, RosterEntry, RosterState, SessionRefusal, SessionState};
pub use streamer::{Streamer, StreamerRefusal};
pub use violation::{PointsEntry, Violation, ViolationKind, ViolationRefusal, ViolationState};

// What the other services say is part of what a decision rests on, so their words for it are the registry's, too.
pub use crate::certification::{
    CertificateState, Confirmation, IssuerReview, IssuerStanding, OccupationCode, Phrase, QualificationState,
    Sourced, Standard, StandardJobType,
};
pub use crate::identity::{AgeBand, GuardianConsent, PersonState};
