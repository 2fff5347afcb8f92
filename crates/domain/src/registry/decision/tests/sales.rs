//! What is sold, what the platform reports, and what its policy asks for beside a level.

use super::*;
use crate::certification::{Confirmation, Phrase, QualificationState};
use crate::kernel::{
    BlocklistEntryId, CategoryId, EngagementId, QualificationDomainId, QualificationId, RoomOperatorId,
};
use crate::registry::LicenceFact;
use crate::registry::{
    Basis, Category, CategoryNeed, Condition, ConditionFact, EngagementFact, ListKeeper, ListingFact,
    OperatorFact, PolicyRule, QualificationFact, RoomTier, RuleBook, RuleBookFault, RuleSet, Sale,
};
use std::collections::BTreeMap;

fn category(id: &str) -> CategoryId {
    CategoryId::try_new(id).unwrap()
}

fn basis(text: &str, from: Option<Timestamp>) -> Arc<Basis> {
    let text = Phrase { chinese: format!("《{text}》"), english: text.to_owned() };
    let (source, confirmation) = ("a test".to_owned(), Confirmation::Confirmed);
    Arc::new(Basis { text, source, confirmation, in_force_from: from })
}

fn domain() -> QualificationDomainId {
    QualificationDomainId::try_new("medicine").unwrap()
}

fn rules() -> RuleSet {
    let of = |id: &str, need: Option<CategoryNeed>| {
        let name = Phrase { chinese: "类目".to_owned(), english: id.to_owned() };
        let needs = need.into_iter().map(|need| (need, basis(id, Some(at(5))))).collect();
        (category(id), Category { id: category(id), name, needs })
    };
    RuleSet {
        edition: "2026-11".to_owned(),
        reasons: [(ReasonCode::StreamerWithdrawn, basis("Order 117", Some(at(7))))].into(),
        categories: [
            of("general", None),
            of("food", Some(CategoryNeed::Licence)),
            of("consultation", Some(CategoryNeed::Qualification(domain()))),
            of("funds", Some(CategoryNeed::InstitutionStaff)),
            of("health-food", Some(CategoryNeed::NoEndorsement)),
            of("prescription-drugs", Some(CategoryNeed::NotLive)),
        ]
        .into(),
        ..RuleSet::default()
    }
}

fn under_rules() -> Facts {
    Facts { rules: Arc::new(rules()), ..facts() }
}

fn selling(facts: &Facts, ids: &[&str], hour: u32) -> Decision {
    let sale = Sale { categories: ids.iter().map(|id| category(id)).collect(), ..Sale::default() };
    decide(facts, &Question::of_sale(sale), &[policy()], &fresh(hour), at(hour))
}

fn sold(facts: &Facts, id: &str) -> Vec<&'static str> {
    codes(&selling(facts, &[id], NOW))
}

fn operator(licences: &[(&str, Option<Timestamp>)]) -> OperatorFact {
    OperatorFact {
        operator: RoomOperatorId::try_new("bank").unwrap(),
        tier: RoomTier::Key,
        verified_at: Some(at(0)),
        verified_until: Some(at(5000)),
        licences: licences
            .iter()
            .map(|(id, until)| LicenceFact { category: category(id), from: at(0), until: *until })
            .collect(),
    }
}

#[test]
fn each_category_asks_for_what_its_edition_says() {
    let facts = under_rules();
    assert_eq!(sold(&facts, "general"), Vec::<&str>::new());
    assert_eq!(sold(&facts, "food"), ["CATEGORY_LICENCE_MISSING"]);
    assert_eq!(sold(&facts, "consultation"), ["PROFESSIONAL_QUALIFICATION_MISSING"]);
    assert_eq!(sold(&facts, "funds"), ["FINANCE_STAFF_ONLY"]);
    assert_eq!(sold(&facts, "health-food"), ["ENDORSEMENT_FORBIDDEN"]);
    assert_eq!(sold(&facts, "prescription-drugs"), ["CATEGORY_FORBIDDEN"]);
    assert_eq!(sold(&facts, "never-heard-of"), ["CATEGORY_FORBIDDEN"]);
    let all = selling(&facts, &["general", "food", "consultation", "food"], NOW);
    assert_eq!(codes(&all), ["PROFESSIONAL_QUALIFICATION_MISSING", "CATEGORY_LICENCE_MISSING"]);
    assert_eq!(all.reasons.last().unwrap().basis(Language::Chinese), "《food》");
    assert_eq!(all.rules_edition, "2026-11");
}

