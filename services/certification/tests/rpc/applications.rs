//! Applications: who sees them, who takes which step, and what is told of them.

use crate::candidates::*;
use crate::world::reason;
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::certification_fact::Fact;
use greenroom_proto::certification::v1::{
    ApplicationState, AssessmentOutcome, AssessmentPart, CertificateState, Level, ReviewVerdict,
};
use tokio_util::sync::CancellationToken;
use tonic::Code;
use tonic_types::StatusExt as _;

#[tokio::test]
async fn a_technician_is_assessed_in_three_parts_and_certified() {
    let (world, person) = with_candidate().await;
    let name = accepted(&world, &person, Level::Level2).await;
    let review = get(&mut north(&world), &name).await.unwrap().review.unwrap();
    assert_eq!(review.verdict(), ReviewVerdict::Accept);
    for part in [AssessmentPart::Theory, AssessmentPart::Skills, AssessmentPart::ComprehensiveReview] {
        assess(&world, &name, part, 61).await;
    }
    let passed = conclude(&world, &name).await;
    assert_eq!(passed.state(), ApplicationState::Passed);
    let told = passed.conclusion.unwrap();
    assert_eq!((told.outcome(), told.parts.len()), (AssessmentOutcome::Passed, 3));
    assert!(told.rests_on_unconfirmed.contains(&"THEORY.pass_mark".to_owned()));
    let request = certification(&name, "S000033DEMO00262000001");
    let answer = north(&world).certify_application(request).await.unwrap().into_inner();
    let (application, certificate) = (answer.application.unwrap(), answer.certificate.unwrap());
    assert_eq!(application.state(), ApplicationState::Certified);
    assert_eq!(application.certificate, certificate.name);
    assert_eq!((certificate.state(), certificate.level()), (CertificateState::Verified, Level::Level2));
    assert_eq!(certificate.issue_date, TODAY);
    assert!(certificate.evidence_until_time.is_some() && !answer.revision.is_empty());
    end(world).await;
}

#[tokio::test]
async fn every_change_is_told_and_the_applicants_name_for_the_candidate_is_not() {
    let (world, person) = with_candidate().await;
    let application = concluded(&world, &person, 60, 59).await;
    let request = wire::WatchCertificationEventsRequest::default();
    let mut stream = world.feed().watch_certification_events(request).await.unwrap().into_inner();
    let answer = stream.message().await.unwrap().unwrap();
    let facts: Vec<_> = answer
        .events
        .iter()
        .filter_map(|event| match event.fact.as_ref()?.fact.as_ref()? {
            Fact::Application(fact) => Some(fact),
            _ => None,
        })
        .collect();
    let states: Vec<_> = facts.iter().map(|fact| fact.state()).collect();
    assert_eq!(
        states,
        [
            ApplicationState::Draft,
            ApplicationState::Submitted,
            ApplicationState::Accepted,
            ApplicationState::Assessing,
            ApplicationState::Assessing,
            ApplicationState::Failed,
        ]
    );
    let last = facts.last().unwrap();
    assert_eq!((&last.application, last.version, last.assessment_count), (&application.name, 6, 2));
    assert_eq!(last.candidate, format!("persons/{person}"), "suite-wide, as of a certificate");
    assert!(!format!("{answer:?}").contains("persons/shop-"));
    end(world).await;
}

