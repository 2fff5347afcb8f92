//! Engagements of streamers, on the wire and back.

use super::fact::encoded;
use super::operator::{enterprise, read_enterprise};
use super::optional;
use greenroom_domain::kernel::{Collection, Id, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::{Agency, Engagement, EngagementState, Party, Record, RecordKind};
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{self as proto, RegistryFact};
use greenroom_rpc::etag;
use greenroom_rpc::wire::{instant, timestamp};
use prost::Message as _;

/// The state of an engagement as it is kept: how it stands is a matter of time.
const RECORDED: &str = "RECORDED";

/// An engagement as its platform sees it at an instant.
pub fn engagement(engagement: &Engagement, now: Timestamp) -> proto::Engagement {
    proto::Engagement {
        state: state(engagement.state(now)).into(),
        etag: etag::of(engagement.version),
        ..bare(engagement)
    }
}

/// An engagement as it is kept.
pub fn record(engagement: &Engagement) -> Record {
    let fact = proto::EngagementFact {
        engagement: Some(bare(engagement)),
        platform: engagement.platform.name(),
        version: engagement.version.as_i64(),
    };
    Record {
        name: engagement.id.name(),
        kind: RecordKind::Engagement,
        owner: engagement.platform.clone(),
        about: engagement.streamer.name(),
        key: None,
        state: RECORDED.to_owned(),
        version: engagement.version,
        created_at: engagement.created_at,
        updated_at: engagement.updated_at,
        fact: encoded(Fact::Engagement(fact)),
    }
}

/// An engagement read back from its record.
pub fn of_record(record: &Record) -> Result<Engagement, StoreError> {
    let fact = RegistryFact::decode(record.fact.as_slice()).ok().and_then(|fact| fact.fact);
    let read = match fact {
        Some(Fact::Engagement(fact)) => of_fact(&fact),
        _ => None,
    };
    read.ok_or_else(|| StoreError::Damaged(format!("the fact of `{}`", record.name)))
}

/// An engagement read back. `None` if it is none that [`record`] wrote.
pub fn of_fact(fact: &proto::EngagementFact) -> Option<Engagement> {
    let told = fact.engagement.as_ref()?;
    let party = match told.party.as_ref()? {
        proto::engagement::Party::RoomOperator(name) => Party::Operator(id(name)?),
        proto::engagement::Party::Agency(given) => Party::Agency(read_agency(given)?),
    };
    Some(Engagement {
        id: id(&told.name)?,
        platform: id(&fact.platform)?,
        streamer: id(&told.streamer)?,
        party,
        role: told.role.clone(),
        contract: told.contract_reference.clone(),
        filing: told.filing_reference.clone(),
        from: at(told.start_time.as_ref())?,
        until: at(told.end_time.as_ref()),
        created_at: at(told.create_time.as_ref())?,
        updated_at: at(told.update_time.as_ref())?,
        version: Version::new(fact.version),
    })
}

fn bare(engagement: &Engagement) -> proto::Engagement {
    let party = match &engagement.party {
        Party::Operator(operator) => proto::engagement::Party::RoomOperator(operator.name()),
        Party::Agency(known) => proto::engagement::Party::Agency(agency(known)),
    };
    proto::Engagement {
        name: engagement.id.name(),
        streamer: engagement.streamer.name(),
        party: Some(party),
        role: engagement.role.clone(),
        contract_reference: engagement.contract.clone(),
        filing_reference: engagement.filing.clone(),
        start_time: Some(timestamp(engagement.from)),
        end_time: optional(engagement.until),
        create_time: Some(timestamp(engagement.created_at)),
        update_time: Some(timestamp(engagement.updated_at)),
        ..proto::Engagement::default()
    }
}

/// An agency.
pub fn agency(agency: &Agency) -> proto::Agency {
    let agency = match agency {
        Agency::Organization(organization) => proto::agency::Agency::Organization(organization.name()),
        Agency::Enterprise(known) => proto::agency::Agency::Enterprise(enterprise(known)),
    };
    proto::Agency { agency: Some(agency) }
}

fn read_agency(given: &proto::Agency) -> Option<Agency> {
    Some(match given.agency.as_ref()? {
        proto::agency::Agency::Organization(name) => Agency::Organization(id(name)?),
        proto::agency::Agency::Enterprise(given) => Agency::Enterprise(read_enterprise(given)?),
    })
}

const fn state(state: EngagementState) -> proto::EngagementState {
    match state {
        EngagementState::Planned => proto::EngagementState::Planned,
        EngagementState::Current => proto::EngagementState::Current,
        EngagementState::Ended => proto::EngagementState::Ended,
    }
}

/// A state from the wire.
pub const fn read_state(state: proto::EngagementState) -> Option<EngagementState> {
    match state {
        proto::EngagementState::Unspecified => None,
        proto::EngagementState::Planned => Some(EngagementState::Planned),
        proto::EngagementState::Current => Some(EngagementState::Current),
        proto::EngagementState::Ended => Some(EngagementState::Ended),
    }
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
    use greenroom_domain::registry::{CreditCode, Enterprise};

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let at = Timestamp::from_micros;
        let code = CreditCode::parse("91350100M000100Y43").unwrap();
        let parties = [
            (Party::Operator(Id::try_new("studio").unwrap()), None),
            (Party::Agency(Agency::Organization(Id::try_new("mcn").unwrap())), Some(at(9))),
            (Party::Agency(Agency::Enterprise(Enterprise { name: "乙".to_owned(), code })), None),
        ];
        for (party, until) in parties {
            let one = Engagement {
                id: Id::try_new("e").unwrap(),
                platform: Id::try_new("shop").unwrap(),
                streamer: Id::try_new("mina").unwrap(),
                party,
                role: "host".to_owned(),
                contract: "c-1".to_owned(),
                filing: "f-1".to_owned(),
                from: at(3),
                until,
                created_at: at(1),
                updated_at: at(2),
                version: Version::new(4),
            };
            assert_eq!(of_record(&record(&one)).unwrap(), one);
        }
    }
}
