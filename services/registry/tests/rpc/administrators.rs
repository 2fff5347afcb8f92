//! Overrides, by which an administrator acts without the level demanded.

use crate::town::{Replica, Town, reason};
use crate::town_conduct::{administration, fields};
use greenroom_auth::OrganizationRole;
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::{duration, timestamp};
use greenroom_testkit::eventually;
use std::time::Duration;
use tonic::{Code, Request, Status};

fn declaration(hours: u64) -> DeclareOverrideRequest {
    DeclareOverrideRequest {
        reason: "nobody who is certified can be reached".to_owned(),
        length: Some(duration(Duration::from_hours(hours))),
        ..Default::default()
    }
}

async fn declare(replica: &Replica, call: Request<DeclareOverrideRequest>) -> Result<Override, Status> {
    Ok(administration(replica).declare_override(call).await?.into_inner().override_entry.unwrap())
}

async fn listed(town: &Town, replica: &Replica, organization: &str, role: OrganizationRole) -> Vec<Override> {
    let call = town.call_as(organization, &[role], ListOverridesRequest::default());
    administration(replica).list_overrides(call).await.unwrap().into_inner().overrides
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_a_persons_own_and_its_end_is_noted_at_its_instant() {
    let town = Town::new().await;
    let replica = town.start().await;
    let ann = town.desk("shop", "ann-desk", Some("ann"));
    let machine = declare(&replica, town.call("shop", declaration(1))).await.unwrap_err();
    assert_eq!((machine.code(), reason(&machine).as_str()), (Code::PermissionDenied, "PERSON_REQUIRED"));
    let long = declare(&replica, town.call_with(&ann, declaration(25))).await.unwrap_err();
    assert_eq!(fields(&long), ["length"]);
    let declared = declare(&replica, town.call_with(&ann, declaration(2))).await.unwrap();
    assert_eq!(declared.state(), OverrideState::Active);
    assert_eq!(declared.expire_time, Some(timestamp(town.in_hours(2))));
    let twice = declare(&replica, town.call_with(&ann, declaration(2))).await.unwrap_err();
    assert_eq!((twice.code(), reason(&twice).as_str()), (Code::AlreadyExists, "OVERRIDE_ACTIVE"));
    let operator = OrganizationRole::SuiteOperator;
    assert_eq!(listed(&town, &replica, "suite", operator).await, std::slice::from_ref(&declared));
    assert!(listed(&town, &replica, "rival", OrganizationRole::Platform).await.is_empty());
    let end = town.in_hours(2);
    town.clock.advance(Duration::from_hours(2));
    let noted = eventually("the end is noted", async || {
        let listed = listed(&town, &replica, "shop", OrganizationRole::Platform).await;
        listed.into_iter().find(|it| it.update_time != declared.update_time)
    })
    .await;
    assert_eq!((noted.state(), noted.update_time), (OverrideState::Expired, Some(timestamp(end))));
    replica.stop().await;
    town.is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_ended_early_once() {
    let town = Town::new().await;
    let replica = town.start().await;
    let ann = town.desk("shop", "ann-desk", Some("ann"));
    let declared = declare(&replica, town.call_with(&ann, declaration(2))).await.unwrap();
    let end = EndOverrideRequest {
        name: declared.name.clone(),
        reason: "somebody came".to_owned(),
        ..Default::default()
    };
    let foreign = administration(&replica).end_override(town.call("rival", end.clone())).await.unwrap_err();
    assert_eq!(reason(&foreign), "RESOURCE_NOT_FOUND");
    let ended = administration(&replica).end_override(town.call("shop", end.clone())).await.unwrap();
    let ended = ended.into_inner().override_entry.unwrap();
    assert_eq!(ended.state(), OverrideState::Ended);
    assert_eq!(ended.ending.unwrap().time, Some(timestamp(town.clock.now())));
    let again = administration(&replica).end_override(town.call("shop", end)).await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::FailedPrecondition, "RESOURCE_STATE_WRONG"));
    declare(&replica, town.call_with(&ann, declaration(1))).await.unwrap();
    replica.stop().await;
    town.is_clean().await;
}
