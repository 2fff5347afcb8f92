use super::assessment::standing;
use super::{
    Application, ApplicationRefusal, ApplicationState, Assessment, AssessmentDraft, AssessmentRules,
    Correction, PartRule, ReviewVerdict, conclude,
};
use crate::certification::{AssessmentPart, Issuer, IssuerStanding};
use crate::kernel::{CertificateId, Date, Timestamp};

use ApplicationRefusal as No;
use ApplicationState as State;

/// The attempt a new record belongs to, and the days it may have taken place on.
struct Sitting {
    attempt: i32,
    earliest: Option<Date>,
    until: Option<Date>,
}

impl Sitting {
    fn check_date(&self, on: Date, now: Timestamp) -> Result<(), No> {
        if on > now.beijing_date() {
            return Err(No::DateInFuture);
        }
        if let Some(earliest) = self.earliest.filter(|earliest| on < *earliest) {
            return Err(No::DateEarly { earliest });
        }
        match self.until.filter(|until| on > *until) {
            Some(until) => Err(No::RetakeLate { until }),
            None => Ok(()),
        }
    }
}

impl Application {
    /// Refuses changes of what is applied for once it is handed in.
    pub fn revise(self) -> Result<Self, No> {
        match self.state {
            State::Draft => Ok(self),
            _ => Err(self.refusing("changed")),
        }
    }

    /// Hands it in.
    pub fn submit(self, now: Timestamp) -> Result<Self, No> {
        match self.state {
            State::Draft => Ok(Self { submitted_at: Some(now), ..self.entering(State::Submitted, now) }),
            _ => Err(self.refusing("submitted")),
        }
    }

