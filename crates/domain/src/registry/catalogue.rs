use crate::certification::Standard;
use crate::kernel::StandardId;
use crate::occupation::{JobType, JobTypeName};
use std::collections::{BTreeMap, BTreeSet};

/// What the certification service last said about a standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardStanding {
    /// The standard: its occupation, its job types and their levels.
    pub standard: Standard,
    /// The version at the certification service.
    pub version: i64,
}

/// The standards the certification service has told of. Only these can stand in a policy, with the cells they have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue(BTreeMap<StandardId, StandardStanding>);

impl Catalogue {
    /// Takes a standard in, in place of what was said of it before.
    pub fn insert(&mut self, told: StandardStanding) {
        self.0.insert(told.standard.id().clone(), told);
    }

    /// What was said of a standard.
    pub fn get(&self, id: &StandardId) -> Option<&StandardStanding> {
        self.0.get(id)
    }

    /// Every standard, in the order of their ids.
    pub fn standards(&self) -> impl Iterator<Item = &Standard> {
        self.0.values().map(|told| &told.standard)
    }

    /// What a standard calls a job type; the job type's id where that was not told.
    pub fn name_of(&self, standard: &StandardId, job_type: JobType) -> JobTypeName {
        self.0
            .get(standard)
            .map_or_else(|| JobTypeName::unnamed(job_type), |told| told.standard.name_of(job_type))
    }

    /// What the first of these standards that has a job type calls it.
    pub fn name_in(&self, standards: &BTreeSet<StandardId>, job_type: JobType) -> JobTypeName {
        let told = standards.iter().filter_map(|id| self.0.get(id)?.standard.job_type(job_type));
        let named = told.map(|known| known.name.clone()).next();
        named.unwrap_or_else(|| JobTypeName::unnamed(job_type))
    }
}
