//! What a platform asks for beyond the law.

mod demand;
mod design;
mod fault;

pub use demand::{Demand, PolicyRule};
pub use fault::PolicyFault;

use super::facts::CertificateFact;
use super::operator::RoomTier;
use super::question::{Permission, Sale};
use crate::kernel::{OrganizationId, Timestamp, Version};
use std::time::Duration;

/// What a platform asks for beyond the law, in one revision of its policy for a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyTerms {
    /// Whose policy it is.
    pub platform: OrganizationId,
    /// What it is about.
    pub permission: Permission,
    /// The number of the revision, from 1 for each permission.
    pub revision: i32,
    /// Whether it counts or is tried out.
    pub mode: PolicyMode,
    /// What is asked always.
    pub demand: Demand,
    /// What is asked beside that for some sales. Every rule that applies is asked: the strictest wins.
    pub rules: Vec<PolicyRule>,
    /// Whether the lists of associations 行业警示名单 count.
    pub heeds_associations: bool,
    /// How long ago a certificate may have been confirmed; none for as long as the confirmation itself counts.
    pub max_evidence_age: Option<Duration>,
    /// How long a confirmation counts beyond its end, up to [`LONGEST_GRACE`]. What the law asks for knows no grace.
    pub grace_period: Duration,
    /// How old what was heard from the other services may be: [`SHORTEST_STALENESS`] to [`LONGEST_STALENESS`].
    pub max_staleness: Duration,
    /// From when on the revision counts.
    pub effective_from: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

impl PolicyTerms {
    /// Terms that ask for a demand and nothing else, of the first revision of a policy for live sales.
    pub const fn plain(platform: OrganizationId, demand: Demand, effective_from: Timestamp) -> Self {
        Self {
            platform,
            permission: Permission::LiveSale,
            revision: 1,
            mode: PolicyMode::Live,
            demand,
            rules: Vec::new(),
            heeds_associations: false,
            max_evidence_age: None,
            grace_period: Duration::ZERO,
            max_staleness: USUAL_STALENESS,
            effective_from,
            version: Version::FIRST,
        }
    }
}

/// Whether a revision counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum PolicyMode {
    /// It counts.
    #[default]
    Live,
    /// It is tried out beside the one that counts, and changes no answer.
    Shadow,
}

/// One revision of a platform's policy. It never changes; a later revision replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy(PolicyTerms);

/// The longest staleness a policy may allow. It is borne by the platform's own requirements alone: what the law asks for
/// rests on news no older than [`LEGAL_STALENESS`](super::LEGAL_STALENESS).
pub const LONGEST_STALENESS: Duration = Duration::from_hours(24);

/// The shortest staleness a policy may allow: feeds speak once a second, and with less than a few of those every answer
/// would be undetermined now and then.
pub const SHORTEST_STALENESS: Duration = Duration::from_secs(5);

/// How old news may be unless a policy says so: twice the longest lease, so that a short outage of another service does
/// not shorten leases.
pub const USUAL_STALENESS: Duration = Duration::from_mins(2);

/// The longest a confirmation may count beyond its end.
pub const LONGEST_GRACE: Duration = Duration::from_hours(90 * 24);

/// The least and the most that a policy may ask of the age of evidence.
const EVIDENCE_AGES: std::ops::RangeInclusive<Duration> =
    Duration::from_hours(24)..=Duration::from_hours(3_653 * 24);

/// The most that can be asked of a condition.
const MOST_OF_A_CONDITION: i64 = 1_000_000_000;