    /// Accepts or refuses it. A candidate is accepted by a listed issuer, and only if `conditions_met`: the
    /// service says so unless the standard's own text, read in its source, speaks against it.
    pub fn review(
        self,
        verdict: ReviewVerdict,
        conditions_met: bool,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<Self, No> {
        let (state, wanted) = match verdict {
            ReviewVerdict::Accept => (State::Accepted, "accepted"),
            ReviewVerdict::Refuse => (State::Refused, "refused"),
        };
        if self.state != State::Submitted {
            return Err(self.refusing(wanted));
        }
        if verdict == ReviewVerdict::Accept {
            self.ensure_listed(issuer)?;
            if !conditions_met {
                return Err(No::ConditionsUnmet);
            }
        }
        Ok(Self { reviewed_at: Some(now), ..self.entering(state, now) })
    }

    /// Takes it back. What is concluded stays so.
    pub fn withdraw(self, now: Timestamp) -> Result<Self, No> {
        match self.state {
            State::Draft | State::Submitted | State::Accepted | State::Assessing => {
                Ok(self.entering(State::Withdrawn, now))
            }
            _ => Err(self.refusing("withdrawn")),
        }
    }

    /// Records one part of the assessment, or corrects a record of it.
    ///
    /// The issuer must be listed now and accredited on the day of the assessment. A record of a failed application is a
    /// retake, in the parts that were not passed, as often and as long as the standard's rule allows.
    pub fn record(
        self,
        said: AssessmentDraft,
        rules: &AssessmentRules,
        issuer: &Issuer,
        now: Timestamp,
    ) -> Result<Self, No> {
        let sitting = self.sitting(&said)?;
        self.ensure_listed(issuer)?;
        let on = said.date;
        if !issuer.is_accredited_for(&self.standard, self.job_type, self.level, on) {
            return Err(No::NotAccredited { on });
        }
        sitting.check_date(on, now)?;
        let rule = rules.part(said.part).ok_or(No::PartNotRequired { part: said.part })?;
        self.check_content(&said, rule)?;
        self.check_place(&said, sitting.attempt)?;
        let mut next = self.entering(State::Assessing, now);
        let number = i32::try_from(next.assessments.len()).unwrap_or(i32::MAX).saturating_add(1);
        next.assessments.push(Assessment { number, attempt: sitting.attempt, said, record_time: now });
        Ok(next)
    }

    /// Draws the conclusion from the records, and from nothing else.
    pub fn conclude(self, rules: &AssessmentRules, issuer: &Issuer, now: Timestamp) -> Result<Self, No> {
        if self.state != State::Assessing {
            return Err(self.refusing("concluded"));
        }
        self.ensure_listed(issuer)?;
        let mut conclusion = conclude(rules, &self.assessments, now.beijing_date());
        if let Some(first) = &self.conclusion {
            conclusion.retake_until = conclusion.retake_until.and(first.retake_until);
        }
        let state = if conclusion.is_passed() { State::Passed } else { State::Failed };
        Ok(Self { conclusion: Some(conclusion), ..self.entering(state, now) })
    }

    /// Notes the certificate that was issued on it. Whether the issuer may issue it is the certificate's matter.
    pub fn certify(self, certificate: CertificateId, now: Timestamp) -> Result<Self, No> {
        match self.state {
            State::Passed => {
                Ok(Self { certificate: Some(certificate), ..self.entering(State::Certified, now) })
            }
            _ => Err(self.refusing("certified")),
        }
    }

    fn sitting(&self, said: &AssessmentDraft) -> Result<Sitting, No> {
        let accepted = self.reviewed_at.map(Timestamp::beijing_date);
        match self.state {
            State::Accepted => Ok(Sitting { attempt: 1, earliest: accepted, until: None }),
            State::Assessing if self.attempt() <= 1 => {
                Ok(Sitting { attempt: 1, earliest: accepted, until: None })
            }
            State::Assessing => self.retake(self.attempt()),
            // A conclusion is not undone by correcting what led to it.
            State::Failed if said.correction.is_some() => Err(self.refusing("corrected")),
            State::Failed => self.retake(self.attempt().saturating_add(1)),
            _ => Err(self.refusing("assessed")),
        }
    }

    /// What a conclusion allowed stays allowed, whatever the standard's data say later.
    fn retake(&self, attempt: i32) -> Result<Sitting, No> {
        let conclusion = self.conclusion.as_ref().ok_or(No::NoRetake)?;
        let until = conclusion.retake_until.ok_or(No::NoRetake)?;
        Ok(Sitting { attempt, earliest: Some(conclusion.date), until: Some(until) })
    }

    fn check_content(&self, said: &AssessmentDraft, rule: &PartRule) -> Result<(), No> {
        let part = said.part;
        if !(0..=Assessment::HIGHEST_SCORE).contains(&said.score) {
            return Err(No::ScoreOutOfRange);
        }
        let assessors = &said.assessors;
        if assessors.iter().any(|assessor| assessor.is_person(&self.candidate)) {
            return Err(No::AssessorIsCandidate);
        }
        let twice = |(place, one): (usize, _)| assessors.iter().skip(place + 1).any(|it| it.is_same(one));
        if assessors.iter().enumerate().any(twice) {
            return Err(No::AssessorTwice);
        }
        let given = i32::try_from(assessors.len()).unwrap_or(i32::MAX);
        let needed = rule.minimum_assessors.value;
        if given < needed {
            return Err(No::TooFewAssessors { part, needed, given });
        }
        if rule.odd_assessors && given % 2 == 0 {
            return Err(No::AssessorsEven { part });
        }
        Ok(())
    }

    /// A part has one record that counts in each attempt, and a retake is for what was not passed.
    fn check_place(&self, said: &AssessmentDraft, attempt: i32) -> Result<(), No> {
        let part = said.part;
        if self.assessments.len() >= Self::MOST_RECORDS {
            return Err(No::TooManyRecords);
        }
        let present = self.counting(part, attempt);
        match (&said.correction, present) {
            (None, Some(record)) => return Err(No::PartAssessed { part, record: record.number }),
            (Some(Correction { replaces, reason }), present) => {
                if present.is_none_or(|record| record.number != *replaces) {
                    return Err(No::CorrectionMisses { record: *replaces, part });
                }
                let length = reason.chars().count();
                if reason.trim().is_empty() || length > Correction::LONGEST_REASON {
                    return Err(No::CorrectionUnfounded);
                }
            }
            (None, None) => {}
        }
        let failed = |it: &super::Conclusion| it.failed().any(|failed| failed == part);
        if attempt > 1 && !self.conclusion.as_ref().is_some_and(failed) {
            return Err(No::PartPassed { part });
        }
        Ok(())
    }

    /// The record of a part that counts in an attempt.
    fn counting(&self, part: AssessmentPart, attempt: i32) -> Option<&Assessment> {
        standing(&self.assessments).find(|record| record.said.part == part && record.attempt == attempt)
    }

    fn ensure_listed(&self, issuer: &Issuer) -> Result<(), No> {
        if issuer.id != self.issuer {
            return Err(No::OtherIssuer);
        }
        match issuer.standing {
            IssuerStanding::Listed => Ok(()),
            standing => Err(No::IssuerNotListed { standing }),
        }
    }

    const fn refusing(&self, wanted: &'static str) -> No {
        No::Transition { state: self.state, wanted }
    }

    fn entering(self, state: State, now: Timestamp) -> Self {
        let state_since = if self.state == state { self.state_since } else { now };
        Self { state, state_since, ..self }
    }
}
