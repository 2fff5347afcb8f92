//! Blocklists, own and shared.

use crate::town::{Replica, Town, codes, policies, reason};
use crate::town_conduct::{REGULATOR, blocklists, fields, permanent, until};
use greenroom_proto::registry::v1::*;
use tonic::{Code, Request, Status};

fn entry(town: &Town, keeper: ListKeeper, subject: &str) -> AddBlocklistEntryRequest {
    let entry = BlocklistEntry {
        keeper: keeper.into(),
        subject: subject.to_owned(),
        notice: Some(town.notice()),
        term: Some(permanent()),
        ..Default::default()
    };
    AddBlocklistEntryRequest { entry: Some(entry), ..Default::default() }
}

async fn add(replica: &Replica, call: Request<AddBlocklistEntryRequest>) -> Result<BlocklistEntry, Status> {
    Ok(blocklists(replica).add_blocklist_entry(call).await?.into_inner().entry.unwrap())
}

async fn seen_by(town: &Town, replica: &Replica, platform: &str, shared: bool) -> Vec<BlocklistEntry> {
    let message = ListBlocklistEntriesRequest { shared, ..Default::default() };
    let answer = blocklists(replica).list_blocklist_entries(town.call(platform, message)).await.unwrap();
    answer.into_inner().entries
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authoritys_entry_binds_every_platform_and_every_account_at_once() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let elsewhere = town.certified(&replica, "rival", "mina").await;
    town.person("authority", "mina");
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    let call = |message| town.call_as("authority", REGULATOR, message);
    let added = add(&replica, call(entry(&town, ListKeeper::Unspecified, "persons/mina"))).await.unwrap();
    assert_eq!((added.keeper(), added.state()), (ListKeeper::Regulator, BlocklistEntryState::InForce));
    assert_eq!(watcher.next().await.cut_streamers, std::slice::from_ref(&mina));
    for (platform, streamer) in [("shop", &mina), ("rival", &elsewhere)] {
        let decision = town.check_now(&replica, platform, streamer).await;
        assert_eq!(codes(&decision), ["BLOCKLISTED"]);
        let told = decision.reasons.first().unwrap();
        assert_eq!((told.kind(), &told.measure), (ReasonKind::Legal, &added.name));
        let barred = town.enrol_as(&replica, platform, "mina", "second").await.unwrap_err();
        assert_eq!(reason(&barred), "STREAMER_BARRED");
        let seen = seen_by(&town, &replica, platform, true).await;
        let seen = seen.first().unwrap();
        assert_eq!((&seen.name, &seen.streamers), (&added.name, &vec![streamer.clone()]));
        assert_eq!((seen.subject.as_str(), &seen.adder, &seen.notice), ("", &None, &Some(town.notice())));
    }
    let lift = LiftBlocklistEntryRequest {
        name: added.name.clone(),
        reason: "another person of that name".to_owned(),
        ..Default::default()
    };
    let foreign = blocklists(&replica).lift_blocklist_entry(town.call("shop", lift.clone())).await;
    assert_eq!(reason(&foreign.unwrap_err()), "RESOURCE_NOT_FOUND");
    let lifted = blocklists(&replica).lift_blocklist_entry(call_lift(&town, lift.clone())).await.unwrap();
    assert_eq!(lifted.into_inner().entry.unwrap().state(), BlocklistEntryState::Lifted);
    assert_eq!(town.check_now(&replica, "rival", &elsewhere).await.outcome(), Outcome::Allow);
    let again = blocklists(&replica).lift_blocklist_entry(call_lift(&town, lift)).await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::FailedPrecondition, "RESOURCE_STATE_WRONG"));
    replica.stop().await;
    town.is_clean().await;
}

fn call_lift(town: &Town, message: LiftBlocklistEntryRequest) -> Request<LiftBlocklistEntryRequest> {
    town.call_as("authority", REGULATOR, message)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platforms_own_entry_is_nobody_elses_business() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let elsewhere = town.certified(&replica, "rival", "mina").await;
    let added = add(&replica, town.call("shop", entry(&town, ListKeeper::Unspecified, &mina))).await.unwrap();
    assert_eq!((added.keeper(), &added.streamers), (ListKeeper::Platform, &vec![mina.clone()]));
    assert_eq!(codes(&town.check_now(&replica, "shop", &mina).await), ["BLOCKLISTED"]);
    assert_eq!(town.check_now(&replica, "rival", &elsewhere).await.outcome(), Outcome::Allow);
    let read = async |platform: &str, name: &str| {
        let message = GetBlocklistEntryRequest { name: name.to_owned() };
        let call = town.call(platform, message);
        blocklists(&replica).get_blocklist_entry(call).await.map(|answer| answer.into_inner().entry.unwrap())
    };
    assert_eq!(read("shop", &added.name).await.unwrap(), added);
    let foreign = read("rival", &added.name).await.unwrap_err();
    let never = read("rival", "blocklistEntries/never").await.unwrap_err();
    assert_eq!(
        foreign.message().replace(&added.name, ""),
        never.message().replace("blocklistEntries/never", "")
    );
    assert_eq!((foreign.code(), reason(&foreign)), (never.code(), reason(&never)));
    assert!(seen_by(&town, &replica, "rival", true).await.is_empty());
    assert_eq!(seen_by(&town, &replica, "shop", false).await, [added]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_associations_entry_stops_sales_as_policy_and_bars_nobody_from_enrolling() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    town.person("guild", "mina");
    let message = entry(&town, ListKeeper::Association, "persons/mina");
    add(&replica, town.call_as("guild", REGULATOR, message)).await.unwrap();
    let unheeded = town.check_now(&replica, "shop", &mina).await;
    assert_eq!(unheeded.outcome(), Outcome::Allow);
    let policy = Policy { heed_associations: true, ..town.policy() };
    let message = SetPolicyRequest { policy: Some(policy), ..Default::default() };
    policies(&replica).set_policy(town.call("shop", message)).await.unwrap();
    let decision = town.check_now(&replica, "shop", &mina).await;
    assert_eq!(codes(&decision), ["INDUSTRY_LISTED"]);
    assert_eq!(decision.reasons.first().unwrap().kind(), ReasonKind::Policy);
    town.enrol_as(&replica, "shop", "mina", "second").await.unwrap();
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_needs_what_a_sanction_needs_and_a_list_that_is_the_callers() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.proven(&replica, "mina").await;
    let shared = add(&replica, town.call("shop", entry(&town, ListKeeper::Regulator, &mina))).await;
    assert_eq!(fields(&shared.unwrap_err()), ["entry.keeper"]);
    let bare = AddBlocklistEntryRequest { entry: Some(BlocklistEntry::default()), ..Default::default() };
    let refused = add(&replica, town.call("shop", bare)).await.unwrap_err();
    assert_eq!(fields(&refused).len(), 7, "{:?}", fields(&refused));
    let unknown = entry(&town, ListKeeper::Platform, "persons/stranger");
    let unknown = add(&replica, town.call("shop", unknown)).await.unwrap_err();
    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::NotFound, "PERSON_NOT_FOUND"));
    let mut timed = entry(&town, ListKeeper::Platform, &mina);
    timed.entry.as_mut().unwrap().term = Some(until(town.in_hours(1)));
    add(&replica, town.call("shop", timed)).await.unwrap();
    town.clock.advance(std::time::Duration::from_hours(1));
    let seen = seen_by(&town, &replica, "shop", false).await;
    assert_eq!(seen.first().unwrap().state(), BlocklistEntryState::Ended);
    replica.stop().await;
}
