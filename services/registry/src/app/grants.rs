//! Grants: what a platform permits, recorded with the decision it was given on.

use super::{App, sessions::with_write};
use crate::error::Error;
use crate::wire::grant::{Given, Happening};
use greenroom_domain::kernel::{GrantId, OrganizationId, StreamerId, Timestamp};
use greenroom_domain::registry::port::{Change, Kept, Store};
use greenroom_domain::registry::{Decision, Grant, GrantRefusal, Outcome, Question, Record, RecordKind};
use greenroom_feed::cursor::Cursor;
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::{GrantPermissionResponse, RevokeGrantResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};
use greenroom_rpc::violations::Violations;

/// What a caller asks a grant to be.
#[derive(Clone, Debug)]
pub struct Granting {
    /// To whom.
    pub streamer: StreamerId,
    /// What, where and how.
    pub question: Question,
    /// What the platform attaches to it.
    pub conditions: Vec<String>,
    /// When it ends.
    pub until: Option<Timestamp>,
}

impl<S: Store + HasLog> App<S> {
    /// Decides, and records a yes.
    pub async fn grant(
        &self,
        call: &Call,
        once: &Once,
        granting: &Granting,
    ) -> Result<GrantPermissionResponse, Error> {
        let id = GrantId::try_new(&new_id(&self.clock).to_string()).map_err(|fault| Fault::hide(&fault))?;
        let plan = || std::future::ready(self.plan_grant(call, &id, granting));
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        let position = done.position.as_ref();
        Ok(GrantPermissionResponse {
            revision: with_write(&done.answer.revision, position)?,
            watch_cursor: position.map(Cursor::encode).unwrap_or_default(),
            ..done.answer
        })
    }

    fn plan_grant(
        &self,
        call: &Call,
        id: &GrantId,
        granting: &Granting,
    ) -> Result<Planned<Change, GrantPermissionResponse>, Error> {
        let (known, now) = (self.memory.applied().text, self.clock.now());
        let platform = &call.caller.organization;
        let made = {
            let (world, freshness) = (self.memory.world(), self.freshness());
            world.decide(platform, &granting.streamer, &granting.question, &freshness, now)
        };
        let made = made.ok_or_else(|| Error::StreamerNotFound(granting.streamer.clone()))?;
        let given = match made.outcome {
            Outcome::Allow => Some(give(call, id, granting, &made, now)?),
            Outcome::Deny | Outcome::NotYet | Outcome::Undetermined => None,
        };
        let record = given.as_ref().map(|given| given.record(Happening::Granted));
        Ok(Planned {
            events: record.iter().map(crate::wire::fact::record).collect(),
            answer: GrantPermissionResponse {
                decision: Some(crate::wire::decision::decision(&made)),
                grant: given.map(|given| given.told),
                revision: known.as_ref().to_owned(),
                watch_cursor: String::new(),
            },
            change: Change::Keep(record.map(|record| Kept { record, read_at: None }).into_iter().collect()),
        })
    }

    /// Takes a grant back.
    pub async fn revoke_grant(
        &self,
        call: &Call,
        once: &Once,
        id: &GrantId,
        reason: &str,
        etag: &str,
    ) -> Result<RevokeGrantResponse, Error> {
        let platform = &call.caller.organization;
        let plan = || self.plan_revocation(platform, id, reason, etag);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        let revision = done.revision();
        Ok(RevokeGrantResponse { revision, ..done.answer })
    }

    async fn plan_revocation(
        &self,
        platform: &OrganizationId,
        id: &GrantId,
        reason: &str,
        etag: &str,
    ) -> Result<Planned<Change, RevokeGrantResponse>, Error> {
        let read = self.granted(platform, id).await?;
        etag::check(etag, read.version, &id.name())?;
        let (before, now) = (Given::restore(&read)?, self.clock.now());
        let revoked = before.grant.clone().revoke(now).map_err(|refusal| refused(id, &refusal))?;
        let mut after = before.after(revoked, None, now);
        reason.clone_into(&mut after.told.revocation_reason);
        let record = after.record(Happening::Revoked);
        Ok(Planned {
            events: vec![crate::wire::fact::record(&record)],
            answer: RevokeGrantResponse { grant: Some(after.told), revision: String::new() },
            change: Change::Keep(vec![Kept { record, read_at: Some(read.version) }]),
        })
    }

    /// The record of one grant of a platform.
    pub async fn granted(&self, platform: &OrganizationId, id: &GrantId) -> Result<Record, Error> {
        let record = self.store.record(&id.name()).await?;
        let own = |record: &Record| record.kind == RecordKind::Grant && record.owner == *platform;
        record.filter(own).ok_or_else(|| Error::GrantNotFound(id.clone()))
    }
}

fn give(
    call: &Call,
    id: &GrantId,
    granting: &Granting,
    made: &Decision,
    now: Timestamp,
) -> Result<Given, Error> {
    let Granting { streamer, question, conditions, until } = granting;
    let asked = (question.permission, question.sale.clone());
    let platform = call.caller.organization.clone();
    let grant = Grant::give(id.clone(), platform, streamer.clone(), asked, *until, made, now);
    let grant = grant.map_err(|refusal| refused(id, &refusal))?;
    Ok(Given::new(grant, made, conditions.clone(), &call.actor()))
}

fn refused(id: &GrantId, refusal: &GrantRefusal) -> Error {
    match refusal {
        GrantRefusal::Ended { state } => Error::GrantEnded { grant: id.clone(), state: *state },
        GrantRefusal::OverAlready { .. } => {
            let mut violations = Violations::new();
            violations.add("until_time", "must lie in the future");
            Fault::fields(violations).into()
        }
        // Only a yes is given, and nothing here expires.
        GrantRefusal::NotAllowed { .. } | GrantRefusal::Runs => Fault::hide(refusal).into(),
    }
}
