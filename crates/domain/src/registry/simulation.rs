//! Two policies held against each other, in every kind of case that either can tell from another.

use super::catalogue::Catalogue;
use super::condition::{Condition, ConditionFact};
use super::conduct::{ListKeeper, ListingFact};
use super::decision::Outcome;
use super::facts::{CertificateFact, Enrolment, EnrolmentState, Facts, IdentityFact};
use super::gates::{counts, hard_stops, of_policy};
use super::operator::{OperatorFact, RoomTier};
use super::policy::{Demand, Policy};
use super::question::{Question, Sale};
use crate::certification::{CertificateState, IssuerStanding};
use crate::kernel::{
    BlocklistEntryId, CategoryId, CertificateId, FunctionId, RoomOperatorId, StandardId, Timestamp,
};
use crate::occupation::{JobType, Level};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// One kind of case: everything the law asks for is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The one certificate that is held; none if there is none.
    pub certificate: Option<HeldCertificate>,
    /// What was reported.
    pub conditions: Vec<(Condition, i64)>,
    /// Whether an association lists the person.
    pub listed: bool,
    /// What is sold where and how.
    pub place: Place,
}

/// What is held in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCertificate {
    /// Under which standard.
    pub standard: StandardId,
    /// For which job type.
    pub job_type: JobType,
    /// At which level.
    pub level: Level,
    /// What is known about its truth.
    pub state: CertificateState,
    /// How long ago it was confirmed.
    pub confirmed_ago: Duration,
    /// How long ago the confirmation stopped counting; none if it counts.
    pub lapsed_ago: Option<Duration>,
}

/// What is sold in a case, where and how; none for what no rule names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The category.
    pub category: Option<CategoryId>,
    /// The tier of the room.
    pub tier: Option<RoomTier>,
    /// The function.
    pub function: Option<FunctionId>,
}

/// A case in which the two answer differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// The case.
    pub cell: Cell,
    /// The one answer.
    pub before: Outcome,
    /// The other answer.
    pub after: Outcome,
}

/// What a comparison comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// How many cases there are.
    pub cells: u64,
    /// In how many of them the answers differ.
    pub flips: u64,
    /// The first of those.
    pub told: Vec<Flip>,
}

/// Compares two policies in every case there is, and tells the first `told` in which they answer differently.
///
/// None for `before` is no policy, under which nobody sells. Fails with the number of cases if that is more than `most`.
pub fn compare(
    before: Option<&Policy>,
    after: &Policy,
    catalogue: &Arc<Catalogue>,
    most: u64,
    told: usize,
) -> Result<Comparison, u64> {
    let space = Space::of(before, after, catalogue);
    let cells = space.size();
    if cells > most {
        return Err(cells);
    }
    let mut comparison = Comparison { cells, ..Comparison::default() };
    for conditions in &space.conditions {
        for listed in &space.listed {
            for certificate in &space.certificates {
                let facts = facts(certificate.as_ref(), conditions, *listed, catalogue);
                for places in space.places.values() {
                    let Some(first) = places.first() else { continue };
                    let outcomes = [before, Some(after)].map(|policy| outcome(policy, &facts, first));
                    let [before, after] = outcomes;
                    if before == after {
                        continue;
                    }
                    comparison.flips += u64::try_from(places.len()).unwrap_or(u64::MAX);
                    let room = told.saturating_sub(comparison.told.len());
                    comparison.told.extend(places.iter().take(room).map(|place| Flip {
                        cell: Cell {
                            certificate: certificate.clone(),
                            conditions: conditions.clone(),
                            listed: *listed,
                            place: place.clone(),
                        },
                        before,
                        after,
                    }));
                }
            }
        }
    }
    Ok(comparison)
}

/// Which rules of the two policies are for a sale. Sales for which these are the same get the same answers.
type Signature = [Vec<Option<usize>>; 2];

