//! Certificates of occupational level and the evidence that each is genuine.
//!
//! A certificate has no expiry date. What runs out is *our verification* of it, which is why evidence carries an instant
//! until which it counts, and staleness is never a stored state.

mod application;
mod certificate;
mod cross_check;
pub mod eligibility;
mod evidence;
mod history;
mod issuer;
mod number;
pub mod port;
pub mod province;
mod qualification;
mod roll;
mod roll_code;
mod roll_import;
#[cfg(test)]
pub(crate) mod samples;
mod scheme;
mod series;
mod standard;
mod verification;
mod working_days;

pub use application::{
    Application, ApplicationRefusal, ApplicationState, Assessment, AssessmentDraft, AssessmentRules,
    Assessor, Conclusion, Correction, PartOutcome, PartResult, PartRule, RetakeTerms, ReviewVerdict, Stated,
    conclude,
};
pub use certificate::{
    Authority, Before, Certificate, CertificateDraft, CertificateState, Hold, IssuersWord, Measure, Refusal,
    Revocation, RevocationReason,
};
pub use cross_check::{FindingCode, NumberClaim, NumberFinding, Severity, cross_check};
pub use evidence::{Evidence, EvidenceResult, EvidenceSource, SourceAuthentication, Witness};
pub use issuer::{
    Accreditation, Issuer, IssuerClass, IssuerMeasure, IssuerRefusal, IssuerReview, IssuerStanding, Site,
    TermFault, TermList,
};
pub use number::{CertificateNumber, NumberFault};
pub use qualification::{
    Licence, Qualification, QualificationRefusal, QualificationReview, QualificationState,
    QualificationVerdict,
};
pub use roll::{Absence, RollColumn, RollEntry, RollFinding, RollTerms, RollVerdict, read_entry};
pub use roll_code::RollCode;
pub use scheme::{Part, Scheme};
pub use series::NumberSeries;
pub use standard::{
    AssessmentPart, Assessors, Condition, Confirmation, DiplomaKind, FULL_MARK, MinimumEducation,
    OccupationCode, Parity, PartRules, Phrase, Requirement, RetakeRule, Sourced, Standard, StandardFault,
    StandardJobType, StandardText, TitleRank, TrainingHours,
};
pub use verification::{CheckedField, Differences, VerificationJob};
pub use working_days::{Calendar, CalendarFault, PublicationLag};
