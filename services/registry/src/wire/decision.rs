//! The answer on the wire, in both languages.

use super::{optional, verified_level};
use greenroom_domain::kernel::Id;
use greenroom_domain::registry::{Decision, Effect, Language, Outcome, Reason, ReasonCode, ReasonKind};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::wire::timestamp;

/// A decision, for whoever reads English.
pub fn decision(decision: &Decision) -> proto::Decision {
    decision_in(decision, Language::English)
}

/// A decision. The language is that of the one text that is not told in both.
pub fn decision_in(decision: &Decision, language: Language) -> proto::Decision {
    proto::Decision {
        outcome: outcome(decision.outcome).into(),
        reasons: decision.reasons.iter().map(|one| reason(one, language)).collect(),
        verified_level: decision.verified.as_ref().map(verified_level),
        policy_revision_number: decision.policy_revision.unwrap_or_default(),
        rules_edition: decision.rules_edition.clone(),
        decide_time: Some(timestamp(decision.decide_time)),
        valid_until_time: Some(timestamp(decision.valid_until)),
        ask_again_time: optional(decision.ask_again_at),
    }
}

/// An outcome on the wire.
pub const fn outcome(outcome: Outcome) -> proto::Outcome {
    match outcome {
        Outcome::Allow => proto::Outcome::Allow,
        Outcome::Deny => proto::Outcome::Deny,
        Outcome::NotYet => proto::Outcome::NotYet,
        Outcome::Undetermined => proto::Outcome::Undetermined,
    }
}

const fn effect(effect: Effect) -> proto::Outcome {
    match effect {
        Effect::NotYet => proto::Outcome::NotYet,
        Effect::Undetermined => proto::Outcome::Undetermined,
        Effect::Deny => proto::Outcome::Deny,
    }
}

const fn kind(kind: ReasonKind) -> proto::ReasonKind {
    match kind {
        ReasonKind::Legal => proto::ReasonKind::Legal,
        ReasonKind::Policy => proto::ReasonKind::Policy,
        ReasonKind::Operational => proto::ReasonKind::Operational,
    }
}

fn reason(reason: &Reason, language: Language) -> proto::Reason {
    let (measure, appeal) = reason.measure().unwrap_or_default();
    proto::Reason {
        code: code(reason.code).into(),
        kind: kind(reason.kind()).into(),
        effect: effect(reason.effect()).into(),
        basis: Some(both(|language| reason.basis(language))),
        message: Some(both(|language| reason.sentence(language))),
        remedy: Some(both(|language| reason.remedy(language).to_owned())),
        since_time: optional(reason.since),
        until_time: optional(reason.until),
        certificate: reason.certificate().map(Id::name).unwrap_or_default(),
        text: reason.sentence(language),
        policy_rule: reason.policy_rule.and_then(|rule| i32::try_from(rule).ok()),
        measure,
        appeal: appeal.to_owned(),
    }
}

fn both(text: impl Fn(Language) -> String) -> proto::LocalizedText {
    proto::LocalizedText { en: text(Language::English), zh: text(Language::Chinese) }
}

