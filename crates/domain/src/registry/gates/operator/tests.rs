use super::*;
use crate::certification::{Confirmation, Phrase};
use crate::kernel::{CategoryId, EngagementId};
use crate::registry::operator::{EngagementFact, LicenceFact, RoomTier, RosterFact};
use crate::registry::{
    Basis, Catalogue, Category, CategoryNeed, Enrolment, EnrolmentState, Freshness, IdentityFact,
    LONGEST_VALIDITY, decide,
};
use proptest::prelude::*;
use std::sync::Arc;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn facts() -> Facts {
    let enrolment = Enrolment { state: EnrolmentState::Enrolled, since: at(0) };
    let standards = Arc::new(Catalogue::default());
    Facts { rules: Arc::new(rules()), ..Facts::of(enrolment, IdentityFact::unknown(at(0)), standards) }
}

/// Food needs a licence, toys need none.
fn rules() -> RuleSet {
    let name = Phrase { chinese: "类目".to_owned(), english: "category".to_owned() };
    let basis = Arc::new(Basis {
        text: name.clone(),
        source: "a test".to_owned(),
        confirmation: Confirmation::Confirmed,
        in_force_from: None,
    });
    let category = |id: &str, needs: Vec<(CategoryNeed, Arc<Basis>)>| {
        let id = CategoryId::try_new(id).unwrap();
        (id.clone(), Category { id, name: name.clone(), needs })
    };
    let categories = [category("food", vec![(CategoryNeed::Licence, basis)]), category("toys", Vec::new())];
    RuleSet { categories: categories.into(), ..RuleSet::default() }
}

fn studio() -> RoomOperatorId {
    RoomOperatorId::try_new("studio").unwrap()
}

fn operator(verified_until: Option<i64>, licences: Vec<LicenceFact>) -> OperatorFact {
    OperatorFact {
        operator: studio(),
        tier: RoomTier::Ordinary,
        verified_at: verified_until.map(|_| at(0)),
        verified_until: verified_until.map(at),
        licences,
    }
}

fn engagement(from: i64, until: Option<i64>) -> EngagementFact {
    EngagementFact {
        engagement: EngagementId::try_new("e").unwrap(),
        operator: studio(),
        from: at(from),
        until: until.map(at),
    }
}

fn licence(from: i64, until: Option<i64>) -> LicenceFact {
    LicenceFact { category: CategoryId::try_new("food").unwrap(), from: at(from), until: until.map(at) }
}

fn question() -> Question {
    let categories = ["food", "toys"].map(|category| CategoryId::try_new(category).unwrap()).into();
    Question::of_sale(Sale { operator: Some(studio()), categories, ..Sale::default() })
}

fn codes(facts: &Facts, question: &Question, now: i64) -> Vec<ReasonCode> {
    reasons(facts, question, at(now)).into_iter().map(|reason| reason.code).collect()
}

#[test]
fn where_neither_operator_nor_session_is_named_nothing_is_asked() {
    assert_eq!(codes(&facts(), &Question::default(), 5), []);
}

#[test]
fn an_operator_that_is_unknown_or_was_never_verified_is_refused() {
    let unknown = Facts { engagements: vec![engagement(0, None)], ..facts() };
    assert_eq!(codes(&unknown, &question(), 5), [ReasonCode::OperatorUnverified]);
    let never = Facts { operator: Some(operator(None, vec![licence(0, None)])), ..unknown };
    assert_eq!(codes(&never, &question(), 5), [ReasonCode::OperatorUnverified]);
}

#[test]
fn the_recheck_is_overdue_from_its_instant_on() {
    let operator = Some(operator(Some(10), vec![licence(0, None)]));
    let facts = Facts { operator, engagements: vec![engagement(0, None)], ..facts() };
    assert_eq!(codes(&facts, &question(), 9), []);
    assert_eq!(codes(&facts, &question(), 10), [ReasonCode::OperatorRecheckOverdue]);
    let told = reasons(&facts, &question(), at(12));
    assert_eq!(told.first().unwrap().since, Some(at(10)));
}

#[test]
fn only_categories_that_need_a_licence_ask_for_one() {
    let engagements = vec![engagement(0, None)];
    let operator = Some(operator(Some(99), vec![licence(3, Some(6)), licence(8, None)]));
    let facts = Facts { operator, engagements, ..facts() };
    for (now, expected) in [(2, 1), (3, 0), (5, 0), (6, 1), (7, 1), (8, 0)] {
        assert_eq!(codes(&facts, &question(), now).len(), expected, "{now}");
    }
    let told = reasons(&facts, &question(), at(7));
    let told = told.first().unwrap();
    assert_eq!((told.code, told.since, told.until), {
        (ReasonCode::OperatorLicenceMissing, Some(at(6)), Some(at(8)))
    });
    let toys = Sale { categories: [CategoryId::try_new("toys").unwrap()].into(), ..question().sale };
    assert_eq!(codes(&facts, &Question::of_sale(toys), 7), []);
}

#[test]
fn an_engagement_with_that_operator_has_to_hold() {
    let elsewhere =
        EngagementFact { operator: RoomOperatorId::try_new("stage").unwrap(), ..engagement(0, None) };
    let operator = Some(operator(Some(99), vec![licence(0, None)]));
    let engagements = vec![elsewhere, engagement(2, Some(4)), engagement(6, None)];
    let facts = Facts { operator, engagements, ..facts() };
    let unproven: Vec<i64> = (0..8).filter(|now| !codes(&facts, &question(), *now).is_empty()).collect();
    assert_eq!(unproven, [0, 1, 4, 5]);
    let told = reasons(&facts, &question(), at(5));
    let told = told.first().unwrap();
    assert_eq!((told.code, told.since, told.until), {
        (ReasonCode::AffiliationUnproven, Some(at(4)), Some(at(6)))
    });
}

#[test]
fn a_session_that_is_named_has_the_person_on_its_roster() {
    let question = Question { session: Some(LiveSessionId::try_new("show").unwrap()), ..Question::default() };
    let on = |admitted| Facts { roster: Some(RosterFact { admitted, lease_until: Some(at(9)) }), ..facts() };
    assert_eq!(codes(&facts(), &question, 5), [ReasonCode::NotOnRoster]);
    assert_eq!(codes(&on(false), &question, 5), [ReasonCode::NotOnRoster]);
    assert_eq!(codes(&on(true), &question, 5), []);
}

proptest! {
    /// Time alone changes nothing before `valid_until`.
    #[test]
    fn no_answer_changes_before_the_instant_up_to_which_it_is_valid(
        verified_until in prop::option::of(0i64..50),
        licences in prop::collection::vec((0i64..50, prop::option::of(0i64..20)), 0..3),
        engagements in prop::collection::vec((0i64..50, prop::option::of(0i64..20)), 0..3),
        now in 0i64..50,
    ) {
        let licences = licences.iter().map(|(from, lasts)| licence(*from, lasts.map(|it| from + it)));
        let facts = Facts {
            operator: Some(operator(verified_until, licences.collect())),
            engagements: engagements.iter().map(|(from, lasts)| engagement(*from, lasts.map(|it| from + it))).collect(),
            ..facts()
        };
        let freshness = Freshness::all_at(at(1_000));
        let decision = decide(&facts, &question(), &[], &freshness, at(now));
        prop_assert!(decision.valid_until > at(now));
        prop_assert!(decision.valid_until <= at(now).plus(LONGEST_VALIDITY));
        for later in (now..60).take_while(|later| at(*later) < decision.valid_until) {
            prop_assert_eq!(codes(&facts, &question(), now), codes(&facts, &question(), later), "at {}", later);
        }
    }
}
