//! Random steps on applications, held against a plain model that knows nothing of how they are kept.

#![expect(clippy::unwrap_used, reason = "generators and helpers of tests may fail loudly")]

use greenroom_domain::certification::{
    Accreditation, Application, ApplicationRefusal, ApplicationState as State, Assessment, AssessmentDraft,
    AssessmentPart as Part, AssessmentRules, Assessor, Correction, Issuer, IssuerClass, IssuerStanding,
    PartRule, RetakeTerms, ReviewVerdict, Stated, conclude,
};
use greenroom_domain::kernel::{
    ApplicationId, CertificateId, Date, IssuerId, OrganizationId, PersonId, StandardId, Timestamp, Version,
};
use greenroom_domain::occupation::{JobType, Level};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const PASS: i32 = 60;

fn at(day: u32) -> Timestamp {
    let noon = Duration::from_hours(12);
    Date::parse("2026-11-01").unwrap().beijing_midnight().plus(noon + Duration::from_hours(24) * day)
}

fn job_type() -> JobType {
    JobType::try_new("live-salesperson").unwrap()
}

fn standard() -> StandardId {
    StandardId::try_new("internet-marketer-2021").unwrap()
}

fn rules() -> AssessmentRules {
    let part = |part| PartRule {
        part,
        applies: Stated { value: (), confirmed: true },
        pass_mark: Stated { value: PASS, confirmed: false },
        minimum_assessors: Stated { value: 1, confirmed: true },
        odd_assessors: false,
    };
    let retake = RetakeTerms { attempts: 1, within_months: 1 };
    AssessmentRules {
        parts: vec![part(Part::Theory), part(Part::Skills)],
        retake: Some(Stated { value: retake, confirmed: true }),
    }
}

fn issuer(standing: IssuerStanding) -> Issuer {
    Issuer {
        id: IssuerId::try_new("north").unwrap(),
        organization: OrganizationId::try_new("north").unwrap(),
        class: IssuerClass::SocialOrganization,
        code: "0000".to_owned(),
        province: "33".to_owned(),
        standing,
        measure: None,
        sites: Vec::new(),
        accreditations: vec![Accreditation {
            standard: standard(),
            job_type: job_type(),
            levels: BTreeSet::from([Level::Three]),
            from: Date::MIN,
            to: None,
        }],
        version: Version::FIRST,
    }
}

fn draft() -> Application {
    Application {
        id: ApplicationId::try_new("one").unwrap(),
        candidate: PersonId::try_new("mina").unwrap(),
        issuer: IssuerId::try_new("north").unwrap(),
        standard: standard(),
        job_type: job_type(),
        level: Level::Three,
        state: State::Draft,
        state_since: at(0),
        submitted_at: None,
        reviewed_at: None,
        assessments: Vec::new(),
        conclusion: None,
        certificate: None,
        version: Version::FIRST,
    }
}

#[derive(Debug, Clone)]
enum Step {
    Revise,
    Submit,
    Review(ReviewVerdict, bool),
    Withdraw,
    Record(Part, i32),
    Correct(Part, i32),
    Conclude,
    Certify,
    Days(u32),
    Standing(IssuerStanding),
}

fn step() -> impl Strategy<Value = Step> {
    let part =
        || select(vec![Part::Theory, Part::Skills, Part::Skills, Part::Theory, Part::ComprehensiveReview]);
    prop_oneof![
        1 => Just(Step::Revise),
        4 => Just(Step::Submit),
        4 => (select(vec![ReviewVerdict::Accept, ReviewVerdict::Accept, ReviewVerdict::Refuse]), prop::bool::weighted(0.9))
            .prop_map(|(verdict, met)| Step::Review(verdict, met)),
        1 => Just(Step::Withdraw),
        12 => (part(), 40..80).prop_map(|(part, score)| Step::Record(part, score)),
        3 => (part(), 40..80).prop_map(|(part, score)| Step::Correct(part, score)),
        4 => Just(Step::Conclude),
        2 => Just(Step::Certify),
        2 => (1_u32..40).prop_map(Step::Days),
        1 => select(vec![IssuerStanding::Listed, IssuerStanding::Listed, IssuerStanding::Suspended])
            .prop_map(Step::Standing),
    ]
}

