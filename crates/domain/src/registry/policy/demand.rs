use crate::kernel::{CategoryId, FunctionId, StandardId};
use crate::occupation::{JobType, Level};
use crate::registry::catalogue::Catalogue;
use crate::registry::condition::Condition;
use crate::registry::operator::RoomTier;
use crate::registry::question::Sale;
use std::collections::{BTreeMap, BTreeSet};

/// What is asked of somebody's certificates, and of what the platform reports about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The standards whose certificates are accepted.
    pub standards: BTreeSet<StandardId>,
    /// The job types that are accepted.
    pub job_types: BTreeSet<JobType>,
    /// The least skill that is accepted.
    pub minimum_level: Level,
    /// The least of each condition.
    pub conditions: BTreeMap<Condition, i64>,
}

/// A certificate as far as a demand looks at it: under which standard, for which job type, at which level.
pub(super) type Cell = (StandardId, JobType, Level);

impl Demand {
    /// Asks for a certificate and for no condition.
    pub const fn of_level(
        standards: BTreeSet<StandardId>,
        job_types: BTreeSet<JobType>,
        minimum_level: Level,
    ) -> Self {
        Self { standards, job_types, minimum_level, conditions: BTreeMap::new() }
    }

    /// The kinds of certificates there are that satisfy it.
    pub(super) fn cells(&self, catalogue: &Catalogue) -> BTreeSet<Cell> {
        let told = self.standards.iter().filter_map(|id| Some((id, catalogue.get(id)?)));
        let cells =
            told.flat_map(|(id, told)| told.standard.cells().map(|(job, level)| (id.clone(), job, level)));
        cells
            .filter(|(_, job, level)| self.job_types.contains(job) && level.meets_minimum(self.minimum_level))
            .collect()
    }
}

/// What is asked beside the base of a policy for some sales.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRule {
    /// The categories it is for; empty for all.
    pub categories: BTreeSet<CategoryId>,
    /// The tiers of rooms it is for; empty for all.
    pub tiers: BTreeSet<RoomTier>,
    /// The functions it is for; empty for all.
    pub functions: BTreeSet<FunctionId>,
    /// What it asks for.
    pub demand: Demand,
}

impl PolicyRule {
    /// Whether it is for a sale in a room of this tier. A sale of several categories is one of each of them.
    pub fn concerns(&self, sale: &Sale, tier: Option<RoomTier>) -> bool {
        let any = |wanted: bool, met: bool| !wanted || met;
        any(!self.categories.is_empty(), !self.categories.is_disjoint(&sale.categories))
            && any(!self.tiers.is_empty(), tier.is_some_and(|tier| self.tiers.contains(&tier)))
            && any(!self.functions.is_empty(), !self.functions.is_disjoint(&sale.functions))
    }

    /// The narrowest sales it is for: with more in them, more rules are for them, too.
    pub(super) fn narrowest(&self) -> Vec<(Sale, Option<RoomTier>)> {
        let (categories, tiers, functions) =
            (one_each(&self.categories), one_each(&self.tiers), one_each(&self.functions));
        let mut sales = Vec::with_capacity(categories.len() * tiers.len() * functions.len());
        for category in &categories {
            for function in &functions {
                let sale = Sale {
                    categories: category.iter().cloned().collect(),
                    functions: function.iter().cloned().collect(),
                    ..Sale::default()
                };
                sales.extend(tiers.iter().map(|tier| (sale.clone(), *tier)));
            }
        }
        sales
    }

    /// Whether it is for every sale that another rule is for.
    pub(super) fn covers(&self, other: &Self) -> bool {
        covers(&self.categories, &other.categories)
            && covers(&self.tiers, &other.tiers)
            && covers(&self.functions, &other.functions)
    }
}

fn covers<T: Ord>(wide: &BTreeSet<T>, narrow: &BTreeSet<T>) -> bool {
    wide.is_empty() || (!narrow.is_empty() && narrow.is_subset(wide))
}

fn one_each<T: Clone>(of: &BTreeSet<T>) -> Vec<Option<T>> {
    if of.is_empty() { vec![None] } else { of.iter().cloned().map(Some).collect() }
}