#[test]
fn a_rule_that_is_not_in_force_yet_asks_for_nothing_and_its_beginning_ends_the_answer() {
    let facts = under_rules();
    let before = selling(&facts, &["food"], 4);
    assert_eq!((before.outcome, before.valid_until), (Outcome::Allow, at(5)));
    assert_eq!(selling(&facts, &["food"], 5).outcome, Outcome::Deny);
    let withdrawn = Enrolment { state: EnrolmentState::Withdrawn, since: at(1) };
    let withdrawn = Facts { enrolment: Some(withdrawn), ..facts };
    assert_eq!(selling(&withdrawn, &[], 6).outcome, Outcome::Allow);
    let denied = selling(&withdrawn, &[], 7);
    assert_eq!(denied.reasons[0].basis(Language::English), "Order 117");
}

#[test]
fn a_qualification_on_file_opens_its_category_until_it_ends() {
    let held = |state| QualificationFact {
        qualification: QualificationId::try_new("q1").unwrap(),
        domain: domain(),
        state,
        since: at(0),
        lapses_at: Some(at(NOW).plus(Duration::from_mins(1))),
        recheck_at: None,
    };
    let with = |state| Facts { qualifications: vec![held(state)], ..under_rules() };
    let decision = selling(&with(QualificationState::Accepted), &["consultation"], NOW);
    let ends = at(NOW).plus(Duration::from_mins(1));
    assert_eq!((decision.outcome, decision.valid_until), (Outcome::Allow, ends));
    let waiting = QualificationState::ALL.into_iter().find(|state| *state != QualificationState::Accepted);
    assert_eq!(sold(&with(waiting.unwrap()), "consultation"), ["PROFESSIONAL_QUALIFICATION_MISSING"]);
}

#[test]
fn financial_products_are_for_staff_of_the_licensed_operator_of_the_room() {
    let engaged = EngagementFact {
        engagement: EngagementId::try_new("e1").unwrap(),
        operator: RoomOperatorId::try_new("bank").unwrap(),
        from: at(0),
        until: Some(at(NOW).plus(Duration::from_mins(5))),
    };
    let ends = at(NOW).plus(Duration::from_mins(20));
    let staff = Facts {
        operator: Some(operator(&[("funds", Some(ends))])),
        engagements: vec![engaged],
        ..under_rules()
    };
    let decision = selling(&staff, &["funds"], NOW);
    assert_eq!(
        (decision.outcome, decision.valid_until),
        (Outcome::Allow, at(NOW).plus(Duration::from_mins(5)))
    );
    assert_eq!(sold(&Facts { engagements: Vec::new(), ..staff.clone() }, "funds"), ["FINANCE_STAFF_ONLY"]);
    assert_eq!(sold(&Facts { operator: Some(operator(&[])), ..staff }, "funds"), ["FINANCE_STAFF_ONLY"]);
}

fn score(value: i64, until: Option<Timestamp>) -> ConditionFact {
    ConditionFact { condition: Condition::Score, value, reported_at: at(1), until }
}

fn demanding(rules: Vec<PolicyRule>, score: Option<i64>) -> [Policy; 1] {
    let mut terms = terms(0, Level::Three);
    terms.rules = rules;
    terms.demand.conditions = score.map(|score| (Condition::Score, score)).into_iter().collect();
    [Policy::try_new(terms).unwrap()]
}

fn told(facts: &Facts, sale: Sale, policies: &[Policy]) -> Decision {
    decide(facts, &Question::of_sale(sale), policies, &fresh(NOW), at(NOW))
}

