//! Assessments: who assesses whom, corrections, retakes, and the certificate at their end.

use crate::candidates::*;
use crate::world::{World, accreditation_of, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::assessor::By;
use greenroom_proto::certification::v1::{
    ApplicationState, AssessmentOutcome, AssessmentPart, Level, PartOutcome, ReviewVerdict,
};
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

const NUMBER: &str = "S000033DEMO00263000001";

async fn refusal(world: &World, request: wire::RecordAssessmentRequest) -> (String, String) {
    let refused = north(world).record_assessment(request).await.unwrap_err();
    (reason(&refused), told(&refused, "fault"))
}

fn with(
    mut request: wire::RecordAssessmentRequest,
    change: impl FnOnce(&mut wire::Assessment),
) -> wire::RecordAssessmentRequest {
    change(request.assessment.as_mut().unwrap());
    request
}

fn correcting(name: &str, number: i32) -> wire::AssessmentCorrection {
    let reason = "the digits were swapped".to_owned();
    wire::AssessmentCorrection { replaces: format!("{name}/assessments/{number}"), reason }
}

fn persons(names: &[String]) -> Vec<wire::Assessor> {
    names
        .iter()
        .map(|name| wire::Assessor { by: Some(By::Person(format!("persons/north-{name}"))) })
        .collect()
}

async fn records(mut clients: Applications, name: &str) -> Result<Vec<wire::Assessment>, Status> {
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = wire::ListAssessmentsRequest { application: name.to_owned(), page_size: 2, page_token };
        let page = clients.list_assessments(request).await?.into_inner();
        seen.extend(page.assessments);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(seen);
        }
    }
}

#[tokio::test]
async fn assessors_are_enough_odd_distinct_and_not_the_candidate() {
    let (world, person) = with_candidate().await;
    let (one, two) = (world.identity.newcomer(), world.identity.newcomer());
    let name = accepted(&world, &person, Level::Level3).await;
    let by = |part, assessors| with(score(&name, part, 70), |it| it.assessors = assessors);
    let (theory, skills) = (AssessmentPart::Theory, AssessmentPart::Skills);
    let refused = |fault: &str| ("ASSESSORS_REFUSED".to_owned(), fault.to_owned());
    assert_eq!(refusal(&world, by(theory, listed(1))).await, refused("too_few"));
    assert_eq!(refusal(&world, by(skills, listed(4))).await, refused("even"));
    let twice = persons(&[one.clone(), one.clone()]);
    assert_eq!(refusal(&world, by(theory, twice)).await, refused("twice"));
    let candidate = persons(&[one.clone(), person.clone()]);
    assert_eq!(refusal(&world, by(theory, candidate)).await, refused("candidate"));
    let stranger = persons(&[one.clone(), "p999999".to_owned()]);
    assert_eq!(refusal(&world, by(theory, stranger)).await.0, "PERSON_NOT_FOUND");
    let nobody = vec![wire::Assessor { by: None }, wire::Assessor { by: Some(By::AssessorId("A B".into())) }];
    assert_eq!(refusal(&world, by(theory, nobody)).await.0, "FIELDS_INVALID");
    let both = persons(&[one, two]);
    north(&world).record_assessment(by(theory, both.clone())).await.unwrap();
    let own = records(north(&world), &name).await.unwrap();
    assert_eq!((&own[0].assessors, own[0].assessor_count), (&both, 2));
    let applicants = records(shop(&world), &name).await.unwrap();
    assert_eq!((applicants[0].assessors.len(), applicants[0].assessor_count), (0, 2));
    assert!(records(world.applications("mart", Role::Platform), &name).await.is_err());
    end(world).await;
}

#[tokio::test]
async fn nobody_takes_the_issuers_steps_in_an_application_of_their_own() {
    let (world, person) = with_candidate().await;
    let colleague = world.identity.newcomer();
    let name = accepted(&world, &person, Level::Level3).await;
    let mut candidate = world.applications_for("north", &format!("north-{person}"));
    let refused = candidate.record_assessment(score(&name, AssessmentPart::Theory, 99)).await.unwrap_err();
    assert_eq!(told(&refused, "fault"), "candidate");
    let mut clerk = world.applications_for("north", &format!("north-{colleague}"));
    clerk.record_assessment(score(&name, AssessmentPart::Theory, 99)).await.unwrap();
    end(world).await;
}

