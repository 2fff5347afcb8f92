//! Enrols streamers and withdraws them.

use super::App;
use crate::error::Error;
use crate::wire::{fact, streamer as to_wire};
use greenroom_domain::kernel::{OrganizationId, PersonId, StreamerId};
use greenroom_domain::registry::port::{Change, Store};
use greenroom_domain::registry::{Streamer, StreamerRefusal};
use greenroom_feed::log::HasLog;
use greenroom_proto::identity::v1::{
    PairwiseName, PersonQuery, PersonResolutionOutcome, ResolvePersonsRequest, person_query,
};
use greenroom_proto::registry::v1::{EnrolStreamerResponse, WithdrawStreamerResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};
use std::time::Duration;

/// How long the identity service may take to find a person.
const RESOLVE: Duration = Duration::from_secs(5);

impl<S: Store + HasLog> App<S> {
    /// Binds an account of the caller's platform to a person.
    pub async fn enrol(
        &self,
        call: &Call,
        once: &Once,
        account: &str,
        person: &PersonId,
    ) -> Result<EnrolStreamerResponse, Error> {
        let platform = &call.caller.organization;
        let id =
            StreamerId::try_new(&new_id(&self.clock).to_string()).map_err(|fault| Fault::hide(&fault))?;
        let plan = || self.plan_enrolment(&id, platform, account, person);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(EnrolStreamerResponse { revision, ..done.answer })
    }

    async fn plan_enrolment(
        &self,
        id: &StreamerId,
        platform: &OrganizationId,
        account: &str,
        pairwise: &PersonId,
    ) -> Result<Planned<Change, EnrolStreamerResponse>, Error> {
        if let Some(known) = self.store.streamer_by_account(platform, account).await? {
            return Err(Error::AccountEnrolled(known.id));
        }
        let person = self.resolve(platform, pairwise).await?;
        self.require_unbarred(platform, &person)?;
        let now = self.clock.now();
        let streamer =
            Streamer::enrol(id.clone(), platform.clone(), account.to_owned(), person, pairwise.clone(), now);
        Ok(Planned {
            events: vec![fact::streamer(&streamer)],
            answer: EnrolStreamerResponse { streamer: Some(to_wire(&streamer)), revision: String::new() },
            change: Change::Enrol(streamer),
        })
    }

    /// The suite-wide id of a person that the platform knows by a name of its own.
    pub(super) async fn resolve(
        &self,
        platform: &OrganizationId,
        pairwise: &PersonId,
    ) -> Result<PersonId, Error> {
        let name = PairwiseName { organization: platform.name(), person: pairwise.name() };
        let query = PersonQuery { by: Some(person_query::By::Pairwise(name)) };
        let request = ResolvePersonsRequest { queries: vec![query], register_missing: false };
        let mut persons = self.persons.clone();
        let unavailable = |cause: &dyn std::fmt::Display| Fault::unavailable("the identity service", cause);
        let answer = tokio::time::timeout(RESOLVE, persons.resolve_persons(request)).await;
        let answer = answer.map_err(|late| unavailable(&late))?.map_err(|status| unavailable(&status))?;
        let resolutions = answer.into_inner().resolutions;
        let found = resolutions.first().ok_or_else(|| unavailable(&"an answer without an outcome"))?;
        if found.outcome() != PersonResolutionOutcome::Found {
            return Err(Error::PersonNotFound(pairwise.clone()));
        }
        Ok(PersonId::parse_name(&found.person).map_err(|fault| Fault::hide(&fault))?)
    }

    /// One streamer of a platform.
    pub async fn streamer(&self, platform: &OrganizationId, id: &StreamerId) -> Result<Streamer, Error> {
        let streamer = self.store.streamer(id).await?.filter(|streamer| streamer.platform == *platform);
        streamer.ok_or_else(|| Error::StreamerNotFound(id.clone()))
    }

    /// Withdraws a streamer for good.
    pub async fn withdraw(
        &self,
        call: &Call,
        once: &Once,
        id: &StreamerId,
        etag: &str,
    ) -> Result<WithdrawStreamerResponse, Error> {
        let platform = &call.caller.organization;
        let plan = || self.plan_withdrawal(platform, id, etag);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(WithdrawStreamerResponse { revision, ..done.answer })
    }

    async fn plan_withdrawal(
        &self,
        platform: &OrganizationId,
        id: &StreamerId,
        etag: &str,
    ) -> Result<Planned<Change, WithdrawStreamerResponse>, Error> {
        let streamer = self.streamer(platform, id).await?;
        etag::check(etag, streamer.version, &id.name())?;
        let withdrawn = streamer.withdraw(self.clock.now()).map_err(|refusal| match refusal {
            StreamerRefusal::Withdrawn => Error::StreamerWithdrawn(id.clone()),
        })?;
        let stored = Streamer { version: withdrawn.version.next(), ..withdrawn.clone() };
        Ok(Planned {
            events: vec![fact::streamer(&stored)],
            answer: WithdrawStreamerResponse { streamer: Some(to_wire(&stored)), revision: String::new() },
            change: Change::SaveStreamer(withdrawn),
        })
    }
}