/// What an application is, told without any of its types: the scores of each sitting, and nothing of who said so.
#[derive(Debug, Clone, Default)]
struct Plain {
    submitted: bool,
    accepted: Option<bool>,
    withdrawn: bool,
    certified: bool,
    /// The scores of each sitting that was begun.
    sittings: Vec<BTreeMap<Part, i32>>,
    /// The day of each conclusion.
    concluded: Vec<u32>,
}

impl Plain {
    fn best(&self) -> BTreeMap<Part, i32> {
        self.sittings.iter().flat_map(|sitting| sitting.iter().map(|(part, score)| (*part, *score))).collect()
    }

    fn failed(&self) -> Vec<Part> {
        let best = self.best();
        let fails = |part: &Part| best.get(part).is_none_or(|score| *score < PASS);
        [Part::Theory, Part::Skills].into_iter().filter(fails).collect()
    }

    fn open(&self) -> bool {
        self.sittings.len() > self.concluded.len()
    }

    fn state(&self) -> State {
        match (self.submitted, self.accepted) {
            _ if self.withdrawn => State::Withdrawn,
            _ if self.certified => State::Certified,
            (false, _) => State::Draft,
            (true, None) => State::Submitted,
            (true, Some(false)) => State::Refused,
            (true, Some(true)) if self.open() => State::Assessing,
            (true, Some(true)) if self.concluded.is_empty() => State::Accepted,
            (true, Some(true)) if self.failed().is_empty() => State::Passed,
            (true, Some(true)) => State::Failed,
        }
    }

    /// Whether the step is possible; if so it is taken.
    fn takes(&mut self, step: &Step, day: u32, listed: bool) -> bool {
        let state = self.state();
        match step {
            Step::Revise => state == State::Draft,
            Step::Submit => taken(state == State::Draft, || self.submitted = true),
            Step::Review(ReviewVerdict::Refuse, _) => {
                taken(state == State::Submitted, || self.accepted = Some(false))
            }
            Step::Review(ReviewVerdict::Accept, met) => {
                taken(state == State::Submitted && *met && listed, || self.accepted = Some(true))
            }
            Step::Withdraw => {
                let before = [State::Draft, State::Submitted, State::Accepted, State::Assessing];
                taken(before.contains(&state), || self.withdrawn = true)
            }
            Step::Record(part, score) => listed && self.records(*part, *score, day),
            Step::Correct(part, score) => {
                let open = self.open() && state == State::Assessing && listed && self.in_time(day);
                let sitting = self.sittings.last_mut().and_then(|sitting| sitting.get_mut(part));
                sitting.filter(|_| open).map(|kept| *kept = *score).is_some()
            }
            Step::Conclude => taken(state == State::Assessing && listed, || self.concluded.push(day)),
            Step::Certify => taken(state == State::Passed, || self.certified = true),
            Step::Days(_) | Step::Standing(_) => true,
        }
    }

    /// Whether a day is not behind the month that follows the conclusion.
    fn in_time(&self, day: u32) -> bool {
        let Some(last) = self.concluded.first() else { return true };
        at(day).beijing_date() <= at(*last).beijing_date().plus_months(1)
    }

    fn records(&mut self, part: Part, score: i32, day: u32) -> bool {
        if part == Part::ComprehensiveReview {
            return false;
        }
        let begins = match self.state() {
            State::Accepted => true,
            State::Failed if self.sittings.len() < 2 => true,
            State::Assessing => false,
            _ => return false,
        };
        let retake = self.sittings.len() + usize::from(begins) > 1;
        let failed_before = || {
            let first = Self { sittings: self.sittings.iter().take(1).cloned().collect(), ..Self::default() };
            first.failed().contains(&part)
        };
        let known = !begins && self.sittings.last().is_some_and(|sitting| sitting.contains_key(&part));
        if known || (retake && !(self.in_time(day) && failed_before())) {
            return false;
        }
        if begins {
            self.sittings.push(BTreeMap::new());
        }
        self.sittings.last_mut().map(|sitting| sitting.insert(part, score)).is_some()
    }
}

