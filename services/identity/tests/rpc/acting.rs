//! Persons who act through clients.

use crate::changing_clients::update;
use crate::proofing::{attested, record};
use crate::retention::{erase, freeze, pairwise, unfreeze};
use crate::tokens::{issue_with_secret, list_clients_with};
use crate::world::{
    Caller, MINA, World, assert_refused, card, claim, new_client, new_organization, refused_since,
};
use greenroom_proto::identity::v1::person_registration::Identity;
use greenroom_proto::identity::v1::person_registration_outcome::Outcome;
use greenroom_proto::identity::v1::{
    BatchRegisterPersonsRequest, Client, CreateClientRequest, DisableClientRequest, FreezePersonRequest,
    ListProofingsRequest, OrganizationRole, PersonRegistration, ProofingResult,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use std::time::Duration;
use tonic::{Code, Status};

const SCOPES: [&str; 4] = ["clients.read", "persons.proof", "persons.read", "persons.write"];

/// A client through which a person acts, and its secret.
async fn acting(world: &World, organization: &str, person: &str, scopes: &[&str]) -> Result<String, Status> {
    let mut request = new_client(&format!("{organization}-desk"), organization, scopes);
    let client = request.client.take().unwrap();
    let client = Some(Client { person: person.to_owned(), ..client });
    let request = CreateClientRequest { client, ..request };
    Ok(world.operator().clients().create_client(request).await?.into_inner().client_secret)
}

struct Scene {
    world: World,
    shop: Caller,
    mina: String,
    secret: String,
    desk: Caller,
}

async fn scene() -> Scene {
    let world = World::start().await;
    let shop = world.platform("shop").await;
    let mina = shop.register(MINA).await;
    let secret = acting(&world, "shop", &mina, &SCOPES).await.unwrap();
    let desk = world.with_secret("shop-desk", &secret);
    Scene { world, shop, mina, secret, desk }
}

#[tokio::test]
async fn nobody_attests_who_they_are_themselves() {
    let Scene { world, shop, mina, desk, .. } = scene().await;
    let other = shop.register(("样例少年", &card("20000101", 1))).await;
    let refused = record(&desk, &mina, attested(ProofingResult::Match)).await;
    assert_refused(refused, Code::FailedPrecondition, "ATTESTOR_IS_PERSON");
    let item = |claim| PersonRegistration {
        identity: Some(Identity::Claim(claim)),
        proofing: Some(attested(ProofingResult::Match)),
    };
    let registrations = vec![item(claim(MINA.0, MINA.1)), item(claim("样例少年", &card("20000101", 1)))];
    let request = BatchRegisterPersonsRequest { registrations, ..Default::default() };
    let outcomes = desk.persons().batch_register_persons(request).await.unwrap().into_inner().outcomes;
    let reasons = outcomes.into_iter().map(|one| match one.outcome.unwrap() {
        Outcome::Person(_) => String::new(),
        Outcome::Failure(failure) => failure.reason,
    });
    assert_eq!(reasons.collect::<Vec<_>>(), ["ATTESTOR_IS_PERSON", ""]);
    record(&desk, &other, attested(ProofingResult::Match)).await.unwrap();
    record(&shop, &mina, attested(ProofingResult::Match)).await.unwrap();
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_check_names_who_attested_it_to_the_organization_of_the_attestor() {
    let Scene { world, shop, mina, desk, .. } = scene().await;
    let youth = ("样例少年", card("20000101", 1));
    let youth = (youth.0, youth.1.as_str());
    let other = shop.register(youth).await;
    record(&desk, &other, attested(ProofingResult::Match)).await.unwrap();
    // Checks of one instant are in no order.
    world.clock.advance(std::time::Duration::from_millis(1));
    record(&shop, &other, attested(ProofingResult::Match)).await.unwrap();
    let rival = world.platform("rival").await;
    let theirs = rival.register(youth).await;
    let told = async |caller: &Caller, parent: &str| {
        let request = ListProofingsRequest { parent: parent.to_owned(), ..Default::default() };
        let listed = caller.persons().list_proofings(request).await.unwrap().into_inner().proofings;
        listed.into_iter().map(|one| (one.client, one.acting_person)).collect::<Vec<_>>()
    };
    let own = [("clients/shop-desk".to_owned(), mina), ("clients/shop".to_owned(), String::new())];
    assert_eq!(told(&shop, &other).await, own);
    assert_eq!(told(&rival, &theirs).await, vec![Default::default(); 2]);
}

#[tokio::test]
async fn nobody_acts_through_a_client_whose_record_is_frozen_or_erased() {
    let Scene { world, shop, mina, secret, .. } = scene().await;
    let token = issue_with_secret(&world, "shop-desk", &secret).await.unwrap().access_token;
    list_clients_with(&world, &token).await.unwrap();
    freeze(&world, pairwise("shop", &mina)).await.unwrap();
    let refused = refused_since(async || list_clients_with(&world, &token).await).await;
    assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");
    for _ in 0..12 {
        let refused = issue_with_secret(&world, "shop-desk", &secret).await;
        assert_refused(refused, Code::PermissionDenied, "PERSON_FROZEN");
    }
    let bind = Client { name: "clients/shop".to_owned(), person: mina.clone(), ..Default::default() };
    let refused = update(&world.operator(), bind.clone(), &["person"]).await;
    assert_refused(refused, Code::FailedPrecondition, "PERSON_FROZEN");

    unfreeze(&world, pairwise("shop", &mina)).await.unwrap();
    let again = issue_with_secret(&world, "shop-desk", &secret).await.unwrap().access_token;
    list_clients_with(&world, &again).await.unwrap();
    let refused = list_clients_with(&world, &token).await;
    assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");

    world.clock.advance(Duration::from_hours(24 * 11));
    let token = issue_with_secret(&world, "shop-desk", &secret).await.unwrap().access_token;
    erase(&world, pairwise("shop", &mina)).await.unwrap();
    let refused = refused_since(async || list_clients_with(&world, &token).await).await;
    assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");
    let refused = issue_with_secret(&world, "shop-desk", &secret).await;
    assert_refused(refused, Code::PermissionDenied, "PERSON_ERASED");
    let refused = update(&world.operator(), bind, &["person"]).await;
    assert_refused(refused, Code::FailedPrecondition, "PERSON_ERASED");
    // Its organization says who acts from now on.
    let other = shop.register(("样例少年", &card("20000101", 1))).await;
    let rebound = Client { name: "clients/shop-desk".to_owned(), person: other, ..Default::default() };
    update(&world.operator(), rebound, &["person"]).await.unwrap();
    issue_with_secret(&world, "shop-desk", &secret).await.unwrap();
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn the_last_administrator_is_not_frozen() {
    let world = World::start().await;
    let roles = [OrganizationRole::Platform, OrganizationRole::SuiteOperator];
    let request = new_organization("shop", &roles);
    world.operator().organizations().create_organization(request).await.unwrap();
    let secret = world.client("till", "shop", &["persons.write"]).await;
    let mina = world.with_secret("till", &secret).register(MINA).await;
    let scopes = ["clients.write", "persons.freeze", "persons.read"];
    let secret = acting(&world, "shop", &mina, &scopes).await.unwrap();
    let desk = world.with_secret("shop-desk", &secret);
    let request = DisableClientRequest { name: "clients/suite-operator".to_owned(), ..Default::default() };
    desk.clients().disable_client(request).await.unwrap();
    let hold_until_time = Some(timestamp(world.clock.now().plus(Duration::from_hours(24))));
    let person = Some(pairwise("shop", &mina));
    let request = FreezePersonRequest { person, hold_until_time, ..Default::default() };
    let refused = desk.persons().freeze_person(request.clone()).await;
    assert_refused(refused, Code::FailedPrecondition, "LAST_OPERATOR_CLIENT");
    // With another there, who is a machine, nothing is in the way.
    let another = new_client("another", "shop", &["clients.write"]);
    desk.clients().create_client(another).await.unwrap();
    desk.persons().freeze_person(request).await.unwrap();
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}
