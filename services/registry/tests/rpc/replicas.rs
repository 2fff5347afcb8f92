//! Restarts, several replicas on one database, and the audit of all of it.

use crate::town::{Replica, Town, codes, events, reason};
use greenroom_auth::OrganizationRole;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::*;
use greenroom_registry::verify;
use greenroom_testkit::database::postgres;
use greenroom_testkit::eventually;
use std::collections::BTreeMap;
use std::time::Duration;

/// Every event up to the first heartbeat.
async fn log(town: &Town, replica: &Replica) -> Vec<RegistryEvent> {
    let call =
        town.call_as("suite", &[OrganizationRole::SuiteOperator], WatchRegistryEventsRequest::default());
    let mut stream = events(replica).watch_registry_events(call).await.unwrap().into_inner();
    let mut log = Vec::new();
    loop {
        let message = stream.message().await.unwrap().unwrap();
        log.extend(message.events);
        if message.current_time.is_some() {
            return log;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_changes_no_answer() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let jun = town.certified(&replica, "shop", "jun").await;
    let at_least_revision = town.revoke("jun");
    let request = CheckPermissionRequest { streamer: jun.clone(), at_least_revision, ..Default::default() };
    town.check(&replica, "shop", request).await.unwrap();
    let before =
        [town.check_now(&replica, "shop", &mina).await, town.check_now(&replica, "shop", &jun).await];
    replica.stop().await;
    let replica = town.start().await;
    let after = [town.check_now(&replica, "shop", &mina).await, town.check_now(&replica, "shop", &jun).await];
    assert_eq!(before, after);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_and_its_lease_survive_a_restart() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    replica.stop().await;
    let replica = town.start().await;
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    assert_eq!(watcher.rest().await, []);
    town.clock.advance(Duration::from_secs(20));
    assert_eq!(watcher.next().await.r#type(), LiveSessionEventType::Expired);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_while_the_registry_was_down_is_acted_on_when_it_is_back() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    replica.stop().await;
    town.revoke("mina");
    let replica = town.start().await;
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    let cut = watcher.next().await;
    assert_eq!((cut.r#type(), cut.cut_streamers), (LiveSessionEventType::MarketerCut, vec![mina]));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_on_one_sqlite_file_say_the_same_and_apply_nothing_twice() {
    two_replicas(Town::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_on_one_postgresql_database_say_the_same_and_apply_nothing_twice() {
    two_replicas(Town::on(postgres().await).await).await;
}

async fn two_replicas(town: Town) {
    let (left, right) = (town.start().await, town.start().await);
    let mina = town.certified(&left, "shop", "mina").await;
    let opened = town.open(&left, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&right, "shop", &opened.watch_cursor).await;
    for name in ["jun", "lan", "wei", "hao"] {
        town.person("shop", name);
    }
    let at_least_revision = town.revoke("mina");
    let request = CheckPermissionRequest { streamer: mina.clone(), at_least_revision, ..Default::default() };
    let decisions = [
        town.check(&left, "shop", request.clone()).await.unwrap(),
        town.check(&right, "shop", request).await.unwrap(),
    ];
    assert_eq!(decisions.each_ref().map(codes), [["CERT_REVOKED"], ["CERT_REVOKED"]]);
    assert_eq!(watcher.next().await.cut_streamers, [mina]);
    assert_eq!(watcher.rest().await, []);
    let applied = eventually("every person is known", async || {
        let log = log(&town, &right).await;
        let mut applied: BTreeMap<(String, i64), usize> = BTreeMap::new();
        for event in log {
            if let Some(Fact::Person(person)) = event.fact.unwrap().fact {
                *applied.entry((person.person, person.version)).or_default() += 1;
            }
        }
        (applied.len() == 5).then_some(applied)
    });
    assert!(applied.await.values().all(|times| *times == 1));
    left.stop().await;
    right.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_agree_with_the_log_and_a_changed_value_is_found() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.revoke("mina");
    watcher.next().await;
    drop(watcher);
    replica.stop().await;
    let report = verify(&town.config()).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert!(report.events > 5);
    town.forge("UPDATE certificates SET state = 'VERIFIED', level = 'LEVEL_1'").await;
    let report = verify(&town.config()).await.unwrap();
    assert_eq!(report.differing, ["certificates/of-mina"]);
    assert_eq!((report.chain_fault, report.missing, report.extra), (None, vec![], vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_may_not_read_the_event_log() {
    let town = Town::new().await;
    let replica = town.start().await;
    let call = town.call("shop", WatchRegistryEventsRequest::default());
    let refused = events(&replica).watch_registry_events(call).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_MISSING");
    replica.stop().await;
}
