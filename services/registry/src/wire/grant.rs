//! Grants: as told to platforms, as recorded, and as the domain's value.

use super::decision::decision;
use super::fact::encoded;
use super::policy::{permission, read_permission};
use super::{optional, sale};
use greenroom_domain::kernel::{GrantId, Id, OrganizationId, StreamerId, Timestamp, Version};
use greenroom_domain::ledger::{Actor, StoreError};
use greenroom_domain::registry::{Decision, Grant, GrantState, Question, Record, RecordKind};
use greenroom_proto::registry::v1 as proto;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_rpc::etag;
use greenroom_rpc::wire::{instant, timestamp};
use prost::Message as _;

/// What happened to a grant; the word in the event log is the event type's name without its prefix.
pub use greenroom_proto::registry::v1::GrantEventType as Happening;

const PREFIX: &str = "GRANT_EVENT_TYPE_";

/// A grant with all that is told of it.
#[derive(Clone, Debug)]
pub struct Given {
    /// The grant.
    pub grant: Grant,
    /// As its platform sees it.
    pub told: proto::Grant,
}

impl Given {
    /// A grant just given.
    pub fn new(grant: Grant, made: &Decision, conditions: Vec<String>, by: &Actor) -> Self {
        let (made, since) = (Some(decision(made)), Some(timestamp(grant.state_since)));
        let told = proto::Grant {
            name: grant.id.name(),
            platform: grant.platform.name(),
            streamer: grant.streamer.name(),
            permission: permission(grant.permission).into(),
            sale: Some(sale::sale(&grant.sale)),
            conditions,
            until_time: optional(grant.until),
            granting_decision: made.clone(),
            state: state(grant.state).into(),
            state_since_time: since,
            decision: made,
            granting_client: by.client.as_ref().map(Id::name).unwrap_or_default(),
            granting_person: by.person.as_ref().map(Id::name).unwrap_or_default(),
            revocation_reason: String::new(),
            create_time: since,
            update_time: since,
            etag: etag::of(grant.version),
        };
        Self { grant, told }
    }

    /// The grant after a transition; the decision if the transition rests on one.
    #[must_use]
    pub fn after(self, grant: Grant, made: Option<&Decision>, now: Timestamp) -> Self {
        let told = proto::Grant {
            state: state(grant.state).into(),
            state_since_time: Some(timestamp(grant.state_since)),
            decision: made.map(decision).or(self.told.decision),
            update_time: Some(timestamp(now)),
            etag: etag::of(grant.version),
            ..self.told
        };
        Self { grant, told }
    }

    /// Reads a record.
    pub fn restore(record: &Record) -> Result<Self, StoreError> {
        let bad = || StoreError::Damaged(format!("the fact of `{}`", record.name));
        let told = told_of(record)?;
        let grant = read(&told, record.version).ok_or_else(bad)?;
        Ok(Self { grant, told })
    }

    /// The grant as recorded.
    pub fn record(&self, happening: Happening) -> Record {
        let at = |time: &Option<prost_types::Timestamp>| {
            let time = time.as_ref().and_then(|time| instant(time).ok());
            time.unwrap_or(self.grant.state_since)
        };
        let fact = proto::GrantFact {
            grant: Some(self.told.clone()),
            change: happening.as_str_name().strip_prefix(PREFIX).unwrap_or_default().to_owned(),
            version: self.grant.version.as_i64(),
        };
        Record {
            name: self.told.name.clone(),
            kind: RecordKind::Grant,
            owner: self.grant.platform.clone(),
            about: self.told.streamer.clone(),
            key: None,
            state: self.grant.state.code().to_owned(),
            version: self.grant.version,
            created_at: at(&self.told.create_time),
            updated_at: at(&self.told.update_time),
            fact: encoded(Fact::Grant(fact)),
        }
    }
}

/// The grant that a record tells.
pub fn told_of(record: &Record) -> Result<proto::Grant, StoreError> {
    let fact = proto::RegistryFact::decode(record.fact.as_slice()).ok().and_then(|fact| fact.fact);
    match fact {
        Some(Fact::Grant(proto::GrantFact { grant: Some(grant), .. })) => Ok(grant),
        _ => Err(StoreError::Damaged(format!("the fact of `{}`", record.name))),
    }
}

fn read(told: &proto::Grant, version: Version) -> Option<Grant> {
    let at = |time: &prost_types::Timestamp| instant(time).ok();
    Some(Grant {
        id: GrantId::parse_name(&told.name).ok()?,
        platform: OrganizationId::parse_name(&told.platform).ok()?,
        streamer: StreamerId::parse_name(&told.streamer).ok()?,
        permission: read_permission(proto::Permission::try_from(told.permission).ok()?),
        sale: sale::read_sale(&told.sale.clone().unwrap_or_default())?,
        until: match &told.until_time {
            None => None,
            Some(until) => Some(at(until)?),
        },
        state: read_state(proto::GrantState::try_from(told.state).ok()?)?,
        state_since: at(told.state_since_time.as_ref()?)?,
        version,
    })
}

/// The grant that a fact tells, as far as the memory is concerned.
pub fn news(fact: &proto::GrantFact) -> Option<Grant> {
    read(fact.grant.as_ref()?, Version::new(fact.version))
}

/// What is asked whenever a grant is decided about.
pub fn question(grant: &Grant) -> Question {
    Question { permission: grant.permission, ..Question::of_sale(grant.sale.clone()) }
}

/// What happened, from the word in the event log.
pub fn happening(word: &str) -> Happening {
    Happening::from_str_name(&format!("{PREFIX}{word}")).unwrap_or_default()
}

/// A state on the wire.
pub const fn state(state: GrantState) -> proto::GrantState {
    match state {
        GrantState::Granted => proto::GrantState::Granted,
        GrantState::Suspended => proto::GrantState::Suspended,
        GrantState::Revoked => proto::GrantState::Revoked,
        GrantState::Expired => proto::GrantState::Expired,
    }
}

/// A state from the wire.
pub const fn read_state(state: proto::GrantState) -> Option<GrantState> {
    Some(match state {
        proto::GrantState::Unspecified => return None,
        proto::GrantState::Granted => GrantState::Granted,
        proto::GrantState::Suspended => GrantState::Suspended,
        proto::GrantState::Revoked => GrantState::Revoked,
        proto::GrantState::Expired => GrantState::Expired,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_carry_the_same_names_in_the_contract() {
        for one in GrantState::ALL {
            assert_eq!(state(one).as_str_name(), format!("GRANT_STATE_{}", one.code()));
            assert_eq!(read_state(state(one)), Some(one));
        }
    }
}
