//! Applications, alike on both engines.

use super::{AT, begun, certificate, id, issuer, write};
use crate::{Store, test_database};
use greenroom_domain::certification::port::{ApplicationFilter, ApplicationRecord, Change, Store as _};
use greenroom_domain::certification::{
    Application, ApplicationState, Assessment, AssessmentDraft, AssessmentPart, Assessor, Conclusion,
    Correction, PartOutcome, PartResult,
};
use greenroom_domain::kernel::{Date, Version};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::occupation::{JobType, Level};
use greenroom_feed::log::{EventLog as _, HasLog as _};

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn draft(name: &str) -> ApplicationRecord {
    let application = Application {
        id: id(name),
        candidate: id("p1"),
        issuer: id("north"),
        standard: id("internet-marketer-2021"),
        job_type: JobType::try_new("live-salesperson").unwrap(),
        level: Level::Two,
        state: ApplicationState::Draft,
        state_since: AT,
        submitted_at: None,
        reviewed_at: None,
        assessments: Vec::new(),
        conclusion: None,
        certificate: None,
        version: Version::FIRST,
    };
    ApplicationRecord {
        application,
        applicant: id("shop"),
        pairwise: id("shop-p1"),
        history: vec![0, 10, 255],
        review_reason: String::new(),
        evaluation: Vec::new(),
        create_time: AT,
        update_time: AT,
    }
}

fn part(number: i32, attempt: i32, correction: Option<Correction>) -> Assessment {
    let assessors = vec![
        Assessor::Person { person: id("p2"), pairwise: id("north-p2") },
        Assessor::Listed("assessor-1".to_owned()),
    ];
    let (part, date, site) = (AssessmentPart::Skills, date("2026-11-02"), "二号厅 · Hall 2".to_owned());
    let said = AssessmentDraft { part, score: 100 - number, assessors, date, site, correction };
    Assessment { number, attempt, said, record_time: AT }
}

fn conclusion() -> Conclusion {
    let result = |part, outcome, assessment| PartResult { part, outcome, assessment, pass_mark: 60 };
    Conclusion {
        date: date("2026-11-02"),
        parts: vec![
            result(AssessmentPart::Theory, PartOutcome::NotAssessed, None),
            result(AssessmentPart::Skills, PartOutcome::Passed, Some(2)),
            result(AssessmentPart::ComprehensiveReview, PartOutcome::BelowPassMark, Some(3)),
        ],
        rests_on_unconfirmed: vec!["THEORY.pass_mark".to_owned(), "retake".to_owned()],
        retake_until: Some(date("2027-11-02")),
    }
}

async fn save(store: &Store, record: &ApplicationRecord, part: Option<Assessment>) -> Result<(), StoreError> {
    let change = Change::SaveApplication(Box::new(record.clone()), part);
    store.commit(change, write("applications/a1")).await.map(|_| ())
}

async fn add(store: &Store, record: &ApplicationRecord) {
    let change = Change::AddApplication(Box::new(record.clone()));
    store.commit(change, write("applications")).await.unwrap();
}

#[tokio::test]
async fn an_application_is_read_back_as_it_was_written_step_by_step() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let mut record = draft("a1");
    add(&store, &record).await;
    assert_eq!(store.application(&id("a1")).await.unwrap(), Some(record.clone()));
    let correction = Correction { replaces: 1, reason: "更正 · the digits were swapped".to_owned() };
    for added in [part(1, 1, None), part(2, 2, Some(correction))] {
        record.application.state = ApplicationState::Assessing;
        record.application.submitted_at = Some(AT);
        record.application.reviewed_at = Some(AT);
        record.application.assessments.push(added.clone());
        record.review_reason = "齐全 · complete".to_owned();
        record.evaluation = vec![1, 0, 2];
        save(&store, &record, Some(added)).await.unwrap();
        record.application.version = record.application.version.next();
        assert_eq!(store.application(&id("a1")).await.unwrap(), Some(record.clone()));
    }
    record.application.state = ApplicationState::Failed;
    record.application.conclusion = Some(conclusion());
    save(&store, &record, None).await.unwrap();
    record.application.version = record.application.version.next();
    store.close().await;
    let store = Store::open(&database.url).await.unwrap();
    assert_eq!(store.application(&id("a1")).await.unwrap(), Some(record.clone()));
    assert_eq!(store.applications(&ApplicationFilter::default(), "", 9).await.unwrap(), [record]);
    assert_eq!(store.application(&id("a2")).await.unwrap(), None);
}

