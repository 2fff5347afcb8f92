//! Grants: recorded, followed by the registry itself, taken back, and watched.

use crate::town::{Replica, STANDARD, Town, codes, permissions, policies, reason, streamers};
use crate::town_conduct::until;
use crate::town_operators::{STUDIO, food_at, operators};
use greenroom_feed::cursor::Cursor;
use greenroom_proto::certification::v1 as certification;
use greenroom_proto::registry::v1::*;
use greenroom_registry::verify;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::database::postgres;
use std::collections::BTreeSet;
use std::time::Duration;
use tonic::Status;

/// Hears what happens to a platform's grants.
pub struct GrantWatcher {
    stream: tonic::Streaming<WatchGrantsResponse>,
    waiting: Vec<GrantEvent>,
    pub cursor: String,
}

impl GrantWatcher {
    pub async fn next(&mut self) -> GrantEvent {
        while self.waiting.is_empty() {
            self.message().await;
        }
        self.waiting.remove(0)
    }

    /// What happened next and to which grant.
    pub async fn happened(&mut self) -> (GrantEventType, String) {
        let event = self.next().await;
        (event.r#type(), event.grant.unwrap().name)
    }

    /// Everything up to a place in the log that was not heard yet.
    pub async fn rest(&mut self, up_to: &str) -> Vec<GrantEvent> {
        let wanted = Cursor::decode(up_to).unwrap().sequence;
        while Cursor::decode(&self.cursor).map_or(0, |at| at.sequence) < wanted {
            self.message().await;
        }
        std::mem::take(&mut self.waiting)
    }

    async fn message(&mut self) {
        let message = self.stream.message().await.unwrap().unwrap();
        self.cursor = message.cursor;
        self.waiting.extend(message.events);
    }
}

pub fn granting(streamer: &str) -> GrantPermissionRequest {
    GrantPermissionRequest {
        streamer: streamer.to_owned(),
        sale: Some(Sale { categories: vec!["general".to_owned()], ..Default::default() }),
        conditions: vec!["evenings only".to_owned()],
        ..Default::default()
    }
}

impl Town {
    pub async fn grant_as(
        &self,
        replica: &Replica,
        request: GrantPermissionRequest,
    ) -> Result<GrantPermissionResponse, Status> {
        let answer = permissions(replica).grant_permission(self.call("shop", request)).await?;
        Ok(answer.into_inner())
    }

    pub async fn grant(&self, replica: &Replica, streamer: &str) -> (Grant, String) {
        let granted = self.grant_as(replica, granting(streamer)).await.unwrap();
        (granted.grant.unwrap(), granted.watch_cursor)
    }

    pub async fn get_grant(&self, replica: &Replica, name: &str) -> Result<Grant, Status> {
        let request = GetGrantRequest { name: name.to_owned() };
        let answer = permissions(replica).get_grant(self.call("shop", request)).await?;
        Ok(answer.into_inner().grant.unwrap())
    }

    pub async fn grants(&self, replica: &Replica, request: ListGrantsRequest) -> ListGrantsResponse {
        permissions(replica).list_grants(self.call("shop", request)).await.unwrap().into_inner()
    }

    pub async fn watch_grants(&self, replica: &Replica, request: WatchGrantsRequest) -> GrantWatcher {
        let answer = permissions(replica).watch_grants(self.call("shop", request)).await.unwrap();
        GrantWatcher { stream: answer.into_inner(), waiting: Vec::new(), cursor: String::new() }
    }

    pub async fn watch_grants_from(&self, replica: &Replica, cursor: &str) -> GrantWatcher {
        let request = WatchGrantsRequest { cursor: cursor.to_owned(), ..Default::default() };
        self.watch_grants(replica, request).await
    }

