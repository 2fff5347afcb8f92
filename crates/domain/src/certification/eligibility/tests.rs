use super::*;
use crate::certification::samples::{self, LIVE_SALESPERSON, VIDEO_CREATOR, job_type};
use crate::certification::{Condition, MinimumEducation, Phrase, TrainingHours};

mod properties;

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn confirmed<T>(value: T) -> Sourced<T> {
    Sourced { value, confirmation: Confirmation::Confirmed, source: "the standard".to_owned() }
}

fn unconfirmed<T>(value: T) -> Sourced<T> {
    Sourced { confirmation: Confirmation::Unconfirmed, ..confirmed(value) }
}

fn condition(id: &str, level: Level, requirements: Vec<Requirement>) -> Condition {
    let text = Phrase { chinese: String::new(), english: String::new() };
    Condition { id: id.to_owned(), level, job_types: BTreeSet::new(), text, requirements }
}

fn text(conditions: Vec<Sourced<Condition>>) -> StandardText {
    let hours = |level, hours| TrainingHours { level, job_types: BTreeSet::new(), hours };
    StandardText {
        standard: samples::standard(),
        name: Phrase { chinese: "互联网营销师".to_owned(), english: "Internet Marketer".to_owned() },
        codes: Vec::new(),
        definition: None,
        ability_traits: Vec::new(),
        minimum_education: None,
        ethics_code: Vec::new(),
        job_types: Vec::new(),
        training_hours: vec![confirmed(hours(Level::One, 72)), unconfirmed(hours(Level::Two, 72))],
        conditions,
        assessment: Vec::new(),
        retake: None,
    }
}

fn work(months: i32, after_level: Option<Level>) -> Requirement {
    Requirement::Work { months, after_level }
}

/// Level 1: three years after level 2 with training, or four without.
fn level_one() -> StandardText {
    let holder = || Requirement::Certificate { level: Level::Two };
    let training = Requirement::Training { level: Level::One, hours: None };
    text(vec![
        confirmed(condition("trained", Level::One, vec![holder(), work(36, Some(Level::Two)), training])),
        confirmed(condition("experienced", Level::One, vec![holder(), work(48, Some(Level::Two))])),
        unconfirmed(condition("other", Level::Five, vec![work(12, None)])),
    ])
}

fn asked(text: &StandardText, level: Level, history: &ApplicationHistory, on: &str) -> Evaluation {
    evaluate(text, job_type(LIVE_SALESPERSON), level, history, date(on))
}

fn since(from: &str) -> WorkPeriod {
    WorkPeriod { from: date(from), to: None, occupation: OccupationRelation::Same }
}

fn between(from: &str, to: &str) -> WorkPeriod {
    WorkPeriod { to: Some(date(to)), ..since(from) }
}

fn held(level: Level, issued: &str) -> HeldCertificate {
    HeldCertificate { level, job_type: job_type(LIVE_SALESPERSON), issue_date: date(issued) }
}

fn technician() -> ApplicationHistory {
    ApplicationHistory {
        certificates: vec![held(Level::Two, "2024-06-15")],
        work: vec![since("2020-01-01")],
        ..ApplicationHistory::default()
    }
}

fn trained(level: Level, hours: i32) -> CompletedTraining {
    CompletedTraining {
        level,
        job_type: job_type(LIVE_SALESPERSON),
        hours,
        completion_date: date("2026-05-01"),
    }
}

#[test]
fn exactly_what_is_missing_is_told_in_both_languages() {
    let evaluation = asked(&level_one(), Level::One, &technician(), "2026-11-01");
    assert_eq!((evaluation.verdict, evaluation.confirmation), (Verdict::NotMet, Confirmation::Confirmed));
    let trained = &evaluation.conditions[0];
    assert_eq!(trained.english(), "2 y 4 m of 3 y after level 2; training certificate for level 1 missing");
    assert_eq!(
        trained.chinese(),
        "取得二级/技师证书后从业2年4个月，须满3年；缺少一级/高级技师正规培训结业证书"
    );
    // Time alone does not bring a training about.
    assert_eq!(trained.met_by_time_on, None);
    assert_eq!(evaluation.conditions[1].english(), "2 y 4 m of 4 y after level 2");
    assert_eq!(evaluation.conditions[1].met_by_time_on, Some(date("2028-06-15")));
    assert_eq!(evaluation.met_by_time_on(), Some(date("2028-06-15")));
    let amounts = trained.requirements[1].have.zip(trained.requirements[1].need).unwrap();
    let Amount::Work(have) = amounts.0 else { panic!("{amounts:?}") };
    assert_eq!((have.months(), have.days(), amounts.1), (28, 17, Amount::Work(WorkTime::of_months(36))));
}

