//! What speaks against setting a policy: nobody could meet it, or parts of it cannot mean what they say.

use super::demand::{Cell, Demand, PolicyRule};
use super::{Policy, PolicyFault};
use crate::occupation::{JobType, Level};
use crate::registry::catalogue::Catalogue;
use crate::registry::operator::RoomTier;
use crate::registry::question::Sale;
use std::collections::BTreeSet;

impl Policy {
    /// What speaks against setting it, given the standards that are known; everything at once.
    ///
    /// Every standard, job type and level it names must be there, some certificate must be able to satisfy each of its parts,
    /// and no rule may be without effect or ask for less where more is at stake.
    pub fn against(&self, catalogue: &Catalogue) -> Vec<PolicyFault> {
        let terms = self.terms();
        let mut faults = against_demand(&terms.demand, catalogue);
        for (rule, of) in terms.rules.iter().enumerate() {
            let within = against_demand(&of.demand, catalogue);
            faults
                .extend(within.into_iter().map(|fault| PolicyFault::InRule { rule, fault: Box::new(fault) }));
        }
        // With a standard or job type that is not known, nothing can be said about which part asks for more.
        if faults.is_empty() {
            faults.extend(Design::of(self, catalogue).faults());
        }
        faults
    }
}

fn against_demand(demand: &Demand, catalogue: &Catalogue) -> Vec<PolicyFault> {
    let Demand { standards, job_types, minimum_level, .. } = demand;
    let unknown = standards.iter().filter(|id| catalogue.get(id).is_none());
    let unknown: Vec<PolicyFault> = unknown.cloned().map(PolicyFault::StandardUnknown).collect();
    if !unknown.is_empty() {
        // What they would have cannot be known.
        return unknown;
    }
    let told = standards.iter().filter_map(|id| catalogue.get(id));
    let cells: BTreeSet<(JobType, Level)> = told.flat_map(|told| told.standard.cells()).collect();
    let known: BTreeSet<JobType> = cells.iter().map(|cell| cell.0).collect();
    let strange = job_types.difference(&known);
    let mut faults: Vec<PolicyFault> = strange
        .map(|job_type| PolicyFault::JobTypeUnknown { job_type: *job_type, known: known.clone() })
        .collect();
    let levels = cells.iter().filter(|cell| job_types.contains(&cell.0)).map(|cell| cell.1);
    faults.extend(level_fault(&levels.collect(), *minimum_level));
    faults
}

/// One job type that can reach the level is enough, as one good certificate is.
fn level_fault(levels: &BTreeSet<Level>, minimum: Level) -> Option<PolicyFault> {
    let highest = *levels.last()?;
    if !highest.meets_minimum(minimum) {
        return Some(PolicyFault::NeverSatisfied { minimum, highest });
    }
    (!levels.contains(&minimum)).then_some(PolicyFault::LevelUnknown { minimum })
}

/// A demand with the certificates that satisfy it, and the rule it stands in; none for the policy's base.
struct Part<'a> {
    place: Option<usize>,
    rule: Option<&'a PolicyRule>,
    demand: &'a Demand,
    cells: BTreeSet<Cell>,
}

impl Part<'_> {
    fn concerns(&self, sale: &Sale, tier: Option<RoomTier>) -> bool {
        self.rule.is_none_or(|rule| rule.concerns(sale, tier))
    }

    /// Whether it is for more sales than another part, and for all of that one's.
    fn is_wider_than(&self, other: &PolicyRule) -> bool {
        self.rule.is_none_or(|rule| rule.covers(other) && !other.covers(rule))
    }

    /// Whether it asks for less in some respect than another that holds whenever it does.
    fn asks_less_than(&self, wider: &Self) -> bool {
        let fewer = wider.cells != self.cells && wider.cells.is_subset(&self.cells);
        let lower =
            |(condition, least)| wider.demand.conditions.get(condition).is_some_and(|more| more > least);
        fewer || self.demand.conditions.iter().any(lower)
    }
}

/// The parts of a policy, held against each other.
struct Design<'a> {
    parts: Vec<Part<'a>>,
}

impl<'a> Design<'a> {
    fn of(policy: &'a Policy, catalogue: &Catalogue) -> Self {
        let terms = policy.terms();
        let part =
            |place, rule, demand: &'a Demand| Part { place, rule, demand, cells: demand.cells(catalogue) };
        let rules = terms.rules.iter().enumerate().map(|(at, rule)| part(Some(at), Some(rule), &rule.demand));
        Self { parts: std::iter::once(part(None, None, &terms.demand)).chain(rules).collect() }
    }

    fn faults(&self) -> Vec<PolicyFault> {
        let mut faults = Vec::new();
        // Of two rules that shadow each other the later one is superfluous, and the earlier one then is not.
        let mut superfluous = BTreeSet::new();
        for part in self.parts.iter().rev() {
            let (Some(rule), Some(place)) = (part.rule, part.place) else { continue };
            let wider = self.parts.iter().filter(|other| other.is_wider_than(rule));
            let more = wider.filter(|wider| part.asks_less_than(wider)).map(|wider| wider.place).next();
            if let Some(by) = more {
                faults.push(PolicyFault::Inverted { rule: place, by });
            } else if let Some(by) = self.shadow(part, rule, &superfluous) {
                superfluous.insert(place);
                faults.push(PolicyFault::Shadowed { rule: place, by });
            }
            faults.extend(self.tier_inverted(part, rule, place));
        }
        faults.reverse();
        faults
    }

    /// The parts that ask for all that a rule asks for, whatever it is asked about. None if it makes a difference.
    fn shadow(
        &self,
        part: &Part<'_>,
        rule: &PolicyRule,
        superfluous: &BTreeSet<usize>,
    ) -> Option<BTreeSet<Option<usize>>> {
        let mut by = BTreeSet::new();
        for (sale, tier) in rule.narrowest() {
            let others = self.parts.iter().filter(|other| {
                other.place != part.place
                    && other.place.is_none_or(|place| !superfluous.contains(&place))
                    && other.concerns(&sale, tier)
            });
            by.extend(implied(part, &others.collect::<Vec<_>>())?);
        }
        Some(by)
    }

    /// A tier above one of the rule's for which not all is asked that the rule asks for.
    fn tier_inverted(&self, part: &Part<'_>, rule: &PolicyRule, place: usize) -> Option<PolicyFault> {
        for tier in &rule.tiers {
            let above = RoomTier::ALL.into_iter().filter(|other| other > tier && !rule.tiers.contains(other));
            for higher in above {
                for (sale, _) in rule.narrowest() {
                    let there = self.parts.iter().filter(|other| other.concerns(&sale, Some(higher)));
                    if implied(part, &there.collect::<Vec<_>>()).is_none() {
                        return Some(PolicyFault::TierInverted { rule: place, tier: *tier, higher });
                    }
                }
            }
        }
        None
    }
}

/// Which of the others together ask for all that a part asks for. None if something is left.
fn implied(part: &Part<'_>, others: &[&Part<'_>]) -> Option<BTreeSet<Option<usize>>> {
    let stricter = others.iter().find(|other| other.cells.is_subset(&part.cells))?;
    let mut by = BTreeSet::from([stricter.place]);
    for (condition, least) in &part.demand.conditions {
        let asks = |other: &&&Part<'_>| other.demand.conditions.get(condition).is_some_and(|it| it >= least);
        by.insert(others.iter().find(asks)?.place);
    }
    Some(by)
}
