//! What holds for every decision, whatever the facts, the policies and the instant.

#![expect(clippy::unwrap_used, reason = "generators and helpers of tests may fail loudly")]

use greenroom_domain::certification::{CertificateState, IssuerReview, IssuerStanding};
use greenroom_domain::identity::{AgeBand, GuardianConsent, PersonState};
use greenroom_domain::kernel::{CategoryId, CertificateId, OrganizationId, StandardId, Timestamp};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_domain::registry::{
    Basis, Category, CategoryNeed, CertificateFact, Condition, ConditionFact, Confirmation, Decision, Demand,
    Effect, Enrolment, EnrolmentState, Facts, Freshness, IdentityFact, LEGAL_STALENESS, Language, Outcome,
    Phrase, Policy, PolicyMode, PolicyRule, PolicyTerms, Question, Reason, ReasonCode, ReasonKind, RuleSet,
    Sale, decide, in_force,
};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::Arc;
use std::time::Duration;

/// Minutes, few enough that instants meet.
const SPAN: i64 = 120;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000 + minute * 60_000_000)
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-SPAN..2 * SPAN).prop_map(at)
}

fn standard() -> impl Strategy<Value = StandardId> {
    // Mostly the accepted one.
    select(vec!["marketer", "marketer", "marketer", "streamer"])
        .prop_map(|id| StandardId::try_new(id).unwrap())
}

fn identity() -> impl Strategy<Value = IdentityFact> {
    let proof = (
        select(vec![PersonState::Verified; 12].into_iter().chain(PersonState::ALL).collect::<Vec<_>>()),
        instant(),
        option::weighted(0.9, instant()),
        option::of(instant()),
    );
    let age = (select(AgeBand::ALL.to_vec()), option::of(instant()), select(GuardianConsent::ALL.to_vec()));
    (proof, age).prop_map(|((state, since, evidence_until, document_until), (age_band, until, consent))| {
        IdentityFact {
            state,
            since,
            evidence_until,
            document_until,
            age_band,
            age_band_until: until,
            guardian_consent: consent,
            guardian_consent_since: None,
        }
    })
}

/// What job types there are is data; to the rules any will do.
fn job_types() -> Vec<JobType> {
    ["host", "guest", "editor", "stand-in"].map(|id| JobType::try_new(id).unwrap()).to_vec()
}

fn certificate() -> impl Strategy<Value = CertificateFact> {
    let kind = ("[a-z]{1,2}", standard(), select(job_types()), select(Level::ALL.to_vec()));
    let state = (
        select(
            vec![CertificateState::Verified; 9].into_iter().chain(CertificateState::ALL).collect::<Vec<_>>(),
        ),
        select(vec![
            Some(IssuerStanding::Listed),
            Some(IssuerStanding::Listed),
            Some(IssuerStanding::Suspended),
            Some(IssuerStanding::StruckOff),
            None,
        ]),
    );
    let times = (instant(), option::weighted(0.9, instant()), option::of(instant()));
    let review = option::of((instant(), instant(), instant())).prop_map(|times| {
        let (struck_off_at, begins, ends) = times?;
        Some(IssuerReview { struck_off_at, begins, ends })
    });
    (kind, state, times, review).prop_map(|(kind, (state, issuer_standing), times, review)| {
        let (id, standard, job_type, level) = kind;
        let (since, evidence_until, retry_at) = times;
        CertificateFact {
            certificate: CertificateId::try_new(&id).unwrap(),
            standard,
            job_type,
            level,
            state,
            since,
            verified_at: Some(since),
            evidence_until,
            retry_at,
            issuer_standing,
            issuer_review: review.filter(|_| issuer_standing == Some(IssuerStanding::StruckOff)),
        }
    })
}

fn facts() -> impl Strategy<Value = Facts> {
    let enrolment =
        select(vec![EnrolmentState::Enrolled, EnrolmentState::Enrolled, EnrolmentState::Withdrawn]);
    (enrolment, instant(), identity(), vec(certificate(), 0..5)).prop_map(
        |(state, since, identity, certificates)| Facts {
            certificates,
            rules: Arc::new(rules()),
            ..Facts::of(Enrolment { state, since }, identity, Arc::default())
        },
    )
}

/// An edition with two categories, of which one begins to be forbidden in the middle of the time looked at.
fn rules() -> RuleSet {
    let name = Phrase { chinese: "类目".to_owned(), english: "goods".to_owned() };
    let basis = |from| {
        let source = "a test".to_owned();
        Arc::new(Basis {
            text: name.clone(),
            source,
            confirmation: Confirmation::Unconfirmed,
            in_force_from: from,
        })
    };
    let category = |id: &str, needs| {
        let id = CategoryId::try_new(id).unwrap();
        (id.clone(), Category { id, name: name.clone(), needs })
    };
    RuleSet {
        reasons: [(ReasonCode::DynamicCheckOverdue, basis(Some(at(SPAN / 3))))].into(),
        categories: [
            category("general", Vec::new()),
            category("drugs", vec![(CategoryNeed::NotLive, basis(Some(at(SPAN / 2))))]),
        ]
        .into(),
        ..RuleSet::default()
    }
}

