//! Adds entries to blocklists and lifts them.

use super::App;
use super::conduct::{added, changed, fresh, party, restored};
use crate::error::{ConductError, Error};
use crate::wire::blocklist::{entry as to_wire, entry_record, read_entry, shared};
use crate::wire::fact;
use greenroom_domain::kernel::{BlocklistEntryId, OrganizationId, PersonId, StreamerId, Version};
use greenroom_domain::registry::port::{Change, Kept, Store};
use greenroom_domain::registry::{
    BlocklistEntry, Ending, ListKeeper, ListingRefusal, Notice, Permission, RecordFilter, RecordKind, Term,
};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1 as proto;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{AddBlocklistEntryResponse, LiftBlocklistEntryResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::etag;
use greenroom_rpc::once::{Once, Planned};
use greenroom_rpc::page::Page;
use std::collections::BTreeMap;

/// Whom an entry names.
#[derive(Clone, Debug)]
pub enum Subject {
    /// The person behind an account of the caller's platform.
    Streamer(StreamerId),
    /// A person under the caller's own name.
    Person(PersonId),
}

/// What a caller asks an entry to be.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Whose list.
    pub keeper: ListKeeper,
    /// Whom.
    pub subject: Subject,
    /// What the person is told.
    pub notice: Notice,
    /// For how long.
    pub term: Term,
}

/// What is said of an entry by a fact.
fn read(fact: &Fact) -> Option<BlocklistEntry> {
    match fact {
        Fact::BlocklistEntry(fact) => read_entry(fact),
        _ => None,
    }
}

impl<S: Store + HasLog> App<S> {
    /// Adds an entry to a list of the caller's.
    pub async fn add_entry(
        &self,
        call: &Call,
        once: &Once,
        listing: &Listing,
    ) -> Result<AddBlocklistEntryResponse, Error> {
        let id: BlocklistEntryId = fresh(&self.clock)?;
        let plan = || Box::pin(self.plan_entry(call, &id, listing));
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(AddBlocklistEntryResponse { revision, ..done.answer })
    }

    async fn plan_entry(
        &self,
        call: &Call,
        id: &BlocklistEntryId,
        listing: &Listing,
    ) -> Result<Planned<Change, AddBlocklistEntryResponse>, Error> {
        let organization = &call.caller.organization;
        let (subject, person) = match &listing.subject {
            Subject::Streamer(streamer) => {
                (streamer.name(), self.streamer(organization, streamer).await?.person)
            }
            Subject::Person(pairwise) => (pairwise.name(), self.resolve(organization, pairwise).await?),
        };
        let authority = self.authority(call, Permission::ImposeSanction).await?;
        let now = self.clock.now();
        let entry = BlocklistEntry {
            id: id.clone(),
            organization: organization.clone(),
            keeper: listing.keeper,
            subject,
            person,
            notice: listing.notice.clone(),
            term: listing.term,
            added_by: party(call),
            lifted: None,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        };
        let entry_told = Some(to_wire(&entry, &self.named_by(organization, &entry), now));
        let answer = AddBlocklistEntryResponse { entry: entry_told, revision: String::new() };
        authority.note(keep(&entry, None, answer), call, &id.name(), now)
    }

    /// Takes an entry of the caller's back.
    pub async fn lift_entry(
        &self,
        call: &Call,
        once: &Once,
        id: &BlocklistEntryId,
        reason: &str,
        etag: &str,
    ) -> Result<LiftBlocklistEntryResponse, Error> {
        let organization = &call.caller.organization;
        let plan = async || {
            let before = self.own(organization, &id.name(), read).await?;
            etag::check(etag, before.version, &id.name())?;
            let authority = Box::pin(self.authority(call, Permission::ImposeSanction)).await?;
            let (now, read_at) = (self.clock.now(), before.version);
            let ending = Ending { at: now, reason: reason.to_owned(), by: party(call) };
            let lifted = before.lift(ending, now).map_err(|ListingRefusal(state)| {
                ConductError::StateWrong { resource: id.name(), state: state.code() }
            })?;
            let lifted = BlocklistEntry { version: read_at.next(), ..lifted };
            let entry = Some(to_wire(&lifted, &self.named_by(organization, &lifted), now));
            let answer = LiftBlocklistEntryResponse { entry, revision: String::new() };
            authority.note(keep(&lifted, Some(read_at), answer), call, &id.name(), now)
        };
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(LiftBlocklistEntryResponse { revision, ..done.answer })
    }

    /// The caller's streamers that an entry names.
    fn named_by(&self, organization: &OrganizationId, entry: &BlocklistEntry) -> Vec<StreamerId> {
        self.memory.world().accounts_of(organization, &entry.person)
    }

    /// An entry of the caller's, or one of a shared list that names a streamer of the caller's.
    pub async fn entry(
        &self,
        organization: &OrganizationId,
        id: &BlocklistEntryId,
    ) -> Result<proto::BlocklistEntry, Error> {
        let record = self.store.record(&id.name()).await?;
        let none = || ConductError::NotFound(id.name());
        let entry = restored(&record.ok_or_else(none)?, read)?;
        let (named, now) = (self.named_by(organization, &entry), self.clock.now());
        if entry.organization == *organization {
            return Ok(to_wire(&entry, &named, now));
        }
        if entry.keeper == ListKeeper::Platform || named.is_empty() {
            return Err(none().into());
        }
        Ok(shared(&entry, &named, now))
    }

    /// A page of the caller's own entries, and the token of the next one.
    pub async fn entries(
        &self,
        organization: &OrganizationId,
        page: &Page,
    ) -> Result<(Vec<proto::BlocklistEntry>, String), Error> {
        let (kind, all) = (RecordKind::BlocklistEntry, RecordFilter::default());
        let (entries, token) = self.page_of(kind, organization, &all, page, read).await?;
        let now = self.clock.now();
        let told = |entry| to_wire(entry, &self.named_by(organization, entry), now);
        Ok((entries.iter().map(told).collect(), token))
    }

    /// A page of the entries of shared lists that name streamers of the caller's, and the token of the next one.
    pub async fn shared_entries(
        &self,
        organization: &OrganizationId,
        page: &Page,
    ) -> Result<(Vec<proto::BlocklistEntry>, String), Error> {
        let named: BTreeMap<String, Vec<StreamerId>> = {
            let world = self.memory.world();
            let all = world.conduct.shared();
            let named = all.map(|(id, person)| (id.name(), world.accounts_of(organization, person)));
            named.filter(|(name, streamers)| *name > page.after && !streamers.is_empty()).collect()
        };
        let limit = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        let (rows, token) = page.cut(named.into_iter().take(limit).collect(), |(name, _)| name.clone());
        let (mut entries, now) = (Vec::with_capacity(rows.len()), self.clock.now());
        for (name, streamers) in rows {
            if let Some(record) = self.store.record(&name).await? {
                entries.push(shared(&restored(&record, read)?, &streamers, now));
            }
        }
        Ok((entries, token))
    }
}

fn keep<A>(entry: &BlocklistEntry, read_at: Option<Version>, answer: A) -> Planned<Change, A> {
    let record = entry_record(entry);
    let events = vec![fact::record(&record)];
    let kept: Kept = match read_at {
        Some(read_at) => changed(record, read_at),
        None => added(record),
    };
    Planned { change: Change::Keep(vec![kept]), events, answer }
}
