//! From the application to the sale: nobody brings a certificate, everything happens here.

use certification::application_service_client::ApplicationServiceClient;
use certification::assessor::By;
use certification::certificate_service_client::CertificateServiceClient;
use certification::{
    Application, ApplicationState, AssessmentPart, Assessor, CertificateState, ReviewVerdict,
    VerificationVerdict,
};
use greenroom_proto::certification::v1 as certification;
use greenroom_proto::registry::v1::streamer_service_client::StreamerServiceClient;
use greenroom_proto::registry::v1::{GetVerifiedLevelsRequest, Level, Outcome, ReasonCode};
use greenroom_rpc::clock::Clock as _;
use greenroom_tests::{Answer, Connection, Engine, Holder, Issuer, Platform, Service, Town, request_id};

const STANDARD: &str = "standards/internet-marketer-2021";

type Applications = ApplicationServiceClient<Connection>;

fn applications(connection: Connection) -> Applications {
    ApplicationServiceClient::new(connection)
}

/// Somebody who has held level 3 and worked in the occupation since a day.
fn at_work_since(day: &str) -> certification::ApplicationHistory {
    let held = certification::HeldCertificate {
        job_type: "live-salesperson".to_owned(),
        level: certification::Level::Level3.into(),
        issue_date: day.to_owned(),
        ..Default::default()
    };
    let work = certification::WorkPeriod {
        from_date: day.to_owned(),
        to_date: String::new(),
        occupation: certification::OccupationRelation::Same.into(),
    };
    certification::ApplicationHistory {
        certificates: vec![held],
        work_periods: vec![work],
        ..Default::default()
    }
}

/// The platform applies for somebody it knows; gives the application's name.
async fn apply(platform: &Platform<'_>, person: &str, issuer: &str) -> Answer<String> {
    let mut desk = applications(platform.to(Service::Certification));
    let application = Application {
        person: person.to_owned(),
        issuer: format!("issuers/{issuer}"),
        standard: STANDARD.to_owned(),
        job_type: "live-salesperson".to_owned(),
        level: certification::Level::Level2.into(),
        history: Some(at_work_since("2021-03-01")),
        ..Application::default()
    };
    let request = certification::CreateApplicationRequest {
        application: Some(application),
        request_id: request_id(),
        ..Default::default()
    };
    let drafted = desk.create_application(request).await?.into_inner().application.unwrap_or_default();
    let request = certification::SubmitApplicationRequest {
        name: drafted.name.clone(),
        etag: drafted.etag,
        request_id: request_id(),
        ..Default::default()
    };
    desk.submit_application(request).await?;
    Ok(drafted.name)
}

/// The issuer accepts, assesses every part and concludes.
async fn assess(town: &Town, issuer: &Issuer<'_>, application: &str) -> Answer<Application> {
    let mut desk = applications(issuer.to(Service::Certification));
    let request = certification::ReviewApplicationRequest {
        name: application.to_owned(),
        verdict: ReviewVerdict::Accept.into(),
        request_id: request_id(),
        ..Default::default()
    };
    desk.review_application(request).await?;
    let assessor = |number| Assessor { by: Some(By::AssessorId(format!("assessor-{number}"))) };
    for part in [AssessmentPart::Theory, AssessmentPart::Skills, AssessmentPart::ComprehensiveReview] {
        let assessment = certification::Assessment {
            part: part.into(),
            score: 82,
            assessors: (1..=3).map(assessor).collect(),
            date: town.clock.now().beijing_date().to_string(),
            site: "Hall 2".to_owned(),
            ..Default::default()
        };
        let request = certification::RecordAssessmentRequest {
            application: application.to_owned(),
            assessment: Some(assessment),
            request_id: request_id(),
            ..Default::default()
        };
        desk.record_assessment(request).await?;
    }
    let name = application.to_owned();
    let request =
        certification::ConcludeApplicationRequest { name, request_id: request_id(), ..Default::default() };
    Ok(desk.conclude_application(request).await?.into_inner().application.unwrap_or_default())
}

async fn who_is_assessed_and_certified_here_may_sell(engine: Engine) {
    let town = Town::start_on(engine).await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let number = "S000033000001262000031";
    let mina = Holder { certificate_number: number.to_owned(), ..Holder::new(31, "19900307", 2) };
    let streamer = platform.welcome("mina", &mina).await.unwrap();
    let refused = platform.check(&streamer).await.unwrap();
    assert_eq!(refused.outcome(), Outcome::Deny);
    assert_eq!(refused.reasons[0].code(), ReasonCode::LevelNotHeld);

    let person = platform.register(&mina).await.unwrap();
    let application = apply(&platform, &person, &issuer.id).await.unwrap();
    let passed = assess(&town, &issuer, &application).await.unwrap();
    assert_eq!(passed.state(), ApplicationState::Passed);
    assert_eq!(passed.conclusion.unwrap().parts.len(), 3);

    let request = certification::CertifyApplicationRequest {
        name: application.clone(),
        certificate_number: number.to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    let mut desk = applications(issuer.to(Service::Certification));
    let certified = desk.certify_application(request).await.unwrap().into_inner();
    let certificate = certified.certificate.unwrap();
    assert_eq!(certificate.state(), CertificateState::Verified);

    let claim = certification::VerifyCertificateRequest {
        number: number.to_owned(),
        real_name: mina.real_name.clone(),
        document_type: "RESIDENT_IDENTITY_CARD".to_owned(),
        document_number: mina.document_number.clone(),
        ..Default::default()
    };
    let mut relying = CertificateServiceClient::new(platform.to(Service::Certification));
    let verified = relying.verify_certificate(claim).await.unwrap().into_inner();
    assert_eq!(verified.verdict(), VerificationVerdict::Verified);

    let allowed = platform.check_at(&streamer, &certified.revision).await.unwrap();
    assert_eq!(allowed.outcome(), Outcome::Allow);
    let mut streamers = StreamerServiceClient::new(platform.to(Service::Registry));
    let levels = streamers
        .get_verified_levels(GetVerifiedLevelsRequest { name: streamer, ..Default::default() })
        .await
        .unwrap();
    let levels = levels.into_inner().verified_levels;
    assert_eq!((levels[0].level(), &levels[0].certificate), (Level::Level2, &certificate.name));
    town.end().await;
}

#[tokio::test]
async fn who_is_assessed_and_certified_here_may_sell_on_sqlite() {
    Box::pin(who_is_assessed_and_certified_here_may_sell(Engine::Sqlite)).await;
}

#[tokio::test]
async fn who_is_assessed_and_certified_here_may_sell_on_postgres() {
    Box::pin(who_is_assessed_and_certified_here_may_sell(Engine::Postgres)).await;
}
