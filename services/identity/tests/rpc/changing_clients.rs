//! Clients whose name, scopes, person or binding change.

use crate::tokens::{issue_with_secret, list_clients_with};
use crate::world::{Caller, MINA, World, assert_refused, fields, new_client};
use greenroom_auth::{KeyPurpose, KeySet, Verifier};
use greenroom_identity::AUDIENCE;
use greenroom_proto::identity::v1::{
    Client, CreateClientRequest, DisableClientRequest, GetClientRequest, ListClientsRequest,
    ListSigningKeysRequest, OrganizationRole, TokenBinding, UpdateClientRequest,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use prost_types::FieldMask;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);

pub async fn read(world: &World, id: &str) -> Client {
    let request = GetClientRequest { name: format!("clients/{id}") };
    world.operator().clients().get_client(request).await.unwrap().into_inner().client.unwrap()
}

pub async fn update(caller: &Caller, client: Client, paths: &[&str]) -> Result<Client, Status> {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    let update_mask = Some(FieldMask { paths });
    let request = UpdateClientRequest { client: Some(client), update_mask, ..Default::default() };
    Ok(caller.clients().update_client(request).await?.into_inner().client.unwrap())
}

fn named(id: &str) -> Client {
    Client { name: format!("clients/{id}"), ..Default::default() }
}

