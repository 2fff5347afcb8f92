//! Jobs that ask a source.

use super::persons::{day_of, wire_result};
use greenroom_domain::identity::ProofingJob;
use greenroom_domain::kernel::{OrganizationId, PersonId};
use greenroom_domain::source::JobState;
use greenroom_proto::identity::v1 as proto;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::timestamp;

/// A job's state on the wire.
pub const fn job_state(state: JobState) -> proto::ProofingJobState {
    match state {
        JobState::Pending => proto::ProofingJobState::Pending,
        JobState::Waiting => proto::ProofingJobState::Waiting,
        JobState::Outage => proto::ProofingJobState::Outage,
        JobState::Concluded => proto::ProofingJobState::Concluded,
        JobState::GivenUp => proto::ProofingJobState::GivenUp,
    }
}

/// A job on the wire, as the organization sees it that calls the person `person` and the job `shown`.
///
/// Who did not begin it is told its instants to the day, so that two organizations cannot know a person again by them.
pub fn proofing_job(
    job: &ProofingJob,
    person: &PersonId,
    shown: &str,
    viewer: &OrganizationId,
) -> proto::ProofingJob {
    let own = job.actor.organization.as_ref() == Some(viewer);
    let told = |instant| timestamp(if own { instant } else { day_of(instant) });
    proto::ProofingJob {
        name: format!("{}/proofingJobs/{shown}", person.name()),
        source: job.source.clone(),
        state: job_state(job.state).into(),
        result: job.result.map_or(0, |result| wire_result(result).into()),
        attempt_count: i32::try_from(job.attempts).unwrap_or(i32::MAX),
        next_attempt_time: job.next_attempt.map(told),
        create_time: Some(told(job.create_time)),
        update_time: Some(told(job.update_time)),
    }
}

/// The person and the job that a name names, as the caller calls them.
pub fn proofing_job_name(field: &str, text: &str) -> Result<(PersonId, String), Fault> {
    let parts = text.split_once("/proofingJobs/").and_then(|(person, job)| {
        let person = PersonId::parse_name(person).ok()?;
        let plain = (1..=63).contains(&job.len())
            && job.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain.then(|| (person, job.to_owned()))
    });
    let mut violations = Violations::new();
    let said = "must be a name of the form `persons/…/proofingJobs/…`";
    let parts = violations.take(field, parts.ok_or(said));
    violations.finish(parts)
}
