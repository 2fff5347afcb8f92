//! Enrols streamers and withdraws them.

use super::App;
use super::accounts::{newcomer, refused};
use crate::error::Error;
use crate::wire::{engagement, fact, streamer as to_wire};
use greenroom_domain::kernel::{OrganizationId, PersonId, RoomOperatorId, StreamerId};
use greenroom_domain::registry::port::{Change, Store};
use greenroom_domain::registry::{Bar, Streamer, StreamerFilter};
use greenroom_feed::log::HasLog;
use greenroom_proto::identity::v1::{
    PairwiseName, PersonQuery, PersonResolutionOutcome, ResolvePersonsRequest, person_query,
};
use greenroom_proto::registry::v1::{self as proto, EnrolStreamerResponse, WithdrawStreamerResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};
use greenroom_rpc::page::Page;
use std::collections::BTreeSet;
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
        self.up_to_date().await?;
        let now = self.clock.now();
        self.refuse_barred(&newcomer(id, platform, &person, now), Bar::Enrolment, now)?;
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

    /// A streamer as its platform sees it, with the agency and the operators of this instant.
    pub fn shown(&self, streamer: &Streamer) -> proto::Streamer {
        let world = self.memory.world();
        let (agency, operators) = world.operators.current(&streamer.id, self.clock.now());
        proto::Streamer {
            agency: agency.map(engagement::agency),
            room_operators: operators.into_iter().map(RoomOperatorId::name).collect(),
            ..to_wire(streamer)
        }
    }

    /// A page of a platform's streamers, and the token of the next. `parties` are whom they work with at this instant.
    pub async fn streamers(
        &self,
        platform: &OrganizationId,
        filter: &StreamerFilter,
        (account, parties): (&str, &[String]),
        page: &Page,
    ) -> Result<(Vec<Streamer>, String), Error> {
        let mut engaged: Option<BTreeSet<StreamerId>> = None;
        for party in parties {
            let with = self.memory.world().operators.engaged(platform, party, self.clock.now());
            engaged = Some(match engaged {
                None => with,
                Some(before) => before.intersection(&with).cloned().collect(),
            });
        }
        let passes = |one: &Streamer| {
            one.id.as_str() > page.after.as_str()
                && filter.passes(one)
                && (account.is_empty() || one.account == account)
                && engaged.as_ref().is_none_or(|engaged| engaged.contains(&one.id))
        };
        let rows = if !account.is_empty() {
            let one = self.store.streamer_by_account(platform, account).await?;
            one.into_iter().filter(passes).collect()
        } else if let Some(engaged) = &engaged {
            let mut rows = Vec::new();
            for id in engaged.iter().filter(|id| id.as_str() > page.after.as_str()) {
                rows.extend(self.store.streamer(id).await?.filter(passes));
                if rows.len() > page.size {
                    break;
                }
            }
            rows
        } else {
            self.store.streamers_of(platform, filter, &page.after, page.limit()).await?
        };
        Ok(page.cut(rows, |row| row.id.as_str().to_owned()))
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
        let withdrawn = streamer.withdraw(self.clock.now()).map_err(|refusal| refused(id, refusal))?;
        let stored = Streamer { version: withdrawn.version.next(), ..withdrawn.clone() };
        Ok(Planned {
            events: vec![fact::streamer(&stored)],
            answer: WithdrawStreamerResponse { streamer: Some(self.shown(&stored)), revision: String::new() },
            change: Change::SaveStreamer(withdrawn),
        })
    }
}
