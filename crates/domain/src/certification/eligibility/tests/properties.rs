//! What holds for every history, whatever the conditions.

use super::*;
use proptest::prelude::*;
use proptest::sample::select;

const FIRST: i32 = 2020;

fn day() -> impl Strategy<Value = Date> {
    (FIRST..=2027, 1..=12, 1..=28).prop_map(|(year, month, day)| Date::try_new(year, month, day).unwrap())
}

fn period() -> impl Strategy<Value = WorkPeriod> {
    let occupation = select(vec![OccupationRelation::Same, OccupationRelation::Related]);
    (day(), prop::option::of(day()), occupation).prop_map(|(from, to, occupation)| {
        let to = to.map(|to| to.max(from));
        WorkPeriod { from, to, occupation }
    })
}

fn levels() -> impl Strategy<Value = Level> {
    select(vec![Level::Five, Level::Four, Level::Three, Level::Two, Level::One])
}

fn history() -> impl Strategy<Value = ApplicationHistory> {
    let job_types =
        || select(vec![job_type(LIVE_SALESPERSON), job_type(LIVE_SALESPERSON), job_type(VIDEO_CREATOR)]);
    let certificate = (levels(), job_types(), day())
        .prop_map(|(level, job_type, issue_date)| HeldCertificate { level, job_type, issue_date });
    let training =
        (levels(), job_types(), 40..100, day()).prop_map(|(level, job_type, hours, completion_date)| {
            CompletedTraining { level, job_type, hours, completion_date }
        });
    let field = select(vec![FieldRelation::InField, FieldRelation::OtherField]);
    let diploma = (select(DiplomaKind::ALL.to_vec()), field, day())
        .prop_map(|(kind, field, graduation_date)| HeldDiploma { kind, field, graduation_date });
    let title = (select(TitleRank::ALL.to_vec()), day())
        .prop_map(|(rank, award_date)| HeldTitle { rank, award_date });
    let lists = (
        prop::collection::vec(certificate, 0..3),
        prop::collection::vec(period(), 0..5),
        prop::collection::vec(training, 0..3),
        prop::collection::vec(diploma, 0..2),
        prop::collection::vec(title, 0..2),
    );
    (lists, prop::option::of(day()), prop::option::of(10..20)).prop_map(
        |(lists, apprenticeship_end, age_reached)| {
            let (certificates, work, trainings, diplomas, titles) = lists;
            ApplicationHistory {
                certificates,
                work,
                trainings,
                diplomas,
                titles,
                apprenticeship_end,
                age_reached,
            }
        },
    )
}

fn requirement() -> impl Strategy<Value = Requirement> {
    prop_oneof![
        levels().prop_map(|level| Requirement::Certificate { level }),
        (1..40, prop::option::of(levels())).prop_map(|(months, after_level)| work(months, after_level)),
        (levels(), prop::option::of(40..100))
            .prop_map(|(level, hours)| Requirement::Training { level, hours }),
        (prop::collection::btree_set(select(DiplomaKind::ALL.to_vec()), 1..6), any::<bool>(), any::<bool>())
            .prop_map(|(kinds, in_field, graduating_allowed)| Requirement::Diploma {
                kinds,
                in_field,
                graduating_allowed
            }),
        (select(TitleRank::ALL.to_vec()), 0..20)
            .prop_map(|(rank, months)| Requirement::Title { rank, months }),
        Just(Requirement::Apprenticeship),
        (14..18).prop_map(|years| Requirement::Age { years }),
    ]
}

fn any_text() -> impl Strategy<Value = StandardText> {
    let conditions = prop::collection::vec(prop::collection::vec(requirement(), 1..4), 1..4);
    conditions.prop_map(|all| {
        text(
            all.into_iter()
                .map(|requirements| confirmed(condition("c", Level::Three, requirements)))
                .collect(),
        )
    })
}

fn verdicts(text: &StandardText, history: &ApplicationHistory, on: Date) -> Vec<Verdict> {
    let evaluation = evaluate(text, job_type(LIVE_SALESPERSON), Level::Three, history, on);
    evaluation.conditions.iter().map(|answer| answer.verdict).collect()
}