#[tokio::test]
async fn an_application_is_there_for_its_applicant_for_its_issuer_once_submitted_and_for_nobody_else() {
    let (world, person) = with_candidate().await;
    world.accredit("south").await;
    let name = draft(&world, &person, Level::Level3).await.name;
    let own = get(&mut shop(&world), &name).await.unwrap();
    assert_eq!(own.person, format!("persons/shop-{person}"));
    let mut strangers = [
        world.applications("mart", Role::Platform),
        world.applications("south", Role::Issuer),
        north(&world),
    ];
    for stranger in &mut strangers {
        let refused = get(stranger, &name).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "APPLICATION_NOT_FOUND"));
        let list = wire::ListApplicationsRequest::default();
        assert!(stranger.list_applications(list).await.unwrap().into_inner().applications.is_empty());
    }
    let refused = north(&world).review_application(review(&name, ReviewVerdict::Refuse)).await.unwrap_err();
    assert_eq!(reason(&refused), "APPLICATION_NOT_FOUND", "a draft is nobody else's");
    shop(&world).submit_application(submission(&name)).await.unwrap();
    let seen = get(&mut north(&world), &name).await.unwrap();
    assert_eq!(seen.person, "", "the applicant's name for the candidate is the applicant's");
    assert_eq!(get(&mut world.applications("regulator", Role::Regulator), &name).await.unwrap(), seen);
    for stranger in &mut strangers[..2] {
        assert!(get(stranger, &name).await.is_err());
    }
    let refused = north(&world).withdraw_application(withdrawal(&name)).await.unwrap_err();
    assert_eq!(reason(&refused), "APPLICATION_NOT_FOUND", "the step is the applicant's");
    let mut shop_as_issuer = world.applications("shop", Role::Issuer);
    let refused = shop_as_issuer.review_application(review(&name, ReviewVerdict::Accept)).await.unwrap_err();
    assert_eq!(reason(&refused), "APPLICATION_NOT_FOUND", "the step is the issuer's");
    let refused = shop(&world).review_application(review(&name, ReviewVerdict::Accept)).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_MISSING");
    end(world).await;
}

#[tokio::test]
async fn an_issuer_may_apply_for_a_person_of_its_own() {
    let (world, person) = with_candidate().await;
    let mut request = wish(&person, Level::Level3);
    request.application.as_mut().unwrap().person = format!("persons/north-{person}");
    let drafted = north(&world).create_application(request).await.unwrap().into_inner().application.unwrap();
    assert_eq!(drafted.applicant, "organizations/north");
    north(&world).submit_application(submission(&drafted.name)).await.unwrap();
    let accepted = north(&world).review_application(review(&drafted.name, ReviewVerdict::Accept)).await;
    assert_eq!(accepted.unwrap().into_inner().application.unwrap().person, format!("persons/north-{person}"));
    end(world).await;
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_draft_is_told_at_once() {
    let (world, person) = with_candidate().await;
    let mut shop = shop(&world);
    let application = wire::Application {
        person: "mina".to_owned(),
        issuer: "issuers/nobody".to_owned(),
        standard: "standards/none".to_owned(),
        job_type: "no such".to_owned(),
        ..wire::Application::default()
    };
    let request = wire::CreateApplicationRequest { application: Some(application), ..Default::default() };
    let refused = shop.create_application(request).await.unwrap_err();
    assert_eq!(reason(&refused), "FIELDS_INVALID");
    let violations = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = violations.iter().map(|it| it.field.trim_start_matches("application.")).collect();
    assert_eq!(fields, ["person", "issuer", "standard", "job_type", "level"]);
    let chief = shop.create_application(wish(&person, Level::Chief)).await.unwrap_err();
    assert_eq!(reason(&chief), "FIELDS_INVALID");
    let stranger = shop.create_application(wish("p999999", Level::Level3)).await.unwrap_err();
    assert_eq!((stranger.code(), reason(&stranger).as_str()), (Code::NotFound, "PERSON_NOT_FOUND"));
    assert_eq!(reason(&get(&mut shop, "applications/none").await.unwrap_err()), "APPLICATION_NOT_FOUND");
    assert_eq!(reason(&get(&mut shop, "nonsense").await.unwrap_err()), "APPLICATION_NOT_FOUND");
    end(world).await;
}

#[tokio::test]
async fn a_step_that_the_state_does_not_allow_is_refused_with_the_state() {
    let (world, person) = with_candidate().await;
    let name = draft(&world, &person, Level::Level3).await.name;
    let withdrawn = shop(&world).withdraw_application(withdrawal(&name)).await.unwrap().into_inner();
    assert_eq!(withdrawn.application.unwrap().state(), ApplicationState::Withdrawn);
    let refused = shop(&world).submit_application(submission(&name)).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(
        (reason(&refused).as_str(), told(&refused, "state").as_str()),
        ("APPLICATION_STATE_WRONG", "WITHDRAWN")
    );
    let failed = concluded(&world, &person, 0, 0).await.name;
    let refused = shop(&world).withdraw_application(withdrawal(&failed)).await.unwrap_err();
    assert_eq!(told(&refused, "state"), "FAILED", "what is concluded stays so");
    end(world).await;
}

#[tokio::test]
async fn whoever_is_refused_is_told_why() {
    let (world, person) = with_candidate().await;
    let name = draft(&world, &person, Level::Level3).await.name;
    shop(&world).submit_application(submission(&name)).await.unwrap();
    let silent =
        wire::ReviewApplicationRequest { reason: " ".to_owned(), ..review(&name, ReviewVerdict::Refuse) };
    assert_eq!(reason(&north(&world).review_application(silent).await.unwrap_err()), "FIELDS_INVALID");
    north(&world).review_application(review(&name, ReviewVerdict::Refuse)).await.unwrap();
    let refused = get(&mut shop(&world), &name).await.unwrap();
    assert_eq!(refused.state(), ApplicationState::Refused);
    assert_eq!(refused.review.unwrap().reason, "the completion certificate is missing");
    end(world).await;
}

#[tokio::test]
async fn a_request_takes_effect_once_and_a_trial_none() {
    let (world, person) = with_candidate().await;
    let mut shop = shop(&world);
    let trial = wire::CreateApplicationRequest { validate_only: true, ..wish(&person, Level::Level3) };
    let answer = shop.create_application(trial).await.unwrap().into_inner();
    assert!(answer.revision.is_empty());
    assert!(get(&mut shop, &answer.application.unwrap().name).await.is_err());
    let request_id = "3f2c1a9e-8a4b-4c1d-9a51-0d6c2f1b7e10".to_owned();
    let once = wire::CreateApplicationRequest { request_id, ..wish(&person, Level::Level3) };
    let first = shop.create_application(once.clone()).await.unwrap().into_inner();
    // What was answered is answered again, also while identity is silent.
    world.identity.silent.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(shop.create_application(once.clone()).await.unwrap().into_inner(), first);
    world.identity.silent.store(false, std::sync::atomic::Ordering::Relaxed);
    let other = wire::CreateApplicationRequest {
        application: wish(&person, Level::Level4).application,
        ..once.clone()
    };
    assert_eq!(reason(&shop.create_application(other).await.unwrap_err()), "REQUEST_ID_REUSED");
    let list = shop.list_applications(wire::ListApplicationsRequest::default()).await.unwrap();
    assert_eq!(list.into_inner().applications.len(), 1);
    end(world).await;
}

#[tokio::test]
async fn a_silent_identity_service_is_unavailable_and_nobody_is_unknown_for_it() {
    let (world, person) = with_candidate().await;
    world.identity.silent.store(true, std::sync::atomic::Ordering::Relaxed);
    let refused = shop(&world).create_application(wish(&person, Level::Level3)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unavailable, "DEPENDENCY_UNAVAILABLE"));
    end(world).await;
}