#[test]
fn a_condition_is_met_by_what_was_reported_while_it_counts() {
    let policies = demanding(Vec::new(), Some(80));
    let missing = told(&facts(), Sale::default(), &policies);
    assert_eq!(codes(&missing), ["SCORE_TOO_LOW"]);
    assert_eq!(missing.reasons[0].sentence(Language::English), "a score of 80 needed, nothing was reported");
    let with = |score| Facts { conditions: vec![score], ..facts() };
    assert_eq!(codes(&told(&with(score(79, None)), Sale::default(), &policies)), ["SCORE_TOO_LOW"]);
    let ends = at(NOW).plus(Duration::from_mins(1));
    let met = told(&with(score(80, Some(ends))), Sale::default(), &policies);
    assert_eq!((met.outcome, met.valid_until), (Outcome::Allow, ends));
    assert_eq!(codes(&told(&with(score(90, Some(at(NOW)))), Sale::default(), &policies)), ["SCORE_TOO_LOW"]);
}

#[test]
fn every_rule_that_applies_is_asked_and_names_itself() {
    let mut demand = terms(0, Level::Two).demand;
    demand.conditions = BTreeMap::from([(Condition::Deposit, 10_000)]);
    let rule = PolicyRule {
        categories: [category("general")].into(),
        tiers: [RoomTier::Key].into(),
        functions: [].into(),
        demand,
    };
    let policies = demanding(vec![rule], None);
    let sale = Sale { categories: [category("general")].into(), ..Sale::default() };
    let elsewhere = told(&under_rules(), sale.clone(), &policies);
    assert_eq!(elsewhere.outcome, Outcome::Allow);
    let large = Facts { operator: Some(operator(&[])), ..under_rules() };
    let decision = told(&large, sale, &policies);
    assert_eq!(codes(&decision), ["LEVEL_TOO_LOW", "DEPOSIT_MISSING"]);
    assert_eq!(decision.reasons[0].basis(Language::English), "the platform's policy, revision 1, rule 0");
    assert_eq!(decision.verified.unwrap().level, Level::Three);
}

#[test]
fn what_base_and_rule_both_ask_for_is_told_once() {
    let rule = PolicyRule {
        categories: [category("general")].into(),
        tiers: [].into(),
        functions: [].into(),
        demand: terms(0, Level::Two).demand,
    };
    let revoked = CertificateFact { state: CertificateState::Revoked, ..certificate("one", Level::One) };
    let facts = Facts { certificates: vec![revoked], ..under_rules() };
    let sale = Sale { categories: [category("general")].into(), ..Sale::default() };
    assert_eq!(codes(&told(&facts, sale, &demanding(vec![rule], None))), ["CERT_REVOKED"]);
}

#[test]
fn a_policy_may_ask_for_newer_evidence_or_bear_older_one() {
    let held = |verified, until| {
        let mut fact = certificate("one", Level::Three);
        (fact.verified_at, fact.evidence_until) = (Some(at(verified)), Some(at(until)));
        with(vec![fact])
    };
    let policy = |age: Option<u64>, grace| {
        let max_evidence_age = age.map(Duration::from_hours);
        let grace_period = Duration::from_hours(grace);
        [Policy::try_new(PolicyTerms { max_evidence_age, grace_period, ..terms(0, Level::Three) }).unwrap()]
    };
    let ask = |facts: &Facts, policies: &[Policy], hour| {
        let decision = decide(facts, &Question::default(), policies, &fresh(hour), at(hour));
        (codes(&decision), decision.valid_until)
    };
    let young = policy(Some(24), 0);
    assert_eq!(ask(&held(0, 3000), &young, 23), (vec![], at(24)));
    assert_eq!(ask(&held(0, 3000), &young, 24).0, ["CERT_EVIDENCE_STALE"]);
    let kind = policy(None, 3);
    let half_past = at(22).plus(Duration::from_mins(30));
    assert_eq!(ask(&held(0, 20), &kind, 22), (vec![], at(23)));
    assert_eq!(ask(&held(0, 20), &kind, 23).0, ["CERT_EVIDENCE_STALE"]);
    assert!(half_past < at(23));
    assert_eq!(ask(&held(0, 20), &policy(None, 0), 20).0, ["CERT_EVIDENCE_STALE"]);
    // Grace is for the end of a confirmation, not for an age that the policy itself sets.
    assert_eq!(ask(&held(0, 3000), &policy(Some(24), 3), 24).0, ["CERT_EVIDENCE_STALE"]);
}

