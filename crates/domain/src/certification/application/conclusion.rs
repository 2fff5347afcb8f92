//! What follows from the records of an assessment. Decided from data alone.

use super::Assessment;
use super::assessment::standing;
use crate::certification::AssessmentPart;
use crate::kernel::Date;

/// A value of a standard's data, and whether it was read in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated<T> {
    /// The value.
    pub value: T,
    /// Whether it was read in its source. What rests on another says so.
    pub confirmed: bool,
}

/// What a standard asks of one part of the assessment for one level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRule {
    /// Which part.
    pub part: AssessmentPart,
    /// Whether this part applies to the level at all; it does, but that may be unconfirmed.
    pub applies: Stated<()>,
    /// The score that passes.
    pub pass_mark: Stated<i32>,
    /// How many assessors there are at least.
    pub minimum_assessors: Stated<i32>,
    /// Whether their number is odd, so that they cannot be divided evenly.
    pub odd_assessors: bool,
}

/// When a part that was not passed may be taken again 补考.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetakeTerms {
    /// How many more times.
    pub attempts: i32,
    /// Within how many months after the first conclusion; the same day of the last month is the last.
    pub within_months: i32,
}

/// What a standard asks of the assessment for one level of one job type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentRules {
    /// The parts that are required, each once.
    pub parts: Vec<PartRule>,
    /// The rule of retakes; none where there are no retakes.
    pub retake: Option<Stated<RetakeTerms>>,
}

impl AssessmentRules {
    /// What is asked of a part; none where the level does not require it.
    pub fn part(&self, part: AssessmentPart) -> Option<&PartRule> {
        self.parts.iter().find(|rule| rule.part == part)
    }
}

/// What came of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartOutcome {
    /// The score reaches the pass mark.
    Passed,
    /// It does not.
    BelowPassMark,
    /// Nothing is on record.
    NotAssessed,
}

impl PartOutcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Passed, Self::BelowPassMark, Self::NotAssessed];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::BelowPassMark => "BELOW_PASS_MARK",
            Self::NotAssessed => "NOT_ASSESSED",
        }
    }

    /// The outcome with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }
}

/// What came of one part, and what it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartResult {
    /// Which part.
    pub part: AssessmentPart,
    /// What came of it.
    pub outcome: PartOutcome,
    /// The number of the record it rests on; none where nothing is on record.
    pub assessment: Option<i32>,
    /// The score that passed at the time.
    pub pass_mark: i32,
}

/// What came of an assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conclusion {
    /// On which day (in Beijing) it was concluded.
    pub date: Date,
    /// Every required part, in the order of the standard.
    pub parts: Vec<PartResult>,
    /// The values of the standard it rests on that nobody has read in their source, such as `THEORY.pass_mark`.
    pub rests_on_unconfirmed: Vec<String>,
    /// The last day on which what failed may be taken again; none where it may not.
    pub retake_until: Option<Date>,
}

impl Conclusion {
    /// Whether every part was passed.
    pub fn is_passed(&self) -> bool {
        self.failed().next().is_none()
    }

    /// The parts that were not.
    pub fn failed(&self) -> impl Iterator<Item = AssessmentPart> {
        self.parts.iter().filter(|part| part.outcome != PartOutcome::Passed).map(|part| part.part)
    }
}

/// What follows from the records: each part by the record that counts in its latest attempt.
pub fn conclude(rules: &AssessmentRules, assessments: &[Assessment], date: Date) -> Conclusion {
    let result = |rule: &PartRule| {
        let records = standing(assessments).filter(|record| record.said.part == rule.part);
        let record = records.max_by_key(|record| record.attempt);
        let outcome = match record {
            Some(record) if record.said.score >= rule.pass_mark.value => PartOutcome::Passed,
            Some(_) => PartOutcome::BelowPassMark,
            None => PartOutcome::NotAssessed,
        };
        let assessment = record.map(|record| record.number);
        PartResult { part: rule.part, outcome, assessment, pass_mark: rule.pass_mark.value }
    };
    let attempt = assessments.iter().map(|record| record.attempt).max().unwrap_or(1);
    let mut conclusion = Conclusion {
        date,
        parts: rules.parts.iter().map(result).collect(),
        rests_on_unconfirmed: unconfirmed(rules, attempt > 1),
        retake_until: None,
    };
    let retake = rules.retake.map(|rule| rule.value).filter(|rule| attempt <= rule.attempts);
    if !conclusion.is_passed() {
        conclusion.retake_until = retake.map(|rule| date.plus_months(rule.within_months));
    }
    conclusion
}

/// The values a conclusion rests on that nobody has read in their source.
fn unconfirmed(rules: &AssessmentRules, retaken: bool) -> Vec<String> {
    let mut named = Vec::new();
    for rule in &rules.parts {
        let values = [
            ("applies", rule.applies.confirmed),
            ("pass_mark", rule.pass_mark.confirmed),
            ("minimum_assessors", rule.minimum_assessors.confirmed),
        ];
        let unread = values.into_iter().filter(|(_, confirmed)| !confirmed);
        named.extend(unread.map(|(value, _)| format!("{}.{value}", rule.part.code())));
    }
    if retaken && rules.retake.is_some_and(|rule| !rule.confirmed) {
        named.push("retake".to_owned());
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for outcome in PartOutcome::ALL {
            assert_eq!(PartOutcome::from_code(outcome.code()), Some(outcome));
        }
    }
}
