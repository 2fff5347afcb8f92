use super::catalogue::Catalogue;
use crate::kernel::{OrganizationId, StandardId, Timestamp, Version};
use crate::occupation::{JobType, Level};
use std::collections::BTreeSet;
use std::time::Duration;
use thiserror::Error;

/// What a platform asks for beyond the law, in one revision of its policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyTerms {
    /// Whose policy it is.
    pub platform: OrganizationId,
    /// The number of the revision, from 1.
    pub revision: i32,
    /// The standards whose certificates are accepted.
    pub standards: BTreeSet<StandardId>,
    /// The job types that are accepted.
    pub job_types: BTreeSet<JobType>,
    /// The least skill that is accepted.
    pub minimum_level: Level,
    /// How old what was heard from the other services may be: [`SHORTEST_STALENESS`] to [`LONGEST_STALENESS`].
    pub max_staleness: Duration,
    /// From when on the revision counts.
    pub effective_from: Timestamp,
    /// The version this value was read at.
    pub version: Version,
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

/// What is wrong with a policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PolicyFault {
    /// Revisions are numbered from 1.
    #[error("a revision has a number from 1 on")]
    Revision,
    /// Without a standard nobody could satisfy it.
    #[error("at least one standard must be accepted")]
    NoStandard,
    /// Without a job type nobody could satisfy it.
    #[error("at least one job type must be accepted")]
    NoJobType,
    /// The certification service has told of no such standard, or has not told of it yet.
    #[error("`{0}` is not a standard the certification service has told of")]
    StandardUnknown(StandardId),
    /// No certificate under the accepted standards can have this job type.
    #[error("none of the accepted standards has the job type `{job_type}`; they have {}", told(known))]
    JobTypeUnknown {
        /// The job type.
        job_type: JobType,
        /// Those there are.
        known: BTreeSet<JobType>,
    },
    /// No accepted job type has such a level, though some have a higher one.
    #[error("none of the accepted job types has the {}", minimum.english())]
    LevelUnknown {
        /// The least skill asked for.
        minimum: Level,
    },
    /// None of the job types has such a level, nor a higher one.
    #[error("nobody can satisfy {}: the highest level of the accepted job types is {}", minimum.english(), highest.english())]
    NeverSatisfied {
        /// The least skill asked for.
        minimum: Level,
        /// The highest level there is for the accepted job types.
        highest: Level,
    },
    /// With too little staleness allowed every answer would be undetermined; too much would blunt the legal gates.
    #[error("the staleness allowed lies between 5 seconds and a day")]
    Staleness,
}

impl PolicyFault {
    /// The stable code of the fault.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Revision => "REVISION_WRONG",
            Self::NoStandard => "STANDARDS_EMPTY",
            Self::NoJobType => "JOB_TYPES_EMPTY",
            Self::StandardUnknown(_) => "STANDARD_UNKNOWN",
            Self::JobTypeUnknown { .. } => "JOB_TYPE_UNKNOWN",
            Self::LevelUnknown { .. } => "LEVEL_UNKNOWN",
            Self::NeverSatisfied { .. } => "NEVER_SATISFIED",
            Self::Staleness => "MAX_STALENESS_WRONG",
        }
    }
}

impl Policy {
    /// A policy whose numbers make sense; tells every fault at once. Whether anybody could satisfy it is for
    /// [`against`](Self::against) to say: standards change, and a policy that was set stands.
    pub fn try_new(terms: PolicyTerms) -> Result<Self, Vec<PolicyFault>> {
        let simple = [
            (terms.revision < 1).then_some(PolicyFault::Revision),
            terms.standards.is_empty().then_some(PolicyFault::NoStandard),
            terms.job_types.is_empty().then_some(PolicyFault::NoJobType),
            (!(SHORTEST_STALENESS..=LONGEST_STALENESS).contains(&terms.max_staleness))
                .then_some(PolicyFault::Staleness),
        ];
        let faults: Vec<PolicyFault> = simple.into_iter().flatten().collect();
        if faults.is_empty() { Ok(Self(terms)) } else { Err(faults) }
    }