#[test]
fn one_condition_is_enough_and_is_told_with_what_is_there() {
    let history = ApplicationHistory { trainings: vec![trained(Level::One, 72)], ..technician() };
    let evaluation = asked(&level_one(), Level::One, &history, "2027-06-15");
    assert_eq!((evaluation.verdict, evaluation.confirmation), (Verdict::Met, Confirmation::Confirmed));
    assert_eq!(
        evaluation.conditions[0].english(),
        "certificate of level 2 or higher held; 3 y of 3 y after level 2; training for level 1 completed"
    );
    assert_eq!(
        (evaluation.met_by_time_on(), evaluation.conditions[1].verdict),
        (Some(date("2028-06-15")), Verdict::NotMet)
    );
    let day_before = asked(&level_one(), Level::One, &history, "2027-06-14");
    assert_eq!(
        (day_before.verdict, day_before.met_by_time_on()),
        (Verdict::NotMet, Some(date("2027-06-15")))
    );
}

#[test]
fn a_training_is_long_enough_by_itself_and_for_its_own_level_and_job_type() {
    let with = |trainings| {
        let history = ApplicationHistory { trainings, ..technician() };
        asked(&level_one(), Level::One, &history, "2027-06-15").conditions[0].english()
    };
    assert_eq!(
        with(vec![trained(Level::One, 40), trained(Level::One, 71)]),
        "training for level 1 had 71 of 72 hours"
    );
    assert_eq!(with(vec![trained(Level::Two, 90)]), "training certificate for level 1 missing");
    let other = CompletedTraining { job_type: job_type(VIDEO_CREATOR), ..trained(Level::One, 90) };
    assert_eq!(with(vec![other]), "training certificate for level 1 missing");
}

#[test]
fn nothing_is_decided_on_an_unconfirmed_value_alone() {
    let year = ApplicationHistory { work: vec![since("2020-01-01")], ..ApplicationHistory::default() };
    let met = asked(&level_one(), Level::Five, &year, "2026-11-01");
    assert_eq!((met.verdict, met.confirmation), (Verdict::Met, Confirmation::Unconfirmed));
    // The condition was read in its source, the hours it leaves to the standard were not.
    let training = Requirement::Training { level: Level::Two, hours: None };
    let mixed = text(vec![confirmed(condition("trained", Level::Two, vec![training]))]);
    let history =
        ApplicationHistory { trainings: vec![trained(Level::Two, 80)], ..ApplicationHistory::default() };
    let met = asked(&mixed, Level::Two, &history, "2026-11-01");
    assert_eq!((met.verdict, met.confirmation), (Verdict::Met, Confirmation::Unconfirmed));
    // A no rests on every condition.
    let either = text(vec![
        confirmed(condition("a", Level::Five, vec![work(12, None)])),
        unconfirmed(condition("b", Level::Five, vec![Requirement::Apprenticeship])),
    ]);
    let no = asked(&either, Level::Five, &ApplicationHistory::default(), "2026-11-01");
    assert_eq!((no.verdict, no.confirmation), (Verdict::NotMet, Confirmation::Unconfirmed));
    let silent = asked(&either, Level::Four, &ApplicationHistory::default(), "2026-11-01");
    assert_eq!((silent.verdict, silent.confirmation), (Verdict::Unknown, Confirmation::Unconfirmed));
}

#[test]
fn an_age_that_nobody_states_is_unknown() {
    let young = text(vec![confirmed(condition("age", Level::Five, vec![Requirement::Age { years: 16 }]))]);
    let told = |age_reached| {
        let history = ApplicationHistory { age_reached, ..ApplicationHistory::default() };
        let evaluation = asked(&young, Level::Five, &history, "2026-11-01");
        (evaluation.verdict, evaluation.met_by_time_on())
    };
    assert_eq!(told(None), (Verdict::Unknown, None));
    assert_eq!(told(Some(15)), (Verdict::NotMet, None));
    assert_eq!(told(Some(18)), (Verdict::Met, None));
}

#[test]
fn diplomas_count_by_kind_and_field_and_those_of_this_year_where_the_condition_says_so() {
    let diploma = |graduating_allowed| Requirement::Diploma {
        kinds: BTreeSet::from([DiplomaKind::TechnicalSchool, DiplomaKind::EvaluatedSecondaryVocational]),
        in_field: true,
        graduating_allowed,
    };
    let with = |requirement, kind, field, graduation: &str| {
        let text = text(vec![confirmed(condition("school", Level::Four, vec![requirement]))]);
        let diplomas = vec![HeldDiploma { kind, field, graduation_date: date(graduation) }];
        let history = ApplicationHistory { diplomas, ..ApplicationHistory::default() };
        let evaluation = asked(&text, Level::Four, &history, "2026-11-01");
        (evaluation.verdict, evaluation.met_by_time_on().map(|day| day.to_string()))
    };
    let (school, field) = (DiplomaKind::TechnicalSchool, FieldRelation::InField);
    assert_eq!(with(diploma(false), school, field, "2026-11-01"), (Verdict::Met, None));
    assert_eq!(
        with(diploma(false), school, FieldRelation::OtherField, "2026-06-30"),
        (Verdict::NotMet, None)
    );
    assert_eq!(with(diploma(false), DiplomaKind::College, field, "2026-06-30"), (Verdict::NotMet, None));
    let in_june = Some("2027-06-30".to_owned());
    assert_eq!(with(diploma(false), school, field, "2027-06-30"), (Verdict::NotMet, in_june));
    assert_eq!(with(diploma(true), school, field, "2027-06-30"), (Verdict::Met, None));
    let last_year = Some("2026-12-30".to_owned());
    assert_eq!(with(diploma(true), school, field, "2027-12-30"), (Verdict::NotMet, last_year));
}

