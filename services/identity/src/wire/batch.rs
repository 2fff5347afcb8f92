//! Many persons in one request. What is wrong with an item is that item's own outcome.

use super::claim::required_identity;
use super::persons::{Check, check};
use crate::app::Registration;
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::person_registration::Identity as Given;
use greenroom_proto::identity::v1::person_registration_outcome::Outcome;
use greenroom_proto::identity::v1::register_person_request::Identity;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;

/// The most persons of one call.
const MAX_REGISTRATIONS: usize = 1000;

/// Reads the items of one call, their checks made at the latest at `now`.
pub fn registrations(
    given: Vec<proto::PersonRegistration>,
    now: Timestamp,
) -> Result<Vec<Result<Registration, proto::RegistrationFailure>>, Fault> {
    let mut violations = Violations::new();
    violations.require(given.len() <= MAX_REGISTRATIONS, "registrations", "must be at most 1000");
    violations.finish(Some(()))?;
    Ok(given.into_iter().map(|item| registration(item, now)).collect())
}

/// One item, with every fault of its identity and its check told at once.
fn registration(
    item: proto::PersonRegistration,
    now: Timestamp,
) -> Result<Registration, proto::RegistrationFailure> {
    let identity = item.identity.map(|given| match given {
        Given::Claim(claim) => Identity::Claim(claim),
        Given::NetworkIdentity(identity) => Identity::NetworkIdentity(identity),
    });
    let known = required_identity(identity.as_ref(), now);
    let told: Option<Result<Check, Fault>> = item.proofing.map(|proofing| check(Some(&proofing), now));
    match (known, told.transpose()) {
        (Ok(known), Ok(check)) => Ok(Registration { known, check }),
        (Err(one), Err(other)) => {
            Err(registration_failure(Fault::fields(one.into_violations().and(other.into_violations()))))
        }
        (Err(fault), _) | (_, Err(fault)) => Err(registration_failure(fault)),
    }
}

/// Why an item is not carried out, as a call for this person alone would tell it.
pub fn registration_failure(fault: Fault) -> proto::RegistrationFailure {
    let (reason, message) = (fault.reason().to_owned(), fault.message().to_owned());
    let field_faults = fault
        .into_violations()
        .into_iter()
        .map(|(field, description)| proto::RegistrationFieldFault { field, description })
        .collect();
    proto::RegistrationFailure { reason, message, field_faults }
}

/// What came of one item.
pub fn registration_outcome(
    outcome: Result<proto::Person, proto::RegistrationFailure>,
) -> proto::PersonRegistrationOutcome {
    let outcome = match outcome {
        Ok(person) => Outcome::Person(person),
        Err(failure) => Outcome::Failure(failure),
    };
    proto::PersonRegistrationOutcome { outcome: Some(outcome) }
}
