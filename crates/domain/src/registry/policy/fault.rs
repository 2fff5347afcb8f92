use crate::kernel::StandardId;
use crate::occupation::{JobType, Level};
use crate::registry::condition::Condition;
use crate::registry::operator::RoomTier;
use std::collections::BTreeSet;
use thiserror::Error;

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
    /// Everybody has less than one of anything.
    #[error("a condition asks for at least 1 and at most 1000000000")]
    ConditionBounds(Condition),
    /// With too little staleness allowed every answer would be undetermined; too much would blunt the legal gates.
    #[error("the staleness allowed lies between 5 seconds and a day")]
    Staleness,
    /// Evidence that is refused within a day of its making helps nobody.
    #[error("the age of evidence allowed lies between a day and ten years")]
    EvidenceAge,
    /// What is long over is no evidence.
    #[error("the grace period is at most 90 days")]
    Grace,
    /// Categories, tiers and functions are those of a sale.
    #[error("rules are for sales, and this permission is about none")]
    RulesWithoutSale,
    /// A rule for all sales is the base of the policy.
    #[error(
        "a rule names categories, room tiers or functions; what is asked for every sale stands in the policy itself"
    )]
    NoSelector,
    /// What is wrong within one rule.
    #[error("{fault} (rule {rule})")]
    InRule {
        /// Its index, from 0.
        rule: usize,
        /// What is wrong.
        fault: Box<PolicyFault>,
    },
    /// The rule never changes an answer.
    #[error("rule {rule} never changes an answer: {} at least as much whenever it applies", ask(by))]
    Shadowed {
        /// Its index, from 0.
        rule: usize,
        /// The rules that do; none for the policy's base.
        by: BTreeSet<Option<usize>>,
    },
    /// The rule is for fewer sales and asks for less, which its author cannot have meant: everything that applies is asked.
    #[error("rule {rule} asks for less than {}, which is for more sales and holds all the same", of(*by))]
    Inverted {
        /// Its index, from 0.
        rule: usize,
        /// The rule that asks for more; none for the policy's base.
        by: Option<usize>,
    },
    /// A larger room would be asked for less.
    #[error("rule {rule} asks for more in {} rooms than anything asks for in {} rooms", tier.code(), higher.code())]
    TierInverted {
        /// Its index, from 0.
        rule: usize,
        /// The tier it is for.
        tier: RoomTier,
        /// The higher tier.
        higher: RoomTier,
    },
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
            Self::ConditionBounds(_) => "CONDITION_WRONG",
            Self::Staleness => "MAX_STALENESS_WRONG",
            Self::EvidenceAge => "MAX_EVIDENCE_AGE_WRONG",
            Self::Grace => "GRACE_PERIOD_WRONG",
            Self::RulesWithoutSale => "RULES_WITHOUT_SALE",
            Self::NoSelector => "SELECTOR_MISSING",
            Self::InRule { fault, .. } => fault.code(),
            Self::Shadowed { .. } => "RULE_SHADOWED",
            Self::Inverted { .. } => "RULE_INVERTED",
            Self::TierInverted { .. } => "TIER_INVERTED",
        }
    }

    /// The rule it is about, by its index from 0; none for the policy's base.
    pub const fn rule(&self) -> Option<usize> {
        match self {
            Self::InRule { rule, .. }
            | Self::Shadowed { rule, .. }
            | Self::Inverted { rule, .. }
            | Self::TierInverted { rule, .. } => Some(*rule),
            _ => None,
        }
    }

    /// The fault itself, wherever it is.
    pub fn itself(&self) -> &Self {
        match self {
            Self::InRule { fault, .. } => fault.itself(),
            other => other,
        }
    }
}

fn told(known: &BTreeSet<JobType>) -> String {
    let known: Vec<String> = known.iter().map(|job_type| format!("`{job_type}`")).collect();
    known.join(", ")
}

fn of(rule: Option<usize>) -> String {
    rule.map_or_else(|| "the policy's base".to_owned(), |rule| format!("rule {rule}"))
}

fn ask(by: &BTreeSet<Option<usize>>) -> String {
    let names: Vec<String> = by.iter().map(|rule| of(*rule)).collect();
    let verb = if names.len() == 1 { "asks for" } else { "ask for" };
    format!("{} {verb}", names.join(" and "))
}
