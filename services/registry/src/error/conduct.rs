//! What can go wrong with conduct, blocklists and administrators.

use crate::wire::decision::decision as to_wire;
use greenroom_domain::kernel::{AppealId, OverrideId, SanctionId, Timestamp};
use greenroom_domain::registry::{Decision, Permission, Reason};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::fault::Fault;
use prost::Message as _;
use tonic::Code;

/// How large a decision may be that travels in a header.
const LARGEST_DETAIL: usize = 3 * 1024;

/// Why a call about conduct, blocklists or administrators fails.
#[derive(Debug, thiserror::Error)]
pub enum ConductError {
    /// The caller has no such resource.
    #[error("there is no `{0}`")]
    NotFound(String),
    /// In its state the resource does not change so.
    #[error("`{resource}` is `{state}`")]
    StateWrong {
        /// Its name.
        resource: String,
        /// Its state.
        state: &'static str,
    },
    /// There is an appeal already.
    #[error("there is the appeal `{0}` against the sanction already")]
    AppealExists(AppealId),
    /// The time for an appeal is over.
    #[error("an appeal against `{sanction}` was possible until {until}")]
    AppealTooLate {
        /// Against which sanction.
        sanction: SanctionId,
        /// Until when.
        until: Timestamp,
    },
    /// Whoever imposed a sanction does not decide about the appeal.
    #[error("whoever imposed the sanction does not decide about the appeal `{0}`")]
    ReviewerNotIndependent(AppealId),
    /// The person behind the client does not have the level that the platform's policy demands.
    #[error("the platform's policy for `{}` is not met by whoever acts: {}", .permission.code(), whom(.decision.as_deref()))]
    AdministratorNotQualified {
        /// For what.
        permission: Permission,
        /// Why; none where no person acts through the client.
        decision: Option<Box<Decision>>,
    },
    /// The method is for clients through which a person acts.
    #[error("no person acts through the calling client")]
    PersonRequired,
    /// An override of the same person is active.
    #[error("the override `{0}` is active")]
    OverrideActive(OverrideId),
}

fn codes(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| reason.code.code()).collect::<Vec<_>>().join(", ")
}

fn whom(decision: Option<&Decision>) -> String {
    decision.map_or_else(|| "no person acts through the client".to_owned(), |it| codes(&it.reasons))
}

/// As much of a decision as a header bears: the codes of all reasons stand beside it.
fn short(decision: &Decision) -> proto::Decision {
    let mut told = to_wire(decision);
    while told.encoded_len() > LARGEST_DETAIL && told.reasons.pop().is_some() {}
    told
}

impl From<ConductError> for Fault {
    fn from(error: ConductError) -> Self {
        let said = error.to_string();
        let fault = |code, reason| Self::new(code, reason, said);
        match error {
            ConductError::NotFound(name) => {
                fault(Code::NotFound, "RESOURCE_NOT_FOUND").with("resource", name)
            }
            ConductError::StateWrong { resource, state } => {
                let fault = fault(Code::FailedPrecondition, "RESOURCE_STATE_WRONG");
                fault.with("resource", resource).with("state", state)
            }
            ConductError::AppealExists(id) => {
                fault(Code::AlreadyExists, "APPEAL_EXISTS").with("appeal", id.name())
            }
            ConductError::AppealTooLate { sanction, until } => {
                let fault = fault(Code::FailedPrecondition, "APPEAL_TOO_LATE");
                fault.with("sanction", sanction.name()).with("appeal_until_time", until)
            }
            ConductError::ReviewerNotIndependent(id) => {
                fault(Code::PermissionDenied, "REVIEWER_NOT_INDEPENDENT").with("appeal", id.name())
            }
            ConductError::AdministratorNotQualified { permission, decision } => {
                let fault = fault(Code::PermissionDenied, "ADMINISTRATOR_NOT_QUALIFIED");
                let fault = fault.with("permission", permission.code());
                match decision {
                    Some(decision) => fault
                        .with("reasons", codes(&decision.reasons))
                        .attach("greenroom.registry.v1.Decision", &short(&decision)),
                    None => fault.with("reasons", "PERSON_REQUIRED"),
                }
            }
            ConductError::PersonRequired => fault(Code::PermissionDenied, "PERSON_REQUIRED"),
            ConductError::OverrideActive(id) => {
                fault(Code::AlreadyExists, "OVERRIDE_ACTIVE").with("override", id.name())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::kernel::Id;
    use greenroom_domain::registry::{Facts, Freshness, IdentityFact, Question, decide};
    use greenroom_proto::registry::v1::ErrorReason;
    use std::sync::Arc;
    use tonic::Status;

    fn refusal() -> Decision {
        let now = Timestamp::from_micros(1);
        let facts = Facts::of_person(IdentityFact::unknown(now), Arc::default());
        decide(&facts, &Question::default(), &[], &Freshness::all_at(now), now)
    }

    #[test]
    fn every_reason_stands_in_the_contract() {
        let errors = [
            ConductError::NotFound("violations/v".to_owned()),
            ConductError::StateWrong { resource: "violations/v".to_owned(), state: "REVERSED" },
            ConductError::AppealExists(Id::try_new("a").unwrap()),
            ConductError::AppealTooLate {
                sanction: Id::try_new("s").unwrap(),
                until: Timestamp::from_micros(1),
            },
            ConductError::ReviewerNotIndependent(Id::try_new("a").unwrap()),
            ConductError::AdministratorNotQualified { permission: Permission::SetPolicy, decision: None },
            ConductError::PersonRequired,
            ConductError::OverrideActive(Id::try_new("o").unwrap()),
        ];
        for error in errors {
            let reason = Fault::from(error).reason();
            assert!(ErrorReason::from_str_name(&format!("ERROR_REASON_{reason}")).is_some(), "{reason}");
        }
    }

    #[test]
    fn an_unqualified_administrator_is_told_the_whole_decision() {
        let decision = refusal();
        let permission = Permission::ImposeSanction;
        let error =
            ConductError::AdministratorNotQualified { permission, decision: Some(Box::new(decision)) };
        let status = Status::from(Fault::from(error));
        let details = tonic_types::pb::Status::decode(status.details()).unwrap().details;
        let told = details.iter().find(|any| any.type_url.ends_with("greenroom.registry.v1.Decision"));
        let told = proto::Decision::decode(told.unwrap().value.as_slice()).unwrap();
        let names = told.reasons.iter().map(|reason| reason.code().as_str_name());
        let names: Vec<&str> = names.filter_map(|name| name.strip_prefix("REASON_CODE_")).collect();
        assert!(names.contains(&"IDENTITY_UNVERIFIED"), "{names:?}");
        let info = tonic_types::StatusExt::get_details_error_info(&status).unwrap();
        assert_eq!(info.metadata["reasons"], names.join(", "));
        assert!(status.details().len() < 4_096);
    }
}
