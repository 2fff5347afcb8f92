//! Sets policies and finds the one in force.

use super::App;
use crate::error::Error;
use crate::wire::{fact, policy as to_wire, policy_name};
use greenroom_domain::kernel::{OrganizationId, StandardId, Timestamp, Version};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_domain::registry::port::{Change, PolicyRevision, Store};
use greenroom_domain::registry::{Permission, Policy, PolicyFault, PolicyTerms, in_force};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::SetPolicyResponse;
use greenroom_rpc::call::Call;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};
use greenroom_rpc::violations::Violations;
use std::collections::BTreeSet;
use std::time::Duration;

/// When a policy comes into force unless it says so (E-Commerce Law 电子商务法, art. 34: notice of at least seven days).
const NOTICE: Duration = Duration::from_hours(7 * 24);

/// How far in the past a beginning may lie to count as "now": the clocks of caller and service differ.
const TOLERANCE: Duration = Duration::from_secs(5);

/// What a caller asks a policy to be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The standards whose certificates count.
    pub standards: BTreeSet<StandardId>,
    /// The job types that count.
    pub job_types: BTreeSet<JobType>,
    /// The least skill.
    pub minimum_level: Level,
    /// How old news may be.
    pub max_staleness: Duration,
    /// From when on; `None` after the usual notice.
    pub effective_from: Option<Timestamp>,
}

impl<S: Store + HasLog> App<S> {
    /// Sets the next revision of the caller's policy.
    pub async fn set_policy(
        &self,
        call: &Call,
        once: &Once,
        wish: &Wish,
        etag: &str,
    ) -> Result<SetPolicyResponse, Error> {
        let plan = || Box::pin(self.plan_policy_by(call, wish, etag));
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(SetPolicyResponse { revision, ..done.answer })
    }

    /// The same by somebody who may.
    async fn plan_policy_by(
        &self,
        call: &Call,
        wish: &Wish,
        etag: &str,
    ) -> Result<Planned<Change, SetPolicyResponse>, Error> {
        let platform = &call.caller.organization;
        let planned = self.plan_policy(platform, wish, etag).await?;
        if let Change::AddPolicy(revision) = &planned.change {
            self.may_introduce(call, Permission::LiveSale, &revision.policy).await?;
        }
        let authority = self.authority(call, Permission::SetPolicy).await?;
        authority.note(planned, call, &policy_name(platform.as_str()), self.clock.now())
    }

    async fn plan_policy(
        &self,
        platform: &OrganizationId,
        wish: &Wish,
        etag: &str,
    ) -> Result<Planned<Change, SetPolicyResponse>, Error> {
        let newest = self.store.policies_before(platform, i64::MAX, 1).await?.pop();
        let newest = newest.map_or(0, |revision| revision.policy.terms().revision);
        etag::check(etag, Version::new(newest.into()), &policy_name(platform.as_str()))?;
        let (revision, now) = (newest.saturating_add(1), self.clock.now());
        let terms = PolicyTerms {
            platform: platform.clone(),
            revision,
            standards: wish.standards.clone(),
            job_types: wish.job_types.clone(),
            minimum_level: wish.minimum_level,
            max_staleness: wish.max_staleness,
            effective_from: beginning(wish.effective_from, now)?,
            version: Version::new(revision.into()),
        };
        let policy = Policy::try_new(terms).map_err(refused)?;
        let faults = policy.against(self.memory.world().standards());
        if !faults.is_empty() {
            return Err(refused(faults));
        }
        let revision = PolicyRevision { policy, created_at: now };
        Ok(Planned {
            events: vec![fact::policy(&revision)],
            answer: SetPolicyResponse { policy: Some(to_wire(&revision)), revision: String::new() },
            change: Change::AddPolicy(revision),
        })
    }

    /// The revision in force, or the next to come.
    pub async fn policy(&self, platform: &OrganizationId) -> Result<PolicyRevision, Error> {
        let revisions = self.store.policies_of(platform).await?;
        let now = self.clock.now();
        let policies: Vec<Policy> = revisions.iter().map(|revision| revision.policy.clone()).collect();
        let next = || {
            let later = policies.iter().filter(|policy| policy.terms().effective_from > now);
            later.min_by_key(|policy| (policy.terms().effective_from, -policy.terms().revision))
        };
        let number = in_force(&policies, now).or_else(next).map(|policy| policy.terms().revision);
        let chosen = revisions.into_iter().find(|revision| Some(revision.policy.terms().revision) == number);
        chosen.ok_or_else(|| Error::PolicyNotFound(policy_name(platform.as_str())))
    }
}

/// When the revision begins: not in the past, so that nobody was ever judged by a policy nobody could know.
fn beginning(asked: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Fault> {
    let Some(asked) = asked else { return Ok(now.plus(NOTICE)) };
    if asked.plus(TOLERANCE) >= now {
        return Ok(asked.max(now));
    }
    let mut violations = Violations::new();
    violations.add("policy.effective_time", "must not lie in the past");
    Err(Fault::fields(violations))
}

/// What nobody could meet is told by name; the rest are malformed fields.
fn refused(faults: Vec<PolicyFault>) -> Error {
    let mut violations = Violations::new();
    for fault in faults {
        let field = match fault {
            PolicyFault::NeverSatisfied { .. } => return Error::PolicyUnsatisfiable(fault),
            PolicyFault::Revision => "policy.revision_number",
            PolicyFault::NoStandard | PolicyFault::StandardUnknown(_) => "policy.accepted_standards",
            PolicyFault::NoJobType | PolicyFault::JobTypeUnknown { .. } => "policy.accepted_job_types",
            PolicyFault::LevelUnknown { .. } => "policy.minimum_level",
            PolicyFault::Staleness => "policy.max_staleness",
        };
        violations.add(field, fault);
    }
    Fault::fields(violations).into()
}