/// The cases there are, by what they are made of.
struct Space {
    certificates: Vec<Option<HeldCertificate>>,
    conditions: Vec<Vec<(Condition, i64)>>,
    listed: Vec<bool>,
    places: BTreeMap<Signature, Vec<Place>>,
}

impl Space {
    fn of(before: Option<&Policy>, after: &Policy, catalogue: &Catalogue) -> Self {
        let policies: Vec<&Policy> = before.into_iter().chain([after]).collect();
        let heeds: BTreeSet<bool> = policies.iter().map(|policy| policy.terms().heeds_associations).collect();
        Self {
            certificates: certificates(&policies, catalogue),
            conditions: conditions(&policies),
            listed: if heeds.contains(&true) { vec![false, true] } else { vec![false] },
            places: places(before, after, &policies),
        }
    }

    fn size(&self) -> u64 {
        let places: usize = self.places.values().map(Vec::len).sum();
        let sizes = [self.certificates.len(), self.conditions.len(), self.listed.len(), places];
        sizes.into_iter().fold(1, |all: u64, one| all.saturating_mul(u64::try_from(one).unwrap_or(u64::MAX)))
    }
}

/// Every certificate there can be, in every state; a confirmed one at every age that a policy tells from another.
fn certificates(policies: &[&Policy], catalogue: &Catalogue) -> Vec<Option<HeldCertificate>> {
    let terms = || policies.iter().map(|policy| policy.terms());
    let ages: BTreeSet<Duration> =
        terms().filter_map(|terms| terms.max_evidence_age).chain([Duration::ZERO]).collect();
    let lapses: BTreeSet<Option<Duration>> =
        terms().map(|terms| Some(terms.grace_period)).chain([None, Some(Duration::ZERO)]).collect();
    let mut all = vec![None];
    for told in catalogue.standards() {
        for (job_type, level) in told.cells() {
            let held = |state, confirmed_ago, lapsed_ago| {
                let standard = told.id().clone();
                Some(HeldCertificate { standard, job_type, level, state, confirmed_ago, lapsed_ago })
            };
            for state in CertificateState::ALL {
                if state != CertificateState::Verified {
                    all.push(held(state, Duration::ZERO, None));
                    continue;
                }
                let stood = ages.iter().flat_map(|age| lapses.iter().map(|lapse| (*age, *lapse)));
                all.extend(stood.map(|(age, lapse)| held(state, age, lapse)));
            }
        }
    }
    all
}

fn demands<'a>(policies: &'a [&Policy]) -> impl Iterator<Item = &'a Demand> {
    policies.iter().flat_map(|policy| {
        let terms = policy.terms();
        terms.rules.iter().map(|rule| &rule.demand).chain([&terms.demand])
    })
}

/// Every amount of each condition that is asked for somewhere, and nothing at all.
fn conditions(policies: &[&Policy]) -> Vec<Vec<(Condition, i64)>> {
    let mut asked: BTreeMap<Condition, BTreeSet<i64>> = BTreeMap::new();
    for (condition, least) in demands(policies).flat_map(|demand| &demand.conditions) {
        asked.entry(*condition).or_default().insert(*least);
    }
    let mut all = vec![Vec::new()];
    for (condition, amounts) in asked {
        let before = all.clone();
        for amount in amounts {
            all.extend(before.iter().map(|with| [with.as_slice(), &[(condition, amount)]].concat()));
        }
    }
    all
}

