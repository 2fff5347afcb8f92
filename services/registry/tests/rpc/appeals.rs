//! Appeals against sanctions.

use crate::town::{Replica, Town, codes, reason};
use crate::town_conduct::{conduct, fields, until};
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use std::time::Duration;
use tonic::{Code, Status};

async fn file(town: &Town, replica: &Replica, sanction: &str) -> Result<Appeal, Status> {
    let appeal = Appeal {
        sanction: sanction.to_owned(),
        statement: "the goods were there".to_owned(),
        ..Default::default()
    };
    let message = FileAppealRequest { appeal: Some(appeal), ..Default::default() };
    let answer = conduct(replica).file_appeal(town.call("shop", message)).await?;
    Ok(answer.into_inner().appeal.unwrap())
}

fn decision(name: &str, outcome: AppealState) -> DecideAppealRequest {
    DecideAppealRequest {
        name: name.to_owned(),
        outcome: outcome.into(),
        reasons: "the recording was looked at again".to_owned(),
        ..Default::default()
    }
}

async fn banned(town: &Town, replica: &Replica) -> (String, Sanction) {
    let mina = town.certified(replica, "shop", "mina").await;
    let ban = town.sanction(&mina, Measure::TimedBan, until(town.in_hours(10)));
    (mina, town.impose(replica, ban).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_is_reviewed_by_another_and_reduces_the_measure_at_once() {
    let town = Town::new().await;
    let replica = town.start().await;
    let (mina, ban) = banned(&town, &replica).await;
    let filed = file(&town, &replica, &ban.name).await.unwrap();
    let fifteen_days = town.in_hours(15 * 24);
    assert_eq!((filed.state(), filed.answer_until_time), (AppealState::Filed, Some(timestamp(fifteen_days))));
    let twice = file(&town, &replica, &ban.name).await.unwrap_err();
    assert_eq!((twice.code(), reason(&twice).as_str()), (Code::AlreadyExists, "APPEAL_EXISTS"));
    let own = conduct(&replica)
        .decide_appeal(town.call("shop", decision(&filed.name, AppealState::Overturned)))
        .await
        .unwrap_err();
    assert_eq!((own.code(), reason(&own).as_str()), (Code::PermissionDenied, "REVIEWER_NOT_INDEPENDENT"));
    let begin = BeginAppealReviewRequest { name: filed.name.clone(), ..Default::default() };
    let begun = conduct(&replica).begin_appeal_review(town.reviewer(begin)).await.unwrap().into_inner();
    let begun = begun.appeal.unwrap();
    assert_eq!(begun.state(), AppealState::UnderReview);
    assert_eq!(begun.reviewer.unwrap().client, "clients/shop-reviewer");
    let stricter = DecideAppealRequest {
        measure: Measure::Blacklisting.into(),
        term: Some(until(town.in_hours(11))),
        ..decision(&filed.name, AppealState::Reduced)
    };
    let refused = conduct(&replica).decide_appeal(town.reviewer(stricter)).await.unwrap_err();
    assert_eq!(fields(&refused), ["measure", "term"]);
    let milder = DecideAppealRequest {
        measure: Measure::Warning.into(),
        term: Some(until(town.in_hours(10))),
        ..decision(&filed.name, AppealState::Reduced)
    };
    let decided = conduct(&replica).decide_appeal(town.reviewer(milder)).await.unwrap().into_inner();
    assert_eq!(decided.sanction.as_ref().unwrap().measure(), Measure::Warning);
    assert_eq!(decided.sanction.unwrap().appeal, filed.name);
    assert_eq!(town.check_now(&replica, "shop", &mina).await.outcome(), Outcome::Allow);
    let notice = |notified_time| RecordAppealNoticeRequest {
        name: filed.name.clone(),
        notified_time,
        ..Default::default()
    };
    let before = Some(timestamp(town.clock.now().minus(Duration::from_hours(1))));
    let early = conduct(&replica).record_appeal_notice(town.call("shop", notice(before))).await.unwrap_err();
    assert_eq!(fields(&early), ["notified_time"]);
    let told = conduct(&replica).record_appeal_notice(town.call("shop", notice(None))).await.unwrap();
    assert_eq!(told.into_inner().appeal.unwrap().notified_time, Some(timestamp(town.clock.now())));
    let again = conduct(&replica).record_appeal_notice(town.call("shop", notice(None))).await.unwrap_err();
    assert_eq!(reason(&again), "RESOURCE_STATE_WRONG");
    replica.stop().await;
    town.is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overturned_sanction_is_gone_and_an_upheld_one_stands() {
    let town = Town::new().await;
    let replica = town.start().await;
    let (mina, ban) = banned(&town, &replica).await;
    let filed = file(&town, &replica, &ban.name).await.unwrap();
    let told = DecideAppealRequest {
        notified_time: Some(timestamp(town.clock.now())),
        ..decision(&filed.name, AppealState::Overturned)
    };
    let decided = conduct(&replica).decide_appeal(town.reviewer(told)).await.unwrap().into_inner();
    assert!(decided.appeal.unwrap().notified_time.is_some());
    assert_eq!(decided.sanction.unwrap().state(), SanctionState::Overturned);
    assert_eq!(town.check_now(&replica, "shop", &mina).await.outcome(), Outcome::Allow);
    let ban = town.sanction(&mina, Measure::TimedBan, until(town.in_hours(10)));
    let ban = town.impose(&replica, ban).await.unwrap();
    let filed = file(&town, &replica, &ban.name).await.unwrap();
    let upheld = decision(&filed.name, AppealState::Upheld);
    conduct(&replica).decide_appeal(town.reviewer(upheld.clone())).await.unwrap();
    assert_eq!(codes(&town.check_now(&replica, "shop", &mina).await), ["TIMED_BAN"]);
    let again = conduct(&replica).decide_appeal(town.reviewer(upheld)).await.unwrap_err();
    assert_eq!(reason(&again), "RESOURCE_STATE_WRONG");
    let message = ListAppealsRequest { state: AppealState::Upheld.into(), ..Default::default() };
    let listed = conduct(&replica).list_appeals(town.call("shop", message)).await.unwrap().into_inner();
    assert_eq!(listed.appeals.iter().map(|it| &it.name).collect::<Vec<_>>(), [&filed.name]);
    replica.stop().await;
    town.is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_comes_within_its_deadline_or_not_at_all() {
    let town = Town::new().await;
    let replica = town.start().await;
    let (_, ban) = banned(&town, &replica).await;
    town.clock.advance(Duration::from_hours(24));
    let late = file(&town, &replica, &ban.name).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "APPEAL_TOO_LATE"));
    let unknown = file(&town, &replica, "sanctions/never").await.unwrap_err();
    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::NotFound, "RESOURCE_NOT_FOUND"));
    replica.stop().await;
}
