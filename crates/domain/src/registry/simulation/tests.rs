use super::*;
use crate::certification::samples::{self, LIVE_SALESPERSON, VIDEO_CREATOR, job_type};
use crate::kernel::OrganizationId;
use crate::registry::{PolicyRule, PolicyTerms, StandardStanding};

fn catalogue() -> Arc<Catalogue> {
    let mut catalogue = Catalogue::default();
    catalogue.insert(StandardStanding { standard: samples::standard(), version: 1 });
    Arc::new(catalogue)
}

fn terms(minimum_level: Level) -> PolicyTerms {
    let standards = [StandardId::try_new("internet-marketer-2021").unwrap()].into();
    let demand = Demand::of_level(standards, [job_type(LIVE_SALESPERSON)].into(), minimum_level);
    PolicyTerms::plain(OrganizationId::try_new("shop").unwrap(), demand, Timestamp::from_micros(0))
}

fn compared(before: Option<PolicyTerms>, after: PolicyTerms) -> Comparison {
    let before = before.map(|terms| Policy::try_new(terms).unwrap());
    compare(before.as_ref(), &Policy::try_new(after).unwrap(), &catalogue(), 1_000_000, 1_000).unwrap()
}

fn certificates(comparison: &Comparison) -> Vec<(JobType, Level, CertificateState)> {
    let held = comparison.told.iter().map(|flip| flip.cell.certificate.as_ref().unwrap());
    held.map(|held| (held.job_type, held.level, held.state)).collect()
}

#[test]
fn a_policy_like_the_one_in_force_flips_nothing() {
    let same = compared(Some(terms(Level::Four)), terms(Level::Four));
    assert_eq!((same.flips, same.told.len()), (0, 0));
    assert!(same.cells > 100);
}

#[test]
fn a_higher_level_flips_those_below_it_and_no_others() {
    let stricter = compared(Some(terms(Level::Four)), terms(Level::Three));
    assert_eq!(stricter.flips, u64::try_from(stricter.told.len()).unwrap());
    for (job, level, _) in certificates(&stricter) {
        assert_eq!((job, level), (job_type(LIVE_SALESPERSON), Level::Four));
    }
    let verified = stricter.told.iter().find(|flip| {
        let held = flip.cell.certificate.as_ref().unwrap();
        held.state == CertificateState::Verified && held.lapsed_ago.is_none()
    });
    let verified = verified.unwrap();
    assert_eq!((verified.before, verified.after), (Outcome::Allow, Outcome::Deny));
    // What waits for its confirmation is no longer worth waiting for.
    let waiting = stricter.told.iter().find(|flip| flip.before == Outcome::NotYet).unwrap();
    assert_eq!(waiting.after, Outcome::Deny);
}

#[test]
fn a_rule_flips_only_the_sales_it_is_for() {
    let mut after = terms(Level::Four);
    after.rules.push(PolicyRule {
        categories: [CategoryId::try_new("food").unwrap()].into(),
        tiers: [RoomTier::Key].into(),
        functions: [].into(),
        demand: terms(Level::Three).demand,
    });
    let ruled = compared(Some(terms(Level::Four)), after.clone());
    let plain = compared(Some(terms(Level::Four)), terms(Level::Three));
    assert_eq!((ruled.cells, ruled.flips), (plain.cells * 8, plain.flips));
    for flip in &ruled.told {
        let place = &flip.cell.place;
        assert_eq!(place.category.as_ref().map(CategoryId::as_str), Some("food"));
        assert_eq!(place.tier, Some(RoomTier::Key));
    }
}

#[test]
fn conditions_grace_and_age_flip_where_they_differ() {
    let flips = |change: &dyn Fn(&mut PolicyTerms)| {
        let mut after = terms(Level::Four);
        change(&mut after);
        compared(Some(terms(Level::Four)), after).told
    };
    let paid = flips(&|terms| terms.demand.conditions = [(Condition::Deposit, 100)].into());
    assert!(!paid.is_empty() && paid.iter().all(|flip| flip.cell.conditions.is_empty()));
    let kinder = flips(&|terms| terms.grace_period = Duration::from_hours(24));
    assert!(!kinder.is_empty());
    for flip in &kinder {
        assert_eq!(flip.cell.certificate.as_ref().unwrap().lapsed_ago, Some(Duration::ZERO));
        assert_eq!((flip.before, flip.after), (Outcome::Undetermined, Outcome::Allow));
    }
    let younger = flips(&|terms| terms.max_evidence_age = Some(Duration::from_hours(48)));
    for flip in &younger {
        assert_eq!(flip.cell.certificate.as_ref().unwrap().confirmed_ago, Duration::from_hours(48));
    }
    assert!(!younger.is_empty());
    let heeding = flips(&|terms| terms.heeds_associations = true);
    assert!(!heeding.is_empty() && heeding.iter().all(|flip| flip.cell.listed));
}

#[test]
fn without_a_policy_in_force_every_allowance_is_a_gain() {
    let first = compared(None, terms(Level::Four));
    assert!(first.told.iter().any(|flip| flip.after == Outcome::Allow));
    assert!(first.told.iter().all(|flip| flip.before == Outcome::Deny));
}

#[test]
fn only_the_first_flips_are_told_and_all_are_counted() {
    let (before, after) = (terms(Level::Five), terms(Level::One));
    let all = compared(Some(before.clone()), after.clone());
    let policies = [before, after].map(|terms| Policy::try_new(terms).unwrap());
    let few = compare(Some(&policies[0]), &policies[1], &catalogue(), 1_000_000, 2).unwrap();
    assert_eq!((few.flips, few.told.as_slice()), (all.flips, &all.told[..2]));
    assert_eq!(compare(Some(&policies[0]), &policies[1], &catalogue(), 10, 2), Err(all.cells));
}

#[test]
fn another_job_type_flips_both_ways() {
    let mut creators = terms(Level::Four);
    creators.demand.job_types = [job_type(VIDEO_CREATOR)].into();
    let turned = compared(Some(terms(Level::Four)), creators);
    let ways: BTreeSet<(Outcome, Outcome)> =
        turned.told.iter().map(|flip| (flip.before, flip.after)).collect();
    assert!(
        ways.contains(&(Outcome::Allow, Outcome::Deny)) && ways.contains(&(Outcome::Deny, Outcome::Allow))
    );
}