    /// What speaks against setting it, given the standards that are known: every standard, job type and level it names must
    /// be there, and some certificate must be able to satisfy it.
    pub fn against(&self, catalogue: &Catalogue) -> Vec<PolicyFault> {
        let PolicyTerms { standards, job_types, minimum_level, .. } = &self.0;
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

    /// What it asks for.
    pub const fn terms(&self) -> &PolicyTerms {
        &self.0
    }

    /// Whether a certificate of this job type can help at all.
    pub fn accepts_job_type(&self, job_type: JobType) -> bool {
        self.0.job_types.contains(&job_type)
    }

    /// Whether a certificate under this standard can help at all.
    pub fn accepts_standard(&self, standard: &StandardId) -> bool {
        self.0.standards.contains(standard)
    }
}

/// One job type that can reach the level is enough, as one good certificate is.
fn level_fault(levels: &BTreeSet<Level>, minimum: Level) -> Option<PolicyFault> {
    let highest = *levels.last()?;
    if !highest.meets_minimum(minimum) {
        return Some(PolicyFault::NeverSatisfied { minimum, highest });
    }
    (!levels.contains(&minimum)).then_some(PolicyFault::LevelUnknown { minimum })
}

fn told(known: &BTreeSet<JobType>) -> String {
    let known: Vec<String> = known.iter().map(|job_type| format!("`{job_type}`")).collect();
    known.join(", ")
}

/// The revision that counts at `now`: of those that have begun, the one that began last; of several that began at the
/// same instant, the last revision.
///
/// So a revision planned for later still takes over then, though another was set meanwhile; to cancel it, set one with
/// the same beginning.
pub fn in_force(revisions: &[Policy], now: Timestamp) -> Option<&Policy> {
    revisions
        .iter()
        .filter(|policy| policy.0.effective_from <= now)
        .max_by_key(|policy| (policy.0.effective_from, policy.0.revision))
}

/// The next instant at which some revision begins.
pub fn next_start(revisions: &[Policy], now: Timestamp) -> Option<Timestamp> {
    revisions.iter().map(|policy| policy.0.effective_from).filter(|start| *start > now).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certification::samples::{self, LIVE_SALESPERSON, PLATFORM_ADMINISTRATOR, job_type};
    use crate::registry::StandardStanding;

    fn terms() -> PolicyTerms {
        PolicyTerms {
            platform: OrganizationId::try_new("shop").unwrap(),
            revision: 1,
            standards: BTreeSet::from([StandardId::try_new("internet-marketer-2021").unwrap()]),
            job_types: BTreeSet::from([job_type(LIVE_SALESPERSON)]),
            minimum_level: Level::Four,
            max_staleness: Duration::from_mins(1),
            effective_from: Timestamp::from_micros(10),
            version: Version::FIRST,
        }
    }

    fn starting(revision: i32, at: i64) -> Policy {
        let effective_from = Timestamp::from_micros(at);
        Policy::try_new(PolicyTerms { revision, effective_from, ..terms() }).unwrap()
    }

    fn catalogue() -> Catalogue {
        let mut catalogue = Catalogue::default();
        catalogue.insert(StandardStanding { standard: samples::standard(), version: 1 });
        catalogue
    }

    fn against(terms: PolicyTerms) -> Vec<String> {
        let faults = Policy::try_new(terms).unwrap().against(&catalogue());
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_platform_administrator_above_level_three_can_never_be_found() {
        let job_types = BTreeSet::from([job_type(PLATFORM_ADMINISTRATOR)]);
        assert_eq!(
            against(PolicyTerms { job_types, minimum_level: Level::Two, ..terms() }),
            ["nobody can satisfy level 2: the highest level of the accepted job types is level 3"]
        );
        let job_types = BTreeSet::from([job_type(PLATFORM_ADMINISTRATOR), job_type(LIVE_SALESPERSON)]);
        assert!(against(PolicyTerms { job_types, minimum_level: Level::Two, ..terms() }).is_empty());
    }

    #[test]
    fn a_policy_names_standards_job_types_and_levels_that_there_are() {
        assert!(against(terms()).is_empty());
        let other = StandardId::try_new("online-streamer-2026").unwrap();
        let standards = BTreeSet::from([terms().standards.first().unwrap().clone(), other]);
        assert_eq!(
            against(PolicyTerms { standards, ..terms() }),
            ["`online-streamer-2026` is not a standard the certification service has told of"]
        );
        let job_types = BTreeSet::from([job_type(LIVE_SALESPERSON), job_type("show-host")]);
        assert_eq!(
            against(PolicyTerms { job_types, ..terms() }),
            ["none of the accepted standards has the job type `show-host`; they have `live-salesperson`, \
              `platform-administrator`, `product-selector`, `video-creator`"]
        );
        assert_eq!(
            against(PolicyTerms { minimum_level: Level::Apprentice, ..terms() }),
            ["none of the accepted job types has the apprentice level"]
        );
        let chief = PolicyTerms { minimum_level: Level::Chief, ..terms() };
        assert!(matches!(
            Policy::try_new(chief).unwrap().against(&catalogue())[..],
            [PolicyFault::NeverSatisfied { .. }]
        ));
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let faults = Policy::try_new(PolicyTerms {
            revision: 0,
            standards: BTreeSet::new(),
            job_types: BTreeSet::new(),
            max_staleness: Duration::ZERO,
            ..terms()
        })
        .unwrap_err();
        let codes: Vec<&str> = faults.iter().map(PolicyFault::code).collect();
        assert_eq!(codes, ["REVISION_WRONG", "STANDARDS_EMPTY", "JOB_TYPES_EMPTY", "MAX_STALENESS_WRONG"]);
    }

    #[test]
    fn the_staleness_a_policy_allows_lies_between_five_seconds_and_a_day() {
        let allowed = |max_staleness| Policy::try_new(PolicyTerms { max_staleness, ..terms() }).is_ok();
        let instant = Duration::from_micros(1);
        assert!(allowed(Duration::from_secs(5)) && !allowed(Duration::from_micros(4_999_999)));
        assert!(allowed(LONGEST_STALENESS) && !allowed(LONGEST_STALENESS + instant));
    }

    #[test]
    fn a_revision_counts_from_its_first_instant_until_the_next_begins() {
        let revisions = [starting(2, 20), starting(1, 10)];
        let at = Timestamp::from_micros;
        let revision = |now| in_force(&revisions, at(now)).map(|policy| policy.terms().revision);
        assert_eq!(
            [revision(9), revision(10), revision(19), revision(20)],
            [None, Some(1), Some(1), Some(2)]
        );
        assert_eq!(next_start(&revisions, at(9)), Some(at(10)));
        assert_eq!(next_start(&revisions, at(10)), Some(at(20)));
        assert_eq!(next_start(&revisions, at(20)), None);
    }

    #[test]
    fn a_planned_revision_survives_one_set_meanwhile_and_yields_to_one_with_the_same_beginning() {
        let at = Timestamp::from_micros;
        let revisions = [starting(1, 10), starting(2, 30), starting(3, 20)];
        assert_eq!(in_force(&revisions, at(30)).map(|policy| policy.terms().revision), Some(2));
        let cancelled = [starting(1, 10), starting(2, 30), starting(3, 30)];
        assert_eq!(in_force(&cancelled, at(30)).map(|policy| policy.terms().revision), Some(3));
    }
}
