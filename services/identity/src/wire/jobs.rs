//! Jobs that ask a source.

use super::persons::wire_result;
use greenroom_domain::identity::{JobState, ProofingJob};
use greenroom_domain::kernel::PersonId;
use greenroom_proto::identity::v1 as proto;
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

/// A job on the wire, under the caller's own name for the person.
pub fn proofing_job(job: &ProofingJob, person: &PersonId) -> proto::ProofingJob {
    proto::ProofingJob {
        name: format!("{}/proofingJobs/{}", person.name(), job.id),
        source: job.source.clone(),
        state: job_state(job.state).into(),
        result: job.result.map_or(0, |result| wire_result(result).into()),
        attempt_count: i32::try_from(job.attempts).unwrap_or(i32::MAX),
        next_attempt_time: job.next_attempt.map(timestamp),
        create_time: Some(timestamp(job.create_time)),
        update_time: Some(timestamp(job.update_time)),
    }
}
