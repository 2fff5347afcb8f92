use super::*;
use crate::certification::samples::{
    self, LIVE_SALESPERSON, PLATFORM_ADMINISTRATOR, VIDEO_CREATOR, job_type,
};
use crate::kernel::{CategoryId, FunctionId, StandardId};
use crate::occupation::Level;
use crate::registry::{Catalogue, Condition, StandardStanding};
use std::collections::{BTreeMap, BTreeSet};

fn standards() -> BTreeSet<StandardId> {
    BTreeSet::from([StandardId::try_new("internet-marketer-2021").unwrap()])
}

fn demand(minimum_level: Level) -> Demand {
    Demand::of_level(standards(), BTreeSet::from([job_type(LIVE_SALESPERSON)]), minimum_level)
}

fn terms() -> PolicyTerms {
    let shop = OrganizationId::try_new("shop").unwrap();
    PolicyTerms::plain(shop, demand(Level::Four), Timestamp::from_micros(10))
}

fn asking(job_types: &[&str], minimum_level: Level) -> PolicyTerms {
    let job_types = job_types.iter().map(|id| job_type(id)).collect();
    PolicyTerms { demand: Demand { job_types, ..demand(minimum_level) }, ..terms() }
}

fn starting(revision: i32, at: i64) -> Policy {
    let effective_from = Timestamp::from_micros(at);
    Policy::try_new(PolicyTerms { revision, effective_from, ..terms() }).unwrap()
}

fn catalogue() -> Catalogue {
    let mut catalogue = Catalogue::default();
    catalogue.insert(StandardStanding { standard: samples::standard(), version: 1 });
    catalogue
}

