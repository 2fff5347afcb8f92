use super::*;
use crate::certification::{Accreditation, AssessmentPart, Issuer, IssuerClass, IssuerStanding, samples};
use crate::kernel::{Collection, Date, Id, OrganizationId};
use std::collections::BTreeSet;
use std::time::Duration;

use ApplicationRefusal as No;
use ApplicationState as State;

const NOON: Timestamp = Timestamp::from_micros(1_795_406_400_000_000); // 2026-11-23T04:00:00Z
const DAY: Duration = Duration::from_hours(24);

fn id<K: Collection>(text: &str) -> Id<K> {
    Id::try_new(text).unwrap()
}

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn job_type() -> JobType {
    samples::job_type(samples::LIVE_SALESPERSON)
}

fn stated<T>(value: T) -> Stated<T> {
    Stated { value, confirmed: true }
}

fn rules() -> AssessmentRules {
    let part = |part, minimum, odd_assessors| PartRule {
        part,
        applies: stated(()),
        pass_mark: Stated { value: 60, confirmed: false },
        minimum_assessors: stated(minimum),
        odd_assessors,
    };
    AssessmentRules {
        parts: vec![part(AssessmentPart::Theory, 2, false), part(AssessmentPart::Skills, 3, true)],
        retake: Some(Stated { value: RetakeTerms { attempts: 1, within_months: 12 }, confirmed: false }),
    }
}

fn issuer() -> Issuer {
    Issuer {
        id: id("north"),
        organization: OrganizationId::try_new("north-college").unwrap(),
        class: IssuerClass::SocialOrganization,
        code: "0000".to_owned(),
        province: "33".to_owned(),
        standing: IssuerStanding::Listed,
        measure: None,
        sites: Vec::new(),
        accreditations: vec![Accreditation {
            standard: id("internet-marketer-2021"),
            job_type: job_type(),
            levels: BTreeSet::from([Level::Three]),
            from: date("2022-01-01"),
            to: Some(date("2028-12-31")),
        }],
        version: Version::FIRST,
    }
}

fn draft() -> Application {
    Application {
        id: id("a1"),
        candidate: id("p1"),
        issuer: id("north"),
        standard: id("internet-marketer-2021"),
        job_type: job_type(),
        level: Level::Three,
        state: State::Draft,
        state_since: NOON,
        submitted_at: None,
        reviewed_at: None,
        assessments: Vec::new(),
        conclusion: None,
        certificate: None,
        version: Version::FIRST,
    }
}

fn listed(count: usize) -> Vec<Assessor> {
    (1..=count).map(|number| Assessor::Listed(format!("assessor-{number}"))).collect()
}

fn said(part: AssessmentPart, score: i32) -> AssessmentDraft {
    let date = date("2026-11-23");
    AssessmentDraft { part, score, assessors: listed(3), date, site: "Hall 2".to_owned(), correction: None }
}

fn accepted() -> Application {
    let submitted = draft().submit(NOON).unwrap();
    submitted.review(ReviewVerdict::Accept, true, &issuer(), NOON).unwrap()
}

fn record(application: Application, said: AssessmentDraft) -> Result<Application, No> {
    application.record(said, &rules(), &issuer(), NOON)
}

fn assessed(theory: i32, skills: i32) -> Application {
    let half = record(accepted(), said(AssessmentPart::Theory, theory)).unwrap();
    record(half, said(AssessmentPart::Skills, skills)).unwrap()
}

fn concluded(theory: i32, skills: i32) -> Application {
    assessed(theory, skills).conclude(&rules(), &issuer(), NOON).unwrap()
}

