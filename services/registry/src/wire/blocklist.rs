//! Entries of blocklists and overrides, on the wire and back.

use super::fact::encoded;
use super::notice::{at, ending, notice, party, read_ending, read_notice, read_party, read_term, term};
use greenroom_domain::kernel::{Id, StreamerId, Timestamp, Version};
use greenroom_domain::registry::{
    BlocklistEntry, ListKeeper, ListingState, OverriddenAct, Override, OverrideState, Record, RecordKind,
};
use greenroom_proto::registry::v1 as proto;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_rpc::etag;
use greenroom_rpc::wire::timestamp;

/// An entry as whoever keeps the list sees it at an instant.
pub fn entry(it: &BlocklistEntry, streamers: &[StreamerId], now: Timestamp) -> proto::BlocklistEntry {
    let state = match it.state(now) {
        ListingState::Pending => proto::BlocklistEntryState::Pending,
        ListingState::InForce => proto::BlocklistEntryState::InForce,
        ListingState::Ended => proto::BlocklistEntryState::Ended,
        ListingState::Lifted => proto::BlocklistEntryState::Lifted,
    };
    let streamers = streamers.iter().map(Id::name).collect();
    proto::BlocklistEntry { state: state.into(), streamers, ..timeless(it) }
}

/// An entry of a shared list as a platform sees it whose streamers it names.
pub fn shared(it: &BlocklistEntry, streamers: &[StreamerId], now: Timestamp) -> proto::BlocklistEntry {
    let told = entry(it, streamers, now);
    let ending = told.ending.map(|ending| proto::Ending { party: None, ..ending });
    proto::BlocklistEntry { subject: String::new(), adder: None, ending, ..told }
}

/// Whose list it is.
const fn keeper(keeper: ListKeeper) -> proto::ListKeeper {
    match keeper {
        ListKeeper::Platform => proto::ListKeeper::Platform,
        ListKeeper::Regulator => proto::ListKeeper::Regulator,
        ListKeeper::Association => proto::ListKeeper::Association,
    }
}

/// Whose list it is, from the wire.
pub const fn read_keeper(keeper: proto::ListKeeper) -> Option<ListKeeper> {
    match keeper {
        proto::ListKeeper::Unspecified => None,
        proto::ListKeeper::Platform => Some(ListKeeper::Platform),
        proto::ListKeeper::Regulator => Some(ListKeeper::Regulator),
        proto::ListKeeper::Association => Some(ListKeeper::Association),
    }
}

fn timeless(it: &BlocklistEntry) -> proto::BlocklistEntry {
    proto::BlocklistEntry {
        name: it.id.name(),
        organization: it.organization.name(),
        keeper: keeper(it.keeper).into(),
        subject: it.subject.clone(),
        notice: Some(notice(&it.notice)),
        term: Some(term(&it.term)),
        state: proto::BlocklistEntryState::Unspecified.into(),
        ending: it.lifted.as_ref().map(ending),
        streamers: Vec::new(),
        adder: Some(party(&it.added_by)),
        create_time: Some(timestamp(it.created_at)),
        update_time: Some(timestamp(it.updated_at)),
        etag: etag::of(it.version),
    }
}

/// An entry as it is kept.
pub fn entry_record(it: &BlocklistEntry) -> Record {
    let fact = proto::BlocklistEntryFact {
        entry: Some(timeless(it)),
        person: it.person.name(),
        version: it.version.as_i64(),
    };
    Record {
        name: it.id.name(),
        kind: RecordKind::BlocklistEntry,
        owner: it.organization.clone(),
        about: it.person.name(),
        key: None,
        state: if it.lifted.is_some() { "LIFTED" } else { "STANDING" }.to_owned(),
        version: it.version,
        created_at: it.created_at,
        updated_at: it.updated_at,
        fact: encoded(Fact::BlocklistEntry(fact)),
    }
}

