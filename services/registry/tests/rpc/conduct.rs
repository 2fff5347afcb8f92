//! Sanctions, and what they do to decisions and to sessions on air.

use crate::sessions::states;
use crate::town::{Town, codes, reason};
use crate::town_conduct::{conduct, fields, permanent, until};
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::{instant, timestamp};
use std::time::Duration;
use tonic::Code;

#[tokio::test(flavor = "multi_thread")]
async fn a_sanction_cuts_the_stream_at_once_and_lifting_it_lets_the_streamer_back() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    let ban = town.sanction(&mina, Measure::LiveSuspension, until(town.in_hours(3)));
    let ban = town.impose(&replica, ban).await.unwrap();
    assert_eq!(ban.state(), SanctionState::InForce);
    let cut = watcher.next().await;
    assert_eq!((cut.r#type(), &cut.cut_streamers), (LiveSessionEventType::MarketerCut, &vec![mina.clone()]));
    assert_eq!(states(&cut.live_session.unwrap()), [MarketerState::Cut]);
    let decision = town.check_now(&replica, "shop", &mina).await;
    assert_eq!(codes(&decision), ["LIVE_SUSPENDED"]);
    let told = decision.reasons.first().unwrap();
    assert_eq!((told.kind(), &told.measure), (ReasonKind::Policy, &ban.name));
    assert!(told.appeal.starts_with("appeals desk of the platform"), "{}", told.appeal);
    let lifted = town.lift(&replica, &ban.name).await.unwrap();
    assert_eq!(lifted.state(), SanctionState::Lifted);
    assert_eq!(town.check_now(&replica, "shop", &mina).await.outcome(), Outcome::Allow);
    let again = town.lift(&replica, &ban.name).await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::FailedPrecondition, "RESOURCE_STATE_WRONG"));
    replica.stop().await;
    town.is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timed_ban_begins_and_ends_by_itself_and_a_restart_knows_it() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let (from, end) = (town.in_seconds(10), town.in_seconds(40));
    let term = Term { from_time: Some(timestamp(from)), ..until(end) };
    let ban = town.sanction(&mina, Measure::TimedBan, term);
    let ban = town.impose(&replica, ban).await.unwrap();
    assert_eq!(ban.state(), SanctionState::Pending);
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let lease = opened.live_session.as_ref().unwrap().lease_until_time.as_ref();
    assert_eq!(lease.and_then(|at| instant(at).ok()), Some(from), "the lease ends where the ban begins");
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.clock.advance(Duration::from_secs(10));
    assert_eq!(watcher.next().await.cut_streamers, std::slice::from_ref(&mina));
    replica.stop().await;
    let replica = town.start().await;
    town.hear(&replica, &mina).await;
    let decision = town.check_now(&replica, "shop", &mina).await;
    assert_eq!(codes(&decision), ["TIMED_BAN"]);
    assert_eq!(decision.reasons.first().unwrap().until_time, Some(timestamp(end)));
    town.clock.advance(Duration::from_secs(30));
    town.hear(&replica, &mina).await;
    assert_eq!(town.check_now(&replica, "shop", &mina).await.outcome(), Outcome::Allow);
    assert_eq!(town.read_sanction(&replica, &ban.name).await.state(), SanctionState::Ended);
    let late = town.lift(&replica, &ban.name).await.unwrap_err();
    assert_eq!(reason(&late), "RESOURCE_STATE_WRONG");
    replica.stop().await;
    town.is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sanction_without_what_the_law_asks_for_is_refused_with_everything_that_is_missing() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.proven(&replica, "mina").await;
    let bare = Sanction { notice: None, term: None, ..town.sanction(&mina, Measure::TimedBan, permanent()) };
    let refused = town.impose(&replica, bare).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let missing = ["facts", "reasons", "legal_basis", "appeal_channel", "appeal_until_time"];
    let mut expected: Vec<String> = missing.iter().map(|field| format!("sanction.notice.{field}")).collect();
    expected.push("sanction.term".to_owned());
    assert_eq!(fields(&refused), expected);
    for (measure, term, field) in [
        (Measure::TimedBan, permanent(), "sanction.term"),
        (Measure::AccountClosure, until(town.in_hours(1)), "sanction.term"),
        (Measure::FunctionLimit, permanent(), "sanction.functions"),
        (Measure::Warning, until(town.clock.now()), "sanction.term.until_time"),
    ] {
        let refused = town.impose(&replica, town.sanction(&mina, measure, term)).await.unwrap_err();
        assert_eq!(fields(&refused), [field], "{measure:?}");
    }
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_closes_all_there_are_and_a_blacklisted_person_gets_no_new_one() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let second = town.enrol_as(&replica, "shop", "mina", "second").await.unwrap();
    let closure = town.sanction(&mina, Measure::AccountClosure, permanent());
    let closure = town.impose(&replica, closure).await.unwrap();
    for account in [&mina, &second] {
        assert_eq!(codes(&town.check_now(&replica, "shop", account).await), ["ACCOUNT_CLOSED"]);
    }
    town.clock.advance(Duration::from_secs(1));
    let third = town.enrol_as(&replica, "shop", "mina", "third").await.unwrap();
    assert_eq!(codes(&town.check_now(&replica, "shop", &third).await), Vec::<&str>::new());
    town.lift(&replica, &closure.name).await.unwrap();
    for measure in [Measure::ReregistrationBan, Measure::Blacklisting] {
        let ban = town.sanction(&third, measure, permanent());
        let ban = town.impose(&replica, ban).await.unwrap();
        assert_eq!(town.check_now(&replica, "shop", &mina).await.outcome(), Outcome::Deny);
        let barred = town.enrol_as(&replica, "shop", "mina", "fourth").await.unwrap_err();
        assert_eq!((barred.code(), reason(&barred).as_str()), (Code::FailedPrecondition, "STREAMER_BARRED"));
        town.lift(&replica, &ban.name).await.unwrap();
    }
    town.enrol_as(&replica, "shop", "mina", "fourth").await.unwrap();
    replica.stop().await;
    town.is_clean().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_withheld_stops_sales_that_use_it_and_the_strictest_measure_is_told() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let limit = Sanction {
        functions: vec!["cart".to_owned()],
        ..town.sanction(&mina, Measure::FunctionLimit, until(town.in_hours(1)))
    };
    let limit = town.impose(&replica, limit).await.unwrap();
    let warning = town.sanction(&mina, Measure::Warning, permanent());
    let warning = town.impose(&replica, warning).await.unwrap();
    let with = |function: &str| CheckPermissionRequest {
        streamer: mina.clone(),
        sale: Some(Sale { functions: vec![function.to_owned()], ..Default::default() }),
        ..Default::default()
    };
    let decision = town.check(&replica, "shop", with("cart")).await.unwrap();
    assert_eq!(codes(&decision), ["FUNCTION_LIMITED"]);
    let decision = town.check(&replica, "shop", with("chat")).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::Allow);
    let message = GetConductSummaryRequest { streamer: mina.clone() };
    let summary = conduct(&replica).get_conduct_summary(town.call("shop", message)).await.unwrap();
    let summary = summary.into_inner();
    assert_eq!(summary.strictest_measure(), Measure::FunctionLimit);
    assert_eq!(summary.sanctions_in_force, [limit.name, warning.name]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sanctions_are_listed_by_streamer_and_by_how_they_stand_now() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.proven(&replica, "mina").await;
    let jun = town.proven(&replica, "jun").await;
    let mut names = Vec::new();
    for streamer in [&mina, &jun, &mina] {
        let ban = town.sanction(streamer, Measure::TimedBan, until(town.in_hours(1)));
        names.push(town.impose(&replica, ban).await.unwrap().name);
        // Ids of one millisecond have no order.
        town.clock.advance(Duration::from_millis(1));
    }
    town.lift(&replica, &names[0]).await.unwrap();
    let list = async |streamer: &str, state: SanctionState, platform: &str| {
        let message =
            ListSanctionsRequest { streamer: streamer.to_owned(), state: state.into(), ..Default::default() };
        let answer = conduct(&replica).list_sanctions(town.call(platform, message)).await.unwrap();
        answer.into_inner().sanctions.into_iter().map(|it| it.name).collect::<Vec<_>>()
    };
    assert_eq!(list("", SanctionState::Unspecified, "shop").await, names);
    assert_eq!(list(&mina, SanctionState::Unspecified, "shop").await, [&names[0][..], &names[2]]);
    assert_eq!(list(&mina, SanctionState::InForce, "shop").await, [&names[2][..]]);
    assert!(list("", SanctionState::Unspecified, "rival").await.is_empty());
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_platforms_names_are_names_that_never_existed() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.proven(&replica, "mina").await;
    let ban = town.sanction(&mina, Measure::TimedBan, until(town.in_hours(1)));
    let ban = town.impose(&replica, ban).await.unwrap();
    let lift = async |name: &str| {
        let message =
            LiftSanctionRequest { name: name.to_owned(), reason: "mine".to_owned(), ..Default::default() };
        let refused = conduct(&replica).lift_sanction(town.call("rival", message)).await.unwrap_err();
        (refused.code(), refused.message().replace(name, ""), reason(&refused))
    };
    assert_eq!(lift(&ban.name).await, lift("sanctions/never").await);
    let impose = async |streamer: &str| {
        let sanction = Some(town.sanction(streamer, Measure::TimedBan, until(town.in_hours(1))));
        let message = ImposeSanctionRequest { sanction, ..Default::default() };
        let refused = conduct(&replica).impose_sanction(town.call("rival", message)).await.unwrap_err();
        (refused.code(), refused.message().replace(streamer.trim_start_matches("streamers/"), ""))
    };
    assert_eq!(impose(&mina).await, impose("streamers/never").await);
    replica.stop().await;
}