#[tokio::test]
async fn a_part_is_told_once_and_what_is_malformed_all_at_once() {
    let (world, person) = with_candidate().await;
    let name = accepted(&world, &person, Level::Level3).await;
    let malformed = with(score(&name, AssessmentPart::Unspecified, 101), |it| {
        it.date = "yesterday".to_owned();
        it.site = String::new();
        it.correction = Some(correcting("applications/other", 1));
    });
    let refused = north(&world).record_assessment(malformed).await.unwrap_err();
    let violations = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = violations.iter().map(|it| it.field.trim_start_matches("assessment.")).collect();
    assert_eq!(fields, ["part", "score", "date", "site", "correction.replaces"]);
    let no_review = score(&name, AssessmentPart::ComprehensiveReview, 70);
    assert_eq!(refusal(&world, no_review).await.1, "part_not_required");
    let early = with(score(&name, AssessmentPart::Theory, 70), |it| it.date = "2026-11-01".to_owned());
    assert_eq!(refusal(&world, early).await.0, "FIELDS_INVALID");
    assess(&world, &name, AssessmentPart::Theory, 70).await;
    let again = score(&name, AssessmentPart::Theory, 80);
    assert_eq!(refusal(&world, again).await.1, "part_recorded");
    end(world).await;
}

#[tokio::test]
async fn a_correction_is_a_new_record_and_the_old_one_stays() {
    let (world, person) = with_candidate().await;
    let name = accepted(&world, &person, Level::Level3).await;
    assess(&world, &name, AssessmentPart::Theory, 16).await;
    let corrected =
        with(score(&name, AssessmentPart::Theory, 61), |it| it.correction = Some(correcting(&name, 1)));
    let missing =
        with(score(&name, AssessmentPart::Skills, 61), |it| it.correction = Some(correcting(&name, 1)));
    assert_eq!(refusal(&world, missing).await.1, "record_not_counting");
    north(&world).record_assessment(corrected.clone()).await.unwrap();
    assert_eq!(refusal(&world, corrected).await.1, "record_not_counting");
    assess(&world, &name, AssessmentPart::Skills, 60).await;
    let kept = records(shop(&world), &name).await.unwrap();
    assert_eq!(kept.iter().map(|it| it.score).collect::<Vec<_>>(), [16, 61, 60]);
    assert_eq!(kept[0].corrected_by, kept[1].name);
    assert_eq!(kept[1].correction.as_ref().unwrap().replaces, kept[0].name);
    let trial = wire::ConcludeApplicationRequest { validate_only: true, ..conclusion(&name) };
    let trial = north(&world).conclude_application(trial).await.unwrap().into_inner();
    assert_eq!(trial.application.unwrap().state(), ApplicationState::Passed);
    assert_eq!(get(&mut north(&world), &name).await.unwrap().state(), ApplicationState::Assessing);
    let passed = conclude(&world, &name).await.conclusion.unwrap();
    assert_eq!(passed.parts[0].assessment, kept[1].name);
    end(world).await;
}

#[tokio::test]
async fn what_failed_is_retaken_once_and_within_its_period() {
    let (world, person) = with_candidate().await;
    let failed = concluded(&world, &person, 60, 59).await;
    assert_eq!(failed.state(), ApplicationState::Failed);
    let told = failed.conclusion.unwrap();
    assert_eq!(told.outcome(), AssessmentOutcome::Failed);
    assert_eq!(told.parts[1].outcome(), PartOutcome::BelowPassMark);
    assert_eq!(told.retake_until_date, "2027-11-02");
    let name = failed.name;
    let theory = score(&name, AssessmentPart::Theory, 99);
    assert_eq!(refusal(&world, theory).await, ("RETAKE_REFUSED".into(), "part_passed".into()));
    world.clock.advance(Duration::from_hours(24 * 366));
    let on = |day: &str| with(score(&name, AssessmentPart::Skills, 55), |it| it.date = day.to_owned());
    assert_eq!(refusal(&world, on("2027-11-03")).await, ("RETAKE_REFUSED".into(), "late".into()));
    let retaken = north(&world).record_assessment(on("2027-11-02")).await.unwrap().into_inner();
    assert_eq!(retaken.assessment.unwrap().attempt, 2);
    assert_eq!(retaken.application.unwrap().state(), ApplicationState::Assessing);
    let failed = conclude(&world, &name).await;
    assert_eq!((failed.state(), failed.attempt), (ApplicationState::Failed, 2));
    let told = failed.conclusion.unwrap();
    assert_eq!(told.retake_until_date, "");
    assert!(told.rests_on_unconfirmed.contains(&"retake".to_owned()));
    assert_eq!(refusal(&world, on("2027-11-02")).await, ("RETAKE_REFUSED".into(), "none_left".into()));
    end(world).await;
}

