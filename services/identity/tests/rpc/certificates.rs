//! Clients that prove themselves by the certificate of their connection, and tokens that are bound to one (RFC 8705).

use crate::credentials::add_key;
use crate::fake_source::{FakeSource, begin, job_in, says};
use crate::tokens::secret_proof;
use crate::world::{World, assert_refused};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenroom_domain::kernel::Timestamp;
use greenroom_identity::{AUDIENCE, ProofingSource};
use greenroom_proto::identity::source::v1::CheckVerdict;
use greenroom_proto::identity::v1::add_client_key_request::Credential as Added;
use greenroom_proto::identity::v1::client_certificate::Match;
use greenroom_proto::identity::v1::client_service_client::ClientServiceClient;
use greenroom_proto::identity::v1::issue_token_request::Proof;
use greenroom_proto::identity::v1::token_service_client::TokenServiceClient;
use greenroom_proto::identity::v1::{
    Client, ClientCertificate, IntrospectTokenRequest, IntrospectTokenResponse, IssueTokenRequest,
    IssueTokenResponse, ListClientsRequest, OrganizationRole, ProofingJobState, TokenBinding,
    UpdateClientRequest,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::tls::{ClientCertificates, ClientTls, ServerTls};
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::{Authority, Pair};
use prost_types::FieldMask;
use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, SanType};
use serde_json::{Value, json};
use std::future::poll_fn;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tonic::client::GrpcService as _;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

const GRANT: &str = "grant_type=client_credentials&client_id=till";
const METADATA: &str = "/.well-known/oauth-authorization-server";

/// A service over TLS, the authority that vouches for everybody, and a till that has a secret so far.
struct Shop {
    world: World,
    authority: Authority,
    secret: String,
    _certificates: TempDir,
}

fn section(folder: &Path, authority: &Authority, asked: ClientCertificates) -> ServerTls {
    let (certificate, private_key) = authority.server().write(folder, "server");
    let client_ca = Some(authority.write(folder, "authority"));
    ServerTls { certificate, private_key, client_ca, client_certificates: asked }
}

async fn shop() -> Shop {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("authority"));
    let tls = section(folder.path(), &authority, ClientCertificates::Optional);
    let world = World::with(|config| config.tls = Some(tls)).await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read", "tokens.introspect"]).await;
    Shop { world, authority, secret, _certificates: folder }
}

impl Shop {
    async fn accept(&self, accepted: Match, not_after: Option<Timestamp>) -> Result<Client, Status> {
        let certificate = ClientCertificate { r#match: Some(accepted) };
        add_key(&self.world, "till", Added::Certificate(certificate), not_after).await
    }

    async fn issue(&self, proof: Proof, shown: Option<&Pair>) -> Result<IssueTokenResponse, Status> {
        let request =
            IssueTokenRequest { proof: Some(proof), audience: AUDIENCE.to_owned(), scopes: Vec::new() };
        let mut service = TokenServiceClient::new(self.world.showing(shown));
        Ok(service.issue_token(request).await?.into_inner())
    }

    async fn sign_in(&self, client: &str, shown: Option<&Pair>) -> Result<IssueTokenResponse, Status> {
        self.issue(Proof::CertificateClientId(client.to_owned()), shown).await
    }

    async fn is_let_in(&self, shown: &Pair) -> bool {
        match self.sign_in("till", Some(shown)).await {
            Ok(_) => true,
            refused => {
                assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
                false
            }
        }
    }

    async fn list_clients(&self, token: &str, shown: Option<&Pair>) -> Result<(), Status> {
        let mut service = ClientServiceClient::new(self.world.showing(shown));
        service.list_clients(bearing(token, ListClientsRequest::default())).await.map(drop)
    }

    async fn introspect(&self, token: &str, shown: &Pair) -> IntrospectTokenResponse {
        let mut service = TokenServiceClient::new(self.world.showing(Some(shown)));
        let request = IntrospectTokenRequest { token: token.to_owned() };
        service.introspect_token(bearing(token, request)).await.unwrap().into_inner()
    }

    async fn post(&self, path: &str, form: &str, shown: Option<&Pair>) -> (u16, Value) {
        let request = http::Request::post(path).header("content-type", crate::oauth::FORM);
        send(self.world.showing(shown), request, form).await
    }
}

fn bearing<M>(token: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

async fn send(mut channel: Channel, request: http::request::Builder, body: &str) -> (u16, Value) {
    let body = tonic::body::Body::new(axum::body::Body::from(body.to_owned()));
    poll_fn(|context| channel.poll_ready(context)).await.unwrap();
    let answer = channel.call(request.body(body).unwrap()).await.unwrap();
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(axum::body::Body::new(answer.into_body()), 65_536).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

fn thumbprint(pair: &Pair) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &pair.der);
    URL_SAFE_NO_PAD.encode(hash.as_ref())
}

/// A client's certificate with every kind of name.
fn named() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CountryName, "CN");
    params.distinguished_name.push(DnType::OrganizationName, "样例, Inc.");
    params.distinguished_name.push(DnType::CommonName, "till");
    params.subject_alt_names = vec![
        SanType::DnsName("Till.Example".try_into().unwrap()),
        SanType::URI("spiffe://example/till".try_into().unwrap()),
        SanType::IpAddress("2001:db8::7".parse().unwrap()),
        SanType::Rfc822Name("Till@Shop.Example".try_into().unwrap()),
    ];
    params
}

