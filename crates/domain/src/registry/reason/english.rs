//! What reasons say in English.

use super::{Fact, Reason, ReasonCode, ReasonKind, Requirement};
use crate::certification::{CertificateState, IssuerStanding};
use crate::identity::{AgeBand, GuardianConsent, PersonState};
use crate::kernel::Timestamp;
use crate::registry::{
    CertificateFact, Condition, EnrolmentState, Feed, Host, ListKeeper, Measure, OperatorFact, SanctionFact,
};

/// What a reason rests on where no edition of the rules says so.
pub(super) fn basis(reason: &Reason) -> String {
    match (reason.code.kind(), reason.policy_revision, reason.policy_rule) {
        (ReasonKind::Legal, ..) => "the law".to_owned(),
        (ReasonKind::Operational, None, _) => "how old news may be, by the rules of the suite".to_owned(),
        (_, Some(revision), None) => format!("the platform's policy, revision {revision}"),
        (_, Some(revision), Some(rule)) => format!("the platform's policy, revision {revision}, rule {rule}"),
        (_, None, _) => match reason.code {
            ReasonCode::PolicyNotSet => "without a policy of the platform nothing is granted".to_owned(),
            _ => "the platform's policy".to_owned(),
        },
    }
}

pub(super) fn requirement(requirement: &Requirement) -> String {
    match requirement {
        Requirement::Enrolled => "enrolment on the platform needed".to_owned(),
        Requirement::IdentityProven => "proven identity needed".to_owned(),
        Requirement::DocumentValid => "valid identity document needed".to_owned(),
        Requirement::IdentityRechecked => "dynamic re-check of the identity needed in time".to_owned(),
        Requirement::IdentityProcessed => "an open identity record needed".to_owned(),
        Requirement::AgeOf16 => "age of 16 needed".to_owned(),
        Requirement::AgeKnown => "known age needed".to_owned(),
        Requirement::GuardianConsent => "guardian's consent needed at 16 and 17".to_owned(),
        Requirement::PolicyInForce { starts: None } => "a policy in force needed".to_owned(),
        Requirement::PolicyInForce { starts: Some(starts) } => {
            format!("a policy in force needed (one begins at {starts})")
        }
        Requirement::Level { minimum } => format!("{} needed", minimum.english()),
        Requirement::JobType { accepted } => {
            format!("{} needed", alternatives(accepted.iter().map(|job_type| job_type.english.clone())))
        }
        Requirement::Standard { accepted } => {
            let standards = alternatives(accepted.iter().map(|standard| format!("`{standard}`")));
            format!("a certificate under standard {standards} needed")
        }
        Requirement::VerifiedCertificate => "a verified certificate needed".to_owned(),
        Requirement::FreshEvidence => "a verification that still counts needed".to_owned(),
        Requirement::ListedIssuer => "an issuer listed in the directory needed".to_owned(),
        Requirement::NotListed => "no blocklist may name the person".to_owned(),
        Requirement::NotSanctioned => "no sanction may stand against it".to_owned(),
        Requirement::OnRoster => "a place on the roster of the session needed".to_owned(),
        Requirement::Engaged => "an engagement with the operator of the room needed".to_owned(),
        Requirement::OperatorVerified => "a verified room operator needed".to_owned(),
        Requirement::OperatorRechecked => "the operator's data verified within six months needed".to_owned(),
        Requirement::OperatorLicensed { category } => {
            format!("the operator's licence for `{category}` needed")
        }
        Requirement::Qualified { domain } => format!("professional qualification `{domain}` on file needed"),
        Requirement::InstitutionStaff => "staff of a licensed institution needed".to_owned(),
        Requirement::CategoryOpen => "goods that may be spoken for live needed".to_owned(),
        Requirement::NotPenalised => "no penalty for false endorsement within three years".to_owned(),
        Requirement::Condition { condition, minimum } => {
            format!("{} needed", condition_of(*condition, *minimum))
        }
        Requirement::AiLabel => "a label for persons made by artificial intelligence needed".to_owned(),
        Requirement::FreshFeed { within } => format!("news no older than {} s needed", within.as_secs_f64()),
    }
}

