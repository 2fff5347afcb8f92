//! Pages of persons and of the checks their state rests on.

use super::{App, Database};
use crate::error::Error;
use crate::wire;
use greenroom_auth::Caller;
use greenroom_domain::identity::Person;
use greenroom_domain::identity::port::{PersonFilter, PersonRecord};
use greenroom_domain::kernel::{PersonId, Timestamp};
use greenroom_proto::identity::v1 as proto;
use greenroom_rpc::page::Page;

impl<S: Database> App<S> {
    /// A page of the persons the caller's organization has a name for; only those whose proof ends before `due_before`, if
    /// that is given: by what they are told of it, which is the day. A finer filter would tell the instant to whoever asks
    /// often enough.
    pub async fn list_persons(
        &self,
        caller: &Caller,
        due_before: Option<Timestamp>,
        page: &Page,
    ) -> Result<(Vec<proto::Person>, String), Error> {
        let due_before = due_before.map(wire::day_after);
        let filter = PersonFilter { organization: &caller.organization, due_before };
        let rows = self.store.persons_of(filter, &page.after, page.limit()).await?;
        let (rows, token) = page.cut(rows, |(named, _)| named.name.name.as_str().to_owned());
        let persons = rows.iter().map(|(named, record)| self.seen(caller, named, record));
        Ok((persons.collect::<Result<_, _>>()?, token))
    }

    /// A page of the checks of one person, as the caller's organization sees them. They outlive the record they are about.
    pub async fn list_proofings(
        &self,
        caller: &Caller,
        name: &PersonId,
        page: &Page,
    ) -> Result<(Vec<proto::Proofing>, String), Error> {
        let (_, PersonRecord { person: Person { id: person, .. }, .. }) = self.named(caller, name).await?;
        let after = match page.after.as_str() {
            "" => String::new(),
            place => self.vault.open_place(person.as_str(), place).ok_or_else(Page::invalid)?,
        };
        let rows = self.store.proofings_of(&person, &after, page.limit()).await?;
        // The id of another organization's check would tell both that they mean the same person.
        let place = rows.get(page.size.saturating_sub(1)).map(|last| last.id.clone()).unwrap_or_default();
        let place = self.vault.seal_place(person.as_str(), &place)?;
        let (rows, token) = page.cut(rows, |_| place.clone());
        let proofings = rows.iter().map(|row| wire::proofing(row, name, &caller.organization));
        Ok((proofings.collect(), token))
    }
}