#[tokio::test]
async fn of_two_who_decide_on_the_same_etag_one_is_told_that_it_changed() {
    let (world, person) = with_candidate().await;
    let drafted = draft(&world, &person, Level::Level3).await;
    let (mut one, mut other) = (shop(&world), shop(&world));
    let submit = wire::SubmitApplicationRequest { etag: drafted.etag.clone(), ..submission(&drafted.name) };
    let withdraw = wire::WithdrawApplicationRequest { etag: drafted.etag, ..withdrawal(&drafted.name) };
    let (submitted, withdrawn) =
        tokio::join!(one.submit_application(submit), other.withdraw_application(withdraw));
    let lost: Vec<_> = [submitted.err(), withdrawn.err()].into_iter().flatten().collect();
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].code(), reason(&lost[0]).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    end(world).await;
}

#[tokio::test]
async fn two_replicas_record_a_part_once_and_different_parts_both() {
    let (world, person) = with_candidate().await;
    let name = accepted(&world, &person, Level::Level3).await;
    let shutdown = CancellationToken::new();
    let other = greenroom_certification::start(world.config.clone(), world.clock.shared(), shutdown.clone());
    let other = other.await.unwrap();
    let channel = greenroom_rpc::client::connect(&format!("http://{}", other.address)).unwrap();
    let mut here = north(&world);
    let mut there = world.applications_at(channel, "north", Role::Issuer);
    let theory = || score(&name, AssessmentPart::Theory, 70);
    let (one, two) = tokio::join!(here.record_assessment(theory()), there.record_assessment(theory()));
    let lost: Vec<_> = [one.err(), two.err()].into_iter().flatten().collect();
    assert_eq!(lost.len(), 1);
    assert_eq!(
        (reason(&lost[0]), told(&lost[0], "fault")),
        ("ASSESSMENT_REFUSED".into(), "part_recorded".into())
    );
    let skills = score(&name, AssessmentPart::Skills, 70);
    let mut corrected = score(&name, AssessmentPart::Theory, 80);
    corrected.assessment.as_mut().unwrap().correction = Some(wire::AssessmentCorrection {
        replaces: format!("{name}/assessments/1"),
        reason: "the digits were swapped".to_owned(),
    });
    let (one, two) = tokio::join!(here.record_assessment(skills), there.record_assessment(corrected));
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    drop(there);
    shutdown.cancel();
    other.join.await.unwrap().unwrap();
    end(world).await;
}

