use crate::world::{
    Caller, World, assert_refused, fields, new_client, new_organization, refused_since, request_id,
};
use greenroom_proto::identity::v1::create_client_request::Credential;
use greenroom_proto::identity::v1::{
    ClientCredentialType, ClientState, CreateClientRequest, CreateOrganizationRequest, DisableClientRequest,
    GetClientRequest, GetOrganizationRequest, ListClientsRequest, ListOrganizationsRequest, Organization,
    OrganizationRole,
};
use greenroom_rpc::clock::Clock as _;
use std::time::Duration;
use tonic::Code;

#[tokio::test]
async fn an_organization_is_created_once_and_read_back() {
    let world = World::start().await;
    let mut organizations = world.operator().organizations();
    let request = new_organization("shop", &[OrganizationRole::Issuer, OrganizationRole::Platform]);
    let created = organizations.create_organization(request.clone()).await.unwrap().into_inner();
    assert!(!created.revision.is_empty());

    let name = "organizations/shop".to_owned();
    let read = organizations.get_organization(GetOrganizationRequest { name }).await.unwrap().into_inner();
    assert_eq!(read.organization, created.organization);
    let roles: Vec<_> = read.organization.unwrap().roles().collect();
    assert_eq!(roles, [OrganizationRole::Platform, OrganizationRole::Issuer]);

    let again = organizations.create_organization(request).await;
    assert_refused(again, Code::AlreadyExists, "ORGANIZATION_EXISTS");
}

#[tokio::test]
async fn everything_malformed_is_told_at_once() {
    let world = World::start().await;
    let request = CreateOrganizationRequest {
        organization_id: "Shop!".to_owned(),
        organization: Some(Organization { roles: vec![0, 77], ..Default::default() }),
        ..Default::default()
    };
    let refused = world.operator().organizations().create_organization(request).await;
    let status = assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    let expected =
        ["organization_id", "organization.display_name", "organization.roles[0]", "organization.roles[1]"];
    assert_eq!(fields(&status), expected);
}

#[tokio::test]
async fn a_platform_sees_itself_and_nothing_that_proves_others_exist() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    world.platform("rival").await;

    let listed = shop.organizations().list_organizations(ListOrganizationsRequest::default()).await.unwrap();
    let names: Vec<_> = listed.into_inner().organizations.into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["organizations/shop"]);
    for name in ["organizations/rival", "organizations/nobody"] {
        let read =
            shop.organizations().get_organization(GetOrganizationRequest { name: name.to_owned() }).await;
        assert_refused(read, Code::NotFound, "ORGANIZATION_NOT_FOUND");
    }

    let listed = shop.clients().list_clients(ListClientsRequest::default()).await.unwrap();
    let names: Vec<_> = listed.into_inner().clients.into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["clients/shop"]);
    let read = shop.clients().get_client(GetClientRequest { name: "clients/rival".to_owned() }).await;
    assert_refused(read, Code::NotFound, "CLIENT_NOT_FOUND");
    let others = ListClientsRequest { organization: "organizations/rival".to_owned(), ..Default::default() };
    assert!(shop.clients().list_clients(others).await.unwrap().into_inner().clients.is_empty());
}

#[tokio::test]
async fn only_the_operator_of_the_suite_creates_organizations() {
    let world = World::start().await;
    let shop = world.former_operator("shop", &["organizations.write"]).await;
    let refused =
        shop.organizations().create_organization(new_organization("x", &[OrganizationRole::Agency])).await;
    assert_refused(refused, Code::PermissionDenied, "ROLE_MISSING");
}

