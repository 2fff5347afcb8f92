//! What a platform finds against its streamers and does about it.

mod appeals;
mod sanctions;
mod violations;

pub use appeals::{Deciding, Verdict, read as read_appeal};
pub use sanctions::{Imposition, read as read_sanction};
pub use violations::{Finding, Report, read as read_violation};

use super::App;
use crate::error::{ConductError, Error};
use greenroom_domain::kernel::{OrganizationId, Version};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::port::{Kept, Store};
use greenroom_domain::registry::{ActingParty, Record, RecordFilter, RecordKind};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::RegistryFact;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::{SharedClock, new_id};
use greenroom_rpc::fault::Fault;
use greenroom_rpc::page::Page;
use prost::Message as _;

/// Who calls.
pub fn party(call: &Call) -> ActingParty {
    ActingParty { client: call.caller.client_id.clone(), person: call.caller.person.clone() }
}

/// An id for something new.
pub(super) fn fresh<K>(clock: &SharedClock) -> Result<greenroom_domain::kernel::Id<K>, Fault> {
    greenroom_domain::kernel::Id::try_new(&new_id(clock).to_string()).map_err(|fault| Fault::hide(&fault))
}

/// A record that is new.
pub(super) const fn added(record: Record) -> Kept {
    Kept { record, read_at: None }
}

/// A record that was read at a version.
pub(super) const fn changed(record: Record, read_at: Version) -> Kept {
    Kept { record, read_at: Some(read_at) }
}

/// What a record says, by whoever reads its kind of fact.
pub fn restored<T>(record: &Record, read: impl Fn(&Fact) -> Option<T>) -> Result<T, StoreError> {
    let fact = RegistryFact::decode(record.fact.as_slice()).ok().and_then(|fact| fact.fact);
    let told = fact.as_ref().and_then(read);
    told.ok_or_else(|| StoreError::Damaged(format!("the fact of `{}`", record.name)))
}

impl<S: Store + HasLog> App<S> {
    /// A resource of an organization. Another's is none.
    pub(super) async fn own<T>(
        &self,
        owner: &OrganizationId,
        name: &str,
        read: impl Fn(&Fact) -> Option<T>,
    ) -> Result<T, Error> {
        let record = self.store.record(name).await?.filter(|record| record.owner == *owner);
        let record = record.ok_or_else(|| ConductError::NotFound(name.to_owned()))?;
        Ok(restored(&record, read)?)
    }

    /// A page of an organization's resources of a kind, and the token of the next one.
    pub async fn page_of<T>(
        &self,
        kind: RecordKind,
        owner: &OrganizationId,
        filter: &RecordFilter,
        page: &Page,
        read: impl Fn(&Fact) -> Option<T>,
    ) -> Result<(Vec<T>, String), Error> {
        let rows = self.store.records_of(kind, owner, filter, &page.after, page.limit()).await?;
        let (rows, token) = page.cut(rows, |row| row.name.clone());
        let read = rows.iter().map(|row| restored(row, &read)).collect::<Result<_, _>>()?;
        Ok((read, token))
    }
}
