//! The domain's values as messages.

use super::verification::verification_job_name;
use super::{codes, issuers};
use greenroom_domain::certification::port::{
    CertificateRecord, IssuerRecord, KeptEvidence, MISSING_FROM, PlanRow, RollImport,
};
use greenroom_domain::certification::{NumberFinding, Witness};
use greenroom_domain::kernel::Id;
use greenroom_proto::certification::v1 as wire;
use greenroom_rpc::etag;
use greenroom_rpc::wire::timestamp;

/// An issuer.
pub fn issuer(record: &IssuerRecord) -> wire::Issuer {
    let issuer = &record.issuer;
    let accreditations = issuer.accreditations.iter().map(|accreditation| wire::Accreditation {
        standard: accreditation.standard.name(),
        job_type: accreditation.job_type.code().to_owned(),
        levels: accreditation.levels.iter().copied().map(codes::level).collect(),
        from_date: accreditation.from.to_string(),
        to_date: accreditation.to.map(|day| day.to_string()).unwrap_or_default(),
    });
    wire::Issuer {
        name: issuer.id.name(),
        organization: issuer.organization.name(),
        display_name: record.display_name.clone(),
        issuer_class: codes::class(issuer.class),
        code: issuer.code.clone(),
        province: issuer.province.clone(),
        standing: codes::standing(issuer.standing),
        accreditations: accreditations.collect(),
        create_time: Some(timestamp(record.create_time)),
        update_time: Some(timestamp(record.update_time)),
        etag: etag::of(issuer.version),
        sites: issuers::sites_told(issuer),
        measure: issuer.measure.as_ref().map(issuers::measure_told),
    }
}

/// A certificate.
pub fn certificate(record: &CertificateRecord) -> wire::Certificate {
    let certificate = &record.certificate;
    let revocation = record.revocation.as_ref().map(|revocation| wire::Revocation {
        reason: codes::reason(revocation.reason),
        explanation: revocation.explanation.clone(),
        legal_basis: revocation.legal_basis.clone(),
        effective_time: Some(timestamp(revocation.effective_time)),
        authority: codes::authority(revocation.by),
    });
    let measure = record.measure.as_ref().map(|measure| wire::Measure {
        explanation: measure.explanation.clone(),
        legal_basis: measure.legal_basis.clone(),
        effective_time: Some(timestamp(measure.effective_time)),
        authority: codes::authority(measure.by),
    });
    let issuer = certificate.has_known_issuer().then(|| certificate.issuer.name());
    wire::Certificate {
        name: certificate.id.name(),
        number: certificate.number.as_str().to_owned(),
        number_scheme: codes::scheme(certificate.number.scheme()),
        standard: certificate.standard.name(),
        job_type: certificate.job_type.code().to_owned(),
        level: codes::level(certificate.level),
        issuer: issuer.unwrap_or_default(),
        issue_date: certificate.issue_date.to_string(),
        state: codes::state(certificate.state),
        state_since_time: Some(timestamp(certificate.state_since)),
        evidence_until_time: certificate.evidence_until.map(timestamp),
        retry_time: certificate.retry_at.map(timestamp),
        revocation,
        create_time: Some(timestamp(record.create_time)),
        update_time: Some(timestamp(record.update_time)),
        etag: etag::of(certificate.version),
        measure,
        superseded_by: record.superseded_by.as_ref().map(Id::name).unwrap_or_default(),
        evidence_lapsed_time: certificate.lapsed_at.map(timestamp),
        findings: Vec::new(),
    }
}

/// Evidence as it was kept. Who attested it, and what else stands behind the number, is `in_full` for those who may know it.
pub fn recorded_evidence(kept: &KeptEvidence, in_full: bool) -> wire::RecordedEvidence {
    let (evidence, lookup) = (&kept.record.evidence, kept.record.lookup.as_ref());
    let artefact: Vec<String> =
        evidence.artefact_sha256.iter().flatten().map(|byte| format!("{byte:02x}")).collect();
    wire::RecordedEvidence {
        evidence: Some(wire::Evidence {
            source: codes::source(evidence.source),
            result: codes::result(evidence.result),
            check_time: Some(timestamp(evidence.checked_at)),
            artefact_sha256: artefact.concat(),
        }),
        fresh_until_time: Some(timestamp(evidence.fresh_until)),
        by_issuer: evidence.witness == Witness::Issuer,
        organization: kept.record.organization.as_ref().filter(|_| in_full).map(Id::name).unwrap_or_default(),
        record_time: Some(timestamp(kept.record_time)),
        verification_job: lookup
            .map(|lookup| verification_job_name(&kept.record.certificate, &lookup.job))
            .unwrap_or_default(),
        source_name: lookup.map(|lookup| lookup.source.clone()).unwrap_or_default(),
        authentication: lookup
            .and_then(|lookup| lookup.authentication)
            .map(|way| way.code().to_owned())
            .unwrap_or_default(),
        differing_fields: lookup
            .filter(|_| in_full)
            .into_iter()
            .flat_map(|lookup| lookup.differences.fields())
            .map(|field| field.code().to_ascii_lowercase())
            .collect(),
    }
}

/// Something a number says by itself.
pub fn number_finding(finding: &NumberFinding) -> wire::NumberFinding {
    wire::NumberFinding {
        code: finding.code().code().to_owned(),
        message: finding.to_string(),
        message_zh: finding.chinese(),
        severity: codes::severity(finding.severity()),
    }
}

/// A count on the wire. Limits keep every count far below the bound.
pub(super) fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// An import.
pub fn import(import: &RollImport) -> wire::RollImport {
    let totals = &import.totals;
    wire::RollImport {
        name: import.id.name(),
        issuer: import.issuer.name(),
        standard: import.standard.name(),
        file_name: import.file_name.clone(),
        state: codes::import_state(import.state),
        totals: Some(wire::RollTotals {
            create_count: count(totals.create),
            update_count: count(totals.update),
            unchanged_count: count(totals.unchanged),
            ambiguous_count: count(totals.ambiguous),
            invalid_count: count(totals.invalid),
            missing_count: count(totals.missing),
        }),
        row_count: count(totals.rows()),
        applied_count: count(import.applied_count),
        digest: import.digest.clone(),
        create_time: Some(timestamp(import.create_time)),
        apply_time: import.apply_time.map(timestamp),
        etag: etag::of(import.version),
        coverage: codes::coverage(import.coverage),
        format: codes::format(import.format),
        encoding: codes::encoding(import.encoding),
        in_force_count: count(import.in_force),
        withdrawal_count: count(import.withdrawals),
        planner: import.planner.client.name(),
        approver: import.approval.as_ref().map(|by| by.client.name()).unwrap_or_default(),
        approve_time: import.approval.as_ref().map(|by| timestamp(by.time)),
        rolled_back_count: count(import.rolled_back_count),
        kept_count: count(import.kept_count),
        rollback_time: import.rollback_time.map(timestamp),
    }
}

/// A row of a plan.
pub fn row(row: &PlanRow) -> wire::RollImportRow {
    let findings = row.findings.iter().map(|finding| wire::RollFinding {
        column: finding.column.clone(),
        code: finding.code.code().to_owned(),
        message: finding.code.english().to_owned(),
        message_zh: finding.code.chinese().to_owned(),
        before: finding.before.clone(),
        after: finding.after.clone(),
    });
    wire::RollImportRow {
        row: if row.row < MISSING_FROM { count(row.row) } else { 0 },
        verdict: codes::verdict(row.verdict),
        certificate_number: row.number.clone(),
        findings: findings.collect(),
    }
}
