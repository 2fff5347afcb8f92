//! Room operators, on the wire and back.

use super::fact::encoded;
use super::optional;
use super::policy::{read_room_tier, room_tier};
use greenroom_domain::kernel::{CategoryId, Collection, Date, Id, PersonId, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::{
    Check, CreditCode, Enterprise, Licence, LicenceProof, OperatorParty, OperatorState, OperatorVerification,
    Record, RecordKind, RoomOperator,
};
use greenroom_proto::registry::v1::operator_licence::Proof;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::room_operator::Party;
use greenroom_proto::registry::v1::{self as proto, RegistryFact};
use greenroom_rpc::etag;
use greenroom_rpc::wire::{instant, timestamp};
use prost::Message as _;

/// A room operator as its platform sees it.
pub fn room_operator(operator: &RoomOperator) -> proto::RoomOperator {
    proto::RoomOperator { etag: etag::of(operator.version), ..bare(operator) }
}

/// The same in a list: with its newest verification alone.
pub fn listed(operator: &RoomOperator) -> proto::RoomOperator {
    let told = room_operator(operator);
    proto::RoomOperator { verifications: told.verifications.last().cloned().into_iter().collect(), ..told }
}

/// A room operator as it is kept.
pub fn record(operator: &RoomOperator) -> Record {
    let person = match &operator.party {
        OperatorParty::Enterprise(_) => String::new(),
        OperatorParty::Individual { person, .. } => person.name(),
    };
    let fact = proto::RoomOperatorFact {
        room_operator: Some(bare(operator)),
        person,
        version: operator.version.as_i64(),
    };
    let takes_part = operator.state == OperatorState::Registered;
    Record {
        name: operator.id.name(),
        kind: RecordKind::RoomOperator,
        owner: operator.platform.clone(),
        about: String::new(),
        // Whoever was withdrawn may be registered anew.
        key: takes_part.then(|| operator.party.key()),
        state: operator.state.code().to_owned(),
        version: operator.version,
        created_at: operator.created_at,
        updated_at: operator.updated_at,
        fact: encoded(Fact::RoomOperator(fact)),
    }
}

/// A room operator read back from its record.
pub fn of_record(record: &Record) -> Result<RoomOperator, StoreError> {
    let fact = RegistryFact::decode(record.fact.as_slice()).ok().and_then(|fact| fact.fact);
    let read = match fact {
        Some(Fact::RoomOperator(fact)) => of_fact(&fact),
        _ => None,
    };
    read.ok_or_else(|| StoreError::Damaged(format!("the fact of `{}`", record.name)))
}

/// A room operator read back. `None` if it is none that [`record`] wrote.
pub fn of_fact(fact: &proto::RoomOperatorFact) -> Option<RoomOperator> {
    let told = fact.room_operator.as_ref()?;
    let party = match told.party.as_ref()? {
        Party::Enterprise(given) => OperatorParty::Enterprise(read_enterprise(given)?),
        Party::Person(pairwise) => {
            OperatorParty::Individual { person: id(&fact.person)?, pairwise: id(pairwise)? }
        }
    };
    let organization = Some(told.organization.as_str()).filter(|name| !name.is_empty());
    Some(RoomOperator {
        id: id(&told.name)?,
        platform: id(&told.platform)?,
        party,
        tier: read_room_tier(proto::RoomTier::try_from(told.tier).ok()?)?,
        organization: organization.map(Id::parse_name).transpose().ok()?,
        licences: told.licences.iter().map(read_licence).collect::<Option<_>>()?,
        verifications: told.verifications.iter().map(read_verification).collect::<Option<_>>()?,
        state: read_state(proto::RoomOperatorState::try_from(told.state).ok()?)?,
        created_at: at(told.create_time.as_ref())?,
        updated_at: at(told.update_time.as_ref())?,
        version: Version::new(fact.version),
    })
}

fn bare(operator: &RoomOperator) -> proto::RoomOperator {
    let party = match &operator.party {
        OperatorParty::Enterprise(known) => Party::Enterprise(enterprise(known)),
        OperatorParty::Individual { pairwise, .. } => Party::Person(pairwise.name()),
    };
    let state = match operator.state {
        OperatorState::Registered => proto::RoomOperatorState::Registered,
        OperatorState::Withdrawn => proto::RoomOperatorState::Withdrawn,
    };
    proto::RoomOperator {
        name: operator.id.name(),
        platform: operator.platform.name(),
        party: Some(party),
        tier: room_tier(operator.tier).into(),
        organization: operator.organization.as_ref().map(Id::name).unwrap_or_default(),
        licences: operator.licences.iter().map(licence).collect(),
        verifications: operator.verifications.iter().map(verification).collect(),
        verified_until_time: optional(operator.verified_until()),
        state: state.into(),
        create_time: Some(timestamp(operator.created_at)),
        update_time: Some(timestamp(operator.updated_at)),
        etag: String::new(),
    }
}

/// An organization with its entry in the national register.
pub fn enterprise(enterprise: &Enterprise) -> proto::Enterprise {
    proto::Enterprise { registered_name: enterprise.name.clone(), credit_code: enterprise.code.to_string() }
}

/// The same read back.
pub fn read_enterprise(given: &proto::Enterprise) -> Option<Enterprise> {
    let code = CreditCode::parse(&given.credit_code).ok()?;
    Some(Enterprise { name: given.registered_name.clone(), code })
}

/// A state from the wire.
pub const fn read_state(state: proto::RoomOperatorState) -> Option<OperatorState> {
    match state {
        proto::RoomOperatorState::Unspecified => None,
        proto::RoomOperatorState::Registered => Some(OperatorState::Registered),
        proto::RoomOperatorState::Withdrawn => Some(OperatorState::Withdrawn),
    }
}

const fn check(check: Check) -> proto::OperatorCheck {
    match check {
        Check::Registration => proto::OperatorCheck::Registration,
        Check::BusinessAddress => proto::OperatorCheck::BusinessAddress,
        Check::Contact => proto::OperatorCheck::Contact,
        Check::Licences => proto::OperatorCheck::Licences,
    }
}

/// A check from the wire.
pub const fn read_check(check: proto::OperatorCheck) -> Option<Check> {
    match check {
        proto::OperatorCheck::Unspecified => None,
        proto::OperatorCheck::Registration => Some(Check::Registration),
        proto::OperatorCheck::BusinessAddress => Some(Check::BusinessAddress),
        proto::OperatorCheck::Contact => Some(Check::Contact),
        proto::OperatorCheck::Licences => Some(Check::Licences),
    }
}

fn licence(licence: &Licence) -> proto::OperatorLicence {
    let proof = match &licence.proof {
        LicenceProof::Reference(reference) => Proof::Reference(reference.clone()),
        LicenceProof::NumberDigest(digest) => Proof::NumberDigest(digest.clone()),
    };
    proto::OperatorLicence {
        category: licence.category.as_str().to_owned(),
        proof: Some(proof),
        from_date: licence.from.to_string(),
        until_date: licence.until.map(|date| date.to_string()).unwrap_or_default(),
    }
}

fn read_licence(given: &proto::OperatorLicence) -> Option<Licence> {
    let proof = match given.proof.as_ref()? {
        Proof::Reference(reference) => LicenceProof::Reference(reference.clone()),
        Proof::NumberDigest(digest) => LicenceProof::NumberDigest(digest.clone()),
    };
    let until = Some(given.until_date.as_str()).filter(|date| !date.is_empty());
    Some(Licence {
        category: CategoryId::try_new(&given.category).ok()?,
        proof,
        from: Date::parse(&given.from_date).ok()?,
        until: until.map(Date::parse).transpose().ok()?,
    })
}

fn verification(verification: &OperatorVerification) -> proto::OperatorVerification {
    proto::OperatorVerification {
        checks: verification.checks.iter().map(|one| check(*one).into()).collect(),
        verify_time: Some(timestamp(verification.verified_at)),
        artefact_digest: verification.artefact_digest.clone(),
        record_time: Some(timestamp(verification.recorded_at)),
        client: verification.client.name(),
        person: verification.person.as_ref().map(PersonId::name).unwrap_or_default(),
    }
}

fn read_verification(given: &proto::OperatorVerification) -> Option<OperatorVerification> {
    let person = Some(given.person.as_str()).filter(|name| !name.is_empty());
    let checks = given.checks.iter().map(|number| proto::OperatorCheck::try_from(*number).ok());
    Some(OperatorVerification {
        checks: checks.map(|check| check.and_then(read_check)).collect::<Option<_>>()?,
        verified_at: at(given.verify_time.as_ref())?,
        artefact_digest: given.artefact_digest.clone(),
        recorded_at: at(given.record_time.as_ref())?,
        client: id(&given.client)?,
        person: person.map(Id::parse_name).transpose().ok()?,
    })
}

fn id<K: Collection>(name: &str) -> Option<Id<K>> {
    Id::parse_name(name).ok()
}

fn at(timestamp: Option<&prost_types::Timestamp>) -> Option<Timestamp> {
    timestamp.and_then(|timestamp| instant(timestamp).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::registry::RoomTier;

    fn operator(party: OperatorParty) -> RoomOperator {
        let at = Timestamp::from_micros;
        let licence = |proof, until| Licence {
            category: Id::try_new("food").unwrap(),
            proof,
            from: Date::parse("2026-01-01").unwrap(),
            until,
        };
        RoomOperator {
            id: Id::try_new("studio").unwrap(),
            platform: Id::try_new("shop").unwrap(),
            party,
            tier: RoomTier::Key,
            organization: Id::try_new("studio-inc").ok(),
            licences: vec![
                licence(LicenceProof::Reference("file".to_owned()), None),
                licence(LicenceProof::NumberDigest(vec![1; 32]), Date::parse("2026-12-31").ok()),
            ],
            verifications: vec![OperatorVerification {
                checks: Check::ALL.into(),
                verified_at: at(7),
                artefact_digest: vec![2; 32],
                recorded_at: at(8),
                client: Id::try_new("backend").unwrap(),
                person: Id::try_new("clerk").ok(),
            }],
            state: OperatorState::Registered,
            created_at: at(5),
            updated_at: at(9),
            version: Version::new(3),
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let code = CreditCode::parse("91350100M000100Y43").unwrap();
        let enterprise = operator(OperatorParty::Enterprise(Enterprise { name: "甲".to_owned(), code }));
        let person = |name| Id::try_new(name).unwrap();
        let party = OperatorParty::Individual { person: person("suite-p"), pairwise: person("p") };
        let individual = RoomOperator { tier: RoomTier::Large, ..operator(party) };
        let gone = RoomOperator { state: OperatorState::Withdrawn, organization: None, ..individual.clone() };
        for one in [enterprise, individual, gone] {
            assert_eq!(of_record(&record(&one)).unwrap(), one);
        }
    }

    #[test]
    fn what_the_platform_sees_of_a_person_is_its_own_name_alone() {
        let person = |name| Id::try_new(name).unwrap();
        let party = OperatorParty::Individual { person: person("suite-p"), pairwise: person("p") };
        let told = room_operator(&operator(party));
        assert_eq!(told.party, Some(Party::Person("persons/p".to_owned())));
        assert!(!format!("{told:?}").contains("suite-p"));
    }
}
