use crate::world::{World, accreditation_of, reason};
use greenroom_proto::certification::v1 as wire;
use tonic::Code;
use tonic_types::StatusExt as _;

#[tokio::test]
async fn an_issuer_is_accredited_once_and_shown_to_everybody() {
    let world = World::start().await;
    let request = wire::AccreditIssuerRequest {
        request_id: "3f2c1a9e-8a4b-4c1d-9a51-0d6c2f1b7e10".to_owned(),
        ..accreditation_of("north")
    };
    let first = world.issuers().accredit_issuer(request.clone()).await.unwrap().into_inner();
    let again = world.issuers().accredit_issuer(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, again);
    assert!(!first.revision.is_empty());
    let other = wire::AccreditIssuerRequest { request_id: String::new(), ..request.clone() };
    let taken = world.issuers().accredit_issuer(other).await.unwrap_err();
    assert_eq!((taken.code(), reason(&taken).as_str()), (Code::AlreadyExists, "ISSUER_EXISTS"));
    let mut reused = request;
    reused.issuer.as_mut().unwrap().display_name = "South College".to_owned();
    let refused = world.issuers().accredit_issuer(reused).await.unwrap_err();
    assert_eq!(reason(&refused), "REQUEST_ID_REUSED");
    let shown = world.issuers().get_issuer(wire::GetIssuerRequest { name: "issuers/north".to_owned() }).await;
    assert_eq!(shown.unwrap().into_inner().issuer, first.issuer);
    let none = world.issuers().get_issuer(wire::GetIssuerRequest { name: "issuers/south".to_owned() }).await;
    assert_eq!(reason(&none.unwrap_err()), "ISSUER_NOT_FOUND");
}

#[tokio::test]
async fn an_issuer_for_cells_the_standard_lacks_is_told_every_fault() {
    let world = World::start().await;
    let mut request = accreditation_of("north");
    let issuer = request.issuer.as_mut().unwrap();
    issuer.code = "12".to_owned();
    issuer.accreditations[3].levels.push(wire::Level::Level1.into());
    issuer.accreditations[0].standard = "standards/none".to_owned();
    let refused = world.issuers().accredit_issuer(request).await.unwrap_err();
    let details = refused.get_details_bad_request().unwrap();
    let fields: Vec<&str> = details.field_violations.iter().map(|it| it.field.as_str()).collect();
    assert_eq!(
        fields,
        ["issuer.code", "issuer.accreditations[0].standard", "issuer.accreditations[3].levels"]
    );
}

#[tokio::test]
async fn checking_only_stores_nothing() {
    let world = World::start().await;
    let request = wire::AccreditIssuerRequest { validate_only: true, ..accreditation_of("north") };
    let answer = world.issuers().accredit_issuer(request).await.unwrap().into_inner();
    assert!(answer.revision.is_empty() && answer.issuer.is_some());
    let none = world.issuers().list_issuers(wire::ListIssuersRequest::default()).await.unwrap().into_inner();
    assert!(none.issuers.is_empty());
}
