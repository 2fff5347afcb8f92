//! The decision against a model of the rules that was written from their text alone.

#![expect(clippy::unwrap_used, reason = "generators of tests may fail loudly")]

mod model;

use greenroom_domain::certification::{CertificateState, IssuerReview, IssuerStanding};
use greenroom_domain::identity::{AgeBand, GuardianConsent, PersonState};
use greenroom_domain::kernel::{FunctionId, Id, Timestamp};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_domain::registry::{
    CertificateFact, Decision, Demand, Enrolment, EnrolmentState, Facts, Freshness, Host, IdentityFact,
    ListKeeper, ListingFact, Measure, Outcome, Policy, PolicyTerms, Question, ReasonKind, Sale, SanctionFact,
    decide,
};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Minutes, few enough that instants meet.
const SPAN: i64 = 40;

/// The least that a policy may ask of the age of evidence.
const DAY: Duration = Duration::from_hours(24);

fn id<K>(text: &str) -> Id<K> {
    Id::try_new(text).unwrap()
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_micros(1_790_000_000_000_000 + minute * 60_000_000)
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (-SPAN..SPAN).prop_map(at)
}

/// Mostly the first, so that much is allowed.
fn mostly<T: Clone + std::fmt::Debug + 'static>(usual: T, all: Vec<T>) -> impl Strategy<Value = T> {
    prop_oneof![6 => Just(usual), 1 => select(all)]
}

fn functions() -> impl Strategy<Value = BTreeSet<FunctionId>> {
    btree_set(select(vec!["cart", "gifts"]).prop_map(id), 0..3)
}

fn identity() -> impl Strategy<Value = IdentityFact> {
    let proof = (
        mostly(PersonState::Verified, PersonState::ALL.to_vec()),
        mostly(Some(at(2 * SPAN)), vec![None, Some(at(-1)), Some(at(0)), Some(at(1)), Some(at(7))]),
        option::weighted(0.2, instant()),
    );
    let age = (
        mostly(AgeBand::Adult, AgeBand::ALL.to_vec()),
        option::of(instant()),
        select(GuardianConsent::ALL.to_vec()),
    );
    (proof, age).prop_map(|((state, evidence_until, document_until), (age_band, until, consent))| {
        IdentityFact {
            state,
            evidence_until,
            document_until,
            age_band,
            age_band_until: until,
            guardian_consent: consent,
            ..IdentityFact::unknown(at(-SPAN))
        }
    })
}

fn certificate() -> impl Strategy<Value = CertificateFact> {
    let kind = (
        mostly("marketer", vec!["marketer", "streamer"]),
        mostly("host", vec!["host", "guest"]),
        select(Level::ALL.to_vec()),
    );
    let every_standing = std::iter::once(None).chain(IssuerStanding::ALL.map(Some)).collect();
    let state = (
        mostly(CertificateState::Verified, CertificateState::ALL.to_vec()),
        mostly(Some(IssuerStanding::Listed), every_standing),
    );
    let confirmed = prop_oneof![instant(), instant().prop_map(|at| at.minus(DAY))];
    let times = (option::of(confirmed), option::weighted(0.9, instant()), option::of(instant()));
    let review = option::weighted(0.8, (instant(), instant(), instant()));
    ("[a-c]", kind, state, times, review).prop_map(|(name, kind, (state, standing), times, review)| {
        let review = review.map(|(struck_off_at, begins, ends)| IssuerReview { struck_off_at, begins, ends });
        CertificateFact {
            certificate: id(&name),
            standard: id(kind.0),
            job_type: JobType::try_new(kind.1).unwrap(),
            level: kind.2,
            state,
            since: at(-SPAN),
            verified_at: times.0,
            evidence_until: times.1,
            retry_at: times.2,
            issuer_standing: standing,
            issuer_review: review.filter(|_| standing == Some(IssuerStanding::StruckOff)),
        }
    })
}

fn sanction() -> impl Strategy<Value = SanctionFact> {
    (select(Measure::ALL.to_vec()), functions(), instant(), option::of(instant())).prop_map(
        |(measure, functions, from, until)| SanctionFact {
            sanction: id("s1"),
            measure,
            kind: ReasonKind::Policy,
            functions,
            from,
            until,
            appeal: String::new(),
        },
    )
}

fn listing() -> impl Strategy<Value = ListingFact> {
    (select(ListKeeper::ALL.to_vec()), instant(), option::of(instant())).prop_map(|(keeper, from, until)| {
        ListingFact { entry: id("e1"), keeper, from, until, appeal: String::new() }
    })
}

