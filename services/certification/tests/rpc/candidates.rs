//! What tests of applications share: candidates, and the steps of an application.

use crate::world::{Connection, STANDARD, World};
use greenroom_auth::OrganizationRole as Role;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::application_service_client::ApplicationServiceClient;
use greenroom_proto::certification::v1::{AssessmentPart, Level, ReviewVerdict, assessor::By};
use tonic::Status;

pub type Applications = ApplicationServiceClient<Connection>;

/// The day of every test.
pub const TODAY: &str = "2026-11-02";

/// The job type candidates apply for.
pub fn job_type() -> String {
    "live-salesperson".to_owned()
}

/// A world with the issuer `north` and a person the platform `shop` calls `shop-p…`.
pub async fn with_candidate() -> (World, String) {
    let world = World::start().await;
    world.accredit("north").await;
    let person = world.identity.newcomer();
    (world, person)
}

/// The platform's client.
pub fn shop(world: &World) -> Applications {
    world.applications("shop", Role::Platform)
}

/// The issuer's client.
pub fn north(world: &World) -> Applications {
    world.applications("north", Role::Issuer)
}

/// What a platform asks for.
pub fn wish(person: &str, level: Level) -> wire::CreateApplicationRequest {
    let application = wire::Application {
        person: format!("persons/shop-{person}"),
        issuer: "issuers/north".to_owned(),
        standard: STANDARD.to_owned(),
        job_type: job_type(),
        level: level.into(),
        ..wire::Application::default()
    };
    wire::CreateApplicationRequest { application: Some(application), ..Default::default() }
}

pub async fn draft(world: &World, person: &str, level: Level) -> wire::Application {
    let answer = shop(world).create_application(wish(person, level)).await.unwrap();
    answer.into_inner().application.unwrap()
}

pub fn submission(name: &str) -> wire::SubmitApplicationRequest {
    wire::SubmitApplicationRequest { name: name.to_owned(), ..Default::default() }
}

pub fn withdrawal(name: &str) -> wire::WithdrawApplicationRequest {
    wire::WithdrawApplicationRequest { name: name.to_owned(), ..Default::default() }
}

pub fn review(name: &str, verdict: ReviewVerdict) -> wire::ReviewApplicationRequest {
    let reason = "the completion certificate is missing".to_owned();
    wire::ReviewApplicationRequest {
        name: name.to_owned(),
        verdict: verdict.into(),
        reason,
        ..Default::default()
    }
}

pub fn listed(count: usize) -> Vec<wire::Assessor> {
    let by = |number| Some(By::AssessorId(format!("assessor-{number}")));
    (1..=count).map(|number| wire::Assessor { by: by(number) }).collect()
}

pub fn score(name: &str, part: AssessmentPart, score: i32) -> wire::RecordAssessmentRequest {
    let assessment = wire::Assessment {
        part: part.into(),
        score,
        assessors: listed(3),
        date: TODAY.to_owned(),
        site: "Hall 2".to_owned(),
        ..wire::Assessment::default()
    };
    let application = name.to_owned();
    wire::RecordAssessmentRequest { application, assessment: Some(assessment), ..Default::default() }
}

pub fn conclusion(name: &str) -> wire::ConcludeApplicationRequest {
    wire::ConcludeApplicationRequest { name: name.to_owned(), ..Default::default() }
}

pub fn certification(name: &str, number: &str) -> wire::CertifyApplicationRequest {
    wire::CertifyApplicationRequest {
        name: name.to_owned(),
        certificate_number: number.to_owned(),
        ..Default::default()
    }
}

/// An application that the issuer has accepted.
pub async fn accepted(world: &World, person: &str, level: Level) -> String {
    let name = draft(world, person, level).await.name;
    shop(world).submit_application(submission(&name)).await.unwrap();
    north(world).review_application(review(&name, ReviewVerdict::Accept)).await.unwrap();
    name
}

pub async fn assess(world: &World, name: &str, part: AssessmentPart, points: i32) -> wire::Assessment {
    let answer = north(world).record_assessment(score(name, part, points)).await.unwrap();
    answer.into_inner().assessment.unwrap()
}

pub async fn conclude(world: &World, name: &str) -> wire::Application {
    let answer = north(world).conclude_application(conclusion(name)).await.unwrap();
    answer.into_inner().application.unwrap()
}

/// An application of level 3 that was concluded with these points.
pub async fn concluded(world: &World, person: &str, theory: i32, skills: i32) -> wire::Application {
    let name = accepted(world, person, Level::Level3).await;
    assess(world, &name, AssessmentPart::Theory, theory).await;
    assess(world, &name, AssessmentPart::Skills, skills).await;
    conclude(world, &name).await
}

pub async fn get(clients: &mut Applications, name: &str) -> Result<wire::Application, Status> {
    let request = wire::GetApplicationRequest { name: name.to_owned() };
    Ok(clients.get_application(request).await?.into_inner().application.unwrap())
}

/// What a refusal tells under a key.
pub fn told(status: &Status, key: &str) -> String {
    use tonic_types::StatusExt as _;
    let info = status.get_details_error_info().unwrap();
    info.metadata.get(key).cloned().unwrap_or_default()
}

/// Stops the service and holds its tables against its events.
pub async fn end(world: World) {
    let (config, _folder) = world.stop().await;
    let report = greenroom_certification::verify(&config).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}
