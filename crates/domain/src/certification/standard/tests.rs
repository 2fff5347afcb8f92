use super::*;
use crate::certification::samples::{self, LIVE_SALESPERSON, PLATFORM_ADMINISTRATOR, job_type};

fn named(id: &str, english: &str, chinese: &str) -> StandardJobType {
    StandardJobType {
        job_type: job_type(id),
        name: JobTypeName { english: english.to_owned(), chinese: chinese.to_owned() },
        levels: BTreeSet::from([Level::Five]),
    }
}

fn of(job_types: Vec<StandardJobType>) -> Result<Standard, StandardFault> {
    let code = OccupationCode::try_new("4-01-02-07").unwrap();
    Standard::try_new(StandardId::try_new("trial").unwrap(), vec![code], 2021, job_types)
}

#[test]
fn both_codes_mean_the_same_occupation() {
    assert!(samples::standard().has_code(&OccupationCode::try_new("4-01-06-02").unwrap()));
    assert!(!samples::standard().has_code(&OccupationCode::try_new("4-13-05-03").unwrap()));
}

#[test]
fn a_standard_has_the_cells_its_data_give_it_and_no_others() {
    let standard = samples::standard();
    assert!(standard.has_cell(job_type(PLATFORM_ADMINISTRATOR), Level::Three));
    assert!(!standard.has_cell(job_type(PLATFORM_ADMINISTRATOR), Level::Two));
    assert!(!standard.has_cell(job_type("online-streamer"), Level::Five));
    assert_eq!(standard.cells().count(), 18);
}

#[test]
fn a_job_type_is_known_by_its_id_and_by_its_names() {
    let standard = samples::standard();
    let words = [
        "直播销售员",
        "LIVE_SALESPERSON",
        "live salesperson",
        " 直播 销售员",
        "live-salesperson",
        "ＬＩＶＥ Salesperson",
    ];
    for word in words {
        assert_eq!(standard.job_type_called(word), Some(job_type(LIVE_SALESPERSON)), "{word}");
    }
    for word in ["", "网络主播", "live"] {
        assert_eq!(standard.job_type_called(word), None, "{word}");
    }
    assert_eq!(standard.name_of(job_type("other")).english, "other");
}

#[test]
fn a_word_that_could_mean_two_job_types_is_refused() {
    let host = named("host", "streamer host", "主播");
    let twice = of(vec![host.clone(), host.clone()]).unwrap_err();
    assert_eq!(twice, StandardFault::JobTypeTwice(job_type("host")));
    let ambiguous = of(vec![host.clone(), named("guest", "Streamer-Host", "嘉宾")]).unwrap_err();
    assert_eq!(ambiguous.to_string(), "`STREAMERHOST` could mean the job type `host` or `guest`");
    for (english, chinese) in [("", "主播"), ("host", " "), ("a\tb", "主播")] {
        let nameless = of(vec![named("host", english, chinese)]).unwrap_err();
        assert_eq!(nameless, StandardFault::NameMalformed(job_type("host")));
    }
    assert!(of(vec![named("host", "host", "主播")]).is_ok());
}

#[test]
fn job_types_are_read_back_as_they_were_written() {
    let standard = samples::standard();
    let text = StandardJobType::written(standard.job_types());
    assert_eq!(StandardJobType::read(&text).as_deref(), Some(standard.job_types()));
    for damaged in
        ["x", "host\thost\t主播\tLEVEL_9", "Host\thost\t主播\tLEVEL_5", "host\thost\t主播\tLEVEL_5\t"]
    {
        assert_eq!(StandardJobType::read(damaged), None, "{damaged}");
    }
}

#[test]
fn a_code_has_its_form() {
    for text in ["", "4-1-02-07", "4-01-02-07-01", "A-01-02-07", "40102070", "4-01-02-0７"] {
        assert_eq!(OccupationCode::try_new(text), Err(StandardFault::CodeMalformed), "{text}");
    }
}

#[test]
fn a_standard_without_codes_or_levels_is_refused() {
    let id = StandardId::try_new("empty").unwrap();
    let job_types = vec![named("host", "host", "主播")];
    assert_eq!(Standard::try_new(id, vec![], 2021, job_types.clone()), Err(StandardFault::NoCode));
    assert_eq!(of(vec![]), Err(StandardFault::NoLevels));
    let hollow = StandardJobType { levels: BTreeSet::new(), ..job_types[0].clone() };
    assert_eq!(of(vec![hollow]), Err(StandardFault::NoLevels));
}
