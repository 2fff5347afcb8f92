use super::*;
use crate::certification::samples::{VIDEO_CREATOR, job_type, standard};
use crate::certification::{Accreditation, CertificateDraft, IssuerClass};
use crate::kernel::{CertificateId, IssuerId, OrganizationId, Version};
use std::time::Duration;

const NUMBER: &str = "S000033DEMO00243000001";

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn now() -> Timestamp {
    date("2026-11-02").beijing_midnight()
}

fn issuer() -> Issuer {
    let standard = standard();
    let accreditations = standard.job_types().iter().map(|known| Accreditation {
        standard: standard.id().clone(),
        job_type: known.job_type,
        levels: known.levels.clone(),
        from: date("2022-01-01"),
        to: None,
    });
    Issuer {
        id: IssuerId::try_new("north").unwrap(),
        organization: OrganizationId::try_new("north").unwrap(),
        class: IssuerClass::SocialOrganization,
        code: "0000".to_owned(),
        province: "33".to_owned(),
        standing: IssuerStanding::Listed,
        measure: None,
        sites: Vec::new(),
        accreditations: accreditations.collect(),
        version: Version::FIRST,
    }
}

fn entry() -> RollEntry {
    read_entry(&standard(), "直播销售员", "三级/高级工", NUMBER, "2024-05-06").unwrap()
}

fn holder(name: &str) -> PersonId {
    PersonId::try_new(name).unwrap()
}

fn known() -> Certificate {
    let RollEntry { number, job_type, level, issue_date } = entry();
    let draft = CertificateDraft {
        id: CertificateId::try_new("c1").unwrap(),
        number,
        holder: holder("p1"),
        standard: standard().id().clone(),
        job_type,
        level,
        issuer: issuer().id,
        issue_date,
    };
    Certificate::from_roll(draft, &issuer(), now(), Duration::from_hours(24), now()).unwrap()
}

fn held(entry: &RollEntry) -> Vec<&'static str> {
    let (issuer, standard) = (issuer(), standard());
    let terms = RollTerms { issuer: &issuer, standard: &standard, now: now() };
    terms.hold(entry).iter().map(|finding| finding.code.code()).collect()
}

fn judged(
    entry: &RollEntry,
    person: &str,
    known: &Certificate,
    at: Timestamp,
) -> (RollVerdict, Vec<&'static str>) {
    let (issuer, standard) = (issuer(), standard());
    let terms = RollTerms { issuer: &issuer, standard: &standard, now: at };
    let (verdict, findings) = terms.judge(entry, &holder(person), Some(known));
    (verdict, findings.iter().map(|finding| finding.code.code()).collect())
}

#[test]
fn levels_are_read_as_people_write_them() {
    for level in ["三级/高级工", "三级", "高级工", "3", "３", "3级", "LEVEL_3", "level 3", " 三级 ／ 高级工"]
    {
        assert_eq!(level_of(level), Some(Level::Three), "{level}");
    }
    assert_eq!(level_of("高级技师"), Some(Level::One));
    assert_eq!(level_of("技师"), Some(Level::Two));
    assert_eq!(level_of("特级技师"), Some(Level::SpeciallyAppointed));
    for level in ["", "六级", "0", "6", "33", "级", "/"] {
        assert_eq!(level_of(level), None, "{level}");
    }
}

#[test]
fn dates_are_read_as_people_write_them_and_never_guessed() {
    for text in [
        "2024-05-06",
        "2024-5-6",
        "2024/5/6",
        "2024.05.06",
        "2024年5月6日",
        "20240506",
        "２０２４－０５－０６",
    ] {
        assert_eq!(date_of(text), Some(date("2024-05-06")), "{text}");
    }
    for text in ["24-05-06", "2024-02-30", "06.05.2024", "2024-05", "昨天", "2024-005-06", "-"] {
        assert_eq!(date_of(text), None, "{text}");
    }
}