fn facts() -> impl Strategy<Value = Facts> {
    let enrolment = mostly(EnrolmentState::Enrolled, EnrolmentState::ALL.to_vec());
    let stops = (vec(sanction(), 0..2), vec(listing(), 0..2), any::<(bool, bool)>());
    (enrolment, identity(), vec(certificate(), 0..4), stops).prop_map(
        |(state, identity, certificates, stops)| {
            let (sanctions, listings, (sanctioned, listed)) = stops;
            Facts {
                certificates,
                sanctions: sanctions.into_iter().filter(|_| sanctioned).collect(),
                listings: listings.into_iter().filter(|_| listed).collect(),
                ..Facts::of(Enrolment { state, since: at(-SPAN) }, identity, Arc::default())
            }
        },
    )
}

fn policy() -> impl Strategy<Value = Policy> {
    let levels = vec![Level::Apprentice, Level::Five, Level::Four, Level::Three];
    let begins = mostly(at(-SPAN), vec![at(-1), at(0), at(1), at(9)]);
    let age = option::weighted(0.3, Just(DAY));
    let more = (any::<bool>(), age, select(vec![0, 0, 5_u64]));
    (1..4_i32, select(levels), 1..SPAN, begins, more).prop_map(
        |(
            revision,
            minimum_level,
            minutes,
            effective_from,
            (heeds_associations, max_evidence_age, grace),
        )| {
            let job_types = [JobType::try_new("host").unwrap()].into();
            let demand = Demand::of_level([id("marketer")].into(), job_types, minimum_level);
            let terms = PolicyTerms {
                revision,
                heeds_associations,
                max_evidence_age,
                grace_period: Duration::from_mins(grace),
                max_staleness: Duration::from_mins(minutes.unsigned_abs()),
                ..PolicyTerms::plain(id("shop"), demand, effective_from)
            };
            Policy::try_new(terms).unwrap()
        },
    )
}

#[derive(Debug, Clone)]
struct Case {
    facts: Facts,
    question: Question,
    policies: Vec<Policy>,
    freshness: Freshness,
}

impl Case {
    fn decide(&self, now: Timestamp) -> Decision {
        decide(&self.facts, &self.question, &self.policies, &self.freshness, now)
    }

    fn by_the_text(&self, now: Timestamp) -> model::Answer {
        model::answer(&self.facts, &self.question, &self.policies, &self.freshness, now)
    }
}

fn case() -> impl Strategy<Value = Case> {
    let heard = || mostly(at(0), vec![at(-SPAN), at(-3), at(-2), at(-1), at(2)]);
    let staleness =
        option::weighted(0.2, (1..SPAN).prop_map(|minutes| Duration::from_mins(minutes.unsigned_abs())));
    let question = (functions(), mostly(Host::Human, Host::ALL.to_vec()), staleness);
    (facts(), question, vec(policy(), 0..3), (heard(), heard(), heard())).prop_map(
        |(facts, (functions, host, max_staleness), policies, heard)| {
            let sale = Sale { functions, host, ..Sale::default() };
            Case {
                facts,
                question: Question { max_staleness, ..Question::of_sale(sale) },
                policies,
                freshness: Freshness {
                    identity_heard_at: heard.0,
                    certification_heard_at: heard.1,
                    registry_heard_at: heard.2,
                },
            }
        },
    )
}

fn told(decision: &Decision) -> model::Answer {
    (decision.outcome, decision.reasons.iter().map(|reason| reason.code).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_decision_says_what_the_rules_text_says(case in case(), minute in -3_i64..12) {
        prop_assert_eq!(told(&case.decide(at(minute))), case.by_the_text(at(minute)));
    }

    /// By the text, not by the decision itself: up to its end an answer stays what it is, whatever it rests on.
    #[test]
    fn no_answer_changes_before_its_end(case in case(), part in 0..1_000_i64) {
        let decision = case.decide(at(0));
        let (begin, end) = (at(0).as_micros(), decision.valid_until.as_micros());
        prop_assert!(end > begin);
        for instant in [begin + (end - begin) / 1_000 * part, end - 1] {
            prop_assert_eq!(case.by_the_text(Timestamp::from_micros(instant)), told(&decision));
        }
    }
}

#[test]
fn the_cases_meet_every_outcome() {
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut met = [0; 4];
    for _ in 0..2_000 {
        let outcome = case().new_tree(&mut runner).unwrap().current().decide(at(0)).outcome;
        met[Outcome::ALL.iter().position(|known| *known == outcome).unwrap()] += 1;
    }
    assert!(met.iter().all(|times| *times >= 20), "{met:?} of {:?}", Outcome::ALL);
}
