//! What a policy asks for beside a level: rules for some sales, conditions, evidence, and other permissions than to sell.

use crate::town::{Replica, Town, codes, policies, reason, sessions, streamers};
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::{duration, timestamp};
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

async fn set(town: &Town, replica: &Replica, policy: Policy) -> Result<Policy, Status> {
    let message = SetPolicyRequest { policy: Some(policy), ..Default::default() };
    let answer = policies(replica).set_policy(town.call("shop", message)).await?;
    Ok(answer.into_inner().policy.unwrap())
}

fn for_goods(category: &str, minimum_level: Level) -> PolicyRule {
    PolicyRule {
        categories: vec![category.to_owned()],
        minimum_level: minimum_level.into(),
        ..Default::default()
    }
}

async fn sell(town: &Town, replica: &Replica, streamer: &str, categories: &[&str]) -> Decision {
    let categories = categories.iter().map(|id| (*id).to_owned()).collect();
    let sale = Some(Sale { categories, ..Default::default() });
    let request = CheckPermissionRequest { streamer: streamer.to_owned(), sale, ..Default::default() };
    town.check(replica, "shop", request).await.unwrap()
}

async fn report(
    town: &Town,
    replica: &Replica,
    platform: &str,
    streamer: &str,
    conditions: Vec<Condition>,
) -> Result<ReportConditionsResponse, Status> {
    let message = ReportConditionsRequest { streamer: streamer.to_owned(), conditions, ..Default::default() };
    Ok(streamers(replica).report_conditions(town.call(platform, message)).await?.into_inner())
}