#[tokio::test]
async fn a_lost_version_and_a_taken_number_leave_nothing_behind() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let record = draft("a1");
    add(&store, &record).await;
    add(&store, &draft("a2")).await;
    let mut certified = record.clone();
    certified.application.state = ApplicationState::Certified;
    certified.application.certificate = Some(id("c1"));
    let certify = |record: &ApplicationRecord, name| {
        Change::All(vec![
            Change::AddCertificate(Box::new(certificate(name, 1))),
            Change::SaveApplication(Box::new(record.clone()), None),
        ])
    };
    store.commit(certify(&certified, "c1"), write("applications/a1")).await.unwrap();
    assert!(store.certificate(&id("c1")).await.unwrap().is_some());
    let head = store.log().head().await.unwrap();
    let mut lost = record;
    lost.application.assessments.push(part(1, 1, None));
    let conflict = save(&store, &lost, Some(part(1, 1, None))).await;
    assert!(matches!(conflict, Err(StoreError::Conflict)), "{conflict:?}");
    let mut second = draft("a2");
    second.application.state = ApplicationState::Certified;
    let taken = store.commit(certify(&second, "c2"), write("applications/a2")).await;
    assert!(matches!(taken, Err(StoreError::Taken("certificate"))), "{taken:?}");
    assert_eq!(store.application(&id("a2")).await.unwrap(), Some(draft("a2")));
    assert_eq!(store.log().head().await.unwrap(), head);
    let held = store.certificates_held(&id("p1"), &id("internet-marketer-2021"), 9).await.unwrap();
    assert_eq!(held, [certificate("c1", 1)]);
    assert!(store.certificates_held(&id("p2"), &id("internet-marketer-2021"), 9).await.unwrap().is_empty());
    assert!(store.certificates_held(&id("p1"), &id("other"), 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn applications_are_listed_by_their_ids_for_those_they_concern() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let mut south = issuer("south");
    south.issuer.organization = id("south-college");
    store.commit(Change::AddIssuer(south), write("issuers/south")).await.unwrap();
    for (name, candidate, to, submitted) in [
        ("a", "p1", "north", true),
        ("a-b", "p2", "north", false),
        ("a0", "p1", "south", true),
        ("ab", "p1", "north", true),
    ] {
        let mut record = draft(name);
        record.application.candidate = id(candidate);
        record.application.issuer = id(to);
        if submitted {
            record.application.submitted_at = Some(AT);
            record.application.state = ApplicationState::Submitted;
        }
        add(&store, &record).await;
    }
    let listed = async |filter: ApplicationFilter| {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = store.applications(&filter, &after, 1).await.unwrap();
            let Some(last) = page.last() else { return seen };
            after = last.application.id.as_str().to_owned();
            seen.push(after.clone());
        }
    };
    let all = ApplicationFilter::default;
    assert_eq!(listed(all()).await, ["a", "a-b", "a0", "ab"]);
    let of = |candidate| ApplicationFilter { candidate: Some(id(candidate)), ..all() };
    assert_eq!(listed(of("p1")).await, ["a", "a0", "ab"]);
    let to = ApplicationFilter { issuer: Some(id("south")), ..of("p1") };
    assert_eq!(listed(to).await, ["a0"]);
    let drafts = ApplicationFilter { state: Some(ApplicationState::Draft), ..all() };
    assert_eq!(listed(drafts).await, ["a-b"]);
    let seen_by = |organization| ApplicationFilter { organization: Some(id(organization)), ..all() };
    assert_eq!(listed(seen_by("shop")).await, ["a", "a-b", "a0", "ab"]);
    assert_eq!(listed(seen_by("college")).await, ["a", "ab"]);
    assert_eq!(listed(seen_by("south-college")).await, ["a0"]);
    assert!(listed(seen_by("mart")).await.is_empty());
}
