//! What a dry run may tell. It leaves no trace, so nothing that others have told of a person is in its answer: who only asks
//! is answered as if nobody knew the persons that the caller's organization has no name for.

use super::{App, Database};
use crate::error::Error;
use greenroom_domain::identity::port::{DocumentStanding, Lookup, PairwiseRecord, PersonRecord};
use greenroom_domain::kernel::{OrganizationId, PersonId};
use greenroom_rpc::once::{Mode, Once};
use std::collections::{HashMap, HashSet};

/// Whether nothing will be stored.
pub(super) fn is_dry(once: &Once) -> bool {
    once.mode() == Mode::ValidateOnly
}

/// Takes out the persons that the organization has no name for; `names` are those it has.
pub(super) fn forget_strangers(
    by_claim: &mut HashMap<Lookup, PersonRecord>,
    names: &HashMap<PersonId, PairwiseRecord>,
) {
    by_claim.retain(|_, record| names.contains_key(&record.person.id));
}

impl<S: Database> App<S> {
    /// Takes out whose the documents are, but for those of persons that the organization has a name for and those that
    /// such a person claims: it is told of these whenever it asks.
    pub(super) async fn forget_owners(
        &self,
        organization: &OrganizationId,
        documents: &mut HashMap<Lookup, DocumentStanding>,
        known: impl Iterator<Item = &PersonRecord> + Send,
    ) -> Result<(), Error> {
        let claimed: HashSet<Lookup> = known.map(|record| record.lookup).collect();
        let owners: Vec<PersonId> = documents.values().filter_map(owner).cloned().collect();
        let names = self.store.names_of(organization, &owners).await?;
        let own: HashSet<PersonId> = names.into_iter().flatten().map(|named| named.person).collect();
        documents.retain(|lookup, standing| {
            claimed.contains(lookup) || owner(standing).is_some_and(|owner| own.contains(owner))
        });
        Ok(())
    }
}

fn owner(standing: &DocumentStanding) -> Option<&PersonId> {
    match standing {
        DocumentStanding::Proven(owner) => Some(owner),
        DocumentStanding::Claimed => None,
    }
}