impl Policy {
    /// A policy whose numbers make sense; tells every fault at once. Whether anybody could satisfy it is for
    /// [`against`](Self::against) to say: standards change, and a policy that was set stands.
    pub fn try_new(terms: PolicyTerms) -> Result<Self, Vec<PolicyFault>> {
        let simple = [
            (terms.revision < 1).then_some(PolicyFault::Revision),
            (!(SHORTEST_STALENESS..=LONGEST_STALENESS).contains(&terms.max_staleness))
                .then_some(PolicyFault::Staleness),
            terms
                .max_evidence_age
                .is_some_and(|age| !EVIDENCE_AGES.contains(&age))
                .then_some(PolicyFault::EvidenceAge),
            (terms.grace_period > LONGEST_GRACE).then_some(PolicyFault::Grace),
            (terms.permission != Permission::LiveSale && !terms.rules.is_empty())
                .then_some(PolicyFault::RulesWithoutSale),
        ];
        let mut faults: Vec<PolicyFault> = simple.into_iter().flatten().chain(empty(&terms.demand)).collect();
        for (rule, of) in terms.rules.iter().enumerate() {
            let any = of.categories.is_empty() && of.tiers.is_empty() && of.functions.is_empty();
            let within = any.then_some(PolicyFault::NoSelector).into_iter().chain(empty(&of.demand));
            faults.extend(within.map(|fault| PolicyFault::InRule { rule, fault: Box::new(fault) }));
        }
        if faults.is_empty() { Ok(Self(terms)) } else { Err(faults) }
    }

    /// The same policy as if it counted.
    #[must_use]
    pub fn live(&self) -> Self {
        Self(PolicyTerms { mode: PolicyMode::Live, ..self.0.clone() })
    }

    /// What it asks for.
    pub const fn terms(&self) -> &PolicyTerms {
        &self.0
    }

    /// Everything it asks for in a sale in a room of this tier: the base, and each rule that applies with its index.
    pub fn demands(
        &self,
        sale: &Sale,
        tier: Option<RoomTier>,
    ) -> impl Iterator<Item = (Option<usize>, &Demand)> {
        let rules = self.0.rules.iter().enumerate().filter(move |(_, rule)| rule.concerns(sale, tier));
        std::iter::once((None, &self.0.demand)).chain(rules.map(|(place, rule)| (Some(place), &rule.demand)))
    }

    /// Until when the confirmation of a certificate counts under this policy; none if it never did.
    pub fn counts_until(&self, fact: &CertificateFact) -> Option<Timestamp> {
        let ends = fact.evidence_until?.plus(self.0.grace_period);
        let too_old = self.0.max_evidence_age.map(|age| fact.verified_at.unwrap_or(fact.since).plus(age));
        Some(too_old.map_or(ends, |too_old| too_old.min(ends)))
    }
}

fn empty(demand: &Demand) -> impl Iterator<Item = PolicyFault> {
    let bounded = |least: i64| (1..=MOST_OF_A_CONDITION).contains(&least);
    let conditions = demand.conditions.iter().filter(move |(_, least)| !bounded(**least));
    let conditions = conditions.map(|(condition, _)| PolicyFault::ConditionBounds(*condition));
    [
        demand.standards.is_empty().then_some(PolicyFault::NoStandard),
        demand.job_types.is_empty().then_some(PolicyFault::NoJobType),
    ]
    .into_iter()
    .flatten()
    .chain(conditions)
}

/// The revision that counts at `now`: of those that have begun, the one that began last; of several that began at the
/// same instant, the last revision. Those that are tried out never count.
///
/// So a revision planned for later still takes over then, though another was set meanwhile; to cancel it, set one with
/// the same beginning.
pub fn in_force(revisions: &[Policy], now: Timestamp) -> Option<&Policy> {
    latest(revisions.iter().filter(|policy| policy.0.mode == PolicyMode::Live), now)
}

/// The revision that is tried out at `now`: the one that began last, until another begins, of whichever mode.
pub fn tried_out(revisions: &[Policy], now: Timestamp) -> Option<&Policy> {
    latest(revisions.iter(), now).filter(|policy| policy.0.mode == PolicyMode::Shadow)
}

fn latest<'a>(revisions: impl Iterator<Item = &'a Policy>, now: Timestamp) -> Option<&'a Policy> {
    revisions
        .filter(|policy| policy.0.effective_from <= now)
        .max_by_key(|policy| (policy.0.effective_from, policy.0.revision))
}

/// The next instant at which some revision that counts begins.
pub fn next_start(revisions: &[Policy], now: Timestamp) -> Option<Timestamp> {
    let live = revisions.iter().filter(|policy| policy.0.mode == PolicyMode::Live);
    live.map(|policy| policy.0.effective_from).filter(|start| *start > now).min()
}

#[cfg(test)]
mod tests;
