//! Who is let in, and as whom.

use super::house::{House, whoami};
use greenroom_proto::identity::v1::ListSigningKeysRequest;
use greenroom_proto::identity::v1::token_service_client::TokenServiceClient;
use greenroom_rpc::client::{connect, unanswered};
use greenroom_rpc::peer::{AlternativeNames, Chain, PeerCertificate};
use greenroom_rpc::tls::ClientCertificates;
use greenroom_testkit::{Authority, Pair};
use rcgen::{CertificateParams, DnType, SanType};
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{
    ClientConfig, HandshakeKind, ProtocolVersion, RootCertStore, SignatureScheme, SupportedProtocolVersion,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

/// Shows a certificate with whatever key it is given.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl Shown {
    fn new(certificate: &Pair, key: &Pair) -> Self {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let key = PrivateKeyDer::from_pem_slice(key.private_key.as_bytes()).unwrap();
        let key = provider.key_provider.load_private_key(key).unwrap();
        Self(Arc::new(CertifiedKey::new(vec![CertificateDer::from(certificate.der.clone())], key)))
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// A client that speaks one version of TLS.
fn by_hand(house: &House, shown: Shown, version: &'static SupportedProtocolVersion) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let authority = house.authority.certificate();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
    let mut config = builder.with_root_certificates(roots).with_client_cert_resolver(Arc::new(shown));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Asks `/peer` in HTTP/1.1. Also gives the version of TLS and whether the handshake was a whole one.
async fn whoami_by_hand(
    house: &House,
    config: &Arc<ClientConfig>,
) -> io::Result<(String, ProtocolVersion, HandshakeKind)> {
    let stream = TcpStream::connect(house.address).await?;
    let name = "localhost".try_into().unwrap();
    let mut stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await?;
    let (_, session) = stream.get_ref();
    let (version, kind) = (session.protocol_version().unwrap(), session.handshake_kind().unwrap());
    assert_eq!(session.alpn_protocol(), Some(b"http/1.1".as_slice()));
    stream.write_all(b"GET /peer HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut told = String::new();
    stream.read_to_string(&mut told).await?;
    Ok((told, version, kind))
}

#[tokio::test]
async fn a_listener_with_a_certificate_speaks_tls_and_nothing_else() {
    let house = House::asking(ClientCertificates::None).await;
    assert_eq!(whoami(&house.client(None)).await.unwrap(), "nobody");
    let plain = connect(&format!("http://{}", house.address)).unwrap();
    assert!(whoami(&plain).await.is_err());
}

#[tokio::test]
async fn a_client_talks_to_nobody_its_authorities_do_not_vouch_for() {
    let house = House::asking(ClientCertificates::None).await;
    let stranger = House::asking(ClientCertificates::None).await;
    let tls = greenroom_rpc::tls::ClientTls {
        ca: Some(stranger.authority.write(stranger.folder.path(), "trusted")),
        ..Default::default()
    };
    let channel = greenroom_rpc::client::connect_with(&house.url(), Some(&tls)).unwrap();
    let refused = HealthClient::new(channel).check(HealthCheckRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unavailable, "{refused:?}");
}

#[tokio::test]
async fn where_a_certificate_is_optional_everybody_is_let_in_and_known_for_what_they_are() {
    let house = House::asking(ClientCertificates::Optional).await;
    assert_eq!(whoami(&house.client(None)).await.unwrap(), "nobody");
    let vouched_for = house.authority.client("backend");
    assert_eq!(whoami(&house.client(Some(&vouched_for))).await.unwrap(), "CN=backend Trusted");
    let own_word = Pair::self_signed("backend");
    assert_eq!(whoami(&house.client(Some(&own_word))).await.unwrap(), "CN=backend Untrusted");
    let other_authority = Authority::new("authority").client("backend");
    assert_eq!(whoami(&house.client(Some(&other_authority))).await.unwrap(), "CN=backend Untrusted");
    // Good for listeners only, by its extended key usage.
    let listener = house.authority.server();
    assert!(whoami(&house.client(Some(&listener))).await.unwrap().ends_with("Untrusted"));
}

#[tokio::test]
async fn a_grpc_handler_is_told_of_its_peer_as_well() {
    let house = House::asking(ClientCertificates::Optional).await;
    for (pair, expected) in
        [(None, "nobody"), (Some(house.authority.client("backend")), "CN=backend Trusted")]
    {
        let mut tokens = TokenServiceClient::new(house.client(pair.as_ref()));
        let told = tokens.list_signing_keys(ListSigningKeysRequest {}).await.unwrap().into_inner().jwks;
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn a_refused_handshake_is_told_as_a_service_that_is_not_there() {
    let house = House::asking(ClientCertificates::Required).await;
    let plain = connect(&format!("http://{}", house.address)).unwrap();
    for channel in [house.client(None), plain] {
        let refused = TokenServiceClient::new(channel).list_signing_keys(ListSigningKeysRequest {}).await;
        let status = unanswered(refused.unwrap_err());
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    }
}

#[tokio::test]
async fn where_a_certificate_is_required_only_those_of_the_authority_are_let_in() {
    let house = House::asking(ClientCertificates::Required).await;
    let vouched_for = house.authority.client("backend");
    assert_eq!(whoami(&house.client(Some(&vouched_for))).await.unwrap(), "CN=backend Trusted");
    assert!(whoami(&house.client(None)).await.is_err());
    for stranger in [Pair::self_signed("backend"), Authority::new("authority").client("backend")] {
        assert!(whoami(&house.client(Some(&stranger))).await.is_err());
    }
}

#[tokio::test]
async fn both_versions_of_tls_and_both_of_http_are_spoken() {
    let house = House::asking(ClientCertificates::Optional).await;
    let own_word = Pair::self_signed("backend");
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let client = by_hand(&house, Shown::new(&own_word, &own_word), version);
        let (told, spoken, _) = whoami_by_hand(&house, &client).await.unwrap();
        assert!(told.starts_with("HTTP/1.1 200") && told.ends_with("CN=backend Untrusted"), "{told}");
        assert_eq!(spoken, version.version);
    }
}

#[tokio::test]
async fn nobody_is_let_in_with_a_certificate_whose_key_they_do_not_hold() {
    let house = House::asking(ClientCertificates::Optional).await;
    let (theirs, own) = (house.authority.client("backend"), Pair::self_signed("thief"));
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let told = whoami_by_hand(&house, &by_hand(&house, Shown::new(&theirs, &own), version)).await;
        assert!(told.is_err(), "{told:?}");
    }
}

#[tokio::test]
async fn what_a_client_certificate_proves_is_proven_anew_for_every_connection() {
    let pair = Pair::self_signed("backend");
    let kinds = [
        (ClientCertificates::None, HandshakeKind::Resumed),
        (ClientCertificates::Optional, HandshakeKind::Full),
    ];
    for (asked, second) in kinds {
        let house = House::asking(asked).await;
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let client = by_hand(&house, Shown::new(&pair, &pair), version);
            assert_eq!(whoami_by_hand(&house, &client).await.unwrap().2, HandshakeKind::Full);
            assert_eq!(whoami_by_hand(&house, &client).await.unwrap().2, second, "{asked:?} {version:?}");
        }
    }
}

#[test]
fn a_certificate_tells_its_subject_and_its_alternative_names() {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "CN");
    params.distinguished_name.push(DnType::OrganizationName, "直播, Inc.");
    params.distinguished_name.push(DnType::CommonName, "backend+1");
    params.subject_alt_names = vec![
        SanType::DnsName("backend.example".try_into().unwrap()),
        SanType::DnsName("b.example".try_into().unwrap()),
        SanType::URI("spiffe://example/backend".try_into().unwrap()),
        SanType::IpAddress("192.0.2.7".parse().unwrap()),
        SanType::IpAddress("2001:db8::7".parse().unwrap()),
        SanType::Rfc822Name("ops@example.org".try_into().unwrap()),
    ];
    let pair = Authority::new("authority").sign(&params);
    let certificate = PeerCertificate::new(&pair.der, Chain::Trusted);

    assert_eq!(certificate.subject().unwrap(), r"CN=backend\+1,O=直播\, Inc.,C=CN");
    let names = certificate.alternative_names();
    assert_eq!(names.dns, ["backend.example", "b.example"]);
    assert_eq!(names.uri, ["spiffe://example/backend"]);
    assert_eq!(names.ip.iter().map(ToString::to_string).collect::<Vec<_>>(), ["192.0.2.7", "2001:db8::7"]);
    assert_eq!(names.email, ["ops@example.org"]);
}

#[test]
fn a_certificate_that_cannot_be_read_has_no_names() {
    let certificate = PeerCertificate::new(b"nothing", Chain::Untrusted);
    assert_eq!(certificate.subject(), None);
    assert_eq!(certificate.alternative_names(), AlternativeNames::default());
}