#[tokio::test]
async fn a_client_proves_itself_by_the_one_certificate_it_is_registered_with() {
    let shop = shop().await;
    let (own, other) = (Pair::self_signed("till"), Pair::self_signed("till"));
    let end = shop.world.clock.now().plus(Duration::from_hours(1));
    shop.accept(Match::X5tS256(thumbprint(&own)), Some(end)).await.unwrap();
    let issued = shop.sign_in("till", Some(&own)).await.unwrap();
    assert_eq!(issued.credential_not_after_time, Some(timestamp(end)));
    let mut messages = Vec::new();
    for (client, shown) in [
        ("till", None),
        ("till", Some(&other)),
        ("nobody", Some(&own)),
        ("nobody", None),
        ("No Client!", Some(&own)),
        ("suite-operator", Some(&own)),
    ] {
        let refused = shop.sign_in(client, shown).await;
        let refused = assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
        messages.push(refused.message().to_owned());
    }
    messages.dedup();
    assert_eq!(messages.len(), 1, "{messages:?}");
    shop.world.clock.advance(Duration::from_hours(1));
    assert!(!shop.is_let_in(&own).await);
    let report = shop.world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_name_counts_where_the_authority_vouches_for_it_and_nowhere_else() {
    let shop = shop().await;
    let own = shop.authority.sign(&named());
    let strangers = [Authority::new("authority").sign(&named()), shop.authority.client("another")];
    let text = str::to_owned;
    for (right, wrong) in [
        (Match::SanDns(text("till.example")), Match::SanDns(text("example"))),
        (Match::SanUri(text("spiffe://example/till")), Match::SanUri(text("spiffe://example/Till"))),
        (Match::SanIp(text("2001:db8:0::7")), Match::SanIp(text("2001:db8::8"))),
        (Match::SanEmail(text("Till@shop.example")), Match::SanEmail(text("till@shop.example"))),
        (Match::SubjectDn(text(r"cn=till, o=样例\, Inc., c=CN")), Match::SubjectDn(text("CN=till"))),
    ] {
        let key_ids = |client: Client| {
            let ids = client.credentials.into_iter().map(|credential| credential.key_id);
            ids.filter(|id| id.starts_with("cert-")).collect::<Vec<_>>()
        };
        for (accepted, fits) in [(wrong, false), (right, true)] {
            let added = key_ids(shop.accept(accepted.clone(), None).await.unwrap());
            assert_eq!(shop.is_let_in(&own).await, fits, "{accepted:?}");
            for stranger in &strangers {
                assert!(!shop.is_let_in(stranger).await, "{accepted:?}");
            }
            for key_id in added {
                crate::credentials::revoke_key(&shop.world, "till", &key_id).await.unwrap();
            }
            assert!(!shop.is_let_in(&own).await, "{accepted:?}");
            // Refused attempts count against the address.
            shop.world.clock.advance(Duration::from_hours(1));
        }
    }
}

#[tokio::test]
async fn a_subject_is_compared_however_it_was_written() {
    let shop = shop().await;
    let own = shop.authority.sign(&named());
    for text in [
        r"CN=till,O=样例\, Inc.,C=CN",
        r"CN = till, O = 样例\2C Inc., C = CN",
        r"2.5.4.3=till,organizationName=样例\, Inc.,countryName=CN",
    ] {
        let client = shop.accept(Match::SubjectDn(text.to_owned()), None).await.unwrap();
        let form = Match::SubjectDn(r"CN=till,O=样例\, Inc.,C=CN".to_owned());
        let added = client.credentials.into_iter().find(|one| one.certificate.is_some()).unwrap();
        assert_eq!(added.certificate.unwrap().r#match, Some(form));
        assert!(shop.is_let_in(&own).await, "{text}");
        crate::credentials::revoke_key(&shop.world, "till", &added.key_id).await.unwrap();
    }
    let unreadable = shop.accept(Match::SubjectDn("nickname=till".to_owned()), None).await;
    assert_refused(unreadable, Code::InvalidArgument, "FIELDS_INVALID");
}

#[tokio::test]
async fn a_token_obtained_by_a_certificate_is_bound_to_it() {
    let shop = shop().await;
    let (own, other) = (Pair::self_signed("till"), Pair::self_signed("till"));
    shop.accept(Match::X5tS256(thumbprint(&own)), None).await.unwrap();
    let token = shop.sign_in("till", Some(&own)).await.unwrap().access_token;
    // The second round meets a token that was verified before.
    for _ in 0..2 {
        shop.list_clients(&token, Some(&own)).await.unwrap();
        for shown in [None, Some(&other)] {
            let refused = shop.list_clients(&token, shown).await;
            assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");
        }
    }
    assert_eq!(shop.introspect(&token, &own).await.x5t_s256, thumbprint(&own));
    // With its secret it gets a token for everybody who holds it, whatever it shows.
    let bearer = shop.issue(secret_proof("till", &shop.secret), Some(&own)).await.unwrap().access_token;
    shop.list_clients(&bearer, None).await.unwrap();
    assert_eq!(shop.introspect(&bearer, &own).await.x5t_s256, "");
}

#[tokio::test]
async fn a_client_whose_tokens_are_bound_gets_none_without_a_certificate() {
    let shop = shop().await;
    let own = Pair::self_signed("anything");
    let request = UpdateClientRequest {
        client: Some(Client {
            name: "clients/till".to_owned(),
            token_binding: TokenBinding::ClientCertificate.into(),
            ..Default::default()
        }),
        update_mask: Some(FieldMask { paths: vec!["token_binding".to_owned()] }),
        ..Default::default()
    };
    shop.world.operator().clients().update_client(request).await.unwrap();
    let proof = || secret_proof("till", &shop.secret);
    assert_refused(shop.issue(proof(), None).await, Code::InvalidArgument, "CERTIFICATE_MISSING");
    let wrong = shop.issue(secret_proof("till", "gr_wrong"), None).await;
    assert_refused(wrong, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
    let form = format!("{GRANT}&client_secret={}", shop.secret);
    let (status, answer) = shop.post("/oauth2/token", &form, None).await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_request")));

    let token = shop.issue(proof(), Some(&own)).await.unwrap().access_token;
    shop.list_clients(&token, Some(&own)).await.unwrap();
    assert_refused(shop.list_clients(&token, None).await, Code::Unauthenticated, "TOKEN_REFUSED");
    let (_, answer) = shop.post("/oauth2/token", &form, Some(&own)).await;
    let told = shop.introspect(answer["access_token"].as_str().unwrap(), &own).await;
    assert_eq!(told.x5t_s256, thumbprint(&own));
}

#[tokio::test]
async fn over_http_the_client_id_alone_is_enough_beside_a_certificate() {
    let shop = shop().await;
    let (own, other) = (Pair::self_signed("till"), Pair::self_signed("till"));
    shop.accept(Match::X5tS256(thumbprint(&own)), None).await.unwrap();
    let (status, answer) = shop.post("/oauth2/token", GRANT, Some(&own)).await;
    assert_eq!((status, &answer["token_type"]), (200, &json!("Bearer")), "{answer}");
    let token = answer["access_token"].as_str().unwrap();
    shop.list_clients(token, Some(&own)).await.unwrap();
    assert_refused(shop.list_clients(token, None).await, Code::Unauthenticated, "TOKEN_REFUSED");

    let asked = format!("client_id=till&token={token}");
    let (status, told) = shop.post("/oauth2/introspect", &asked, Some(&own)).await;
    assert_eq!((status, &told["cnf"]), (200, &json!({"x5t#S256": thumbprint(&own)})), "{told}");
    assert_eq!(shop.post("/oauth2/revoke", &asked, Some(&own)).await.0, 200);
    let refused = crate::world::refused_since(async || shop.list_clients(token, Some(&own)).await).await;
    assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");

    let of_another = GRANT.replace("till", "nobody");
    let with_secret = format!("{GRANT}&client_secret=gr_wrong");
    for (form, shown) in
        [(GRANT, None), (GRANT, Some(&other)), (&of_another, Some(&own)), (&with_secret, Some(&own))]
    {
        let (status, answer) = shop.post("/oauth2/token", form, shown).await;
        assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")), "{form}");
    }
}

#[tokio::test]
async fn the_metadata_tell_what_certificates_are_good_for() {
    let (by_name, by_thumbprint) = (json!("tls_client_auth"), json!("self_signed_tls_client_auth"));
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("authority"));
    let asking = |asked| Some(section(folder.path(), &authority, asked));
    let nobody_trusted = asking(ClientCertificates::Optional).map(|tls| ServerTls { client_ca: None, ..tls });
    for (tls, told) in [
        (asking(ClientCertificates::Optional), vec![by_name, by_thumbprint.clone()]),
        (nobody_trusted, vec![by_thumbprint]),
        (asking(ClientCertificates::None), Vec::new()),
        (None, Vec::new()),
    ] {
        let world = World::with(|config| config.tls = tls).await;
        let (status, document) = send(world.channel(), http::Request::get(METADATA), "").await;
        assert_eq!(status, 200);
        for endpoint in ["token", "introspection", "revocation"] {
            let methods = document[format!("{endpoint}_endpoint_auth_methods_supported")].as_array().unwrap();
            assert_eq!(methods.get(3..), Some(told.as_slice()), "{methods:?}");
        }
        assert_eq!(document["tls_client_certificate_bound_access_tokens"], !told.is_empty());
    }
}

#[tokio::test]
async fn a_source_is_shown_the_certificate_that_is_configured_for_it() {
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("authority"));
    let tls = section(folder.path(), &authority, ClientCertificates::Required);
    let fake = FakeSource::start_over_tls(says(CheckVerdict::Match), &tls).await;
    let (certificate, private_key) = authority.client("identity").write(folder.path(), "identity");
    let client_tls =
        ClientTls { ca: tls.client_ca, certificate: Some(certificate), private_key: Some(private_key) };
    let police = ProofingSource { client_tls: Some(client_tls), ..fake.configured("police") };
    let world = World::with(|config| config.proofing_sources.push(police)).await;
    let platform = world.platform("shop").await;
    let mina = platform.register(crate::world::MINA).await;
    let job = begin(&platform, &mina, "police").await.unwrap();
    job_in(&platform, &job.name, ProofingJobState::Concluded).await;
}
