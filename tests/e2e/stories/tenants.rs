//! What belongs to one organization does not exist for another.

use greenroom_proto::identity::v1 as identity;
use greenroom_rpc::fault::reason_of;
use greenroom_tests::{Holder, Service, Town};
use tonic::Code;

#[tokio::test]
async fn two_platforms_have_different_names_for_the_same_person() {
    let town = Town::start().await;
    let operator = town.operator();
    let (acme, bazaar) =
        (operator.platform("acme").await.unwrap(), operator.platform("bazaar").await.unwrap());
    let mina = Holder::new(1, "19900307", 3);
    let at_acme = acme.register(&mina).await.unwrap();
    let at_bazaar = bazaar.register(&mina).await.unwrap();
    assert_ne!(at_acme, at_bazaar);
    assert_eq!(acme.register(&mina).await.unwrap(), at_acme);
    // One platform's name for a person means nothing to another, not even that it exists.
    let foreign = bazaar.enrol("mina", &at_acme).await.unwrap_err();
    let unknown = bazaar.enrol("mina", "persons/nobody").await.unwrap_err();
    assert_eq!(
        (foreign.code(), reason_of(&foreign).unwrap()),
        (Code::NotFound, "PERSON_NOT_FOUND".to_owned())
    );
    assert_eq!((unknown.code(), reason_of(&unknown)), (foreign.code(), reason_of(&foreign)));
    let mut persons = identity::person_service_client::PersonServiceClient::new(bazaar.to(Service::Identity));
    let read = persons.get_person(identity::GetPersonRequest { name: at_acme }).await.unwrap_err();
    assert_eq!(reason_of(&read).unwrap(), "PERSON_NOT_FOUND");
    town.end().await;
}

#[tokio::test]
async fn a_streamer_of_another_platform_is_not_found() {
    let town = Town::start().await;
    let operator = town.operator();
    let (acme, bazaar) =
        (operator.platform("acme").await.unwrap(), operator.platform("bazaar").await.unwrap());
    let streamer = acme.welcome("mina", &Holder::new(1, "19900307", 3)).await.unwrap();
    let foreign = bazaar.check(&streamer).await.unwrap_err();
    let unknown = bazaar.check("streamers/nobody").await.unwrap_err();
    assert_eq!(
        (foreign.code(), reason_of(&foreign).unwrap()),
        (Code::NotFound, "STREAMER_NOT_FOUND".to_owned())
    );
    assert_eq!((unknown.code(), reason_of(&unknown)), (foreign.code(), reason_of(&foreign)));
    let refused = bazaar.go_live("room", &[&streamer]).await.unwrap_err();
    assert_eq!(reason_of(&refused).unwrap(), "STREAMER_NOT_FOUND");
    town.end().await;
}

#[tokio::test]
async fn an_issuer_neither_sees_nor_revokes_the_certificates_of_another() {
    let town = Town::start().await;
    let operator = town.operator();
    let east = operator.issuer("east-school").await.unwrap();
    let west = operator.issuer("west-school").await.unwrap();
    let mina = Holder::new(1, "19900307", 3);
    east.import(std::slice::from_ref(&mina)).await.unwrap();
    assert!(east.certificate(&mina.certificate_number).await.is_ok());
    assert_eq!(west.certificate(&mina.certificate_number).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(west.revoke(&mina.certificate_number).await.unwrap_err().code(), Code::NotFound);
    town.end().await;
}
