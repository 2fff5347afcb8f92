//! Room operators and engagements read into the domain's values; everything that is wrong with one is told at once.

use super::parse::{optional_name, visible};
use crate::app::engagements::{Contract, EngagementFilter};
use crate::app::operators::{Applicant, OperatorFilter, Registration, Verified};
use crate::wire::engagement::read_state as read_engagement_state;
use crate::wire::operator::{read_check, read_state};
use crate::wire::policy::read_room_tier;
use greenroom_domain::kernel::{CategoryId, Date, EngagementId, OrganizationId, RoomOperatorId, Timestamp};
use greenroom_domain::registry::{
    Agency, Check, CreditCode, Enterprise, Licence, LicenceProof, OperatorChange, Party,
};
use greenroom_proto::registry::v1 as proto;
use greenroom_proto::registry::v1::operator_licence::Proof;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::mask::Mask;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::{CLOCK_SKEW, date, enum_value, instant, name, text};
use std::collections::BTreeSet;

const MAX_LICENCES: usize = 100;
const DIGEST: usize = 32;

/// What every verification looks at.
const NEEDED: [Check; 3] = [Check::Registration, Check::BusinessAddress, Check::Contact];

/// An operator to register.
pub fn registration(
    request: &proto::RegisterRoomOperatorRequest,
    now: Timestamp,
) -> Result<Registration, Fault> {
    let mut violations = Violations::new();
    let none = proto::RoomOperator::default();
    let given = request.room_operator.as_ref().unwrap_or(&none);
    let applicant = match &given.party {
        Some(proto::room_operator::Party::Enterprise(given)) => {
            enterprise("room_operator.enterprise", given, &mut violations).map(Applicant::Enterprise)
        }
        Some(proto::room_operator::Party::Person(person)) => {
            violations.take("room_operator.person", name(person)).map(Applicant::Individual)
        }
        None => {
            violations.add("room_operator", "must have an enterprise or a person");
            None
        }
    };
    let tier = violations.take("room_operator.tier", enum_value(given.tier)).and_then(read_room_tier);
    let organization = violations.take("room_operator.organization", optional_name(&given.organization));
    let licences = licences(&given.licences, &mut violations);
    let first = request.verification.as_ref();
    let verification = match first.map(|given| verified(given, now, &mut violations)) {
        None => Some(None),
        Some(read) => read.map(Some),
    };
    let whole = applicant.zip(tier).zip(organization.zip(licences)).zip(verification);
    let registration = whole.map(|(((applicant, tier), (organization, licences)), verification)| {
        Registration { applicant, tier, organization, licences, verification }
    });
    violations.finish(registration)
}

/// An operator to change, and how.
pub fn operator_change(
    request: &proto::UpdateRoomOperatorRequest,
) -> Result<(RoomOperatorId, OperatorChange), Fault> {
    let mut violations = Violations::new();
    let none = proto::RoomOperator::default();
    let given = request.room_operator.as_ref().unwrap_or(&none);
    let id = violations.take("room_operator.name", name(&given.name));
    let called = match &given.party {
        Some(proto::room_operator::Party::Enterprise(enterprise)) => enterprise.registered_name.as_str(),
        _ => "",
    };
    let set = [
        ("enterprise.registered_name", !called.is_empty()),
        ("tier", given.tier != 0),
        ("organization", !given.organization.is_empty()),
        ("licences", !given.licences.is_empty()),
    ];
    let mask = Mask::read(request.update_mask.as_ref(), &set, &mut violations);
    let mut change = OperatorChange::default();
    if mask.names("enterprise.registered_name") {
        let path = "room_operator.enterprise.registered_name";
        change.name = violations.take(path, visible(called));
    }
    if mask.names("tier") {
        change.tier = violations.take("room_operator.tier", enum_value(given.tier)).and_then(read_room_tier);
    }
    if mask.names("organization") {
        change.organization =
            violations.take("room_operator.organization", optional_name(&given.organization));
    }
    if mask.names("licences") {
        change.licences = licences(&given.licences, &mut violations);
    }
    violations.finish(id.map(|id| (id, change)))
}