#[tokio::test]
async fn an_issuer_assesses_nothing_it_is_not_accredited_for_on_the_day_of_the_assessment() {
    let world = World::start().await;
    let person = world.identity.newcomer();
    let mut request = accreditation_of("north");
    for accreditation in &mut request.issuer.as_mut().unwrap().accreditations {
        accreditation.to_date = TODAY.to_owned();
        accreditation.levels.retain(|level| *level != i32::from(Level::Level4));
    }
    world.issuers().accredit_issuer(request).await.unwrap();
    let other_level = accepted(&world, &person, Level::Level4).await;
    let refused = refusal(&world, score(&other_level, AssessmentPart::Theory, 70)).await;
    assert_eq!(refused.0, "ASSESSING_ISSUER_NOT_ACCREDITED");
    let name = accepted(&world, &person, Level::Level3).await;
    world.clock.advance(Duration::from_hours(24));
    assess(&world, &name, AssessmentPart::Theory, 70).await;
    let late = with(score(&name, AssessmentPart::Skills, 70), |it| it.date = "2026-11-03".to_owned());
    let refused = north(&world).record_assessment(late).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(
        (reason(&refused).as_str(), told(&refused, "date").as_str()),
        ("ASSESSING_ISSUER_NOT_ACCREDITED", "2026-11-03")
    );
    assess(&world, &name, AssessmentPart::Skills, 70).await;
    conclude(&world, &name).await;
    let today = certification(&name, NUMBER);
    let refused = north(&world).certify_application(today.clone()).await.unwrap_err();
    assert_eq!(reason(&refused), "ISSUER_NOT_ACCREDITED", "the day of issue counts");
    let before = wire::CertifyApplicationRequest { issue_date: TODAY.to_owned(), ..today };
    let refused = north(&world).certify_application(before).await.unwrap_err();
    assert_eq!(reason(&refused), "FIELDS_INVALID", "and lies not before the conclusion");
    end(world).await;
}

#[tokio::test]
async fn a_certificate_is_issued_once_with_a_number_that_fits() {
    let (world, person) = with_candidate().await;
    let first = concluded(&world, &person, 60, 60).await.name;
    let second = concluded(&world, &person, 60, 60).await.name;
    let refused = async |request| {
        let refused = north(&world).certify_application(request).await.unwrap_err();
        (reason(&refused), told(&refused, "findings"))
    };
    let level = certification(&first, &NUMBER.replace("263", "264"));
    assert_eq!(refused(level).await, ("CERTIFICATE_NUMBER_CONFLICT".into(), "LEVEL_CONFLICT".into()));
    let year = certification(&first, &NUMBER.replace("263", "253"));
    assert_eq!(refused(year).await.1, "YEAR_CONFLICT");
    let class = certification(&first, &NUMBER.replace('S', "Y"));
    assert_eq!(refused(class).await.1, "ISSUER_CLASS_CONFLICT");
    assert_eq!(refused(certification(&first, "no scheme")).await.0, "FIELDS_INVALID");
    let mut replayed = certification(&first, NUMBER);
    replayed.request_id = "3f2c1a9e-8a4b-4c1d-9a51-0d6c2f1b7e11".to_owned();
    let issued = north(&world).certify_application(replayed.clone()).await.unwrap().into_inner();
    assert_eq!(north(&world).certify_application(replayed).await.unwrap().into_inner(), issued);
    assert_eq!(refused(certification(&first, NUMBER)).await.0, "APPLICATION_STATE_WRONG");
    assert_eq!(refused(certification(&second, NUMBER)).await.0, "CERTIFICATE_NUMBER_TAKEN");
    assert_eq!(world.all_certificates("north").await, [issued.certificate.unwrap()]);
    end(world).await;
}

#[tokio::test]
async fn of_two_applications_certified_at_once_with_one_number_one_gets_it() {
    let (world, person) = with_candidate().await;
    let first = concluded(&world, &person, 60, 60).await.name;
    let second = concluded(&world, &person, 60, 60).await.name;
    let (mut one, mut two) = (north(&world), north(&world));
    let (one, two) = tokio::join!(
        one.certify_application(certification(&first, NUMBER)),
        two.certify_application(certification(&second, NUMBER))
    );
    let lost: Vec<_> = [one.err(), two.err()].into_iter().flatten().collect();
    assert_eq!((lost.len(), reason(&lost[0]).as_str()), (1, "CERTIFICATE_NUMBER_TAKEN"));
    end(world).await;
}

#[tokio::test]
async fn a_candidate_who_does_not_turn_up_has_failed_and_may_come_again() {
    let (world, person) = with_candidate().await;
    let name = accepted(&world, &person, Level::Level3).await;
    let nothing = north(&world).conclude_application(conclusion(&name)).await.unwrap_err();
    assert_eq!(told(&nothing, "state"), "ACCEPTED", "before anything is on record");
    assess(&world, &name, AssessmentPart::Theory, 100).await;
    let failed = conclude(&world, &name).await.conclusion.unwrap();
    assert_eq!(failed.parts[1].outcome(), PartOutcome::NotAssessed);
    assess(&world, &name, AssessmentPart::Skills, 60).await;
    assert_eq!(conclude(&world, &name).await.state(), ApplicationState::Passed);
    let late = north(&world).review_application(review(&name, ReviewVerdict::Refuse)).await.unwrap_err();
    assert_eq!(reason(&late), "APPLICATION_STATE_WRONG");
    end(world).await;
}