fn against(terms: PolicyTerms) -> Vec<String> {
    let faults = Policy::try_new(terms).unwrap().against(&catalogue());
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_platform_administrator_above_level_three_can_never_be_found() {
    assert_eq!(
        against(asking(&[PLATFORM_ADMINISTRATOR], Level::Two)),
        ["nobody can satisfy level 2: the highest level of the accepted job types is level 3"]
    );
    assert!(against(asking(&[PLATFORM_ADMINISTRATOR, LIVE_SALESPERSON], Level::Two)).is_empty());
}

#[test]
fn a_policy_names_standards_job_types_and_levels_that_there_are() {
    assert!(against(terms()).is_empty());
    let mut standards = standards();
    standards.insert(StandardId::try_new("online-streamer-2026").unwrap());
    assert_eq!(
        against(PolicyTerms { demand: Demand { standards, ..demand(Level::Four) }, ..terms() }),
        ["`online-streamer-2026` is not a standard the certification service has told of"]
    );
    assert_eq!(
        against(asking(&[LIVE_SALESPERSON, "show-host"], Level::Four)),
        ["none of the accepted standards has the job type `show-host`; they have `live-salesperson`, \
          `platform-administrator`, `product-selector`, `video-creator`"]
    );
    assert_eq!(
        against(asking(&[LIVE_SALESPERSON], Level::Apprentice)),
        ["none of the accepted job types has the apprentice level"]
    );
    let chief = Policy::try_new(asking(&[LIVE_SALESPERSON], Level::Chief)).unwrap();
    assert!(matches!(chief.against(&catalogue())[..], [PolicyFault::NeverSatisfied { .. }]));
}

#[test]
fn every_fault_is_told_at_once() {
    let nothing = Demand {
        standards: BTreeSet::new(),
        job_types: BTreeSet::new(),
        conditions: BTreeMap::from([(Condition::Score, 0)]),
        ..demand(Level::Four)
    };
    let faults = Policy::try_new(PolicyTerms {
        revision: 0,
        demand: nothing.clone(),
        rules: vec![PolicyRule { demand: nothing, ..for_food(Level::Four) }, rule(&[], &[], Level::Three)],
        permission: Permission::SetPolicy,
        max_staleness: Duration::ZERO,
        max_evidence_age: Some(Duration::from_hours(23)),
        grace_period: LONGEST_GRACE + Duration::from_millis(1),
        ..terms()
    })
    .unwrap_err();
    let codes: Vec<(&str, Option<usize>)> = faults.iter().map(|fault| (fault.code(), fault.rule())).collect();
    assert_eq!(
        codes,
        [
            ("REVISION_WRONG", None),
            ("MAX_STALENESS_WRONG", None),
            ("MAX_EVIDENCE_AGE_WRONG", None),
            ("GRACE_PERIOD_WRONG", None),
            ("RULES_WITHOUT_SALE", None),
            ("STANDARDS_EMPTY", None),
            ("JOB_TYPES_EMPTY", None),
            ("CONDITION_WRONG", None),
            ("STANDARDS_EMPTY", Some(0)),
            ("JOB_TYPES_EMPTY", Some(0)),
            ("CONDITION_WRONG", Some(0)),
            ("SELECTOR_MISSING", Some(1)),
        ]
    );
}

#[test]
fn the_staleness_a_policy_allows_lies_between_five_seconds_and_a_day() {
    let allowed = |max_staleness| Policy::try_new(PolicyTerms { max_staleness, ..terms() }).is_ok();
    let instant = Duration::from_micros(1);
    assert!(allowed(Duration::from_secs(5)) && !allowed(Duration::from_micros(4_999_999)));
    assert!(allowed(LONGEST_STALENESS) && !allowed(LONGEST_STALENESS + instant));
}

#[test]
fn a_revision_counts_from_its_first_instant_until_the_next_begins() {
    let revisions = [starting(2, 20), starting(1, 10)];
    let at = Timestamp::from_micros;
    let revision = |now| in_force(&revisions, at(now)).map(|policy| policy.terms().revision);
    assert_eq!([revision(9), revision(10), revision(19), revision(20)], [None, Some(1), Some(1), Some(2)]);
    assert_eq!(next_start(&revisions, at(9)), Some(at(10)));
    assert_eq!(next_start(&revisions, at(10)), Some(at(20)));
    assert_eq!(next_start(&revisions, at(20)), None);
}

#[test]
fn a_planned_revision_survives_one_set_meanwhile_and_yields_to_one_with_the_same_beginning() {
    let at = Timestamp::from_micros;
    let revisions = [starting(1, 10), starting(2, 30), starting(3, 20)];
    assert_eq!(in_force(&revisions, at(30)).map(|policy| policy.terms().revision), Some(2));
    let cancelled = [starting(1, 10), starting(2, 30), starting(3, 30)];
    assert_eq!(in_force(&cancelled, at(30)).map(|policy| policy.terms().revision), Some(3));
}

fn rule(categories: &[&str], tiers: &[RoomTier], minimum_level: Level) -> PolicyRule {
    PolicyRule {
        categories: categories.iter().map(|id| CategoryId::try_new(id).unwrap()).collect(),
        tiers: tiers.iter().copied().collect(),
        functions: BTreeSet::new(),
        demand: demand(minimum_level),
    }
}

fn for_food(minimum_level: Level) -> PolicyRule {
    rule(&["food"], &[], minimum_level)
}

fn designed(rules: Vec<PolicyRule>) -> Vec<(&'static str, Option<usize>)> {
    let faults = Policy::try_new(PolicyTerms { rules, ..terms() }).unwrap().against(&catalogue());
    faults.iter().map(|fault| (fault.code(), fault.rule())).collect()
}

#[test]
fn rules_that_ask_for_more_are_taken() {
    let function = PolicyRule {
        categories: BTreeSet::new(),
        functions: BTreeSet::from([FunctionId::try_new("coupons").unwrap()]),
        ..for_food(Level::Three)
    };
    let creators = BTreeSet::from([job_type(VIDEO_CREATOR)]);
    let other =
        PolicyRule { demand: Demand { job_types: creators, ..demand(Level::Four) }, ..for_food(Level::Four) };
    let rules = vec![
        for_food(Level::Three),
        rule(&[], &[RoomTier::Large, RoomTier::Key], Level::Three),
        rule(&[], &[RoomTier::Key], Level::Two),
        function,
        other,
    ];
    assert_eq!(designed(rules), []);
}

#[test]
fn a_rule_that_others_ask_for_anyway_is_shadowed() {
    let twice = vec![for_food(Level::Three), for_food(Level::Three)];
    assert_eq!(designed(twice), [("RULE_SHADOWED", Some(1))]);
    let both = [
        rule(&["food", "drink"], &[], Level::Three),
        for_food(Level::Two),
        rule(&["drink"], &[], Level::Two),
    ];
    assert_eq!(designed(both.to_vec()), [("RULE_SHADOWED", Some(0))]);
    assert_eq!(designed(both[..2].to_vec()), []);
    let base = PolicyTerms { rules: vec![for_food(Level::Four)], ..terms() };
    assert_eq!(
        against(base),
        ["rule 0 never changes an answer: the policy's base asks for at least as much whenever it applies"]
    );
}

#[test]
fn a_condition_keeps_a_rule_out_of_the_shadow() {
    let conditions = BTreeMap::from([(Condition::Deposit, 10_000)]);
    let paid = PolicyRule { demand: Demand { conditions, ..demand(Level::Four) }, ..for_food(Level::Four) };
    assert_eq!(designed(vec![paid.clone()]), []);
    assert_eq!(designed(vec![paid.clone(), paid]), [("RULE_SHADOWED", Some(1))]);
}

#[test]
fn a_narrower_rule_that_asks_for_less_is_inverted() {
    let base = PolicyTerms { rules: vec![for_food(Level::Five)], ..terms() };
    assert_eq!(
        against(base),
        ["rule 0 asks for less than the policy's base, which is for more sales and holds all the same"]
    );
    let rules = vec![for_food(Level::Two), rule(&["food"], &[RoomTier::Key], Level::Three)];
    assert_eq!(designed(rules), [("RULE_INVERTED", Some(1))]);
}

#[test]
fn a_higher_tier_is_asked_for_at_least_as_much() {
    let rules = vec![rule(&[], &[RoomTier::Large], Level::Two), rule(&[], &[RoomTier::Key], Level::Three)];
    assert_eq!(designed(rules), [("TIER_INVERTED", Some(0))]);
    let alone = PolicyTerms { rules: vec![rule(&[], &[RoomTier::Ordinary], Level::Three)], ..terms() };
    assert_eq!(
        against(alone),
        ["rule 0 asks for more in ORDINARY rooms than anything asks for in LARGE rooms"]
    );
}

#[test]
fn faults_of_several_rules_are_told_at_once_by_their_index() {
    let rules = vec![for_food(Level::Chief), for_food(Level::Three), for_food(Level::Apprentice)];
    assert_eq!(designed(rules), [("NEVER_SATISFIED", Some(0)), ("LEVEL_UNKNOWN", Some(2))]);
}

#[test]
fn a_rule_is_for_the_sales_it_names() {
    let rule = rule(&["food"], &[RoomTier::Key], Level::Three);
    let sale =
        |id: &str| Sale { categories: BTreeSet::from([CategoryId::try_new(id).unwrap()]), ..Sale::default() };
    assert!(rule.concerns(&sale("food"), Some(RoomTier::Key)));
    assert!(!rule.concerns(&sale("food"), Some(RoomTier::Large)));
    assert!(!rule.concerns(&sale("food"), None));
    assert!(!rule.concerns(&sale("toys"), Some(RoomTier::Key)));
    assert!(!rule.concerns(&Sale::default(), Some(RoomTier::Key)));
}

#[test]
fn what_is_tried_out_never_counts_and_ends_when_another_begins() {
    let at = Timestamp::from_micros;
    let tried = |revision, from| {
        let mode = PolicyMode::Shadow;
        Policy::try_new(PolicyTerms { mode, revision, effective_from: at(from), ..terms() }).unwrap()
    };
    let revisions = [starting(1, 10), tried(2, 20), starting(3, 30), tried(4, 40), tried(5, 50)];
    let number = |policy: Option<&Policy>| policy.map(|policy| policy.terms().revision);
    let at_each = |read: &dyn Fn(Timestamp) -> Option<i32>| [15, 25, 35, 45, 55].map(|now| read(at(now)));
    let live = at_each(&|now| number(in_force(&revisions, now)));
    assert_eq!(live, [Some(1), Some(1), Some(3), Some(3), Some(3)]);
    let tried = at_each(&|now| number(tried_out(&revisions, now)));
    assert_eq!(tried, [None, Some(2), None, Some(4), Some(5)]);
    assert_eq!(next_start(&revisions, at(15)), Some(at(30)));
}