/// An application in a state, come there by the way that leads there.
fn in_state(state: State) -> Application {
    let submitted = || draft().submit(NOON).unwrap();
    match state {
        State::Draft => draft(),
        State::Submitted => submitted(),
        State::Accepted => accepted(),
        State::Refused => submitted().review(ReviewVerdict::Refuse, true, &issuer(), NOON).unwrap(),
        State::Assessing => assessed(70, 50),
        State::Passed => concluded(60, 60),
        State::Failed => concluded(70, 50),
        State::Certified => concluded(60, 60).certify(id("c1"), NOON).unwrap(),
        State::Withdrawn => draft().withdraw(NOON).unwrap(),
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Revise,
    Submit,
    Accept,
    Refuse,
    Withdraw,
    Record,
    Correct,
    Conclude,
    Certify,
}

impl Event {
    const ALL: [Self; 9] = [
        Self::Revise,
        Self::Submit,
        Self::Accept,
        Self::Refuse,
        Self::Withdraw,
        Self::Record,
        Self::Correct,
        Self::Conclude,
        Self::Certify,
    ];

    /// What happens in a state that does not allow it.
    const fn participle(self) -> &'static str {
        match self {
            Self::Revise => "changed",
            Self::Submit => "submitted",
            Self::Accept => "accepted",
            Self::Refuse => "refused",
            Self::Withdraw => "withdrawn",
            Self::Record | Self::Correct => "assessed",
            Self::Conclude => "concluded",
            Self::Certify => "certified",
        }
    }

    fn happens(self, application: Application, at: Timestamp) -> Result<Application, No> {
        let issuer = issuer();
        match self {
            Self::Revise => application.revise(),
            Self::Submit => application.submit(at),
            Self::Accept => application.review(ReviewVerdict::Accept, true, &issuer, at),
            Self::Refuse => application.review(ReviewVerdict::Refuse, false, &issuer, at),
            Self::Withdraw => application.withdraw(at),
            Self::Record => {
                // While assessing, theory is what is missing; of what failed it is the skills.
                let mut application = application;
                if application.state == State::Assessing {
                    application.assessments.retain(|record| record.said.part == AssessmentPart::Theory);
                }
                application.record(said(AssessmentPart::Skills, 80), &rules(), &issuer, at)
            }
            Self::Correct => {
                let correction = Correction { replaces: 2, reason: "a slip of the pen".to_owned() };
                let correction = Some(correction);
                let corrected = AssessmentDraft { correction, ..said(AssessmentPart::Skills, 80) };
                application.record(corrected, &rules(), &issuer, at)
            }
            Self::Conclude => application.conclude(&rules(), &issuer, at),
            Self::Certify => application.certify(id("c1"), at),
        }
    }
}

/// The state an event leads to; none where the state does not allow it.
const fn leads_to(state: State, event: Event) -> Option<State> {
    match (state, event) {
        (State::Draft, Event::Revise) => Some(State::Draft),
        (State::Draft, Event::Submit) => Some(State::Submitted),
        (State::Submitted, Event::Accept) => Some(State::Accepted),
        (State::Submitted, Event::Refuse) => Some(State::Refused),
        (State::Draft | State::Submitted | State::Accepted | State::Assessing, Event::Withdraw) => {
            Some(State::Withdrawn)
        }
        (State::Accepted | State::Assessing | State::Failed, Event::Record)
        | (State::Assessing, Event::Correct) => Some(State::Assessing),
        // Seventy and fifty points.
        (State::Assessing, Event::Conclude) => Some(State::Failed),
        (State::Passed, Event::Certify) => Some(State::Certified),
        _ => None,
    }
}

#[test]
fn every_event_in_every_state_has_its_effect_or_its_reason() {
    let later = NOON.plus(Duration::from_hours(1));
    for state in State::ALL {
        for event in Event::ALL {
            let before = in_state(state);
            assert_eq!(before.state, state);
            let after = event.happens(before.clone(), later);
            let wanted = event.participle();
            match (leads_to(state, event), after) {
                (Some(next), Ok(after)) => {
                    assert_eq!(after.state, next, "{state:?} {event:?}");
                    let since = if next == state { before.state_since } else { later };
                    assert_eq!((after.state_since, after.version), (since, before.version));
                }
                // Nothing is on record that could be corrected.
                (None, Err(No::CorrectionMisses { record: 2, .. })) if state == State::Accepted => {}
                // What led to a conclusion is not corrected.
                (None, Err(No::Transition { state: State::Failed, wanted: "corrected" })) => {}
                (None, Err(refusal)) => {
                    assert_eq!(refusal, No::Transition { state, wanted }, "{state:?} {event:?}");
                }
                (expected, after) => panic!("{state:?} {event:?}: {expected:?}, {after:?}"),
            }
        }
    }
}

#[test]
fn a_refusal_says_what_could_not_be_done() {
    let refused = in_state(State::Withdrawn).submit(NOON).unwrap_err();
    assert_eq!(refused.to_string(), "an application in state `WITHDRAWN` cannot be submitted");
}

#[test]
fn nobody_is_accepted_who_meets_no_condition_or_by_an_issuer_that_is_not_listed() {
    let submitted = || in_state(State::Submitted);
    let unmet = submitted().review(ReviewVerdict::Accept, false, &issuer(), NOON);
    assert_eq!(unmet, Err(No::ConditionsUnmet));
    let suspended = Issuer { standing: IssuerStanding::Suspended, ..issuer() };
    let unlisted = submitted().review(ReviewVerdict::Accept, true, &suspended, NOON);
    assert_eq!(unlisted, Err(No::IssuerNotListed { standing: IssuerStanding::Suspended }));
    assert!(submitted().review(ReviewVerdict::Refuse, true, &suspended, NOON).is_ok());
}