#[tokio::test]
async fn lists_show_what_is_asked_for_page_by_page() {
    let (world, person) = with_candidate().await;
    world.accredit("south").await;
    let second = world.identity.newcomer();
    let mut names = Vec::new();
    for candidate in [&person, &second, &person] {
        names.push(draft(&world, candidate, Level::Level3).await.name);
    }
    let mut to_south = wish(&second, Level::Level4);
    to_south.application.as_mut().unwrap().issuer = "issuers/south".to_owned();
    let created = shop(&world).create_application(to_south).await.unwrap().into_inner();
    names.push(created.application.unwrap().name);
    shop(&world).submit_application(submission(&names[1])).await.unwrap();
    let listed = async |mut clients: Applications, filter: wire::ListApplicationsRequest| {
        let (mut seen, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = wire::ListApplicationsRequest { page_size: 2, page_token, ..filter.clone() };
            let page = clients.list_applications(request).await.unwrap().into_inner();
            seen.extend(page.applications.into_iter().map(|application| application.name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return seen;
            }
        }
    };
    let all = wire::ListApplicationsRequest::default;
    let pick = |places: &[usize]| {
        let mut picked: Vec<_> = places.iter().map(|place| names[*place].clone()).collect();
        picked.sort();
        picked
    };
    assert_eq!(listed(shop(&world), all()).await, pick(&[0, 1, 2, 3]));
    let of = |person: String| wire::ListApplicationsRequest { person, ..all() };
    assert_eq!(listed(shop(&world), of(format!("persons/shop-{person}"))).await, pick(&[0, 2]));
    let to = wire::ListApplicationsRequest { issuer: "issuers/south".to_owned(), ..all() };
    assert_eq!(listed(shop(&world), to.clone()).await, pick(&[3]));
    let state = ApplicationState::Submitted.into();
    let submitted = wire::ListApplicationsRequest { state, ..all() };
    assert_eq!(listed(shop(&world), submitted).await, pick(&[1]));
    assert_eq!(listed(north(&world), all()).await, pick(&[1]));
    assert_eq!(listed(north(&world), of(format!("persons/north-{second}"))).await, pick(&[1]));
    assert!(listed(world.applications("south", Role::Issuer), to).await.is_empty());
    assert_eq!(listed(world.applications("regulator", Role::Regulator), all()).await, pick(&[0, 1, 2, 3]));
    let stranger = of("persons/shop-p999999".to_owned());
    let refused = shop(&world).list_applications(stranger).await.unwrap_err();
    assert_eq!(reason(&refused), "PERSON_NOT_FOUND");
    end(world).await;
}

#[tokio::test]
async fn a_page_token_belongs_to_its_arguments() {
    let (world, person) = with_candidate().await;
    for _ in 0..2 {
        draft(&world, &person, Level::Level3).await;
    }
    let first = wire::ListApplicationsRequest { page_size: 1, ..Default::default() };
    let page = shop(&world).list_applications(first).await.unwrap().into_inner();
    let elsewhere = wire::ListApplicationsRequest {
        page_token: page.next_page_token,
        state: ApplicationState::Draft.into(),
        ..Default::default()
    };
    let refused = shop(&world).list_applications(elsewhere).await.unwrap_err();
    assert_eq!(reason(&refused), "PAGE_TOKEN_INVALID");
    end(world).await;
}
