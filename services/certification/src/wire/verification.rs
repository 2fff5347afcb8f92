//! Jobs and sources as messages.

use super::codes;
use crate::sources::Configured;
use greenroom_domain::certification::{Confirmation, VerificationJob};
use greenroom_domain::kernel::CertificateId;
use greenroom_domain::source::JobState;
use greenroom_proto::certification::v1 as wire;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::source::Health;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::timestamp;
use std::collections::BTreeMap;

/// A job's state on the wire.
pub fn job_state(state: JobState) -> i32 {
    wire::VerificationJobState::from_str_name(&format!("VERIFICATION_JOB_STATE_{}", state.code()))
        .unwrap_or_default()
        .into()
}

/// The resource name of a job.
pub fn verification_job_name(certificate: &CertificateId, id: &str) -> String {
    format!("{}/verificationJobs/{id}", certificate.name())
}

/// A job.
pub fn verification_job(job: &VerificationJob) -> wire::VerificationJob {
    wire::VerificationJob {
        name: verification_job_name(&job.subject, &job.id),
        source: job.source.clone(),
        state: job_state(job.state),
        result: job.result.map(codes::result).unwrap_or_default(),
        attempt_count: i32::try_from(job.attempts).unwrap_or(i32::MAX),
        next_attempt_time: job.next_attempt.map(timestamp),
        create_time: Some(timestamp(job.create_time)),
        update_time: Some(timestamp(job.update_time)),
    }
}

/// The certificate and the job that a name names.
pub fn parse_verification_job(field: &str, text: &str) -> Result<(CertificateId, String), Fault> {
    let parts = text.split_once("/verificationJobs/").and_then(|(certificate, job)| {
        let certificate = CertificateId::parse_name(certificate).ok()?;
        let plain = (1..=63).contains(&job.len())
            && job.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain.then(|| (certificate, job.to_owned()))
    });
    let mut violations = Violations::new();
    let said = "must be a name of the form `certificates/…/verificationJobs/…`";
    let parts = violations.take(field, parts.ok_or(said));
    violations.finish(parts)
}

/// How a source has answered this process.
pub fn health(health: Option<Health>) -> wire::SourceHealth {
    match health {
        None => wire::SourceHealth::Unspecified,
        Some(Health::Up) => wire::SourceHealth::Up,
        Some(Health::Down) => wire::SourceHealth::Down,
    }
}

/// A source.
pub fn source(source: &Configured) -> wire::CertificateSource {
    let record = source.gate.record();
    wire::CertificateSource {
        name: source.name.clone(),
        kind: codes::source(source.kind.evidence),
        health: health(record.health).into(),
        last_answer_time: record.last_answer.map(timestamp),
        outage_count: i32::try_from(record.outages).unwrap_or(i32::MAX),
        automatic: source.kind.automatic,
    }
}

/// How sure the years of the calendar are.
pub fn working_years(years: &BTreeMap<i32, Confirmation>) -> Vec<wire::WorkingYear> {
    let year = |(year, sure): (&i32, &Confirmation)| wire::WorkingYear {
        year: *year,
        confirmation: codes::confirmation(*sure),
    };
    years.iter().map(year).collect()
}
