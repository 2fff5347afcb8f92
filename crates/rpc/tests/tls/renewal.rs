//! Certificates are replaced while everything goes on.

use super::house::{House, whoami};
use greenroom_rpc::client::connect_with;
use greenroom_rpc::tls::{ClientCertificates, ClientTls, Reload};
use greenroom_testkit::{Authority, eventually};
use std::fs;
use tonic::transport::Channel;
use tonic_health::ServingStatus;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

fn trusting(house: &House, authority: &Authority, name: &str) -> Channel {
    let ca = Some(authority.write(house.folder.path(), name));
    connect_with(&house.url(), Some(&ClientTls { ca, ..ClientTls::default() })).unwrap()
}

#[tokio::test]
async fn the_next_connection_gets_the_new_certificate_while_an_open_stream_goes_on() {
    let house = House::asking(ClientCertificates::None).await;
    let successor = Authority::new("successor");
    let mut health = HealthClient::new(house.client(None));
    let mut watch = health.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing.into());
    assert!(whoami(&trusting(&house, &successor, "successor")).await.is_err());
    assert_eq!(house.certificates.reload().unwrap(), Reload::Unchanged);

    successor.server().write(house.folder.path(), "server");
    assert_eq!(house.certificates.reload().unwrap(), Reload::Replaced);

    assert_eq!(whoami(&trusting(&house, &successor, "successor")).await.unwrap(), "nobody");
    assert!(whoami(&trusting(&house, &house.authority, "predecessor")).await.is_err());
    house.health.set_service_status("", ServingStatus::Serving).await;
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::Serving.into());
}

#[tokio::test]
async fn files_that_cannot_be_used_are_told_once_and_change_nothing() {
    let house = House::asking(ClientCertificates::None).await;
    let certificate = house.folder.path().join("server.pem");
    let good = fs::read(&certificate).unwrap();

    for broken in [b"".as_slice(), b"-----BEGIN CERTIFICATE-----\n"] {
        fs::write(&certificate, broken).unwrap();
        assert!(house.certificates.reload().unwrap_err().to_string().contains("server.pem"));
        assert_eq!(house.certificates.reload().unwrap(), Reload::Unchanged);
        assert_eq!(whoami(&house.client(None)).await.unwrap(), "nobody");
    }
    fs::remove_file(&certificate).unwrap();
    assert!(house.certificates.reload().unwrap_err().to_string().contains("cannot read"));
    assert_eq!(whoami(&house.client(None)).await.unwrap(), "nobody");

    fs::write(&certificate, good).unwrap();
    assert_eq!(house.certificates.reload().unwrap(), Reload::Replaced);
    assert_eq!(whoami(&house.client(None)).await.unwrap(), "nobody");
}

#[tokio::test]
async fn whom_the_listener_trusts_is_read_again_as_well() {
    let house = House::asking(ClientCertificates::Required).await;
    let successor = Authority::new("successor");
    let pair = successor.client("backend");
    assert!(whoami(&house.client(Some(&pair))).await.is_err());

    let both = [house.authority.certificate(), successor.certificate()].concat();
    fs::write(house.folder.path().join("clients.pem"), both).unwrap();
    assert_eq!(house.certificates.reload().unwrap(), Reload::Replaced);

    assert_eq!(whoami(&house.client(Some(&pair))).await.unwrap(), "CN=backend Trusted");
    let former = house.authority.client("other");
    assert_eq!(whoami(&house.client(Some(&former))).await.unwrap(), "CN=other Trusted");
}

#[tokio::test]
async fn a_client_shows_its_new_certificate_when_it_connects_again() {
    let house = House::asking(ClientCertificates::Optional).await;
    let channel = house.client(Some(&house.authority.client("old")));
    assert_eq!(whoami(&channel).await.unwrap(), "CN=old Trusted");

    house.authority.client("new").write(house.folder.path(), "shown");
    // What is open stays as it is.
    assert_eq!(whoami(&channel).await.unwrap(), "CN=old Trusted");
    house.shutdown.cancel();
    house.served.await.unwrap();
    let address = house.address.to_string();
    let again = House::at(&address, ClientCertificates::Optional).await;
    fs::write(house.folder.path().join("trusted.pem"), again.authority.certificate()).unwrap();

    let told = eventually("the client has connected again", || async { whoami(&channel).await.ok() }).await;
    // The other house has another authority.
    assert_eq!(told, "CN=new Untrusted");
}