fn places(before: Option<&Policy>, after: &Policy, policies: &[&Policy]) -> BTreeMap<Signature, Vec<Place>> {
    let rules = || policies.iter().flat_map(|policy| &policy.terms().rules);
    let categories: BTreeSet<Option<CategoryId>> =
        rules().flat_map(|rule| rule.categories.iter().cloned().map(Some)).chain([None]).collect();
    let functions: BTreeSet<Option<FunctionId>> =
        rules().flat_map(|rule| rule.functions.iter().cloned().map(Some)).chain([None]).collect();
    let tiered = rules().any(|rule| !rule.tiers.is_empty());
    let tiers = RoomTier::ALL.into_iter().filter(|_| tiered).map(Some).chain([None]);
    let tiers: Vec<Option<RoomTier>> = tiers.collect();
    let mut places: BTreeMap<Signature, Vec<Place>> = BTreeMap::new();
    for category in &categories {
        for function in &functions {
            for tier in &tiers {
                let place = Place { category: category.clone(), tier: *tier, function: function.clone() };
                let signature = [before, Some(after)].map(|policy| {
                    let sale = sale(&place);
                    policy.into_iter().flat_map(|it| it.demands(&sale, *tier).map(|(rule, _)| rule)).collect()
                });
                places.entry(signature).or_default().push(place);
            }
        }
    }
    places
}

fn sale(place: &Place) -> Sale {
    Sale {
        categories: place.category.iter().cloned().collect(),
        functions: place.function.iter().cloned().collect(),
        ..Sale::default()
    }
}

/// An instant that has room before it for every age a policy can name.
const NOW: Timestamp = Timestamp::from_micros(4_000_000_000_000_000);

fn facts(
    held: Option<&HeldCertificate>,
    conditions: &[(Condition, i64)],
    listed: bool,
    catalogue: &Arc<Catalogue>,
) -> Facts {
    let enrolment = Enrolment { state: EnrolmentState::Enrolled, since: NOW };
    let reported = conditions.iter().map(|(condition, value)| ConditionFact {
        condition: *condition,
        value: *value,
        reported_at: NOW,
        until: None,
    });
    Facts {
        certificates: held.and_then(certificate).into_iter().collect(),
        conditions: reported.collect(),
        listings: listing().filter(|_| listed).into_iter().collect(),
        ..Facts::of(enrolment, IdentityFact::unknown(NOW), Arc::clone(catalogue))
    }
}

fn certificate(held: &HeldCertificate) -> Option<CertificateFact> {
    let since_lapse = held.lapsed_ago.unwrap_or_default();
    let confirmed = NOW.minus(held.confirmed_ago.max(since_lapse));
    let ends = held.lapsed_ago.map_or(NOW.plus(Duration::from_hours(1)), |ago| NOW.minus(ago));
    Some(CertificateFact {
        certificate: CertificateId::try_new("held").ok()?,
        standard: held.standard.clone(),
        job_type: held.job_type,
        level: held.level,
        state: held.state,
        since: confirmed,
        verified_at: Some(confirmed),
        evidence_until: Some(ends),
        retry_at: None,
        issuer_standing: Some(IssuerStanding::Listed),
        issuer_review: None,
    })
}

fn listing() -> Option<ListingFact> {
    let entry = BlocklistEntryId::try_new("listed").ok()?;
    Some(ListingFact {
        entry,
        keeper: ListKeeper::Association,
        from: NOW,
        until: None,
        appeal: String::new(),
    })
}

/// What a policy alone would answer.
fn outcome(policy: Option<&Policy>, facts: &Facts, place: &Place) -> Outcome {
    let Some(policy) = policy else { return Outcome::Deny };
    let room = place.tier.and_then(operator);
    let facts = &Facts { operator: room, ..facts.clone() };
    let question = Question::of_sale(sale(place));
    let mut reasons = hard_stops::reasons(facts, &question, NOW);
    reasons.retain_mut(|reason| counts(reason, Some(policy)));
    reasons.extend(of_policy(facts, &question, policy, NOW).1);
    Outcome::of(&reasons)
}

fn operator(tier: RoomTier) -> Option<OperatorFact> {
    let operator = RoomOperatorId::try_new("room").ok()?;
    let licences = Vec::new();
    Some(OperatorFact { operator, tier, verified_at: None, verified_until: None, licences })
}

#[cfg(test)]
mod tests;
