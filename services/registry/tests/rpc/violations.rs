//! Violations and the ledger of points.

use crate::town::{Replica, Town, codes, reason};
use crate::town_conduct::{conduct, fields, permanent};
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use tonic::{Code, Status};

async fn report(town: &Town, replica: &Replica, streamer: &str, kind: &str) -> Result<Violation, Status> {
    let violation = Violation {
        streamer: streamer.to_owned(),
        kind: format!("violationKinds/{kind}"),
        description: "seen on air".to_owned(),
        occur_time: Some(timestamp(town.clock.now())),
        ..Default::default()
    };
    let message = ReportViolationRequest { violation: Some(violation), ..Default::default() };
    let answer = conduct(replica).report_violation(town.call("shop", message)).await?;
    Ok(answer.into_inner().violation.unwrap())
}

async fn confirm(
    town: &Town,
    replica: &Replica,
    name: &str,
    points: i32,
    penalty_date: &str,
) -> Result<Violation, Status> {
    let message = DecideViolationRequest {
        name: name.to_owned(),
        outcome: ViolationState::Confirmed.into(),
        points,
        reason: "the recording shows it".to_owned(),
        penalty_date: penalty_date.to_owned(),
        ..Default::default()
    };
    let answer = conduct(replica).decide_violation(town.call("shop", message)).await?;
    Ok(answer.into_inner().violation.unwrap())
}

async fn reverse(town: &Town, replica: &Replica, name: &str) -> Result<Violation, Status> {
    let message = ReverseViolationRequest {
        name: name.to_owned(),
        reason: "the recording was another's".to_owned(),
        ..Default::default()
    };
    let answer = conduct(replica).reverse_violation(town.call("shop", message)).await?;
    Ok(answer.into_inner().violation.unwrap())
}

async fn summary(town: &Town, replica: &Replica, streamer: &str) -> (i32, i32) {
    let message = GetConductSummaryRequest { streamer: streamer.to_owned() };
    let summary = conduct(replica).get_conduct_summary(town.call("shop", message)).await.unwrap();
    let summary = summary.into_inner();
    (summary.points, summary.confirmed_violations)
}

#[tokio::test(flavor = "multi_thread")]
async fn points_are_a_ledger_that_reversals_enter_too() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.proven(&replica, "mina").await;
    let first = report(&town, &replica, &mina, "price-deception").await.unwrap();
    assert_eq!((first.state(), summary(&town, &replica, &mina).await), (ViolationState::Reported, (0, 0)));
    let too_many = confirm(&town, &replica, &first.name, 13, "2026-01-01").await.unwrap_err();
    assert_eq!(fields(&too_many), ["points", "penalty_date"]);
    confirm(&town, &replica, &first.name, 3, "").await.unwrap();
    let twice = confirm(&town, &replica, &first.name, 3, "").await.unwrap_err();
    assert_eq!((twice.code(), reason(&twice).as_str()), (Code::FailedPrecondition, "RESOURCE_STATE_WRONG"));
    let second = report(&town, &replica, &mina, "poor-quality").await.unwrap();
    confirm(&town, &replica, &second.name, 5, "").await.unwrap();
    assert_eq!(summary(&town, &replica, &mina).await, (8, 2));
    let reversed = reverse(&town, &replica, &first.name).await.unwrap();
    let points: Vec<i32> = reversed.entries.iter().map(|entry| entry.points).collect();
    assert_eq!((reversed.state(), points), (ViolationState::Reversed, vec![3, -3]));
    assert_eq!(summary(&town, &replica, &mina).await, (5, 1));
    let message = ListViolationsRequest { state: ViolationState::Confirmed.into(), ..Default::default() };
    let listed = conduct(&replica).list_violations(town.call("shop", message)).await.unwrap().into_inner();
    assert_eq!(listed.violations.iter().map(|it| &it.name).collect::<Vec<_>>(), [&second.name]);
    replica.stop().await;
    town.is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_not_in_the_catalogue_is_refused_with_those_that_are() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.proven(&replica, "mina").await;
    let unknown = report(&town, &replica, &mina, "rudeness").await.unwrap_err();
    assert_eq!(fields(&unknown), ["violation.kind"]);
    let message = ListViolationKindsRequest {};
    let kinds = conduct(&replica).list_violation_kinds(town.call("shop", message)).await.unwrap();
    let kinds = kinds.into_inner().kinds;
    let ai = kinds.iter().find(|kind| kind.name == "violationKinds/ai-label").unwrap();
    assert!(ai.basis.as_ref().unwrap().zh.contains("第三十七条") && !ai.points_confirmed);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_penalty_for_false_endorsement_keeps_goods_out_of_the_hands_until_it_is_reversed() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    let endorsed = report(&town, &replica, &mina, "false-endorsement").await.unwrap();
    let today = town.clock.now().beijing_date();
    let future = confirm(&town, &replica, &endorsed.name, 6, &today.next_day().to_string()).await;
    assert_eq!(fields(&future.unwrap_err()), ["penalty_date"]);
    confirm(&town, &replica, &endorsed.name, 6, &today.to_string()).await.unwrap();
    assert_eq!(watcher.next().await.cut_streamers, std::slice::from_ref(&mina));
    let sale = |categories: &[&str]| CheckPermissionRequest {
        streamer: mina.clone(),
        sale: Some(Sale {
            categories: categories.iter().map(|id| (*id).to_owned()).collect(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let decision = town.check(&replica, "shop", sale(&["general"])).await.unwrap();
    assert_eq!(codes(&decision), ["ENDORSER_PENALISED"]);
    let told = decision.reasons.first().unwrap();
    let ends = today.plus_years(3).beijing_midnight();
    assert_eq!((told.kind(), told.until_time), (ReasonKind::Legal, Some(timestamp(ends))));
    assert_eq!(town.check_now(&replica, "shop", &mina).await.outcome(), Outcome::Allow);
    reverse(&town, &replica, &endorsed.name).await.unwrap();
    let decision = town.check(&replica, "shop", sale(&["general"])).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Allow);
    replica.stop().await;
    town.is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sanction_answers_violations_of_its_own_streamer_alone() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.proven(&replica, "mina").await;
    let jun = town.proven(&replica, "jun").await;
    let violation = report(&town, &replica, &jun, "data-fraud").await.unwrap();
    let answering = |streamer: &str| Sanction {
        violations: vec![violation.name.clone()],
        ..town.sanction(streamer, Measure::Warning, permanent())
    };
    let other = town.impose(&replica, answering(&mina)).await.unwrap_err();
    assert_eq!((other.code(), reason(&other).as_str()), (Code::NotFound, "RESOURCE_NOT_FOUND"));
    town.impose(&replica, answering(&jun)).await.unwrap();
    replica.stop().await;
}
