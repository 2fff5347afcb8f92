//! Room operators, and what sales in their rooms rest on.

use crate::town::{Town, codes, reason, streamers};
use crate::town_operators::{
    MCN, STAGE, STUDIO, enterprise, fields, food_at, food_licence, operators, sorted, with_operator,
};
use greenroom_domain::kernel::Date;
use greenroom_proto::registry::v1::*;
use greenroom_registry::verify;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::database::{TestDatabase, postgres, sqlite};
use greenroom_testkit::eventually;
use std::time::Duration;
use tonic::Code;

const DAY: u64 = 24;

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_asks_for_a_verified_licensed_operator_and_an_engagement_with_it() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let nowhere = food_at("roomOperators/nowhere");
    let decision = town.check_sale(&replica, &mina, nowhere).await;
    assert_eq!(codes(&decision), ["AFFILIATION_UNPROVEN", "OPERATOR_UNVERIFIED"]);
    let studio = town.register(&replica, enterprise(STUDIO), None).await.unwrap();
    town.engaged(&replica, &mina, &studio.name).await;
    let decision = town.check_sale(&replica, &mina, food_at(&studio.name)).await;
    assert_eq!(codes(&decision), ["OPERATOR_UNVERIFIED", "OPERATOR_LICENCE_MISSING"]);
    let message = RecordReverificationRequest {
        name: studio.name.clone(),
        verification: Some(town.verification()),
        ..Default::default()
    };
    operators(&replica).record_reverification(town.call("shop", message)).await.unwrap();
    let decision = town.check_sale(&replica, &mina, food_at(&studio.name)).await;
    assert_eq!(codes(&decision), ["OPERATOR_LICENCE_MISSING"]);
    let toys = Sale { categories: vec!["general".to_owned()], ..food_at(&studio.name) };
    assert_eq!(town.check_sale(&replica, &mina, toys).await.outcome(), Outcome::Allow);
    let licensed =
        RoomOperator { name: studio.name.clone(), licences: vec![food_licence()], ..Default::default() };
    let message = UpdateRoomOperatorRequest { room_operator: Some(licensed), ..Default::default() };
    operators(&replica).update_room_operator(town.call("shop", message)).await.unwrap();
    let decision = town.check_sale(&replica, &mina, food_at(&studio.name)).await;
    assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", codes(&decision));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recheck_is_due_after_six_months_of_the_beijing_calendar() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let at = |text| Date::parse(text).unwrap().beijing_midnight();
    let in_august =
        OperatorVerification { verify_time: Some(timestamp(at("2026-08-31"))), ..town.verification() };
    let studio = town.register(&replica, enterprise(STUDIO), Some(in_august.clone())).await.unwrap();
    assert_eq!(studio.verified_until_time, Some(timestamp(at("2027-03-01"))));
    let in_may = OperatorVerification { verify_time: Some(timestamp(at("2026-05-20"))), ..in_august };
    let stage = town.register(&replica, enterprise(STAGE), Some(in_may)).await.unwrap();
    let never = town.register(&replica, enterprise(MCN), None).await.unwrap();
    let due = async |day| {
        let message =
            ListRoomOperatorsRequest { due_before_time: Some(timestamp(at(day))), ..Default::default() };
        let listed = operators(&replica).list_room_operators(town.call("shop", message)).await.unwrap();
        sorted(listed.into_inner().room_operators.into_iter().map(|one| one.name))
    };
    assert_eq!(due("2026-11-20").await, std::slice::from_ref(&never.name));
    assert_eq!(due("2026-11-21").await, sorted([stage.name.clone(), never.name.clone()]));
    assert_eq!(due("2027-03-02").await, sorted([studio.name, stage.name.clone(), never.name]));
    town.engaged(&replica, &mina, &stage.name).await;
    let toys = Sale { room_operator: stage.name.clone(), ..Default::default() };
    let decision = town.check_sale(&replica, &mina, toys.clone()).await;
    assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", codes(&decision));
    town.clock.advance(Duration::from_hours(17 * DAY + 12));
    town.hear(&replica, &mina).await;
    let decision = town.check_sale(&replica, &mina, toys).await;
    assert_eq!(codes(&decision), ["OPERATOR_RECHECK_OVERDUE"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verification_stays_on_record_with_whoever_recorded_it() {
    let town = Town::new().await;
    let replica = town.start().await;
    let studio = town.operator(&replica, STUDIO).await;
    let reverify = async |verification, etag: &str| {
        let message = RecordReverificationRequest {
            name: studio.name.clone(),
            verification: Some(verification),
            etag: etag.to_owned(),
            ..Default::default()
        };
        let answer = operators(&replica).record_reverification(town.call("shop", message)).await?;
        Ok::<_, tonic::Status>(answer.into_inner().room_operator.unwrap())
    };
    town.clock.advance(Duration::from_hours(DAY));
    let stale = reverify(town.verification(), "\"9\"").await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    let verified = reverify(town.verification(), &studio.etag).await.unwrap();
    assert_ne!((&verified.etag, verified.verified_until_time), (&studio.etag, studio.verified_until_time));
    let recorded: Vec<&str> = verified.verifications.iter().map(|one| one.client.as_str()).collect();
    assert_eq!(recorded, ["clients/shop-backend", "clients/shop-backend"]);
    assert_eq!(verified.verifications.first(), studio.verifications.first());
    let earlier = OperatorVerification {
        verify_time: studio.verifications.first().unwrap().verify_time,
        ..town.verification()
    };
    assert_eq!(fields(&reverify(earlier, "").await.unwrap_err()), ["verification.verify_time"]);
    let unlicensed = OperatorVerification { checks: vec![1, 2, 3], ..town.verification() };
    assert_eq!(fields(&reverify(unlicensed, "").await.unwrap_err()), ["verification.checks"]);
    let future = timestamp(town.in_hours(1));
    let hollow = OperatorVerification { checks: vec![1, 9], verify_time: Some(future), ..Default::default() };
    assert_eq!(
        fields(&reverify(hollow, "").await.unwrap_err()),
        [
            "verification.checks[1]",
            "verification.checks",
            "verification.verify_time",
            "verification.artefact_digest"
        ]
    );
    let message = ListRoomOperatorsRequest::default();
    let listed = operators(&replica).list_room_operators(town.call("shop", message)).await.unwrap();
    let listed = listed.into_inner().room_operators;
    assert_eq!(listed.first().unwrap().verifications.len(), 1);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_wrong_with_a_registration_is_told_at_once() {
    let town = Town::new().await;
    let replica = town.start().await;
    let licence = OperatorLicence {
        category: "Food".to_owned(),
        proof: None,
        from_date: "2026-02-30".to_owned(),
        until_date: "never".to_owned(),
    };
    let wrong = RoomOperator {
        tier: 0,
        organization: "studio".to_owned(),
        licences: vec![licence],
        ..enterprise("91350100M000100Y44")
    };
    let refused = town.register(&replica, wrong, None).await.unwrap_err();
    assert_eq!(
        fields(&refused),
        [
            "room_operator.enterprise.credit_code",
            "room_operator.tier",
            "room_operator.organization",
            "room_operator.licences[0].category",
            "room_operator.licences[0].reference",
            "room_operator.licences[0].from_date",
            "room_operator.licences[0].until_date",
        ]
    );
    let nobody = town.register(&replica, RoomOperator::default(), None).await.unwrap_err();
    assert_eq!(fields(&nobody), ["room_operator", "room_operator.tier"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_or_person_is_registered_once_until_it_is_withdrawn() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    let individual = RoomOperator {
        party: Some(room_operator::Party::Person("persons/mina".to_owned())),
        ..enterprise("")
    };
    for operator in [enterprise(STUDIO), individual.clone()] {
        let first = town.register(&replica, operator.clone(), None).await.unwrap();
        let again = town.register(&replica, operator.clone(), None).await.unwrap_err();
        assert_eq!(
            (again.code(), reason(&again).as_str()),
            (Code::AlreadyExists, "ROOM_OPERATOR_REGISTERED")
        );
        let message = WithdrawRoomOperatorRequest { name: first.name.clone(), ..Default::default() };
        let gone =
            operators(&replica).withdraw_room_operator(town.call("shop", message.clone())).await.unwrap();
        assert_eq!(gone.into_inner().room_operator.unwrap().state(), RoomOperatorState::Withdrawn);
        let twice = operators(&replica).withdraw_room_operator(town.call("shop", message)).await.unwrap_err();
        assert_eq!(reason(&twice), "ROOM_OPERATOR_WITHDRAWN");
        let anew = town.register(&replica, operator, None).await.unwrap();
        assert_ne!(anew.name, first.name);
    }
    let stranger =
        RoomOperator { party: Some(room_operator::Party::Person("persons/jun".to_owned())), ..individual };
    let unknown = town.register(&replica, stranger, None).await.unwrap_err();
    assert_eq!(reason(&unknown), "PERSON_NOT_FOUND");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_changes_what_its_mask_names_and_never_who_it_is() {
    let town = Town::new().await;
    let replica = town.start().await;
    let studio = town.operator(&replica, STUDIO).await;
    let update = async |operator: RoomOperator, paths: &[&str]| {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let message = UpdateRoomOperatorRequest {
            room_operator: Some(RoomOperator { name: studio.name.clone(), ..operator }),
            update_mask: Some(prost_types::FieldMask { paths }),
            ..Default::default()
        };
        let answer = operators(&replica).update_room_operator(town.call("shop", message)).await?;
        Ok::<_, tonic::Status>(answer.into_inner().room_operator.unwrap())
    };
    let key = RoomOperator { tier: RoomTier::Key.into(), ..Default::default() };
    let changed = update(key, &["tier"]).await.unwrap();
    assert_eq!(changed.tier(), RoomTier::Key);
    assert_eq!((&changed.party, &changed.licences), (&studio.party, &studio.licences));
    let bare = update(RoomOperator::default(), &["licences"]).await.unwrap();
    assert_eq!(bare.licences, []);
    let renamed = update(enterprise(STAGE), &["enterprise.registered_name"]).await.unwrap();
    assert_eq!(renamed.party, studio.party);
    let refused = update(enterprise(STAGE), &["enterprise.credit_code", "person"]).await.unwrap_err();
    assert_eq!(fields(&refused), ["update_mask.paths[0]", "update_mask.paths[1]"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_operator_takes_the_session_in_its_room_off_the_air() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let studio = town.operator(&replica, STUDIO).await;
    town.engaged(&replica, &mina, &studio.name).await;
    let opened = town.open_at(&replica, &[&mina], &studio.name).await;
    let elsewhere = town.open(&replica, "shop", &[&mina]).await.unwrap().live_session.unwrap();
    assert_eq!(elsewhere.state(), LiveSessionState::Open);
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    let message = WithdrawRoomOperatorRequest { name: studio.name, ..Default::default() };
    operators(&replica).withdraw_room_operator(town.call("shop", message)).await.unwrap();
    let heard = [watcher.next().await, watcher.next().await];
    let [_, cut] = heard;
    assert_eq!((cut.r#type(), cut.cut_streamers), (LiveSessionEventType::MarketerCut, vec![mina]));
    let session = cut.live_session.unwrap();
    assert_eq!((session.name, session.state), {
        (opened.live_session.unwrap().name, LiveSessionState::Ended.into())
    });
    let decision = session.roster.first().unwrap().decision.clone().unwrap();
    assert_eq!(codes(&decision), ["OPERATOR_UNVERIFIED"]);
    assert_eq!(watcher.rest().await, []);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_a_session_is_about_its_roster_too() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let jun = town.certified(&replica, "shop", "jun").await;
    let session = town.open(&replica, "shop", &[&mina]).await.unwrap().live_session.unwrap();
    let check = async |streamer: &str, live_session: &str| {
        let request = CheckPermissionRequest {
            streamer: streamer.to_owned(),
            live_session: live_session.to_owned(),
            ..Default::default()
        };
        town.check(&replica, "shop", request).await.unwrap()
    };
    eventually("the session is known", async || {
        (check(&mina, &session.name).await.outcome() == Outcome::Allow).then_some(())
    })
    .await;
    let valid_until = check(&mina, &session.name).await.valid_until_time;
    assert_eq!(valid_until, session.lease_until_time);
    assert_eq!(codes(&check(&jun, &session.name).await), ["NOT_ON_ROSTER"]);
    assert_eq!(codes(&check(&mina, "liveSessions/none").await), ["NOT_ON_ROSTER"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_on_one_sqlite_file_know_the_same_operators_also_after_a_restart() {
    replicas(sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_on_one_postgresql_database_know_the_same_operators_also_after_a_restart() {
    replicas(postgres().await).await;
}

async fn replicas(database: TestDatabase) {
    let town = Town::on(database).await;
    let (left, right) = (town.start().await, town.start().await);
    let mina = town.certified(&left, "shop", "mina").await;
    let studio = town.operator(&left, STUDIO).await;
    let message =
        EngageStreamerRequest { engagement: Some(with_operator(&mina, &studio.name)), ..Default::default() };
    let engaged = streamers(&right).engage_streamer(town.call("shop", message)).await.unwrap().into_inner();
    let request = CheckPermissionRequest {
        streamer: mina.clone(),
        sale: Some(food_at(&studio.name)),
        at_least_revision: engaged.revision,
        ..Default::default()
    };
    for replica in [&left, &right] {
        let decision = town.check(replica, "shop", request.clone()).await.unwrap();
        assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", codes(&decision));
    }
    let seen = town.streamer(&right, &mina).await;
    assert_eq!(seen.room_operators, [studio.name]);
    right.stop().await;
    left.stop().await;
    let again = town.start().await;
    assert_eq!(town.streamer(&again, &mina).await, seen);
    let decision = town.check(&again, "shop", request).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", codes(&decision));
    again.stop().await;
    let report = verify(&town.config()).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_personal_of_an_operator_is_in_its_events() {
    use greenroom_auth::OrganizationRole;
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    let individual = RoomOperator {
        party: Some(room_operator::Party::Person("persons/mina".to_owned())),
        ..enterprise("")
    };
    town.register(&replica, individual, Some(town.verification())).await.unwrap();
    let call =
        town.call_as("suite", &[OrganizationRole::SuiteOperator], WatchRegistryEventsRequest::default());
    let mut stream = crate::town::events(&replica).watch_registry_events(call).await.unwrap().into_inner();
    let fact = loop {
        let told = stream.message().await.unwrap().unwrap().events;
        let facts = told.into_iter().filter_map(|event| event.fact?.fact);
        let mut of_operators = facts.filter_map(|fact| match fact {
            registry_fact::Fact::RoomOperator(fact) => Some(fact),
            _ => None,
        });
        if let Some(fact) = of_operators.next() {
            break fact;
        }
    };
    assert_eq!(fact.person, "persons/suite-mina");
    let told = fact.room_operator.unwrap();
    assert_eq!(told.party, Some(room_operator::Party::Person("persons/mina".to_owned())));
    replica.stop().await;
}
