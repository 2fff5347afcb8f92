//! Between the contract's messages and the domain's values.

mod claim;
mod digest;
mod facts;
mod jobs;
mod participants;
mod persons;
mod requests;

pub use claim::{compared, named_document, network_number, require_claim, required_identity};
pub use facts::{
    client_event, guardian_statement_event, organization_event, pairwise_name_event, person_event,
    proofing_event, proofing_job_event, revoked_token_event, signing_key_event, step,
};
pub use jobs::proofing_job;
pub use participants::{
    MAX_SCOPES, NewClient, NewCredential, NewOrganization, client, new_client, new_organization, organization,
};
pub use persons::{Check, View, birth_date, check, hex, person, person_match, proofing};
pub use requests::{introspection, queries, rotation, signing_key, signing_keys, token, token_request};

use greenroom_domain::kernel::{Collection, Id};
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;

/// A resource name that is the whole of a request's question. A name that cannot exist is told as malformed.
pub fn name<K: Collection>(field: &str, text: &str) -> Result<Id<K>, Fault> {
    let mut violations = Violations::new();
    let id = violations.take(field, greenroom_rpc::wire::name::<K>(text));
    violations.finish(id)
}

/// The same where an empty text asks for nothing.
pub fn optional_name<K: Collection>(field: &str, text: &str) -> Result<Option<Id<K>>, Fault> {
    if text.is_empty() { Ok(None) } else { name(field, text).map(Some) }
}