#[test]
fn an_issuer_assesses_only_what_it_is_accredited_for_on_that_day() {
    let theory = || said(AssessmentPart::Theory, 70);
    let by = |issuer: &Issuer, said, at| accepted().record(said, &rules(), issuer, at).map(|_| ());
    assert_eq!(by(&issuer(), theory(), NOON), Ok(()));
    let suspended = Issuer { standing: IssuerStanding::Suspended, ..issuer() };
    let standing = IssuerStanding::Suspended;
    assert_eq!(by(&suspended, theory(), NOON), Err(No::IssuerNotListed { standing }));
    let struck_off = Issuer { standing: IssuerStanding::StruckOff, ..issuer() };
    let standing = IssuerStanding::StruckOff;
    assert_eq!(by(&struck_off, theory(), NOON), Err(No::IssuerNotListed { standing }));
    let other = Issuer { id: id("south"), ..issuer() };
    assert_eq!(by(&other, theory(), NOON), Err(No::OtherIssuer));
    let mut other_level = issuer();
    other_level.accreditations[0].levels = BTreeSet::from([Level::Four]);
    let on = date("2026-11-23");
    assert_eq!(by(&other_level, theory(), NOON), Err(No::NotAccredited { on }));
    let years_later = NOON.plus(DAY * 1000);
    let on = date("2029-01-01");
    let late = AssessmentDraft { date: on, ..theory() };
    assert_eq!(by(&issuer(), late, years_later), Err(No::NotAccredited { on }));
    // The day of the assessment counts, not that of its recording.
    assert_eq!(by(&issuer(), AssessmentDraft { date: date("2028-12-31"), ..theory() }, years_later), Ok(()));
}

#[test]
fn no_assessment_lies_in_the_future_or_before_its_acceptance() {
    let on = |day| AssessmentDraft { date: date(day), ..said(AssessmentPart::Theory, 70) };
    assert_eq!(record(accepted(), on("2026-11-24")), Err(No::DateInFuture));
    let earliest = date("2026-11-23");
    assert_eq!(record(accepted(), on("2026-11-22")), Err(No::DateEarly { earliest }));
}

#[test]
fn the_standard_says_which_parts_there_are_and_how_many_assess() {
    let part = AssessmentPart::ComprehensiveReview;
    assert_eq!(record(accepted(), said(part, 70)), Err(No::PartNotRequired { part }));
    let by =
        |part, assessors| record(accepted(), AssessmentDraft { assessors, ..said(part, 70) }).map(|_| ());
    let (theory, skills) = (AssessmentPart::Theory, AssessmentPart::Skills);
    assert_eq!(by(theory, listed(2)), Ok(()));
    let few = No::TooFewAssessors { part: theory, needed: 2, given: 1 };
    assert_eq!(by(theory, listed(1)), Err(few));
    assert_eq!(by(skills, listed(5)), Ok(()));
    assert_eq!(by(skills, listed(4)), Err(No::AssessorsEven { part: skills }));
}

#[test]
fn assessors_are_distinct_and_none_of_them_is_the_candidate() {
    let person = |name: &str, pairwise: &str| Assessor::Person { person: id(name), pairwise: id(pairwise) };
    let by = |assessors| {
        record(accepted(), AssessmentDraft { assessors, ..said(AssessmentPart::Theory, 70) }).map(|_| ())
    };
    assert_eq!(by(vec![person("p2", "x"), person("p3", "y")]), Ok(()));
    assert_eq!(by(vec![person("p2", "x"), person("p2", "y")]), Err(No::AssessorTwice));
    assert_eq!(by([listed(1), listed(1)].concat()), Err(No::AssessorTwice));
    assert_eq!(by(vec![person("p2", "x"), person("p1", "y")]), Err(No::AssessorIsCandidate));
}

#[test]
fn a_score_is_a_score() {
    for score in [-1, 101] {
        let refused = record(accepted(), said(AssessmentPart::Theory, score));
        assert_eq!(refused, Err(No::ScoreOutOfRange));
    }
}

#[test]
fn a_part_is_recorded_once_and_then_corrected_with_a_reason() {
    let (theory, skills) = (AssessmentPart::Theory, AssessmentPart::Skills);
    let once = record(accepted(), said(theory, 59)).unwrap();
    let again = record(once.clone(), said(theory, 61));
    assert_eq!(again, Err(No::PartAssessed { part: theory, record: 1 }));
    let correcting = |part, replaces, reason: &str| AssessmentDraft {
        correction: Some(Correction { replaces, reason: reason.to_owned() }),
        ..said(part, 61)
    };
    let elsewhere = record(once.clone(), correcting(skills, 1, "the digits were swapped"));
    assert_eq!(elsewhere, Err(No::CorrectionMisses { record: 1, part: skills }));
    for reason in [" ", &"x".repeat(501)] {
        assert_eq!(record(once.clone(), correcting(theory, 1, reason)), Err(No::CorrectionUnfounded));
    }
    let corrected = record(once.clone(), correcting(theory, 1, "the digits were swapped")).unwrap();
    assert_eq!(corrected.assessments.len(), 2, "the wrong record stays");
    assert_eq!(corrected.assessments[0], once.assessments[0]);
    let twice = record(corrected.clone(), correcting(theory, 1, "again"));
    assert_eq!(twice, Err(No::CorrectionMisses { record: 1, part: theory }));
    let whole = record(corrected, said(skills, 60)).unwrap();
    let passed = whole.conclude(&rules(), &issuer(), NOON).unwrap();
    assert_eq!(passed.state, State::Passed);
    assert_eq!(passed.conclusion.unwrap().parts[0].assessment, Some(2));
}