fn score(value: i64) -> Condition {
    Condition { kind: ConditionKind::Score.into(), value, ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_asks_for_more_where_it_applies_and_nowhere_else() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let policy = Policy { rules: vec![for_goods("general", Level::Level2)], ..town.policy() };
    let policy = set(&town, &replica, policy).await.unwrap();
    // What a rule leaves open is the policy's own, and the answer says so.
    assert_eq!(policy.rules[0].accepted_job_types, policy.accepted_job_types);
    assert_eq!(sell(&town, &replica, &mina, &[]).await.outcome(), Outcome::Allow);
    let denied = sell(&town, &replica, &mina, &["general"]).await;
    assert_eq!(codes(&denied), ["LEVEL_TOO_LOW"]);
    assert_eq!(denied.reasons[0].policy_rule, Some(0));
    assert!(denied.reasons[0].basis.as_ref().unwrap().en.ends_with("revision 2, rule 0"));
    replica.stop().await;
    // Rules outlive the process.
    let replica = town.start().await;
    assert_eq!(codes(&sell(&town, &replica, &mina, &["general"]).await), ["LEVEL_TOO_LOW"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_cannot_be_meant_are_refused_with_their_places() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.proven(&replica, "mina").await;
    let rules = vec![for_goods("general", Level::Level5), for_goods("cosmetics", Level::Level4)];
    let refused = set(&town, &replica, Policy { rules, ..town.policy() }).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "POLICY_RULES_CONTRADICT")
    );
    let fields: Vec<String> =
        refused.get_details_bad_request().unwrap().field_violations.into_iter().map(|it| it.field).collect();
    assert_eq!(fields, ["policy.rules[0]", "policy.rules[1]"]);
    let metadata = refused.get_details_error_info().unwrap().metadata;
    assert_eq!(metadata["fault"], "RULE_INVERTED, RULE_SHADOWED");
    let unknown = Policy { rules: vec![for_goods("moon-rock", Level::Level3)], ..town.policy() };
    let refused = set(&town, &replica, unknown).await.unwrap_err();
    assert_eq!(reason(&refused), "FIELDS_INVALID");
    let violation = refused.get_details_bad_request().unwrap().field_violations.remove(0);
    assert_eq!(violation.field, "policy.rules[0].categories[0]");
    assert!(violation.description.contains("`general`"), "{violation:?}");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_platform_reports_meets_its_own_conditions_and_cuts_when_it_falls() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let conditions = vec![PolicyCondition { kind: ConditionKind::Score.into(), minimum: 80 }];
    set(&town, &replica, Policy { conditions, ..town.policy() }).await.unwrap();
    assert_eq!(codes(&town.check_now(&replica, "shop", &mina).await), ["SCORE_TOO_LOW"]);
    let said = report(&town, &replica, "shop", &mina, vec![score(85)]).await.unwrap();
    assert_eq!(said.conditions[0].name, format!("{mina}/conditions/score"));
    assert_eq!(said.conditions[0].report_time, Some(timestamp(town.clock.now())));
    assert_eq!(town.check_now(&replica, "shop", &mina).await.outcome(), Outcome::Allow);
    let session = town.open(&replica, "shop", &[&mina]).await.unwrap().live_session.unwrap();
    assert_eq!(session.state(), LiveSessionState::Open);
    let mut watcher = town.watch(&replica, "shop", "").await;
    report(&town, &replica, "shop", &mina, vec![score(79)]).await.unwrap();
    let cut = loop {
        let event = watcher.next().await;
        if event.r#type() == LiveSessionEventType::MarketerCut {
            break event;
        }
    };
    assert_eq!(cut.live_session.unwrap().name, session.name);
    replica.stop().await;
    let replica = town.start().await;
    assert_eq!(codes(&town.check_now(&replica, "shop", &mina).await), ["SCORE_TOO_LOW"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_about_an_own_streamer_and_well_formed() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.proven(&replica, "mina").await;
    let mut answers = Vec::new();
    for name in [mina.as_str(), "streamers/nobody"] {
        let refused = report(&town, &replica, "rival", name, vec![score(1)]).await.unwrap_err();
        answers.push((refused.code(), refused.message().replace(name, "…")));
    }
    assert_eq!(answers[0].0, Code::NotFound);
    let refused = report(&town, &replica, "shop", &mina, vec![score(-1), score(2)]).await.unwrap_err();
    let told = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<&str> = told.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["conditions[0].value", "conditions[1].kind"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_permission_has_a_policy_with_a_name_and_revisions_of_its_own() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.certified(&replica, "shop", "mina").await;
    let administrators = Policy {
        permission: Permission::ImposeSanction.into(),
        accepted_job_types: vec!["platform-administrator".to_owned()],
        ..town.policy()
    };
    let policy = set(&town, &replica, administrators.clone()).await.unwrap();
    assert_eq!((policy.name.as_str(), policy.revision_number), ("policies/shop-impose-sanction", 1));
    let get = async |name: &str| {
        let message = GetPolicyRequest { name: name.to_owned() };
        let answer = policies(&replica).get_policy(town.call("shop", message)).await;
        answer.map(|answer| answer.into_inner().policy.unwrap().permission())
    };
    assert_eq!(get("policies/shop").await.unwrap(), Permission::LiveSale);
    assert_eq!(get("policies/shop-impose-sanction").await.unwrap(), Permission::ImposeSanction);
    assert_eq!(reason(&get("policies/shop-set-policy").await.unwrap_err()), "POLICY_NOT_FOUND");
    assert_eq!(reason(&get("policies/rival-impose-sanction").await.unwrap_err()), "POLICY_NOT_FOUND");
    let ruled = Policy { rules: vec![for_goods("general", Level::Level3)], ..administrators.clone() };
    let refused = set(&town, &replica, ruled).await.unwrap_err();
    let violation = refused.get_details_bad_request().unwrap().field_violations.remove(0);
    assert_eq!(violation.field, "policy.rules");
    let misnamed = Policy { name: "policies/shop".to_owned(), ..administrators };
    assert_eq!(reason(&set(&town, &replica, misnamed).await.unwrap_err()), "FIELDS_INVALID");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grace_period_bears_evidence_that_ran_out() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let grace_period = Some(duration(Duration::from_hours(2)));
    set(&town, &replica, Policy { grace_period, ..town.policy() }).await.unwrap();
    let ends = town.clock.now().plus(Duration::from_secs(5));
    let at_least_revision = town.verify("mina", ends);
    let check = CheckPermissionRequest { streamer: mina.clone(), at_least_revision, ..Default::default() };
    town.check(&replica, "shop", check).await.unwrap();
    town.clock.advance(Duration::from_secs(10));
    town.hear(&replica, &mina).await;
    assert_eq!(town.check_now(&replica, "shop", &mina).await.outcome(), Outcome::Allow);
    set(&town, &replica, town.policy()).await.unwrap();
    assert_eq!(codes(&town.check_now(&replica, "shop", &mina).await), ["CERT_EVIDENCE_STALE"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_tried_out_is_counted_and_changes_nothing() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let before = town.check_now(&replica, "shop", &mina).await;
    let report = async || {
        let message = GetShadowReportRequest::default();
        let answer = policies(&replica).get_shadow_report(town.call("shop", message)).await;
        answer.map(|answer| answer.into_inner().report.unwrap())
    };
    assert_eq!(reason(&report().await.unwrap_err()), "POLICY_NOT_FOUND");
    let stricter =
        Policy { minimum_level: Level::Level1.into(), shadow: true, effective_time: None, ..town.policy() };
    let tried = set(&town, &replica, stricter).await.unwrap();
    assert_eq!(tried.effective_time, Some(timestamp(town.clock.now())));
    for _ in 0..3 {
        let after = town.check_now(&replica, "shop", &mina).await;
        assert_eq!((after.outcome(), after.policy_revision_number), (before.outcome(), 1));
    }
    let counted = report().await.unwrap();
    assert_eq!(counted.policy.unwrap().revision_number, 2);
    assert_eq!((counted.agree_count, counted.would_refuse_count, counted.would_allow_count), (0, 3, 0));
    let message = GetPolicyRequest::default();
    let live = policies(&replica).get_policy(town.call("shop", message)).await.unwrap().into_inner();
    assert_eq!(live.policy.unwrap().revision_number, 1);
    set(&town, &replica, town.policy()).await.unwrap();
    assert_eq!(reason(&report().await.unwrap_err()), "POLICY_NOT_FOUND");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulation_tells_the_cases_and_the_streamers_that_would_change() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let rosa = town.certified(&replica, "shop", "rosa").await;
    town.proven(&replica, "nobody").await;
    let simulate = async |policy: Policy, page_token: String| {
        let message =
            SimulatePolicyRequest { policy: Some(policy), page_size: 1, page_token, ..Default::default() };
        policies(&replica).simulate_policy(town.call("shop", message)).await.map(tonic::Response::into_inner)
    };
    let same = simulate(town.policy(), String::new()).await.unwrap();
    assert_eq!((same.flip_count, same.gain_count, same.lose_count), (0, 0, 0));
    assert!(same.cell_count > 100 && same.streamer_count == 3, "{same:?}");
    let stricter = Policy { minimum_level: Level::Level2.into(), ..town.policy() };
    let first = simulate(stricter.clone(), String::new()).await.unwrap();
    assert_eq!((first.gain_count, first.lose_count, first.streamers.len()), (0, 2, 1));
    assert_eq!(first.streamers[0].reasons, [i32::from(ReasonCode::LevelTooLow)]);
    let lost = first.flips.iter().find(|flip| flip.before() == Outcome::Allow).unwrap();
    assert_eq!(lost.cell.as_ref().unwrap().certificate_state, "VERIFIED");
    let second = simulate(stricter.clone(), first.next_page_token.clone()).await.unwrap();
    let mut told = [&first, &second].map(|page| page.streamers[0].streamer.clone());
    told.sort();
    let mut expected = [mina.clone(), rosa];
    expected.sort();
    assert_eq!((told, second.next_page_token.as_str(), second.flips.len()), (expected, "", 0));
    let other = simulate(town.policy(), first.next_page_token).await.unwrap_err();
    assert_eq!(reason(&other), "PAGE_TOKEN_INVALID");
    let impossible = Policy {
        accepted_job_types: vec!["platform-administrator".to_owned()],
        minimum_level: Level::Level2.into(),
        ..town.policy()
    };
    assert_eq!(reason(&simulate(impossible, String::new()).await.unwrap_err()), "POLICY_UNSATISFIABLE");
    assert_eq!(town.check_now(&replica, "shop", &mina).await.policy_revision_number, 2);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_names_categories_that_the_rules_know() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    assert_eq!(codes(&sell(&town, &replica, &mina, &["food"]).await), ["CATEGORY_LICENCE_MISSING"]);
    assert_eq!(codes(&sell(&town, &replica, &mina, &["prescription-drugs"]).await), ["CATEGORY_FORBIDDEN"]);
    let sale = Some(Sale { categories: vec!["moon-rock".to_owned()], ..Default::default() });
    let request = CheckPermissionRequest { streamer: mina.clone(), sale: sale.clone(), ..Default::default() };
    let refused = town.check(&replica, "shop", request).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "FIELDS_INVALID"));
    let message =
        OpenLiveSessionRequest { room: "room".to_owned(), streamers: vec![mina], sale, ..Default::default() };
    let refused = sessions(&replica).open_live_session(town.call("shop", message)).await.unwrap_err();
    let violation = refused.get_details_bad_request().unwrap().field_violations.remove(0);
    assert_eq!(violation.field, "sale.categories[0]");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_are_there_for_every_platform_to_read() {
    let town = Town::new().await;
    let replica = town.start().await;
    let read = async |edition: &str| {
        let message = GetRulesRequest { edition: edition.to_owned() };
        policies(&replica).get_rules(town.call("rival", message)).await.map(tonic::Response::into_inner)
    };
    let answer = read("").await.unwrap();
    let rules = answer.rules.unwrap();
    assert_eq!(
        (rules.edition.as_str(), answer.editions.as_slice()),
        ("2026-11", &["2026-11".to_owned()][..])
    );
    let finance = rules.categories.iter().find(|it| it.category == "financial-products").unwrap();
    assert_eq!(finance.needs[0].kind(), CategoryNeedKind::InstitutionStaff);
    assert!(rules.rules.iter().all(|rule| !rule.basis.as_ref().unwrap().source.is_empty()));
    assert_eq!(read("2026-11").await.unwrap().rules.unwrap(), rules);
    assert_eq!(reason(&read("1999-01").await.unwrap_err()), "RULES_EDITION_NOT_FOUND");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_told_in_the_language_the_caller_prefers() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.proven(&replica, "mina").await;
    let text = async |accepted: Option<&'static str>| {
        let request = CheckPermissionRequest { streamer: mina.clone(), ..Default::default() };
        let mut call = town.call("shop", request);
        if let Some(accepted) = accepted {
            call.metadata_mut().insert("accept-language", accepted.parse().unwrap());
        }
        let answer = crate::town::permissions(&replica).check_permission(call).await.unwrap().into_inner();
        answer.decision.unwrap().reasons.remove(0)
    };
    let plain = text(None).await;
    let message = plain.message.clone().unwrap();
    assert_eq!(plain.text, message.en);
    let chinese = text(Some("zh-CN,zh;q=0.9,en;q=0.8")).await;
    assert_eq!(chinese.text, message.zh);
    assert_eq!((chinese.code, chinese.message), (plain.code, Some(message)));
    replica.stop().await;
}
