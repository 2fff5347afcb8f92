//! What came of the claims of a batch.

use crate::error::Error;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::verification_outcome::Outcome;
use greenroom_rpc::fault::Fault;

/// What came of one claim: how it stands, or what a call for it alone would fail with.
pub fn verification_outcome(
    outcome: Result<wire::VerifyCertificateResponse, Error>,
) -> wire::VerificationOutcome {
    let outcome = match outcome {
        Ok(verification) => Outcome::Verification(verification),
        Err(error) => Outcome::Failure(failure(error.into())),
    };
    wire::VerificationOutcome { outcome: Some(outcome) }
}

fn failure(fault: Fault) -> wire::VerificationFailure {
    let (reason, message) = (fault.reason().to_owned(), fault.message().to_owned());
    let told = fault.into_violations().into_iter();
    let field_faults =
        told.map(|(field, description)| wire::VerificationFieldFault { field, description }).collect();
    wire::VerificationFailure { reason, message, field_faults }
}