#[test]
fn a_row_without_fault_is_created() {
    assert!(held(&entry()).is_empty());
    let (issuer, standard) = (issuer(), standard());
    let terms = RollTerms { issuer: &issuer, standard: &standard, now: now() };
    assert_eq!(terms.judge(&entry(), &holder("p1"), None), (RollVerdict::Create, vec![]));
}

#[test]
fn everything_that_speaks_against_a_row_is_told_at_once() {
    let wrong =
        read_entry(&standard(), "平台管理员", "二级", "Y004299DEMO00183000001", "2027-01-01").unwrap();
    assert_eq!(
        held(&wrong),
        [
            "LEVEL_CONFLICT",
            "YEAR_CONFLICT",
            "YEAR_BEFORE_SCHEME",
            "ISSUER_CLASS_CONFLICT",
            "ISSUER_CODE_CONFLICT",
            "PROVINCE_UNKNOWN",
            "CELL_NOT_IN_STANDARD",
            "DATE_IN_FUTURE"
        ]
    );
    let early = RollEntry { issue_date: date("2021-12-31"), ..entry() };
    assert_eq!(held(&early), ["YEAR_CONFLICT", "NOT_ACCREDITED"]);
}

#[test]
fn an_unknown_scheme_is_told_and_refuses_nothing() {
    let entry = read_entry(&standard(), "直播销售员", "三级", "DEMO-1", "2024-05-06").unwrap();
    assert_eq!(held(&entry), ["SCHEME_UNKNOWN"]);
    assert!(!RollCode::Number(FindingCode::SchemeUnknown).refuses());
}

#[test]
fn what_is_known_is_unchanged_until_the_second_half_of_its_evidences_term() {
    let day = Duration::from_hours(24);
    let known = Certificate { evidence_until: Some(now().plus(day * 180)), ..known() };
    let on = |days| judged(&entry(), "p1", &known, now().plus(day * days));
    for days in [0, 80, 89] {
        assert_eq!(on(days), (RollVerdict::Unchanged, vec![]), "day {days}");
    }
    for days in [90, 100, 170, 181] {
        assert_eq!(on(days), (RollVerdict::Update, vec!["EVIDENCE_RENEWED"]), "day {days}");
    }
}

#[test]
fn a_changed_field_is_an_update_that_says_what_changes() {
    let other = RollEntry { job_type: job_type(VIDEO_CREATOR), issue_date: date("2024-05-07"), ..entry() };
    let changes = (RollVerdict::Update, vec!["JOB_TYPE_CHANGED", "ISSUE_DATE_CHANGED"]);
    assert_eq!(judged(&other, "p1", &known(), now()), changes);
}

#[test]
fn a_number_of_somebody_else_is_ambiguous_and_one_of_another_issuer_wrong() {
    let verdict = judged(&entry(), "p2", &known(), now());
    assert_eq!(verdict, (RollVerdict::Ambiguous, vec!["NUMBER_TWO_PERSONS"]));
    let foreign = Certificate { issuer: IssuerId::try_new("south").unwrap(), ..known() };
    assert_eq!(
        judged(&entry(), "p1", &foreign, now()),
        (RollVerdict::Invalid, vec!["NUMBER_OF_OTHER_ISSUER"])
    );
}

#[test]
fn what_people_decided_stands_whatever_the_roll_says() {
    let revoked = Certificate { state: CertificateState::Revoked, ..known() };
    assert_eq!(judged(&entry(), "p1", &revoked, now()), (RollVerdict::Invalid, vec!["CERTIFICATE_REVOKED"]));
    for state in
        [CertificateState::Suspended, CertificateState::SuspectedForged, CertificateState::Superseded]
    {
        let decided = Certificate { state, ..known() };
        assert_eq!(judged(&entry(), "p1", &decided, now()), (RollVerdict::Unchanged, vec![]), "{state:?}");
    }
}

#[test]
fn headings_are_known_in_both_languages() {
    assert_eq!(RollColumn::from_heading("\u{feff}姓名 "), Some(RollColumn::Name));
    assert_eq!(RollColumn::from_heading("Certificate_Number"), Some(RollColumn::CertificateNumber));
    assert_eq!(RollColumn::from_heading("备注"), None);
}
