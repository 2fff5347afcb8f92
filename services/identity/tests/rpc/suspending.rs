//! Organizations that change, are suspended, and come back.

use crate::tokens::{issue_with_secret, list_clients_with};
use crate::world::{Caller, World, assert_refused, fields, new_client, new_organization, request_id};
use greenroom_proto::identity::v1::{
    CreateClientRequest, GetOrganizationRequest, ListClientsRequest, Organization, OrganizationRole,
    OrganizationState, ReinstateOrganizationRequest, SuspendOrganizationRequest, UpdateOrganizationRequest,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use prost_types::FieldMask;
use std::time::Duration;
use tonic::{Code, Status};

/// Tokens say their second only: one issued in the second of a revocation is refused with it.
const SECOND: Duration = Duration::from_secs(1);

async fn read(world: &World, id: &str) -> Organization {
    let request = GetOrganizationRequest { name: format!("organizations/{id}") };
    let answer = world.operator().organizations().get_organization(request).await.unwrap();
    answer.into_inner().organization.unwrap()
}

pub async fn suspend(caller: &Caller, id: &str) -> Result<Organization, Status> {
    let request = SuspendOrganizationRequest {
        name: format!("organizations/{id}"),
        reason: "unpaid".to_owned(),
        ..Default::default()
    };
    let answer = caller.organizations().suspend_organization(request).await?;
    Ok(answer.into_inner().organization.unwrap())
}

pub async fn reinstate(caller: &Caller, id: &str) -> Organization {
    let name = format!("organizations/{id}");
    let request = ReinstateOrganizationRequest { name, ..Default::default() };
    caller.organizations().reinstate_organization(request).await.unwrap().into_inner().organization.unwrap()
}

pub async fn update(
    caller: &Caller,
    organization: Organization,
    paths: &[&str],
) -> Result<Organization, Status> {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    let request = UpdateOrganizationRequest {
        organization: Some(organization),
        update_mask: Some(FieldMask { paths }),
        ..Default::default()
    };
    Ok(caller.organizations().update_organization(request).await?.into_inner().organization.unwrap())
}

fn named(id: &str) -> Organization {
    Organization { name: format!("organizations/{id}"), ..Default::default() }
}

#[tokio::test]
async fn a_suspended_organization_is_out_at_once_and_comes_back_with_new_tokens() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read"]).await;
    let before = issue_with_secret(&world, "till", &secret).await.unwrap().access_token;
    list_clients_with(&world, &before).await.unwrap();

    let suspended = suspend(&world.operator(), "shop").await.unwrap();
    assert_eq!(
        (suspended.state(), suspended.suspension_reason.as_str()),
        (OrganizationState::Suspended, "unpaid")
    );
    assert_refused(list_clients_with(&world, &before).await, Code::Unauthenticated, "TOKEN_REFUSED");
    let refused = issue_with_secret(&world, "till", &secret).await;
    assert_refused(refused, Code::PermissionDenied, "ORGANIZATION_SUSPENDED");
    // It stays as it is, whatever reason is given now.
    assert_eq!(suspend(&world.operator(), "shop").await.unwrap(), suspended);

    let world = world.restart().await;
    assert_refused(list_clients_with(&world, &before).await, Code::Unauthenticated, "TOKEN_REFUSED");
    let active = reinstate(&world.operator(), "shop").await;
    assert_eq!((active.state(), active.suspension_reason.as_str()), (OrganizationState::Active, ""));
    assert_eq!(reinstate(&world.operator(), "shop").await, active);
    world.clock.advance(SECOND);
    let after = issue_with_secret(&world, "till", &secret).await.unwrap().access_token;
    list_clients_with(&world, &after).await.unwrap();
    assert_refused(list_clients_with(&world, &before).await, Code::Unauthenticated, "TOKEN_REFUSED");

    let world = world.restart().await;
    list_clients_with(&world, &after).await.unwrap();
    assert_refused(list_clients_with(&world, &before).await, Code::Unauthenticated, "TOKEN_REFUSED");
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_token_issued_while_its_organization_is_being_suspended_is_refused_too() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read"]).await;
    let minute = Duration::from_mins(1);
    let ahead = world.replica_at(world.clock.now().plus(minute)).await;
    let token = issue_with_secret(&ahead, "till", &secret).await.unwrap().access_token;
    suspend(&world.operator(), "shop").await.unwrap();
    world.clock.advance(minute);
    assert_refused(list_clients_with(&world, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
}

#[tokio::test]
async fn a_role_taken_away_refuses_the_tokens_that_carry_it_and_a_new_name_does_not() {
    let world = World::start().await;
    let roles = [OrganizationRole::Agency, OrganizationRole::Platform];
    world.operator().organizations().create_organization(new_organization("shop", &roles)).await.unwrap();
    let secret = world.client("till", "shop", &["clients.read"]).await;
    let token = issue_with_secret(&world, "till", &secret).await.unwrap().access_token;

    let renamed = Organization { display_name: "New name".to_owned(), ..named("shop") };
    let renamed = update(&world.operator(), renamed, &[]).await.unwrap();
    assert_eq!((renamed.display_name.as_str(), renamed.roles.len()), ("New name", 2));
    list_clients_with(&world, &token).await.unwrap();

    let one = Organization {
        roles: vec![OrganizationRole::Platform.into()],
        display_name: "not named by the mask".to_owned(),
        etag: renamed.etag,
        ..named("shop")
    };
    let changed = update(&world.operator(), one.clone(), &["roles"]).await.unwrap();
    assert_eq!((changed.roles.as_slice(), changed.display_name.as_str()), (one.roles.as_slice(), "New name"));
    assert_refused(list_clients_with(&world, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
    world.clock.advance(SECOND);
    let token = issue_with_secret(&world, "till", &secret).await.unwrap().access_token;
    list_clients_with(&world, &token).await.unwrap();

    // Decided on an older state.
    let stale = update(&world.operator(), one.clone(), &["roles"]).await;
    assert_refused(stale, Code::Aborted, "ETAG_MISMATCH");
    // The same once more is no change.
    let again = update(&world.operator(), Organization { etag: String::new(), ..one }, &["roles"]).await;
    assert_eq!(again.unwrap(), changed);
}

#[tokio::test]
async fn everything_malformed_in_a_change_is_told_at_once() {
    let world = World::start().await;
    let change = Organization { name: "shop".to_owned(), roles: vec![77], ..Default::default() };
    let refused = update(&world.operator(), change, &["display_name", "roles", "state"]).await;
    let status = assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    let expected =
        ["organization.name", "update_mask.paths[2]", "organization.display_name", "organization.roles[0]"];
    assert_eq!(fields(&status), expected);
    let request = SuspendOrganizationRequest { reason: "\n".to_owned(), ..Default::default() };
    let refused = world.operator().organizations().suspend_organization(request).await;
    let status = assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["name", "reason"]);
    let nobody = suspend(&world.operator(), "nobody").await;
    assert_refused(nobody, Code::NotFound, "ORGANIZATION_NOT_FOUND");
}

#[tokio::test]
async fn a_suspension_is_checked_without_being_made_and_made_once() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let request = SuspendOrganizationRequest {
        name: "organizations/shop".to_owned(),
        reason: "unpaid".to_owned(),
        request_id: request_id(),
        validate_only: true,
        ..Default::default()
    };
    let mut organizations = world.operator().organizations();
    let checked = organizations.suspend_organization(request.clone()).await.unwrap().into_inner();
    assert_eq!(checked.revision, "");
    assert_eq!(checked.organization.unwrap().state(), OrganizationState::Suspended);
    assert_eq!(read(&world, "shop").await.state(), OrganizationState::Active);

    let request = SuspendOrganizationRequest { validate_only: false, ..request };
    let first = organizations.suspend_organization(request.clone()).await.unwrap().into_inner();
    reinstate(&world.operator(), "shop").await;
    let repeated = organizations.suspend_organization(request).await.unwrap().into_inner();
    assert_eq!(repeated, first);
    assert_eq!(read(&world, "shop").await.state(), OrganizationState::Active);
}

#[tokio::test]
async fn the_last_organization_that_can_administer_the_suite_stays() {
    let world = World::start().await;
    let operator = world.operator();
    let refused = suspend(&operator, "suite").await;
    assert_refused(refused, Code::FailedPrecondition, "LAST_OPERATOR_CLIENT");
    let without = Organization { roles: vec![OrganizationRole::Regulator.into()], ..named("suite") };
    let refused = update(&operator, without.clone(), &["roles"]).await;
    assert_refused(refused, Code::FailedPrecondition, "LAST_OPERATOR_CLIENT");

    // An organization whose only credential ends administers nothing from then on.
    world.organization("second", OrganizationRole::SuiteOperator).await;
    let hour = Duration::from_hours(1);
    let ending = CreateClientRequest {
        credential_not_after_time: Some(timestamp(world.clock.now().plus(hour))),
        ..new_client("second", "second", &["clients.write", "organizations.write"])
    };
    operator.clients().create_client(ending).await.unwrap();
    world.clock.advance(hour);
    let refused = suspend(&operator, "suite").await;
    assert_refused(refused, Code::FailedPrecondition, "LAST_OPERATOR_CLIENT");

    world.client("third", "second", &["clients.write"]).await;
    update(&operator, without, &["roles"]).await.unwrap();
    let listed = operator.clients().list_clients(ListClientsRequest::default()).await;
    assert_refused(listed, Code::Unauthenticated, "TOKEN_REFUSED");
}

/// Of two operators that suspend each other's organization at the same time, exactly one succeeds.
pub async fn suspend_each_other(left: &World, right: &World) {
    let scopes = ["clients.write", "organizations.write"];
    left.organization("second", OrganizationRole::SuiteOperator).await;
    let secret = left.client("second", "second", &scopes).await;
    for _ in 0..5 {
        let (first, second) = (left.operator(), right.with_secret("second", &secret));
        match tokio::join!(suspend(&first, "second"), suspend(&second, "suite")) {
            (Ok(_), Err(lost)) => {
                assert_lost(&lost);
                reinstate(&first, "second").await;
            }
            (Err(lost), Ok(_)) => {
                assert_lost(&lost);
                reinstate(&second, "suite").await;
            }
            both => panic!("{both:?}"),
        }
        left.clock.advance(SECOND);
    }
}

/// Whoever lost has no heir, or is suspended already.
fn assert_lost(status: &Status) {
    let known = [Code::FailedPrecondition, Code::Unauthenticated, Code::Aborted];
    assert!(known.contains(&status.code()), "{status:?}");
}

#[tokio::test]
async fn two_operators_that_suspend_each_other_do_not_both_succeed() {
    let world = World::start().await;
    suspend_each_other(&world, &world).await;
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}
