//! Between the contract's messages and the domain's values.

mod claim;
mod digest;
mod facts;
mod participants;
mod persons;
mod requests;

pub use claim::{Claim, require_claim};
pub use facts::{
    client_event, organization_event, pairwise_name_event, person_event, proofing_event, signing_key_event,
    step,
};
pub use participants::{
    MAX_SCOPES, NewClient, NewCredential, NewOrganization, client, new_client, new_organization, organization,
};
pub use persons::{Check, View, check, person, person_match};
pub use requests::{queries, token_request};

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