fn together(one: &ApplicationHistory, other: &ApplicationHistory) -> ApplicationHistory {
    ApplicationHistory {
        certificates: [&*one.certificates, &*other.certificates].concat(),
        work: [&*one.work, &*other.work].concat(),
        trainings: [&*one.trainings, &*other.trainings].concat(),
        diplomas: [&*one.diplomas, &*other.diplomas].concat(),
        titles: [&*one.titles, &*other.titles].concat(),
        apprenticeship_end: one.apprenticeship_end.into_iter().chain(other.apprenticeship_end).min(),
        age_reached: one.age_reached.max(other.age_reached),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn more_evidence_never_loses_a_condition_that_is_met(
        text in any_text(), known in history(), more in history(), on in day(),
    ) {
        let (before, after) = (verdicts(&text, &known, on), verdicts(&text, &together(&known, &more), on));
        for (before, after) in before.into_iter().zip(after) {
            prop_assert!(before != Verdict::Met || after == Verdict::Met);
        }
    }

    #[test]
    fn a_higher_level_never_satisfies_less(text in any_text(), known in history(), which in 0..3_usize, on in day()) {
        let mut raised = known.clone();
        if let Some(certificate) = raised.certificates.get_mut(which) {
            certificate.level = Level::One;
        }
        for (before, after) in verdicts(&text, &known, on).into_iter().zip(verdicts(&text, &raised, on)) {
            prop_assert!(before != Verdict::Met || after == Verdict::Met);
        }
    }

    #[test]
    fn a_day_counts_once_however_many_periods_cover_it(periods in prop::collection::vec(period(), 0..5), on in day()) {
        let time = |periods: &[WorkPeriod]| worked(periods, None, on, WorkTime::of_months(24)).time;
        let twice: Vec<WorkPeriod> = periods.iter().flat_map(|period| [period.clone(), period.clone()]).collect();
        prop_assert_eq!(time(&twice), time(&periods));
        // Nobody has worked longer than from the first day of all.
        let whole = [WorkPeriod { from: Date::try_new(FIRST, 1, 1).unwrap(), to: None, occupation: OccupationRelation::Same }];
        prop_assert!(time(&periods) <= time(&whole));
        let covered: Vec<WorkPeriod> = whole.iter().cloned().chain(periods).collect();
        prop_assert_eq!(time(&covered), time(&whole));
    }

    #[test]
    fn an_unbroken_time_is_as_long_as_the_calendar_says(from in day(), months in 1..60) {
        let enough = WorkTime::of_months(months);
        let period = [WorkPeriod { from, to: None, occupation: OccupationRelation::Same }];
        let done = worked(&period, None, Date::try_new(2027, 12, 31).unwrap(), enough);
        prop_assert_eq!(done.enough_on, Some(from.plus_months(months)));
    }

    #[test]
    fn on_the_day_told_a_condition_is_met_by_time_and_not_the_day_before(
        text in any_text(), known in history(), on in day(),
    ) {
        let evaluation = evaluate(&text, job_type(LIVE_SALESPERSON), Level::Three, &known, on);
        for (place, answer) in evaluation.conditions.iter().enumerate() {
            let Some(day) = answer.met_by_time_on else { continue };
            prop_assert!(day > on && answer.verdict != Verdict::Met);
            prop_assert_eq!(verdicts(&text, &known, day)[place], Verdict::Met);
            let day_before = Date::from_epoch_days(day.epoch_days() - 1);
            prop_assert_ne!(verdicts(&text, &known, day_before)[place], Verdict::Met);
        }
    }

    #[test]
    fn without_a_day_told_no_day_will_do(text in any_text(), known in history(), on in day(), later in 0..40) {
        let evaluation = evaluate(&text, job_type(LIVE_SALESPERSON), Level::Three, &known, on);
        let then = verdicts(&text, &known, on.plus_years(later));
        for (answer, then) in evaluation.conditions.iter().zip(then) {
            let by_time = answer.verdict == Verdict::Met || answer.met_by_time_on.is_some();
            prop_assert!(by_time || then != Verdict::Met);
        }
    }
}
