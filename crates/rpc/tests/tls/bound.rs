//! Tokens that are good only with a certificate (RFC 8705 §3).

use super::house::{AUDIENCE, CHECK, House};
use greenroom_auth::{Confirmation, OrganizationRole};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::fault::reason_of;
use greenroom_rpc::tls::ClientCertificates;
use greenroom_testkit::Pair;
use tonic::transport::Channel;
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// How a call with a token ends.
async fn call(channel: Channel, token: &str) -> (Code, Option<String>) {
    let mut request = Request::new(HealthCheckRequest::default());
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    match HealthClient::new(channel).check(request).await {
        Ok(_) => (Code::Ok, None),
        Err(status) => (status.code(), reason_of(&status)),
    }
}

#[tokio::test]
async fn a_bound_token_is_good_with_its_certificate_and_with_nothing_else() {
    let house = House::asking(ClientCertificates::Optional).await;
    let (own, other) = (Pair::self_signed("backend"), Pair::self_signed("backend"));
    let roles = [OrganizationRole::Platform];
    let now = house.clock.now();
    let mut claims = house.issuer.claims(AUDIENCE, "tester", "acme", &roles, "things.read", now);
    claims.confirmation = Some(Confirmation::to_certificate(&own.der));
    let bound = house.issuer.sign(&claims);
    let refused = (Code::Unauthenticated, Some("TOKEN_REFUSED".to_owned()));

    // The second round meets a token that was verified before.
    for round in 0..2 {
        assert_eq!(call(house.client(None), &bound).await, refused, "{CHECK}, round {round}");
        assert_eq!(call(house.client(Some(&other)), &bound).await, refused);
        assert_eq!(call(house.client(Some(&own)), &bound).await, (Code::Ok, None));
    }
    // A token that is not bound does not care.
    let bearer = house.issuer.token(AUDIENCE, "tester", "acme", &roles, "things.read", now);
    for pair in [None, Some(&other)] {
        assert_eq!(call(house.client(pair), &bearer).await, (Code::Ok, None));
    }
}
