//! Policies and reports read into the domain's values; everything that is wrong with one is told at once.

use super::parse::{categories, ids, plain_ids, sale};
use crate::app::conditions::Report;
use crate::app::policies::Wish;
use crate::wire::policy::{read_condition_kind, read_permission, read_room_tier};
use crate::wire::read_level;
use greenroom_domain::kernel::{StandardId, StreamerId};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_domain::registry::{
    Condition, Demand, PolicyMode, PolicyRule, Question, RoomTier, RuleSet, USUAL_STALENESS,
};
use greenroom_proto::registry::v1 as proto;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::{enum_value, instant, length, name};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const MAX_STANDARDS: usize = 50;
const MAX_JOB_TYPES: usize = 50;
const MAX_RULES: usize = 20;

/// A policy to set.
pub fn wish(given: Option<&proto::Policy>, rules: &RuleSet) -> Result<Wish, Fault> {
    let mut violations = Violations::new();
    let wish = read_wish(given, rules, &mut violations);
    violations.finish(wish)
}

/// A candidate, and what the platform's streamers are asked about.
pub fn simulation(
    request: &proto::SimulatePolicyRequest,
    rules: &RuleSet,
) -> Result<(Wish, Question), Fault> {
    let mut violations = Violations::new();
    let wish = read_wish(request.policy.as_ref(), rules, &mut violations);
    let sale = sale(request.sale.as_ref(), rules, &mut violations);
    let both = wish.zip(sale).map(|(wish, sale)| {
        let question = Question { permission: wish.permission, ..Question::of_sale(sale) };
        (wish, question)
    });
    violations.finish(both)
}

fn read_wish(given: Option<&proto::Policy>, known: &RuleSet, violations: &mut Violations) -> Option<Wish> {
    let none = proto::Policy::default();
    let policy = given.unwrap_or(&none);
    let demand = demand(policy, violations);
    let staleness = span("policy.max_staleness", policy.max_staleness.as_ref(), violations);
    let age = span("policy.max_evidence_age", policy.max_evidence_age.as_ref(), violations);
    let grace = span("policy.grace_period", policy.grace_period.as_ref(), violations);
    let begins = policy.effective_time.as_ref().map(instant).transpose();
    let begins = violations.take("policy.effective_time", begins);
    let permission = proto::Permission::try_from(policy.permission).map_err(|_| "is no permission");
    let permission = violations.take("policy.permission", permission).map(read_permission);
    let few = policy.rules.len() <= MAX_RULES;
    violations.require(few, "policy.rules", "must have at most 20 entries");
    let rules = policy.rules.iter().take(MAX_RULES).enumerate();
    // Without the policy's own demand nobody can say what a rule leaves to it; its other fields are looked at all the same.
    let base = demand.clone().unwrap_or_else(nothing);
    let rules: Vec<Option<PolicyRule>> =
        rules.map(|(at, one)| rule(at, one, &base, known, violations)).collect();
    Some(Wish {
        permission: permission?,
        mode: if policy.shadow { PolicyMode::Shadow } else { PolicyMode::Live },
        demand: demand?,
        rules: rules.into_iter().collect::<Option<_>>()?,
        heeds_associations: policy.heed_associations,
        max_evidence_age: age,
        grace_period: grace.unwrap_or_default(),
        max_staleness: staleness.unwrap_or(USUAL_STALENESS),
        effective_from: begins?,
    })
}

fn nothing() -> Demand {
    Demand::of_level(BTreeSet::new(), BTreeSet::new(), Level::Five)
}

/// A length that may be absent, as events carry it: in milliseconds.
fn span(field: &str, given: Option<&prost_types::Duration>, violations: &mut Violations) -> Option<Duration> {
    let read = violations.take(field, length(given?))?;
    Some(Duration::from_millis(u64::try_from(read.as_millis()).unwrap_or(u64::MAX)))
}

fn demand(policy: &proto::Policy, violations: &mut Violations) -> Option<Demand> {
    let counted = (1..=MAX_STANDARDS).contains(&policy.accepted_standards.len());
    violations.require(counted, "policy.accepted_standards", "must have 1 to 50 entries");
    let standards = standards("policy", &policy.accepted_standards, violations);
    let counted = (1..=MAX_JOB_TYPES).contains(&policy.accepted_job_types.len());
    violations.require(counted, "policy.accepted_job_types", "must have 1 to 50 entries");
    let job_types = job_types("policy", &policy.accepted_job_types, violations);
    let level =
        violations.take("policy.minimum_level", enum_value(policy.minimum_level)).and_then(read_level);
    let conditions = conditions("policy", &policy.conditions, violations);
    Some(Demand { conditions: conditions?, ..Demand::of_level(standards, job_types, level?) })
}

