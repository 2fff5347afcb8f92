//! Names for organizations that are to hear of a person from another service of the suite.

use super::{App, Database};
use crate::error::Error;
use crate::wire;
use greenroom_domain::identity::PersonState;
use greenroom_domain::identity::port::{Change, PairwiseName, PairwiseRecord};
use greenroom_domain::kernel::{OrganizationId, PersonId};
use greenroom_proto::identity::v1::NamePersonResponse;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Done, Once, Planned};
use uuid::Uuid;

impl<S: Database> App<S> {
    /// The name an organization has for the person of a suite-wide id; a new one if it has none.
    pub async fn name_person(
        &self,
        once: &Once,
        id: &PersonId,
        organization: OrganizationId,
    ) -> Result<Done<NamePersonResponse>, Error> {
        let name = PersonId::try_new(&Uuid::new_v4().to_string()).map_err(|fault| Fault::hide(&fault))?;
        let plan = async || {
            let record = self.store.person(id).await?;
            let record = record.ok_or_else(|| Error::PersonNotFound(id.name()))?;
            match record.person.state {
                PersonState::Frozen => return Err(Error::PersonFrozen(id.name())),
                PersonState::Erased => return Err(Error::PersonErased(id.name())),
                _ => {}
            }
            let (mut change, mut events) = (Vec::new(), Vec::new());
            let named = if let Some(named) = self.store.name_of(&organization, id).await? {
                named
            } else {
                let known = self.store.organization(&organization).await?;
                known.ok_or_else(|| Error::OrganizationNotFound(organization.name()))?;
                let name = PairwiseName { organization: organization.clone(), name: name.clone() };
                let new = PairwiseRecord { name, person: id.clone(), create_time: once.now() };
                // A name is given to nobody who is frozen or erased meanwhile.
                change.push(Change::KeepPerson(id.clone(), record.version()));
                change.push(Change::AddPairwiseName(new.clone()));
                events.push(wire::pairwise_name_event(&new));
                new
            };
            let answer = NamePersonResponse { person: named.name.name.name(), revision: String::new() };
            Ok(Planned { change, events, answer })
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }
}
