//! Accounts that change their name, or hands; and whom nobody may enrol.

use super::App;
use super::engagements::with_streamer;
use crate::error::Error;
use crate::wire::news::Enrolled;
use crate::wire::{fact, streamer as to_wire};
use greenroom_domain::kernel::{OrganizationId, PersonId, StreamerId, Timestamp};
use greenroom_domain::registry::port::{Change, Store};
use greenroom_domain::registry::{
    Bar, EngagementState, Enrolment, EnrolmentState, Streamer, StreamerRefusal,
};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::{RebindStreamerResponse, UpdateStreamerResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};
use greenroom_rpc::violations::Violations;

impl<S: Store + HasLog> App<S> {
    /// Refuses whoever is barred.
    pub(super) fn refuse_barred(&self, enrolled: &Enrolled, bar: Bar, now: Timestamp) -> Result<(), Error> {
        let reasons = self.memory.world().bars(enrolled, bar, now);
        if reasons.is_empty() { Ok(()) } else { Err(Error::StreamerBarred(reasons)) }
    }

    /// Gives a streamer's account another name.
    pub async fn rename(
        &self,
        call: &Call,
        once: &Once,
        (id, etag): (&StreamerId, &str),
        account: Option<&str>,
    ) -> Result<UpdateStreamerResponse, Error> {
        let platform = &call.caller.organization;
        let plan = || self.plan_renaming(platform, id, etag, account);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(UpdateStreamerResponse { revision, ..done.answer })
    }

    async fn plan_renaming(
        &self,
        platform: &OrganizationId,
        id: &StreamerId,
        etag: &str,
        account: Option<&str>,
    ) -> Result<Planned<Change, UpdateStreamerResponse>, Error> {
        let streamer = self.streamer(platform, id).await?;
        etag::check(etag, streamer.version, &id.name())?;
        let account = account.unwrap_or(&streamer.account).to_owned();
        if let Some(known) = self.store.streamer_by_account(platform, &account).await?
            && known.id != streamer.id
        {
            return Err(Error::AccountEnrolled(known.id));
        }
        let renamed = streamer.rename(account, self.clock.now()).map_err(|refusal| refused(id, refusal))?;
        let stored = Streamer { version: renamed.version.next(), ..renamed.clone() };
        Ok(Planned {
            events: vec![fact::streamer(&stored)],
            answer: UpdateStreamerResponse { streamer: Some(self.shown(&stored)), revision: String::new() },
            change: Change::SaveStreamer(renamed),
        })
    }

    /// Binds a streamer's account to another person.
    pub async fn rebind(
        &self,
        call: &Call,
        once: &Once,
        (id, etag): (&StreamerId, &str),
        person: &PersonId,
    ) -> Result<RebindStreamerResponse, Error> {
        let platform = &call.caller.organization;
        let plan = || self.plan_rebinding(platform, id, etag, person);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(RebindStreamerResponse { revision, ..done.answer })
    }

    async fn plan_rebinding(
        &self,
        platform: &OrganizationId,
        id: &StreamerId,
        etag: &str,
        pairwise: &PersonId,
    ) -> Result<Planned<Change, RebindStreamerResponse>, Error> {
        let streamer = self.streamer(platform, id).await?;
        etag::check(etag, streamer.version, &id.name())?;
        let person = self.resolve(platform, pairwise).await?;
        self.up_to_date().await?;
        let now = self.clock.now();
        let before = Enrolled::from(&streamer);
        let rebound =
            streamer.rebind(person, pairwise.clone(), now).map_err(|refusal| refused(id, refusal))?;
        self.refuse_barred(&before, Bar::Rebinding, now)?;
        // Whoever takes an account over is barred by what would stand against a new one.
        let unknown =
            StreamerId::try_new(&new_id(&self.clock).to_string()).map_err(|fault| Fault::hide(&fault))?;
        self.refuse_barred(&newcomer(&unknown, platform, &rebound.person, now), Bar::Rebinding, now)?;
        // They bind the person, not the account.
        let known = self.engagements_of(&rebound).await?;
        let over = known.into_iter().filter(|it| it.state(now) != EngagementState::Ended);
        let over = over.filter_map(|it| {
            let read_at = it.version;
            Some((it.end(None, now).ok()?, Some(read_at)))
        });
        let stored = Streamer { version: rebound.version.next(), ..rebound.clone() };
        let answer = RebindStreamerResponse { streamer: Some(to_wire(&stored)), revision: String::new() };
        let (events, change) = with_streamer(rebound, now, &over.collect::<Vec<_>>());
        Ok(Planned { events, answer, change })
    }
}

/// Somebody as an account of its own would be known.
pub(super) fn newcomer(
    id: &StreamerId,
    platform: &OrganizationId,
    person: &PersonId,
    now: Timestamp,
) -> Enrolled {
    Enrolled {
        id: id.clone(),
        platform: platform.clone(),
        person: person.clone(),
        enrolment: Enrolment { state: EnrolmentState::Enrolled, since: now },
        version: 0,
    }
}

/// What the caller is told of a streamer that does not change as asked.
pub(super) fn refused(id: &StreamerId, refusal: StreamerRefusal) -> Error {
    match refusal {
        StreamerRefusal::Withdrawn => Error::StreamerWithdrawn(id.clone()),
        StreamerRefusal::SamePerson => {
            let mut violations = Violations::new();
            violations.add("person", refusal);
            Fault::fields(violations).into()
        }
    }
}