#[test]
fn grace_never_reaches_what_the_law_asks_for() {
    let over = who(IdentityFact { evidence_until: Some(at(NOW)), ..identity() });
    let mut terms = terms(0, Level::Three);
    terms.grace_period = Duration::from_hours(24);
    let policies = [Policy::try_new(terms).unwrap()];
    assert_eq!(codes(&told(&over, Sale::default(), &policies)), ["DYNAMIC_CHECK_OVERDUE"]);
}

#[test]
fn an_associations_list_counts_where_the_policy_heeds_it() {
    let listing = |keeper| ListingFact {
        entry: BlocklistEntryId::try_new("b1").unwrap(),
        keeper,
        from: at(1),
        until: None,
        appeal: "appeals@association.example".to_owned(),
    };
    let listed = Facts { listings: vec![listing(ListKeeper::Association)], ..facts() };
    assert_eq!(ask(&listed).outcome, Outcome::Allow);
    let mut terms = terms(0, Level::Three);
    terms.heeds_associations = true;
    let heeding = [Policy::try_new(terms).unwrap()];
    let denied = told(&listed, Sale::default(), &heeding);
    assert_eq!(codes(&denied), ["INDUSTRY_LISTED"]);
    assert_eq!((denied.reasons[0].kind(), denied.reasons[0].policy_revision), (ReasonKind::Policy, Some(1)));
    let barred = Facts { listings: vec![listing(ListKeeper::Regulator)], ..facts() };
    assert_eq!(codes(&ask(&barred)), ["BLOCKLISTED"]);
}

#[test]
fn an_older_edition_answers_again_what_it_answered_then() {
    let older = RuleSet { edition: "2026-01".to_owned(), effective_from: at(0), ..RuleSet::default() };
    let older = RuleSet { categories: [("food", None)].into_iter().map(open).collect(), ..older };
    let newer = RuleSet { effective_from: at(8), ..rules() };
    let book = RuleBook::try_new(vec![newer, older.clone()]).unwrap();
    let under =
        |rules: &Arc<RuleSet>, hour| selling(&Facts { rules: Arc::clone(rules), ..facts() }, &["food"], hour);
    let then = under(book.at(at(7)), 7);
    assert_eq!(
        (then.outcome, then.rules_edition.as_str(), then.valid_until),
        (Outcome::Allow, "2026-01", at(8))
    );
    let now = under(book.at(at(NOW)), NOW);
    assert_eq!((now.outcome, now.rules_edition.as_str()), (Outcome::Deny, "2026-11"));
    assert_eq!(under(book.edition(&then.rules_edition).unwrap(), 7), then);
    assert_eq!(book.at(Timestamp::from_micros(0)).edition, "2026-01");
    assert_eq!(RuleBook::try_new(Vec::new()), Err(RuleBookFault::Empty));
    assert_eq!(
        RuleBook::try_new(vec![older.clone(), older]),
        Err(RuleBookFault::Twice("2026-01".to_owned()))
    );
}

fn open((id, _): (&str, Option<CategoryNeed>)) -> (CategoryId, Category) {
    let name = Phrase { chinese: "类目".to_owned(), english: id.to_owned() };
    (category(id), Category { id: category(id), name, needs: Vec::new() })
}

#[test]
fn professional_content_rests_on_news_of_certification_as_fresh_as_the_law_asks() {
    let held = QualificationFact {
        qualification: QualificationId::try_new("q1").unwrap(),
        domain: domain(),
        state: QualificationState::Accepted,
        since: at(0),
        lapses_at: None,
        recheck_at: None,
    };
    let facts = Facts { qualifications: vec![held], ..under_rules() };
    let ask = |id: &str, age: Duration| {
        let sale = Sale { categories: [category(id)].into(), ..Sale::default() };
        let freshness =
            Freshness { certification_heard_at: at(NOW).minus(age), ..Freshness::all_at(at(NOW)) };
        let decision = decide(&facts, &Question::of_sale(sale), &[policy()], &freshness, at(NOW));
        (decision.outcome, decision.valid_until)
    };
    let within = LEGAL_STALENESS.checked_sub(Duration::from_micros(1)).unwrap();
    assert_eq!(ask("consultation", within), (Outcome::Allow, at(NOW).plus(Duration::from_micros(1))));
    assert_eq!(ask("consultation", LEGAL_STALENESS).0, Outcome::Undetermined);
    assert_eq!(ask("general", LEGAL_STALENESS).0, Outcome::Allow);
}