fn scopes(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

#[tokio::test]
async fn a_scope_taken_away_refuses_the_tokens_so_far_and_one_given_does_not() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read", "persons.read"]).await;
    let token = issue_with_secret(&world, "till", &secret).await.unwrap().access_token;
    let more = Client {
        scopes: scopes(&["persons.write", "persons.read", "clients.read"]),
        display_name: "Till 2".to_owned(),
        ..named("till")
    };
    let changed = update(&world.operator(), more, &[]).await.unwrap();
    assert_eq!(changed.scopes, scopes(&["clients.read", "persons.read", "persons.write"]));
    assert_eq!(changed.display_name, "Till 2");
    list_clients_with(&world, &token).await.unwrap();

    let less = Client { scopes: scopes(&["clients.read"]), etag: changed.etag, ..named("till") };
    update(&world.operator(), less.clone(), &["scopes"]).await.unwrap();
    assert_refused(list_clients_with(&world, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
    world.clock.advance(SECOND);
    let issued = issue_with_secret(&world, "till", &secret).await.unwrap();
    assert_eq!(issued.scope, "clients.read");
    list_clients_with(&world, &issued.access_token).await.unwrap();
    assert_refused(update(&world.operator(), less, &["scopes"]).await, Code::Aborted, "ETAG_MISMATCH");
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn an_administrators_tokens_carry_the_name_its_organization_has_for_the_person() {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let rival = world.platform("rival").await;
    let (person, foreign) = (shop.register(MINA).await, rival.register(MINA).await);
    let with = |person: &str| Client { person: person.to_owned(), ..named("shop") };
    for unknown in [foreign.as_str(), "persons/nobody"] {
        let refused = update(&world.operator(), with(unknown), &[]).await;
        assert_refused(refused, Code::NotFound, "PERSON_NOT_FOUND");
    }
    let changed = update(&world.operator(), with(&person), &["person"]).await.unwrap();
    assert_eq!(changed.person, person);

    let mut request = new_client("desk", "shop", &["persons.read"]);
    let client = request.client.take().unwrap();
    let desk = |person: &str| CreateClientRequest {
        client: Some(Client { person: person.to_owned(), ..client.clone() }),
        ..request.clone()
    };
    let refused = world.operator().clients().create_client(desk(&foreign)).await;
    assert_refused(refused, Code::NotFound, "PERSON_NOT_FOUND");
    let secret =
        world.operator().clients().create_client(desk(&person)).await.unwrap().into_inner().client_secret;
    let token = issue_with_secret(&world, "desk", &secret).await.unwrap().access_token;
    let jwks =
        world.token_service().list_signing_keys(ListSigningKeysRequest {}).await.unwrap().into_inner().jwks;
    let keys = KeySet::from_jwks(jwks.as_bytes(), KeyPurpose::TokenSigning).unwrap();
    let verifier = Verifier::new(crate::world::ISSUER, AUDIENCE);
    let verified = verifier.verify(&token, &keys, world.clock.now()).unwrap();
    assert_eq!(verified.claims().person.as_ref().map(greenroom_domain::kernel::Id::name), Some(person));

    let nobody = update(&world.operator(), named("desk"), &["person"]).await.unwrap();
    assert_eq!(nobody.person, "");
}

#[tokio::test]
async fn everything_malformed_in_a_change_is_told_at_once() {
    let world = World::start().await;
    let wrong = Client {
        name: "till".to_owned(),
        scopes: scopes(&["persons.everything"]),
        person: "nobody".to_owned(),
        token_binding: 9,
        ..Default::default()
    };
    let mask = ["display_name", "scopes", "person", "token_binding", "organization"];
    let refused = update(&world.operator(), wrong, &mask).await;
    let status = assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    let expected = [
        "client.name",
        "update_mask.paths[4]",
        "client.display_name",
        "client.scopes[0]",
        "client.person",
        "client.token_binding",
    ];
    assert_eq!(fields(&status), expected);
    let slip = Client { scopes: scopes(&["persons.reed"]), ..named("till") };
    let status = update(&world.operator(), slip, &["scopes"]).await.unwrap_err();
    let told = status.get_details_bad_request().unwrap().field_violations.remove(0).description;
    assert!(told.contains("`persons.reed`") && told.contains("`persons.read`"), "{told}");
}

#[tokio::test]
async fn a_client_gets_no_scope_that_its_organization_can_never_use() {
    let world = World::start().await;
    world.platform("shop").await;
    let wanted = ["permissions.check", "persons.resolve", "signing_keys.write"];
    let refused = world.operator().clients().create_client(new_client("till", "shop", &wanted)).await;
    let status = assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    let told = status.get_details_bad_request().unwrap().field_violations;
    let said: Vec<_> = told.iter().map(|one| (one.field.as_str(), one.description.as_str())).collect();
    let serves = |scope| {
        format!(
            "`{scope}` serves organizations with role SUITE_OPERATOR alone; `organizations/shop` is PLATFORM"
        )
    };
    let (first, second) = (serves("persons.resolve"), serves("signing_keys.write"));
    assert_eq!(said, [("client.scopes", first.as_str()), ("client.scopes", second.as_str())]);
    let change = Client { scopes: scopes(&wanted), ..named("shop") };
    let refused = update(&world.operator(), change, &["scopes"]).await;
    assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    world.client("till", "shop", &["permissions.check"]).await;
}

#[tokio::test]
async fn a_disabled_client_does_not_change_and_the_last_administrator_keeps_its_scope() {
    let world = World::start().await;
    world.platform("shop").await;
    let request = DisableClientRequest { name: "clients/shop".to_owned(), ..Default::default() };
    world.operator().clients().disable_client(request).await.unwrap();
    let rename = |id: &str| Client { display_name: "New".to_owned(), ..named(id) };
    let refused = update(&world.operator(), rename("shop"), &[]).await;
    assert_refused(refused, Code::FailedPrecondition, "CLIENT_DISABLED");
    assert_refused(
        update(&world.operator(), rename("nobody"), &[]).await,
        Code::NotFound,
        "CLIENT_NOT_FOUND",
    );

    let without = Client { scopes: scopes(&["clients.read"]), ..named("suite-operator") };
    let refused = update(&world.operator(), without.clone(), &["scopes"]).await;
    assert_refused(refused, Code::FailedPrecondition, "LAST_OPERATOR_CLIENT");
    world.client("second", "suite", &["clients.write"]).await;
    update(&world.operator(), without, &["scopes"]).await.unwrap();
}

#[tokio::test]
async fn binding_the_tokens_refuses_those_that_are_not_bound() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read"]).await;
    let token = issue_with_secret(&world, "till", &secret).await.unwrap().access_token;
    let bound = Client { token_binding: TokenBinding::ClientCertificate.into(), ..named("till") };
    let changed = update(&world.operator(), bound, &[]).await.unwrap();
    assert_eq!(changed.token_binding(), TokenBinding::ClientCertificate);
    assert_refused(list_clients_with(&world, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
}

#[tokio::test]
async fn clients_whose_credentials_end_are_listed_before_they_do() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    for (id, days) in [("one", Some(5)), ("two", Some(50)), ("three", None), ("four", Some(6))] {
        let end = days.map(|days| timestamp(world.clock.now().plus(DAY * days)));
        let request = CreateClientRequest {
            credential_not_after_time: end,
            ..new_client(id, "shop", &["clients.read"])
        };
        world.operator().clients().create_client(request).await.unwrap();
    }
    let disabled = DisableClientRequest { name: "clients/four".to_owned(), ..Default::default() };
    world.operator().clients().disable_client(disabled).await.unwrap();
    let ending = |days: u32, page_token: String| ListClientsRequest {
        credential_ends_before_time: Some(timestamp(world.clock.now().plus(DAY * days))),
        page_size: 1,
        page_token,
        ..Default::default()
    };
    let mut clients = world.operator().clients();
    let first = clients.list_clients(ending(51, String::new())).await.unwrap().into_inner();
    assert_eq!(first.clients.first().unwrap().name, "clients/one");
    let foreign = clients.list_clients(ending(6, first.next_page_token.clone())).await;
    assert_refused(foreign, Code::InvalidArgument, "PAGE_TOKEN_INVALID");
    let second = clients.list_clients(ending(51, first.next_page_token)).await.unwrap().into_inner();
    assert_eq!(
        (second.clients.first().unwrap().name.as_str(), second.next_page_token.as_str()),
        ("clients/two", "")
    );
    let soon = clients.list_clients(ending(6, String::new())).await.unwrap().into_inner();
    assert_eq!((soon.clients.len(), soon.next_page_token.as_str()), (1, ""));
}
