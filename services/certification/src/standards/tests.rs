use super::*;
use greenroom_domain::certification::{AssessmentPart, Confirmation, Parity, Requirement};
use greenroom_domain::occupation::Level;
use greenroom_testkit::occupation::{self, LIVE_SALESPERSON, PLATFORM_ADMINISTRATOR, job_type};

const TEXT: &str = BUILT_IN[0].1;

fn built_in() -> StandardText {
    let standards = Standards::load(None).unwrap();
    standards.get(&StandardId::try_new("internet-marketer-2021").unwrap()).unwrap().text.clone()
}

/// What is said of a folder with this file, its built-in neighbour aside.
fn said(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.toml");
    std::fs::write(&path, text.replace("internet-marketer-2021", "other")).unwrap();
    let Err(StandardsError { faults }) = Standards::load(Some(folder.path())) else { return Vec::new() };
    faults.into_iter().map(|fault| fault.replace(&path.display().to_string(), "other.toml")).collect()
}

/// The number of the line on which a text stands first.
fn line(of: &str) -> usize {
    TEXT.lines().position(|line| line.contains(of)).unwrap() + 1
}

#[test]
fn the_standard_built_in_has_eighteen_cells_and_is_the_one_other_tests_rest_on() {
    assert_eq!(built_in().standard.cells().count(), 18);
    assert_eq!(built_in().standard, occupation::standard());
}

#[test]
fn codes_hours_and_the_ethics_code_are_there_with_their_marks() {
    let text = built_in();
    let codes: Vec<&str> = text.codes.iter().map(|code| code.value.as_str()).collect();
    assert_eq!(codes, ["4-01-02-07", "4-01-06-02"]);
    assert_eq!(text.ethics_code.len(), 4);
    assert!(text.ethics_code.iter().any(|principle| principle.value.chinese == "严控质量,服务热情"));
    assert_eq!(text.minimum_education.as_ref().unwrap().value.text.chinese, "初中毕业(或相当文化程度)");
    let hours = |id: &str, level| text.hours(job_type(id), level).unwrap();
    for (level, expected) in
        [(Level::Five, 120), (Level::Four, 104), (Level::Three, 88), (Level::Two, 72), (Level::One, 72)]
    {
        let told = hours(LIVE_SALESPERSON, level);
        assert_eq!((told.value.hours, told.confirmation), (expected, Confirmation::Confirmed));
    }
    assert_eq!(hours(PLATFORM_ADMINISTRATOR, Level::Three).value.hours, 88);
}

#[test]
fn every_level_has_its_conditions_and_those_of_the_highest_were_read_in_their_source() {
    let text = built_in();
    let of = |level| text.conditions_of(job_type(LIVE_SALESPERSON), level).collect::<Vec<_>>();
    let counts =
        [Level::Five, Level::Four, Level::Three, Level::Two, Level::One].map(|level| of(level).len());
    assert_eq!(counts, [3, 4, 4, 4, 2]);
    let unconfirmed = text.conditions.iter().filter(|it| it.confirmation == Confirmation::Unconfirmed);
    assert_eq!(unconfirmed.count(), 15);
    let highest = of(Level::One);
    assert!(highest.iter().all(|condition| condition.confirmation == Confirmation::Confirmed));
    assert_eq!(
        highest[1].value.requirements,
        [
            Requirement::Certificate { level: Level::Two },
            Requirement::Work { months: 48, after_level: Some(Level::Two) }
        ]
    );
    assert!(text.conditions.iter().all(|it| !it.value.text.english.is_empty()));
}

#[test]
fn the_comprehensive_review_is_for_technicians_only() {
    let text = built_in();
    let parts = |level| text.parts_of(level).map(|rules| rules.part).collect::<Vec<_>>();
    assert_eq!(parts(Level::Three), [AssessmentPart::Theory, AssessmentPart::Skills]);
    assert_eq!(parts(Level::Two), AssessmentPart::ALL);
    let review = text.assessment.last().unwrap();
    assert_eq!(review.levels.confirmation, Confirmation::Confirmed);
    let (mark, assessors) = (review.pass_mark.as_ref().unwrap(), review.assessors.as_ref().unwrap());
    assert_eq!((mark.value, mark.confirmation), (60, Confirmation::Unconfirmed));
    assert_eq!((assessors.value.minimum, assessors.value.parity), (3, Parity::Odd));
    assert!(assessors.value.suffice(5) && !assessors.value.suffice(4) && !assessors.value.suffice(1));
    assert_eq!(text.retake.as_ref().unwrap().value.within_months, 12);
}

