//! Policies.

use crate::town::{Replica, STANDARD, Town, codes, policies, reason, standard};
use greenroom_proto::certification::v1 as certification;
use greenroom_proto::certification::v1::certification_fact::Fact;
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::{instant, timestamp};
use std::time::Duration;
use tonic::{Code, Status};

async fn set(town: &Town, replica: &Replica, policy: Policy, etag: &str) -> Result<Policy, Status> {
    let message = SetPolicyRequest { policy: Some(policy), etag: etag.to_owned(), ..Default::default() };
    let answer = policies(replica).set_policy(town.call("shop", message)).await?;
    Ok(answer.into_inner().policy.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_comes_into_force_after_seven_days_unless_it_says_otherwise() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    let mina = town.enrol(&replica, "shop", "mina").await.unwrap().name;
    assert!(codes(&town.check_now(&replica, "shop", &mina).await).contains(&"POLICY_NOT_SET"));
    let policy = set(&town, &replica, Policy { effective_time: None, ..town.policy() }, "").await.unwrap();
    let begins = instant(&policy.effective_time.unwrap()).unwrap();
    assert_eq!(begins, town.in_hours(7 * 24));
    assert!(codes(&town.check_now(&replica, "shop", &mina).await).contains(&"POLICY_NOT_IN_FORCE"));
    let message = GetPolicyRequest { name: "policies/shop".to_owned() };
    let next = policies(&replica).get_policy(town.call("shop", message)).await.unwrap().into_inner();
    assert_eq!(next.policy.unwrap().revision_number, 1);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_nobody_could_ever_meet_is_refused_by_name() {
    let town = Town::new().await;
    let replica = town.start().await;
    let impossible = Policy {
        accepted_job_types: vec!["platform-administrator".to_owned()],
        minimum_level: Level::Level2.into(),
        ..town.policy()
    };
    let refused = set(&town, &replica, impossible, "").await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "POLICY_UNSATISFIABLE")
    );
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_wrong_with_a_policy_is_told_at_once() {
    use tonic_types::StatusExt as _;
    let town = Town::new().await;
    let replica = town.start().await;
    let refused = set(&town, &replica, Policy::default(), "").await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "FIELDS_INVALID"));
    let details = refused.get_details_bad_request().unwrap();
    let fields: Vec<String> = details.field_violations.into_iter().map(|violation| violation.field).collect();
    assert_eq!(fields, ["policy.accepted_standards", "policy.accepted_job_types", "policy.minimum_level"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_names_only_what_a_standard_told_by_certification_has() {
    use tonic_types::StatusExt as _;
    let town = Town::new().await;
    let replica = town.start().await;
    let refused = async |policy: Policy| {
        let refused = set(&town, &replica, policy, "").await.unwrap_err();
        assert_eq!(reason(&refused), "FIELDS_INVALID");
        let told = refused.get_details_bad_request().unwrap().field_violations;
        told.into_iter().map(|it| (it.field, it.description)).collect::<Vec<_>>()
    };
    let unknown = vec![STANDARD.to_owned(), "standards/online-streamer-2026".to_owned()];
    let told = refused(Policy { accepted_standards: unknown, ..town.policy() }).await;
    assert!(
        told[0].0 == "policy.accepted_standards" && told[0].1.contains("`online-streamer-2026`"),
        "{told:?}"
    );
    let strange = vec!["live-salesperson".to_owned(), "show-host".to_owned()];
    let told = refused(Policy { accepted_job_types: strange, ..town.policy() }).await;
    assert!(told[0].0 == "policy.accepted_job_types" && told[0].1.contains("`product-selector`"), "{told:?}");
    let told = refused(Policy { minimum_level: Level::Apprentice.into(), ..town.policy() }).await;
    assert_eq!(told[0].0, "policy.minimum_level");
    // As soon as certification tells of another standard, its job types can stand in a policy.
    let host = certification::StandardFactJobType {
        job_type: "show-host".to_owned(),
        display_name: "show host".to_owned(),
        chinese_name: "节目主持".to_owned(),
        levels: vec![certification::Level::Level5.into()],
    };
    let at_least_revision = town.others.certification.tell(Fact::Standard(certification::StandardFact {
        standard: "standards/online-streamer-2026".to_owned(),
        job_types: vec![host],
        ..standard()
    }));
    let streamer = town.proven(&replica, "mina").await;
    let check = CheckPermissionRequest { streamer, at_least_revision, ..Default::default() };
    town.check(&replica, "shop", check).await.unwrap();
    let new = Policy {
        accepted_standards: vec!["standards/online-streamer-2026".to_owned()],
        accepted_job_types: vec!["show-host".to_owned()],
        minimum_level: Level::Level5.into(),
        ..town.policy()
    };
    assert_eq!(set(&town, &replica, new, "").await.unwrap().accepted_job_types, ["show-host"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_policy_begins_in_the_past_but_a_slow_clock_is_forgiven() {
    let town = Town::new().await;
    let replica = town.start().await;
    let ago = |length| Some(timestamp(town.clock.now().minus(length)));
    let past = Policy { effective_time: ago(Duration::from_secs(6)), ..town.policy() };
    let refused = set(&town, &replica, past, "").await.unwrap_err();
    assert_eq!(reason(&refused), "FIELDS_INVALID");
    let nearly = Policy { effective_time: ago(Duration::from_secs(5)), ..town.policy() };
    let policy = set(&town, &replica, nearly, "").await.unwrap();
    assert_eq!(policy.effective_time, Some(timestamp(town.clock.now())));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revisions_are_numbered_and_listed_the_newest_first() {
    let town = Town::new().await;
    let replica = town.start().await;
    let first = town.set_policy(&replica, "shop").await;
    let second = set(&town, &replica, town.policy(), &first.etag).await.unwrap();
    let outdated = set(&town, &replica, town.policy(), &first.etag).await.unwrap_err();
    assert_eq!((outdated.code(), reason(&outdated).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    let list = |page_token: String| {
        let message = ListPolicyRevisionsRequest { page_size: 1, page_token, ..Default::default() };
        policies_list(&town, &replica, message)
    };
    let newest = list(String::new()).await;
    assert_eq!(newest.policies, [second]);
    let eldest = list(newest.next_page_token).await;
    assert_eq!((eldest.policies, eldest.next_page_token), (vec![first], String::new()));
    replica.stop().await;
}

async fn policies_list(
    town: &Town,
    replica: &Replica,
    message: ListPolicyRevisionsRequest,
) -> ListPolicyRevisionsResponse {
    policies(replica).list_policy_revisions(town.call("shop", message)).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_platforms_policy_cannot_be_found() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.set_policy(&replica, "shop").await;
    let message = GetPolicyRequest { name: "policies/shop".to_owned() };
    let refused = policies(&replica).get_policy(town.call("rival", message)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "POLICY_NOT_FOUND"));
    replica.stop().await;
}