/// An operator that was verified, and how.
pub fn reverification(
    request: &proto::RecordReverificationRequest,
    now: Timestamp,
) -> Result<(RoomOperatorId, Verified), Fault> {
    let mut violations = Violations::new();
    let id = violations.take("name", name(&request.name));
    let none = proto::OperatorVerification::default();
    let verified = verified(request.verification.as_ref().unwrap_or(&none), now, &mut violations);
    violations.finish(id.zip(verified))
}

/// Which operators to list.
pub fn operator_filter(request: &proto::ListRoomOperatorsRequest) -> Result<OperatorFilter, Fault> {
    let mut violations = Violations::new();
    let unknown = "is not a value this service knows";
    let state = proto::RoomOperatorState::try_from(request.state).map_err(|_| unknown);
    let state = violations.take("state", state).map(read_state);
    let tier = violations.take("tier", proto::RoomTier::try_from(request.tier).map_err(|_| unknown));
    let due = violations.take("due_before_time", request.due_before_time.as_ref().map(instant).transpose());
    let filter = state.zip(tier.map(read_room_tier)).zip(due);
    let filter = filter.map(|((state, tier), due_before)| OperatorFilter { state, tier, due_before });
    violations.finish(filter)
}

/// An engagement to record.
pub fn contract(request: &proto::EngageStreamerRequest) -> Result<Contract, Fault> {
    let mut violations = Violations::new();
    let none = proto::Engagement::default();
    let given = request.engagement.as_ref().unwrap_or(&none);
    let streamer = violations.take("engagement.streamer", name(&given.streamer));
    let party = match &given.party {
        Some(proto::engagement::Party::RoomOperator(operator)) => {
            violations.take("engagement.room_operator", name(operator)).map(Party::Operator)
        }
        Some(proto::engagement::Party::Agency(given)) => agency(given, &mut violations).map(Party::Agency),
        None => {
            violations.add("engagement", "must have a room operator or an agency");
            None
        }
    };
    let plain = |text: &str| if text.is_empty() { Ok(String::new()) } else { visible(text) };
    let role = text(&given.role, 0..=64).map(ToOwned::to_owned);
    let role = violations.take("engagement.role", role);
    let contract = violations.take("engagement.contract_reference", plain(&given.contract_reference));
    let filing = violations.take("engagement.filing_reference", plain(&given.filing_reference));
    let from = violations.take("engagement.start_time", given.start_time.as_ref().map(instant).transpose());
    let until = violations.take("engagement.end_time", given.end_time.as_ref().map(instant).transpose());
    let texts = role.zip(contract).zip(filing);
    let whole = streamer.zip(party).zip(texts).zip(from.zip(until));
    let contract = whole.map(|(((streamer, party), ((role, contract), filing)), (from, until))| Contract {
        streamer,
        party,
        role,
        reference: contract,
        filing,
        from,
        until,
    });
    violations.finish(contract)
}

/// An engagement to end, and when.
pub fn ending(request: &proto::EndEngagementRequest) -> Result<(EngagementId, Option<Timestamp>), Fault> {
    let mut violations = Violations::new();
    let id = violations.take("name", name(&request.name));
    let at = violations.take("end_time", request.end_time.as_ref().map(instant).transpose());
    violations.finish(id.zip(at))
}

/// Which engagements to list.
pub fn engagement_filter(request: &proto::ListEngagementsRequest) -> Result<EngagementFilter, Fault> {
    let mut violations = Violations::new();
    let streamer = violations.take("streamer", optional_name(&request.streamer));
    let state = proto::EngagementState::try_from(request.state);
    let state = violations.take("state", state.map_err(|_| "is not a value this service knows"));
    let parties = parties(&request.room_operator, &request.agency, &mut violations);
    let filter = streamer.zip(state).zip(parties).map(|((streamer, state), parties)| EngagementFilter {
        streamer,
        state: read_engagement_state(state),
        parties,
    });
    violations.finish(filter)
}

/// A filter by operator and by agency, as the memory names them.
pub fn parties(operator: &str, agency: &str, violations: &mut Violations) -> Option<Vec<String>> {
    let operator = violations.take("room_operator", optional_name(operator));
    let operator = operator.map(|id: Option<RoomOperatorId>| id.map(|id| id.name()));
    let agency = if agency.is_empty() {
        Some(None)
    } else if let Ok(code) = CreditCode::parse(agency) {
        Some(Some(code.to_string()))
    } else {
        let said = "must be a name of the form `organizations/…` or a unified social credit code";
        let read = OrganizationId::parse_name(agency).map_err(|_| said);
        violations.take("agency", read).map(|id| Some(id.name()))
    };
    operator.zip(agency).map(|(operator, agency)| operator.into_iter().chain(agency).collect())
}