#[test]
fn everything_that_is_wrong_with_a_file_is_told_with_its_line() {
    let condition = line("id = \"5-trained\"");
    let text = TEXT
        .replacen("level = \"LEVEL_5\"\nhours = 120", "level = \"LEVEL_9\"\nhours = 120", 1)
        .replacen("id = \"5-trained\"", "id = \"5 trained\"", 1)
        .replacen("months = 12 ", "months = 0 ", 1)
        .replacen("\"TECHNICAL_SCHOOL\"", "\"SCHOOL\"", 1)
        .replacen("part = \"SKILLS\"", "part = \"THEORY\"", 1)
        .replacen("score = 60", "score = 160", 1)
        .replacen("within_months = 12", "within_months = 0", 1);
    let told = said(&text);
    let expected = [
        format!("line {}: there is no level `LEVEL_9`", line("hours = 120") - 1),
        format!("line {condition}: an id has 1 to 40 small letters, digits and hyphens"),
        format!("line {}: months are 1 to 600", line("months = 12 ")),
        format!("line {}: diplomas have no kind `SCHOOL`", line("\"TECHNICAL_SCHOOL\"")),
        format!("line {}: a part is passed at a score between 1 and 100", line("score = 60")),
    ];
    for expected in expected {
        let whole = format!("`other.toml`, {expected}");
        assert!(told.contains(&whole), "{whole} not in {told:#?}");
    }
    assert!(
        told.iter().any(|it| it.contains("the part `THEORY` of the assessment is there twice")),
        "{told:#?}"
    );
    assert!(told.iter().any(|it| it.contains("a retake rule has 1 to 99 attempts")), "{told:#?}");
    assert_eq!(told.len(), 7, "{told:#?}");
}

#[test]
fn cells_that_there_are_not_and_words_that_mean_two_things_are_told() {
    let one = |from: &str, to: &str| said(&TEXT.replacen(from, to, 1));
    let told = one("job_type = \"video-creator\"", "job_type = \"Video Creator\"");
    let place = format!("line {}", line("job_type = \"video-creator\""));
    assert!(told[0].contains(&place) && told[0].contains("`Video Creator`"), "{told:?}");
    let told = one("chinese_name = \"视频创推员\"", "chinese_name = \"直播销售员\"");
    assert!(told[0].contains("could mean the job type `live-salesperson` or `video-creator`"), "{told:?}");
    let told = one("hours = 88", "job_types = [\"show-host\"]\nhours = 88");
    assert!(told[0].contains("the standard has no `show-host` at `LEVEL_3`"), "{told:?}");
    let told = one("level = \"LEVEL_4\"\nhours", "level = \"LEVEL_5\"\nhours");
    assert_eq!(told.len(), 4, "the hours of four job types at level 5: {told:?}");
    let told = one("after_level = \"LEVEL_5\"", "after_level = \"LEVEL_4\"");
    assert!(told[0].contains("a lower level"), "{told:?}");
    let told = one("source = \"later lists", "source = \"\" # ");
    assert!(told[0].contains("names no source"), "{told:?}");
}

#[test]
fn a_file_that_is_no_standard_is_told_with_the_line() {
    let told = said("id = \"x\"\nname = \"y\"\n");
    assert!(told[0].starts_with("`other.toml`, line 2: unknown field `name`"), "{told:?}");
    let told = said(&TEXT.replacen("{ apprenticeship = {} }", "{ fame = {} }", 1));
    let place = format!("line {}", line("{ apprenticeship = {} }"));
    assert!(told[0].contains(&place) && told[0].contains("unknown variant `fame`"), "{told:?}");
}

#[test]
fn a_folder_adds_standards_and_never_replaces_one() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.toml"), TEXT).unwrap();
    let refused = Standards::load(Some(folder.path())).unwrap_err().to_string();
    assert!(refused.contains("another standard with the id `internet-marketer-2021`"), "{refused}");
    // Another edition of the same occupation stands beside the first.
    let next = TEXT.replace("internet-marketer-2021", "next").replace("edition = 2021", "edition = 2030");
    std::fs::write(folder.path().join("a.toml"), next).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no standard").unwrap();
    let both = Standards::load(Some(folder.path())).unwrap();
    let editions: Vec<i32> = both.list("", 10).iter().map(|known| known.standard().edition()).collect();
    assert_eq!(editions, [2021, 2030]);
    let missing = Standards::load(Some(&folder.path().join("nowhere"))).unwrap_err().to_string();
    assert!(missing.contains("nowhere"), "{missing}");
}
