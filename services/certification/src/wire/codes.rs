//! Enum values by their stable names. A test holds both sides against each other.

use greenroom_domain::certification::eligibility::Verdict;
use greenroom_domain::certification::port::{
    CertificateFinding, RollCoverage, RollEncoding, RollFormat, RollImportState,
};
use greenroom_domain::certification::{
    AssessmentPart, Authority, CertificateState, Confirmation, DiplomaKind, EvidenceResult, EvidenceSource,
    IssuerClass, IssuerStanding, RevocationReason, RollCode, RollVerdict, Scheme, Severity, TitleRank,
};
use greenroom_domain::occupation::Level;
use greenroom_proto::certification::v1 as wire;

/// A level on the wire.
pub fn level(level: Level) -> i32 {
    wire::Level::from_str_name(level.code()).unwrap_or_default().into()
}

/// A number scheme on the wire.
pub fn scheme(scheme: Scheme) -> i32 {
    wire::NumberScheme::from_str_name(&format!("NUMBER_SCHEME_{}", scheme.code())).unwrap_or_default().into()
}

/// A certificate's state on the wire.
pub fn state(state: CertificateState) -> i32 {
    wire::CertificateState::from_str_name(&format!("CERTIFICATE_STATE_{}", state.code()))
        .unwrap_or_default()
        .into()
}

/// A reason of revocation on the wire.
pub fn reason(reason: RevocationReason) -> i32 {
    wire::RevocationReason::from_str_name(&format!("REVOCATION_REASON_{}", reason.code()))
        .unwrap_or_default()
        .into()
}

/// A source of evidence on the wire.
pub fn source(source: EvidenceSource) -> i32 {
    wire::EvidenceSource::from_str_name(&format!("EVIDENCE_SOURCE_{}", source.code()))
        .unwrap_or_default()
        .into()
}

/// What a source said, on the wire.
pub fn result(result: EvidenceResult) -> i32 {
    wire::EvidenceResult::from_str_name(&format!("EVIDENCE_RESULT_{}", result.code()))
        .unwrap_or_default()
        .into()
}

/// Who decided, on the wire.
pub fn authority(authority: Authority) -> i32 {
    wire::Authority::from_str_name(&format!("AUTHORITY_{}", authority.code())).unwrap_or_default().into()
}

/// A state to filter by, from the wire.
pub fn parse_state(number: i32) -> Result<CertificateState, &'static str> {
    let value = wire::CertificateState::try_from(number).map_err(|_| UNKNOWN)?;
    CertificateState::from_code(code(value.as_str_name(), "CERTIFICATE_STATE_")).ok_or(UNSET)
}

/// A finding to filter by, from the wire.
pub fn parse_finding(number: i32) -> Result<CertificateFinding, &'static str> {
    match wire::CertificateFinding::try_from(number).map_err(|_| UNKNOWN)? {
        wire::CertificateFinding::NumberHeldByAnother => Ok(CertificateFinding::NumberHeldByAnother),
        wire::CertificateFinding::Unspecified => Err(UNSET),
    }
}

/// A class of issuers on the wire.
pub fn class(class: IssuerClass) -> i32 {
    wire::IssuerClass::from_str_name(&format!("ISSUER_CLASS_{}", class.code())).unwrap_or_default().into()
}

/// An issuer's standing on the wire.
pub fn standing(standing: IssuerStanding) -> i32 {
    wire::IssuerStanding::from_str_name(&format!("ISSUER_STANDING_{}", standing.code()))
        .unwrap_or_default()
        .into()
}

/// What a finding means, on the wire.
pub fn severity(severity: Severity) -> i32 {
    wire::FindingSeverity::from_str_name(&format!("FINDING_SEVERITY_{}", severity.code()))
        .unwrap_or_default()
        .into()
}

/// An import's state on the wire.
pub fn import_state(state: RollImportState) -> i32 {
    wire::RollImportState::from_str_name(&format!("ROLL_IMPORT_STATE_{}", state.code()))
        .unwrap_or_default()
        .into()
}

/// A roll's coverage on the wire.
pub fn coverage(coverage: RollCoverage) -> i32 {
    wire::RollCoverage::from_str_name(&format!("ROLL_COVERAGE_{}", coverage.code()))
        .unwrap_or_default()
        .into()
}

/// A roll's coverage from the wire.
pub fn parse_coverage(number: i32) -> Result<RollCoverage, &'static str> {
    let value = wire::RollCoverage::try_from(number).map_err(|_| UNKNOWN)?;
    RollCoverage::from_code(code(value.as_str_name(), "ROLL_COVERAGE_")).ok_or(UNSET)
}

