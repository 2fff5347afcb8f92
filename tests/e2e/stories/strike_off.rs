//! An issuer is struck off: what its certificates carried ends at once, and comes back for whom another source confirms.

use greenroom_domain::kernel::Timestamp;
use greenroom_proto::certification::v1 as certification;
use greenroom_proto::registry::v1 as registry;
use greenroom_rpc::clock::Clock as _;
use greenroom_tests::{Engine, Holder, Operator, Service, Town, next_cut};
use registry::{LiveSessionState, Outcome, ReasonCode};
use std::time::Duration;

fn strike_off(issuer: &str, validate_only: bool) -> certification::StrikeOffIssuerRequest {
    certification::StrikeOffIssuerRequest {
        name: format!("issuers/{issuer}"),
        reason: "results were sold".to_owned(),
        legal_basis: "decision 7 of the authority".to_owned(),
        validate_only,
        ..Default::default()
    }
}

/// The operator of the suite found the certificate in the official look-up.
async fn confirm(
    operator: &Operator<'_>,
    certificate: String,
    checked: Timestamp,
) -> certification::RecordEvidenceResponse {
    let evidence = certification::Evidence {
        source: certification::EvidenceSource::OfficialLookup.into(),
        result: certification::EvidenceResult::Match.into(),
        check_time: Some(greenroom_rpc::wire::timestamp(checked)),
        artefact_sha256: "ab".repeat(32),
    };
    let request =
        certification::RecordEvidenceRequest { certificate, evidence: Some(evidence), ..Default::default() };
    let connection = operator.to(Service::Certification);
    let mut certificates =
        certification::certificate_service_client::CertificateServiceClient::new(connection);
    certificates.record_evidence(request).await.unwrap().into_inner()
}

async fn a_struck_off_issuer_takes_its_sales_with_it(engine: Engine) {
    let town = Town::start_on(engine).await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let (east, west) =
        (operator.issuer("east-school").await.unwrap(), operator.issuer("west-school").await.unwrap());
    let (mina, noor) = (Holder::new(1, "19900307", 3), Holder::new(2, "19921224", 4));
    let other = Holder::new(3, "19880101", 4);
    east.import(&[mina.clone(), noor.clone()]).await.unwrap();
    west.import(std::slice::from_ref(&other)).await.unwrap();
    let first = platform.welcome("mina", &mina).await.unwrap();
    let second = platform.welcome("noor", &noor).await.unwrap();
    let third = platform.welcome("other", &other).await.unwrap();
    let (alone, mut of_alone) = platform.on_air(&first).await.unwrap();
    let both = platform.go_live("room-2", &[&second, &third]).await.unwrap();

    let connection = operator.to(Service::Certification);
    let mut issuers = certification::issuer_service_client::IssuerServiceClient::new(connection);
    let rehearsed = issuers.strike_off_issuer(strike_off("east-school", true)).await.unwrap().into_inner();
    let impact = rehearsed.impact.clone().unwrap();
    assert_eq!((impact.certificate_count, impact.in_force_count, impact.holder_count), (2, 2, 2));
    assert_eq!(platform.check(&first).await.unwrap().outcome(), Outcome::Allow, "only rehearsed");

    let done = issuers.strike_off_issuer(strike_off("east-school", false)).await.unwrap().into_inner();
    assert_eq!(done.impact, rehearsed.impact, "the rehearsal told the truth");
    for (streamer, outcome) in [(&first, Outcome::Deny), (&second, Outcome::Deny), (&third, Outcome::Allow)] {
        let decision = platform.check_at(streamer, &done.revision).await.unwrap();
        assert_eq!(decision.outcome(), outcome);
        if outcome == Outcome::Deny {
            let reason = &decision.reasons[0];
            assert_eq!(reason.code(), ReasonCode::IssuerStruckOff);
            assert!(reason.since_time.is_some() && reason.until_time.is_some());
        }
    }
    let ended = next_cut(&mut of_alone).await.unwrap();
    assert_eq!((ended.name.as_str(), ended.state()), (alone.name.as_str(), LiveSessionState::Ended));
    let name = both.live_session.unwrap().name;
    let left = greenroom_testkit::eventually("the cut", || async {
        let request = registry::GetLiveSessionRequest { name: name.clone() };
        let now =
            platform.live_sessions().get_live_session(request).await.unwrap().into_inner().live_session?;
        (now.roster[0].state() == registry::MarketerState::Cut).then_some(now)
    })
    .await;
    assert_eq!(
        (left.state(), left.roster[1].state()),
        (LiveSessionState::Open, registry::MarketerState::Admitted)
    );

    // Another source than the issuer confirms one of the two, and that one sells again.
    town.clock.advance(Duration::from_mins(1));
    let certificate = east.certificate(&mina.certificate_number).await.unwrap();
    assert_eq!(certificate.state(), certification::CertificateState::IssuerStruckOff);
    let confirmed = confirm(&operator, certificate.name, town.clock.now()).await;
    assert_eq!(confirmed.certificate.unwrap().state(), certification::CertificateState::Verified);
    let decision = platform.check_at(&first, &confirmed.revision).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", decision.reasons);
    let decision = platform.check_at(&second, &confirmed.revision).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Deny);
    town.end().await;
}

#[tokio::test]
async fn a_struck_off_issuer_takes_its_sales_with_it_on_sqlite() {
    Box::pin(a_struck_off_issuer_takes_its_sales_with_it(Engine::Sqlite)).await;
}

#[tokio::test]
async fn a_struck_off_issuer_takes_its_sales_with_it_on_postgres() {
    Box::pin(a_struck_off_issuer_takes_its_sales_with_it(Engine::Postgres)).await;
}