/// A rule; what it leaves empty is the policy's own.
fn rule(
    at: usize,
    given: &proto::PolicyRule,
    base: &Demand,
    known: &RuleSet,
    violations: &mut Violations,
) -> Option<PolicyRule> {
    let of = format!("policy.rules[{at}]");
    let categories = categories(&format!("{of}.categories"), &given.categories, known, violations);
    let functions = plain_ids(&format!("{of}.functions"), &given.functions, violations);
    let tiers = tiers(&of, &given.tiers, violations);
    let few = given.accepted_standards.len() <= MAX_STANDARDS;
    violations.require(few, &format!("{of}.accepted_standards"), "must have at most 50 entries");
    let standards = standards(&of, &given.accepted_standards, violations);
    let few = given.accepted_job_types.len() <= MAX_JOB_TYPES;
    violations.require(few, &format!("{of}.accepted_job_types"), "must have at most 50 entries");
    let job_types = job_types(&of, &given.accepted_job_types, violations);
    let level = proto::Level::try_from(given.minimum_level).map_err(|_| "is no level");
    let level = violations.take(&format!("{of}.minimum_level"), level);
    let conditions = conditions(&of, &given.conditions, violations);
    let or = |set: BTreeSet<StandardId>| if set.is_empty() { base.standards.clone() } else { set };
    let demand = Demand {
        standards: or(standards),
        job_types: if job_types.is_empty() { base.job_types.clone() } else { job_types },
        minimum_level: read_level(level?).unwrap_or(base.minimum_level),
        conditions: conditions?,
    };
    Some(PolicyRule { categories: categories?, tiers: tiers?, functions: functions?, demand })
}

fn standards(of: &str, given: &[String], violations: &mut Violations) -> BTreeSet<StandardId> {
    ids(&format!("{of}.accepted_standards"), given.get(..MAX_STANDARDS).unwrap_or(given), violations)
        .into_iter()
        .collect()
}

fn job_types(of: &str, given: &[String], violations: &mut Violations) -> BTreeSet<JobType> {
    let mut job_types = BTreeSet::new();
    for (index, id) in given.iter().take(MAX_JOB_TYPES).enumerate() {
        let field = format!("{of}.accepted_job_types[{index}]");
        job_types.extend(violations.take(&field, JobType::try_new(id)));
    }
    job_types
}

fn tiers(of: &str, given: &[i32], violations: &mut Violations) -> Option<BTreeSet<RoomTier>> {
    let read = |(index, tier): (usize, &i32)| {
        let tier = proto::RoomTier::try_from(*tier).ok().and_then(read_room_tier);
        violations.take(&format!("{of}.tiers[{index}]"), tier.ok_or("is no tier"))
    };
    let tiers: Vec<Option<RoomTier>> = given.iter().take(MAX_RULES).enumerate().map(read).collect();
    tiers.into_iter().collect()
}

fn conditions(
    of: &str,
    given: &[proto::PolicyCondition],
    violations: &mut Violations,
) -> Option<BTreeMap<Condition, i64>> {
    let few = given.len() <= Condition::ALL.len();
    violations.require(few, &format!("{of}.conditions"), "must name each condition once");
    let mut conditions = BTreeMap::new();
    let mut whole = few;
    for (index, one) in given.iter().take(Condition::ALL.len()).enumerate() {
        let kind = proto::ConditionKind::try_from(one.kind).ok().and_then(read_condition_kind);
        let field = format!("{of}.conditions[{index}].kind");
        let kind = violations.take(&field, kind.ok_or("is no condition"));
        whole &= kind.is_some();
        if kind.is_some_and(|kind| conditions.insert(kind, one.minimum).is_some()) {
            violations.add(field, "is there twice");
            whole = false;
        }
    }
    whole.then_some(conditions)
}

/// What is reported about a streamer.
pub fn reports(request: &proto::ReportConditionsRequest) -> Result<(StreamerId, Vec<Report>), Fault> {
    let mut violations = Violations::new();
    let streamer = violations.take("streamer", name(&request.streamer));
    let counted = (1..=Condition::ALL.len()).contains(&request.conditions.len());
    violations.require(counted, "conditions", "must have 1 to 3 entries, each kind once");
    let (mut reports, mut kinds) = (Vec::new(), BTreeSet::new());
    for (index, one) in request.conditions.iter().take(Condition::ALL.len()).enumerate() {
        let kind = proto::ConditionKind::try_from(one.kind).ok().and_then(read_condition_kind);
        let field = format!("conditions[{index}]");
        let kind = violations.take(&format!("{field}.kind"), kind.ok_or("is no condition"));
        violations.require(one.value >= 0, &format!("{field}.value"), "must be 0 or more");
        let until = one.until_time.as_ref().map(instant).transpose();
        let until = violations.take(&format!("{field}.until_time"), until);
        if let Some((condition, until)) = kind.zip(until) {
            let fresh = kinds.insert(condition);
            violations.require(fresh, &format!("{field}.kind"), "is there twice");
            reports.push(Report { condition, value: one.value, until });
        }
    }
    violations.finish(streamer.map(|streamer| (streamer, reports)))
}
