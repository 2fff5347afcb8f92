//! The conditions of application, held against what a candidate says and what is on record here.

use crate::candidates::*;
use crate::rolls::roll;
use crate::world::{STANDARD, World, reason};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::{
    ApplicationState, Confirmation, HeldCertificateBasis as Basis, Level, OccupationRelation,
    RequirementVerdict, ReviewVerdict,
};
use tonic::Code;
use tonic_types::StatusExt as _;

fn held(level: Level, issue_date: &str) -> wire::HeldCertificate {
    wire::HeldCertificate {
        job_type: job_type(),
        level: level.into(),
        issue_date: issue_date.to_owned(),
        ..wire::HeldCertificate::default()
    }
}

fn worked_since(day: &str) -> wire::WorkPeriod {
    let occupation = OccupationRelation::Same.into();
    wire::WorkPeriod { from_date: day.to_owned(), to_date: String::new(), occupation }
}

/// A technician since a day, at work since then.
fn technician(since: &str) -> wire::ApplicationHistory {
    wire::ApplicationHistory {
        certificates: vec![held(Level::Level2, since)],
        work_periods: vec![worked_since(since)],
        ..wire::ApplicationHistory::default()
    }
}

async fn submitted(world: &World, person: &str, level: Level, history: wire::ApplicationHistory) -> String {
    let mut request = wish(person, level);
    request.application.as_mut().unwrap().history = Some(history);
    let name = shop(world).create_application(request).await.unwrap().into_inner().application.unwrap().name;
    shop(world).submit_application(submission(&name)).await.unwrap();
    name
}

async fn reviewed(world: &World, name: &str, verdict: ReviewVerdict) -> wire::ApplicationReview {
    let answer = north(world).review_application(review(name, verdict)).await.unwrap();
    answer.into_inner().application.unwrap().review.unwrap()
}

#[tokio::test]
async fn a_review_keeps_which_condition_was_met_and_what_was_missing_of_the_others() {
    let (world, person) = with_candidate().await;
    let name = submitted(&world, &person, Level::Level1, technician("2022-10-01")).await;
    let answer = reviewed(&world, &name, ReviewVerdict::Accept).await;
    let evaluation = answer.evaluation.clone().unwrap();
    assert_eq!(evaluation.verdict(), RequirementVerdict::Met);
    assert_eq!(evaluation.confirmation(), Confirmation::Confirmed);
    assert_eq!(evaluation.date, TODAY);
    let verdicts: Vec<_> = evaluation.conditions.iter().map(wire::ConditionEvaluation::verdict).collect();
    assert!(verdicts.contains(&RequirementVerdict::Met) && verdicts.contains(&RequirementVerdict::NotMet));
    let missing = evaluation.conditions.iter().find(|it| it.verdict() == RequirementVerdict::NotMet).unwrap();
    assert!(missing.message.contains("training certificate"), "{}", missing.message);
    assert_eq!(answer.certificates[0].basis(), Basis::Claimed);
    assert_eq!(answer.certificates[0].held.as_ref().unwrap().standard, STANDARD);
    assert_eq!(get(&mut shop(&world), &name).await.unwrap().review, Some(answer));
    end(world).await;
}

#[tokio::test]
async fn who_meets_no_condition_that_was_read_in_its_source_is_not_accepted() {
    let (world, person) = with_candidate().await;
    let name = submitted(&world, &person, Level::Level1, technician("2024-10-01")).await;
    let accept = review(&name, ReviewVerdict::Accept);
    let refused = north(&world).review_application(accept).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(reason(&refused), "APPLICATION_CONDITIONS_UNMET");
    let answer = reviewed(&world, &name, ReviewVerdict::Refuse).await;
    assert_eq!(answer.evaluation.unwrap().verdict(), RequirementVerdict::NotMet);
    end(world).await;
}

#[tokio::test]
async fn what_nobody_has_read_in_its_source_decides_nothing_but_has_to_be_explained() {
    let (world, person) = with_candidate().await;
    let name = submitted(&world, &person, Level::Level2, wire::ApplicationHistory::default()).await;
    let silent =
        wire::ReviewApplicationRequest { reason: String::new(), ..review(&name, ReviewVerdict::Accept) };
    assert_eq!(reason(&north(&world).review_application(silent).await.unwrap_err()), "FIELDS_INVALID");
    let answer = reviewed(&world, &name, ReviewVerdict::Accept).await;
    let evaluation = answer.evaluation.unwrap();
    assert_eq!(evaluation.verdict(), RequirementVerdict::NotMet);
    assert_eq!(evaluation.confirmation(), Confirmation::Unconfirmed);
    assert!(!answer.reason.is_empty());
    end(world).await;
}

