//! Sets policies, finds the one in force, and tells what another would change.

use super::App;
use crate::error::{Error, field};
use crate::wire::news::of_policy;
use crate::wire::policy::{policy as to_wire, policy_name};
use crate::wire::{decision, fact};
use greenroom_domain::kernel::{OrganizationId, StreamerId, Timestamp, Version};
use greenroom_domain::registry::port::{Change, PolicyRevision, Store};
use greenroom_domain::registry::{
    Comparison, Demand, Outcome, Permission, Policy, PolicyFault, PolicyMode, PolicyRule, PolicyTerms,
    Question, compare, in_force,
};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::{SetPolicyResponse, StreamerFlip};
use greenroom_rpc::call::Call;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};
use greenroom_rpc::violations::Violations;
use std::sync::Arc;
use std::time::Duration;

/// When a policy comes into force unless it says so (E-Commerce Law 电子商务法, art. 34: notice of at least seven days).
const NOTICE: Duration = Duration::from_hours(7 * 24);

/// How far in the past a beginning may lie to count as "now": the clocks of caller and service differ.
const TOLERANCE: Duration = Duration::from_secs(5);

/// How many kinds of cases are compared at most, and how many flips are told.
const MOST_CELLS: u64 = 2_000_000;
const TOLD_FLIPS: usize = 1_000;

/// How many streamers are asked about before others get their turn.
const PIECE: usize = 256;

/// What a caller asks a policy to be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What it is about.
    pub permission: Permission,
    /// Whether it is to count.
    pub mode: PolicyMode,
    /// What is asked always.
    pub demand: Demand,
    /// What is asked for some sales.
    pub rules: Vec<PolicyRule>,
    /// Whether the lists of associations count.
    pub heeds_associations: bool,
    /// How long ago a certificate may have been confirmed.
    pub max_evidence_age: Option<Duration>,
    /// How long a confirmation counts beyond its end.
    pub grace_period: Duration,
    /// How old news may be.
    pub max_staleness: Duration,
    /// From when on; `None` after the usual notice.
    pub effective_from: Option<Timestamp>,
}

impl Wish {
    fn terms(&self, platform: &OrganizationId, revision: i32, effective_from: Timestamp) -> PolicyTerms {
        PolicyTerms {
            platform: platform.clone(),
            permission: self.permission,
            revision,
            mode: self.mode,
            demand: self.demand.clone(),
            rules: self.rules.clone(),
            heeds_associations: self.heeds_associations,
            max_evidence_age: self.max_evidence_age,
            grace_period: self.grace_period,
            max_staleness: self.max_staleness,
            effective_from,
            version: Version::new(revision.into()),
        }
    }
}

