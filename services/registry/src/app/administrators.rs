//! Whether whoever acts for a platform has the level that the platform demands of its administrators 平台管理员, and the way
//! out for those who must act without.

use super::App;
use super::conduct::{added, changed, fresh, party, restored};
use crate::error::{ConductError, Error};
use crate::memory::world::World;
use crate::wire::blocklist::{override_record, overriding as to_wire, read_override};
use crate::wire::fact;
use greenroom_domain::kernel::{OrganizationId, OverrideId, PersonId, Timestamp, Version};
use greenroom_domain::ledger::{StoreError, Write};
use greenroom_domain::registry::port::{Change, Kept, Store};
use greenroom_domain::registry::{
    Decision, Ending, Freshness, Outcome, OverriddenAct, Override, OverrideRefusal, OverrideState,
    Permission, Policy, PolicyMode, PolicyTerms, Question, RecordFilter, RecordKind, decide, in_force,
};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{DeclareOverrideResponse, EndOverrideResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::etag;
use greenroom_rpc::once::{Once, Planned};
use greenroom_rpc::page::Page;
use std::time::Duration;

/// Before the names of all overrides, in the order of names.
const BEFORE_OVERRIDES: &str = "overrides/";

/// By what right somebody acts: the platform demands nothing, or what it demands is met, or an override is active.
#[derive(Debug)]
pub struct Authority(Option<Override>);

impl Authority {
    /// The override, if there is one.
    pub fn name(&self) -> Option<OverrideId> {
        self.0.as_ref().map(|overriding| overriding.id.clone())
    }

    /// Has an act done under an override stand in its record, in the same transaction.
    pub fn note<A>(
        self,
        planned: Planned<Change, A>,
        call: &Call,
        resource: &str,
        now: Timestamp,
    ) -> Result<Planned<Change, A>, Error> {
        let Some(overriding) = self.0 else { return Ok(planned) };
        let (name, read_at) = (overriding.id.name(), overriding.version);
        let act = OverriddenAct { method: call.method.to_string(), resource: resource.to_owned(), at: now };
        let noted = overriding.note(act, now).map_err(|refusal| refused(name, refusal))?;
        let kept = kept(&Override { version: read_at.next(), ..noted }, Some(read_at));
        let Planned { change, mut events, answer } = planned;
        events.push(fact::record(&kept.record));
        Ok(Planned { change: Change::All(vec![change, Change::Keep(vec![kept])]), events, answer })
    }
}

/// Whether a person may act for a platform by these revisions of its policy. The law's gates stand beside the policy's.
fn judge(
    world: &World,
    (platform, person): (&OrganizationId, &PersonId),
    permission: Permission,
    revisions: &[Policy],
    (freshness, now): (&Freshness, Timestamp),
) -> Decision {
    let facts = world.facts_of_person(platform, person, now, now);
    let question = Question { permission, ..Question::default() };
    decide(&facts, &question, revisions, freshness, now)
}

/// What is said of an override by a fact.
fn read(fact: &Fact) -> Option<Override> {
    match fact {
        Fact::OverrideEntry(fact) => read_override(fact),
        _ => None,
    }
}

fn kept(overriding: &Override, read_at: Option<Version>) -> Kept {
    let record = override_record(overriding);
    match read_at {
        Some(read_at) => changed(record, read_at),
        None => added(record),
    }
}

fn refused(resource: String, OverrideRefusal(state): OverrideRefusal) -> Error {
    ConductError::StateWrong { resource, state: state.code() }.into()
}

impl<S: Store + HasLog> App<S> {
    /// By what right the caller does something for its platform. Without a policy in force for the permission nothing is
    /// demanded; where one is, the person behind the client meets it, or acts under an override.
    pub async fn authority(&self, call: &Call, permission: Permission) -> Result<Authority, Error> {
        self.up_to_date().await?;
        let (platform, now) = (&call.caller.organization, self.clock.now());
        let (revisions, overriding) = {
            let world = self.memory.world();
            let overriding = world.conduct.overriding(platform, &party(call), now);
            let overriding = overriding.map(|overriding| overriding.id.clone());
            (world.policies_for(platform, permission).to_vec(), overriding)
        };
        if in_force(&revisions, now).is_none() {
            return Ok(Authority(None));
        }
        if let Some(id) = overriding {
            let known = self.own(platform, &id.name(), read).await?;
            if known.holds(&party(call), now) {
                return Ok(Authority(Some(known)));
            }
        }
        self.qualified(call, permission, &revisions).await?;
        Ok(Authority(None))
    }

    /// Whoever demands a level of those who change the policy has it, or nobody could take the demand back.
    pub async fn may_introduce(
        &self,
        call: &Call,
        permission: Permission,
        policy: &Policy,
    ) -> Result<(), Error> {
        if permission != Permission::SetPolicy || policy.terms().mode == PolicyMode::Shadow {
            return Ok(());
        }
        let terms = PolicyTerms { effective_from: self.clock.now(), ..policy.terms().clone() };
        let Ok(now_in_force) = Policy::try_new(terms) else { return Ok(()) };
        self.qualified(call, permission, &[now_in_force]).await
    }

    async fn qualified(
        &self,
        call: &Call,
        permission: Permission,
        revisions: &[Policy],
    ) -> Result<(), Error> {
        let platform = &call.caller.organization;
        let Some(pairwise) = &call.caller.person else {
            return Err(ConductError::AdministratorNotQualified { permission, decision: None }.into());
        };
        let person = self.resolve(platform, pairwise).await?;
        let decision = {
            let (freshness, world) = (self.freshness(), self.memory.world());
            let moment = (&freshness, self.clock.now());
            judge(&world, (platform, &person), permission, revisions, moment)
        };
        if decision.outcome == Outcome::Allow {
            return Ok(());
        }
        let decision = Some(Box::new(decision));
        Err(ConductError::AdministratorNotQualified { permission, decision }.into())
    }

    /// Declares an override for the person behind the calling client.
    pub async fn declare_override(
        &self,
        call: &Call,
        once: &Once,
        reason: &str,
        length: Duration,
    ) -> Result<DeclareOverrideResponse, Error> {
        let id: OverrideId = fresh(&self.clock)?;
        let plan = || self.plan_override(call, &id, reason, length);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(DeclareOverrideResponse { revision, ..done.answer })
    }

    async fn plan_override(
        &self,
        call: &Call,
        id: &OverrideId,
        reason: &str,
        length: Duration,
    ) -> Result<Planned<Change, DeclareOverrideResponse>, Error> {
        let (platform, now) = (&call.caller.organization, self.clock.now());
        let declared_by = party(call);
        let Some(person) = &declared_by.person else { return Err(ConductError::PersonRequired.into()) };
        let active =
            RecordFilter { about: Some(person.name()), state: Some(OverrideState::Active.code().to_owned()) };
        let rows = self.store.records_of(RecordKind::Override, platform, &active, "", 100).await?;
        for row in &rows {
            let known = restored(row, read)?;
            if known.holds(&declared_by, now) {
                return Err(ConductError::OverrideActive(known.id).into());
            }
        }
        let declared = Override {
            id: id.clone(),
            platform: platform.clone(),
            reason: reason.to_owned(),
            declared_by,
            expires_at: now.plus(length),
            state: OverrideState::Active,
            acts: Vec::new(),
            ending: None,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        };
        let override_entry = Some(to_wire(&declared, now));
        let answer = DeclareOverrideResponse { override_entry, revision: String::new() };
        Ok(keep(&declared, None, answer))
    }

    /// Ends an override before its time.
    pub async fn end_override(
        &self,
        call: &Call,
        once: &Once,
        id: &OverrideId,
        reason: &str,
        etag: &str,
    ) -> Result<EndOverrideResponse, Error> {
        let plan = async || {
            let before = self.own(&call.caller.organization, &id.name(), read).await?;
            etag::check(etag, before.version, &id.name())?;
            let (now, read_at) = (self.clock.now(), before.version);
            let ending = Ending { at: now, reason: reason.to_owned(), by: party(call) };
            let ended = before.end(ending, now).map_err(|refusal| refused(id.name(), refusal))?;
            let ended = Override { version: read_at.next(), ..ended };
            let override_entry = Some(to_wire(&ended, now));
            let answer = EndOverrideResponse { override_entry, revision: String::new() };
            Ok::<_, Error>(keep(&ended, Some(read_at), answer))
        };
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(EndOverrideResponse { revision, ..done.answer })
    }

    /// A page of the overrides of a platform, or of all of them, and the token of the next one.
    pub async fn overrides(
        &self,
        platform: Option<&OrganizationId>,
        page: &Page,
    ) -> Result<(Vec<Override>, String), Error> {
        if let Some(platform) = platform {
            let all = RecordFilter::default();
            return self.page_of(RecordKind::Override, platform, &all, page, read).await;
        }
        let after = page.after.as_str().max(BEFORE_OVERRIDES);
        let mut rows = self.store.all_records(after, page.limit()).await?;
        rows.retain(|row| row.kind == RecordKind::Override);
        let (rows, token) = page.cut(rows, |row| row.name.clone());
        let read = rows.iter().map(|row| restored(row, read)).collect::<Result<_, _>>()?;
        Ok((read, token))
    }

    /// Notes the ends of overrides as they come, for as long as it is polled. Every replica does; the first one wins.
    pub async fn close_overrides(&self) {
        let mut applied = self.memory.changes();
        loop {
            applied.mark_unchanged();
            let next = {
                let world = self.memory.world();
                let next = world.conduct.open_overrides().min_by_key(|(_, end)| *end);
                next.map(|(id, end)| (id.clone(), end))
            };
            let Some((id, end)) = next else {
                drop(applied.changed().await);
                continue;
            };
            tokio::select! {
                () = self.clock.sleep_until(end) => {}
                _ = applied.changed() => continue,
            }
            match self.close_override(&id).await {
                // Its own log tells the memory in a moment.
                Ok(()) => drop(applied.changed().await),
                Err(error) => {
                    tracing::warn!(error = %error.whole(), "the end of an override cannot be noted; trying again");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    async fn close_override(&self, id: &OverrideId) -> Result<(), StoreError> {
        let now = self.clock.now();
        let Some(record) = self.store.record(&id.name()).await? else { return Ok(()) };
        let before = restored(&record, read)?;
        let read_at = before.version;
        let Ok(expired) = before.expire(now) else { return Ok(()) };
        let kept = kept(&Override { version: read_at.next(), ..expired }, Some(read_at));
        let events = vec![fact::record(&kept.record)];
        match self.commit(Change::Keep(vec![kept]), Write::by_service("overrides", events, now)).await {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// How long to wait before trying again when the database does not answer.
const RETRY: Duration = Duration::from_millis(500);

fn keep<A>(overriding: &Override, read_at: Option<Version>, answer: A) -> Planned<Change, A> {
    let kept = kept(overriding, read_at);
    let events = vec![fact::record(&kept.record)];
    Planned { change: Change::Keep(vec![kept]), events, answer }
}

#[cfg(test)]
mod tests;