#[tokio::test]
async fn a_certificate_on_record_counts_unclaimed_and_a_revoked_one_not_even_claimed() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(1).as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    let certificate = world.all_certificates("north").await.remove(0);
    let person = "p000000";
    let none = wire::ApplicationHistory::default;
    let name = submitted(&world, person, Level::Level2, none()).await;
    let answer = reviewed(&world, &name, ReviewVerdict::Refuse).await;
    let told: Vec<_> = answer.certificates.iter().map(|it| (it.basis(), it.certificate.as_str())).collect();
    assert_eq!(told, [(Basis::OnRecord, certificate.name.as_str())]);
    let revoke = wire::RevokeCertificateRequest {
        name: certificate.name.clone(),
        revocation: Some(wire::Revocation {
            reason: wire::RevocationReason::Cheating.into(),
            explanation: "the theory exam was sat by another person".to_owned(),
            legal_basis: "rules of assessment, article 9".to_owned(),
            effective_time: None,
            ..Default::default()
        }),
        ..wire::RevokeCertificateRequest::default()
    };
    world.certificates("north", Role::Issuer).revoke_certificate(revoke).await.unwrap();
    let claims = wire::ApplicationHistory {
        certificates: vec![held(certificate.level(), &certificate.issue_date)],
        ..none()
    };
    let name = submitted(&world, person, Level::Level2, claims).await;
    let answer = reviewed(&world, &name, ReviewVerdict::Refuse).await;
    let told: Vec<_> = answer.certificates.iter().map(|it| (it.basis(), it.certificate.as_str())).collect();
    assert_eq!(told, [(Basis::NotInForce, certificate.name.as_str())]);
    let evaluation = answer.evaluation.unwrap();
    let requirements = evaluation.conditions.iter().flat_map(|it| &it.requirements);
    let certificates = requirements.filter(|it| it.message.starts_with("certificate of"));
    let met = certificates.filter(|it| it.verdict() == RequirementVerdict::Met).count();
    assert_eq!(met, 0, "a revoked certificate proves nothing");
    end(world).await;
}

#[tokio::test]
async fn a_history_is_changed_in_a_draft_alone() {
    let (world, person) = with_candidate().await;
    let drafted = draft(&world, &person, Level::Level1).await;
    assert_eq!(drafted.history, None);
    let update = |etag: &str, history| wire::UpdateApplicationRequest {
        name: drafted.name.clone(),
        history: Some(history),
        etag: etag.to_owned(),
        ..wire::UpdateApplicationRequest::default()
    };
    let first = update(&drafted.etag, technician("2022-10-01"));
    let changed =
        shop(&world).update_application(first.clone()).await.unwrap().into_inner().application.unwrap();
    assert_eq!(changed.history, Some(technician("2022-10-01")));
    assert_eq!(reason(&shop(&world).update_application(first).await.unwrap_err()), "ETAG_MISMATCH");
    let mut malformed = technician("1066-10-14");
    malformed.certificates[0].job_type = "no such".to_owned();
    let refused = shop(&world).update_application(update("", malformed.clone())).await.unwrap_err();
    let violations = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = violations.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "history.certificates[0].job_type",
            "history.certificates[0].issue_date",
            "history.work_periods[0].from_date"
        ]
    );
    let mut request = wish(&person, Level::Level1);
    request.application.as_mut().unwrap().history = Some(malformed);
    let refused = shop(&world).create_application(request).await.unwrap_err();
    let violations = refused.get_details_bad_request().unwrap().field_violations;
    assert!(violations.iter().all(|it| it.field.starts_with("application.history.")), "{violations:?}");
    shop(&world).submit_application(submission(&drafted.name)).await.unwrap();
    let late = shop(&world).update_application(update("", technician("2020-01-01"))).await.unwrap_err();
    assert_eq!(
        told(&late, "state"),
        ApplicationState::Submitted.as_str_name().replace("APPLICATION_STATE_", "")
    );
    end(world).await;
}
