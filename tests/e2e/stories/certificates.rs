//! The suite over TLS, where both sides of every connection show a certificate.

use greenroom_proto::registry::v1::Outcome;
use greenroom_rpc::client::{connect, connect_with, unanswered};
use greenroom_rpc::tls::ClientTls;
use greenroom_tests::{Holder, Service, Town};
use tonic::Code;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

#[tokio::test]
async fn a_certificate_is_revoked_and_the_sale_is_closed_over_mutual_tls() {
    let town = Town::start_over_tls().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let mina = Holder::new(1, "19900307", 3);
    issuer.import(std::slice::from_ref(&mina)).await.unwrap();
    let streamer = platform.welcome("mina", &mina).await.unwrap();
    assert_eq!(platform.check(&streamer).await.unwrap().outcome(), Outcome::Allow);

    let revision = issuer.revoke(&mina.certificate_number).await.unwrap();

    let decision = platform.check_at(&streamer, &revision).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Deny);
    town.end().await;
}

#[tokio::test]
async fn nobody_without_a_certificate_of_the_town_talks_to_any_service() {
    let town = Town::start_over_tls().await;
    let ca = Some(town.folder().join("authority.pem"));
    let nameless = ClientTls { ca, ..ClientTls::default() };
    for service in [Service::Identity, Service::Certification, Service::Registry] {
        let url = town.url(service);
        let strangers: [Channel; 2] = [
            connect_with(&url, Some(&nameless)).unwrap(),
            connect(&url.replace("https://", "http://")).unwrap(),
        ];
        for stranger in strangers {
            let refused = HealthClient::new(stranger).check(HealthCheckRequest::default()).await.unwrap_err();
            assert_eq!(unanswered(refused).code(), Code::Unavailable);
        }
    }
    town.end().await;
}
