use super::work::WorkTime;
use super::{EducationAnswer, chinese, english};
use crate::certification::{Condition, Confirmation, Requirement, Sourced};
use crate::kernel::Date;
use crate::occupation::Level;

/// Whether something asked for is the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It is.
    Met,
    /// It is not.
    NotMet,
    /// Nothing tells.
    Unknown,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Met, Self::NotMet, Self::Unknown];

    /// The stable code, used in messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Met => "MET",
            Self::NotMet => "NOT_MET",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// How much of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// A level.
    Level(Level),
    /// A time of work.
    Work(WorkTime),
    /// Hours of training.
    Hours(i32),
    /// Years of age.
    Years(i32),
}

/// How one requirement stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementAnswer {
    /// What is asked for.
    pub requirement: Requirement,
    /// Whether it is the case.
    pub verdict: Verdict,
    /// How much there is, where that can be told.
    pub have: Option<Amount>,
    /// How much there has to be, where it is a matter of amounts.
    pub need: Option<Amount>,
    /// The first day on which it is the case, if what goes on goes on; none if time alone does not bring it about.
    pub met_from: Option<Date>,
}

impl RequirementAnswer {
    /// For what begins to be the case on a day, or never.
    pub(super) fn dated(requirement: Requirement, begins: Option<Date>, on: Date) -> Self {
        let verdict = if begins.is_some_and(|day| day <= on) { Verdict::Met } else { Verdict::NotMet };
        Self { requirement, verdict, have: None, need: None, met_from: begins }
    }

    /// For an age. When it will be reached is not told: that would tell the birth date.
    pub(super) fn aged(years: i32, reached: Option<i32>) -> Self {
        let verdict = match reached {
            Some(reached) if reached >= years => Verdict::Met,
            Some(_) => Verdict::NotMet,
            None => Verdict::Unknown,
        };
        Self {
            requirement: Requirement::Age { years },
            verdict,
            have: reached.map(Amount::Years),
            need: Some(Amount::Years(years)),
            met_from: (verdict == Verdict::Met).then_some(Date::MIN),
        }
    }

    pub(super) fn with(self, have: Option<Amount>, need: Amount) -> Self {
        Self { have, need: Some(need), ..self }
    }

    /// How it stands in English, such as `2 y 4 m of 3 y after level 2`.
    pub fn english(&self) -> String {
        english::requirement(self)
    }

    /// How it stands in Chinese.
    pub fn chinese(&self) -> String {
        chinese::requirement(self)
    }
}

/// How one condition stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConditionAnswer {
    /// The condition.
    pub condition: Condition,
    /// Whether everything it rests on was read in its source: the condition, and the hours it leaves to the standard.
    pub confirmation: Confirmation,
    /// Whether the condition itself was.
    pub marked: Confirmation,
    /// The source of the condition.
    pub source: String,
    /// Met if all its requirements are; not met if one is not; else unknown.
    pub verdict: Verdict,
    /// How each requirement stands, in the order of the condition.
    pub requirements: Vec<RequirementAnswer>,
    /// For a condition that is not met: the first day on which it is, if what goes on goes on and nothing else happens;
    /// none if time alone does not bring it about.
    pub met_by_time_on: Option<Date>,
}

impl ConditionAnswer {
    pub(super) fn of(
        condition: &Sourced<Condition>,
        confirmation: Confirmation,
        requirements: Vec<RequirementAnswer>,
    ) -> Self {
        let verdicts = || requirements.iter().map(|answer| answer.verdict);
        let verdict = if verdicts().any(|verdict| verdict == Verdict::NotMet) {
            Verdict::NotMet
        } else if verdicts().any(|verdict| verdict == Verdict::Unknown) {
            Verdict::Unknown
        } else {
            Verdict::Met
        };
        let all_met_from: Option<Vec<Date>> = requirements.iter().map(|answer| answer.met_from).collect();
        let met_from = all_met_from.and_then(|days| days.into_iter().max());
        let met_by_time_on = met_from.filter(|_| verdict != Verdict::Met);
        Self {
            condition: condition.value.clone(),
            confirmation,
            marked: condition.confirmation,
            source: condition.source.clone(),
            verdict,
            requirements,
            met_by_time_on,
        }
    }

    /// What is missing or not known, in English; what is there, if nothing is missing.
    pub fn english(&self) -> String {
        self.told(RequirementAnswer::english, "; ")
    }

    /// The same in Chinese.
    pub fn chinese(&self) -> String {
        self.told(RequirementAnswer::chinese, "；")
    }

    fn told(&self, words: impl Fn(&RequirementAnswer) -> String, between: &str) -> String {
        let lacking = self.requirements.iter().filter(|answer| answer.verdict != Verdict::Met);
        let lacking: Vec<String> = lacking.map(&words).collect();
        if lacking.is_empty() {
            self.requirements.iter().map(words).collect::<Vec<_>>().join(between)
        } else {
            lacking.join(between)
        }
    }
}

/// Whether somebody may apply, with everything it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Met if one condition is; else unknown if one is, or if the standard tells none; else not met.
    pub verdict: Verdict,
    /// Whether the verdict rests on values that were read in their source: for a verdict of met, one met condition; for any
    /// other, all conditions. A verdict that is not confirmed decides nothing: somebody has to read the standard.
    pub confirmation: Confirmation,
    /// How each condition stands, in the order of the standard's data.
    pub conditions: Vec<ConditionAnswer>,
    /// How the education at least needed stands, beside the conditions; none if the standard's data do not tell what proves
    /// it.
    pub education: Option<EducationAnswer>,
}

impl Evaluation {
    pub(super) fn of(conditions: Vec<ConditionAnswer>) -> Self {
        let with =
            |verdict| conditions.iter().filter(move |answer: &&ConditionAnswer| answer.verdict == verdict);
        let (verdict, confirmation) = if let Some(best) = with(Verdict::Met).map(|it| it.confirmation).max() {
            (Verdict::Met, best)
        } else {
            let unknown = conditions.is_empty() || with(Verdict::Unknown).next().is_some();
            let verdict = if unknown { Verdict::Unknown } else { Verdict::NotMet };
            let worst = conditions.iter().map(|it| it.confirmation).min();
            (verdict, worst.unwrap_or(Confirmation::Unconfirmed))
        };
        Self { verdict, confirmation, conditions, education: None }
    }

    /// The first day on which a condition is met by time alone, if none is met now.
    pub fn met_by_time_on(&self) -> Option<Date> {
        self.conditions.iter().filter_map(|answer| answer.met_by_time_on).min()
    }
}