fn taken(possible: bool, take: impl FnOnce()) -> bool {
    if possible {
        take();
    }
    possible
}

fn said(part: Part, score: i32, day: u32, correction: Option<Correction>) -> AssessmentDraft {
    let (date, site) = (at(day).beijing_date(), "Hall 2".to_owned());
    AssessmentDraft {
        part,
        score,
        assessors: vec![Assessor::Listed("a1".to_owned())],
        date,
        site,
        correction,
    }
}

/// The number of the newest record of a part, or one that nothing has.
fn newest(application: &Application, part: Part) -> i32 {
    let records = application.assessments.iter().filter(|record| record.said.part == part);
    records.map(|record| record.number).max().unwrap_or(99)
}

fn apply(
    application: Application,
    step: &Step,
    day: u32,
    issuer: &Issuer,
) -> Result<Application, ApplicationRefusal> {
    let now = at(day);
    match step {
        Step::Revise => application.revise(),
        Step::Submit => application.submit(now),
        Step::Review(verdict, met) => application.review(*verdict, *met, issuer, now),
        Step::Withdraw => application.withdraw(now),
        Step::Record(part, score) => {
            application.record(said(*part, *score, day, None), &rules(), issuer, now)
        }
        Step::Correct(part, score) => {
            let replaces = newest(&application, *part);
            let correction = Some(Correction { replaces, reason: "a slip".to_owned() });
            application.record(said(*part, *score, day, correction), &rules(), issuer, now)
        }
        Step::Conclude => application.conclude(&rules(), issuer, now),
        Step::Certify => application.certify(CertificateId::try_new("c1").unwrap(), now),
        Step::Days(_) | Step::Standing(_) => Ok(application),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn an_application_goes_where_a_plain_model_goes(steps in vec(step(), 1..40)) {
        let (mut application, mut plain) = (draft(), Plain::default());
        let (mut day, mut issuer) = (0, issuer(IssuerStanding::Listed));
        for step in steps {
            match &step {
                Step::Days(days) => day += days,
                Step::Standing(standing) => issuer.standing = *standing,
                _ => {}
            }
            let listed = issuer.standing == IssuerStanding::Listed;
            let possible = plain.takes(&step, day, listed);
            let after = apply(application.clone(), &step, day, &issuer);
            prop_assert_eq!(after.is_ok(), possible, "{:?} on day {}: {:?}", step, day, after.as_ref().err());
            if let Ok(after) = after {
                // What is on record stays on record, in its order.
                prop_assert_eq!(&after.assessments[..application.assessments.len()], &application.assessments[..]);
                application = after;
            }
            prop_assert_eq!(application.state, plain.state());
        }
        let over = [State::Passed, State::Failed, State::Certified].contains(&application.state);
        if let Some(conclusion) = application.conclusion.as_ref().filter(|_| over) {
            prop_assert_eq!(conclusion.failed().collect::<Vec<_>>(), plain.failed());
        }
    }

    #[test]
    fn a_better_score_never_fails_what_was_passed(
        scores in vec((select(vec![Part::Theory, Part::Skills]), 0..=100_i32), 0..6),
        more in 0..=100_i32,
    ) {
        let record = |number: usize, part, score: i32| Assessment {
            number: i32::try_from(number).unwrap() + 1,
            attempt: i32::try_from(number).unwrap() + 1,
            said: said(part, score, 0, None),
            record_time: at(0),
        };
        let with = |add: i32| -> Vec<Assessment> {
            let raised = scores.iter().map(|(part, score)| (*part, (score + add).min(100)));
            raised.enumerate().map(|(number, (part, score))| record(number, part, score)).collect()
        };
        let date = at(0).beijing_date();
        let failed = |add| conclude(&rules(), &with(add), date).failed().collect::<BTreeSet<_>>();
        prop_assert!(failed(more).is_subset(&failed(0)));
    }
}