fn sale() -> impl Strategy<Value = Sale> {
    let categories = btree_set(select(vec!["general", "general", "drugs"]), 0..2);
    categories.prop_map(|ids| Sale {
        categories: ids.into_iter().map(|id| CategoryId::try_new(id).unwrap()).collect(),
        ..Sale::default()
    })
}

fn demand() -> impl Strategy<Value = Demand> {
    let job_types = btree_set(select(job_types()), 1..4);
    let minimum = select(vec![Level::Apprentice, Level::Five, Level::Four, Level::Three]);
    (job_types, minimum, option::weighted(0.3, 1..5_i64)).prop_map(|(job_types, minimum, score)| Demand {
        conditions: score.into_iter().map(|score| (Condition::Score, score)).collect(),
        ..Demand::of_level([StandardId::try_new("marketer").unwrap()].into(), job_types, minimum)
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    let rules = vec((demand(), select(vec!["general", "drugs"])), 0..2);
    (1..5_i32, demand(), rules, 1..SPAN, instant(), 0..20_u64).prop_map(
        |(revision, demand, rules, minutes, start, grace)| {
            let rules = rules.into_iter().map(|(demand, id)| PolicyRule {
                categories: [CategoryId::try_new(id).unwrap()].into(),
                tiers: [].into(),
                functions: [].into(),
                demand,
            });
            Policy::try_new(PolicyTerms {
                revision,
                rules: rules.collect(),
                grace_period: Duration::from_mins(grace),
                max_staleness: Duration::from_mins(minutes.unsigned_abs()),
                ..PolicyTerms::plain(OrganizationId::try_new("shop").unwrap(), demand, start)
            })
            .unwrap()
        },
    )
}

#[derive(Debug, Clone)]
struct Case {
    facts: Facts,
    policies: Vec<Policy>,
    freshness: Freshness,
    question: Question,
    now: Timestamp,
}

impl Case {
    fn decide_at(&self, now: Timestamp) -> Decision {
        decide(&self.facts, &self.question, &self.policies, &self.freshness, now)
    }

    fn decide(&self) -> Decision {
        self.decide_at(self.now)
    }
}

fn case() -> impl Strategy<Value = Case> {
    let fresh = (instant(), instant(), instant());
    let limit =
        option::weighted(0.2, (1..SPAN).prop_map(|minutes| Duration::from_mins(minutes.unsigned_abs())));
    let conditions = option::of((0..5_i64, option::of(instant())));
    let asked = (limit, sale());
    ((facts(), conditions), vec(policy(), 0..4), fresh, asked, (0..SPAN).prop_map(at)).prop_map(
        |((facts, score), policies, (identity, certification, registry), (max_staleness, sale), now)| Case {
            facts: Facts {
                conditions: score
                    .map(|(value, until)| ConditionFact {
                        condition: Condition::Score,
                        value,
                        reported_at: at(0),
                        until,
                    })
                    .into_iter()
                    .collect(),
                ..facts
            },
            policies,
            freshness: Freshness {
                identity_heard_at: identity,
                certification_heard_at: certification,
                registry_heard_at: registry,
            },
            question: Question { max_staleness, ..Question::of_sale(sale) },
            now,
        },
    )
}

fn after(now: Timestamp, minutes: i64) -> Timestamp {
    now.plus(Duration::from_mins(minutes.unsigned_abs()))
}

/// Questions near an allowance: everything is in order, but for a few things.
fn hopeful_case() -> impl Strategy<Value = Case> {
    let young = (any::<bool>(), option::of(1..SPAN), option::of(1..SPAN));
    (case(), certificate(), young).prop_map(|(mut case, mut certificate, young)| {
        let (minor, document, band) = young;
        let now = case.now;
        let later = now.plus(Duration::from_mins(7));
        case.facts.enrolment =
            Some(Enrolment { state: EnrolmentState::Enrolled, since: Timestamp::from_micros(0) });
        let identity = &mut case.facts.identity;
        (identity.state, identity.evidence_until, identity.document_until) =
            (PersonState::Verified, Some(later), document.map(|minutes| after(now, minutes)));
        if minor {
            (identity.age_band, identity.age_band_until) =
                (AgeBand::From16To17, band.map(|minutes| after(now, minutes)));
            identity.guardian_consent = GuardianConsent::Given;
        } else {
            (identity.age_band, identity.age_band_until) = (AgeBand::Adult, None);
        }
        case.freshness = Freshness::all_at(now);
        certificate.standard = StandardId::try_new("marketer").unwrap();
        (certificate.state, certificate.issuer_standing) =
            (CertificateState::Verified, Some(IssuerStanding::Listed));
        certificate.issuer_review = None;
        certificate.evidence_until = Some(later);
        certificate.level = certificate.level.max(Level::Four);
        if let Some(policy) = in_force(&case.policies, now) {
            certificate.job_type = *policy.terms().demand.job_types.first().unwrap();
        }
        case.facts.certificates.push(certificate);
        case
    })
}

fn allowed_case() -> impl Strategy<Value = Case> {
    hopeful_case().prop_filter("not allowed", |case| case.decide().outcome == Outcome::Allow)
}

fn any_case() -> impl Strategy<Value = Case> {
    prop_oneof![case(), hopeful_case()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_stays_the_same_until_it_is_no_longer_valid(case in any_case(), part in 0.0..1.0_f64) {
        let decision = case.decide();
        prop_assert!(decision.valid_until > case.now);
        let span = decision.valid_until.since(case.now);
        let last = decision.valid_until.minus(Duration::from_micros(1));
        let between = case.now.plus(span.mul_f64(part)).min(last);
        for later in [between, last] {
            let again = case.decide_at(later);
            prop_assert_eq!(&again.outcome, &decision.outcome);
            prop_assert_eq!(&again.reasons, &decision.reasons);
            prop_assert!(again.valid_until >= decision.valid_until);
        }
    }

    #[test]
    fn the_same_question_gets_the_same_answer(case in any_case(), turn in 0..5_usize) {
        let mut turned = case.clone();
        let length = turned.facts.certificates.len();
        turned.facts.certificates.rotate_left(if length == 0 { 0 } else { turn % length });
        turned.policies.reverse();
        prop_assert_eq!(case.decide(), case.decide());
        // Two certificates with one id would be two facts about one thing; two revisions with one number likewise.
        let mut ids: Vec<_> = case.facts.certificates.iter().map(|fact| &fact.certificate).collect();
        ids.sort();
        ids.dedup();
        let mut revisions: Vec<_> = case.policies.iter().map(|policy| policy.terms().revision).collect();
        revisions.sort_unstable();
        revisions.dedup();
        if ids.len() == length && revisions.len() == case.policies.len() {
            prop_assert_eq!(case.decide(), turned.decide());
        }
    }

    #[test]
    fn an_allowance_has_no_reason_and_everything_else_has_one(case in any_case()) {
        let decision = case.decide();
        prop_assert_eq!(decision.outcome == Outcome::Allow, decision.reasons.is_empty());
        prop_assert_eq!(decision.outcome == Outcome::NotYet, decision.ask_again_at.is_some());
        prop_assert!(decision.ask_again_at.is_none_or(|again| again > case.now));
        prop_assert!(decision.reasons.is_sorted_by_key(|reason| reason.code));
        if decision.outcome == Outcome::Allow {
            prop_assert!(decision.verified.is_some());
            prop_assert!(decision.policy_revision.is_some());
        }
    }

    #[test]
    fn the_heaviest_reason_decides(case in any_case()) {
        let decision = case.decide();
        let expected = match decision.reasons.iter().map(Reason::effect).max() {
            None => Outcome::Allow,
            Some(Effect::NotYet) => Outcome::NotYet,
            Some(Effect::Undetermined) => Outcome::Undetermined,
            Some(Effect::Deny) => Outcome::Deny,
        };
        prop_assert_eq!(decision.outcome, expected);
    }

    #[test]
    fn no_policy_removes_a_legal_reason(case in any_case(), policies in vec(policy(), 0..4)) {
        let legal = |decision: &Decision| -> Vec<_> {
            decision.reasons.iter().filter(|reason| reason.kind() == ReasonKind::Legal).cloned().collect()
        };
        let before = case.decide();
        let after = Case { policies, ..case }.decide();
        prop_assert_eq!(legal(&before), legal(&after));
        if !legal(&before).is_empty() {
            prop_assert_ne!(after.outcome, Outcome::Allow);
        }
    }

    #[test]
    fn from_sixteen_to_seventeen_a_guardians_standing_word_is_what_allows(
        case in allowed_case(),
        until in option::of(instant()),
        consent in select(GuardianConsent::ALL.to_vec()),
    ) {
        let mut young = case;
        let identity = &mut young.facts.identity;
        (identity.age_band, identity.age_band_until) = (AgeBand::From16To17, until);
        identity.guardian_consent = consent;
        let grown = until.is_some_and(|until| young.now >= until);
        let decision = young.decide();
        prop_assert_eq!(decision.outcome == Outcome::Allow, grown || consent == GuardianConsent::Given);
        if let [reason] = decision.reasons.as_slice() {
            prop_assert_eq!((reason.code, reason.kind()), (ReasonCode::GuardianConsentMissing, ReasonKind::Legal));
            prop_assert_eq!(reason.until, until);
        }
    }

    #[test]
    fn no_allowance_outlives_the_proof_the_document_or_the_age(case in allowed_case()) {
        let identity = case.facts.identity;
        let ends = [identity.evidence_until, identity.document_until, identity.age_band_until];
        let first = ends.into_iter().flatten().filter(|end| *end > case.now).min();
        prop_assert!(case.decide().valid_until <= first.unwrap());
        let document = identity.document_until.into_iter();
        for end in document.chain(identity.evidence_until) {
            prop_assert_ne!(case.decide_at(end).outcome, Outcome::Allow);
        }
    }

    #[test]
    fn a_policy_that_is_tried_out_changes_nothing(case in any_case(), tried in vec(policy(), 1..4)) {
        let before = case.decide();
        let mut beside = case.clone();
        beside.policies.extend(tried.into_iter().map(|policy| {
            let terms = PolicyTerms { mode: PolicyMode::Shadow, ..policy.terms().clone() };
            Policy::try_new(terms).unwrap()
        }));
        prop_assert_eq!(beside.decide(), before);
    }

    #[test]
    fn a_rule_more_never_makes_an_allowance(case in any_case(), demand in demand()) {
        let mut case = case;
        case.question.sale.categories.insert(CategoryId::try_new("general").unwrap());
        let before = case.decide();
        let mut stricter = case.clone();
        let categories = case.question.sale.categories.clone();
        for policy in &mut stricter.policies {
            let mut terms = policy.terms().clone();
            let (tiers, functions, demand) = ([].into(), [].into(), demand.clone());
            terms.rules.push(PolicyRule { categories: categories.clone(), tiers, functions, demand });
            *policy = Policy::try_new(terms).unwrap();
        }
        let after = stricter.decide();
        prop_assert!(before.reasons.iter().all(|reason| after.reasons.contains(reason)));
    }

    #[test]
    fn without_a_policy_nothing_is_allowed(case in any_case()) {
        let bare = Case { policies: Vec::new(), ..case };
        prop_assert_ne!(bare.decide().outcome, Outcome::Allow);
    }

    #[test]
    fn a_higher_level_of_the_same_job_type_never_takes_an_allowance_away(
        case in allowed_case(),
        state in select(CertificateState::ALL.to_vec()),
    ) {
        let held = case.decide().verified.unwrap();
        for level in Level::ALL.into_iter().filter(|level| level.meets_minimum(held.level)) {
            let mut more = case.clone();
            let base = more.facts.certificates.iter().find(|fact| fact.certificate == held.certificate).unwrap();
            let certificate = CertificateId::try_new("extra").unwrap();
            let extra = CertificateFact { certificate, level, state, ..base.clone() };
            more.facts.certificates.push(extra);
            prop_assert_eq!(more.decide().outcome, Outcome::Allow);
        }
    }

    #[test]
    fn a_shorter_staleness_never_allows_more(case in any_case(), minutes in 1..SPAN) {
        let max_staleness = Some(Duration::from_mins(minutes.unsigned_abs()));
        let question = Question { max_staleness, ..Question::default() };
        let tight = Case { question, ..case.clone() };
        let free = Case { question: Question::default(), ..case };
        if free.decide().outcome != Outcome::Allow {
            prop_assert_ne!(tight.decide().outcome, Outcome::Allow);
        }
    }

    #[test]
    fn no_policy_and_no_question_allows_on_old_news_about_what_the_law_asks(case in any_case()) {
        let of_law = [case.freshness.identity_heard_at, case.freshness.registry_heard_at];
        if of_law.into_iter().any(|heard| case.now >= heard.plus(LEGAL_STALENESS)) {
            prop_assert_ne!(case.decide().outcome, Outcome::Allow);
        }
    }

    #[test]
    fn every_reason_can_be_told_in_both_languages(case in case()) {
        for reason in case.decide().reasons {
            for language in [Language::English, Language::Chinese] {
                prop_assert!(!reason.sentence(language).is_empty());
                prop_assert!(!reason.basis(language).is_empty());
                prop_assert!(!reason.remedy(language).is_empty());
            }
            prop_assert!(reason.sentence(Language::English).is_ascii());
        }
    }
}

#[test]
fn the_generated_questions_meet_every_outcome() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut met = std::collections::BTreeSet::new();
    for _ in 0..2_000 {
        met.insert(any_case().new_tree(&mut runner).unwrap().current().decide().outcome);
    }
    assert_eq!(met.len(), Outcome::ALL.len(), "{met:?}");
}
