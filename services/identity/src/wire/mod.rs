//! Between the contract's messages and the domain's values.

mod batch;
mod claim;
mod digest;
mod facts;
mod jobs;
mod participants;
mod persons;
mod records;
mod requests;

pub use batch::{registration_failure, registration_outcome, registrations};
pub use claim::{Comparison, comparison, required_identity};
pub use facts::{
    client_event, guardian_statement_event, organization_event, pairwise_name_event, person_event,
    proofing_event, proofing_job_event, revoked_token_event, signing_key_event, step,
};
pub use jobs::{proofing_job, proofing_job_name};
pub use participants::{
    Acting, AddedKey, ClientChange, MAX_SCOPES, NOT_FUTURE, NewClient, NewCredential, NewKey,
    NewOrganization, OrganizationChange, Rotation, added_key, client, client_change, client_filter,
    ensure_usable, new_client, new_organization, organization, organization_change, revoked_key, rotation,
    suspension,
};
pub use persons::{
    Check, View, birth_date, check, day_after, document_type, person, person_match, proofing, running_hold,
};
pub use records::{Statement, consent, freezing, pairwise_name, withdrawal};
pub use requests::rotation as key_rotation;
pub use requests::{introspection, queries, signing_key, signing_keys, token, token_request};

use greenroom_domain::kernel::{Collection, Id, Timestamp};
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;

/// A resource name that is the whole of a request's question. A name that cannot exist is told as malformed.
pub fn name<K: Collection>(field: &str, text: &str) -> Result<Id<K>, Fault> {
    let mut violations = Violations::new();
    let id = violations.take(field, greenroom_rpc::wire::name::<K>(text));
    violations.finish(id)
}

/// An instant of a request, if it names one.
pub fn optional_instant(
    field: &str,
    given: Option<&prost_types::Timestamp>,
) -> Result<Option<Timestamp>, Fault> {
    let Some(given) = given else { return Ok(None) };
    let mut violations = Violations::new();
    let read = violations.take(field, greenroom_rpc::wire::instant(given));
    violations.finish(read).map(Some)
}