fn agency(given: &proto::Agency, violations: &mut Violations) -> Option<Agency> {
    match &given.agency {
        Some(proto::agency::Agency::Organization(organization)) => {
            violations.take("engagement.agency.organization", name(organization)).map(Agency::Organization)
        }
        Some(proto::agency::Agency::Enterprise(given)) => {
            enterprise("engagement.agency.enterprise", given, violations).map(Agency::Enterprise)
        }
        None => {
            violations.add("engagement.agency", "must have an organization or an enterprise");
            None
        }
    }
}

fn enterprise(field: &str, given: &proto::Enterprise, violations: &mut Violations) -> Option<Enterprise> {
    let called = violations.take(&format!("{field}.registered_name"), visible(&given.registered_name));
    let code = violations.take(&format!("{field}.credit_code"), CreditCode::parse(&given.credit_code));
    called.zip(code).map(|(name, code)| Enterprise { name, code })
}

fn licences(given: &[proto::OperatorLicence], violations: &mut Violations) -> Option<Vec<Licence>> {
    if given.len() > MAX_LICENCES {
        violations.add("room_operator.licences", "must have at most 100 entries");
        return None;
    }
    let read = given.iter().enumerate().map(|(index, one)| licence(index, one, violations));
    let read: Vec<Option<Licence>> = read.collect();
    read.into_iter().collect()
}

fn licence(index: usize, given: &proto::OperatorLicence, violations: &mut Violations) -> Option<Licence> {
    let path = |field: &str| format!("room_operator.licences[{index}].{field}");
    let category = violations.take(&path("category"), CategoryId::try_new(&given.category));
    let proof = match &given.proof {
        Some(Proof::Reference(reference)) => {
            violations.take(&path("reference"), visible(reference)).map(LicenceProof::Reference)
        }
        Some(Proof::NumberDigest(digest)) => {
            violations.take(&path("number_digest"), sha256(digest)).map(LicenceProof::NumberDigest)
        }
        None => {
            violations.add(path("reference"), "a reference or a digest of the number must be given");
            None
        }
    };
    let from = violations.take(&path("from_date"), date(&given.from_date));
    let until = Some(given.until_date.as_str()).filter(|date| !date.is_empty());
    let until = violations.take(&path("until_date"), until.map(date).transpose());
    let (from, until): (Date, Option<Date>) = from.zip(until)?;
    let ordered = until.is_none_or(|until| from <= until);
    violations.require(ordered, &path("until_date"), "must not lie before the first day");
    let (category, proof) = category.zip(proof)?;
    ordered.then_some(Licence { category, proof, from, until })
}

fn verified(
    given: &proto::OperatorVerification,
    now: Timestamp,
    violations: &mut Violations,
) -> Option<Verified> {
    let mut checks = BTreeSet::new();
    for (index, number) in given.checks.iter().enumerate() {
        let field = format!("verification.checks[{index}]");
        checks.extend(violations.take(&field, enum_value(*number)).and_then(read_check));
    }
    let complete = NEEDED.iter().all(|needed| checks.contains(needed));
    violations.require(
        complete,
        "verification.checks",
        "must have REGISTRATION, BUSINESS_ADDRESS and CONTACT: an operator is verified as a whole",
    );
    let at = given.verify_time.as_ref().ok_or("must be set").and_then(instant);
    let at =
        at.and_then(|at| if at <= now.plus(CLOCK_SKEW) { Ok(at) } else { Err("must not lie in the future") });
    let at = violations.take("verification.verify_time", at);
    let digest = violations.take("verification.artefact_digest", sha256(&given.artefact_digest));
    let (at, artefact_digest) = at.zip(digest)?;
    Some(Verified { checks, at: at.min(now), artefact_digest })
}

fn sha256(given: &[u8]) -> Result<Vec<u8>, &'static str> {
    if given.len() == DIGEST { Ok(given.to_vec()) } else { Err("must have 32 bytes, a SHA-256 digest") }
}