fn alternatives(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(" or ")
}

pub(super) fn fact(code: ReasonCode, fact: &Fact) -> String {
    match fact {
        Fact::Enrolment { state: EnrolmentState::Enrolled, since } => format!("enrolled {}", on(*since)),
        Fact::Enrolment { state: EnrolmentState::Withdrawn, since } => format!("withdrawn {}", on(*since)),
        Fact::Identity { state } => identity(*state).to_owned(),
        Fact::Document { until: Some(until) } => format!("the document expired {}", on(*until)),
        Fact::Document { until: None } => "the document has expired".to_owned(),
        Fact::IdentityEvidence { until: Some(until) } => format!("the last check counted until {until}"),
        Fact::IdentityEvidence { until: None } => "the re-check is due".to_owned(),
        Fact::Age { band } => age(*band).to_owned(),
        Fact::Consent { consent } => consented(*consent).to_owned(),
        Fact::NoPolicy => "none is in force".to_owned(),
        Fact::NoCertificate => "no certificate is on record".to_owned(),
        Fact::Certificate(fact) => certificate(code, fact),
        Fact::OtherJobType { certificate, job_type } => {
            format!("{} as {}", held(certificate), job_type.english)
        }
        Fact::Listing(listing) => match listing.keeper {
            ListKeeper::Platform => format!("on the platform's list since {}", day(listing.from)),
            ListKeeper::Regulator => format!("on an authority's list since {}", day(listing.from)),
            ListKeeper::Association => format!("on an association's list since {}", day(listing.from)),
        },
        Fact::Sanction(sanction) => sanctioned(sanction),
        Fact::OtherRoster { session } => format!("not submitted for `{session}`"),
        Fact::NoEngagement { operator } => format!("none with `{operator}` is on record"),
        Fact::OperatorUnknown { operator } => format!("`{operator}` is not registered"),
        Fact::Operator(operator) => operated(code, operator),
        Fact::NoQualification { domain } => format!("none for `{domain}` counts"),
        Fact::Category { category } => format!("`{category}` is on sale"),
        Fact::Host { host } => hosted(*host).to_owned(),
        Fact::Condition { condition, reported: Some(reported) } => {
            format!("{} reported {}", condition_of(*condition, reported.value), on(reported.reported_at))
        }
        Fact::Condition { reported: None, .. } => "nothing was reported".to_owned(),
        Fact::Feed { feed: Feed::Identity, heard_at } => format!("identity was last heard of at {heard_at}"),
        Fact::Feed { feed: Feed::Certification, heard_at } => {
            format!("certification was last heard of at {heard_at}")
        }
        Fact::Feed { feed: Feed::Registry, heard_at } => {
            format!("the registry last heard of its own feed at {heard_at}")
        }
    }
}

fn sanctioned(sanction: &SanctionFact) -> String {
    let measure = match sanction.measure {
        Measure::Warning => "warned",
        Measure::FunctionLimit => "functions withheld",
        Measure::TrafficLimit => "traffic limited",
        Measure::LiveSuspension => "live streaming suspended",
        Measure::TimedBan => "banned from live streaming",
        Measure::AccountClosure => "account closed",
        Measure::ReregistrationBan => "barred from registering again",
        Measure::Blacklisting => "blacklisted",
    };
    match sanction.until {
        Some(until) => format!("{measure} since {} until {until}", day(sanction.from)),
        None => format!("{measure} since {} for good", day(sanction.from)),
    }
}

fn operated(code: ReasonCode, operator: &OperatorFact) -> String {
    match (code, operator.verified_until) {
        (ReasonCode::OperatorLicenceMissing, _) => format!("`{}` has none on file", operator.operator),
        (_, Some(until)) => format!("the verification of `{}` counted until {until}", operator.operator),
        (_, None) => format!("`{}` was never verified", operator.operator),
    }
}