/// A roll's format on the wire.
pub fn format(format: Option<RollFormat>) -> i32 {
    let name = format.map_or("UNSPECIFIED", RollFormat::code);
    wire::RollFormat::from_str_name(&format!("ROLL_FORMAT_{name}")).unwrap_or_default().into()
}

/// A roll's format from the wire.
pub fn parse_format(number: i32) -> Result<RollFormat, &'static str> {
    let value = wire::RollFormat::try_from(number).map_err(|_| UNKNOWN)?;
    RollFormat::from_code(code(value.as_str_name(), "ROLL_FORMAT_")).ok_or(UNSET)
}

/// A roll's encoding on the wire.
pub fn encoding(encoding: Option<RollEncoding>) -> i32 {
    let name = encoding.map_or("UNSPECIFIED", RollEncoding::code);
    wire::RollEncoding::from_str_name(&format!("ROLL_ENCODING_{name}")).unwrap_or_default().into()
}

/// A roll's encoding from the wire.
pub fn parse_encoding(number: i32) -> Result<RollEncoding, &'static str> {
    let value = wire::RollEncoding::try_from(number).map_err(|_| UNKNOWN)?;
    RollEncoding::from_code(code(value.as_str_name(), "ROLL_ENCODING_")).ok_or(UNSET)
}

/// A row's verdict on the wire.
pub fn verdict(verdict: RollVerdict) -> i32 {
    wire::RollRowVerdict::from_str_name(&format!("ROLL_ROW_VERDICT_{}", verdict.code()))
        .unwrap_or_default()
        .into()
}

/// A kind of diplomas on the wire.
pub fn diploma_kind(kind: DiplomaKind) -> i32 {
    wire::DiplomaKind::from_str_name(&format!("DIPLOMA_KIND_{}", kind.code())).unwrap_or_default().into()
}

/// A rank of titles on the wire.
pub fn title_rank(rank: TitleRank) -> i32 {
    wire::TitleRank::from_str_name(&format!("TITLE_RANK_{}", rank.code())).unwrap_or_default().into()
}

/// A part of an assessment on the wire.
pub fn assessment_part(part: AssessmentPart) -> i32 {
    wire::AssessmentPart::from_str_name(&format!("ASSESSMENT_PART_{}", part.code()))
        .unwrap_or_default()
        .into()
}

/// How something asked for stands, on the wire.
pub fn requirement_verdict(verdict: Verdict) -> i32 {
    wire::RequirementVerdict::from_str_name(&format!("REQUIREMENT_VERDICT_{}", verdict.code()))
        .unwrap_or_default()
        .into()
}

/// Whether a value was read in its source, on the wire.
pub fn confirmation(confirmation: Confirmation) -> i32 {
    match confirmation {
        Confirmation::Confirmed => wire::Confirmation::Confirmed.into(),
        Confirmation::Unconfirmed => wire::Confirmation::Unconfirmed.into(),
    }
}

/// The name of a value without its prefix, as the domain's codes are.
fn code(name: &'static str, prefix: &str) -> &'static str {
    name.strip_prefix(prefix).unwrap_or(name)
}

const UNSET: &str = "must be set";
const UNKNOWN: &str = "is not a value this service knows";

/// A level from the wire. The zero value is refused, as for all below.
pub fn parse_level(number: i32) -> Result<Level, &'static str> {
    let value = wire::Level::try_from(number).map_err(|_| UNKNOWN)?;
    Level::from_code(value.as_str_name()).ok_or(UNSET)
}

/// A reason of revocation from the wire.
pub fn parse_reason(number: i32) -> Result<RevocationReason, &'static str> {
    let value = wire::RevocationReason::try_from(number).map_err(|_| UNKNOWN)?;
    RevocationReason::from_code(code(value.as_str_name(), "REVOCATION_REASON_")).ok_or(UNSET)
}

/// A source of evidence from the wire.
pub fn parse_source(number: i32) -> Result<EvidenceSource, &'static str> {
    let value = wire::EvidenceSource::try_from(number).map_err(|_| UNKNOWN)?;
    EvidenceSource::from_code(code(value.as_str_name(), "EVIDENCE_SOURCE_")).ok_or(UNSET)
}

/// What a source said, from the wire.
pub fn parse_result(number: i32) -> Result<EvidenceResult, &'static str> {
    let value = wire::EvidenceResult::try_from(number).map_err(|_| UNKNOWN)?;
    EvidenceResult::from_code(code(value.as_str_name(), "EVIDENCE_RESULT_")).ok_or(UNSET)
}

/// A kind of diplomas from the wire.
pub fn parse_diploma_kind(number: i32) -> Result<DiplomaKind, &'static str> {
    let value = wire::DiplomaKind::try_from(number).map_err(|_| UNKNOWN)?;
    DiplomaKind::from_code(code(value.as_str_name(), "DIPLOMA_KIND_")).ok_or(UNSET)
}