#[test]
fn the_education_needed_is_told_beside_the_conditions_and_changes_none() {
    let needed = |kinds: &[DiplomaKind]| {
        let phrase =
            Phrase { chinese: "初中毕业".to_owned(), english: "junior middle school".to_owned() };
        unconfirmed(MinimumEducation { text: phrase, diplomas: kinds.iter().copied().collect() })
    };
    let standard =
        |kinds: &[DiplomaKind]| StandardText { minimum_education: Some(needed(kinds)), ..level_one() };
    let schools = [DiplomaKind::JuniorMiddleSchool, DiplomaKind::College];
    let told = |text: &StandardText, history: &ApplicationHistory| {
        asked(text, Level::One, history, "2026-11-01").education
    };
    let unknown = told(&standard(&schools), &technician()).unwrap();
    assert_eq!((unknown.verdict(), unknown.confirmation), (Verdict::Unknown, Confirmation::Unconfirmed));
    assert_eq!(unknown.english(), "no diploma proves it: junior middle school");
    let graduate = |kind, graduated| {
        let diploma =
            HeldDiploma { kind, field: FieldRelation::OtherField, graduation_date: date(graduated) };
        ApplicationHistory { diplomas: vec![diploma], ..technician() }
    };
    for (kind, graduated, verdict) in [
        (DiplomaKind::College, "2026-11-01", Verdict::Met),
        (DiplomaKind::College, "2026-11-02", Verdict::Unknown),
        (DiplomaKind::SeniorMiddleSchool, "2020-07-01", Verdict::Unknown),
    ] {
        let history = graduate(kind, graduated);
        assert_eq!(told(&standard(&schools), &history).unwrap().verdict(), verdict, "{kind:?} {graduated}");
        let (with, without) = (standard(&schools), level_one());
        let conditions = |text| asked(text, Level::One, &history, "2026-11-01").conditions;
        assert_eq!(conditions(&with), conditions(&without));
    }
    assert_eq!(told(&standard(&[]), &technician()), None, "shown, and not evaluated");
    assert_eq!(told(&level_one(), &technician()), None);
}

#[test]
fn a_title_counts_by_its_rank_and_by_the_work_behind_it() {
    let requirement = |months| Requirement::Title { rank: TitleRank::Intermediate, months };
    let with = |months, rank| {
        let text = text(vec![confirmed(condition("title", Level::Two, vec![requirement(months)]))]);
        let titles = vec![HeldTitle { rank, award_date: date("2026-01-10") }];
        let history = ApplicationHistory { titles, ..technician() };
        asked(&text, Level::Two, &history, "2026-11-01").conditions[0].english()
    };
    assert_eq!(with(0, TitleRank::Senior), "intermediate title held");
    assert_eq!(with(0, TitleRank::Junior), "intermediate title missing");
    assert_eq!(with(12, TitleRank::Intermediate), "9 m of 1 y after the intermediate title");
}

#[test]
fn whole_months_follow_the_calendar_and_days_left_over_add_up() {
    let months = |periods: &[WorkPeriod], on: &str| {
        let time = worked(periods, None, date(on), WorkTime::of_months(1)).time;
        (time.months(), time.days())
    };
    assert_eq!(months(&[between("2023-01-01", "2025-12-31")], "2026-06-01"), (36, 0));
    assert_eq!(months(&[between("2023-01-01", "2025-12-30")], "2026-06-01"), (35, 30));
    // The day asked about is not over.
    assert_eq!(months(&[since("2023-01-01")], "2026-01-01"), (36, 0));
    assert_eq!(months(&[since("2023-01-01")], "2025-12-31"), (35, 30));
    assert_eq!(months(&[since("2024-01-31")], "2024-03-31"), (2, 0));
    let halves = [between("2024-03-01", "2024-03-16"), between("2024-05-01", "2024-05-15")];
    assert_eq!(months(&halves, "2026-01-01"), (1, 0));
    assert_eq!(months(&[since("2026-05-01")], "2026-04-01"), (0, 0));
    assert_eq!(months(&[between("2026-05-02", "2026-05-01")], "2026-06-01"), (0, 0));
}