/// A reason's code on the wire.
pub const fn code(code: ReasonCode) -> proto::ReasonCode {
    match code {
        ReasonCode::Blocklisted => proto::ReasonCode::Blocklisted,
        ReasonCode::IndustryListed => proto::ReasonCode::IndustryListed,
        ReasonCode::ReregistrationForbidden => proto::ReasonCode::ReregistrationForbidden,
        ReasonCode::AccountClosed => proto::ReasonCode::AccountClosed,
        ReasonCode::TimedBan => proto::ReasonCode::TimedBan,
        ReasonCode::LiveSuspended => proto::ReasonCode::LiveSuspended,
        ReasonCode::FunctionLimited => proto::ReasonCode::FunctionLimited,
        ReasonCode::StreamerWithdrawn => proto::ReasonCode::StreamerWithdrawn,
        ReasonCode::IdentityUnverified => proto::ReasonCode::IdentityUnverified,
        ReasonCode::IdentityMismatch => proto::ReasonCode::IdentityMismatch,
        ReasonCode::IdentityDocExpired => proto::ReasonCode::IdentityDocExpired,
        ReasonCode::DynamicCheckOverdue => proto::ReasonCode::DynamicCheckOverdue,
        ReasonCode::IdentityRecordClosed => proto::ReasonCode::IdentityRecordClosed,
        ReasonCode::Under16 => proto::ReasonCode::Under16,
        ReasonCode::GuardianConsentMissing => proto::ReasonCode::GuardianConsentMissing,
        ReasonCode::AgeUnknown => proto::ReasonCode::AgeUnknown,
        ReasonCode::NotOnRoster => proto::ReasonCode::NotOnRoster,
        ReasonCode::AffiliationUnproven => proto::ReasonCode::AffiliationUnproven,
        ReasonCode::OperatorUnverified => proto::ReasonCode::OperatorUnverified,
        ReasonCode::OperatorRecheckOverdue => proto::ReasonCode::OperatorRecheckOverdue,
        ReasonCode::OperatorLicenceMissing => proto::ReasonCode::OperatorLicenceMissing,
        ReasonCode::ProfessionalQualificationMissing => proto::ReasonCode::ProfessionalQualificationMissing,
        ReasonCode::FinanceStaffOnly => proto::ReasonCode::FinanceStaffOnly,
        ReasonCode::CategoryForbidden => proto::ReasonCode::CategoryForbidden,
        ReasonCode::CategoryLicenceMissing => proto::ReasonCode::CategoryLicenceMissing,
        ReasonCode::EndorsementForbidden => proto::ReasonCode::EndorsementForbidden,
        ReasonCode::EndorserPenalised => proto::ReasonCode::EndorserPenalised,
        ReasonCode::PolicyNotSet => proto::ReasonCode::PolicyNotSet,
        ReasonCode::PolicyNotInForce => proto::ReasonCode::PolicyNotInForce,
        ReasonCode::LevelNotHeld => proto::ReasonCode::LevelNotHeld,
        ReasonCode::LevelTooLow => proto::ReasonCode::LevelTooLow,
        ReasonCode::JobTypeMismatch => proto::ReasonCode::JobTypeMismatch,
        ReasonCode::OccupationNotAccepted => proto::ReasonCode::OccupationNotAccepted,
        ReasonCode::CertUnderVerification => proto::ReasonCode::CertUnderVerification,
        ReasonCode::CertNotFound => proto::ReasonCode::CertNotFound,
        ReasonCode::CertEvidenceStale => proto::ReasonCode::CertEvidenceStale,
        ReasonCode::CertHolderMismatch => proto::ReasonCode::CertHolderMismatch,
        ReasonCode::CertSuspectedForged => proto::ReasonCode::CertSuspectedForged,
        ReasonCode::CertSuspended => proto::ReasonCode::CertSuspended,
        ReasonCode::CertRevoked => proto::ReasonCode::CertRevoked,
        ReasonCode::IssuerNotFiled => proto::ReasonCode::IssuerNotFiled,
        ReasonCode::IssuerStruckOff => proto::ReasonCode::IssuerStruckOff,
        ReasonCode::ScoreTooLow => proto::ReasonCode::ScoreTooLow,
        ReasonCode::DepositMissing => proto::ReasonCode::DepositMissing,
        ReasonCode::TrainingMissing => proto::ReasonCode::TrainingMissing,
        ReasonCode::AiLabelMissing => proto::ReasonCode::AiLabelMissing,
        ReasonCode::EvidenceSourceUnavailable => proto::ReasonCode::EvidenceSourceUnavailable,
    }
}

/// The language that an `accept-language` value prefers; English where it names neither (RFC 9110, section 12.5.4).
pub fn preferred(accepted: &str) -> Language {
    let mut best = (Language::English, 0.0);
    for range in accepted.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default().to_ascii_lowercase();
        let language = match tag.split('-').next() {
            Some("zh") => Language::Chinese,
            Some("en") => Language::English,
            _ => continue,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q="));
        let quality = quality.map_or(1.0, |quality| quality.parse::<f32>().unwrap_or_default());
        if quality > best.1 {
            best = (language, quality);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_and_the_contract_name_the_same_reasons_in_the_same_order() {
        let domain: Vec<String> =
            ReasonCode::ALL.into_iter().map(|code| format!("REASON_CODE_{}", code.code())).collect();
        let contract: Vec<&str> = (1..)
            .map_while(|number| proto::ReasonCode::try_from(number).ok())
            .map(|code| code.as_str_name())
            .collect();
        assert_eq!(domain, contract);
        for reason in ReasonCode::ALL {
            assert_eq!(code(reason).as_str_name(), format!("REASON_CODE_{}", reason.code()));
        }
    }

    #[test]
    fn the_language_is_the_one_that_is_preferred() {
        for (accepted, expected) in [
            ("", Language::English),
            ("zh-CN", Language::Chinese),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("en;q=0.4, zh-Hans; q=0.5", Language::Chinese),
            ("de, en;q=0.2", Language::English),
            ("zh;q=0", Language::English),
            ("zh;q=much", Language::English),
        ] {
            assert_eq!(preferred(accepted), expected, "{accepted}");
        }
    }

    #[test]
    fn outcomes_carry_the_same_names_in_the_contract() {
        for one in Outcome::ALL {
            assert_eq!(outcome(one).as_str_name(), format!("OUTCOME_{}", one.code()));
        }
    }
}
