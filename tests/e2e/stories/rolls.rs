//! A real roll comes in, with everything that is wrong with real rolls.

use greenroom_proto::certification::v1 as certification;
use greenroom_tests::{Service, Town};

const SAMPLE: &[u8] = include_bytes!("../../../services/certification/data/rolls/sample.csv");

#[tokio::test]
async fn the_sample_roll_is_imported_twice_and_the_second_time_changes_nothing() {
    let town = Town::start().await;
    let operator = town.operator();
    let issuer = operator.issuer("east-school").await.unwrap();
    let planned = issuer.plan(SAMPLE.to_vec()).await.unwrap();
    let totals = planned.totals.unwrap();
    let all = totals.create_count
        + totals.update_count
        + totals.unchanged_count
        + totals.ambiguous_count
        + totals.invalid_count;
    assert_eq!(all, planned.row_count);
    assert!(planned.row_count >= 2000 && totals.create_count > 1800, "{totals:?}");
    let applied = issuer.apply(&planned).await.unwrap();
    assert_eq!(applied.state(), certification::RollImportState::Applied);

    let again = issuer.plan(SAMPLE.to_vec()).await.unwrap();
    let second = again.totals.unwrap();
    assert_eq!((second.create_count, second.update_count), (0, 0));
    assert_eq!(second.unchanged_count, totals.create_count);
    let connection = issuer.to(Service::Certification);
    let mut certificates =
        certification::certificate_service_client::CertificateServiceClient::new(connection);
    let (mut known, mut token) = (0, String::new());
    loop {
        let request = certification::ListCertificatesRequest {
            page_size: 1000,
            page_token: token,
            ..certification::ListCertificatesRequest::default()
        };
        let page = certificates.list_certificates(request).await.unwrap().into_inner();
        known += page.certificates.len();
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(i32::try_from(known).unwrap(), totals.create_count);
    town.end().await;
}

#[tokio::test]
async fn a_complete_roll_that_lacks_a_certificate_withdraws_it_and_rolled_back_it_stands_again() {
    let town = Town::start().await;
    let operator = town.operator();
    let issuer = operator.issuer("east-school").await.unwrap();
    let planned = issuer.plan(SAMPLE.to_vec()).await.unwrap();
    issuer.apply(&planned).await.unwrap();
    // The roll without its first row.
    let mut lines = SAMPLE.split_inclusive(|byte| *byte == b'\n');
    let heading = lines.next().unwrap();
    let gone = lines.next().unwrap();
    let rest: Vec<u8> = std::iter::once(heading).chain(lines).flatten().copied().collect();
    let number = "S000033DEMO00243000001";
    assert!(String::from_utf8_lossy(gone).contains(number));
    let complete = certification::RollCoverage::Complete;
    let uncertain = issuer.plan_as(rest.clone(), complete).await.unwrap();
    assert_eq!(
        (uncertain.totals.unwrap().missing_count, uncertain.withdrawal_count),
        (1, 0),
        "unread numbers"
    );
    let fields = |line: &[u8]| line.split(|byte| *byte == b',').count();
    let readable =
        |line: &&[u8]| String::from_utf8_lossy(line).contains("DEMO00") && fields(line) == fields(heading);
    let clean: Vec<u8> = std::iter::once(heading)
        .chain(rest.split_inclusive(|byte| *byte == b'\n').skip(1).filter(readable))
        .flatten()
        .copied()
        .collect();
    let lacking = issuer.plan_as(clean, complete).await.unwrap();
    assert!(lacking.withdrawal_count >= 1, "{lacking:?}");
    let before = issuer.certificate(number).await.unwrap();
    issuer.apply(&lacking).await.unwrap();
    assert_eq!(issuer.certificate(number).await.unwrap().state(), certification::CertificateState::NotFound);
    issuer.roll_back(&lacking).await.unwrap();
    let after = issuer.certificate(number).await.unwrap();
    assert_eq!((after.state(), after.evidence_until_time), (before.state(), before.evidence_until_time));
    town.end().await;
}