/// An entry read back.
pub fn read_entry(fact: &proto::BlocklistEntryFact) -> Option<BlocklistEntry> {
    let told = fact.entry.as_ref()?;
    Some(BlocklistEntry {
        id: Id::parse_name(&told.name).ok()?,
        organization: Id::parse_name(&told.organization).ok()?,
        keeper: read_keeper(proto::ListKeeper::try_from(told.keeper).ok()?)?,
        subject: told.subject.clone(),
        person: Id::parse_name(&fact.person).ok()?,
        notice: read_notice(told.notice.as_ref())?,
        term: read_term(told.term.as_ref())?,
        added_by: read_party(told.adder.as_ref())?,
        lifted: read_ending(told.ending.as_ref()).ok()?,
        created_at: at(told.create_time.as_ref())?,
        updated_at: at(told.update_time.as_ref())?,
        version: Version::new(fact.version),
    })
}

/// An override as it stands at an instant.
pub fn overriding(it: &Override, now: Timestamp) -> proto::Override {
    let state = override_state(it.state_at(now));
    proto::Override { state: state.into(), ..noted(it) }
}

const fn override_state(state: OverrideState) -> proto::OverrideState {
    match state {
        OverrideState::Active => proto::OverrideState::Active,
        OverrideState::Expired => proto::OverrideState::Expired,
        OverrideState::Ended => proto::OverrideState::Ended,
    }
}

const fn read_override_state(state: proto::OverrideState) -> Option<OverrideState> {
    match state {
        proto::OverrideState::Unspecified => None,
        proto::OverrideState::Active => Some(OverrideState::Active),
        proto::OverrideState::Expired => Some(OverrideState::Expired),
        proto::OverrideState::Ended => Some(OverrideState::Ended),
    }
}

fn noted(it: &Override) -> proto::Override {
    let act = |act: &OverriddenAct| proto::OverriddenAct {
        method: act.method.clone(),
        resource: act.resource.clone(),
        time: Some(timestamp(act.at)),
    };
    proto::Override {
        name: it.id.name(),
        platform: it.platform.name(),
        reason: it.reason.clone(),
        expire_time: Some(timestamp(it.expires_at)),
        state: override_state(it.state).into(),
        declarer: Some(party(&it.declared_by)),
        acts: it.acts.iter().map(act).collect(),
        ending: it.ending.as_ref().map(ending),
        create_time: Some(timestamp(it.created_at)),
        update_time: Some(timestamp(it.updated_at)),
        etag: etag::of(it.version),
    }
}

/// An override as it is kept.
pub fn override_record(it: &Override) -> Record {
    let fact = proto::OverrideFact { override_entry: Some(noted(it)), version: it.version.as_i64() };
    Record {
        name: it.id.name(),
        kind: RecordKind::Override,
        owner: it.platform.clone(),
        about: it.declared_by.person.as_ref().map(Id::name).unwrap_or_default(),
        key: None,
        state: it.state.code().to_owned(),
        version: it.version,
        created_at: it.created_at,
        updated_at: it.updated_at,
        fact: encoded(Fact::OverrideEntry(fact)),
    }
}

/// An override read back.
pub fn read_override(fact: &proto::OverrideFact) -> Option<Override> {
    let told = fact.override_entry.as_ref()?;
    let act = |act: &proto::OverriddenAct| {
        let (method, resource) = (act.method.clone(), act.resource.clone());
        Some(OverriddenAct { method, resource, at: at(act.time.as_ref())? })
    };
    Some(Override {
        id: Id::parse_name(&told.name).ok()?,
        platform: Id::parse_name(&told.platform).ok()?,
        reason: told.reason.clone(),
        declared_by: read_party(told.declarer.as_ref())?,
        expires_at: at(told.expire_time.as_ref())?,
        state: read_override_state(proto::OverrideState::try_from(told.state).ok()?)?,
        acts: told.acts.iter().map(act).collect::<Option<_>>()?,
        ending: read_ending(told.ending.as_ref()).ok()?,
        created_at: at(told.create_time.as_ref())?,
        updated_at: at(told.update_time.as_ref())?,
        version: Version::new(fact.version),
    })
}