    async fn take_back(&self, replica: &Replica, name: &str, etag: &str) -> Result<Grant, Status> {
        let request = RevokeGrantRequest {
            name: name.to_owned(),
            reason: "the contract has ended".to_owned(),
            etag: etag.to_owned(),
            ..Default::default()
        };
        let answer = permissions(replica).revoke_grant(self.call("shop", request)).await?;
        Ok(answer.into_inner().grant.unwrap())
    }
}

fn since(grant: &Grant) -> (GrantState, Option<prost_types::Timestamp>) {
    (grant.state(), grant.state_since_time)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_is_recorded_with_what_it_rests_on() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let answer = town.grant_as(&replica, granting(&mina)).await.unwrap();
    let (decision, grant) = (answer.decision.unwrap(), answer.grant.unwrap());
    assert_eq!((decision.outcome(), grant.state()), (Outcome::Allow, GrantState::Granted));
    assert_eq!(
        (&grant.granting_decision, &grant.decision),
        (&Some(decision.clone()), &Some(decision.clone()))
    );
    assert_eq!((decision.policy_revision_number, &*decision.verified_level.unwrap().standard), (1, STANDARD));
    assert_eq!((&grant.platform[..], &grant.streamer), ("organizations/shop", &mina));
    assert_eq!(
        (grant.permission(), &grant.conditions[..]),
        (Permission::LiveSale, &["evenings only".to_owned()][..])
    );
    assert_eq!(grant.granting_client, "clients/shop-backend");
    assert_eq!(town.get_grant(&replica, &grant.name).await.unwrap(), grant);
    assert_eq!(town.grants(&replica, ListGrantsRequest::default()).await.grants, [grant]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_an_answer_without_a_grant_however_often_it_is_asked() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.proven(&replica, "mina").await;
    let request = GrantPermissionRequest {
        request_id: "3f2c1a9e-8a4b-4c1d-9a51-0d6c2f1b7e10".to_owned(),
        ..granting(&mina)
    };
    let refused = town.grant_as(&replica, request.clone()).await.unwrap();
    let decision = refused.decision.clone().unwrap();
    assert_eq!((codes(&decision), &refused.grant), (vec!["POLICY_NOT_SET"], &None));
    assert_eq!(town.grants(&replica, ListGrantsRequest::default()).await.grants, []);
    town.set_policy(&replica, "shop").await;
    assert_eq!(town.grant_as(&replica, request).await.unwrap(), refused);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_follows_what_it_rests_on() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let (grant, cursor) = town.grant(&replica, &mina).await;
    let mut watcher = town.watch_grants_from(&replica, &cursor).await;

    town.revoke("mina");
    let suspended = watcher.next().await;
    assert_eq!(suspended.r#type(), GrantEventType::Suspended);
    let now = suspended.grant.unwrap();
    assert_eq!(
        (now.state(), codes(now.decision.as_ref().unwrap())),
        (GrantState::Suspended, vec!["CERT_REVOKED"])
    );
    assert_eq!(now.granting_decision, grant.decision);
    assert_eq!(town.get_grant(&replica, &grant.name).await.unwrap(), now);

    town.verify("mina", town.in_hours(1));
    let resumed = watcher.next().await;
    assert_eq!(resumed.r#type(), GrantEventType::Resumed);
    let now = resumed.grant.unwrap();
    assert_eq!((now.state(), now.decision.unwrap().outcome()), (GrantState::Granted, Outcome::Allow));

    let stricter = Policy { minimum_level: Level::Level2.into(), ..town.policy() };
    let message = SetPolicyRequest { policy: Some(stricter), ..Default::default() };
    policies(&replica).set_policy(town.call("shop", message)).await.unwrap();
    assert_eq!(watcher.happened().await, (GrantEventType::Suspended, grant.name.clone()));
    town.set_policy(&replica, "shop").await;
    assert_eq!(watcher.happened().await, (GrantEventType::Resumed, grant.name.clone()));

    town.issuer("academy", certification::IssuerStanding::Suspended);
    assert_eq!(watcher.happened().await, (GrantEventType::Suspended, grant.name.clone()));
    town.issuer("academy", certification::IssuerStanding::Listed);
    assert_eq!(watcher.happened().await, (GrantEventType::Resumed, grant.name));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_follows_the_room_the_conduct_and_the_conditions() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let studio = town.operator(&replica, STUDIO).await.name;
    let engagement = town.engaged(&replica, &mina, &studio).await.name;
    let request = GrantPermissionRequest { sale: Some(food_at(&studio)), ..granting(&mina) };
    let granted = town.grant_as(&replica, request).await.unwrap();
    let mut watcher = town.watch_grants_from(&replica, &granted.watch_cursor).await;
    let mut said = async || {
        let event = watcher.next().await;
        let (what, grant) = (event.r#type(), event.grant.unwrap());
        (what, codes(&grant.decision.unwrap()).join(" "))
    };
    let resumed = (GrantEventType::Resumed, String::new());
    let suspended = |why: &str| (GrantEventType::Suspended, why.to_owned());

    town.end(&replica, EndEngagementRequest { name: engagement, ..Default::default() }).await.unwrap();
    assert_eq!(said().await, suspended("AFFILIATION_UNPROVEN"));
    town.engaged(&replica, &mina, &studio).await;
    assert_eq!(said().await, resumed);

    let until = until(town.in_hours(1));
    let sanction = town.impose(&replica, town.sanction(&mina, Measure::TimedBan, until)).await.unwrap();
    assert_eq!(said().await, suspended("TIMED_BAN"));
    town.lift(&replica, &sanction.name).await.unwrap();
    assert_eq!(said().await, resumed);

    let score = PolicyCondition { kind: ConditionKind::Score.into(), minimum: 80 };
    let policy = Policy { conditions: vec![score], ..town.policy() };
    let message = SetPolicyRequest { policy: Some(policy), ..Default::default() };
    policies(&replica).set_policy(town.call("shop", message)).await.unwrap();
    assert_eq!(said().await, suspended("SCORE_TOO_LOW"));
    let score = Condition { kind: ConditionKind::Score.into(), value: 90, ..Default::default() };
    let streamer = mina.clone();
    let report = ReportConditionsRequest { streamer, conditions: vec![score], ..Default::default() };
    streamers(&replica).report_conditions(town.call("shop", report)).await.unwrap();
    assert_eq!(said().await, resumed);

    let withdrawal = WithdrawRoomOperatorRequest { name: studio, ..Default::default() };
    operators(&replica).withdraw_room_operator(town.call("shop", withdrawal)).await.unwrap();
    assert_eq!(said().await, suspended("OPERATOR_UNVERIFIED"));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_time_alone_changes_reaches_watchers_at_its_instant() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let (stale, until) = (town.in_seconds(60), town.in_seconds(90));
    let request = GrantPermissionRequest {
        until_time: Some(timestamp(until)),
        at_least_revision: town.verify("mina", stale),
        ..granting(&mina)
    };
    let granted = town.grant_as(&replica, request).await.unwrap();
    let mut watcher = town.watch_grants_from(&replica, &granted.watch_cursor).await;
    let list = || town.grants(&replica, ListGrantsRequest::default());
    town.clock.advance(Duration::from_millis(59_999));
    assert_eq!(watcher.rest(&list().await.watch_cursor).await, []);
    town.clock.advance(Duration::from_millis(1));
    let suspended = watcher.next().await.grant.unwrap();
    assert_eq!(since(&suspended), (GrantState::Suspended, Some(timestamp(stale))));
    assert_eq!(codes(suspended.decision.as_ref().unwrap()), ["CERT_EVIDENCE_STALE"]);
    town.clock.advance(Duration::from_secs(30));
    let ended = watcher.next().await;
    assert_eq!(ended.r#type(), GrantEventType::Expired);
    assert_eq!(since(&ended.grant.unwrap()), (GrantState::Expired, Some(timestamp(until))));
    // Nothing brings it back.
    let name = granted.grant.unwrap().name;
    town.verify("mina", town.in_hours(1));
    let refused = town.take_back(&replica, &name, "").await.unwrap_err();
    assert_eq!(reason(&refused), "GRANT_ENDED");
    assert_eq!(watcher.rest(&list().await.watch_cursor).await, []);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_platform_takes_back_stays_back() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let (grant, cursor) = town.grant(&replica, &mina).await;
    let mut watcher = town.watch_grants_from(&replica, &cursor).await;
    let refused = town.take_back(&replica, &grant.name, "\"7\"").await.unwrap_err();
    assert_eq!(reason(&refused), "ETAG_MISMATCH");
    let revoked = town.take_back(&replica, &grant.name, &grant.etag).await.unwrap();
    assert_eq!(
        (revoked.state(), &*revoked.revocation_reason),
        (GrantState::Revoked, "the contract has ended")
    );
    assert_eq!(watcher.next().await.grant.unwrap(), revoked);
    let refused = town.take_back(&replica, &grant.name, "").await.unwrap_err();
    assert_eq!(reason(&refused), "GRANT_ENDED");
    town.revoke("mina");
    town.verify("mina", town.in_hours(1));
    let request = CheckPermissionRequest { streamer: mina, ..Default::default() };
    town.check(&replica, "shop", request).await.unwrap();
    let list = town.grants(&replica, ListGrantsRequest::default()).await;
    assert_eq!(watcher.rest(&list.watch_cursor).await, []);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_platforms_grants_are_grants_that_never_were() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    town.set_policy(&replica, "rival").await;
    let (grant, cursor) = town.grant(&replica, &mina).await;
    let rival = permissions(&replica);
    let answers = async |name: &str, streamer: &str| {
        let (name, streamer) = (name.to_owned(), streamer.to_owned());
        let list = ListGrantsRequest { streamer: streamer.clone(), ..Default::default() };
        let get = GetGrantRequest { name: name.clone() };
        let revoke = RevokeGrantRequest { name: name.clone(), reason: "no".to_owned(), ..Default::default() };
        let grant = GrantPermissionRequest { streamer: streamer.clone(), ..Default::default() };
        let by_grant = WatchGrantsRequest { grant: name, ..Default::default() };
        let by_streamer = WatchGrantsRequest { streamer, ..Default::default() };
        let mut rival = rival.clone();
        let listed = rival.list_grants(town.call("rival", list)).await.unwrap().into_inner();
        assert_eq!((listed.grants.len(), listed.next_page_token), (0, String::new()));
        [
            reason(&rival.get_grant(town.call("rival", get)).await.unwrap_err()),
            reason(&rival.revoke_grant(town.call("rival", revoke)).await.unwrap_err()),
            reason(&rival.grant_permission(town.call("rival", grant)).await.unwrap_err()),
            reason(&rival.watch_grants(town.call("rival", by_grant)).await.unwrap_err()),
            reason(&rival.watch_grants(town.call("rival", by_streamer)).await.unwrap_err()),
        ]
    };
    let theirs = answers(&grant.name, &mina).await;
    assert_eq!(theirs, answers("grants/none", "streamers/none").await);
    assert_eq!(theirs[0], "GRANT_NOT_FOUND");
    // Nor are they told of: the rival hears up to where the grant was taken back, and nothing of it.
    let request = WatchGrantsRequest { cursor, ..Default::default() };
    let answer = rival.clone().watch_grants(town.call("rival", request)).await.unwrap();
    let mut watcher =
        GrantWatcher { stream: answer.into_inner(), waiting: Vec::new(), cursor: String::new() };
    town.take_back(&replica, &grant.name, "").await.unwrap();
    let head = town.grants(&replica, ListGrantsRequest::default()).await.watch_cursor;
    assert_eq!(watcher.rest(&head).await, []);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_with_a_request_is_told_at_once() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let request = GrantPermissionRequest {
        streamer: "mina".to_owned(),
        permission: Permission::SetPolicy.into(),
        conditions: vec![String::new()],
        ..Default::default()
    };
    let refused = town.grant_as(&replica, request).await.unwrap_err();
    let fields = wrong_fields(&refused);
    assert_eq!(fields, ["streamer", "permission", "conditions[0]"]);
    let past = GrantPermissionRequest { until_time: Some(timestamp(town.clock.now())), ..granting(&mina) };
    assert_eq!(wrong_fields(&town.grant_as(&replica, past).await.unwrap_err()), ["until_time"]);
    replica.stop().await;
}

fn wrong_fields(refused: &Status) -> Vec<String> {
    use tonic_types::StatusExt as _;
    let details = refused.get_error_details();
    details.bad_request().unwrap().field_violations.iter().map(|it| it.field.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_and_the_watch_behind_it_leave_no_gap_and_repeat_nothing() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let jun = town.certified(&replica, "shop", "jun").await;
    let (first, _) = town.grant(&replica, &mina).await;
    let snapshot = town.grants(&replica, ListGrantsRequest::default()).await;
    assert_eq!(snapshot.grants.len(), 1);
    let (second, _) = town.grant(&replica, &jun).await;
    town.revoke("mina");
    let mut watcher = town.watch_grants_from(&replica, &snapshot.watch_cursor).await;
    assert_eq!(watcher.happened().await, (GrantEventType::Granted, second.name.clone()));
    assert_eq!(watcher.happened().await, (GrantEventType::Suspended, first.name.clone()));
    // Again from where it was, on a replica that has read all of this from the tables.
    let cursor = watcher.cursor.clone();
    replica.stop().await;
    let replica = town.start().await;
    let mut again = town.watch_grants_from(&replica, &cursor).await;
    town.verify("mina", town.in_hours(1));
    assert_eq!(again.happened().await, (GrantEventType::Resumed, first.name.clone()));
    // And from the beginning, which no memory reaches back to.
    let mut late = town.watch_grants_from(&replica, &snapshot.watch_cursor).await;
    let told = [late.happened().await.0, late.happened().await.0, late.happened().await.0];
    assert_eq!(told, [GrantEventType::Granted, GrantEventType::Suspended, GrantEventType::Resumed]);
    let filter = |state: GrantState, streamer: &str| ListGrantsRequest {
        state: state.into(),
        streamer: streamer.to_owned(),
        ..Default::default()
    };
    let named = |list: ListGrantsResponse| list.grants.into_iter().map(|it| it.name).collect::<BTreeSet<_>>();
    let all = named(town.grants(&replica, filter(GrantState::Granted, "")).await);
    assert_eq!(all, BTreeSet::from([first.name.clone(), second.name]));
    assert_eq!(
        named(town.grants(&replica, filter(GrantState::Unspecified, &mina)).await),
        BTreeSet::from([first.name])
    );
    assert!(named(town.grants(&replica, filter(GrantState::Suspended, "")).await).is_empty());
    replica.stop().await;
    let report = verify(&town.config()).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_hear_what_they_asked_for() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let jun = town.certified(&replica, "shop", "jun").await;
    let (of_mina, cursor) = town.grant(&replica, &mina).await;
    let (of_jun, _) = town.grant(&replica, &jun).await;
    let from = |request: WatchGrantsRequest| WatchGrantsRequest { cursor: cursor.clone(), ..request };
    let by_grant = from(WatchGrantsRequest { grant: of_mina.name.clone(), ..Default::default() });
    let by_streamer = from(WatchGrantsRequest { streamer: jun, ..Default::default() });
    let by_state = from(WatchGrantsRequest { state: GrantState::Suspended.into(), ..Default::default() });
    let mut watchers = [
        town.watch_grants(&replica, by_grant).await,
        town.watch_grants(&replica, by_streamer).await,
        town.watch_grants(&replica, by_state).await,
    ];
    town.revoke("jun");
    town.verify("jun", town.in_hours(1));
    town.revoke("mina");
    let mut everything = town.watch_grants_from(&replica, &cursor).await;
    while everything.happened().await != (GrantEventType::Suspended, of_mina.name.clone()) {}
    let mut heard = Vec::new();
    for watcher in &mut watchers {
        let events = watcher.rest(&everything.cursor).await.into_iter();
        heard.push(events.map(|it| (it.r#type(), it.grant.unwrap().name)).collect::<Vec<_>>());
    }
    let [by_grant, by_streamer, by_state] = &heard[..] else { panic!("three watchers") };
    assert_eq!(by_grant[..], [(GrantEventType::Suspended, of_mina.name.clone())]);
    assert!(by_streamer.iter().all(|(_, name)| *name == of_jun.name) && !by_streamer.is_empty());
    assert!(by_state.iter().all(|(event, _)| *event == GrantEventType::Suspended));
    assert_eq!(by_state.last(), Some(&(GrantEventType::Suspended, of_mina.name)));
    replica.stop().await;
}

async fn one_of_two_replicas_makes_each_change(town: Town) {
    let (left, right) = (town.start().await, town.start().await);
    let mut names = Vec::new();
    let mut cursor = String::new();
    for name in ["mina", "jun", "lan"] {
        let streamer = town.certified(&left, "shop", name).await;
        let (grant, at) = town.grant(&left, &streamer).await;
        names.push(grant.name);
        cursor = at;
    }
    names.sort();
    let mut watchers =
        [town.watch_grants_from(&left, &cursor).await, town.watch_grants_from(&right, &cursor).await];
    // More than once, and each for all of them.
    for (standing, expected) in [
        (certification::IssuerStanding::Suspended, GrantEventType::Suspended),
        (certification::IssuerStanding::Listed, GrantEventType::Resumed),
        (certification::IssuerStanding::Suspended, GrantEventType::Suspended),
    ] {
        town.issuer("academy", standing);
        for watcher in &mut watchers {
            let mut told = Vec::new();
            for _ in &names {
                told.push(watcher.happened().await);
            }
            told.sort_by(|left, right| left.1.cmp(&right.1));
            assert_eq!(told, names.iter().map(|name| (expected, name.clone())).collect::<Vec<_>>());
        }
    }
    let head = town.grants(&left, ListGrantsRequest::default()).await.watch_cursor;
    for watcher in &mut watchers {
        assert_eq!(watcher.rest(&head).await, []);
    }
    left.stop().await;
    right.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_replicas_on_one_sqlite_file_makes_each_change() {
    one_of_two_replicas_makes_each_change(Town::new().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_replicas_on_one_postgresql_database_makes_each_change() {
    one_of_two_replicas_makes_each_change(Town::on(postgres().await).await).await;
}