#[test]
fn a_conclusion_tells_each_part_and_what_nobody_has_confirmed() {
    let conclusion = concluded(60, 59).conclusion.unwrap();
    let outcomes: Vec<_> = conclusion.parts.iter().map(|part| (part.part, part.outcome)).collect();
    let (theory, skills) = (AssessmentPart::Theory, AssessmentPart::Skills);
    assert_eq!(outcomes, [(theory, PartOutcome::Passed), (skills, PartOutcome::BelowPassMark)]);
    assert_eq!(conclusion.rests_on_unconfirmed, ["THEORY.pass_mark", "SKILLS.pass_mark"]);
    let half = record(accepted(), said(theory, 100)).unwrap();
    let absent = half.conclude(&rules(), &issuer(), NOON).unwrap();
    assert_eq!(absent.state, State::Failed);
    assert_eq!(absent.conclusion.unwrap().parts[1].outcome, PartOutcome::NotAssessed);
}

#[test]
fn an_issuer_that_is_not_listed_concludes_nothing() {
    let struck_off = Issuer { standing: IssuerStanding::StruckOff, ..issuer() };
    let refused = assessed(60, 60).conclude(&rules(), &struck_off, NOON);
    assert_eq!(refused, Err(No::IssuerNotListed { standing: IssuerStanding::StruckOff }));
}

#[test]
fn what_failed_is_retaken_once_within_its_period() {
    let (theory, skills) = (AssessmentPart::Theory, AssessmentPart::Skills);
    let far = NOON.plus(DAY * 700);
    let on = |part, day| AssessmentDraft { date: date(day), ..said(part, 80) };
    let retake = |said| in_state(State::Failed).record(said, &rules(), &issuer(), far);
    assert_eq!(retake(on(theory, "2027-01-10")), Err(No::PartPassed { part: theory }));
    let until = date("2027-11-23");
    assert_eq!(retake(on(skills, "2027-11-24")), Err(No::RetakeLate { until }));
    let earliest = date("2026-11-23");
    assert_eq!(retake(on(skills, "2026-11-22")), Err(No::DateEarly { earliest }));
    let second = retake(on(skills, "2027-11-23")).unwrap();
    assert_eq!((second.state, second.attempt()), (State::Assessing, 2));
    let passed = second.clone().conclude(&rules(), &issuer(), far).unwrap();
    assert_eq!(passed.state, State::Passed);
    assert!(passed.conclusion.unwrap().rests_on_unconfirmed.contains(&"retake".to_owned()));
    let correction = Some(Correction { replaces: 3, reason: "a slip of the pen".to_owned() });
    let worse = AssessmentDraft { score: 40, correction, ..on(skills, "2027-11-23") };
    let failed = second.record(worse, &rules(), &issuer(), far).unwrap();
    let failed = failed.conclude(&rules(), &issuer(), far).unwrap();
    assert_eq!(failed.state, State::Failed);
    let third = failed.record(on(skills, "2028-10-23"), &rules(), &issuer(), far);
    assert_eq!(third, Err(No::NoRetake));
}

#[test]
fn without_a_rule_there_is_no_retake() {
    let none = AssessmentRules { retake: None, ..rules() };
    let failed = in_state(State::Assessing).conclude(&none, &issuer(), NOON).unwrap();
    assert_eq!(failed.conclusion.as_ref().unwrap().retake_until, None);
    let refused = failed.record(said(AssessmentPart::Skills, 80), &rules(), &issuer(), NOON);
    assert_eq!(refused, Err(No::NoRetake));
}

#[test]
fn records_without_end_are_refused() {
    let mut application = record(accepted(), said(AssessmentPart::Theory, 70)).unwrap();
    for replaces in 1..100 {
        let correction = Some(Correction { replaces, reason: "again".to_owned() });
        let next = AssessmentDraft { correction, ..said(AssessmentPart::Theory, 70) };
        application = record(application, next).unwrap();
    }
    assert_eq!(record(application, said(AssessmentPart::Skills, 70)), Err(No::TooManyRecords));
}