const fn hosted(host: Host) -> &'static str {
    match host {
        Host::Human => "a human is seen",
        Host::SyntheticLabelled => "a labelled synthetic person is seen",
        Host::SyntheticUnlabelled => "a synthetic person without a label is seen",
    }
}

fn condition_of(condition: Condition, value: i64) -> String {
    match condition {
        Condition::Score => format!("a score of {value}"),
        Condition::Deposit => format!("a deposit of {value} fen"),
        Condition::Training => format!("{value} hours of the platform's training"),
    }
}

const fn identity(state: PersonState) -> &'static str {
    match state {
        PersonState::Unverified => "nobody has checked it",
        PersonState::Verified => "it is verified",
        PersonState::RecheckDue => "a re-check is due",
        PersonState::DocumentExpired => "the document has expired",
        PersonState::Mismatch => "name and document do not belong together",
        PersonState::Frozen => "the record is kept for storage only",
        PersonState::Erased => "the record is erased",
    }
}

const fn age(band: AgeBand) -> &'static str {
    match band {
        AgeBand::Under16 => "under 16 on the Beijing date",
        AgeBand::From16To17 => "16 or 17 on the Beijing date",
        AgeBand::Adult => "18 or older",
        AgeBand::Unknown => "the age is not known",
    }
}

const fn consented(consent: GuardianConsent) -> &'static str {
    match consent {
        GuardianConsent::NotRecorded => "none is recorded",
        GuardianConsent::Given => "it is given",
        GuardianConsent::Withdrawn => "it was withdrawn",
    }
}

fn held(fact: &CertificateFact) -> String {
    format!("{} {}", fact.level.english(), state(fact))
}

fn certificate(code: ReasonCode, fact: &CertificateFact) -> String {
    let held = held(fact);
    match code {
        ReasonCode::OccupationNotAccepted => format!("{held} under standard `{}`", fact.standard),
        ReasonCode::IssuerNotFiled => format!("{held}, and nobody has told who issued it"),
        ReasonCode::IssuerStruckOff if fact.issuer_standing == Some(IssuerStanding::Suspended) => {
            format!("the issuer of {} is suspended", fact.level.english())
        }
        ReasonCode::IssuerStruckOff => format!("the issuer of {} was struck off", fact.level.english()),
        ReasonCode::CertEvidenceStale => match fact.evidence_until {
            Some(until) => format!("{held}, which counted until {until}"),
            None => format!("{held} without a term"),
        },
        _ => held,
    }
}

fn state(fact: &CertificateFact) -> String {
    let word = match fact.state {
        CertificateState::Verified => {
            return format!("verified {}", on(fact.verified_at.unwrap_or(fact.since)));
        }
        CertificateState::Claimed | CertificateState::FormatOk => "claimed and not verified yet",
        CertificateState::UnderVerification => "under verification",
        CertificateState::NotFound => "not found by the source",
        CertificateState::Mismatch => "not as claimed, says the source,",
        CertificateState::SuspectedForged => "suspected to be forged",
        CertificateState::Suspended => "suspended",
        CertificateState::Revoked => "revoked",
        CertificateState::IssuerStruckOff => "left without a listed issuer",
        CertificateState::Superseded => "replaced by a higher level",
    };
    format!("{word} since {}", day(fact.since))
}

fn on(at: Timestamp) -> String {
    format!("on {}", day(at))
}

fn day(at: Timestamp) -> String {
    format!("{} (Beijing date)", at.beijing_date())
}

