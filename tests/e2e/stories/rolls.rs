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