/// A rank of titles from the wire.
pub fn parse_title_rank(number: i32) -> Result<TitleRank, &'static str> {
    let value = wire::TitleRank::try_from(number).map_err(|_| UNKNOWN)?;
    TitleRank::from_code(code(value.as_str_name(), "TITLE_RANK_")).ok_or(UNSET)
}

/// A class of issuers from the wire.
pub fn parse_class(number: i32) -> Result<IssuerClass, &'static str> {
    let value = wire::IssuerClass::try_from(number).map_err(|_| UNKNOWN)?;
    IssuerClass::from_code(code(value.as_str_name(), "ISSUER_CLASS_")).ok_or(UNSET)
}

/// A verdict to filter by, from the wire.
pub fn parse_verdict(number: i32) -> Result<RollVerdict, &'static str> {
    let value = wire::RollRowVerdict::try_from(number).map_err(|_| UNKNOWN)?;
    RollVerdict::from_code(code(value.as_str_name(), "ROLL_ROW_VERDICT_")).ok_or(UNSET)
}

/// A finding to filter by; the empty text is none.
pub fn parse_roll_code(name: &str) -> Result<Option<RollCode>, &'static str> {
    if name.is_empty() {
        Ok(None)
    } else {
        RollCode::from_code(name).map(Some).ok_or("is not the code of a finding")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_different(values: impl IntoIterator<Item = i32>, count: usize) {
        let values: std::collections::BTreeSet<i32> = values.into_iter().collect();
        assert!(values.len() == count && !values.contains(&0), "{values:?}");
    }

    #[test]
    fn every_value_of_the_domain_has_its_own_on_the_wire() {
        all_different(Level::ALL.map(level), 8);
        all_different(Scheme::ALL.map(scheme), 5);
        all_different(CertificateState::ALL.map(state), 11);
        all_different(RevocationReason::ALL.map(reason), 4);
        all_different(Authority::ALL.map(authority), 2);
        all_different(EvidenceSource::ALL.map(source), 4);
        all_different(EvidenceResult::ALL.map(result), 5);
        all_different([Severity::Note, Severity::Refuse].map(severity), 2);
        all_different(IssuerClass::ALL.map(class), 2);
        all_different(IssuerStanding::ALL.map(standing), 3);
        all_different(RollImportState::ALL.map(import_state), 8);
        all_different(RollVerdict::ALL.map(verdict), 6);
        all_different(RollCoverage::ALL.map(coverage), 2);
        all_different(RollFormat::ALL.map(|it| format(Some(it))), 2);
        all_different(RollEncoding::ALL.map(|it| encoding(Some(it))), 2);
        all_different(DiplomaKind::ALL.map(diploma_kind), 13);
        all_different(TitleRank::ALL.map(title_rank), 3);
        all_different(AssessmentPart::ALL.map(assessment_part), 3);
        all_different(Verdict::ALL.map(requirement_verdict), 3);
    }

    #[test]
    fn what_is_sent_is_read_back() {
        for value in Level::ALL {
            assert_eq!(parse_level(level(value)), Ok(value));
        }
        for value in EvidenceSource::ALL {
            assert_eq!(parse_source(source(value)), Ok(value));
        }
        for value in CertificateState::ALL {
            assert_eq!(parse_state(state(value)), Ok(value));
        }
        for value in EvidenceResult::ALL {
            assert_eq!(parse_result(result(value)), Ok(value));
        }
        for value in RevocationReason::ALL {
            assert_eq!(parse_reason(reason(value)), Ok(value));
        }
        for value in RollVerdict::ALL {
            assert_eq!(parse_verdict(verdict(value)), Ok(value));
        }
        for value in RollCoverage::ALL {
            assert_eq!(parse_coverage(coverage(value)), Ok(value));
        }
        for value in RollFormat::ALL {
            assert_eq!(parse_format(format(Some(value))), Ok(value));
        }
        for value in RollEncoding::ALL {
            assert_eq!(parse_encoding(encoding(Some(value))), Ok(value));
        }
        for value in DiplomaKind::ALL {
            assert_eq!(parse_diploma_kind(diploma_kind(value)), Ok(value));
        }
        for value in TitleRank::ALL {
            assert_eq!(parse_title_rank(title_rank(value)), Ok(value));
        }
        for value in IssuerClass::ALL {
            assert_eq!(parse_class(class(value)), Ok(value));
        }
        for number in 1..=5 {
            assert!(parse_result(number).is_ok());
        }
        assert_eq!(parse_level(0), Err(UNSET));
        assert_eq!(parse_level(99), Err(UNKNOWN));
    }
}