/// What a candidate would change.
#[derive(Debug)]
pub struct Simulated {
    /// The revision it was compared with.
    pub revision: i32,
    /// In which kinds of cases.
    pub comparison: Comparison,
    /// How many streamers were asked about.
    pub streamers: i64,
    /// How many would gain.
    pub gain: i64,
    /// How many would lose.
    pub lose: i64,
    /// Those behind the one asked for, up to the number asked for.
    pub told: Vec<(StreamerId, StreamerFlip)>,
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
        let (policy, planned) = self.plan_policy(platform, wish, etag).await?;
        self.may_introduce(call, wish.permission, &policy).await?;
        let authority = self.authority(call, Permission::SetPolicy).await?;
        authority.note(planned, call, &policy_name(platform, wish.permission), self.clock.now())
    }

    async fn plan_policy(
        &self,
        platform: &OrganizationId,
        wish: &Wish,
        etag: &str,
    ) -> Result<(Policy, Planned<Change, SetPolicyResponse>), Error> {
        let newest = self.store.policies_before(platform, wish.permission, i64::MAX, 1).await?.pop();
        let newest = newest.map_or(0, |record| record.revision);
        etag::check(etag, Version::new(newest.into()), &policy_name(platform, wish.permission))?;
        let now = self.clock.now();
        let begins = beginning(wish, now)?;
        let policy = self.policy_of(wish.terms(platform, newest.saturating_add(1), begins)).await?;
        let revision = PolicyRevision { policy: policy.clone(), created_at: now };
        let planned = Planned {
            events: vec![fact::policy(&revision)],
            answer: SetPolicyResponse { policy: Some(to_wire(&revision)), revision: String::new() },
            change: Change::AddPolicy(fact::policy_record(&revision)),
        };
        Ok((policy, planned))
    }

    /// A policy that may be set. Its rules are held against each other beside the calls: that takes a while where there are
    /// many, and nobody waits for it but the caller.
    async fn policy_of(&self, terms: PolicyTerms) -> Result<Policy, Error> {
        let policy = Policy::try_new(terms).map_err(refused)?;
        let standards = Arc::clone(self.memory.world().standards());
        let looked_at = tokio::task::spawn_blocking(move || (policy.against(&standards), policy)).await;
        let (faults, policy) = looked_at.map_err(|broken| Fault::hide(&broken))?;
        if faults.is_empty() { Ok(policy) } else { Err(refused(faults)) }
    }

    /// Every revision, the oldest first.
    pub async fn revisions(
        &self,
        platform: &OrganizationId,
        permission: Permission,
    ) -> Result<Vec<PolicyRevision>, Error> {
        let records = self.store.policies_of(platform, permission).await?;
        Ok(records.iter().map(of_policy).collect::<Result<_, _>>()?)
    }

    /// The revision in force, or the next to come.
    pub async fn policy(
        &self,
        platform: &OrganizationId,
        permission: Permission,
    ) -> Result<PolicyRevision, Error> {
        let revisions = self.revisions(platform, permission).await?;
        let now = self.clock.now();
        let policies: Vec<Policy> = revisions.iter().map(|revision| revision.policy.clone()).collect();
        let next = || {
            let live = policies.iter().filter(|policy| policy.terms().mode == PolicyMode::Live);
            let later = live.filter(|policy| policy.terms().effective_from > now);
            later.min_by_key(|policy| (policy.terms().effective_from, -policy.terms().revision))
        };
        let number = in_force(&policies, now).or_else(next).map(|policy| policy.terms().revision);
        let chosen = revisions.into_iter().find(|revision| Some(revision.policy.terms().revision) == number);
        chosen.ok_or_else(|| Error::PolicyNotFound(policy_name(platform, permission)))
    }

    /// What a candidate would change: in which kinds of cases, and for which of the platform's streamers today.
    pub async fn simulate(
        &self,
        platform: &OrganizationId,
        wish: &Wish,
        question: &Question,
        (page, limit): (&str, usize),
    ) -> Result<Simulated, Error> {
        let now = self.clock.now();
        let candidate = Wish { mode: PolicyMode::Live, ..wish.clone() };
        let candidate = self.policy_of(candidate.terms(platform, i32::MAX, now)).await?;
        let (present, catalogue) = {
            let world = self.memory.world();
            let present = in_force(world.policies_for(platform, wish.permission), now).cloned();
            (present, Arc::clone(world.standards()))
        };
        let revision = present.as_ref().map_or(0, |policy| policy.terms().revision);
        let (before, after) = (present.clone(), candidate.clone());
        let compared = tokio::task::spawn_blocking(move || {
            compare(before.as_ref(), &after, &catalogue, MOST_CELLS, TOLD_FLIPS)
        });
        let compared = compared.await.map_err(|fault| Fault::hide(&fault))?;
        let comparison = compared.map_err(|cells| Error::SimulationTooLarge { cells, most: MOST_CELLS })?;
        let mut simulated =
            Simulated { revision, comparison, streamers: 0, gain: 0, lose: 0, told: Vec::new() };
        let policies = (present.into_iter().collect::<Vec<_>>(), vec![candidate]);
        let mut last = None;
        loop {
            last = self.simulate_piece(
                platform,
                question,
                &policies,
                last.as_ref(),
                (page, limit),
                &mut simulated,
            );
            if last.is_none() {
                return Ok(simulated);
            }
            // Checks and renewals are answered between one piece and the next.
            tokio::task::yield_now().await;
        }
    }

    /// Asks about the next streamers; tells the last of them.
    fn simulate_piece(
        &self,
        platform: &OrganizationId,
        question: &Question,
        (present, candidate): &(Vec<Policy>, Vec<Policy>),
        behind: Option<&StreamerId>,
        (after, limit): (&str, usize),
        simulated: &mut Simulated,
    ) -> Option<StreamerId> {
        let (freshness, now) = (self.freshness(), self.clock.now());
        let world = self.memory.world();
        let piece = world.streamers_of(platform, behind, PIECE);
        for streamer in &piece {
            let policies = [present.as_slice(), candidate.as_slice()];
            let both = world.decide_under(policies, (platform, streamer), question, &freshness, now);
            let Some([before, then]) = both else { continue };
            simulated.streamers += 1;
            let allowed = [&before, &then].map(|decision| decision.outcome == Outcome::Allow);
            match allowed {
                [false, true] => simulated.gain += 1,
                [true, false] => simulated.lose += 1,
                _ => continue,
            }
            if streamer.as_str() > after && simulated.told.len() < limit {
                let flip = StreamerFlip {
                    streamer: streamer.name(),
                    before: decision::outcome(before.outcome).into(),
                    after: decision::outcome(then.outcome).into(),
                    reasons: then.reasons.iter().map(|reason| decision::code(reason.code).into()).collect(),
                };
                simulated.told.push((streamer.clone(), flip));
            }
        }
        piece.into_iter().last()
    }
}

/// When the revision begins: not in the past, so that nobody was ever judged by a policy nobody could know. One that is only
/// tried out needs no notice.
fn beginning(wish: &Wish, now: Timestamp) -> Result<Timestamp, Fault> {
    let usual = if wish.mode == PolicyMode::Shadow { now } else { now.plus(NOTICE) };
    let Some(asked) = wish.effective_from else { return Ok(usual) };
    if asked.plus(TOLERANCE) >= now {
        return Ok(asked.max(now));
    }
    let mut violations = Violations::new();
    violations.add("policy.effective_time", "must not lie in the past");
    Err(Fault::fields(violations))
}

/// What is well formed and cannot be meant is told by name; malformed fields come first, and with all the rest.
fn refused(faults: Vec<PolicyFault>) -> Error {
    let meant = |fault: &PolicyFault| {
        let fault = fault.itself();
        matches!(
            fault,
            PolicyFault::NeverSatisfied { .. }
                | PolicyFault::Shadowed { .. }
                | PolicyFault::Inverted { .. }
                | PolicyFault::TierInverted { .. }
        )
    };
    if faults.iter().all(meant) {
        return Error::PolicyRefused(faults);
    }
    let mut violations = Violations::new();
    for fault in &faults {
        violations.add(field(fault), fault);
    }
    Fault::fields(violations).into()
}