#[tokio::test]
async fn pages_show_every_client_once_with_its_credentials() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    for index in 0..7 {
        world.client(&format!("shop-{index}"), "shop", &["persons.read"]).await;
    }
    let (mut names, mut page_token) = (Vec::new(), String::new());
    loop {
        let organization = "organizations/shop".to_owned();
        let request = ListClientsRequest { organization, page_size: 3, page_token, ..Default::default() };
        let page = world.operator().clients().list_clients(request).await.unwrap().into_inner();
        assert!(page.clients.iter().all(|client| client.credentials.len() == 1));
        names.extend(page.clients.into_iter().map(|client| client.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(names, (0..7).map(|index| format!("clients/shop-{index}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_token_of_another_list_is_refused() {
    let world = World::start().await;
    let mut clients = world.operator().clients();
    let first = ListClientsRequest { page_size: 1, ..Default::default() };
    let page_token = clients.list_clients(first).await.unwrap().into_inner().next_page_token;
    let other = ListClientsRequest {
        organization: "organizations/suite".to_owned(),
        page_size: 1,
        page_token,
        ..Default::default()
    };
    assert_refused(clients.list_clients(other).await, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
}

#[tokio::test]
async fn a_repeated_request_is_answered_with_the_same_secret() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let request =
        CreateClientRequest { request_id: request_id(), ..new_client("till", "shop", &["persons.read"]) };
    let first = world.operator().clients().create_client(request.clone()).await.unwrap().into_inner();
    assert!(first.client_secret.starts_with("gr_"));
    let world = world.restart().await;
    let second = world.operator().clients().create_client(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, second);

    let other = CreateClientRequest { client_id: "other".to_owned(), ..request };
    let reused = world.operator().clients().create_client(other).await;
    assert_refused(reused, Code::InvalidArgument, "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn a_generated_secret_needs_a_request_id_without_which_it_could_be_lost() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    for validate_only in [true, false] {
        let request = CreateClientRequest {
            request_id: String::new(),
            validate_only,
            ..new_client("till", "shop", &["persons.read"])
        };
        let refused = world.operator().clients().create_client(request).await;
        let status = assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
        assert_eq!(fields(&status), ["request_id"]);
    }
}

#[tokio::test]
async fn the_last_client_that_can_administer_the_suite_is_not_disabled() {
    let world = World::start().await;
    let disable = async |caller: &Caller, id: &str| {
        let request = DisableClientRequest { name: format!("clients/{id}"), ..Default::default() };
        caller.clients().disable_client(request).await
    };
    let operator = world.operator();
    let refused = disable(&operator, "suite-operator").await;
    assert_refused(refused, Code::FailedPrecondition, "LAST_OPERATOR_CLIENT");
    // The suite's own services administer nothing.
    disable(&operator, "registry").await.unwrap();

    let secret = world.client("second", "suite", &["clients.write"]).await;
    let second = world.with_secret("second", &secret);
    disable(&second, "suite-operator").await.unwrap();
    assert_refused(disable(&second, "second").await, Code::FailedPrecondition, "LAST_OPERATOR_CLIENT");
}

#[tokio::test]
async fn validating_stores_nothing_and_makes_no_secret() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let request =
        CreateClientRequest { validate_only: true, ..new_client("till", "shop", &["persons.read"]) };
    let answer = world.operator().clients().create_client(request).await.unwrap().into_inner();
    assert_eq!((answer.client_secret.as_str(), answer.revision.as_str()), ("", ""));
    assert_eq!(answer.client.unwrap().name, "clients/till");
    let read = GetClientRequest { name: "clients/till".to_owned() };
    assert_refused(world.operator().clients().get_client(read).await, Code::NotFound, "CLIENT_NOT_FOUND");
}

#[tokio::test]
async fn a_client_needs_known_scopes_a_known_organization_and_a_usable_key() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let mut clients = world.operator().clients();

    let unknown_scope =
        clients.create_client(new_client("till", "shop", &["persons.read", "persons.everything"]));
    let status = assert_refused(unknown_scope.await, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["client.scopes[1]"]);

    let nowhere = clients.create_client(new_client("till", "nobody", &["persons.read"])).await;
    assert_refused(nowhere, Code::NotFound, "ORGANIZATION_NOT_FOUND");

    let shared = r#"{"kty":"oct","k":"c2VjcmV0"}"#.to_owned();
    let unusable = CreateClientRequest {
        credential: Some(Credential::PublicJwk(shared)),
        ..new_client("till", "shop", &["persons.read"])
    };
    let refused =
        assert_refused(clients.create_client(unusable).await, Code::InvalidArgument, "KEY_UNUSABLE");
    assert!(!refused.message().contains("c2VjcmV0"));
}

#[tokio::test]
async fn a_client_shows_its_public_key_and_never_a_private_one() {
    let world = World::start().await;
    let read = GetClientRequest { name: "clients/certification".to_owned() };
    let client = world.operator().clients().get_client(read).await.unwrap().into_inner().client.unwrap();
    let [credential] = client.credentials.as_slice() else { panic!("one credential") };
    assert_eq!(credential.r#type(), ClientCredentialType::PublicKey);
    assert!(
        credential.public_jwk.contains(r#""crv":"Ed25519""#) && !credential.public_jwk.contains(r#""d":"#)
    );
}

#[tokio::test]
async fn a_disabled_client_loses_access_at_once_and_for_good() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let list = || ListClientsRequest::default();
    let client = shop.clients().list_clients(list()).await.unwrap().into_inner().clients.remove(0);

    let request = DisableClientRequest { name: client.name, etag: client.etag, ..Default::default() };
    let disabled = world.operator().clients().disable_client(request.clone()).await.unwrap().into_inner();
    assert_eq!(disabled.client.unwrap().state(), ClientState::Disabled);

    let refused = refused_since(async || shop.clients().list_clients(list()).await).await;
    assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");
    // The caller has dropped its token by now and asks for another.
    let refused = shop.clients().list_clients(list()).await;
    assert_refused(refused, Code::PermissionDenied, "CLIENT_DISABLED");

    let stale = world.operator().clients().disable_client(request.clone()).await;
    assert_refused(stale, Code::Aborted, "ETAG_MISMATCH");
    let again = DisableClientRequest { etag: String::new(), ..request };
    world.operator().clients().disable_client(again).await.unwrap();
}

#[tokio::test]
async fn a_restarted_service_still_refuses_the_tokens_of_a_disabled_client() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read"]).await;
    let token = crate::tokens::issue_with_secret(&world, "till", &secret).await.unwrap();
    let request = DisableClientRequest { name: "clients/till".to_owned(), ..Default::default() };
    world.operator().clients().disable_client(request).await.unwrap();

    let world = world.restart().await;
    let refused = crate::tokens::list_clients_with(&world, &token.access_token).await;
    assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");
}

#[tokio::test]
async fn a_token_issued_after_the_decision_to_disable_its_client_is_refused_too() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read"]).await;
    // Issued a minute after the instant at which the client is disabled below: as if that commit had waited so long.
    let minute = Duration::from_mins(1);
    let ahead = world.replica_at(world.clock.now().plus(minute)).await;
    let token = crate::tokens::issue_with_secret(&ahead, "till", &secret).await.unwrap();
    let request = DisableClientRequest { name: "clients/till".to_owned(), ..Default::default() };
    world.operator().clients().disable_client(request).await.unwrap();
    world.clock.advance(minute);
    let refused = crate::tokens::list_clients_with(&world, &token.access_token).await;
    assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");
    let world = world.restart().await;
    let refused = crate::tokens::list_clients_with(&world, &token.access_token).await;
    assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");
}