pub(super) const fn remedy(code: ReasonCode) -> &'static str {
    match code {
        ReasonCode::Blocklisted | ReasonCode::IndustryListed => "Appeal to whoever keeps the list.",
        ReasonCode::ReregistrationForbidden | ReasonCode::AccountClosed => "Appeal to the platform.",
        ReasonCode::TimedBan | ReasonCode::LiveSuspended => {
            "Wait until it ends, or appeal to the platform in time."
        }
        ReasonCode::FunctionLimited => "Do without the function, or appeal to the platform in time.",
        ReasonCode::NotOnRoster => "Submit the person for the session before it begins.",
        ReasonCode::AffiliationUnproven => "Record the engagement of the person with the operator.",
        ReasonCode::OperatorUnverified => "Register the operator and record the verification of its data.",
        ReasonCode::OperatorRecheckOverdue => "Verify the operator's data again and record it.",
        ReasonCode::OperatorLicenceMissing | ReasonCode::CategoryLicenceMissing => {
            "Put the licence for the category on file."
        }
        ReasonCode::ProfessionalQualificationMissing => "File the qualification and have it reviewed.",
        ReasonCode::FinanceStaffOnly => "Leave financial products to the institution's own staff.",
        ReasonCode::CategoryForbidden => "Take the category off the sale.",
        ReasonCode::EndorsementForbidden => "Take the category off the sale: nobody may speak for it.",
        ReasonCode::EndorserPenalised => "Wait until three years have passed since the penalty.",
        ReasonCode::ScoreTooLow => "Raise the score by the platform's rules.",
        ReasonCode::DepositMissing => "Pay the deposit.",
        ReasonCode::TrainingMissing => "Complete the platform's training.",
        ReasonCode::AiLabelMissing => "Label the synthetic person throughout the stream.",
        ReasonCode::StreamerWithdrawn => "The platform enrols the streamer again, under another account.",
        ReasonCode::IdentityUnverified => "Have the identity checked and the check recorded.",
        ReasonCode::IdentityMismatch => "Correct name or document and have the identity checked again.",
        ReasonCode::IdentityDocExpired => "Show a valid document and have the identity checked again.",
        ReasonCode::DynamicCheckOverdue => "Have the identity checked again.",
        ReasonCode::IdentityRecordClosed => "Register the person anew, if the law allows it.",
        ReasonCode::Under16 => "None before the age of 16.",
        ReasonCode::GuardianConsentMissing => "Record a parent's or guardian's consent.",
        ReasonCode::AgeUnknown => "Have the identity checked with a document that shows the birth date.",
        ReasonCode::PolicyNotSet => "The platform sets a policy.",
        ReasonCode::PolicyNotInForce => "Wait until the policy begins.",
        ReasonCode::LevelNotHeld => "Obtain a certificate of an accepted standard and have it recorded.",
        ReasonCode::LevelTooLow => "Obtain the level needed and have the certificate recorded.",
        ReasonCode::JobTypeMismatch => "Obtain a certificate of an accepted job type.",
        ReasonCode::OccupationNotAccepted => "Obtain a certificate under an accepted standard.",
        ReasonCode::CertUnderVerification => "Wait for the verification.",
        ReasonCode::CertNotFound => {
            "Wait: publication lags about 20 working days. Ask the issuer if it stays unknown."
        }
        ReasonCode::CertEvidenceStale => "Have the certificate verified again.",
        ReasonCode::CertHolderMismatch => "Correct the claim, or ask the issuer to correct its record.",
        ReasonCode::CertSuspectedForged => "Show the original; an administrator decides.",
        ReasonCode::CertSuspended => "Ask the issuer why; it counts again once reinstated.",
        ReasonCode::CertRevoked => "Ask the issuer for the ground; appeal there or obtain a new certificate.",
        ReasonCode::IssuerNotFiled => "Have the issuer confirm the certificate in its roll.",
        ReasonCode::IssuerStruckOff => "Obtain a certificate from a listed issuer, or wait for the review.",
        ReasonCode::EvidenceSourceUnavailable => {
            "Ask again shortly; if it lasts, the operator looks after the feed."
        }
    }
}
